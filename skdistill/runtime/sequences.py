"""Documents as token ids without padding.

Owns the flat representation that everything downstream reads. It must not know
how text became tokens.
"""

from dataclasses import dataclass

import numpy as np

PADDING, UNKNOWN = 0, 1


@dataclass(slots=True)
class TokenSequences:
    """The token ids of several documents, one after the other.

    Attributes
    ----------
    ids : ndarray of shape (n_tokens_in_all_documents,), int32
        1 is an unknown token.
    offsets : ndarray of shape (n_documents + 1,), int64
        Document i owns ``ids[offsets[i]:offsets[i + 1]]``.
    unknown : ndarray of int64
        Places of the unknown tokens whose text was kept, in order.
    words : list of str
        Their text.
    """

    ids: np.ndarray
    offsets: np.ndarray
    unknown: np.ndarray
    words: list

    def __len__(self):
        return len(self.offsets) - 1

    @classmethod
    def from_padded(cls, padded, n_tokens):
        """Drop the zeros of an array of ids; ids from ``n_tokens`` on are unknown."""
        ids = padded[padded != PADDING]
        ids = np.where(ids < n_tokens, ids, UNKNOWN).astype(np.int32)
        return cls(ids, offsets_of(np.count_nonzero(padded, axis=1)), _NOWHERE, [])

    def take(self, documents):
        """The chosen documents, in the given order."""
        return self._pick(self.offsets[:-1][documents], np.diff(self.offsets)[documents])

    def truncate(self, length, side):
        """At most ``length`` tokens a document; the rest is cut off at ``side`` ("pre" or "post")."""
        if len(self.ids) <= length:
            return self
        lengths = np.diff(self.offsets)
        if lengths.max() <= length:
            return self
        kept = np.minimum(lengths, length)
        return self._pick(self.offsets[:-1] if side == "post" else self.offsets[1:] - kept, kept)

    def _pick(self, starts, lengths):
        places = spans(starts, lengths)
        number = np.zeros(len(self.ids), dtype=np.int64)  # 1 + which unknown word, 0 for known tokens
        number[self.unknown] = np.arange(1, len(self.unknown) + 1)
        picked = number[places]
        unknown = picked.nonzero()[0]
        words = [self.words[i - 1] for i in picked[unknown].tolist()]
        return TokenSequences(self.ids[places], offsets_of(lengths), unknown, words)


_NOWHERE = np.zeros(0, dtype=np.int64)


def offsets_of(lengths):
    """Where each of several consecutive pieces begins, and the end of the last."""
    offsets = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def spans(starts, lengths):
    """The integers ``starts[i], ..., starts[i] + lengths[i] - 1`` for each i in turn."""
    offsets = offsets_of(lengths)
    return np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], lengths)
