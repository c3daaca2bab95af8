"""Pooled word vectors as columns of a linear path: their weights and directions, from the training documents.

A word's weight is its inverse document frequency, as in the scales of the other features
(``linear_paths``); words that training did not see weigh most. The vectors are centred at their mean
over the words of the training documents, and projected onto their leading principal directions, which
halves the time of the machines and does not lower accuracy. Finally they are divided so that the pooled
vectors of training documents have a mean squared norm of 1, as the scaled features have.
"""

import numpy as np

from ..runtime.pooled_vectors import PooledVectors
from ..text.embeddings import principal_directions

#: Longer vectors are projected onto this many columns.
MOST_COLUMNS = 128
# What centring leaves of equal vectors, relative to their numbers, is rounding alone.
_ROUNDING = 1e-6


def learn_word_columns(words, spellings, sequences, weights):
    """Return the word vectors of a linear path, ready to be pooled.

    Parameters
    ----------
    words : Words
    spellings : list of str
        The tokens of the ids 2, 3, ...
    sequences : TokenSequences
        The training documents.
    weights : ndarray of shape (n_documents,)
        How much each counts.

    Returns
    -------
    vectors : PooledVectors or None
        With at most 128 columns. None if no word of these documents has a vector, or all have the same.
    """
    found = PooledVectors.of_words(words.words, words.vectors, spellings)
    rows = found.rows(sequences)
    documents = np.repeat(np.arange(len(sequences)), np.diff(sequences.offsets))
    n_rows = len(found.table)
    occurrences = np.bincount(rows, weights[documents], n_rows)
    # Each word once per document.
    once = np.unique(documents * n_rows + rows)
    frequencies = np.bincount(once % n_rows, weights[once // n_rows], n_rows)
    idf = 1 + np.log((1 + weights.sum(dtype=np.float64)) / (1 + frequencies))
    occurrences[0] = idf[0] = 0  # row 0 stands for words without a vector
    seen = occurrences > 0
    largest = np.abs(found.columns[seen]).max(initial=0)
    if not largest:
        return None
    columns = found.columns / largest  # no square overflows then
    columns -= np.average(columns[seen], axis=0, weights=occurrences[seen]).astype(np.float32)
    if columns.shape[1] > MOST_COLUMNS:
        columns = columns @ principal_directions(columns[seen], MOST_COLUMNS).astype(np.float32)
    table = np.hstack([columns * idf[:, None], idf[:, None] ** 2])
    weighted = PooledVectors(found.index, found.token_rows, table.astype(np.float32))
    squared_norms = (weighted.pool(sequences) ** 2).sum(axis=1)
    norm = np.sqrt(np.average(squared_norms, weights=weights))
    return weighted.with_columns(weighted.columns / norm) if norm > _ROUNDING else None
