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
from ..runtime.sequences import CHUNK, document_bounds, offsets_of, spans
from ..runtime.spelling import spell
from ..runtime.vocabulary import runs_across_documents, subword_keys, token_symbols
from .buffers import Growing, is_on_disk, release, released_chunks

#: The largest number of n-grams and character n-grams, together, that a bag keeps.
MAX_FEATURES = 200_000
# The largest number of distinct keys that are counted at a time, which bounds the memory.
_MAX_COUNTED = 8_000_000
# Tokens whose n-grams are counted at a time. Their keys take 16 MB per array, and each time they are merged
# with all that were counted before.
_TOKENS_PER_COUNTING = 2_000_000
# Tokens whose features are read at a time: each has about ten, and several int64 arrays hold all of them.
# Twice as many take more memory, and longer per token.
_TOKENS_PER_READING = 500_000
# Features of the documents that are read at a time to count documents.
_FEATURES_PER_COUNTING = 4_000_000
_NOTHING = np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)


def learn_vocabulary(sequences, n_tokens, spellings, *, ngrams, subwords, max_features):
    """Return the vocabulary of some documents: their tokens, and their most frequent n-grams.

    Parameters
    ----------
    sequences : TokenSequences
    n_tokens : int
        One more than the largest id.
    spellings : list of str
        The text of the ids from 2 on; empty if documents are token ids.
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
    symbols = token_symbols(spellings) if spellings else None
    ngram, ngram_counts = _count_ngrams(sequences, symbols, ngrams)
    subword, subword_counts = _count_subwords(sequences, occurrences, spellings, subwords)
    counts = np.concatenate([ngram_counts, subword_counts])
    kept, kept_subwords = np.split(_most_frequent(counts, max_features), [len(ngram)])
    # Added up once more, for the case that runs of different lengths have the same key.
    kept_ngrams, _ = _add_up(ngram[kept], ngram_counts[kept])
    return BagVocabulary(
        ngrams,
        subwords,
        seen=occurrences > 0,
        spellings=list(spellings) if subwords else [],
        ngram_index=KeyIndex(kept_ngrams),
        subword_index=KeyIndex(subword[kept_subwords]),
        symbols=symbols,
    )


def count_tokens(sequences, n_tokens):
    """Return how often each token id occurs, of shape (n_tokens,), int64."""
    return sum(np.bincount(part.ids, minlength=n_tokens) for part in released_chunks(sequences))


def _most_frequent(counts, n):
    """Return a mask of the ``n`` largest counts, of equal ones the first."""
    if not 0 < n < len(counts):
        return np.full(len(counts), n > 0)
    smallest = np.partition(counts, -n)[-n]  # of those that are kept
    kept = counts > smallest
    kept[np.flatnonzero(counts == smallest)[: n - np.count_nonzero(kept)]] = True
    return kept


def _count_ngrams(sequences, symbols, longest):
    """Return the distinct keys of the runs of 2 to ``longest`` tokens, and how often each occurs.

    Both are sorted by key only among runs of the same length.
    """
    counted = [_NOTHING] * max(longest - 1, 1)
    for part in released_chunks(sequences, len(sequences), _TOKENS_PER_COUNTING):
        for n, keys in enumerate(ngram_keys(part.ids if symbols is None else symbols.take(part.ids), longest), 1):
            if n > 1:
                inside = np.delete(keys, runs_across_documents(part.offsets, n))
                counted[n - 2] = _merge(counted[n - 2], np.unique(inside, return_counts=True))
    return [np.concatenate(parts) for parts in zip(*counted)]


def _count_subwords(sequences, occurrences, spellings, sizes):
    """Return the distinct sorted keys of the words' character n-grams, and how often each occurs."""
    # The words of the vocabulary, as often as they occur; padding and unknown have no spelling.
    keys, owners = subword_keys(*spell(["", "", *spellings]), sizes)
    occur = occurrences[owners] > 0
    counted = _add_up(keys[occur], occurrences[owners[occur]])
    # An unknown word is listed each time it occurs.
    for part in released_chunks(sequences, len(sequences), _TOKENS_PER_COUNTING):
        keys, _ = subword_keys(part.letters, part.letter_offsets, sizes)
        counted = _merge(counted, np.unique(keys, return_counts=True))
    return counted


def _add_up(keys, counts):
    """Return the distinct sorted keys, and the sum of the counts of each."""
    # A stable sort merges runs that are sorted already, in linear time.
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    firsts = np.append(True, keys[1:] != keys[:-1])[: len(keys)].nonzero()[0]
    return keys[firsts], np.add.reduceat(counts[order], firsts)


