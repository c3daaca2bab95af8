"""A gated recurrent network that reads both ways: its forward pass in numpy.

Owns what a trained recurrent network computes. It must not know how its weights
came about.

Conventions
-----------
The equations are those of ``keras.layers.GRU(units, reset_after=True)``, with the
gates z, r and the candidate side by side in this order. With x a token's vector and
h the state, zeros at first::

    z = sigmoid(x @ W[z] + b[0, z] + h @ U[z] + b[1, z]), and r likewise
    c = tanh(x @ W[c] + b[0, c] + r * (h @ U[c] + b[1, c]))
    h = z * h + (1 - z) * c

One state has read a document forward, the other backward. Padding is never read,
so that an empty document leaves both at zero.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .dense import dense_layers, layers_of
from .embedding import seen_vectors
from .sequences import spans
from .summary import summarize_network, summarize_weights

# Multiplications from which on OpenBLAS splits a product over threads, where one that waits for a
# busy core takes a hundred times as long as the product. So few documents are read together.
_PRODUCT = 2**18
_DOCUMENTS = 256  # at most: bounds the memory
_HALF = np.array(0.5, dtype=np.float32)  # numpy takes an array at once, and a number first makes one


@dataclass(frozen=True, repr=False)
class TrainedGRU:
    """A trained recurrent network: the tokens it knows and its weights by name.

    Attributes
    ----------
    seen : ndarray of shape (n_tokens,), bool
        Which token ids occurred in training; the others are read as unknown.
    weights : dict of ndarray
        ``"embedding"`` of shape (n_tokens, units); ``"forward_kernel"`` and
        ``"forward_recurrent_kernel"`` of shape (units, 3 * units) and
        ``"forward_bias"`` of shape (2, 3 * units), ``"backward_..."`` likewise;
        ``"kernel_0"`` of shape (2 * units, n_classes), forward first, and
        ``"bias_0"``.
    """

    seen: np.ndarray
    weights: dict

    def __repr__(self):
        return summarize_weights(self, len(self.seen), "embedding")

    @cached_property
    def predictor(self):
        """The same network arranged for fast prediction."""
        return GRUPredictor.from_trained(self)

    def __getstate__(self):
        return {"seen": self.seen, "weights": self.weights}


@dataclass(frozen=True, repr=False)
class GRUPredictor:
    """A trained recurrent network arranged for prediction.

    Both directions go side by side, as one axis of size 2, and the gates z, r and the
    candidate come first, so that what one operation touches lies in one piece. The gates'
    weights and biases are halved, for sigmoid(a) = (1 + tanh(a / 2)) / 2, which cannot overflow.

    Attributes
    ----------
    embedding : ndarray of shape (n_tokens, units)
        As ``seen_vectors`` gives it.
    kernel : ndarray of shape (3, 2, units, units)
    bias : ndarray of shape (3, 2, 1, units)
        All that does not depend on the state.
    recurrent : ndarray of shape (3, 2, units, units)
    candidate_bias : ndarray of shape (2, 1, units)
        What the gate r multiplies.
    layers : list of (kernel, bias)
        The dense layers.
    """

    embedding: np.ndarray
    kernel: np.ndarray
    bias: np.ndarray
    recurrent: np.ndarray
    candidate_bias: np.ndarray
    layers: list
    spelled = False  # the text of unknown tokens is not read

    @classmethod
    def from_trained(cls, trained):
        """Arrange the weights of a ``TrainedGRU``."""
        weights = trained.weights
        units = weights["embedding"].shape[1]
        scale = np.float32([[0.5], [0.5], [1]])
        kernel, recurrent, bias = (
            np.stack([weights[f"{way}_{name}"] for way in ("forward", "backward")]).reshape(2, -1, 3, units) * scale
            for name in ("kernel", "recurrent_kernel", "bias")
        )
        kernel, recurrent, bias = (np.ascontiguousarray(x.transpose(2, 0, 1, 3)) for x in (kernel, recurrent, bias))
        candidate_bias = bias[2, :, 1:].copy()
        bias[2, :, 1] = 0
        return cls(
            embedding=seen_vectors(weights["embedding"], trained.seen),
            kernel=kernel,
            bias=bias.sum(axis=2, keepdims=True),
            recurrent=recurrent,
            candidate_bias=candidate_bias,
            layers=layers_of(weights),
        )

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
        arrays = [self.embedding, self.kernel, self.bias, self.recurrent, self.candidate_bias]
        arrays += [array for layer in self.layers for array in layer]
        return sum(array.nbytes for array in arrays)

    def __repr__(self):
        return summarize_network(self, self.n_tokens, self.n_units, self.n_classes, self.nbytes)

    def logits(self, sequences):
        """Return logits of shape (n_documents, n_classes), float32."""
        states = self._read_one(sequences.ids) if len(sequences) == 1 else self._read_all(sequences)
        return dense_layers(states, self.layers)

    def _read_one(self, ids):
        """Both final states of one document, side by side."""
        vectors = self.embedding.take(ids, axis=0)
        inputs = self._inputs(np.stack([vectors, vectors[::-1]]))
        states = np.zeros((2, 1, vectors.shape[1]), dtype=np.float32)
        for own in np.ascontiguousarray(inputs.transpose(2, 0, 1, 3))[..., None, :]:
            self._step(own, states)
        return states.reshape(1, -1)

    def _read_all(self, sequences):
        """The same for each document."""
        units = self.embedding.shape[1]
        lengths = np.diff(sequences.offsets)
        order = np.argsort(-lengths, kind="stable")
        states = np.empty((len(sequences), 2 * units), dtype=np.float32)
        size = min(max(_PRODUCT // units**2, 1), _DOCUMENTS)
        for start in range(0, len(order), size):
            documents = order[start : start + size]
            states[documents] = self._read(sequences.ids, sequences.offsets[documents], lengths[documents])
        return states

    def _read(self, ids, starts, lengths):
        """Both final states of some documents, longest first.

        The longer documents go on when the shorter have ended, so that those being
        read are always the first, and nothing is padded.

        Parameters
        ----------
        ids : ndarray of shape (n_tokens_in_all_documents,)
        starts, lengths : ndarray of shape (n_documents,)

        Returns
        -------
        states : ndarray of shape (n_documents, 2 * units)
        """
        active = np.searchsorted(-lengths, -np.arange(lengths.max(initial=0)))  # documents with more than t tokens
        tokens = ids[_reading_order(starts, lengths, active)]
        states = np.zeros((2, len(lengths), self.embedding.shape[1]), dtype=np.float32)
        end = 0
        for count in active.tolist():
            start, end = end, end + count
            inputs = self._inputs(self.embedding.take(tokens[:, start:end], axis=0))
            self._step(inputs, states[:, :count])
        return np.hstack(states)

    def _inputs(self, vectors):
        """What the gates read, of shape (3, 2, n, units), from ``vectors`` of shape (2, n, units)."""
        inputs = np.matmul(vectors, self.kernel)
        inputs += self.bias
        return inputs

    def _step(self, inputs, states):
        """Move the states over a token; ``inputs`` of shape (3, 2, n_documents, units)."""
        inner = np.matmul(states, self.recurrent)
        gates, candidate = inner[:2], inner[2]
        gates += inputs[:2]
        np.tanh(gates, gates)
        gates *= _HALF
        gates += _HALF
        candidate += self.candidate_bias
        candidate *= gates[1]
        candidate += inputs[2]
        np.tanh(candidate, candidate)
        states -= candidate
        states *= gates[0]
        states += candidate


def _reading_order(starts, lengths, active):
    """The places of the tokens, step by step, forward and backward.

    Returns
    -------
    places : ndarray of shape (2, n_tokens)
    """
    steps = np.repeat(np.arange(len(active)), active)
    documents = spans(np.zeros_like(active), active)
    return np.stack([starts[documents] + steps, (starts + lengths - 1)[documents] - steps])
