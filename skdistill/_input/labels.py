"""Checks of the labels y: which rows have one, and whether they are classes or multilabel indicators."""

import warnings
from numbers import Integral, Real

import numpy as np
import scipy.sparse
from sklearn.utils import assert_all_finite, column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length

from ..runtime.containers import is_missing
from .classes import types_of

_BINARIZER = "sklearn.preprocessing.MultiLabelBinarizer makes an indicator matrix of lists of labels"
_MULTI_OUTPUT = "sklearn.multioutput.MultiOutputClassifier trains one classifier for each of several targets"


def find_labelled(y, n_samples, unlabeled_label):
    """Return which rows of y have a label.

    In a list or an array of objects, None marks a row without label. All other missing values
    (NaN, NaT, pandas' NA, and nulls in typed columns of pandas, polars and Arrow) are errors,
    unless ``unlabeled_label`` is a missing value: then each of them means no label.

    Parameters
    ----------
    y : array-like, sparse matrix or None
        If None, no row has a label. In a multilabel y, all rows have labels.
    n_samples : int
    unlabeled_label : object
        A value of y that means no label; NaN stands for all missing values. If None, there is
        no such value.

    Returns
    -------
    labelled : ndarray of shape (n_samples,), bool

    Raises
    ------
    ValueError
        If y has another length, a label is missing, or ``unlabeled_label`` is a collection, is
        given for a multilabel y, or cannot be equal to any label of y.

    Warns
    -----
    UserWarning
        If no row has ``unlabeled_label``.
    """
    if np.ndim(unlabeled_label):
        raise ValueError(f"unlabeled_label must be one value of y, or None. Got {unlabeled_label!r}.")
    if y is None:
        return np.zeros(n_samples, dtype=bool)
    if scipy.sparse.issparse(y) or not _is_one_column(y):
        if unlabeled_label is not None:
            raise ValueError(
                "unlabeled_label is not supported for multilabel y: pass the documents without labels as X_unlabeled."
            )
        return np.ones(n_samples, dtype=bool)
    check_consistent_length(y, np.empty(n_samples))
    return ~_find_unlabelled(_column(y), unlabeled_label)


def _find_unlabelled(column, unlabeled_label):
    """Return which rows of one column have no label; see ``find_labelled``."""
    values = _values(column)
    missing = _find_missing(values)
    if unlabeled_label is None or not is_missing(unlabeled_label):
        marked = np.array([value is None for value in values], dtype=bool) & _holds_objects(column)
        advice = "pass unlabeled_label=numpy.nan, which marks missing labels as unlabelled"
        _raise_for_missing(missing & ~marked, "y", advice)
    if unlabeled_label is None:
        return missing
    named = missing if is_missing(unlabeled_label) else _find_equal(values, unlabeled_label)
    if not named.any():
        labels = [values[row] for row in np.flatnonzero(~missing).tolist()]
        _report_unmatched(column, labels, unlabeled_label)
    return missing | named


def _find_missing(values):
    """Return which values are missing, of shape (n_values,)."""
    # Of plain values only NaN differs from itself; comparing pandas' NA returns NA, not a
    # bool.
    are_plain = set(map(type, values)) <= {str, int, float, bool, type(None)}
    missing = [(value is None or value != value) if are_plain else is_missing(value) for value in values]
    return np.array(missing, dtype=bool)


def _find_equal(values, unlabeled_label):
    """Return which values are equal to ``unlabeled_label``, of shape (n_values,)."""
    return np.array([bool(value == unlabeled_label) for value in values], dtype=bool)


def _raise_for_missing(missing, name, advice):
    """Raise a ValueError that names the first row without label, if there is one."""
    if missing.any():
        # scikit-learn's estimator checks look for "contains NaN".
        raise ValueError(f"Input {name} contains NaN: row {missing.argmax()} has no label. Fill it in, or {advice}.")


