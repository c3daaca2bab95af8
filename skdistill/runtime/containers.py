"""Columns of texts in the containers of any library, which need not be imported for that."""

import numbers
from collections.abc import Mapping, Sequence

import numpy as np


def check_column(texts, name):
    """Raise an error unless texts are a list, or a tuple, array or Series, of one dimension.

    Parameters
    ----------
    texts : object
    name : str
        What messages call them.
    """
    kind = type(texts).__name__
    if isinstance(texts, (str, bytes, bytearray)):
        raise TypeError(f"{name} must be a list of str. Got {kind}: pass [text].")
    is_ordered = hasattr(texts, "__len__") and hasattr(texts, "__getitem__") and not isinstance(texts, Mapping)
    if not is_ordered:
        raise TypeError(f"{name} must be a list, tuple, array or Series of str. Got {kind}: pass list(texts).")
    shape = tuple(getattr(texts, "shape", (None,)))
    if len(shape) != 1:
        raise ValueError(f"{name} must be one-dimensional, with one text per row. Got {kind} of shape {shape}.")


def as_list(documents):
    """Return a one-dimensional collection as a list; its library need not be imported for that."""
    for to_list in ("tolist", "to_list", "to_pylist"):  # of numpy and pandas; of polars; of pyarrow
        if hasattr(documents, to_list):
            return getattr(documents, to_list)()
    if isinstance(documents, Sequence):
        # A column of the library datasets reads all rows at once as a slice, and row by row as an iterator.
        try:
            whole = documents[:]
        except TypeError:  # as of a deque
            return list(documents)
        if type(whole) is not type(documents):
            return whole if type(whole) is list else as_list(whole)
    return list(documents)


def is_missing(value):
    """Whether a value is None, NaN, or the NA or NaT of pandas or numpy."""
    if value is None:
        return True
    if isinstance(value, numbers.Number):
        return value != value  # only NaN differs from itself
    if isinstance(value, (np.datetime64, np.timedelta64)):
        return bool(np.isnat(value))
    return type(value).__name__ in ("NAType", "NaTType")  # by name: pandas need not be installed
