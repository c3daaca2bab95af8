"""Which features a trained bag knows, and the table row of each.

Conventions
-----------
A document has several *groups* of features: its tokens, its n-grams for each n,
and the character n-grams of its words. Row 0 stands for a feature that training did
not see.
"""

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from .keys import KeyIndex, ngram_keys
from .sequences import PADDING, UNKNOWN, spans
from .spelling import spell
from .summary import count, summarize


@dataclass(frozen=True, repr=False)
class BagVocabulary:
    """The features that training saw.

    Attributes
    ----------
    ngrams : int
        The longest run of tokens that is a feature; 1 for single tokens alone.
    subwords : tuple of int
        Lengths of the character n-grams inside words.
    seen : ndarray of shape (n_tokens,), bool
        Which token ids occurred.
    spellings : list of str
        The text of the ids from 2 on; empty without ``subwords``.
    ngram_index, subword_index : KeyIndex
        The n-grams and character n-grams.
    """

    ngrams: int
    subwords: tuple
    seen: np.ndarray
    spellings: list
    ngram_index: KeyIndex
    subword_index: KeyIndex

    def __repr__(self):
        facts = count(len(self.seen), "token"), count(len(self.ngram_index), "n-gram")
        return summarize(self, *facts, count(len(self.subword_index), "character n-gram"))

    @property
    def n_rows(self):
        """Rows of a table over all features: tokens, n-grams, character n-grams."""
        return len(self.seen) + len(self.ngram_index) + len(self.subword_index)

    @property
    def nbytes(self):
        """Bytes of the keys."""
        return self.ngram_index.keys.nbytes + self.subword_index.keys.nbytes

    @cached_property
    def token_rows(self):
        """``token_rows`` of the tokens that training saw."""
        return token_rows(self.seen)

    def ngram_rows(self, sequences):
        """Yield the rows in ``ngram_index`` of the runs that begin at each token, for n = 2, 3, ...

        A run that would leave its document has row 0.
        """
        for n, keys in enumerate(ngram_keys(sequences.ids, self.ngrams), 1):
            if n > 1:
                rows = self.ngram_index.rows(keys)
                if len(sequences) > 1:
                    rows[runs_across_documents(sequences.offsets, n)] = 0
                yield rows

    def subword_rows(self, letters, offsets):
        """Return the rows in ``subword_index`` that spelled words have, and how many each word has."""
        keys, owners = subword_keys(letters, offsets, self.subwords)
        rows = self.subword_index.rows(keys)
        order = np.argsort(owners, kind="stable")
        order = order[rows[order] > 0]
        return rows[order], np.bincount(owners[order], minlength=len(offsets) - 1)

    @cached_property
    def known_subwords(self):
        """``subword_rows`` of the vocabulary's own tokens, by id."""
        return self.subword_rows(*spell(["", "", *self.spellings]))

    def __getstate__(self):
        return {field.name: getattr(self, field.name) for field in fields(self)}


def token_rows(seen):
    """Return the table row of each token id: an id that training did not see is an unknown token.

    Parameters
    ----------
    seen : ndarray of shape (n_tokens,), bool

    Returns
    -------
    rows : ndarray of shape (n_tokens,), int32
        0 for padding, and for an unknown token where training saw none.
    """
    rows = np.where(seen, np.arange(len(seen)), UNKNOWN * seen[UNKNOWN])
    rows[PADDING] = 0
    return rows.astype(np.int32)


def subword_keys(letters, offsets, sizes):
    """Return the keys of the character n-grams strictly inside each spelled word.

    Returns
    -------
    keys : ndarray of uint64
    owners : ndarray of int64
        The word of each.
    """
    lengths = np.diff(offsets)
    found = [(np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64))]
    for n, keys in enumerate(ngram_keys(letters, max(sizes, default=1)), 1):
        if n in sizes:
            counts = np.where(lengths > n, lengths - n + 1, 0)
            found.append((keys[spans(offsets[:-1], counts)], np.repeat(np.arange(len(lengths)), counts)))
    return [np.concatenate(parts) for parts in zip(*found)]


def runs_across_documents(offsets, n):
    """Return where the runs of ``n`` tokens begin that end in another document."""
    starts = (offsets[1:-1, None] - np.arange(1, n)).ravel()
    return starts[(starts >= 0) & (starts <= offsets[-1] - n)]
