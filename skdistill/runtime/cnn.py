"""Convolutions over the tokens and their maximum over time: the forward pass in numpy.

Owns what a trained convolutional network computes. It must not know how its weights
came about.

Conventions
-----------
A window begins at each token of a document and nowhere else; an empty document has
one window, at its position 0. Where a window reaches past the end of its document
it sees zero vectors. So a document shorter than a window still has one for each of
its tokens, and what a document gives depends neither on padding nor on its company.
With x[t] the vector at position t and a maximum over the t where a window begins::

    feature = relu(max over t of (sum over j of x[t + j] @ window[j]) + bias)

which is the maximum of the relus, for both keep the order.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from .dense import dense_layers, layers_of
from .embedding import seen_vectors
from .summary import summarize_network, summarize_weights

# Windows computed together: bounds the memory, also of a single long document, and fits
# into the processor's caches.
_PIECE = 2048


@dataclass(frozen=True, repr=False)
class TrainedCNN:
    """A trained convolutional network: the tokens it knows and its weights by name.

    Attributes
    ----------
    seen : ndarray of shape (n_tokens,), bool
        Which token ids occurred in training; the others are read as unknown.
    windows : tuple of int
        Tokens of each window, all different.
    weights : dict of ndarray
        ``"embedding"`` of shape (n_tokens, units); for each window w ``"window_{w}"``
        of shape (w, units, filters) and ``"window_{w}_bias"`` of shape (filters,);
        ``"kernel_0"`` of shape (n_windows * filters, n_classes), with the windows in
        the order of ``windows``, and ``"bias_0"``.
    """

    seen: np.ndarray
    windows: tuple
    weights: dict

    def __repr__(self):
        return summarize_weights(self, len(self.seen), "embedding")

    @cached_property
    def predictor(self):
        """The same network arranged for fast prediction."""
        return CNNPredictor.from_trained(self)

    def __getstate__(self):
        return {"seen": self.seen, "windows": self.windows, "weights": self.weights}


@dataclass(frozen=True, repr=False)
class CNNPredictor:
    """A trained convolutional network arranged for prediction.

    All windows are one window as long as the longest, whose kernel is zero where a
    shorter one has ended: one product for all of them.

    Attributes
    ----------
    embedding : ndarray of shape (n_tokens, units)
        As ``seen_vectors`` gives it.
    kernel : ndarray of shape (longest, units, n_windows * filters)
    bias : ndarray of shape (n_windows * filters,)
    layers : list of (kernel, bias)
        The dense layers.
    """

    embedding: np.ndarray
    kernel: np.ndarray
    bias: np.ndarray
    layers: list
    spelled = False  # the text of unknown tokens is not read

    @classmethod
    def from_trained(cls, trained):
        """Arrange the weights of a ``TrainedCNN``."""
        weights, longest = trained.weights, max(trained.windows)
        kernels = [
            np.pad(weights[f"window_{size}"], ((0, longest - size), (0, 0), (0, 0))) for size in trained.windows
        ]
        bias = np.concatenate([weights[f"window_{size}_bias"] for size in trained.windows])
        embedding = seen_vectors(weights["embedding"], trained.seen)
        return cls(embedding, np.concatenate(kernels, axis=2), bias, layers_of(weights))

    @property
    def n_tokens(self):
        """How many token ids there are."""
        return len(self.embedding)

    @property
    def n_units(self):
        """Columns of the embedding."""
        return self.embedding.shape[1]

    @property
    def n_classes(self):
        """How many logits there are."""
        return len(self.layers[-1][1])

    @property
    def nbytes(self):
        """Bytes of all arrays."""
        arrays = [self.embedding, self.kernel, self.bias, *(array for layer in self.layers for array in layer)]
        return sum(array.nbytes for array in arrays)

    def __repr__(self):
        return summarize_network(self, self.n_tokens, self.n_units, self.n_classes, self.nbytes)

    def logits(self, sequences):
        """Return logits of shape (n_documents, n_classes), float32."""
        alone = len(sequences) == 1 and 0 < len(sequences.ids) <= _PIECE
        pooled = self._pool_one(sequences.ids) if alone else self._pool(sequences)
        return dense_layers(np.maximum(pooled + self.bias, 0), self.layers)

    def _pool(self, sequences):
        """The largest value of each filter in each document.

        Returns
        -------
        pooled : ndarray of shape (n_documents, n_windows * filters)
        """
        lengths = np.diff(sequences.offsets)
        owners = np.repeat(np.arange(len(lengths)), lengths)
        pooled = np.full((len(lengths), len(self.bias)), -np.inf, dtype=np.float32)
        pooled[lengths == 0] = 0
        for start in range(0, len(owners), _PIECE):
            documents, firsts = np.unique(owners[start : start + _PIECE], return_index=True)
            places = np.arange(start, min(start + _PIECE, len(owners)))
            values = self._convolve(sequences.ids, places, sequences.offsets[owners[places] + 1])
            # ``np.maximum.reduceat`` takes several times as long, for it goes down the columns.
            for document, (first, end) in zip(documents.tolist(), pairwise([*firsts.tolist(), len(values)])):
                np.maximum(pooled[document], values[first:end].max(axis=0), out=pooled[document])
        return pooled

    def _pool_one(self, ids):
        """The same for one document that is not empty."""
        count = len(ids)
        return self._convolve(ids, np.arange(count), np.full(count, count)).max(axis=0, keepdims=True)

    def _convolve(self, ids, places, ends):
        """What the windows see that begin at some places.

        Parameters
        ----------
        ids : ndarray of shape (n_tokens_in_all_documents,)
        places, ends : ndarray of shape (n,)
            Where each window begins and where its document ends.

        Returns
        -------
        values : ndarray of shape (n, n_windows * filters)
        """
        longest, _, width = self.kernel.shape
        windows = places[:, None] + np.arange(longest)
        tokens = ids.take(windows, mode="clip") * (windows < ends[:, None])  # the padding's vector is zero
        return self.embedding.take(tokens, axis=0).reshape(len(places), -1) @ self.kernel.reshape(-1, width)
