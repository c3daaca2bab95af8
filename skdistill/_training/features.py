"""The features of the training documents, for bags: the vocabulary, and the features of each document.

A document has several *groups* of features: its tokens, its n-grams for each n, and the
character n-grams of its words; see ``runtime.vocabulary``.

Shapes
------
With D documents, E their features, G the groups of features, T their tokens and K distinct keys
of n-grams::

    rows           (E,)     the table row of each feature: document by document, group by group
    counts         (D, G)   features of each group that a document has
    keys, counted  (K,)     sorted uint64 keys, and how often each occurs
    owners                  the document (or word) of each feature, token or key
"""

import numpy as np
import scipy.sparse

from ..runtime import BagVocabulary
from ..runtime.keys import KeyIndex, ngram_keys
from ..runtime.sequences import offsets_of, spans
from ..runtime.spelling import spell
from ..runtime.vocabulary import runs_across_documents, subword_keys
from .buffers import Growing, is_on_disk

#: The largest number of n-grams and character n-grams, together, that a bag keeps.
MAX_FEATURES = 200_000
# The largest number of distinct keys that are counted at a time, which bounds the memory.
_MAX_COUNTED = 8_000_000
# Tokens whose features are read at a time: each has about ten, and several int64 arrays hold all of them.
_TOKENS_PER_READING = 1_000_000
_NOTHING = np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)


def learn_vocabulary(sequences, n_tokens, spellings, *, ngrams, subwords, max_features):
    """Return the vocabulary of some documents: their tokens, and their most frequent n-grams.

    Parameters
    ----------
    sequences : TokenSequences
    n_tokens : int
        One more than the largest id.
    spellings : list of str
        The text of the ids from 2 on.
    ngrams : int
        The longest run of tokens that is a feature.
    subwords : tuple of int
        Lengths of the character n-grams inside words.
    max_features : int
        How many n-grams and character n-grams, together, are kept: the most frequent ones.

    Returns
    -------
    vocabulary : BagVocabulary
    """
    occurrences = count_tokens(sequences, n_tokens)
    ngram, ngram_counts = _count_ngrams(sequences, ngrams)
    subword, subword_counts = _count_subwords(sequences, occurrences, spellings, subwords)
    counts = np.concatenate([ngram_counts, subword_counts])
    kept = np.zeros(len(counts), dtype=bool)
    kept[np.argsort(-counts, kind="stable")[:max_features]] = True
    return BagVocabulary(
        ngrams,
        subwords,
        seen=occurrences > 0,
        spellings=list(spellings) if subwords else [],
        ngram_index=KeyIndex(np.unique(ngram[kept[: len(ngram)]])),
        subword_index=KeyIndex(subword[kept[len(ngram) :]]),
    )


def count_tokens(sequences, n_tokens):
    """Return how often each token id occurs, of shape (n_tokens,), int64."""
    return sum(np.bincount(part.ids, minlength=n_tokens) for part in sequences.chunks())


def _count_ngrams(sequences, longest):
    """Return the distinct keys of the runs of 2 to ``longest`` tokens, and how often each occurs.

    Both are sorted by key only among runs of the same length.
    """
    counted = [_NOTHING] * max(longest - 1, 1)
    for part in sequences.chunks():
        for n, keys in enumerate(ngram_keys(part.ids, longest), 1):
            if n > 1:
                inside = np.delete(keys, runs_across_documents(part.offsets, n))
                counted[n - 2] = _merge(counted[n - 2], np.unique(inside, return_counts=True))
    return [np.concatenate(parts) for parts in zip(*counted)]


def _count_subwords(sequences, occurrences, spellings, sizes):
    """Return the distinct sorted keys of the words' character n-grams, and how often each occurs."""
    # The words of the vocabulary, as often as they occur; padding and unknown have no spelling.
    counted = _weigh(*subword_keys(*spell(["", "", *spellings]), sizes), occurrences)
    for part in sequences.chunks():
        once = np.ones(len(part.letter_offsets) - 1)  # an unknown word is listed each time it occurs
        counted = _merge(counted, _weigh(*subword_keys(part.letters, part.letter_offsets, sizes), once))
    return counted


def _weigh(keys, owners, occurrences):
    """Return the distinct sorted keys, and how often each occurs.

    ``owners`` says which word each key is in, and ``occurrences`` how often each word occurs.
    """
    keys, places = np.unique(keys, return_inverse=True)
    counts = np.bincount(places, occurrences[owners], minlength=len(keys)).astype(np.int64)
    return keys[counts > 0], counts[counts > 0]


