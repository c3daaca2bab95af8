"""The weight of each row in the loss: its sample weight times the weight of its class."""

from numbers import Real

import numpy as np

from .._sklearn import check_sample_weight
from .classes import in_short


def check_weights(sample_weight, n_samples, name="sample_weight"):
    """Return sample weights as a float64 array of shape (n_samples,), all 1 for None.

    Raises
    ------
    ValueError
        If one is negative or not finite, all are 0, or there are too many or too few.
    """
    like = np.empty((n_samples, 1))
    weights = check_sample_weight(sample_weight, like, dtype=np.float64, ensure_non_negative=True)
    if not weights.any():
        raise ValueError(f"{name} must be above 0 in some row. Got only zeros.")
    return weights


def weigh_rows(weights, labelled, codes, classes, class_weight):
    """Return the rows' weights: multiplied by those of the classes and scaled to a mean of 1.

    Rows without label have no class, and class weights do not change their weights.

    Parameters
    ----------
    weights : ndarray of shape (n_samples,)
        As ``check_weights`` returns it.
    labelled : ndarray of shape (n_samples,), bool
    codes : ndarray of shape (n_labelled,) or (n_labelled, n_labels)
        Class indices of the labelled rows, or multilabel indicators.
    classes : ndarray of shape (n_classes,)
    class_weight : dict, "balanced" or None
        ``"balanced"``: inversely proportional to the sum of the weights of a class's rows. In a
        dict, classes without a key weigh 1. Keys that are not classes are ignored if every
        class has a key: a fold may lack a class.

    Returns
    -------
    weights : ndarray of shape (n_samples,), float64
        The labelled rows with a weight above 0 have a mean of 1. The weights of unlabelled rows
        are divided by the mean sample weight of these labelled rows, so that class weights do
        not change how much unlabelled rows count. If no labelled row has a weight above 0, the
        unlabelled ones have a mean of 1.

    Raises
    ------
    ValueError
        If some keys of ``class_weight`` are not classes while some classes have no key, if it
        holds anything but finite numbers of at least 0 or leaves no row a weight above 0, or if y
        is multilabel.
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
    """Return the number by which the rows of each class are multiplied, of shape (n_classes,)."""
    if class_weight is None:
        return np.ones(len(classes))
    if isinstance(class_weight, str):  # "balanced"
        # scikit-learn multiplies by n_samples / n_classes too; dividing by the mean cancels such a constant.
        totals = np.bincount(codes, weights, minlength=len(classes))  # 0 for classes that only teachers know
        return 1 / np.where(totals, totals, 1)
    _check_keys(class_weight, classes.tolist())
    factors = [class_weight.get(label, 1.0) for label in classes.tolist()]
    legal = all(isinstance(factor, Real) and 0 <= factor < np.inf for factor in class_weight.values())
    if not legal or not any(factors):
        raise ValueError(f"class_weight must hold finite numbers of at least 0, one above 0. Got {class_weight}.")
    return np.array(factors, dtype=float)


def _check_keys(class_weight, classes):
    """Raise a ValueError if a key is not a class while a class has no key: the key may be misspelt.

    As in scikit-learn's ``compute_class_weight``. If every class has a key, the other keys are
    classes that only other folds have.
    """
    known = set(classes)
    unused = [label for label in class_weight if label not in known]
    without = [label for label in classes if label not in class_weight]
    if unused and without:
        raise ValueError(
            f"class_weight has keys that are not classes of y, {in_short(unused)}, and y has classes without a "
            f"weight, {in_short(without)}: correct the keys, or give every class a weight."
        )
