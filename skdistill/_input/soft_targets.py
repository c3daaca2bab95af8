"""Predicted probabilities, from teachers or precomputed by the user: their checks, columns and logits.

Conventions
-----------
Probabilities have the shape (n_samples, n_classes). A row of NaN means that there is no
prediction for its document.
"""

from collections import Counter
from collections.abc import Hashable

import numpy as np

from ..runtime.containers import is_missing
from .classes import in_short, indices_of

# Smaller probabilities become this one (see ``as_logits``).
_LEAST = 1e-7


def check_soft_targets(soft_targets, soft_target_classes, n_samples, target_type, label_names=None):
    """Return precomputed soft targets as an array and its classes, or raise an error that says what is wrong.

    Parameters
    ----------
    soft_targets : array-like or DataFrame of shape (n_samples, n_classes), or None
        Probabilities, or rows of NaN. The columns of a DataFrame are the classes, by value:
        "1" is not the class 1. For a multilabel y its columns are those of y, by name if y has
        names.
    soft_target_classes : array-like of shape (n_classes,) or None
        The classes of the columns. None if a DataFrame names them, and for a multilabel y.
        If given with a DataFrame, they must agree with its columns; "1" then agrees with
        the class 1, because polars has only column names of type str.
    n_samples : int
    target_type : {"multiclass", "multilabel"}
    label_names : sequence or None, default=None
        The columns of a multilabel y; 0, 1, ... if y has no names.

    Returns
    -------
    probabilities : ndarray of shape (n_samples, n_classes), float64, or None
        None without ``soft_targets``. For a multilabel y the columns have the order of y.
    classes : list of length n_classes, or None
        The class of each column. None for a multilabel y and without ``soft_targets``.

    Raises
    ------
    ValueError
        If the shape or the classes do not fit, two columns have the same class, or a row holds
        anything but probabilities or NaN.
    """
    if soft_targets is None:
        if soft_target_classes is not None:
            raise ValueError("soft_target_classes name the columns of soft_targets: pass soft_targets too.")
        return None, None
    values = _as_floats(soft_targets)
    if values.ndim != 2 or len(values) != n_samples:
        raise ValueError(
            f"soft_targets must have one row for each of the {n_samples} documents and one column for each class. "
            f"Got shape {values.shape}."
        )
    if target_type == "multilabel":
        _check_labels(values, soft_target_classes, len(label_names))
        values, classes = values[:, _order_of_labels(soft_targets, list(label_names))], None
    else:
        classes = _read_classes(soft_targets, soft_target_classes, values.shape[1])
    missing = np.isnan(values)
    _raise_where(
        values,
        missing & ~missing.all(axis=1, keepdims=True),
        "soft_targets",
        "is NaN in part: it must be whole, or all NaN",
    )
    check_probabilities(values, target_type, "soft_targets")
    return values, classes


def _as_floats(soft_targets):
    """Return a table as a float64 array, with NaN for missing values."""
    try:
        values = np.asarray(soft_targets)
        if values.dtype == object:  # may hold None or pandas' NA
            flat = [np.nan if is_missing(value) else value for value in values.ravel().tolist()]
            values = np.reshape(np.array(flat, dtype=np.float64), values.shape)
        return values.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"soft_targets must be a table of numbers, with rows of one length: {error}.") from error


def _check_labels(values, soft_target_classes, n_labels):
    """Raise a ValueError unless the soft targets have one column per label of a multilabel y."""
    if soft_target_classes is not None:
        raise ValueError(
            "soft_target_classes must be None for multilabel y: the columns of soft_targets are those of y."
        )
    if values.shape[1] != n_labels:
        raise ValueError(
            f"soft_targets must have one column for each of the {n_labels} labels of y. Got {values.shape[1]}."
        )


def _order_of_labels(soft_targets, names):
    """Return the index of the soft targets' column for each column of y."""
    columns = list(getattr(soft_targets, "columns", names))
    if set(columns) == set(names):
        return [columns.index(name) for name in names]
    if names == list(range(len(names))):  # y has no names to compare
        return list(range(len(names)))
    raise ValueError(f"The columns of soft_targets must be those of y, {in_short(names)}. Got {in_short(columns)}.")


