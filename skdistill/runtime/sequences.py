"""Documents as token ids without padding.

Owns the flat representation that everything downstream reads. It must not know
how text became tokens.
"""

from dataclasses import dataclass

import numpy as np

PADDING, UNKNOWN = 0, 1


@dataclass(frozen=True, slots=True)
class TokenSequences:
    """The token ids of several documents, one after the other.

    Attributes
    ----------
    ids : ndarray of shape (n_tokens_in_all_documents,), int32
        1 is an unknown token. An id of ``first_spelling + k`` is an unknown
        token too, whose text is ``spellings[k]``.
    offsets : ndarray of shape (n_documents + 1,), int64
        Document i owns ``ids[offsets[i]:offsets[i + 1]]``.
    first_spelling : int
        One more than the largest id of the vocabulary.
    spellings : list of str
        The distinct unknown tokens, where the text was kept.
    """

    ids: np.ndarray
    offsets: np.ndarray
    first_spelling: int
    spellings: list

    def __len__(self):
        return len(self.offsets) - 1

    @classmethod
    def from_padded(cls, padded, n_tokens):
        """Drop the zeros of an array of ids; ids from ``n_tokens`` on are unknown."""
        ids = padded[padded != PADDING].astype(np.int32)
        lengths = np.count_nonzero(padded, axis=1)
        return cls(np.where(ids < n_tokens, ids, np.int32(UNKNOWN)), offsets_of(lengths), n_tokens, [])

    def known_ids(self):
        """The ids with every unknown token as 1."""
        if not self.spellings:
            return self.ids
        return np.where(self.ids < self.first_spelling, self.ids, np.int32(UNKNOWN))

    def take(self, documents):
        """The chosen documents, in the given order."""
        lengths = np.diff(self.offsets)[documents]
        ids = self.ids[spans(self.offsets[:-1][documents], lengths)]
        return TokenSequences(ids, offsets_of(lengths), self.first_spelling, self.spellings)

    def truncate(self, length, side):
        """At most ``length`` tokens a document; ``side`` ("pre" or "post") is cut off."""
        lengths = np.diff(self.offsets)
        if not len(lengths) or lengths.max() <= length:
            return self
        kept = np.minimum(lengths, length)
        starts = self.offsets[:-1] if side == "post" else self.offsets[1:] - kept
        return TokenSequences(self.ids[spans(starts, kept)], offsets_of(kept), self.first_spelling, self.spellings)


def offsets_of(lengths):
    """Where each of several consecutive pieces begins, and the end of the last."""
    offsets = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def spans(starts, lengths):
    """The integers ``starts[i], ..., starts[i] + lengths[i] - 1`` for each i in turn."""
    offsets = offsets_of(lengths)
    return np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], lengths)
