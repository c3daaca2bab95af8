"""Checks of the labels y: which rows have one, and whether they are classes or multilabel indicators."""

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
    """Return which rows of y have a label.

    Parameters
    ----------
    y : array-like, sparse matrix or None
        None: no row has one. Of multilabel y all rows have.
    n_samples : int
    unlabeled_label : object
        Another value than None that means no label. None: there is no other.

    Returns
    -------
    labelled : ndarray of shape (n_samples,), bool

    Raises
    ------
    ValueError
        If y has another length, or is multilabel and there is an ``unlabeled_label``.
    """
    if y is None:
        return np.zeros(n_samples, dtype=bool)
    if scipy.sparse.issparse(y) or not _is_one_column(y):
        if unlabeled_label is not None:
            raise ValueError(
                "unlabeled_label is not supported for multilabel y: pass the documents without labels as X_unlabeled."
            )
        return np.ones(n_samples, dtype=bool)
    check_consistent_length(y, np.empty(n_samples))
    return ~is_unlabelled(y, unlabeled_label)


def take_labels(y, labelled):
    """Return the labels of the labelled rows, not checked.

    Parameters
    ----------
    y : array-like of shape (n_samples,), or multilabel if all rows are labelled
    labelled : ndarray of shape (n_samples,), bool
        As ``find_labelled`` returns it.

    Returns
    -------
    labels : array-like of shape (n_labelled,)
        y itself if all rows are labelled. Otherwise an array, of objects unless y is an array:
        each label keeps its type.
    """
    if labelled.all():
        return y
    if isinstance(y, np.ndarray):
        return np.ravel(y)[labelled]
    values = _values(y)
    labels = np.empty(np.count_nonzero(labelled), dtype=object)
    labels[:] = [values[row] for row in np.flatnonzero(labelled).tolist()]
    return labels


def plain_labels(y):
    """Return an array of objects that are numbers as an array of numbers, and anything else as it is."""
    if str(getattr(y, "dtype", None)) != "object" or np.ndim(y) != 1:
        return y
    values = list(y)
    return np.array(values) if all(isinstance(value, (Real, np.bool_)) for value in values) else y


def _values(y):
    """Return the labels of one column as a list: numpy would convert integers beside missing values to floats."""
    column = _column(y)
    for to_list in ("tolist", "to_list"):
        if hasattr(column, to_list):
            return np.ravel(np.array(getattr(column, to_list)(), dtype=object)).tolist()
    return np.ravel(np.asarray(column, dtype=object)).tolist()


def check_labels(y, n_samples, target_type=None, name="y"):
    """Return the labels of ``n_samples`` documents as an array, or raise an error that says what is wrong.

    Parameters
    ----------
    y : array-like or sparse matrix
        Classes, of shape (n_samples,) or (n_samples, 1), or multilabel indicators.
    n_samples : int
    target_type : {"multiclass", "multilabel"} or None, default=None
        What they must be, as ``target_type_of`` names it. None: either.
    name : str, default="y"
        What messages call them.

    Returns
    -------
    labels : ndarray of shape (n_samples,), or of shape (n_samples, n_labels), int8
        Classes, or indicators 0 and 1.

    Raises
    ------
    TypeError
        If some classes are str and others are not.
    ValueError
        If a label is missing, y has another length or shape, or is of another type of target.
    """
    if y is None:
        raise ValueError("requires y to be passed, but the target y is None.")
    y = y.toarray() if scipy.sparse.issparse(y) else y
    y = _check_classes(y, name) if _is_one_column(y) else _check_indicators(y, name)
    check_consistent_length(y, np.empty(n_samples))
    if target_type not in (None, target_type_of(y)):
        expected = "multilabel indicators" if target_type == "multilabel" else "one label per row"
        raise ValueError(f"{name} must be of the kind that fit was given, {expected}. Got shape {y.shape}.")
    return y


