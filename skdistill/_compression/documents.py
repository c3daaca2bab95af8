"""The features of texts by their keys, for training: the rows of each text, group by group.

Shapes
------
As in ``_training.features``, with D texts, E their features that have a row, and G groups::

    rows    (E,)     row of each feature, from 0 on: text by text, and in each text group by group
    counts  (D, G)   features of each group that a text has
"""

from typing import NamedTuple

import numpy as np
import scipy.sparse

from .._input.documents import document_batches
from .._training.features import interleave, known, pooling_matrix
from ..runtime.keys import ngram_keys
from ..runtime.segmentation import token_keys
from ..runtime.sequences import offsets_of, spans
from ..runtime.spelling import mark_ends
from ..runtime.vocabulary import runs_across_documents, subword_keys

# Texts that are read at a time, and about how many characters.
_BATCH, _BATCH_SIZE = 2048, 1_000_000


class Documents(NamedTuple):
    """The features of texts.

    Attributes
    ----------
    rows : ndarray of shape (E,), int32
    counts : ndarray of shape (D, G), int32
    n_rows : int
        Rows of the table.
    """

    rows: np.ndarray
    counts: np.ndarray
    n_rows: int

    def __len__(self):
        return len(self.counts)

    def matrix(self):
        """Return the sparse matrix of shape (D, n_rows) that pools a table, as ``runtime.bag`` does."""
        return pooling_matrix(self.rows, self.counts, self.n_rows)

    def matrix_with_dropout(self, dropout, generator):
        """Return ``matrix`` without features that are left out at random.

        The scales are those of training, ``_keras.readers.FeatureReader.gather``: a group of c features, k
        of which are kept, has the scale 1 / sqrt(c * S), where S is the sum of k / c over the groups.

        Parameters
        ----------
        dropout : float
            The probability that a feature is left out.
        generator : numpy.random.Generator
        """
        keep = generator.random(len(self.rows), dtype=np.float32) >= dropout
        places = np.repeat(np.arange(self.counts.size), self.counts.ravel())[keep]
        kept = np.bincount(places, minlength=self.counts.size).reshape(self.counts.shape)
        scales = 1 / np.sqrt(np.maximum(self.counts, 1))
        scales /= np.sqrt(np.maximum((kept * scales**2).sum(axis=1, keepdims=True), 1e-6))
        weights = scales.ravel()[places].astype(np.float32)
        arrays = weights, self.rows[keep], offsets_of(kept.sum(axis=1))
        return scipy.sparse.csr_array(arrays, shape=(len(self), self.n_rows))


def read_documents(reader, texts):
    """Return the features of texts that have a row.

    Parameters
    ----------
    reader : FeatureKeys
    texts : list of str

    Returns
    -------
    documents : Documents
    """
    bounds = document_batches(texts, _BATCH, _BATCH_SIZE)
    rows, counts = zip(*(_read_batch(reader, texts[start:stop]) for start, stop in bounds))
    return Documents(np.concatenate(rows), np.concatenate(counts), len(reader))


def _read_batch(reader, texts):
    """Return (rows, counts) of texts that are split together."""
    segments = reader.rule.split_all(texts)
    offsets = segments.offsets
    keys, firsts, words = np.unique(token_keys(segments), return_index=True, return_inverse=True)
    rows, symbols = reader.token_rows(keys)
    groups = [known(rows[words], offsets, -1)]
    for n, keys in enumerate(ngram_keys(symbols[words], reader.ngrams), 1):
        if n > 1:
            rows = reader.rows(keys, "ngrams")
            rows[runs_across_documents(offsets, n)] = 0
            groups.append(known(rows, offsets, -1))
    if reader.subwords:
        starts, ends = segments.starts[firsts], segments.ends[firsts]
        groups.append(_subwords(reader, mark_ends(segments.codes, starts, ends - starts), words, offsets))
    return interleave(groups)


def _subwords(reader, letters, words, offsets):
    """Return the rows of the character n-grams of each text, and how many a text has.

    Parameters
    ----------
    reader : FeatureKeys
    letters : tuple of ndarray
        The distinct words, as ``runtime.spelling.mark_ends`` returns them.
    words : ndarray of shape (n_tokens,), int
        Which of them each token is.
    offsets : ndarray of shape (n_texts + 1,), int64
    """
    keys, owners = subword_keys(*letters, reader.subwords)
    rows = reader.rows(keys, "subwords")
    order = np.argsort(owners, kind="stable")
    order = order[rows[order] > 0]
    rows, lengths = rows[order] - 1, np.bincount(owners[order], minlength=len(letters[1]) - 1)
    starts, lengths = offsets_of(lengths)[:-1].take(words), lengths.take(words)
    return rows.take(spans(starts, lengths)), np.diff(offsets_of(lengths)[offsets])
