"""Pooled word vectors of documents, also of words that training did not see.

With ``v[w]`` the vector of a word and ``s[w]`` its weight, where the sums run over the words
of a document that have a vector, each as often as it occurs::

    pooled = (sum of s[w] * v[w]) / sqrt(sum of s[w]**2)

The sum of n independent vectors has about sqrt(n) times the norm of one of them: short and long
documents have pooled vectors of about the same norm, as in ``runtime.bag``. Pooling is linear in the
vectors, so that the scores of a linear classifier can be pooled instead of the vectors::

    pooled @ kernel == pooled vectors of v[w] @ kernel
"""

from dataclasses import dataclass, replace

import numpy as np

from .keys import KeyIndex
from .segmentation import Segments, segments_of_words, token_keys
from .state import array_of
from .summary import count, summarize
from .sums import sum_rows


@dataclass(frozen=True, repr=False)
class PooledVectors:
    """Word vectors and weights: finds words by their spelling and pools their vectors.

    Attributes
    ----------
    index : KeyIndex
        The 64-bit keys of the words.
    token_rows : ndarray of shape (n_tokens,), int32
        The row of each token id; 0 for a token without a vector.
    table : ndarray of shape (n_words + 1, n_columns + 1), float32
        ``s[w] * v[w]``, and ``s[w]**2`` in the last column, in the order of the keys. Row 0 is zero: it
        stands for words without a vector.
    """

    index: KeyIndex
    token_rows: np.ndarray
    table: np.ndarray

    @classmethod
    def of_words(cls, words, vectors, spellings):
        """Return the vectors of words, each of weight 1.

        Parameters
        ----------
        words : list of str
            All different.
        vectors : ndarray of shape (n_words, n_columns), float32
        spellings : list of str
            The tokens of the ids 2, 3, ...
        """
        keys, places = np.unique(_keys_of(words), return_index=True)
        index = KeyIndex(keys)
        token_rows = np.append([0, 0], index.rows(_keys_of(spellings))).astype(np.int32)
        table = np.pad(vectors[places], [(1, 0), (0, 1)])
        table[1:, -1] = 1
        return cls(index, token_rows, table)

    def state(self):
        """Return no values, and arrays from which ``from_state`` makes the vectors again."""
        return {}, {"keys": self.index.keys, "token_rows": self.token_rows, "table": self.table}

    @classmethod
    def from_state(cls, values, arrays, n_tokens, n_columns):
        """Return the vectors of a state, or raise a ValueError that says what is wrong with it."""
        index = KeyIndex.from_state(array_of(arrays, "keys", np.uint64, None))
        token_rows = array_of(arrays, "token_rows", np.int32, n_tokens)
        table = array_of(arrays, "table", np.float32, len(index) + 1, n_columns + 1)
        if token_rows.min(initial=0) < 0 or token_rows.max(initial=0) > len(index):
            raise ValueError("'token_rows' must hold rows of 'table'")
        if table[0].any() or table[:, -1].min() < 0:
            raise ValueError("Row 0 of 'table' must be zero, and its last column must hold squares")
        return cls(index, token_rows, table)

    @property
    def nbytes(self):
        """Number of bytes of all arrays."""
        return self.index.keys.nbytes + self.token_rows.nbytes + self.table.nbytes

    def __repr__(self):
        facts = count(len(self.index), "word"), count(self.table.shape[1] - 1, "column")
        return summarize(self, *facts, nbytes=self.nbytes)

    @property
    def columns(self):
        """The table without the squared weights."""
        return self.table[:, :-1]

    def rows(self, sequences):
        """Return the table row of each token; unknown tokens are found by their spelling, where it is kept."""
        rows = self.token_rows.take(sequences.ids)
        if len(sequences.unknown):
            # Without the boundary characters, see ``runtime.spelling``; the empty word has none.
            begins, ends = sequences.letter_offsets[:-1], sequences.letter_offsets[1:]
            starts = np.minimum(begins + 1, ends)
            words = Segments(sequences.letters, starts, np.maximum(ends - 1, starts), sequences.offsets)
            rows[sequences.unknown] = self.index.rows(token_keys(words))
        return rows

    def pool(self, sequences):
        """Return the pooled vectors of documents, of shape (n_documents, n_columns); zeros where no word has one."""
        sums = sum_rows(self.table, self.rows(sequences), sequences.offsets)
        squares = sums[:, -1:]
        return sums[:, :-1] / np.sqrt(np.where(squares > 0, squares, 1))

    def with_columns(self, columns):
        """Return the same words and weights with other columns, of shape (n_words + 1, n_columns)."""
        return replace(self, table=np.hstack([columns, self.table[:, -1:]]).astype(np.float32))


def _keys_of(words):
    return token_keys(segments_of_words(words))
