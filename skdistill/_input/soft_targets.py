"""Probabilities that teach: their check, the order of their columns, and the logits that they stand for.

Owns what holds for answers of any teacher, those that a user brings along too. It must
not know how a teacher comes to its answers, nor networks or documents.
"""

import numpy as np

from .classes import indices_of
from .documents import is_missing

_TOLERANCE = 1e-3  # of the sum of a row: rounded to three decimals, a table is still legal
_LEAST = 1e-7


def check_soft_targets(soft_targets, soft_target_classes, n_samples, target_type, label_names=None):
    """Return answers that were brought along as an array and its classes, or say what is wrong with them.

    Parameters
    ----------
    soft_targets : array-like or DataFrame of shape (n_samples, n_classes), or None
        Probabilities; a row of NaN: no answer. The columns of a DataFrame are the
        classes, by value: "1" is not the class 1. With several labels a row they are those
        of y, by name where y has names.
    soft_target_classes : array-like of shape (n_classes,) or None
        None for a DataFrame, or what its columns say (polars, whose columns have names
        of str only, may say "1" for the class 1), and for several labels a row.
    n_samples : int
    target_type : {"multiclass", "multilabel"}
    label_names : sequence or None
        The columns of y, with several labels a row; numbers from 0 on where y has no names.

    Returns
    -------
    probabilities : ndarray of shape (n_samples, n_classes), float64, or None
        None without ``soft_targets``.
    classes : list of length n_classes, or None
        None for several labels a row: there the columns are those of y.

    Raises
    ------
    ValueError
        Where they are not as described, no probabilities, or two columns have one class.
    """
    if soft_targets is None:
        if soft_target_classes is not None:
            raise ValueError("soft_target_classes name the columns of soft_targets: pass soft_targets too.")
        return None, None
    values = _as_floats(soft_targets)
    if values.ndim != 2 or len(values) != n_samples:
        raise ValueError(
            f"soft_targets must have a row for each of the {n_samples} documents and a column for each class. "
            f"Got shape {values.shape}."
        )
    if target_type == "multilabel":
        _check_labels(values, soft_target_classes, len(label_names))
        values, classes = values[:, _order_of_labels(soft_targets, list(label_names))], None
    else:
        classes = _read_classes(soft_targets, soft_target_classes, values.shape[1])
    missing = np.isnan(values)
    _refuse(
        values,
        missing & ~missing.all(axis=1, keepdims=True),
        "soft_targets",
        "is NaN in part: it must be whole, or all NaN",
    )
    check_probabilities(values, target_type, "soft_targets")
    return values, classes


def _as_floats(soft_targets):
    try:
        values = np.asarray(soft_targets)
        if values.dtype == object:  # None, and pandas' own NA
            flat = [np.nan if is_missing(value) else value for value in values.ravel().tolist()]
            values = np.reshape(np.array(flat, dtype=np.float64), values.shape)
        return values.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"soft_targets must be a table of numbers, of rows of one length: {error}.") from error


def _check_labels(values, soft_target_classes, n_labels):
    if soft_target_classes is not None:
        raise ValueError(
            "soft_target_classes must be None with several labels a row: the columns of soft_targets are those of y."
        )
    if values.shape[1] != n_labels:
        raise ValueError(
            f"soft_targets must have a column for each of the {n_labels} labels of y. Got {values.shape[1]}."
        )


def _order_of_labels(soft_targets, names):
    """The places of the columns of a DataFrame, in the order of those of y."""
    columns = list(getattr(soft_targets, "columns", names))
    if set(columns) == set(names):
        return [columns.index(name) for name in names]
    if names == list(range(len(names))):  # y has no names to compare
        return list(range(len(names)))
    raise ValueError(f"The columns of soft_targets must be those of y, {_shortly(names)}. Got {_shortly(columns)}.")