def _report_unmatched(column, labels, unlabeled_label):
    """Raise a ValueError if no label of the column can be ``unlabeled_label``; warn if merely no row has it."""
    alike = next((label for label in labels if str(label) == str(unlabeled_label)), None)
    if alike is not None:
        raise ValueError(
            f"unlabeled_label={unlabeled_label!r} is equal to no label of y, which has {alike!r}: pass "
            f"unlabeled_label={alike!r}."
        )
    possible = [] if _holds_objects(column) else _categories(column) or labels
    is_text = isinstance(unlabeled_label, str)
    are_unlike = possible and all(isinstance(label, str) != is_text for label in possible)
    if are_unlike and not is_missing(unlabeled_label):
        raise ValueError(
            f"unlabeled_label must be of the type of y's labels, {' or '.join(types_of(possible))}. Got "
            f"{unlabeled_label!r}: pass the value that rows without label have in y, or None."
        )
    warnings.warn(
        f"No row of y has unlabeled_label={unlabeled_label!r}: it marks no row as unlabelled.",
        UserWarning,
        stacklevel=4,
    )


def _holds_objects(column):
    """Whether each value of a column has its own type: in lists, and in arrays and Series of objects."""
    return isinstance(column, (list, tuple)) or str(getattr(column, "dtype", None)).lower() == "object"


def _categories(column):
    """Return the categories of a column of pandas; none for any other column."""
    categories = getattr(getattr(column, "dtype", None), "categories", None)
    return categories.tolist() if hasattr(categories, "tolist") else []


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
        y itself if all rows are labelled. Otherwise an array, of objects unless y has a dtype of
        numpy: each label keeps its type.
    """
    if labelled.all():
        return y
    column = _column(y)
    if isinstance(getattr(column, "dtype", None), np.dtype):
        return np.ravel(column)[labelled]
    values = _values(column)
    labels = np.empty(np.count_nonzero(labelled), dtype=object)
    labels[:] = [values[row] for row in np.flatnonzero(labelled).tolist()]
    return labels


def plain_labels(y):
    """Return objects that are numbers as an array of numbers, StringDType as str, and other labels as they are."""
    dtype = getattr(y, "dtype", None)
    if getattr(dtype, "kind", None) == "T":  # scikit-learn cannot sort or compare arrays of numpy's StringDType
        return y if _find_missing(_values(y)).any() else np.array(y.tolist(), dtype=str)
    if str(dtype) != "object" or np.ndim(y) != 1:
        return y
    values = list(y)
    return np.array(values) if all(isinstance(value, (Real, np.bool_)) for value in values) else y


def _values(column):
    """Return the labels of one column as a list: an array would hold floats if an integer label is missing."""
    for to_list in ("tolist", "to_list", "to_pylist"):  # of numpy and pandas, polars, Arrow
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
        What they must be, as ``target_type_of`` names it. If None, either.
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
        If a label is missing, or y has another length, shape or target type.
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


def _column(y):
    """Return the only column of a DataFrame or an Arrow table, and anything else as it is."""
    names = getattr(y, "column_names", getattr(y, "columns", None))
    return y if names is None else y[names[0]]


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
    _raise_for_missing(_find_missing(_values(_column(y))), name, "leave the row out")
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
    are_classes = isinstance(value, str) or (isinstance(value, Integral) and value > 1)
    advice = f": {_MULTI_OUTPUT}, and {_BINARIZER}" if are_classes else ""
    raise ValueError(f"Multilabel {name} must hold 0 and 1 only. Got {value!r} in row {row}, column {column}{advice}.")


def _without_extension(y):
    """Return a Series of pandas' nullable integers or booleans as an array of the numpy type that it wraps."""
    wrapped = getattr(getattr(y, "dtype", None), "numpy_dtype", None)
    return y if wrapped is None or wrapped.kind not in "biu" else y.to_numpy(dtype=wrapped)
