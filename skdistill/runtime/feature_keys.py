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

from .keys import MULTIPLIER, KeyIndex, mix
from .packing import pack_keys, unpack_keys
from .sequences import MOST_TOKENS, UNKNOWN
from .splitting import SplittingRule
from .state import MOST_NGRAMS, array_of, choice_of, integer_of, sizes_of

#: Raised when texts get other keys: by another rule that splits them, another multiplier or other salts.
KEY_VERSION = 1
_MOST_ROWS = 2**28
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
    has_unknown : bool, default=False
        Whether a token without a row is an unknown one: it has the row and the symbol of ``UNKNOWN``, as in
        ``runtime.vocabulary``. This is so where all tokens of a vocabulary have rows.
    """

    rule: SplittingRule
    ngrams: int
    subwords: tuple
    bits: int
    keys: np.ndarray
    has_unknown: bool = False

    def state(self):
        """Return plain values and arrays, from which ``from_state`` makes the features again."""
        values = {
            "key_version": KEY_VERSION,
            **self.rule._asdict(),
            "ngrams": self.ngrams,
            "subwords": list(self.subwords),
            "bits": self.bits,
            "n_rows": len(self.keys),
            "has_unknown": self.has_unknown,
        }
        return values, {"keys": pack_keys(self.keys)}

    @classmethod
    def from_state(cls, values, arrays):
        """Return the features of a state, or raise a ValueError that says what is wrong with it."""
        choice_of(values, "key_version", (KEY_VERSION,))
        rule = SplittingRule(
            choice_of(values, "analyzer", ("word", "char")),
            choice_of(values, "lowercase", (True, False)),
            integer_of(values, "sequence_length", 1, MOST_TOKENS),
            choice_of(values, "truncating", ("pre", "post")),
        )
        ngrams, subwords = integer_of(values, "ngrams", 1, MOST_NGRAMS), sizes_of(values, "subwords")
        n_rows, bits = integer_of(values, "n_rows", 1, _MOST_ROWS), integer_of(values, "bits", 1, 64)
        keys = unpack_keys(array_of(arrays, "keys", np.uint8, None), n_rows, bits)
        KeyIndex.from_state(keys << np.uint64(64 - bits))
        return cls(rule, ngrams, subwords, bits, keys, choice_of(values, "has_unknown", (True, False)))

    def __len__(self):
        return len(self.keys)

    def token_rows(self, keys):
        """Return the row of each token, as ``rows`` does, and its symbol, by the polynomial of its characters."""
        symbols = mix(keys)
        rows = self.rows(symbols, "tokens")
        if self.has_unknown:
            unknown = np.flatnonzero(rows == 0)
            symbols[unknown] = UNKNOWN
            rows[unknown] = self.rows(symbols[unknown], "tokens")
        return rows, symbols

    def rows(self, keys, kind):
        """Return the row of each 64-bit key of a kind of feature, without its salt: from 1 on, 0 for none."""
        return self._index.rows((keys ^ SALTS[kind]) & self._mask)

    @cached_property
    def _index(self):
        return KeyIndex(self.keys << np.uint64(64 - self.bits))

    @cached_property
    def _mask(self):
        return np.array(2**64 - 2 ** (64 - self.bits), np.uint64)
