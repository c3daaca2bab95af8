"""The features of documents: tokens, n-grams and character n-grams.

Owns which features training saw and in which table row each is. It must not know
vectors or networks.

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
from .sequences import PADDING, UNKNOWN, offsets_of, spans
from .spelling import spell

# Documents that are counted at a time, and keys that are counted at most.
_CHUNK = 20_000
_MOST_COUNTED = 8_000_000
_NOTHING = np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
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

    @classmethod
    def learn(cls, sequences, n_tokens, spellings, *, ngrams, subwords, max_features):
        """Read which features some documents have.

        Of the n-grams and character n-grams the ``max_features`` most frequent stay.
        """
        occurrences = count_tokens(sequences, n_tokens)
        ngram, ngram_counts = _count_ngrams(sequences, ngrams)
        subword, subword_counts = _count_subwords(sequences, occurrences, spellings, subwords)
        frequency = -np.concatenate([ngram_counts, subword_counts])
        kept = np.zeros(len(frequency), dtype=bool)
        kept[np.argsort(frequency, kind="stable")[:max_features]] = True
        ngram_index = KeyIndex(np.unique(ngram[kept[: len(ngram)]]))
        subword_index = KeyIndex(subword[kept[len(ngram) :]])
        return cls(ngrams, subwords, occurrences > 0, list(spellings) if subwords else [], ngram_index, subword_index)

    @property
    def n_rows(self):
        """Rows of a table over all features: tokens, n-grams, character n-grams."""
        return len(self.seen) + len(self.ngram_index) + len(self.subword_index)

    @property
    def n_groups(self):
        """How many groups of features a document has."""
        return self.ngrams + bool(self.subwords)

    @cached_property
    def token_rows(self):
        """``token_rows`` of the tokens that training saw."""
        return token_rows(self.seen)

    def ngram_rows(self, sequences):
        """The rows in ``ngram_index`` of the runs that begin at each token, for n = 2, 3, ...

        A run that would leave its document has row 0.
        """
        for n, keys in enumerate(ngram_keys(sequences.ids, self.ngrams), 1):
            if n > 1:
                rows = self.ngram_index.rows(keys)
                if len(sequences) > 1:
                    rows[_crossing(sequences.offsets, n)] = 0
                yield rows

    def subword_rows(self, letters, offsets):
        """The rows in ``subword_index`` that spelled words have, and how many each word has."""
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

    def group_rows(self, sequences):
        """All features of all documents.

        Returns
        -------
        rows : ndarray of shape (n_features_in_all_documents,), int32
            Rows of a table with ``n_rows`` rows; a document's features are
            neighbours, and in it those of a group.
        counts : ndarray of shape (n_documents, n_groups), int32
        """
        tokens = np.repeat(np.arange(len(sequences)), np.diff(sequences.offsets))
        groups = [(self.token_rows[sequences.ids], tokens)]
        first = len(self.seen) - 1
        for rows in self.ngram_rows(sequences):
            groups.append((np.where(rows, rows + first, 0), tokens[: len(rows)]))
        if self.subwords:
            first += len(self.ngram_index)
            rows, lengths = self._token_subwords(sequences)
            groups.append((rows + first, np.repeat(tokens, lengths)))
        return _interleave(groups, len(sequences))

    def _token_subwords(self, sequences):
        known, known_lengths = self.known_subwords
        unknown, unknown_lengths = self.subword_rows(sequences.letters, sequences.letter_offsets)
        words = sequences.ids.astype(np.int64)
        words[sequences.unknown] = len(known_lengths) + np.arange(len(sequences.unknown))
        lengths = np.concatenate([known_lengths, unknown_lengths])
        starts = offsets_of(lengths)[:-1]
        return np.concatenate([known, unknown])[spans(starts[words], lengths[words])], lengths[words]


def token_rows(seen):
    """The table row of each token id: an id that training did not see is an unknown token.

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


def count_tokens(sequences, n_tokens):
    """How often each token id occurs.

    Returns
    -------
    occurrences : ndarray of shape (n_tokens,), int64
    """
    return sum(np.bincount(part.ids, minlength=n_tokens) for part in sequences.chunks(_CHUNK))


def _count_ngrams(sequences, longest):
    """Distinct keys of the runs of 2 to ``longest`` tokens, and how often each occurs."""
    counted = [_NOTHING] * max(longest - 1, 1)
    for part in sequences.chunks(_CHUNK):
        for n, keys in enumerate(ngram_keys(part.ids, longest), 1):
            if n > 1:
                found = np.unique(np.delete(keys, _crossing(part.offsets, n)), return_counts=True)
                counted[n - 2] = _merge(counted[n - 2], found)
    return [np.concatenate(parts) for parts in zip(*counted)]


def _count_subwords(sequences, occurrences, spellings, sizes):
    """Distinct sorted keys of the words' character n-grams, and how often each occurs."""
    counted = _weigh(*subword_keys(*spell(["", "", *spellings]), sizes), occurrences)
    for part in sequences.chunks(_CHUNK):
        once = np.ones(len(part.letter_offsets) - 1)  # each unknown word stands there for itself
        counted = _merge(counted, _weigh(*subword_keys(part.letters, part.letter_offsets, sizes), once))
    return counted


def _weigh(keys, owners, occurrences):
    """Distinct sorted keys, and how often they occur in words that occur so often."""
    keys, places = np.unique(keys, return_inverse=True)
    counts = np.bincount(places, occurrences[owners], minlength=len(keys)).astype(np.int64)
    return keys[counts > 0], counts[counts > 0]


def _merge(some, others):
    """Distinct sorted keys of both, and the sums of their counts."""
    if not len(some[0]) or not len(others[0]):
        return some if len(some[0]) else others
    keys, places = np.unique(np.concatenate([some[0], others[0]]), return_inverse=True)
    counts = np.bincount(places, np.concatenate([some[1], others[1]]), minlength=len(keys)).astype(np.int64)
    if len(keys) > _MOST_COUNTED:
        # Rare ones are forgotten before all are read, as in Manku and Motwani 2002, Approximate
        # Frequency Counts over Data Streams, section 4.2: far more stay than a vocabulary keeps.
        kept = np.sort(np.argsort(-counts, kind="stable")[: _MOST_COUNTED // 2])
        keys, counts = keys[kept], counts[kept]
    return keys, counts


def subword_keys(letters, offsets, sizes):
    """Keys of the character n-grams strictly inside each spelled word.

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


def _crossing(offsets, n):
    """Where a run of ``n`` tokens begins in one document and ends in another."""
    starts = (offsets[1:-1, None] - np.arange(1, n)).ravel()
    return starts[(starts >= 0) & (starts <= offsets[-1] - n)]


def _interleave(groups, n_documents):
    """Lay the groups' rows document by document; rows of 0 leave."""
    groups = [(rows[rows > 0], owners[rows > 0]) for rows, owners in groups]
    counts = np.stack([np.bincount(owners, minlength=n_documents) for _, owners in groups], axis=1)
    out = np.empty(counts.sum(), dtype=np.int32)
    starts = offsets_of(counts.ravel())[:-1].reshape(counts.shape)
    for (rows, _), start, count in zip(groups, starts.T, counts.T):
        out[spans(start, count)] = rows
    return out, counts.astype(np.int32)
