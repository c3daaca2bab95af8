"""A bidirectional gated recurrent network (GRU): its forward pass in numpy.

The unit of Cho et al. 2014 (Learning Phrase Representations using RNN Encoder-Decoder for
Statistical Machine Translation, section 2.3), in the variant whose reset gate multiplies
after the matrix product, as in cuDNN.

Conventions
-----------
The equations are those of ``keras.layers.GRU(units, reset_after=True)``, with the update
gate z, the reset gate r and the candidate c side by side in this order. With x a token's
vector, W the kernel, U the recurrent kernel, b the bias and h the state, at first zero::

    z = sigmoid(x @ W[z] + b[0, z] + h @ U[z] + b[1, z])
    r = sigmoid(x @ W[r] + b[0, r] + h @ U[r] + b[1, r])
    c = tanh(x @ W[c] + b[0, c] + r * (h @ U[c] + b[1, c]))
    h = z * h + (1 - z) * c

One GRU reads each document forward, another backward; the logits are a dense layer of both
final states. Padding is never read, and an empty document leaves both states zero.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .dense import dense_layers, layers_from_state, layers_of, weights_of
from .embedding import EmbeddingPredictor, embedding_of, seen_vectors
from .sequences import spans
from .state import array_of
from .summary import summarize_weights
from .vocabulary import seen_of

# OpenBLAS splits a matrix product over threads from about this number of multiplications on. If one
# of the threads then waits for a busy core, it takes a hundred times as long as the product itself.
# So only as many documents are read together as keep the products below.
_PRODUCT = 2**18
_DOCUMENTS = 256  # read together at most: bounds the memory
_HALF = np.array(0.5, dtype=np.float32)  # a 0-d array: numpy would convert a number in each operation


@dataclass(frozen=True, repr=False)
class TrainedGRU:
    """A trained recurrent network: the tokens it knows and its weights by name.

    Attributes
    ----------
    seen : ndarray of shape (n_tokens,), bool
        Whether each token id occurred in training; the others are read as unknown.
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

    def state(self):
        """Return no values, and arrays from which ``from_state`` makes the network again."""
        return {}, {"seen": self.seen, **self.weights}

    @classmethod
    def from_state(cls, values, arrays):
        """Return the network of a state, or raise a ValueError that says what is wrong with it."""
        seen = seen_of(arrays)
        weights = {"embedding": array_of(arrays, "embedding", np.float32, len(seen), None)}
        units = weights["embedding"].shape[1]
        for way in ("forward", "backward"):
            for name, size in (("kernel", units), ("recurrent_kernel", units), ("bias", 2)):
                weights[f"{way}_{name}"] = array_of(arrays, f"{way}_{name}", np.float32, size, 3 * units)
        return cls(seen, weights | weights_of(layers_from_state(arrays, 1, 2 * units, largest=1)))

    @cached_property
    def predictor(self):
        """The same network, rearranged for fast prediction."""
        return GRUPredictor.from_trained(self)

    def __getstate__(self):
        # Without the cached predictor: a pickle of a used network is as small as that of a new one.
        return {"seen": self.seen, "weights": self.weights}


