"""The words of single texts that were read, so that a word that comes again is looked up in a dict."""

from itertools import repeat
from threading import Lock

import numpy as np

# Words are remembered in the order in which they come: common ones come first.
_MOST_WORDS = 50_000
_MOST_BYTES = 16_000_000


class WordMemory:
    """Remembers a vector and a symbol for each word, up to a number of words.

    No word is ever dropped, and a place is written before its word can be found: threads may read while one of them
    adds words.

    Parameters
    ----------
    width : int
        Columns of a vector.
    """

    def __init__(self, width):
        n_words = min(_MOST_WORDS, _MOST_BYTES // (4 * width))
        self._places = {}
        # The operating system provides memory for the pages that have been written only.
        self._vectors = np.empty((n_words, width), np.float32)
        self._symbols = np.empty(n_words, np.uint64)
        self._adding = Lock()

    def __len__(self):
        return len(self._places)

    def read(self, words, read):
        """Return the vectors and symbols of words.

        Parameters
        ----------
        words : list of str
        read : callable
            Returns the vectors and symbols of a list of different words that are not remembered.

        Returns
        -------
        vectors : ndarray of shape (n_words, width), float32
        symbols : ndarray of shape (n_words,), uint64
        """
        found = list(map(self._places.get, words, repeat(-1)))
        missing = {}  # the words that are not remembered, and the row of each in what is read
        for word, place in zip(words, found):
            if place < 0:
                missing.setdefault(word, len(missing))
        places = np.array(found)  # -1 is clipped to 0: these rows are replaced
        vectors, symbols = self._vectors.take(places, axis=0, mode="clip"), self._symbols.take(places, mode="clip")
        if missing:
            read_vectors, read_symbols = read(list(missing))
            to_replace = np.flatnonzero(places < 0)
            rows = [missing[words[i]] for i in to_replace.tolist()]
            vectors[to_replace], symbols[to_replace] = read_vectors[rows], read_symbols[rows]
            self._add(missing, read_vectors, read_symbols)
        return vectors, symbols

    def _add(self, rows_of_words, vectors, symbols):
        """Remember words, unless another thread is adding some: then they will be read again."""
        # Waiting could take forever in a process that was forked while a thread of its parent added words.
        if not self._adding.acquire(blocking=False):
            return
        try:
            start = len(self._places)
            words = [word for word in rows_of_words if word not in self._places][: len(self._symbols) - start]
            rows, stop = [rows_of_words[word] for word in words], start + len(words)
            self._vectors[start:stop], self._symbols[start:stop] = vectors[rows], symbols[rows]
            self._places.update(zip(words, range(start, stop)))
        finally:
            self._adding.release()
