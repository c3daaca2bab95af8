"""What the compiled step reads: the features of each document.

Owns which networks read the same features, the token dropout and the scale of each
group. Numpy only; it must not know the step.
"""

from dataclasses import dataclass

import numpy as np

from ..runtime import BagVocabulary
from ..runtime.sequences import spans

# N-grams and character n-grams that a bag keeps.
MAX_FEATURES = 200_000


@dataclass(frozen=True)
class Reader:
    """The features of all training documents, for the networks that read the same ones.

    Attributes
    ----------
    vocabulary : BagVocabulary
    rows : ndarray of shape (n_features_in_all_documents,), int32
    counts : ndarray of shape (n_documents, n_groups), int32
        As ``BagVocabulary.group_rows`` gives them.
    dropout : float
        Share of the features left out.
    """

    vocabulary: BagVocabulary
    rows: np.ndarray
    counts: np.ndarray
    dropout: float

    @property
    def lengths(self):
        """Features of each document."""
        return self.counts.sum(axis=1)

    @property
    def n_groups(self):
        """Groups of features of a document."""
        return self.counts.shape[1]

    def gather(self, documents, batch_size, generator):
        """The features of some documents as the compiled step takes them.

        Returns
        -------
        rows, segments : ndarray of shape (n_features,), int32
            The row of each feature, and (document in its batch) * n_groups + group.
        scales : ndarray of shape (n_documents, n_groups), float32
            By what the sum of each group is multiplied.
        lengths : ndarray of shape (n_documents,)
            Features of each document.
        """
        lengths, counts = self.lengths, self.counts[documents]
        rows = self.rows[spans((np.cumsum(lengths) - lengths)[documents], lengths[documents])]
        places = np.repeat(np.arange(counts.size, dtype=np.int32), counts.ravel())
        kept = counts
        if self.dropout:
            keep = generator.random(len(rows), dtype=np.float32) >= self.dropout
            rows, places = rows[keep], places[keep]
            kept = np.bincount(places, minlength=counts.size).reshape(counts.shape)
        scales = 1 / np.sqrt(np.maximum(counts, 1))
        scales /= np.sqrt(np.maximum((kept * scales**2).sum(axis=1, keepdims=True), 1e-6))
        segments = places % np.int32(batch_size * counts.shape[1])
        return rows, segments, scales.astype(np.float32), kept.sum(axis=1)


def share_readers(networks, sequences, n_tokens, spellings):
    """Read the features of all networks; equal ones are read once.

    Networks with token dropout have a reader each, for each leaves out features of its
    own: what they teach each other is then worth more, as with the two masks of Liang et
    al. 2021, R-Drop: Regularized Dropout for Neural Networks, section 2.

    Parameters
    ----------
    networks : dict of str to TextBag
        By role.
    sequences : TokenSequences
    n_tokens : int
    spellings : list of str

    Returns
    -------
    readers : list of Reader
    reader_of : dict of str to int
        For each role the place of its reader.
    """
    learned, places, readers = {}, {}, []
    for role, network in networks.items():
        features = (network.ngrams, tuple(network.subwords))
        if features not in learned:
            ngrams, subwords = features
            vocabulary = BagVocabulary.learn(
                sequences, n_tokens, spellings, ngrams=ngrams, subwords=subwords, max_features=MAX_FEATURES
            )
            learned[features] = vocabulary, *vocabulary.group_rows(sequences)
        reading = (features, network.token_dropout, role if network.token_dropout else None)
        if reading not in places:
            places[reading] = len(readers)
            readers.append(Reader(*learned[features], network.token_dropout))
        places[role] = places[reading]
    return readers, {role: places[role] for role in networks}
