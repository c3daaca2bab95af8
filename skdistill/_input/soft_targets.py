"""Predicted probabilities, from teachers or precomputed by the user: their checks, columns and logits.

Conventions
-----------
Probabilities have the shape (n_samples, n_classes). A row of NaN means that there is no
prediction for its document.

There may be millions of rows, of float32 or in a mapped file: arrays of float32 and float64 stay as they
are, and rows are checked and converted in chunks, in double precision.
"""

from collections import Counter
from collections.abc import Hashable

import numpy as np

from ..runtime.containers import is_missing
from .classes import in_short, indices_of
from .documents import column_names

# Smaller probabilities become this one (see ``as_logits``).
_LEAST = 1e-7
# Numbers of a chunk of rows: 2 MB in double precision, which fits into the processor's caches.
_NUMBERS_PER_CHUNK = 250_000


def check_soft_targets(soft_targets, soft_target_classes, n_samples, target_type, label_names=None):
    """Return precomputed soft targets as an array and its classes, or raise an error that says what is wrong.

    Parameters
    ----------
    soft_targets : array-like, DataFrame or Arrow table of shape (n_samples, n_classes), or None
        Probabilities, or rows of NaN. The columns of a table are the classes, by value:
        "1" is not the class 1. For a multilabel y its columns are those of y, by name if y has
        names.
    soft_target_classes : array-like of shape (n_classes,) or None
        The classes of the columns. None if a table names them, and for a multilabel y.
        If given with a table, they must agree with its columns; "1" then agrees with
        the class 1, because polars and Arrow have only column names of type str.
    n_samples : int
    target_type : {"multiclass", "multilabel"}
    label_names : sequence or None, default=None
        The columns of a multilabel y; 0, 1, ... if y has no names.

    Returns
    -------
    probabilities : ndarray of shape (n_samples, n_classes), float32 or float64, or None
        None without ``soft_targets``. An array of either type is returned as it is, not copied. For
        a multilabel y the columns have the order of y.
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
        order, classes = _order_of_labels(soft_targets, list(label_names)), None
        values = values if order == sorted(order) else values[:, order]
    else:
        classes = _read_classes(soft_targets, soft_target_classes, values.shape[1])
    for first_row, chunk in _chunks(values):
        missing = np.isnan(chunk)
        _raise_where(
            chunk,
            missing & ~missing.all(axis=1, keepdims=True),
            "soft_targets",
            "is NaN in part: it must be whole, or all NaN",
            first_row,
        )
        check_probabilities(chunk, target_type, "soft_targets", first_row)
    return values, classes


def _as_floats(soft_targets):
    """Return a table as an array of float32 or float64, with NaN for missing values."""
    try:
        if hasattr(soft_targets, "column_names") and hasattr(soft_targets, "slice"):  # of pyarrow
            return _read_arrow(soft_targets)
        values = np.asarray(soft_targets)
        return (
            values.astype(_float_type(values.dtype), copy=False) if values.dtype != object else _without_none(values)
        )
    except (TypeError, ValueError) as error:
        raise ValueError(f"soft_targets must be a table of numbers, with rows of one length: {error}.") from error


def _read_arrow(table):
    """Return a Table or RecordBatch of pyarrow as an array, read in chunks."""
    first = np.asarray(table.slice(0, 1))
    values = np.empty(table.shape, _float_type(first.dtype))
    for rows in _chunk_slices(*table.shape):
        chunk = np.asarray(table.slice(rows.start, rows.stop - rows.start))
        values[rows] = chunk if chunk.dtype != object else _without_none(chunk)
    return values


def _float_type(dtype):
    """Return float32 for types that it holds exactly, such as float16 and bfloat16, and float64 for others."""
    return np.dtype(np.float32 if np.can_cast(dtype, np.float32) else np.float64)


def _without_none(values):
    """Return an array of objects as float64, with NaN for None and pandas' NA."""
    flat = [np.nan if is_missing(value) else value for value in values.ravel().tolist()]
    return np.reshape(np.array(flat, dtype=np.float64), values.shape)


