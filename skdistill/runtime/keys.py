"""64-bit keys of n-grams, and finding them in a vocabulary."""

import numpy as np

from .summary import count, summarize

# An odd multiplier spreads consecutive integers over the upper bits (Knuth, The
# Art of Computer Programming, volume 3, section 6.4: Fibonacci hashing).
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)

_MULTIPLIER = np.array(MULTIPLIER)  # as an array it is ready for numpy at each call


def ngram_keys(symbols, longest):
    """Keys of all runs of 1, 2, ..., ``longest`` neighbours.

    The key of a run is a polynomial in an odd 64-bit number, modulo 2**64, by
    Horner's rule. Two different runs share a key with a probability of about
    2**-64.

    Parameters
    ----------
    symbols : ndarray of shape (m,), non-negative integers
    longest : int

    Yields
    ------
    keys : ndarray of shape (max(m - n + 1, 0),), uint64
        For each n in turn.
    """
    symbols = symbols.astype(np.uint64)
    keys = symbols * _MULTIPLIER
    yield keys
    for n in range(2, longest + 1):
        keys = keys[:-1] + symbols[n - 1 :]
        keys *= _MULTIPLIER
        yield keys


class KeyIndex:
    """Finds keys in a sorted array by a directory of their upper bits.

    A directory slot holds where the keys with these upper bits begin. With several
    slots a key most searches end at the first look, where bisection would take
    seventeen.

    Parameters
    ----------
    keys : ndarray of shape (n,), uint64
        Distinct and sorted.
    """

    def __init__(self, keys):
        self.keys = keys
        bits = len(keys).bit_length() + 2
        self._shift = np.array(64 - bits, np.uint64)
        occupancy = np.bincount((keys >> self._shift).view(np.int64), minlength=2**bits)
        self._starts = (np.cumsum(occupancy) - occupancy).astype(np.int32)
        # A search may step past the last key: there it meets the largest number, in row 0.
        self._guarded = np.append(keys, np.uint64(2**64 - 1))
        self._rows = np.append(np.arange(1, len(keys) + 1), 0)

    def __len__(self):
        return len(self.keys)

    def __repr__(self):
        return summarize(self, count(len(self), "key"))

    def __reduce__(self):
        return KeyIndex, (self.keys,)

    def rows(self, wanted):
        """1 + the place of each key in the vocabulary, 0 where it is not in it.

        Parameters
        ----------
        wanted : ndarray of shape (m,), uint64

        Returns
        -------
        rows : ndarray of shape (m,), int64
        """
        places = self._starts.take((wanted >> self._shift).view(np.int64))
        candidates = self._guarded.take(places)
        # The keys are sorted: only where the candidate is smaller may a later one match.
        behind = candidates < wanted
        while np.count_nonzero(behind):
            places += behind
            candidates = self._guarded.take(places)
            behind = candidates < wanted
        return self._rows.take(places) * (candidates == wanted)