def _merge(some, others):
    """Return the distinct sorted keys of two pairs (keys, counts), and the sums of their counts."""
    if not len(some[0]) or not len(others[0]):
        return some if len(some[0]) else others
    keys, places = np.unique(np.concatenate([some[0], others[0]]), return_inverse=True)
    counts = np.bincount(places, np.concatenate([some[1], others[1]]), minlength=len(keys)).astype(np.int64)
    if len(keys) > _MAX_COUNTED:
        # Rare keys are dropped before all documents are read, as in lossy counting (Manku and Motwani
        # 2002, Approximate Frequency Counts over Data Streams, section 4.2). Far more are left than a
        # vocabulary keeps.
        kept = np.sort(np.argsort(-counts, kind="stable")[: _MAX_COUNTED // 2])
        keys, counts = keys[kept], counts[kept]
    return keys, counts


def read_features(vocabulary, sequences):
    """Return all features of all documents, on disk if the documents are.

    Parameters
    ----------
    vocabulary : BagVocabulary
    sequences : TokenSequences

    Returns
    -------
    rows : ndarray of shape (n_features_in_all_documents,), int32
        Rows of a table with ``vocabulary.n_rows`` rows, document by document, and in each document
        group by group.
    counts : ndarray of shape (n_documents, n_groups), int32
        How many features of each group a document has.
    """
    rows, counts = (Growing(is_on_disk(sequences.ids)) for _ in range(2))
    for part in sequences.chunks(n_tokens=_TOKENS_PER_READING):
        rows_of_part, counts_of_part = _features_of(vocabulary, part)
        rows.append(rows_of_part)
        counts.append(counts_of_part)
    return rows.whole(), counts.whole()


def _features_of(vocabulary, sequences):
    """Return (rows, counts) as ``read_features`` does, in memory."""
    documents = np.repeat(np.arange(len(sequences)), np.diff(sequences.offsets))  # (T,): that of each token
    groups = [(vocabulary.token_rows[sequences.ids], documents)]
    # The table has the tokens, then the n-grams, then the character n-grams. Rows of an index count
    # from 1; 0 stands for an n-gram that is not in it.
    first = len(vocabulary.seen) - 1
    for rows in vocabulary.ngram_rows(sequences):
        groups.append((np.where(rows, rows + first, 0), documents[: len(rows)]))
    if vocabulary.subwords:
        first += len(vocabulary.ngram_index)
        rows, lengths = _token_subwords(vocabulary, sequences)
        groups.append((rows + first, np.repeat(documents, lengths)))
    return _interleave(groups, len(sequences))


def _token_subwords(vocabulary, sequences):
    """Return the rows in ``subword_index`` of each token's character n-grams, and their number per token."""
    known, known_lengths = vocabulary.known_subwords
    unknown, unknown_lengths = vocabulary.subword_rows(sequences.letters, sequences.letter_offsets)
    # The spelling of each token: by its id, or for an unknown one behind those of all ids.
    words = sequences.ids.astype(np.int64)
    words[sequences.unknown] = len(known_lengths) + np.arange(len(sequences.unknown))
    lengths = np.concatenate([known_lengths, unknown_lengths])
    starts = offsets_of(lengths)[:-1]
    return np.concatenate([known, unknown])[spans(starts[words], lengths[words])], lengths[words]


def _interleave(groups, n_documents):
    """Return (rows, counts) of a list of (rows, owners), one per group, sorted by document and group.

    Rows of 0, which are features that are not in the vocabulary, are left out.
    """
    groups = [(rows[rows > 0], owners[rows > 0]) for rows, owners in groups]
    counts = np.stack([np.bincount(owners, minlength=n_documents) for _, owners in groups], axis=1)
    out = np.empty(counts.sum(), dtype=np.int32)
    starts = offsets_of(counts.ravel())[:-1].reshape(counts.shape)  # (D, G): where each group begins
    for (rows, _), start, count in zip(groups, starts.T, counts.T):
        out[spans(start, count)] = rows
    return out, counts.astype(np.int32)


def pooling_matrix(rows, counts, n_rows):
    """Return the sparse matrix that pools a table for some documents.

    Times the table it gives the pooled vectors of ``runtime.bag``.

    Parameters
    ----------
    rows, counts : ndarray
        As ``read_features`` returns them.
    n_rows : int
        Rows of the table.

    Returns
    -------
    matrix : csr_array of shape (n_documents, n_rows), float32
    """
    nonempty = np.maximum((counts > 0).sum(axis=1, keepdims=True), 1)
    scales = 1 / np.sqrt(np.maximum(counts, 1) * nonempty)
    weights = np.repeat(scales.ravel(), counts.ravel()).astype(np.float32)
    return scipy.sparse.csr_array((weights, rows, offsets_of(counts.sum(axis=1))), shape=(len(counts), n_rows))