def _chunk_slices(n_rows, n_columns):
    """Yield the rows of each chunk, as slices."""
    size = max(1, _NUMBERS_PER_CHUNK // max(1, n_columns))
    for start in range(0, n_rows, size):
        yield slice(start, min(start + size, n_rows))


def _chunks(values):
    """Yield the first row of each chunk, and the chunk as a new float64 array."""
    for rows in _chunk_slices(*values.shape):
        yield rows.start, np.array(values[rows], dtype=np.float64, order="C")


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
    columns = column_names(soft_targets)
    columns = names if columns is None else columns
    if set(columns) == set(names):
        return [columns.index(name) for name in names]
    if names == list(range(len(names))):  # y has no names to compare
        return list(range(len(names)))
    raise ValueError(f"The columns of soft_targets must be those of y, {in_short(names)}. Got {in_short(columns)}.")


def _read_classes(soft_targets, given, n_columns):
    """Return the classes of the columns: those given, or the column names of a table."""
    columns = column_names(soft_targets)
    if columns is None and given is None:
        raise ValueError(
            "The classes of soft_targets' columns must be given: pass soft_target_classes, or a DataFrame with one "
            "column for each class."
        )
    classes = columns if given is None else np.asarray(given, dtype=object).tolist()
    is_named = isinstance(classes, list) and len(classes) == n_columns
    if not is_named or any(is_missing(label) or not isinstance(label, Hashable) for label in classes):
        raise ValueError(
            f"soft_target_classes must name each of the {n_columns} columns of soft_targets. Got {classes!r}."
        )
    if columns is not None and not all(column in (label, str(label)) for column, label in zip(columns, classes)):
        raise ValueError(
            f"soft_target_classes must be None or equal to the columns of soft_targets, {columns}. Got {classes}."
        )
    repeated = [label for label, count in Counter(classes).items() if count > 1]
    if repeated:
        raise ValueError(f"The columns of soft_targets must have different classes. Got {repeated[0]!r} twice.")
    return classes


def check_probabilities(values, target_type, name, first_row=0):
    """Raise a ValueError if a row holds anything but probabilities or NaN.

    Parameters
    ----------
    values : ndarray of shape (n_samples, n_classes)
    target_type : {"multiclass", "multilabel"}
        "multiclass": a row must sum to 1. "multilabel": each value is a probability by itself.
    name : str
        What the message calls the values.
    first_row : int, default=0
        The number that the message gives to the first row.
    """
    every = "every value must be a probability"
    _raise_where(values, values < 0, name, f"is negative in part: {every}", first_row)
    _raise_where(values, np.isinf(values), name, f"is infinite in part: {every}", first_row)
    if target_type == "multilabel":
        _raise_where(values, values > 1, name, f"is above 1 in part: {every}", first_row)
    else:
        sums = values.sum(axis=1, keepdims=True)
        wrong = np.abs(sums - 1) > sum_tolerance(values.shape[1])
        _raise_where(sums, wrong, name, "does not sum to 1: divide each row by its sum", first_row)


def sum_tolerance(n_classes):
    """Return how far the sum of a row may be from 1.

    Rounded to three decimals, each probability is wrong by at most 0.0005, so the sum by at most
    n_classes times this, and by 1e-6 in float32. bfloat16 has 8 significant bits: rounding changes a
    value by at most 2**-9 of itself, and a softmax rounds three times, the numerators, their sum and
    the quotients: 3 * 2**-9 < 0.006. A sum that is wrong by more than 0.1 is one of other scores.
    """
    return min(max(0.006, 0.0005 * n_classes + 1e-6), 0.1)


def _raise_where(values, wrong, name, what, first_row):
    """Raise a ValueError that names the first wrong value and its row, if there is one."""
    if wrong.any():
        row, column = np.argwhere(wrong)[0].tolist()
        raise ValueError(f"Row {first_row + row} of {name} {what}. Got {values[row, column]:.6g}.")


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
    probabilities : ndarray of shape (n_samples, n_classes)
        Of the type of the columns; the argument itself if they are in order.

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
    if np.array_equal(columns, np.arange(len(classes))):
        return probabilities
    aligned = np.zeros((len(probabilities), len(classes)), probabilities.dtype)
    for rows in _chunk_slices(*aligned.shape):
        aligned[rows, columns] = probabilities[rows]
        aligned[rows][np.isnan(probabilities[rows]).any(axis=1)] = np.nan
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
    logits = np.empty(probabilities.shape, np.float32)
    for first_row, p in _chunks(probabilities):
        np.clip(p, _LEAST, 1 - _LEAST if target_type == "multilabel" else 1, out=p)
        chunk = np.log(p)
        if target_type == "multilabel":
            chunk -= np.log1p(-p)
        logits[first_row : first_row + len(p)] = chunk
    return logits
