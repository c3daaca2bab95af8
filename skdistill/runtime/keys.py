"""64-bit keys of n-grams, and an index that finds keys in a vocabulary.

A vocabulary of n-grams holds their keys instead of the n-grams themselves: 8 bytes each,
whatever their length, and numpy looks up those of many documents at once. Two n-grams
with equal keys are taken for the same feature; no check of the n-grams follows.

Conventions
-----------
All arithmetic is modulo 2**64, which is what numpy's uint64 does on overflow. With the
multiplier M the key of the symbols s[0], ..., s[n - 1] is::

    key = s[0] * M**n + s[1] * M**(n - 1) + ... + s[n - 1] * M

This is the polynomial hash of Karp and Rabin (1987, Efficient Randomized Pattern-Matching
Algorithms) with a fixed M and, instead of a random prime, the modulus 2**64.
"""

import numpy as np

from .summary import count, summarize

#: Keys of a saved model that begin with the same bits: a search passes them one after the other.
MOST_ALIKE = 1000

# 2**64 divided by the golden ratio, rounded to an odd number: Fibonacci hashing (Knuth, The Art
# of Computer Programming, volume 3, section 6.4). It spreads consecutive integers evenly over the
# upper bits, by which ``KeyIndex`` finds keys. An odd number has an inverse modulo 2**64, so that
# multiplying by it loses nothing: single symbols never share a key. Nor do two pairs of symbols
# below 2**31, because |k * M| modulo 2**64 is above 2**32 for each 0 < k < 2**31.
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)

# 0-d arrays: numpy would convert a scalar in each operation.
_MULTIPLIER = np.array(MULTIPLIER)
_HALF = np.array(32, np.uint64)


def ngram_keys(symbols, longest):
    """Yield the keys of all runs of n neighbouring symbols, for n = 1, 2, ..., ``longest``.

    Two different runs of random symbols share a key with a probability of about 2**-64. A
    modulus of 2**64 cannot resist crafted text: some runs of 1,024 symbols and more share a
    key under every odd multiplier (Thue-Morse sequences; Pachocki and Radoszewski 2013, Where
    to Use and How not to Use Polynomial String Hashing). N-grams, and words of natural text,
    are much shorter.

    Parameters
    ----------
    symbols : ndarray of shape (m,), non-negative integers
        Token ids, code points or mixed keys.
    longest : int
        At least 1.

    Yields
    ------
    keys : ndarray of shape (max(m - n + 1, 0),), uint64
        Of the runs that begin at symbols 0, 1, ..., m - n.
    """
    symbols = symbols.astype(np.uint64)
    keys = symbols * _MULTIPLIER
    yield keys
    # Horner's rule for all runs at once: key(s[t : t + n]) = (key(s[t : t + n - 1]) + s[t + n - 1]) * M.
    for n in range(2, longest + 1):
        keys = keys[:-1] + symbols[n - 1 :]
        keys *= _MULTIPLIER
        yield keys


def mix(keys):
    """Return keys as symbols of longer runs: n-grams are made from the keys of words.

    Keys are sums of products with powers of the multiplier. Without mixing, the key of two words would be
    such a sum again: "on in" and "or en" would share one, since n + i = r + e. An exclusive or is not
    linear modulo 2**64.

    Parameters
    ----------
    keys : ndarray of uint64

    Returns
    -------
    symbols : ndarray of uint64
        Different for different keys.
    """
    return keys ^ (keys >> _HALF)


class KeyIndex:
    """An index of a sorted array of keys, with a directory of their upper bits.

    The directory has one slot per value of the upper bits. It holds the place at which the
    keys with these upper bits begin, and a search goes on from there, key by key.

    There are between 4 and 8 slots per key, so that a slot has n / n_slots, at most 1/4, keys
    on average. A search passes half of these: it looks at 1 + n / (2 * n_slots), at most
    1.125, keys in expectation, whatever n is. Bisection looks at log2(n), which is 17 for
    100,000 keys.

    Parameters
    ----------
    keys : ndarray of shape (n,), uint64
        Distinct and sorted.
    """

    def __init__(self, keys):
        self.keys = keys
        # 2**(b - 1) <= n < 2**b for the bit length b: 2**(b + 2) slots are more than 4 * n, at most 8 * n.
        bits = len(keys).bit_length() + 2
        self._shift = np.array(64 - bits, np.uint64)
        occupancy = np.bincount((keys >> self._shift).view(np.int64), minlength=2**bits).astype(np.int32)
        self._starts = np.cumsum(occupancy, dtype=np.int32)
        self._starts -= occupancy
        # A search may step past the last key. There it finds the largest number, which no key exceeds,
        # and row 0: also for a key that equals this number without being in the index.
        self._guarded = np.append(keys, np.uint64(2**64 - 1))
        self._rows = np.append(np.arange(1, len(keys) + 1), 0)

    @classmethod
    def from_state(cls, keys):
        """Return the index of the keys of a saved model, or raise a ValueError.

        Keys that were chosen to begin alike would make searches slow.
        """
        if (keys[1:] <= keys[:-1]).any():
            raise ValueError("Keys must rise")
        index = cls(keys)
        if np.diff(index._starts, append=len(keys)).max() > MOST_ALIKE:
            raise ValueError(f"More than {MOST_ALIKE:,} keys begin with the same bits")
        return index

    def __len__(self):
        return len(self.keys)

    def __repr__(self):
        return summarize(self, count(len(self), "key"))

    def __reduce__(self):
        return KeyIndex, (self.keys,)

    def rows(self, queries):
        """Return 1 + the place of each key among the sorted ones, 0 for a key that is not among them.

        Parameters
        ----------
        queries : ndarray of shape (m,), uint64

        Returns
        -------
        rows : ndarray of shape (m,), int64
        """
        places = self._starts.take((queries >> self._shift).view(np.int64)).astype(np.int64)
        # The keys are sorted: only where the candidate is smaller may a later one match. All searches take
        # one step together, after which about one in a hundred is not over; only those go on. The longest
        # has about log n / log log n steps with random keys, the size of the fullest slot (Gonnet 1981,
        # Expected Length of the Longest Probe Sequence in Hash Code Searching).
        places += self._guarded.take(places) < queries
        candidates = self._guarded.take(places)
        behind = (candidates < queries).nonzero()[0]
        while len(behind):
            further = places.take(behind) + 1
            places[behind] = further
            candidates[behind] = found = self._guarded.take(further)
            behind = behind[found < queries.take(behind)]
        return self._rows.take(places) * (candidates == queries)
