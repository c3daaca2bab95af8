"""Checks of a collection of documents: texts, lists of tokens, or rows of token ids."""

import numbers
import reprlib
from collections.abc import Iterable, Mapping

import numpy as np
import scipy.sparse

from ..runtime.containers import as_list, is_missing
from ..runtime.sequences import document_bounds, offsets_of

# In messages about tables: rows from which columns of text are known, and columns that the advice joins.
_ROWS_SEEN, _MOST_JOINED = 100, 4


def check_texts(texts, name="X", first_row=0, least=1, tokenized=False):
    """Return documents as a list, or raise an error that says what is wrong with them.

    Parameters
    ----------
    texts : list, tuple, array, Series or column of str
        The documents; or a table of one column: an array of shape (n, 1), a DataFrame.
    name : str, default="X"
        What messages call them.
    first_row : int, default=0
        The number that messages give to the first document.
    least : int, default=1
        The least number of documents.
    tokenized : bool, default=False
        Whether a document may also be a list, tuple or one-dimensional array of its tokens.
        Otherwise ``[[text], [text]]`` is a table of one column.

    Returns
    -------
    texts : list of str
        The argument itself if it is such a list. If ``tokenized``, documents that are lists of
        tokens stay as they are.

    Raises
    ------
    TypeError
        If the texts are not a collection: a single str, an iterator, a dict or a sparse
        matrix.
    ValueError
        If there are too few documents or several columns, or a document is not a str.
    """
    if type(texts) is not list:
        check_collection(texts, name)
        texts = _as_list(texts, name)
    if len(texts) < least:
        raise ValueError(f"Found 0 documents in {name} while a minimum of {least} is required.")
    # The set of types is the fastest check of a long list; only another type needs a look at each row.
    if not set(map(type, texts)) <= {str}:
        if not tokenized and all(map(_is_cell, texts)):
            texts = [row[0] for row in texts]
        texts = [_check_document(document, row, name, tokenized) for row, document in enumerate(texts, first_row)]
    return texts


def check_collection(documents, name, streams=False, batch=None):
    """Raise a TypeError unless documents have a length and can be indexed.

    Parameters
    ----------
    documents : object
    name : str
        What messages call them.
    streams : bool, default=False
        Whether any object that can be iterated repeatedly is accepted.
    batch : int or None, default=None
        The number of the batch, if there are several.
    """
    kind = type(documents).__name__
    place = name if batch is None else f"Batch {batch} of {name}"
    if isinstance(documents, (str, bytes, bytearray)):
        file = ", or TextStream(path) to read a file" if streams else ""
        raise TypeError(f"{place} must be a collection of documents. Got a single {kind}: pass [text]{file}.")
    if scipy.sparse.issparse(documents):
        raise TypeError(f"{place} must be a collection of documents. Got a sparse matrix, which holds none.")
    if is_collection(documents):
        return
    advice, stream = "", ", or a TextStream" if streams else ""
    if isinstance(documents, Iterable) and not isinstance(documents, (Mapping, set, frozenset)):
        # An iterator is its own iterator; other objects may return the same one each time.
        is_once = iter(documents) is iter(documents)
        if streams and not is_once:
            return
        advice = f": {'it can be read once only; ' if is_once else ''}pass list({name})"
        advice += " or a TextStream(path)" if streams else ""
    raise TypeError(f"{place} must be a list, tuple, array or Series of documents{stream}. Got {kind}{advice}.")


def is_collection(documents):
    """Whether documents have a length and can be indexed."""
    return hasattr(documents, "__len__") and hasattr(documents, "__getitem__") and not isinstance(documents, Mapping)


def _as_list(texts, name):
    """Return a collection, or the only column of a table, as a list, its documents not checked."""
    if len(getattr(texts, "shape", (None,))) != 1:
        texts = _only_column(texts, name)
    return as_list(texts)


def _only_column(table, name):
    """Return the column of a table that has one column, or raise a ValueError that says what to pass."""
    shape, names = tuple(table.shape), column_names(table)
    is_numeric = len(shape) == 2 and all(shape) and np.asarray(table[:1]).dtype.kind in "biufc"
    if len(shape) == 2 and shape[1] == 1 and not is_numeric:
        return np.ravel(table) if names is None else table[names[0]]
    if is_numeric:
        got = f"shape {shape} of numbers: for token ids, use tokenizer='precomputed'"
    elif not shape:
        got = "shape (): pass [text]"
    elif names:
        got = f"shape {shape}, with the columns {reprlib.repr(names)}: {_advice_for_columns(table, names, name)}"
    else:
        got = f"shape {shape}: {_advice_for_array(np.asarray(table), name)}"
    raise ValueError(f"{name} must be one-dimensional or have one column, with one document per row. Got {got}.")


def _advice_for_columns(table, names, name):
    """Return advice for a table of several columns: pass one, or join the text columns."""
    texts = _text_columns(table, names)
    column = "text" if "text" in names else [*texts, *names][0]
    one = f"[{column!r}]" if names.count(column) == 1 else ".iloc[:, 0]"
    advice = f"pass one of them, such as {name}{one}"
    if len(texts) < 2:
        return advice
    return advice + _advice_to_join(
        "frame", name, lambda variable: _join_of_columns(table, texts[:_MOST_JOINED], variable)
    )


def _advice_for_array(array, name):
    """Return advice for an array of several columns."""
    if array.ndim != 2 or not array.size:
        return "pass one column"
    advice = f"pass one column, such as {name}[:, 0]"
    if not all(isinstance(value, str) for value in array[0].tolist()):
        return advice
    return advice + _advice_to_join("rows", name, "[' '.join(row) for row in {}]".format)


