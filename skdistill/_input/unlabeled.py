"""Unlabelled documents for a fit: checks of ``X_unlabeled``, and its chunks.

A *pool* is all of these documents. It comes as documents, as batches of documents, or as a
*stream*, an object that yields either in each iteration. Documents in memory are checked
once; those of a stream are read and checked in each pass. However they come, equal
documents in equal order give equal chunks.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from itertools import chain

import numpy as np
from sklearn.utils import check_array

from ..runtime.sequences import CHUNK
from .chunks import are_on_disk, parts_of_chunks
from .documents import check_collection, check_ids, check_texts, is_collection

# Single documents of a stream are checked together: this many, or this many characters.
_BATCH, _BATCH_SIZE = 1000, 1_000_000
_EMPTY = object()  # the first item of an empty stream


class Pool:
    """Documents without labels.

    Parameters
    ----------
    source : iterable
        Checked batches, each a list of str or an array of shape (n, n_positions), of any size.
        For a stream, what the user passed.
    read : callable () -> _Reading
        Returns the reader of one pass.
    is_stream : bool
        Whether each pass reads and checks the documents, which are not kept in memory.
    """

    def __init__(self, source, read, is_stream):
        self._source = source
        self._read = read
        self.is_stream = is_stream

    def chunks(self, size=None):
        """Yield all documents, ``size`` at a time, or fewer where they are very long.

        Parameters
        ----------
        size : int or None, default=None
            The number of documents in a chunk. If None, ``CHUNK``.

        Yields
        ------
        documents : list of str, or ndarray of shape (n_documents, n_positions), int64
            An array may be a view of what the user passed.

        Raises
        ------
        ValueError
            If there are no documents or, in a stream, a document is not valid.
        """
        reading = self._read()
        batches = reading.batches(self._source) if self.is_stream else self._source
        n_documents, parts = 0, []
        for part, is_last in parts_of_chunks(batches, size or CHUNK):
            n_documents += len(part)
            parts.append(part)
            if is_last:
                yield reading.join(parts)
                parts = []
        if parts:
            yield reading.join(parts)
        if not n_documents:
            raise ValueError(f"Found 0 documents in {reading.name} while a minimum of 1 is required.")


def check_pool(X_unlabeled, texts, n_features=None, name="X_unlabeled", tokenized=False):
    """Return a pool of the documents passed as ``X_unlabeled``, or raise an error that says what is wrong.

    Documents in memory are checked here, those of a stream while they are read.

    Parameters
    ----------
    X_unlabeled : collection, list of collections, or re-iterable
        Documents like X; a list or tuple of such collections; or an object that can be
        iterated repeatedly, such as a TextStream, and yields documents (only texts) or
        collections of them.
    texts : bool
        Whether the documents are texts; otherwise they are rows of token ids.
    n_features : int or None, default=None
        Number of positions in a row of ids. If None, that of the first batch.
    name : str, default="X_unlabeled"
        What messages call the documents.
    tokenized : bool, default=False
        Whether a list of str is a document, the list of its tokens, and not a batch of texts.

    Returns
    -------
    pool : Pool

    Raises
    ------
    TypeError
        If they can be read only once, or are a mapping, a set, a sparse matrix or a single str.
    ValueError
        If there are no documents or one is not valid. A stream raises it while it is read.
    """
    check_collection(X_unlabeled, name, streams=True)
    if are_on_disk(X_unlabeled) and not texts:
        raise TypeError(f"{name} must be token ids, as X is. Got {type(X_unlabeled).__name__}, which holds texts.")
    read = partial(_TextReading, name, tokenized) if texts else partial(_IdReading, name, n_features)
    source, is_stream = _batches_of(X_unlabeled, read())
    if is_stream:
        return Pool(source, read, is_stream)
    pool = Pool(list(read().batches(source)), read, is_stream)
    next(pool.chunks())  # raises the ValueError for an empty pool
    return pool


def _batches_of(pool, reading):
    """Return an iterable of batches or documents, and whether it is a stream."""
    if are_on_disk(pool) or not is_collection(pool):
        return pool, True
    if hasattr(pool, "shape") or (len(pool) and not reading.is_batch(next(iter(pool)))):
        return [pool], False
    if not isinstance(pool, (list, tuple)):
        return pool, True  # another kind of collection may load its batches when they are asked for
    for number, batch in enumerate(pool):
        check_collection(batch, reading.name, streams=True, batch=number)
    return pool, any(are_on_disk(batch) or not is_collection(batch) for batch in pool)


class _Reading:
    """One pass over a pool: the base of the readers of texts and of ids.

    A subclass defines ``is_batch``, ``join``, ``_check`` and ``_read_documents``.

    Parameters
    ----------
    name : str
        What messages call the pool.

    Attributes
    ----------
    n_read : int
        Number of documents read so far; messages number the rows from it.
    """

    def __init__(self, name):
        self.name = name
        self.n_read = 0

    def batches(self, source):
        """Yield the checked batches of an iterable of batches or documents; its first item decides which."""
        items = self._with_notes(source._batches() if are_on_disk(source) else source)
        first = next(items, _EMPTY)
        if first is not _EMPTY:
            is_batch = are_on_disk(source) or self.is_batch(first)
            read = self._read_batches if is_batch else self._read_documents
            yield from read(chain([first], items))

    def _with_notes(self, source):
        """Yield the items of a source; an error of the source gets a note that says how far it was read."""
        try:
            yield from source
        except Exception as error:  # any error of the user's stream: raised again, with a note
            error.add_note(f"Raised after {self.n_read} documents of {self.name}.")
            raise

    def _read_batches(self, items):
        """Yield the checked batches of an iterable of batches, some of which may be streams."""
        for number, item in enumerate(items):
            check_collection(item, self.name, streams=True, batch=number)
            if are_on_disk(item) or not is_collection(item):
                yield from self.batches(item)
                continue
            batch = self._check(item)
            self.n_read += len(batch)
            yield batch


class _TextReading(_Reading):
    """One pass over texts, or over documents that are lists of tokens.

    Parameters
    ----------
    name : str
        What messages call the pool.
    tokenized : bool
        Whether a list of str is a document.
    """

    def __init__(self, name, tokenized):
        super().__init__(name)
        self._tokenized = tokenized

    def is_batch(self, item):
        """Whether an item is a batch of documents; otherwise it is a document."""
        if are_on_disk(item):
            return True
        if isinstance(item, (str, bytes, Mapping)) or not (is_collection(item) or isinstance(item, Iterable)):
            return False
        if not self._tokenized or len(getattr(item, "shape", ())) > 1:
            return True
        return not isinstance(next(iter(item), ""), str)  # without tokens it is an empty document

    def join(self, parts):
        """Return one list of all documents in a list of lists."""
        return parts[0] if len(parts) == 1 else list(chain.from_iterable(parts))

    def _check(self, batch, first_row=None):
        first_row = self.n_read if first_row is None else first_row
        return check_texts(batch, self.name, first_row, least=0, tokenized=self._tokenized)

    def _read_documents(self, items):
        """Yield checked batches of an iterable of documents."""
        batch, size = [], 0
        for document in items:
            batch.append(document)
            self.n_read += 1
            size += len(document) if isinstance(document, (str, list, tuple)) else 1
            if len(batch) == _BATCH or size >= _BATCH_SIZE:
                yield self._check(batch, self.n_read - len(batch))
                batch, size = [], 0
        yield self._check(batch, self.n_read - len(batch))


class _IdReading(_Reading):
    """One pass over rows of token ids.

    Parameters
    ----------
    name : str
        What messages call the pool.
    n_features : int or None
        Number of positions in a row. If None, that of the first batch.
    """

    def __init__(self, name, n_features):
        super().__init__(name)
        self._n_features = n_features

    def is_batch(self, item):
        """Whether an item is a batch of rows; otherwise it is a row."""
        return _depth(item) == 2 if is_collection(item) else isinstance(item, Iterable)

    def join(self, parts):
        """Return one int64 array of all rows in a list of arrays."""
        parts = [part.astype(np.int64, copy=False) for part in parts]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _check(self, batch):
        ids = check_array(batch, dtype="numeric", input_name=self.name, ensure_min_samples=0)
        self._n_features = self._n_features or ids.shape[1]
        if ids.shape[1] != self._n_features:
            raise ValueError(
                f"{self.name} must have {self._n_features} positions per row. Got {ids.shape[1]} in row {self.n_read}."
            )
        return check_ids(ids, self.name, self.n_read)

    def _read_documents(self, items):
        """Raise a ValueError: single rows would be batches of one dimension."""
        item = next(items)
        got = f"shape {item.shape}" if hasattr(item, "shape") else type(item).__name__
        raise ValueError(
            f"{self.name} must hold token ids in two dimensions, one document per row, or batches of them. Got {got}."
        )


def _depth(item):
    """Return the number of dimensions of an array, or of nested lists by their first elements."""
    if hasattr(item, "shape"):
        return len(item.shape)
    if isinstance(item, (list, tuple)):
        return 1 + (_depth(item[0]) if item else 0)
    return 0
