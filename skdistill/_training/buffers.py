"""Arrays that grow, in memory or in a temporary file.

Text that is read as a stream may be larger than memory: its tokens, features and soft
targets lie in temporary files until the fit is over.
"""

import tempfile
import weakref

import numpy as np

from ..runtime import TokenSequences
from ..runtime.sequences import offsets_of


class Growing:
    """Arrays of rows, one after the other.

    Parameters
    ----------
    on_disk : bool
        Whether they go to a temporary file, which the system removes with the last array
        that reads it.
    """

    def __init__(self, on_disk):
        self._file = None
        if on_disk:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115
            weakref.finalize(self, self._file.close)  # what is mapped stays
        self._parts = []
        self._n_rows = 0

    def append(self, array):
        """Append an array; all have the same type and width."""
        self._n_rows += len(array)
        if self._file is None:
            self._parts.append(array)
            return
        self._parts = [array[:0]]
        array.tofile(self._file)

    def whole(self):
        """Return all arrays as one, mapped to memory where they are on disk."""
        if self._file is None or not self._n_rows:
            return self._parts[0] if len(self._parts) == 1 else np.concatenate(self._parts)
        like = self._parts[0]
        return np.memmap(self._file, dtype=like.dtype, mode="r", shape=(self._n_rows, *like.shape[1:]))


def is_on_disk(array):
    """Whether an array is mapped from a file."""
    return isinstance(array, np.memmap)


class GrowingSequences:
    """Token sequences, one after the other; where each document is stays in memory.

    Parameters
    ----------
    on_disk : bool
    """

    def __init__(self, on_disk):
        self._ids, self._unknown, self._letters = (Growing(on_disk) for _ in range(3))
        self._lengths, self._word_lengths = [], []
        self._n_tokens = 0

    def append(self, sequences):
        """Append the documents of some sequences."""
        self._ids.append(sequences.ids)
        self._unknown.append(sequences.unknown + self._n_tokens)
        self._letters.append(sequences.letters)
        self._lengths.append(np.diff(sequences.offsets))
        self._word_lengths.append(np.diff(sequences.letter_offsets))
        self._n_tokens += len(sequences.ids)

    def whole(self):
        """Return all documents."""
        return TokenSequences(
            self._ids.whole(),
            offsets_of(np.concatenate(self._lengths)),
            self._unknown.whole(),
            self._letters.whole(),
            offsets_of(np.concatenate(self._word_lengths)),
        )
