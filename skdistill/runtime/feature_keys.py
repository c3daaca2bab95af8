"""The features of a text by short keys of their text, without a vocabulary.

With ``key`` the polynomial of ``runtime.keys`` and ``symbol = mix(key)``, the 64-bit key of a feature is

* of a token: its symbol,
* of n tokens: the polynomial of their symbols,
* of n characters inside a word: the polynomial of their code points (see ``runtime.spelling``),

each with an exclusive or of the ``SALTS`` of its kind. Of this key the upper bits are kept. With 4 bits
more than log2 of the number of rows, about one in 16 of the features that have no row reads the row of
another; a training that reads its texts through the short keys takes that into account.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .keys import MULTIPLIER, KeyIndex
from .splitting import SplittingRule

_KINDS = "tokens", "ngrams", "subwords"
#: By kind of feature. A word and the same characters inside another word have the same polynomial.
SALTS = {kind: np.array(i * int(MULTIPLIER) % 2**64, np.uint64) for i, kind in enumerate(_KINDS)}


@dataclass(frozen=True, eq=False)
class FeatureKeys:
    """The features that have a row, and how texts are read to find them.

    Attributes
    ----------
    rule : SplittingRule
    ngrams : int
        The longest run of tokens that is a feature.
    subwords : tuple of int
        Lengths of the character n-grams inside words; empty for none.
    bits : int
        Bits of a key.
    keys : ndarray of shape (n_rows,), uint64
        The features' short keys, distinct and sorted.
    """

    rule: SplittingRule
    ngrams: int
    subwords: tuple
    bits: int
    keys: np.ndarray

    def __len__(self):
        return len(self.keys)

    def rows(self, keys, kind):
        """Return the row of each 64-bit key of a kind of feature, without its salt: from 1 on, 0 for none."""
        return self._index.rows((keys ^ SALTS[kind]) & self._mask)

    @cached_property
    def _index(self):
        return KeyIndex(self.keys << np.uint64(64 - self.bits))

    @cached_property
    def _mask(self):
        return np.array(2**64 - 2 ** (64 - self.bits), np.uint64)
