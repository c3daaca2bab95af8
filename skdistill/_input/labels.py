"""Which rows have a label, and which one.

Owns the checks of what is passed as y. It must not know documents, nor the classes of others.
"""

from numbers import Real

import numpy as np
import scipy.sparse
from sklearn.utils import assert_all_finite, column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length

from .classes import types_of
from .documents import is_missing

_BINARIZER = "sklearn.preprocessing.MultiLabelBinarizer makes an indicator matrix of lists of labels"


def find_labelled(y, n_samples, unlabeled_label):
    """Which rows of a y of any kind have a label.

    Parameters
    ----------
    y : array-like, sparse matrix or None
    n_samples : int
    unlabeled_label : object
        Another value that stands for no label; None: there is none.

    Returns
    -------
    labelled : ndarray of shape (n_samples,), bool
    """
    if y is None:
        return np.zeros(n_samples, dtype=bool)
    if scipy.sparse.issparse(y) or _shape(y)[1:] not in ((), (1,)):
        if unlabeled_label is not None:
            raise ValueError("unlabeled_label is not supported with several labels a row: pass X_unlabeled.")
        return np.ones(n_samples, dtype=bool)
    check_consistent_length(y, np.empty(n_samples))
    return ~is_unlabelled(y, unlabeled_label)


def take_labels(y, labelled):
    """The labels of the rows that have some, not checked."""
    if labelled.all():
        return y
    if isinstance(y, np.ndarray):
        return np.ravel(y)[labelled]
    values = _values(y)
    labels = np.empty(np.count_nonzero(labelled), dtype=object)
    labels[:] = [values[row] for row in np.flatnonzero(labelled).tolist()]
    return labels


def plain_labels(y):
    """An array of objects that are numbers as an array of numbers; anything else as it is."""
    if str(getattr(y, "dtype", None)) != "object" or np.ndim(y) != 1:
        return y
    values = list(y)
    return np.array(values) if all(isinstance(value, (Real, np.bool_)) for value in values) else y


def _values(y):
    """The labels as a list; numpy would make floats of a column of whole numbers and missing values."""
    column = y[y.columns[0]] if hasattr(y, "columns") else y
    for to_list in ("tolist", "to_list"):
        if hasattr(column, to_list):
            return np.ravel(np.array(getattr(column, to_list)(), dtype=object)).tolist()
    return np.ravel(np.asarray(column, dtype=object)).tolist()


def check_labels(y, n_samples, target_type=None, name="y"):
    """Return what is to be learned of ``n_samples`` documents, or say what is wrong with it.

    Parameters
    ----------
    y : array-like or sparse matrix
    n_samples : int
    target_type : {"multiclass", "multilabel"} or None
        What ``target_type_of`` said of the labels that these go with.
    name : str, default="y"
        What messages call them.

    Returns
    -------
    labels : ndarray of shape (n_samples,) or, for several labels a row, (n_samples, n_labels)
        The latter int8, of 0 and 1.
    """
    if y is None:
        raise ValueError("requires y to be passed, but the target y is None.")
    y = y.toarray() if scipy.sparse.issparse(y) else y
    check = _check_classes if _shape(y)[1:] in ((), (1,)) else _check_indicators
    y = check(y, name)
    check_consistent_length(y, np.empty(n_samples))
    if target_type not in (None, target_type_of(y)):
        expected = "indicators of several labels" if target_type == "multilabel" else "one label a row"
        raise ValueError(f"{name} must be of the kind that fit was given, {expected}. Got shape {y.shape}.")
    return y


def is_unlabelled(y, unlabeled_label=None):
    """Which rows have no label.

    None stands for no label, and so do missing values in the types of pandas and polars, which
    keep no None. NaN elsewhere is an error of the data more often than a row that nobody has
    labelled.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
    unlabeled_label : object, default=None
        Another value that means no label. None: there is none.

    Returns
    -------
    unlabelled : ndarray of shape (n_samples,), bool
    """
    if np.ndim(unlabeled_label):
        raise ValueError(f"unlabeled_label must be one value of y, or None. Got {unlabeled_label!r}.")
    if _shape(y)[1:] not in ((), (1,)):
        return np.zeros(len(y), dtype=bool)
    stands_for_missing = unlabeled_label is not None and is_missing(unlabeled_label)
    other = None if stands_for_missing else unlabeled_label
    all_missing = stands_for_missing or not isinstance(_dtype(y), np.dtype)
    return np.array([_has_no_label(value, other, all_missing) for value in _values(y)], dtype=bool)


def _dtype(y):
    """That of an array or of the only column of a DataFrame; of lists, object."""
    column = y[y.columns[0]] if hasattr(y, "columns") else y
    return getattr(column, "dtype", np.dtype(object))


def _has_no_label(value, unlabeled_label, all_missing):
    if value is None:
        return True
    return all_missing if is_missing(value) else bool(value == unlabeled_label)


def target_type_of(y):
    """What a network's logits are to mean: "multilabel" for indicators, "multiclass" for classes."""
    return "multilabel" if y.ndim == 2 else "multiclass"


def _shape(y):
    try:
        return np.asarray(y).shape
    except ValueError as error:
        raise ValueError(f"Rows of y differ in length. {_BINARIZER}.") from error


def _check_classes(y, name):
    missing = np.flatnonzero([is_missing(label) for label in _values(y)])
    if len(missing):
        advice = "None marks a row without one, and so does unlabeled_label" if name == "y" else "leave the row out"
        raise ValueError(f"Input {name} contains NaN: row {missing[0]} has no label. Got a missing value: {advice}.")
    y = column_or_1d(_without_extension(plain_labels(y)), warn=True)
    assert_all_finite(y, input_name=name)
    types = types_of(np.ravel(y).tolist())
    if "str" in types and len(types) > 1:
        raise TypeError(f"{name} must hold labels of one type. Got {' and '.join(types)}: make them all str.")
    collections = {"list", "tuple", "set", "ndarray"}.intersection(types)
    if collections:
        raise ValueError(f"{name} must hold one label a row. Got a {min(collections)}: {_BINARIZER}.")
    check_classification_targets(y)
    return y


def _check_indicators(y, name):
    values = np.asarray(y)
    if values.ndim != 2 or not values.shape[1]:
        raise ValueError(
            f"{name} must be one-dimensional, or of shape (n_samples, n_labels). Got shape {values.shape}."
        )
    if values.dtype.kind in "biuf":
        legal = (values == 0) | (values == 1)
    else:
        legal = np.reshape([_is_indicator(value) for value in values.ravel()], values.shape)
    if not legal.all():
        _tell_what_is_no_indicator(name, values, *np.argwhere(~legal)[0])
    return values.astype(np.int8)


def _is_indicator(value):
    return isinstance(value, (Real, np.bool_)) and value in (0, 1)


def _tell_what_is_no_indicator(name, values, row, column):
    value = values[row].tolist()[column]
    if is_missing(value):
        raise ValueError(f"Input {name} contains NaN: row {row} has no value in column {column}.")
    advice = f": {_BINARIZER}" if isinstance(value, str) else ""
    raise ValueError(
        f"{name} of several columns must hold 0 and 1 only. Got {value!r} in row {row}, column {column}{advice}."
    )


def _without_extension(y):
    """A Series of pandas' nullable integers or booleans as an array of the numpy type that it wraps."""
    wrapped = getattr(getattr(y, "dtype", None), "numpy_dtype", None)
    return y if wrapped is None or wrapped.kind not in "biu" else y.to_numpy(dtype=wrapped)