def _read_classes(soft_targets, given, n_columns):
    """Return the classes of the columns: those given, or the column names of a DataFrame."""
    columns = getattr(soft_targets, "columns", None)
    if columns is None and given is None:
        raise ValueError(
            "The classes of soft_targets' columns must be given: pass soft_target_classes, or a DataFrame with one "
            "column for each class."
        )
    classes = list(columns) if given is None else np.asarray(given, dtype=object).tolist()
    is_named = isinstance(classes, list) and len(classes) == n_columns
    if not is_named or any(is_missing(label) or not isinstance(label, Hashable) for label in classes):
        raise ValueError(
            f"soft_target_classes must name each of the {n_columns} columns of soft_targets. Got {classes!r}."
        )
    if columns is not None and not all(column in (label, str(label)) for column, label in zip(columns, classes)):
        raise ValueError(
            f"soft_target_classes must be None or equal to the columns of soft_targets, {list(columns)}. "
            f"Got {classes}."
        )
    repeated = [label for label, count in Counter(classes).items() if count > 1]
    if repeated:
        raise ValueError(f"The columns of soft_targets must have different classes. Got {repeated[0]!r} twice.")
    return classes


def check_probabilities(values, target_type, name):
    """Raise a ValueError if a row holds anything but probabilities or NaN.

    Parameters
    ----------
    values : ndarray of shape (n_samples, n_classes)
    target_type : {"multiclass", "multilabel"}
        "multiclass": a row must sum to 1. "multilabel": each value is a probability by itself.
    name : str
        What the message calls the values.
    """
    _raise_where(values, values < 0, name, "is negative in part: every value must be a probability")
    _raise_where(values, np.isinf(values), name, "is infinite in part: every value must be a probability")
    if target_type == "multilabel":
        _raise_where(values, values > 1, name, "is above 1 in part: every value must be a probability")
    else:
        sums = values.sum(axis=1, keepdims=True)
        wrong = np.abs(sums - 1) > sum_tolerance(values.shape[1])
        _raise_where(sums, wrong, name, "does not sum to 1: divide each row by its sum")


def sum_tolerance(n_classes):
    """Return how far the sum of a row may be from 1.

    Rounded to three decimals, each probability is wrong by at most 0.0005, so the sum by at most
    n_classes times this, and by 1e-6 in float32. bfloat16 has 8 significant bits: rounding changes a
    value by at most 2**-9 of itself, and a softmax rounds three times, the numerators, their sum and
    the quotients: 3 * 2**-9 < 0.006. A sum that is wrong by more than 0.1 is one of other scores.
    """
    return min(max(0.006, 0.0005 * n_classes + 1e-6), 0.1)


def _raise_where(values, wrong, name, what):
    """Raise a ValueError that names the first wrong value and its row, if there is one."""
    if wrong.any():
        row, column = np.argwhere(wrong)[0].tolist()
        raise ValueError(f"Row {row} of {name} {what}. Got {values[row, column]:.6g}.")


def align(probabilities, column_classes, classes, name):
    """Return probabilities with their columns in the order of the classes of the fit.

    Classes are equal if their values are, whatever the types of their arrays.

    Parameters
    ----------
    probabilities : ndarray of shape (n_samples, n_columns)
        Rows of NaN stay so.
    column_classes : sequence of length n_columns
        The class of each column.
    classes : ndarray of shape (n_classes,)
        The classes of the fit. Those without a column have the probability 0.
    name : str
        What the message calls the probabilities.

    Returns
    -------
    probabilities : ndarray of shape (n_samples, n_classes), float64

    Raises
    ------
    ValueError
        If a column's class is not a class of the fit.
    """
    column_classes = np.asarray(column_classes, dtype=object)
    columns = indices_of(column_classes, classes)
    unknown = column_classes[columns < 0].tolist()
    if unknown:
        raise ValueError(
            f"{name} must have only classes of the fit, {in_short(classes.tolist())}. Got {in_short(unknown)}."
        )
    aligned = np.zeros((len(probabilities), len(classes)))
    aligned[:, columns] = probabilities
    aligned[np.isnan(probabilities).any(axis=1)] = np.nan
    return aligned


def as_logits(probabilities, target_type):
    """Return the logits whose softmax or sigmoid the probabilities are.

    Probabilities are clipped at 1e-7 from below. The logit of an exact 0, which trees predict
    and rounded tables hold, is minus infinity: no temperature would soften it, and the
    divergence from the teacher would not be finite. Multilabel probabilities are also clipped
    at 1 - 1e-7 from above, since the logit of 1 is infinite.

    Parameters
    ----------
    probabilities : ndarray of shape (n_samples, n_classes)
        Rows of NaN stay so.
    target_type : {"multiclass", "multilabel"}
        "multiclass": softmax. "multilabel": sigmoid.

    Returns
    -------
    logits : ndarray of shape (n_samples, n_classes), float32
    """
    if target_type == "multilabel":
        p = np.clip(probabilities, _LEAST, 1 - _LEAST)
        return (np.log(p) - np.log1p(-p)).astype(np.float32)
    return np.log(np.clip(probabilities, _LEAST, 1)).astype(np.float32)
