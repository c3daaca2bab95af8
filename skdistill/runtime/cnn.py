"""Convolutions over the tokens and their maximum over time: the forward pass in numpy.

The network of Kim 2014 (Convolutional Neural Networks for Sentence Classification,
section 2), one vector per token.

Conventions
-----------
A window begins at each token of a document and nowhere else. Past the end of its document, it sees zero vectors. So
a document shorter than a window still has one window per token. An empty document has one window, of zero vectors
only. The features of a document depend neither on padding nor on the documents beside it.

With ``x[t]`` the vector at position t, ``window[j]`` of shape (units, filters) and a
maximum over the positions t at which a window begins::

    features = relu(max over t of (sum over j of x[t + j] @ window[j]) + bias)

Kim takes the maximum of the relus. It is the same, since adding the bias and the relu keep
the order of numbers; this way both are computed once per document.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from .archive import LARGEST
from .dense import dense_layers, layers_from_state, layers_of, weights_of
from .embedding import EmbeddingPredictor, embedding_of, seen_vectors
from .state import array_of, sizes_of
from .summary import summarize_weights
from .vocabulary import seen_of

# Number of windows that are computed together. It bounds the memory, also for a single long
# document, and the arrays of a piece fit into the processor's caches.
_PIECE = 2048


@dataclass(frozen=True, repr=False)
class TrainedCNN:
    """A trained convolutional network: the tokens it knows and its weights by name.

    Attributes
    ----------
    seen : ndarray of shape (n_tokens,), bool
        Whether each token id occurred in training; the others are read as unknown.
    windows : tuple of int
        Number of tokens of each window, all different.
    weights : dict of ndarray
        ``"embedding"`` of shape (n_tokens, units); for each size w ``"window_{w}"``
        of shape (w, units, filters) and ``"window_{w}_bias"`` of shape (filters,);
        ``"kernel_0"`` of shape (n_windows * filters, n_classes), with the windows in
        the order of ``windows``, and ``"bias_0"``.
    """

    seen: np.ndarray
    windows: tuple
    weights: dict

    def __repr__(self):
        return summarize_weights(self, len(self.seen), "embedding")

    def state(self):
        """Return plain values and arrays, from which ``from_state`` makes the network again."""
        return {"windows": list(self.windows)}, {"seen": self.seen, **self.weights}

    @classmethod
    def from_state(cls, values, arrays):
        """Return the network of a state, or raise a ValueError that says what is wrong with it."""
        seen, windows = seen_of(arrays), sizes_of(values, "windows")
        if not windows or len(set(windows)) < len(windows):
            raise ValueError(f"'windows' must hold different sizes. Got {list(windows)}")
        weights = {"embedding": array_of(arrays, "embedding", np.float32, len(seen), None)}
        units, filters = weights["embedding"].shape[1], None
        for size in windows:
            kernel = array_of(arrays, f"window_{size}", np.float32, size, units, filters)
            filters = kernel.shape[2]
            bias = array_of(arrays, f"window_{size}_bias", np.float32, filters)
            weights |= {f"window_{size}": kernel, f"window_{size}_bias": bias}
        layers = layers_from_state(arrays, 1, filters * len(windows), LARGEST**3)
        return cls(seen, windows, weights | weights_of(layers))

    @cached_property
    def predictor(self):
        """The same network, rearranged for fast prediction."""
        return CNNPredictor.from_trained(self)

    def __getstate__(self):
        # Without the cached predictor: a pickle of a used network is as small as that of a new one.
        return {"seen": self.seen, "windows": self.windows, "weights": self.weights}


@dataclass(frozen=True, repr=False)
class CNNPredictor(EmbeddingPredictor):
    """A trained convolutional network, rearranged for prediction.

    The kernels of all windows are one kernel for the longest window, with zeros past the end
    of the shorter ones: one large matrix product is faster than several small ones.

    Attributes
    ----------
    embedding : ndarray of shape (n_tokens, units), float32
        The vectors of ``seen_vectors``.
    kernel : ndarray of shape (longest, units, n_windows * filters), float32
    bias : ndarray of shape (n_windows * filters,), float32
    layers : list of (kernel, bias)
        The dense layers.
    """

    embedding: np.ndarray
    kernel: np.ndarray
    bias: np.ndarray
    layers: list

    @classmethod
    def from_trained(cls, trained):
        """Return the predictor of a trained network.

        Parameters
        ----------
        trained : TrainedCNN

        Returns
        -------
        predictor : CNNPredictor
        """
        weights, longest = trained.weights, max(trained.windows)
        kernels = [
            np.pad(weights[f"window_{size}"], ((0, longest - size), (0, 0), (0, 0))) for size in trained.windows
        ]
        bias = np.concatenate([weights[f"window_{size}_bias"] for size in trained.windows])
        embedding = seen_vectors(weights["embedding"], trained.seen)
        return cls(embedding, np.concatenate(kernels, axis=2), bias, layers_of(weights))

    @classmethod
    def from_state(cls, values, arrays):
        """Return the predictor of a state, or raise a ValueError that says what is wrong with it."""
        embedding = embedding_of(arrays)
        kernel = array_of(arrays, "kernel", np.float32, None, embedding.shape[1], None)
        if not len(kernel):
            raise ValueError("'kernel' must have a window of one token at least")
        bias = array_of(arrays, "bias", np.float32, kernel.shape[2])
        return cls(embedding, kernel, bias, layers_from_state(arrays, 1, len(bias), LARGEST**3))

    def logits(self, sequences):
        """Return the logits of documents.

        Parameters
        ----------
        sequences : TokenSequences

        Returns
        -------
        logits : ndarray of shape (n_documents, n_classes), float32
        """
        alone = len(sequences) == 1 and 0 < len(sequences.ids) <= _PIECE
        pooled = self._pool_one(sequences.ids) if alone else self._pool(sequences)
        return dense_layers(np.maximum(pooled + self.bias, 0), self.layers)

    def _pool(self, sequences):
        """Return the largest value of each filter in each document.

        Parameters
        ----------
        sequences : TokenSequences

        Returns
        -------
        pooled : ndarray of shape (n_documents, n_windows * filters)
            Before bias and relu.
        """
        lengths = np.diff(sequences.offsets)
        owners = np.repeat(np.arange(len(lengths)), lengths)  # the document of each token
        pooled = np.full((len(lengths), len(self.bias)), -np.inf, dtype=np.float32)
        pooled[lengths == 0] = 0  # the values of a window of zero vectors
        for start in range(0, len(owners), _PIECE):
            # A piece holds the ends of documents, whole ones and beginnings: a document that spans
            # several pieces has the maximum of its maxima.
            documents, firsts = np.unique(owners[start : start + _PIECE], return_index=True)
            places = np.arange(start, min(start + _PIECE, len(owners)))
            values = self._convolve(sequences.ids, places, sequences.offsets[owners[places] + 1])
            # ``np.maximum.reduceat`` takes several times as long, since it works column by column.
            for document, (first, end) in zip(documents.tolist(), pairwise([*firsts.tolist(), len(values)])):
                np.maximum(pooled[document], values[first:end].max(axis=0), out=pooled[document])
        return pooled

    def _pool_one(self, ids):
        """Return what ``_pool`` returns for the ids of a single document of 1 to ``_PIECE`` tokens."""
        count = len(ids)
        return self._convolve(ids, np.arange(count), np.full(count, count)).max(axis=0, keepdims=True)

    def _convolve(self, ids, places, ends):
        """Return the values of all filters for the windows that begin at some places.

        Parameters
        ----------
        ids : ndarray of shape (n_tokens_in_all_documents,)
        places, ends : ndarray of shape (n,)
            The place at which each window begins, and at which its document ends.

        Returns
        -------
        values : ndarray of shape (n, n_windows * filters)
        """
        longest, _, width = self.kernel.shape
        windows = places[:, None] + np.arange(longest)  # (n, longest)
        # Id 0, padding, has the zero vector. "clip" is for the places past the last document.
        tokens = ids.take(windows, mode="clip") * (windows < ends[:, None])
        # (n, longest * units) @ (longest * units, n_windows * filters): the sum over j as one product.
        return self.embedding.take(tokens, axis=0).reshape(len(places), -1) @ self.kernel.reshape(-1, width)