def _merge(some, others):
    """Return the distinct sorted keys of two pairs (keys, counts), and the sums of their counts."""
    if not len(some[0]) or not len(others[0]):
        return some if len(some[0]) else others
    keys, counts = _add_up(np.concatenate([some[0], others[0]]), np.concatenate([some[1], others[1]]))
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
    for part in released_chunks(sequences, CHUNK, _TOKENS_PER_READING):
        rows_of_part, counts_of_part = _features_of(vocabulary, part)
        rows.append(rows_of_part)
        counts.append(counts_of_part)
    return rows.whole(), counts.whole()


def _features_of(vocabulary, sequences):
    """Return (rows, counts) as ``read_features`` does, in memory."""
    offsets = sequences.offsets
    groups = [known(vocabulary.token_rows.take(sequences.ids), offsets, 0)]
    # The table has the tokens, then the n-grams, then the character n-grams. Rows of an index count
    # from 1; 0 stands for an n-gram that is not in it.
    first = len(vocabulary.seen) - 1
    groups += [known(rows, offsets, first) for rows in vocabulary.ngram_rows(sequences)]
    if vocabulary.subwords:
        first += len(vocabulary.ngram_index)
        rows, lengths = _token_subwords(vocabulary, sequences)
        groups.append((rows + first, np.diff(offsets_of(lengths)[offsets])))
    return interleave(groups)


def known(rows, offsets, first):
    """Return ``first`` plus each row above 0, and how many of these each document has."""
    is_known = rows > 0
    # There are fewer runs of n tokens than tokens: offsets may be past the end.
    counts = np.diff(offsets_of(is_known)[np.minimum(offsets, len(rows))])
    return rows[is_known] + first, counts


def _token_subwords(vocabulary, sequences):
    """Return the rows in ``subword_index`` of each token's character n-grams, and their number per token."""
    known, known_lengths = vocabulary.known_subwords
    unknown, unknown_lengths = vocabulary.subword_rows(sequences.letters, sequences.letter_offsets)
    # The spelling of each token: by its id, or for an unknown one behind those of all ids.
    words = sequences.ids.astype(np.int64)
    words[sequences.unknown] = len(known_lengths) + np.arange(len(sequences.unknown))
    lengths = np.concatenate([known_lengths, unknown_lengths])
    starts = offsets_of(lengths)[:-1]
    rows = np.concatenate([known, unknown]).astype(np.int32)
    lengths = lengths.take(words)
    return rows.take(spans(starts.take(words), lengths)), lengths


def interleave(groups):
    """Return (rows, counts) of all groups, document by document, from a list of (rows, counts) of each group."""
    counts = np.stack([counts for _, counts in groups], axis=1)  # (D, G)
    # (E,): the group of each feature. Within a group the features are in order already.
    owners = np.repeat(np.tile(np.arange(len(groups), dtype=np.int16), len(counts)), counts.ravel())
    out = np.empty(len(owners), dtype=np.int32)
    for group, (rows, _) in enumerate(groups):
        out[owners == group] = rows
    return out, counts.astype(np.int32)


def document_frequencies(rows, counts, n_rows):
    """Return in how many documents each feature occurs, up to 65,535.

    Parameters
    ----------
    rows, counts : ndarray
        As ``read_features`` returns them.
    n_rows : int
        Rows of the table.

    Returns
    -------
    frequencies : ndarray of shape (n_rows,), uint16
    """
    frequencies, offsets = np.zeros(n_rows, np.int64), offsets_of(counts.sum(axis=1))
    for start, stop in document_bounds(offsets, len(counts), _FEATURES_PER_COUNTING):
        first, last = offsets[start], offsets[stop]
        arrays = np.ones(last - first, np.int8), rows[first:last], offsets[start : stop + 1] - first
        # By columns the documents of each feature are in order: those that differ from the one before count.
        columns = scipy.sparse.csr_array(arrays, shape=(stop - start, n_rows)).tocsc()
        is_new = np.diff(columns.indices, prepend=-1) != 0
        begins = columns.indptr[:-1]
        is_new[begins[begins < len(is_new)]] = True
        frequencies += np.diff(offsets_of(is_new)[columns.indptr])
        release(rows)
    return np.minimum(frequencies, 2**16 - 1).astype(np.uint16)


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
