"""Documents as token ids without padding.

Owns the flat representation that everything downstream reads. It must not know
how text became tokens.
"""

from dataclasses import dataclass, field

import numpy as np

from .summary import count, summarize

PADDING, UNKNOWN = 0, 1
#: Documents handled at a time where there may be very many.
CHUNK = 20_000


_NOWHERE = np.zeros(0, dtype=np.int64)
_NO_LETTERS = np.zeros(0, dtype=np.uint32)
_NO_WORDS = np.zeros(1, dtype=np.int64)


@dataclass(slots=True, repr=False)
class TokenSequences:
    """The token ids of several documents, one after the other.

    Attributes
    ----------
    ids : ndarray of shape (n_tokens_in_all_documents,), int32
        1 is an unknown token.
    offsets : ndarray of shape (n_documents + 1,), int64
        Document i owns ``ids[offsets[i]:offsets[i + 1]]``.
    unknown : ndarray of shape (n_words,), int64
        Places of the unknown tokens whose spelling was kept, in order.
    letters : ndarray of shape (n_letters_in_all_words,), uint32
        Their spelling, see ``runtime.spelling``.
    letter_offsets : ndarray of shape (n_words + 1,), int64
        Word i owns ``letters[letter_offsets[i]:letter_offsets[i + 1]]``.
    """

    ids: np.ndarray
    offsets: np.ndarray
    unknown: np.ndarray = field(default_factory=lambda: _NOWHERE)
    letters: np.ndarray = field(default_factory=lambda: _NO_LETTERS)
    letter_offsets: np.ndarray = field(default_factory=lambda: _NO_WORDS)

    def __len__(self):
        return len(self.offsets) - 1

    def __repr__(self):
        return summarize(self, count(len(self), "document"), count(len(self.ids), "token"))

    @classmethod
    def from_padded(cls, padded, n_tokens):
        """Drop the zeros of an array of ids; ids from ``n_tokens`` on are unknown."""
        ids = padded[padded != PADDING]
        ids = np.where(ids < n_tokens, ids, UNKNOWN).astype(np.int32)
        return cls(ids, offsets_of(np.count_nonzero(padded, axis=1)))

    @classmethod
    def concatenate(cls, parts):
        """The documents of several sequences, in order."""
        if len(parts) == 1:
            return parts[0]
        first = offsets_of([len(part.ids) for part in parts])
        return cls(
            np.concatenate([part.ids for part in parts]),
            offsets_of(np.concatenate([np.diff(part.offsets) for part in parts])),
            np.concatenate([part.unknown + start for part, start in zip(parts, first)]),
            np.concatenate([part.letters for part in parts]),
            offsets_of(np.concatenate([np.diff(part.letter_offsets) for part in parts])),
        )

    def chunks(self, n_documents=CHUNK):
        """Yield the same documents, so many at a time, as views where possible."""
        for start in range(0, len(self), n_documents):
            yield self._part(start, min(start + n_documents, len(self)))

    def _part(self, start, stop):
        if stop - start == len(self):
            return self
        first, last = self.offsets[start], self.offsets[stop]
        words = slice(*np.searchsorted(self.unknown, [first, last]))
        letter_offsets = self.letter_offsets[words.start : words.stop + 1]
        return TokenSequences(
            self.ids[first:last],
            self.offsets[start : stop + 1] - first,
            self.unknown[words] - first,
            self.letters[letter_offsets[0] : letter_offsets[-1]],
            letter_offsets - letter_offsets[0],
        )

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
        words = picked[unknown] - 1
        word_lengths = np.diff(self.letter_offsets)[words]
        letters = self.letters[spans(self.letter_offsets[words], word_lengths)]
        return TokenSequences(self.ids[places], offsets_of(lengths), unknown, letters, offsets_of(word_lengths))


def offsets_of(lengths):
    """Where each of several consecutive pieces begins, and the end of the last."""
    offsets = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def spans(starts, lengths):
    """The integers ``starts[i], ..., starts[i] + lengths[i] - 1`` for each i in turn."""
    offsets = offsets_of(lengths)
    return np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], lengths)
