"""Pooled word vectors as columns of a linear path: their weights and directions, from the training documents.

Each word weighs as much as its inverse document frequency, as in the scales of the other features
(``linear_paths``); words that training did not see weigh most. The vectors are centred at their mean
over the words of the training documents, and projected onto their leading principal directions, which
halves the time of the machines and costs no accuracy. At last they are divided so that the pooled
vectors of training documents have a mean squared norm of 1, as the scaled features have.
"""

import numpy as np

from ..runtime.pooled_vectors import PooledVectors
from ..text.embeddings import principal_directions

# Columns that are left of longer vectors.
_MOST_COLUMNS = 128


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
        With at most 128 columns. None if no word of these documents has a vector.
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
    if not occurrences.any():
        return None
    columns = found.columns - np.average(found.columns, axis=0, weights=occurrences)
    if columns.shape[1] > _MOST_COLUMNS:
        columns = columns @ principal_directions(columns[occurrences > 0], _MOST_COLUMNS)
    table = np.hstack([columns * idf[:, None], idf[:, None] ** 2])
    weighted = PooledVectors(found.index, found.token_rows, table.astype(np.float32))
    squared_norms = (weighted.pool(sequences) ** 2).sum(axis=1)
    norm = np.sqrt(np.average(squared_norms, weights=weights))
    return weighted.with_columns(weighted.columns / (norm or 1))
