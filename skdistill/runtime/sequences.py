"""Documents as token ids without padding: the representation that all networks read.

Conventions
-----------
Consecutive pieces of an array are given by *offsets*: n + 1 increasing numbers, of which
the first is 0 and the last the length of the array. Piece i is
``array[offsets[i]:offsets[i + 1]]``. This is the row pointer of sparse matrices in
compressed rows, and it fits documents of any length without padding.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from .summary import count, summarize

PADDING, UNKNOWN = 0, 1
FIRST_ID = 2  # of the tokens of a vocabulary
#: The largest number of token ids: they are stored as int32.
MOST_TOKENS = 2**31 - 1
#: Documents of a chunk, which are processed at a time to bound the memory.
CHUNK = 20_000
# Tokens of a chunk: 400 per document of a full one.
_CHUNK_TOKENS = 400 * CHUNK

# Defaults of a sequence that keeps no spelling; nothing writes into them.
_NOWHERE = np.zeros(0, dtype=np.int64)
_NO_LETTERS = np.zeros(0, dtype=np.uint32)
_NO_WORDS = np.zeros(1, dtype=np.int64)


@dataclass(slots=True, repr=False)
class TokenSequences:
    """The token ids of several documents, one after the other.

    Attributes
    ----------
    ids : ndarray of shape (n_tokens_in_all_documents,), int32
        1 is an unknown token; there is no padding.
    offsets : ndarray of shape (n_documents + 1,), int64
        Document i is ``ids[offsets[i]:offsets[i + 1]]``.
    unknown : ndarray of shape (n_words,), int64
        Places in ``ids`` of the unknown tokens whose spelling is kept, in order.
    letters : ndarray of shape (n_letters_in_all_words,), uint32
        The spelling of these, one word after the other (see ``runtime.spelling``).
    letter_offsets : ndarray of shape (n_words + 1,), int64
        Word i is ``letters[letter_offsets[i]:letter_offsets[i + 1]]``.

    Examples
    --------
    Two documents, of two tokens and of one:

    >>> import numpy as np
    >>> from skdistill.runtime import TokenSequences
    >>> sequences = TokenSequences(np.array([5, 1, 3], np.int32), np.array([0, 2, 3]))
    >>> sequences
    TokenSequences(2 documents, 3 tokens)
    >>> sequences.take(np.array([1, 0, 1])).ids
    array([3, 5, 1, 3], dtype=int32)
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
        """Return the sequences of padded rows of ids.

        Parameters
        ----------
        padded : ndarray of shape (n_documents, n_positions), non-negative integers
            Zeros are dropped, wherever they are.
        n_tokens : int
            Ids from this number on become unknown tokens.

        Returns
        -------
        sequences : TokenSequences
        """
        ids = padded[padded != PADDING]
        ids = np.where(ids < n_tokens, ids, UNKNOWN).astype(np.int32)
        return cls(ids, offsets_of(np.count_nonzero(padded, axis=1)))

    @classmethod
    def concatenate(cls, parts):
        """Return the documents of a list of sequences, in order."""
        if len(parts) == 1:
            return parts[0]
        first = offsets_of([len(part.ids) for part in parts])  # the place of each part's first token
        return cls(
            np.concatenate([part.ids for part in parts]),
            offsets_of(np.concatenate([np.diff(part.offsets) for part in parts])),
            np.concatenate([part.unknown + start for part, start in zip(parts, first)]),
            np.concatenate([part.letters for part in parts]),
            offsets_of(np.concatenate([np.diff(part.letter_offsets) for part in parts])),
        )

    def chunks(self, n_documents=CHUNK, n_tokens=_CHUNK_TOKENS):
        """Yield the documents in order, in the batches of ``document_bounds``; ids and letters are views."""
        for start, stop in document_bounds(self.offsets, n_documents, n_tokens):
            yield self._part(start, stop)

    def _part(self, start, stop):
        """Return the documents from ``start`` up to ``stop``, without it."""
        if stop - start == len(self):
            return self
        first, last = self.offsets[start], self.offsets[stop]
        words = slice(*np.searchsorted(self.unknown, [first, last]))  # the unknown words among them
        letter_offsets = self.letter_offsets[words.start : words.stop + 1]
        return TokenSequences(
            self.ids[first:last],
            self.offsets[start : stop + 1] - first,
            self.unknown[words] - first,
            self.letters[letter_offsets[0] : letter_offsets[-1]],
            letter_offsets - letter_offsets[0],
        )

    def take(self, documents):
        """Return some of the documents.

        Parameters
        ----------
        documents : ndarray of shape (n_taken,), int or bool
            Indices, in any order and repeated or not, or a mask.

        Returns
        -------
        sequences : TokenSequences
        """
        return self._pick(self.offsets[:-1][documents], np.diff(self.offsets)[documents])

    def truncate(self, length, side):
        """Return the documents with at most ``length`` tokens each.

        Parameters
        ----------
        length : int
        side : {"pre", "post"}
            Where tokens are dropped: before or after those that stay.

        Returns
        -------
        sequences : TokenSequences
            These sequences themselves if no document is longer.
        """
        if len(self.ids) <= length:
            return self
        lengths = np.diff(self.offsets)
        if lengths.max() <= length:
            return self
        kept = np.minimum(lengths, length)
        return self._pick(self.offsets[:-1] if side == "post" else self.offsets[1:] - kept, kept)

    def without_each(self, first, last):
        """Return copies of a single document, each without one token.

        Parameters
        ----------
        first, last : int
            The places of the tokens: from ``first`` up to ``last``, without it.

        Returns
        -------
        sequences : TokenSequences
            Document i has all tokens but number ``first + i``.
        """
        places = np.arange(first, last)
        # The tokens before each place and those after it: two pieces, which the offsets then join.
        starts = np.column_stack([np.zeros_like(places), places + 1]).ravel()
        lengths = np.column_stack([places, len(self.ids) - places - 1]).ravel()
        pieces = self._pick(starts, lengths)
        return replace(pieces, offsets=pieces.offsets[::2])

    def _pick(self, starts, lengths):
        """Return sequences of which document i has the ids ``starts[i], ..., starts[i] + lengths[i] - 1``."""
        places = spans(starts, lengths)
        # Per place 1 + the number of the unknown word there, 0 for tokens without spelling. Places may
        # repeat, and their words then repeat with them.
        number = np.zeros(len(self.ids), dtype=np.int64)
        number[self.unknown] = np.arange(1, len(self.unknown) + 1)
        picked = number[places]
        unknown = picked.nonzero()[0]
        words = picked[unknown] - 1
        word_lengths = np.diff(self.letter_offsets)[words]
        letters = self.letters[spans(self.letter_offsets[words], word_lengths)]
        return TokenSequences(self.ids[places], offsets_of(lengths), unknown, letters, offsets_of(word_lengths))


