"""A column of texts in, a column of predictions out: for engines that map functions over batches of a column."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import lru_cache
from typing import Any

import numpy as np

from .runtime import load
from .runtime.containers import as_list, check_column, is_missing

_METHODS = "predict", "predict_proba", "decision_function"


class TextPredictor:
    """A function from a column of texts to a column of predictions of the same length.

    It can be pickled, and is called with each batch of a column: by ``map_partitions`` of Dask, ``map_batches``
    of Ray Data and polars, ``pandas_udf`` of Spark, or Arrow functions of DuckDB. Unlike a classifier, it
    accepts missing texts and batches without rows. It returns the kind of column that it gets.

    Parameters
    ----------
    student : classifier, str or path-like
        The path of a saved student, which each process loads when it first predicts, with numpy
        alone; or a fitted classifier of texts, such as one that ``extract`` returned.
    method : {"predict", "predict_proba", "decision_function"}, default="predict"
        The method of the student that predicts. A path has no "decision_function".
    missing : scalar or None, default=None
        The prediction for a missing text: None, NaN, or the NA of pandas. If None, a missing label, or NaN
        for numbers.
    dtype : dtype or None, default=None
        Of labels: the dtype of the returned column, in the terms of its library. Of numbers: a numpy
        dtype, such as float32. If None, it follows from the classes and ``missing``, and is the same for
        every batch.

    Raises
    ------
    TypeError
        If ``student`` is neither a fitted classifier nor a path.
    ValueError
        If ``method`` is none of the above, or the student does not have it.

    See Also
    --------
    ExtractedClassifier.save : Writes the file whose path ``student`` may be.

    Notes
    -----
    What is returned for

    - a pandas Series: a Series with the same index, or a DataFrame with a column per class. With
      ``missing=None``, labels that are integers or booleans have pandas' nullable types.
    - a polars Series: a Series, or a Series of arrays.
    - an Arrow array or chunked array: an Arrow array, or one of lists of a fixed size.
    - anything else: an array of shape (n,) or (n, n_classes). With ``missing=None``, labels have dtype object.

    Examples
    --------
    >>> from skdistill import DistilledTextClassifier, TextPredictor
    >>> texts, labels = ["good food", "bad food"] * 10, ["pos", "neg"] * 10
    >>> student = DistilledTextClassifier(random_state=0).fit(texts, labels).extract()
    >>> predict = TextPredictor(student, missing="unknown")
    >>> predict(["good music", None]).tolist()
    ['pos', 'unknown']
    """

    def __init__(self, student: Any, method: str = "predict", *, missing: Any = None, dtype: Any = None) -> None:
        if method not in _METHODS:
            raise ValueError(f"method must be one of {', '.join(map(repr, _METHODS))}. Got {method!r}.")
        if not isinstance(student, (str, os.PathLike)):
            _check_student(student, method)
        self.student, self.method, self.missing, self.dtype = student, method, missing, dtype

    def __call__(self, column: Any) -> Any:
        """Return the predictions for the texts of a column.

        Parameters
        ----------
        column : Series, Arrow array, chunked array, array or list of str, of length n
            The texts, of which some may be missing.

        Returns
        -------
        predictions : column of length n
            In the order of the texts.

        Raises
        ------
        TypeError
            If the column is a single str or not a collection, or ``missing`` is of another type than the labels.
        ValueError
            If there are several columns, or a value is neither a str nor missing.
        LoadError
            If the file of ``student`` cannot be loaded.
        """
        student = self._loaded_student()
        check_column(column, "The column")
        texts = as_list(column)
        is_null = np.zeros(len(texts), bool)
        if not set(map(type, texts)) <= {str}:
            is_null[:] = [not isinstance(text, str) and is_missing(text) for text in texts]
            texts = ["" if null else text for text, null in zip(texts, is_null.tolist())]
        # Without rows an empty text is predicted, for the number of columns and the type.
        found = getattr(student, self.method)(texts or [""])[: len(texts)]
        if self.method == "predict" and found.ndim == 1:
            return _label_column(column, found, is_null, student.classes_, self.missing, self.dtype)
        fill = np.nan if self.missing is None else self.missing
        numbers = found.astype(self.dtype or np.result_type(found, np.min_scalar_type(fill)))
        numbers[is_null] = fill
        return _number_column(column, numbers, student.classes_)

    def __repr__(self):
        is_path = isinstance(self.student, (str, os.PathLike))
        student = repr(self.student) if is_path else f"{type(self.student).__name__}(...)"
        return f"TextPredictor({student}, method={self.method!r}, missing={self.missing!r}, dtype={self.dtype!r})"

    def _loaded_student(self):
        if not isinstance(self.student, (str, os.PathLike)):
            return self.student
        path = os.path.abspath(self.student)
        student = _load_once(path, os.stat(path).st_mtime_ns)
        _check_student(student, self.method)
        return student


# Engines send the callable with each task: kept here, a file is read once per process, and again if it changes.
@lru_cache(maxsize=4)
def _load_once(path, modified):
    with suppress(ImportError):  # sums take a third less time where scipy has been imported, and a column has many
        import scipy.sparse  # noqa: F401 (``sum_rows`` uses it if it is imported)
    return load(path)


def _check_student(student, method):
    """Raise an error unless a student can predict in that way."""
    if not (hasattr(student, "predict") and hasattr(student, "classes_")):
        raise TypeError(
            "student must be a fitted classifier, such as extract() returns, or the path of a saved one. "
            f"Got {type(student).__name__}."
        )
    if not hasattr(student, method):
        raise ValueError(f"method must be one that the student has. Got {method!r} for a {type(student).__name__}.")


def _library_of(column):
    return type(column).__module__.partition(".")[0]


def _label_column(column, labels, is_null, classes, missing, dtype):
    """Return labels as a column of the same kind; all dtypes follow from the classes and ``missing``.

    Parameters
    ----------
    column : Series, array or list
    labels : ndarray of shape (n,)
    is_null : ndarray of shape (n,), bool
    classes : ndarray of shape (n_classes,)
    missing : scalar or None
    dtype : dtype or None
    """
    values = labels.astype(object)
    values[is_null] = missing
    known = classes.tolist()
    if missing is not None:
        if type(np.asarray(missing).item()) is not type(known[0]):
            raise TypeError(f"missing must be of the type of the labels, such as {known[0]!r}. Got {missing!r}.")
        known.append(missing)
    library = _library_of(column)
    if library == "pandas":
        import pandas as pd

        are_nullable = missing is None and classes.dtype.kind in "iub"
        dtype = dtype or (pd.array(known).dtype if are_nullable else pd.Series(known).dtype)
        return pd.Series(values, index=column.index, dtype=dtype)
    if library == "polars":
        import polars as pl

        return pl.Series(values.tolist(), dtype=dtype or pl.Series(known).dtype)
    if library == "pyarrow":
        import pyarrow as pa

        return pa.array(values.tolist(), dtype or pa.array(known).type)
    return values.astype(dtype or (object if missing is None else np.array(known).dtype))


def _number_column(column, numbers, classes):
    """Return numbers of shape (n,) or (n, n_classes) as a column of the same kind."""
    library = _library_of(column)
    if library == "pandas":
        import pandas as pd

        if numbers.ndim == 1:
            return pd.Series(numbers, index=column.index)
        return pd.DataFrame(numbers, index=column.index, columns=classes)
    if library == "polars":
        import polars as pl

        values = pl.Series(numbers.ravel())
        if numbers.ndim == 1:
            return values
        # Older versions cannot reshape an empty Series.
        kind = pl.Array(values.dtype, numbers.shape[1])
        return values.reshape(numbers.shape) if len(numbers) else pl.Series([], dtype=kind)
    if library == "pyarrow":
        import pyarrow as pa

        values = pa.array(numbers.ravel())
        return values if numbers.ndim == 1 else pa.FixedSizeListArray.from_arrays(values, numbers.shape[1])
    return numbers