@dataclass(frozen=True, repr=False)
class GRUPredictor(EmbeddingPredictor):
    """A trained recurrent network, rearranged for prediction.

    In all arrays the first axis, of size 3, holds z, r and the candidate, and the next, of
    size 2, the directions forward and backward. So both directions are computed by the same
    numpy calls, and the numbers that a call reads are contiguous in memory. The gates'
    weights and biases are halved, because sigmoid(a) = (1 + tanh(a / 2)) / 2: tanh cannot
    overflow, and z and r need no exp.

    Attributes
    ----------
    embedding : ndarray of shape (n_tokens, units), float32
        The vectors of ``seen_vectors``.
    kernel : ndarray of shape (3, 2, units, units), float32
    bias : ndarray of shape (3, 2, 1, units), float32
        b[0] + b[1] of the gates, b[0] of the candidate: all that does not depend on the state.
    recurrent : ndarray of shape (3, 2, units, units), float32
    candidate_bias : ndarray of shape (2, 1, units), float32
        b[1] of the candidate, which r multiplies.
    layers : list of (kernel, bias)
        The dense layers.
    """

    embedding: np.ndarray
    kernel: np.ndarray
    bias: np.ndarray
    recurrent: np.ndarray
    candidate_bias: np.ndarray
    layers: list

    @classmethod
    def from_trained(cls, trained):
        """Return the predictor of a trained network.

        Parameters
        ----------
        trained : TrainedGRU

        Returns
        -------
        predictor : GRUPredictor
        """
        weights = trained.weights
        units = weights["embedding"].shape[1]
        scale = np.float32([[0.5], [0.5], [1]])  # halves z and r
        # Of shape (2, n, 3, units) with n = units for the kernels and 2 for the bias; then the axes move.
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

    @classmethod
    def from_state(cls, values, arrays):
        """Return the predictor of a state, or raise a ValueError that says what is wrong with it."""
        embedding = embedding_of(arrays)
        units = embedding.shape[1]
        return cls(
            embedding,
            array_of(arrays, "kernel", np.float32, 3, 2, units, units),
            array_of(arrays, "bias", np.float32, 3, 2, 1, units),
            array_of(arrays, "recurrent", np.float32, 3, 2, units, units),
            array_of(arrays, "candidate_bias", np.float32, 2, 1, units),
            layers_from_state(arrays, 1, 2 * units, largest=1),  # tanh and sigmoid keep the states below 1
        )

    def logits(self, sequences):
        """Return the logits of documents.

        Parameters
        ----------
        sequences : TokenSequences

        Returns
        -------
        logits : ndarray of shape (n_documents, n_classes), float32
        """
        states = self._read_one(sequences.ids) if len(sequences) == 1 else self._read_all(sequences)
        return dense_layers(states, self.layers)

    def _read_one(self, ids):
        """Return both final states of a single document.

        Its inputs are one product over all tokens; ``_read`` has one product per step.

        Parameters
        ----------
        ids : ndarray of shape (n_tokens,)

        Returns
        -------
        states : ndarray of shape (1, 2 * units)
            Forward, then backward.
        """
        vectors = self.embedding.take(ids, axis=0)
        inputs = self._inputs(np.stack([vectors, vectors[::-1]]))  # (3, 2, n_tokens, units)
        states = np.zeros((2, 1, vectors.shape[1]), dtype=np.float32)
        for step_inputs in np.ascontiguousarray(inputs.transpose(2, 0, 1, 3))[..., None, :]:  # (3, 2, 1, units)
            self._step(step_inputs, states)
        return states.reshape(1, -1)

    def _read_all(self, sequences):
        """Return both final states of each document, of shape (n_documents, 2 * units).

        Documents of similar lengths are read together, so that few of them end early.
        """
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
        """Return both final states of some documents, which come longest first.

        At step t the documents with more than t tokens are read: always the first ones, in
        both directions, so that their states are a slice and nothing is padded.

        Parameters
        ----------
        ids : ndarray of shape (n_tokens_in_all_documents,)
        starts, lengths : ndarray of shape (n_documents,)

        Returns
        -------
        states : ndarray of shape (n_documents, 2 * units)
        """
        # For each step t the number of documents with more than t tokens.
        active = np.searchsorted(-lengths, -np.arange(lengths.max(initial=0)))
        tokens = ids[_reading_order(starts, lengths, active)]
        states = np.zeros((2, len(lengths), self.embedding.shape[1]), dtype=np.float32)
        end = 0
        for count in active.tolist():
            start, end = end, end + count
            inputs = self._inputs(self.embedding.take(tokens[:, start:end], axis=0))
            self._step(inputs, states[:, :count])
        return np.hstack(states)

    def _inputs(self, vectors):
        """Return ``vectors`` of shape (2, n, units) times the kernel plus the bias, of shape (3, 2, n, units)."""
        inputs = np.matmul(vectors, self.kernel)
        inputs += self.bias
        return inputs

    def _step(self, inputs, states):
        """Update the states in place by one token of each document.

        Every operation but the product writes into an existing array, which saves an
        allocation each.

        Parameters
        ----------
        inputs : ndarray of shape (3, 2, n_documents, units)
        states : ndarray of shape (2, n_documents, units)
        """
        inner = np.matmul(states, self.recurrent)  # h @ U, of shape (3, 2, n_documents, units)
        gates, candidate = inner[:2], inner[2]
        # z and r: the weights are halved already, and 0.5 * tanh(a / 2) + 0.5 is the sigmoid of a.
        gates += inputs[:2]
        np.tanh(gates, gates)
        gates *= _HALF
        gates += _HALF
        # c
        candidate += self.candidate_bias
        candidate *= gates[1]
        candidate += inputs[2]
        np.tanh(candidate, candidate)
        # z * h + (1 - z) * c = z * (h - c) + c
        states -= candidate
        states *= gates[0]
        states += candidate


def _reading_order(starts, lengths, active):
    """Return the places of the tokens in the order in which they are read, forward and backward.

    Parameters
    ----------
    starts, lengths : ndarray of shape (n_documents,)
        Longest first.
    active : ndarray of shape (n_steps,)
        Number of documents that are read at each step.

    Returns
    -------
    places : ndarray of shape (2, n_tokens)
        Step by step, and within a step document by document.
    """
    # With active = [3, 2] the steps are [0, 0, 0, 1, 1] and the documents [0, 1, 2, 0, 1].
    steps = np.repeat(np.arange(len(active)), active)
    documents = spans(np.zeros_like(active), active)
    return np.stack([starts[documents] + steps, (starts + lengths - 1)[documents] - steps])
