"""Unlabelled documents for a fit, in memory or read as it goes.

Owns what may be passed as ``X_unlabeled`` and how it is cut into chunks. It must not
know tokens, networks or what is learned from the documents.

A pool comes as documents, as batches of documents, or as something that yields either.
However it comes, equal documents in equal order give equal chunks.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from itertools import chain

import numpy as np
import scipy.sparse
from sklearn.utils import check_array

from ..runtime.sequences import CHUNK
from .documents import check_ids, check_texts

# Single documents of a stream that are checked at once.
_AT_ONCE = 1000
_NOTHING = object()


class Pool:
    """Checked documents without labels.

    Parameters
    ----------
    source : iterable
        Of checked batches; of a stream, what the user passed. A batch is a list of str or an
        array of shape (n, n_positions), of any size.
    read : callable () -> _Reading
        Begins a pass over a stream.
    is_stream : bool
        Whether the documents are read anew each time, not kept in memory.
    """

    def __init__(self, source, read, is_stream):
        self._source = source
        self._read = read
        self.is_stream = is_stream

    def chunks(self, size=None):
        """All documents, ``size`` at a time; the last chunk is shorter.

        Parameters
        ----------
        size : int or None, default=None
            None: ``CHUNK``.

        Yields
        ------
        documents : list of str, or ndarray of shape (n_documents, n_positions), int64
            An array may be a view of what the user passed.

        Raises
        ------
        ValueError
            No documents; from a stream, also a document that is none.
        """
        reading = self._read()
        batches = reading.batches(self._source) if self.is_stream else self._source
        parts = []
        for part, is_last in _cut(batches, size or CHUNK, reading.name):
            parts.append(part)
            if is_last:
                yield reading.join(parts)
                parts = []
        if parts:
            yield reading.join(parts)


def _cut(batches, size, name):
    """Parts of batches, and whether a part fills a chunk."""
    held = n_documents = 0
    for batch in batches:
        start = 0
        while start < len(batch):
            part = batch[start : start + size - held]
            start += len(part)
            held = (held + len(part)) % size
            yield part, not held
        n_documents += len(batch)
    if not n_documents:
        raise ValueError(f"Found 0 documents in {name} while a minimum of 1 is required.")


def check_pool(X_unlabeled, texts, n_features=None, name="X_unlabeled"):
    """Return what was passed as ``X_unlabeled`` as a pool, or say what is wrong with it.

    What is in memory is checked at once, a stream while it is read.

    Parameters
    ----------
    X_unlabeled : collection, list of collections, or re-iterable
        Documents as X holds them; a list or tuple of such collections; or any object that
        can be iterated again and again, such as a TextStream, and yields documents
        (texts only) or collections of them.
    texts : bool
        Whether the documents are texts, not rows of token ids.
    n_features : int or None, default=None
        Positions of a row of ids. None: those of the first batch.
    name : str, default="X_unlabeled"
        What messages call it.

    Returns
    -------
    pool : Pool

    Raises
    ------
    TypeError
        What can be read once only, a mapping, a set, a sparse matrix, or a single str.
    ValueError
        No documents, or a document that is none. From a stream it comes while it is read.
    """
    _check_readable(X_unlabeled, name)
    read = partial(_TextReading, name) if texts else partial(_IdReading, name, n_features)
    source, is_stream = _batches_of(X_unlabeled, read())
    if is_stream:
        return Pool(source, read, is_stream)
    pool = Pool(list(read().batches(source)), read, is_stream)
    next(pool.chunks())  # that there are documents
    return pool


def _batches_of(pool, reading):
    """What to iterate, and whether it is read as it goes."""
    if not _is_collection(pool):
        return pool, True
    if hasattr(pool, "shape") or (len(pool) and not reading.is_batch(next(iter(pool)))):
        return [pool], False
    if not isinstance(pool, (list, tuple)):
        return pool, True
    for number, batch in enumerate(pool):
        _check_readable(batch, reading.name, number)
    return pool, not all(map(_is_collection, pool))


def _is_collection(documents):
    """Whether documents are all there, to be counted and taken by their number."""
    return hasattr(documents, "__len__") and hasattr(documents, "__getitem__") and not isinstance(documents, Mapping)


def _check_readable(documents, name, batch=None):
    kind = type(documents).__name__
    place = name if batch is None else f"Batch {batch} of {name}"
    if isinstance(documents, (str, bytes)):
        raise TypeError(
            f"{place} must be a collection of documents. Got a single {kind}: pass [text], or "
            "TextStream(path) to read a file."
        )
    if scipy.sparse.issparse(documents):
        raise TypeError(f"{place} must be a collection of documents. Got a sparse matrix, which holds none.")
    if _is_collection(documents):
        return
    if not isinstance(documents, Iterable) or isinstance(documents, (Mapping, set, frozenset)):
        raise TypeError(f"{place} must be a list, tuple, array or Series of documents, or a TextStream. Got {kind}.")
    if iter(documents) is iter(documents):
        raise TypeError(
            f"{place} must give its documents each time it is iterated. Got {kind}: it can be read once only; pass "
            f"list({name}) or a TextStream(path)."
        )


class _Reading:
    """One pass over a pool.

    Parameters
    ----------
    name : str
        What messages call the pool.

    Attributes
    ----------
    n_read : int
        Documents so far, from which messages number the rows.
    """

    def __init__(self, name):
        self.name = name
        self.n_read = 0

    def batches(self, source):
        """Checked batches of whatever yields batches or documents."""
        items = self._noting(source)
        first = next(items, _NOTHING)
        if first is not _NOTHING:
            read = self._read_batches if self.is_batch(first) else self._read_documents
            yield from read(chain([first], items))

    def _noting(self, source):
        try:
            yield from source
        except Exception as error:
            error.add_note(f"Raised after {self.n_read} documents of {self.name}.")
            raise

    def _read_batches(self, items):
        for number, item in enumerate(items):
            _check_readable(item, self.name, number)
            if not _is_collection(item):
                yield from self.batches(item)
                continue
            batch = self._check(item)
            self.n_read += len(batch)
            yield batch


class _TextReading(_Reading):
    """A pass over texts."""

    def is_batch(self, item):
        """Whether an item holds documents, not is one."""
        return isinstance(item, Iterable) and not isinstance(item, (str, bytes, Mapping))

    def join(self, parts):
        """One list of several."""
        return parts[0] if len(parts) == 1 else list(chain.from_iterable(parts))

    def _check(self, batch, first_row=None):
        return check_texts(batch, self.name, self.n_read if first_row is None else first_row, least=0)

    def _read_documents(self, items):
        held = []
        for document in items:
            held.append(document)
            self.n_read += 1
            if len(held) == _AT_ONCE:
                yield self._check(held, self.n_read - len(held))
                held = []
        yield self._check(held, self.n_read - len(held))


class _IdReading(_Reading):
    """A pass over rows of token ids.

    Parameters
    ----------
    name : str
    n_features : int or None
    """

    def __init__(self, name, n_features):
        super().__init__(name)
        self._n_features = n_features

    def is_batch(self, item):
        """Whether an item holds rows, not is one."""
        return _depth(item) == 2 if _is_collection(item) else isinstance(item, Iterable)

    def join(self, parts):
        """One array of several."""
        parts = [part.astype(np.int64, copy=False) for part in parts]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _check(self, batch):
        ids = check_array(batch, dtype="numeric", input_name=self.name, ensure_min_samples=0)
        self._n_features = self._n_features or ids.shape[1]
        if ids.shape[1] != self._n_features:
            raise ValueError(
                f"{self.name} must have {self._n_features} positions a row. Got {ids.shape[1]} in row {self.n_read}."
            )
        return check_ids(ids, self.name, self.n_read)

    def _read_documents(self, items):
        item = next(items)
        got = f"shape {item.shape}" if hasattr(item, "shape") else type(item).__name__
        raise ValueError(
            f"{self.name} must hold token ids in two dimensions, a document a row, or batches of them. Got {got}."
        )


def _depth(item):
    """Dimensions of an array or of nested lists, by their first elements."""
    if hasattr(item, "shape"):
        return len(item.shape)
    if isinstance(item, (list, tuple)):
        return 1 + (_depth(item[0]) if item else 0)
    return 0