def _read_classes(soft_targets, given, n_columns):
    """The classes of the columns: as given, or as the columns of a DataFrame say."""
    columns = getattr(soft_targets, "columns", None)
    if columns is None and given is None:
        raise ValueError(
            "soft_targets must say which classes its columns are: give soft_target_classes or a DataFrame with a "
            "column for each class."
        )
    classes = list(columns) if given is None else np.asarray(given, dtype=object).tolist()
    if not isinstance(classes, list) or len(classes) != n_columns or any(map(is_missing, classes)):
        raise ValueError(
            f"soft_target_classes must name each of the {n_columns} columns of soft_targets. Got {classes!r}."
        )
    if columns is not None and not all(own in (name, str(name)) for own, name in zip(columns, classes)):
        raise ValueError(
            f"soft_target_classes must be None or equal to the columns of soft_targets, {list(columns)}. "
            f"Got {classes}."
        )
    repeated = [name for name in classes if classes.count(name) > 1]
    if repeated:
        raise ValueError(f"Each column of soft_targets must have a class of its own. Got {repeated[0]!r} twice.")
    return classes


def check_probabilities(values, target_type, name):
    """Raise a ValueError where a row holds anything but probabilities, or NaN.

    Parameters
    ----------
    values : ndarray of shape (n_samples, n_classes)
    target_type : {"multiclass", "multilabel"}
        Whether a row sums to 1, or each value is a probability by itself.
    name : str
        Whose rows they are, for the error.
    """
    _refuse(values, values < 0, name, "is negative in part: every value must be a probability")
    _refuse(values, np.isinf(values), name, "is infinite in part: every value must be a probability")
    if target_type == "multilabel":
        _refuse(values, values > 1, name, "is above 1 in part: every value must be a probability")
    else:
        sums = values.sum(axis=1, keepdims=True)
        _refuse(sums, np.abs(sums - 1) > _TOLERANCE, name, "does not sum to 1: divide each row by its sum")


def _refuse(values, wrong, name, what):
    if wrong.any():
        row, column = np.argwhere(wrong)[0].tolist()
        raise ValueError(f"Row {row} of {name} {what}. Got {values[row, column]:.6g}.")


def align(probabilities, own_classes, classes, name):
    """Columns in the order of the classes that are learned; 0 for those that are not there.

    Classes are equal where their values are, whatever their order or type of array.

    Parameters
    ----------
    probabilities : ndarray of shape (n_samples, n_own_classes)
        Rows of NaN stay so.
    own_classes : sequence of length n_own_classes
    classes : ndarray of shape (n_classes,)
    name : str
        Whose columns they are, for the error.

    Returns
    -------
    probabilities : ndarray of shape (n_samples, n_classes), float64

    Raises
    ------
    ValueError
        For classes that are not learned.
    """
    own_classes = np.asarray(own_classes, dtype=object)
    columns = indices_of(own_classes, classes)
    unknown = own_classes[columns < 0].tolist()
    if unknown:
        raise ValueError(
            f"{name} must have no classes but those that are learned, {_shortly(classes.tolist())}. "
            f"Got {_shortly(unknown)}."
        )
    aligned = np.zeros((len(probabilities), len(classes)))
    aligned[:, columns] = probabilities
    aligned[np.isnan(probabilities).any(axis=1)] = np.nan
    return aligned


def _shortly(labels, most=10):
    shown = ", ".join(map(repr, labels[:most]))
    return f"{shown} and {len(labels) - most} more" if len(labels) > most else shown


def as_logits(probabilities, target_type):
    """Logits whose softmax, or sigmoid, the probabilities are.

    Probabilities below 1e-7 count as that: an exact 0, which trees and rounded tables
    give, would be a logit of minus infinity, and then no temperature softens it and the
    divergence from the teacher is not finite. For the same reason those of a sigmoid
    stay as far from 1.

    Parameters
    ----------
    probabilities : ndarray of shape (n_samples, n_classes)
        Rows of NaN stay so.
    target_type : {"multiclass", "multilabel"}

    Returns
    -------
    logits : ndarray of shape (n_samples, n_classes), float32
    """
    if target_type == "multilabel":
        p = np.clip(probabilities, _LEAST, 1 - _LEAST)
        return (np.log(p) - np.log1p(-p)).astype(np.float32)
    return np.log(np.clip(probabilities, _LEAST, 1)).astype(np.float32)
