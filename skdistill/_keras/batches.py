"""What the compiled step reads: features in the order of an epoch.

Owns the order of rows, the token dropout and the scale of each group. Numpy only;
it must not know the step.
"""

from dataclasses import dataclass

import numpy as np

from ..runtime.sequences import offsets_of, spans

# Features in one call of the compiled step: well below a second, so that Ctrl-C is heard.
FEATURES_PER_CALL = 1_000_000


@dataclass(frozen=True)
class Reader:
    """The features of all training documents, for the networks that read the same ones.

    Attributes
    ----------
    rows : ndarray of shape (n_features_in_all_documents,), int32
    counts : ndarray of shape (n_documents, n_groups), int32
        As ``BagVocabulary.group_rows`` gives them.
    dropout : float
        Share of the features left out.
    """

    rows: np.ndarray
    counts: np.ndarray
    dropout: float

    @property
    def lengths(self):
        """Features of each document."""
        return self.counts.sum(axis=1)

    def gather(self, documents, generator):
        """The features of some documents as the compiled step takes them.

        Returns
        -------
        rows, segments : ndarray of shape (n_features,), int32
            The row of each feature, and document * n_groups + group.
        offsets : ndarray of shape (n_documents + 1,), int64
        scales : ndarray of shape (n_documents, n_groups), float32
            By what the sum of each group is multiplied.
        """
        lengths, counts = self.lengths, self.counts[documents]
        rows = self.rows[spans((np.cumsum(lengths) - lengths)[documents], lengths[documents])]
        segments = np.repeat(np.arange(counts.size, dtype=np.int32), counts.ravel())
        kept = counts
        if self.dropout:
            keep = generator.random(len(rows), dtype=np.float32) >= self.dropout
            rows, segments = rows[keep], segments[keep]
            kept = np.bincount(segments, minlength=counts.size).reshape(counts.shape)
        scales = 1 / np.sqrt(np.maximum(counts, 1))
        scales /= np.sqrt(np.maximum((kept * scales**2).sum(axis=1, keepdims=True), 1e-6))
        return rows, segments, offsets_of(kept.sum(axis=1)), scales.astype(np.float32)


def calls(order, lengths, batch_size):
    """Cut an epoch's order into pieces of whole batches with a bounded number of features."""
    n_batches = -(-len(order) // batch_size)
    batch_of = np.arange(len(order)) // batch_size
    features = np.bincount(batch_of, lengths[order], minlength=n_batches)
    call_of = (np.cumsum(features) - features) // FEATURES_PER_CALL
    ends = np.flatnonzero(np.diff(call_of)) + 1
    return np.split(order, ends * batch_size)
