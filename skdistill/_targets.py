"""Labels and weights of rows.

Owns their checks, their encoding and the held-out part. It must not know documents.
"""

from numbers import Real

import numpy as np
from sklearn.utils import assert_all_finite, column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length

from ._documents import is_missing
from ._sklearn import check_sample_weight


def check_labels(y, n_samples):
    """Return labels as a one-dimensional array of ``n_samples``, or say what is wrong."""
    if y is None:
        raise ValueError("requires y to be passed, but the target y is None.")
    if getattr(y, "ndim", 1) == 2 and np.shape(y)[1] > 1:
        raise ValueError(f"y must be one-dimensional: there is no multi-label target yet. Got shape {np.shape(y)}.")
    missing = np.flatnonzero([is_missing(label) for label in np.ravel(np.asarray(y, dtype=object))])
    if len(missing):
        raise ValueError(f"Input y contains NaN: row {missing[0]} has no label.")
    y = column_or_1d(_without_extension(y), warn=True)
    assert_all_finite(y, input_name="y")
    kinds = sorted({type(label).__name__ for label in y.tolist()})
    if "str" in kinds and len(kinds) > 1:
        raise TypeError(f"y must hold labels of one kind. Got {' and '.join(kinds)}: make them all str.")
    check_consistent_length(y, np.empty(n_samples))
    check_classification_targets(y)
    return y


def _without_extension(y):
    """A Series of pandas' nullable integers or booleans as an array of the numpy type that it wraps."""
    wrapped = getattr(getattr(y, "dtype", None), "numpy_dtype", None)
    return y if wrapped is None or wrapped.kind not in "biu" else y.to_numpy(dtype=wrapped)


def weigh_rows(y, sample_weight, class_weight, classes=None):
    """Encode labels and weigh rows.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
    sample_weight : array-like of shape (n_samples,) or None
    class_weight : dict, "balanced" or None
        ``"balanced"``: in inverse proportion to the weight that a class has.
    classes : ndarray or None
        Those of a fit before; None: those of the rows.

    Returns
    -------
    classes : ndarray of shape (n_classes,)
        Those of the rows that count.
    labels : ndarray of shape (n_samples,), int64
        Indices into ``classes``; of rows without weight, any.
    weights : ndarray of shape (n_samples,), float64
    """
    weights = _check_weights(sample_weight, len(y), "sample_weight")
    if classes is None:
        classes = np.unique(y[weights > 0])
    labels = _places(classes, y, weights > 0)
    weights = weights * _class_factors(class_weight, classes, labels, weights)[labels]
    if len(classes) < 2:
        raise ValueError(f"y must have at least 2 classes in rows of weight above 0. Got one class: {classes[0]!r}.")
    return classes, labels, weights


def encode_labels(y, sample_weight, classes):
    """Indices into the classes, and weights, of validation rows."""
    weights = _check_weights(sample_weight, len(y), "sample_weight_val")
    return _places(classes, y, weights > 0), weights


def _check_weights(sample_weight, n_samples, name):
    like = np.empty((n_samples, 1))
    weights = check_sample_weight(sample_weight, like, dtype=np.float64, ensure_non_negative=True)
    if not weights.any():
        raise ValueError(f"{name} must be above 0 in some row. Got zeros only.")
    return weights


def _places(classes, y, counts):
    """Where each label is among the classes; 0 for rows that do not count."""
    unknown = counts & ~np.isin(y, classes)
    if unknown.any():
        label = y[unknown.argmax()]
        raise ValueError(f"Labels must be among the classes of fit, {classes.tolist()}. Got {label!r}.")
    labels = np.searchsorted(classes, y)
    labels[~counts] = 0
    return labels


def _class_factors(class_weight, classes, labels, weights):
    if class_weight is None:
        return np.ones(len(classes))
    if isinstance(class_weight, str):  # "balanced"
        return weights.sum() / (len(classes) * np.bincount(labels, weights, minlength=len(classes)))
    unknown = set(class_weight) - set(classes.tolist())
    if unknown:
        raise ValueError(f"class_weight names classes that y does not have: {sorted(unknown, key=str)}.")
    factors = [class_weight.get(label, 1.0) for label in classes.tolist()]
    if not all(isinstance(factor, Real) and 0 <= factor < np.inf for factor in factors) or not any(factors):
        raise ValueError(f"class_weight must hold finite numbers of at least 0, one above 0. Got {class_weight}.")
    return np.array(factors, dtype=float)


def split_validation(labels, fraction, generator):
    """Hold out a stratified share of the rows; one of each class stays.

    Returns
    -------
    training, validation : ndarray of int
        Sorted rows.
    """
    held = []
    for label in range(labels.max() + 1):
        rows = generator.permutation(np.flatnonzero(labels == label))
        held.append(rows[: min(round(fraction * len(rows)), len(rows) - 1)])
    validation = np.sort(np.concatenate(held))
    if not len(validation):
        raise ValueError(
            f"early_stopping needs validation rows: validation_fraction={fraction} of {len(labels)} rows leaves none."
        )
    return np.setdiff1d(np.arange(len(labels)), validation), validation
