"""Checks of a collection of documents: texts, or rows of token ids."""

import numbers

import numpy as np
import scipy.sparse


def check_texts(texts, name="X", first_row=0, least=1):
    """Return documents as a list of str, or raise an error that says what is wrong with them.

    Parameters
    ----------
    texts : list, tuple, array of str, pandas or polars Series
        The documents.
    name : str, default="X"
        What messages call them.
    first_row : int, default=0
        The number that messages give to the first document.
    least : int, default=1
        The least number of documents.

    Returns
    -------
    texts : list of str
        The argument itself if it is such a list.

    Raises
    ------
    TypeError
        If the texts are no collection: a single str, an iterator, a dict or a sparse matrix.
    ValueError
        If there are too few documents or several dimensions, or a document is no str.
    """
    if type(texts) is not list:
        texts = _as_list(texts, name)
    if len(texts) < least:
        raise ValueError(f"Found 0 documents in {name} while a minimum of {least} is required.")
    # The set of types is the fastest check of a long list; only another type needs a look at each row.
    if not set(map(type, texts)) <= {str}:
        texts = [_check_document(document, row, name) for row, document in enumerate(texts, first_row)]
    return texts


def _as_list(texts, name):
    """Return a collection as a list, its documents not checked."""
    if isinstance(texts, (str, bytes)):
        raise TypeError(f"{name} must be a collection of documents. Got a single {type(texts).__name__}: pass [text].")
    if scipy.sparse.issparse(texts):
        raise TypeError(f"{name} must be a collection of documents. Got a sparse matrix, which holds no text.")
    if not (hasattr(texts, "__len__") and hasattr(texts, "__getitem__")) or isinstance(texts, dict):
        advice = f": it can be read once only; pass list({name})" if hasattr(texts, "__next__") else ""
        kind = type(texts).__name__
        raise TypeError(f"{name} must be a list, tuple, array or Series of documents. Got {kind}{advice}.")
    shape = getattr(texts, "shape", (None,))
    if len(shape) != 1:
        raise ValueError(
            f"{name} must be one-dimensional, one document per row. Got shape {tuple(shape)}: pass one column."
        )
    for to_list in ("tolist", "to_list"):
        if hasattr(texts, to_list):
            return getattr(texts, to_list)()
    return list(texts)


def _check_document(document, row, name):
    """Return a document as a str, or raise a ValueError that names its row."""
    if isinstance(document, str):
        return str(document)  # of a subclass, such as numpy.str_
    if is_missing(document):
        raise ValueError(f"Row {row} of {name} is missing ({document!r}): drop it or replace it by an empty string.")
    advice = "decode it first" if isinstance(document, bytes) else "every document must be a str"
    raise ValueError(f"Row {row} of {name} is {_a(type(document).__name__)}: {advice}.")


def is_missing(value):
    """Whether a value is None, NaN, or pandas' NA or NaT."""
    if value is None:
        return True
    if isinstance(value, numbers.Number):
        return value != value  # only NaN differs from itself
    return type(value).__name__ in ("NAType", "NaTType")  # by name: pandas need not be installed


def _a(name):
    """Return a noun with its article."""
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def check_ids(ids, name="X", first_row=0):
    """Return an array of token ids as integers, or raise an error that says what is wrong with it.

    Parameters
    ----------
    ids : ndarray of shape (n_documents, n_positions)
        Integers, or floats that are whole numbers.
    name : str, default="X"
        What messages call them.
    first_row : int, default=0
        The number that messages give to the first row.

    Returns
    -------
    ids : ndarray of shape (n_documents, n_positions)
        Integers stay as they are; floats become int64.

    Raises
    ------
    ValueError
        If there are fractions or negative numbers.
    """
    if not np.issubdtype(ids.dtype, np.integer):
        fractions = ids != np.floor(ids)
        if fractions.any():
            row = first_row + int(fractions.any(axis=1).argmax())
            raise ValueError(f"{name} must hold token ids, which are whole numbers. Got fractions in row {row}.")
        ids = ids.astype(np.int64)
    if ids.size and ids.min() < 0:
        raise ValueError(f"{name} must hold token ids. Negative values in data: got {ids.min()}.")
    return ids


def take(documents, rows):
    """Return some of the documents, in the order of ``rows``.

    Parameters
    ----------
    documents : list of str, or ndarray of shape (n_documents, n_positions)
    rows : ndarray of shape (n_rows,), int

    Returns
    -------
    documents : list of str, or ndarray of shape (n_rows, n_positions)
    """
    return [documents[row] for row in rows.tolist()] if isinstance(documents, list) else documents[rows]