def _advice_to_join(variable, name, code_of):
    """Return how to join columns; ``code_of`` returns the code that does it for a variable of some name."""
    if name != "X":  # no step of a Pipeline sees it, unless the user asks for that
        return f", or join them: {code_of(name)}"
    step = f"FunctionTransformer(lambda {variable}: {code_of(variable)})"
    return f", or join them in a Pipeline step before, such as {step}"


def _join_of_columns(table, columns, variable):
    """Return the code that joins columns of text with spaces, for a table of this kind."""
    parts = [f"{variable}[{column!r}]" for column in columns]
    if not hasattr(table, "column_names"):  # of pandas and polars: columns can be added
        return " + ' ' + ".join(parts)
    if hasattr(table[columns[0]], "to_pylist"):
        parts = [f"{part}.to_pylist()" for part in parts]
    return f"[' '.join(row) for row in zip({', '.join(parts)})]"


def _text_columns(table, names):
    """Return the names of the text columns: the first value that is not missing is a str, not a category."""
    found = []
    for name in names:
        column = table[name]
        if names.count(name) > 1 or "categor" in str(getattr(column, "dtype", "")).lower():
            continue
        values = _as_list(column[:_ROWS_SEEN], name)
        if isinstance(next((value for value in values if not is_missing(value)), None), str):
            found.append(name)
    return found


def column_names(table):
    """Return the names of the columns of a table as a list; None if it is an array."""
    for attribute in ("column_names", "columns"):  # of pyarrow and datasets; of pandas and polars
        if hasattr(table, attribute):
            return list(getattr(table, attribute))
    return None


def _is_cell(row):
    """Whether a row of a table is a list, tuple or array of one value."""
    return _is_row(row) and len(row) == 1


def _is_row(document):
    """Whether a document is a list, a tuple or a one-dimensional array."""
    return isinstance(document, (list, tuple)) or (isinstance(document, np.ndarray) and document.ndim == 1)


def _check_document(document, row, name, tokenized):
    """Return a document as a str, or as its tokens, or raise a ValueError that names its row."""
    if isinstance(document, str):
        return str(document)  # of a subclass, such as numpy.str_
    if is_missing(document):
        raise ValueError(f"Row {row} of {name} is missing ({document!r}): drop it or replace it by an empty string.")
    if _is_row(document):
        return _check_tokens(document, row, name, tokenized)
    advice = "decode it first" if isinstance(document, bytes) else "every document must be a str"
    raise ValueError(f"Row {row} of {name} is {with_article(type(document).__name__)}: {advice}.")


def _check_tokens(tokens, row, name, tokenized):
    """Return the tokens of a document, or raise a ValueError that names its row."""
    strange = [kind for kind in dict.fromkeys(map(type, tokens)) if not issubclass(kind, str)]
    if tokenized and not strange:
        return tokens
    got = with_article(type(tokens).__name__)
    if len(strange) == len(set(map(type, tokens))) and any(issubclass(kind, numbers.Number) for kind in strange):
        raise ValueError(f"Row {row} of {name} is {got} of numbers: for token ids, use tokenizer='precomputed'.")
    if tokenized:
        token = with_article(strange[0].__name__)
        raise ValueError(f"Row {row} of {name} is {got} with {token} in it: every token must be a str.")
    raise ValueError(
        f"Row {row} of {name} is {got}: every document must be a str. Join its tokens, or pass "
        "TextTokenizer(analyzer=...) with a function from such a document to the list of its tokens."
    )


def with_article(name):
    """Return a noun with its article."""
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


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


def are_tokenized(documents):
    """Whether at least some of the checked documents are lists of tokens, not texts or ids."""
    return isinstance(documents, list) and not set(map(type, documents)) <= {str}


def document_offsets(documents, longest=None):
    """Return the offsets of documents by their sizes: characters, tokens or positions.

    Parameters
    ----------
    documents : list of str, list of lists of tokens, or ndarray of shape (n_documents, n_positions)
    longest : int or None, default=None
        The size that counts of a longer document.

    Returns
    -------
    offsets : ndarray of shape (n_documents + 1,), int64
    """
    if isinstance(documents, list):
        sizes = np.fromiter(map(len, documents), np.int64, len(documents))
    else:
        sizes = np.full(len(documents), documents.shape[1])
    return offsets_of(sizes if longest is None else np.minimum(sizes, longest))


def document_batches(documents, n_documents, size, longest=None):
    """Return the bounds of batches of documents, as ``document_bounds`` does.

    Parameters
    ----------
    documents : list or ndarray
        As for ``document_offsets``.
    n_documents, size : int
        The number of documents in a batch, and about how many characters, tokens or positions.
    longest : int or None, default=None
        The size that counts of a longer document.

    Returns
    -------
    bounds : iterable of (int, int)
        The first document of each batch and the one after it.
    """
    return document_bounds(document_offsets(documents, longest), n_documents, size)


def take(documents, rows):
    """Return some of the documents, in the order of ``rows``.

    Parameters
    ----------
    documents : list, ndarray of shape (n_documents, n_positions) or TextsOnDisk
    rows : ndarray of shape (n_rows,), int

    Returns
    -------
    documents : list, ndarray of shape (n_rows, n_positions) or TextsOnDisk
    """
    return [documents[row] for row in rows.tolist()] if isinstance(documents, list) else documents[rows]
