"""What each row weighs: sample weights, multiplied by those of the classes."""

from numbers import Real

import numpy as np

from .._sklearn import check_sample_weight


def check_weights(sample_weight, n_samples, name="sample_weight"):
    """Return sample weights as an array, all 1 for None; at least one must be above 0."""
    like = np.empty((n_samples, 1))
    weights = check_sample_weight(sample_weight, like, dtype=np.float64, ensure_non_negative=True)
    if not weights.any():
        raise ValueError(f"{name} must be above 0 in some row. Got zeros only.")
    return weights


def weigh_rows(weights, labelled, codes, classes, class_weight):
    """Multiply the weights of labelled rows by those of their classes, and divide all by a mean.

    Rows without label have no class: they keep their weights, whatever the classes weigh.

    Parameters
    ----------
    weights : ndarray of shape (n_samples,)
        As ``check_weights`` returns it.
    labelled : ndarray of shape (n_samples,), bool
    codes : ndarray of shape (n_labelled,) or (n_labelled, n_labels)
        Class indices of the labelled rows, or indicators.
    classes : ndarray of shape (n_classes,)
    class_weight : dict, "balanced" or None
        ``"balanced"``: in inverse proportion to the weight that a class has.

    Returns
    -------
    weights : ndarray of shape (n_samples,), float64
        0 for rows that do not count. Of the others those with labels have a mean of 1, whatever
        rows without label weigh beside them.
    """
    if codes.ndim == 2:
        if class_weight is not None:
            raise ValueError("class_weight is not supported for multilabel y: use sample_weight.")
        return weights / weights[weights > 0].mean()
    before = weights[labelled]
    after = before * _class_factors(class_weight, classes, codes, before)[codes]
    is_counted = after > 0
    scaled = weights.copy()
    scaled[labelled] = after
    if not scaled.any():
        raise ValueError("class_weight must be above 0 for the class of some row. Got 0 for all of them.")
    if not is_counted.any():
        return scaled / scaled[scaled > 0].mean()
    scaled /= before[is_counted].mean()
    scaled[labelled] = after / after[is_counted].mean()
    return scaled


def _class_factors(class_weight, classes, codes, weights):
    if class_weight is None:
        return np.ones(len(classes))
    if isinstance(class_weight, str):  # "balanced"
        totals = np.bincount(codes, weights, minlength=len(classes))  # 0 for classes that only teachers know
        return 1 / np.where(totals, totals, 1)
    unknown = set(class_weight) - set(classes.tolist())
    if unknown:
        raise ValueError(f"class_weight names classes that y does not have: {sorted(unknown, key=str)}.")
    factors = [class_weight.get(label, 1.0) for label in classes.tolist()]
    if not all(isinstance(factor, Real) and 0 <= factor < np.inf for factor in factors) or not any(factors):
        raise ValueError(f"class_weight must hold finite numbers of at least 0, one above 0. Got {class_weight}.")
    return np.array(factors, dtype=float)
