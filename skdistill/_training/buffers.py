"""Arrays that grow, in memory or in a temporary file.

A text stream and texts on disk may be larger than memory. Their tokens, features and soft targets
are kept in temporary files until the fit is over.
"""

import mmap
import os
import tempfile
import weakref

import numpy as np

from .._input.scratch import named_when_full
from ..runtime import TokenSequences
from ..runtime.sequences import offsets_of, spans


class Growing:
    """An array to which rows are appended.

    Parameters
    ----------
    on_disk : bool
        Whether the rows are written to a temporary file. The operating system removes it with the
        last array that is mapped from it.
    """

    def __init__(self, on_disk):
        self._file = None
        if on_disk:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 (the arrays need it open)
            self._closing = weakref.finalize(self, self._file.close)
        self._parts = []
        self._n_rows = 0

    def append(self, array):
        """Append the rows of an array; all arrays have the same type and width."""
        self._n_rows += len(array)
        if self._file is None:
            self._parts.append(array)
            return
        self._parts = [array[:0]]  # keeps the type and the width
        with named_when_full():
            self._file.write(np.ascontiguousarray(array).data.cast("B") if array.size else b"")
            self._file.flush()

    def whole(self):
        """Return all rows as one array, which is mapped from the file if there is one."""
        if self._file is None or not self._n_rows:
            self._parts = [_joined(self._parts)]
            return self._parts[0]
        like = self._parts[0]
        array = _MappedArray(self._file, dtype=like.dtype, mode="r", shape=(self._n_rows, *like.shape[1:]))
        array.file = self._file
        self._closing.detach()
        weakref.finalize(array, self._file.close)  # views of the array stay valid: the mapping has a file of its own
        return array


class _MappedArray(np.memmap):
    """An array that is mapped from a file; views of it have no ``file``."""

    file = None


def _joined(parts):
    """Return arrays as one, and empty their list: each part is freed once it is copied."""
    if len(parts) == 1:
        return parts[0]
    whole = np.empty((sum(map(len, parts)), *parts[0].shape[1:]), np.result_type(*parts))
    stop = len(whole)
    while parts:
        part = parts.pop()
        whole[stop - len(part) : stop] = part
        stop -= len(part)
    return whole


def is_on_disk(array):
    """Whether an array is mapped from a file."""
    return isinstance(array, np.memmap)


def release(*arrays):
    """Give the memory of the pages that were read of arrays on disk back; they stay in the files.

    Otherwise the memory of the process would grow to the size of the files, though the operating system may take
    these pages at any time.
    """
    for array in arrays:
        mapped = getattr(array, "_mmap", None)
        if is_on_disk(array) and hasattr(mapped, "madvise"):  # not on Windows
            mapped.madvise(mmap.MADV_DONTNEED)


def take_spans(array, starts, lengths):
    """Return ``array[spans(starts, lengths)]``; an array on disk is read from its file, so that no pages are mapped.

    Parameters
    ----------
    array : ndarray of shape (n,)
    starts, lengths : ndarray of shape (n_spans,), int

    Returns
    -------
    taken : ndarray of shape (sum of lengths,)
    """
    file = getattr(array, "file", None)
    if file is None or not hasattr(os, "preadv"):  # Windows has none
        return array[spans(starts, lengths)]
    offsets = offsets_of(lengths)
    taken = np.empty(offsets[-1], array.dtype)
    buffer, size = memoryview(taken.view(np.uint8)), array.itemsize
    places = zip((starts * size).tolist(), (offsets[:-1] * size).tolist(), (offsets[1:] * size).tolist())
    n_read = sum([os.preadv(file.fileno(), [buffer[first:last]], start) for start, first, last in places])
    if n_read != taken.nbytes:
        raise OSError(f"A temporary file must hold {taken.nbytes} bytes here. Got {n_read}.")
    return taken


def released_chunks(sequences, *bounds):
    """Yield token sequences chunk by chunk, as ``TokenSequences.chunks`` does; those on disk leave no pages behind."""
    for part in sequences.chunks(*bounds):
        yield part
        release(sequences.ids, sequences.unknown, sequences.letters)


class GrowingSequences:
    """Token sequences to which documents are appended.

    Parameters
    ----------
    on_disk : bool
        Whether what belongs to each token is in temporary files. The lengths of the documents are
        always in memory.
    """

    def __init__(self, on_disk):
        self._ids, self._unknown, self._letters = (Growing(on_disk) for _ in range(3))
        self._lengths, self._word_lengths = [], []
        self._n_tokens = 0

    def append(self, sequences):
        """Append the documents of other sequences."""
        self._ids.append(sequences.ids)
        self._unknown.append(sequences.unknown + self._n_tokens)
        self._letters.append(sequences.letters)
        self._lengths.append(np.diff(sequences.offsets))
        self._word_lengths.append(np.diff(sequences.letter_offsets))
        self._n_tokens += len(sequences.ids)

    def whole(self):
        """Return all documents as one ``TokenSequences``."""
        return TokenSequences(
            self._ids.whole(),
            offsets_of(np.concatenate(self._lengths)),
            self._unknown.whole(),
            self._letters.whole(),
            offsets_of(np.concatenate(self._word_lengths)),
        )