def is_unlabelled(y, unlabeled_label=None):
    """Return which rows have no label.

    None means no label, and so do missing values in the extension types of pandas and in
    polars, which replace None by them. NaN in other arrays and lists does not: it is more often
    an error in the data.

    Parameters
    ----------
    y : array-like of shape (n_samples,), or multilabel
        Of multilabel y no row is without label.
    unlabeled_label : object, default=None
        Another value that means no label; NaN stands for all missing values. None: there is no
        other.

    Returns
    -------
    unlabelled : ndarray of shape (n_samples,), bool

    Raises
    ------
    ValueError
        If ``unlabeled_label`` is a collection.
    """
    if np.ndim(unlabeled_label):
        raise ValueError(f"unlabeled_label must be one value of y, or None. Got {unlabeled_label!r}.")
    if not _is_one_column(y):
        return np.zeros(len(y), dtype=bool)
    stands_for_missing = unlabeled_label is not None and is_missing(unlabeled_label)
    other = None if stands_for_missing else unlabeled_label
    dtype = getattr(_column(y), "dtype", np.dtype(object))  # of a list, object
    missing_is_unlabelled = stands_for_missing or not isinstance(dtype, np.dtype)
    return np.array([_has_no_label(value, other, missing_is_unlabelled) for value in _values(y)], dtype=bool)


def _column(y):
    """Return the only column of a DataFrame, and anything else as it is."""
    return y[y.columns[0]] if hasattr(y, "columns") else y


def _has_no_label(value, unlabeled_label, missing_is_unlabelled):
    """Whether one value of y means no label."""
    if value is None:
        return True
    return missing_is_unlabelled if is_missing(value) else bool(value == unlabeled_label)


def target_type_of(y):
    """Return "multilabel" for indicators and "multiclass" for classes, as ``check_labels`` returns them."""
    return "multilabel" if y.ndim == 2 else "multiclass"


def _is_one_column(y):
    """Whether y has one label per row: shape (n_samples,) or (n_samples, 1), or no dimension at all."""
    try:
        shape = np.asarray(y).shape
    except ValueError as error:
        raise ValueError(f"Rows of y differ in length. {_BINARIZER}.") from error
    return shape[1:] in ((), (1,))


def _check_classes(y, name):
    """Return classes as an array of shape (n_samples,), or raise an error that says what is wrong."""
    missing = np.flatnonzero([is_missing(label) for label in _values(y)])
    if len(missing):
        # scikit-learn's estimator checks look for "contains NaN".
        advice = "None marks a row without one, and so does unlabeled_label" if name == "y" else "leave the row out"
        raise ValueError(f"Input {name} contains NaN: row {missing[0]} has no label. Got a missing value: {advice}.")
    y = column_or_1d(_without_extension(plain_labels(y)), warn=True)
    assert_all_finite(y, input_name=name)
    types = types_of(np.ravel(y).tolist())
    if "str" in types and len(types) > 1:
        raise TypeError(f"{name} must hold labels of one type. Got {' and '.join(types)}: make them all str.")
    collections = {"list", "tuple", "set", "ndarray"}.intersection(types)
    if collections:
        raise ValueError(f"{name} must hold one label per row. Got a {min(collections)}: {_BINARIZER}.")
    check_classification_targets(y)
    return y


def _check_indicators(y, name):
    """Return indicators as an int8 array of shape (n_samples, n_labels), or raise an error."""
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
        _raise_for_indicator(name, values, *np.argwhere(~legal)[0])
    return values.astype(np.int8)


def _is_indicator(value):
    """Whether a value is 0, 1, False or True."""
    return isinstance(value, (Real, np.bool_)) and value in (0, 1)


def _raise_for_indicator(name, values, row, column):
    """Raise the ValueError for a value that is neither 0 nor 1."""
    value = values[row].tolist()[column]
    if is_missing(value):
        raise ValueError(f"Input {name} contains NaN: row {row} has no value in column {column}.")
    advice = f": {_BINARIZER}" if isinstance(value, str) else ""
    raise ValueError(f"Multilabel {name} must hold 0 and 1 only. Got {value!r} in row {row}, column {column}{advice}.")


def _without_extension(y):
    """Return a Series of pandas' nullable integers or booleans as an array of the numpy type that it wraps."""
    wrapped = getattr(getattr(y, "dtype", None), "numpy_dtype", None)
    return y if wrapped is None or wrapped.kind not in "biu" else y.to_numpy(dtype=wrapped)
