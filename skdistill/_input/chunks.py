"""Documents chunk by chunk: those in memory at once, those on disk a bounded number at a time.

Documents are a list, an array of token ids, or ``TextsOnDisk``. All three have a length, and
``documents.take`` returns some of their rows.
"""

from itertools import chain

from ..runtime.sequences import CHUNK, end_of_batch
from .documents import document_offsets, take

# A chunk ends with the document that brings it to this many characters, tokens or
# positions.
_CHUNK_SIZE = 1500 * CHUNK


class TextsOnDisk:
    """The base of collections of texts on disk, which are read in batches.

    A subclass has a length and a shape, returns another collection for an array of rows, and
    defines ``_batches``.
    """

    def _batches(self):
        """Yield all texts in order, as lists of str of any length."""
        raise NotImplementedError


def are_on_disk(documents):
    """Whether documents are on disk, so that they must not all be read at once."""
    return isinstance(documents, TextsOnDisk)


def document_chunks(documents, size=None):
    """Yield documents in order, with the row of the first of each chunk.

    Parameters
    ----------
    documents : list, ndarray of shape (n_documents, n_positions) or TextsOnDisk
    size : int or None, default=None
        The number of texts in a chunk of those on disk, or fewer where they are very long. If None, ``CHUNK``.

    Yields
    ------
    chunk : list or ndarray
        All documents, if they are in memory.
    first_row : int
    """
    if not are_on_disk(documents):
        yield documents, 0
        return
    first_row, parts = 0, []
    for part, is_last in parts_of_chunks(documents._batches(), size or CHUNK):
        parts.append(part)
        if is_last:
            chunk = parts[0] if len(parts) == 1 else list(chain.from_iterable(parts))
            yield chunk, first_row
            first_row, parts = first_row + len(chunk), []
    if parts:
        yield list(chain.from_iterable(parts)), first_row


def document_slices(documents, rows, size):
    """Yield some of the documents, ``size`` at a time, in memory, and their rows.

    Parameters
    ----------
    documents : list, ndarray or TextsOnDisk
    rows : ndarray of int
    size : int

    Yields
    ------
    rows : ndarray of int
    documents : list or ndarray
    """
    if are_on_disk(documents):
        for chunk, first in document_chunks(take(documents, rows), size):
            yield rows[first : first + len(chunk)], chunk
        return
    for start in range(0, len(rows), size):
        part = rows[start : start + size]
        yield part, take(documents, part)


def parts_of_chunks(batches, size):
    """Yield batches in parts, each within one chunk, and whether the part completes the chunk.

    Equal documents in equal order give equal chunks, whatever their batches are.

    Parameters
    ----------
    batches : iterable of list or ndarray
    size : int
        The number of documents in a chunk.

    Yields
    ------
    part : list or ndarray
    is_last : bool
    """
    n_left, size_left = size, _CHUNK_SIZE  # until the chunk is complete
    for batch in batches:
        offsets, start = document_offsets(batch), 0
        while start < len(batch):
            stop = end_of_batch(offsets, start, n_left, size_left)
            n_left -= stop - start
            size_left -= offsets[stop] - offsets[start]
            is_last = n_left == 0 or size_left <= 0
            if is_last:
                n_left, size_left = size, _CHUNK_SIZE
            yield batch[start:stop], is_last
            start = stop