def offsets_of(lengths):
    """Return the offsets of consecutive pieces: 0 and the cumulative sums of their lengths.

    Parameters
    ----------
    lengths : array-like of shape (n,), int

    Returns
    -------
    offsets : ndarray of shape (n + 1,), int64
    """
    offsets = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def end_of_batch(offsets, start, n_documents, size):
    """Return the end of the batch of documents that begins with document ``start``.

    The batch ends with the document that brings it to ``n_documents`` documents or to the size
    ``size``: it is larger than that by less than its last document.

    Parameters
    ----------
    offsets : ndarray of shape (n + 1,), int
        Those of documents: of their characters, tokens or positions.
    start : int
    n_documents, size : int
        At least 1.

    Returns
    -------
    stop : int
        The document after the batch.
    """
    reached = int(np.searchsorted(offsets, offsets[start] + size))
    return min(start + n_documents, reached, len(offsets) - 1)


def document_bounds(offsets, n_documents, size):
    """Yield the first document of each batch and the one after it, as ``end_of_batch`` ends the batches."""
    start = 0
    while start < len(offsets) - 1:
        stop = end_of_batch(offsets, start, n_documents, size)
        yield start, stop
        start = stop


def spans(starts, lengths):
    """Return the integers ``starts[i], ..., starts[i] + lengths[i] - 1`` for each i in turn.

    Parameters
    ----------
    starts, lengths : ndarray of shape (n,), int

    Returns
    -------
    places : ndarray of shape (sum of lengths,), int64
    """
    # With starts = [7, 2] and lengths = [2, 3]: [0, 1, 2, 3, 4] + [7, 7, 0, 0, 0] = [7, 8, 2, 3, 4].
    offsets = offsets_of(lengths)
    return np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], lengths)
