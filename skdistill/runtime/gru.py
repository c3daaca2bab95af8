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
from .embedding import distinct, seen_vectors
from .sequences import spans

# Tokens of the documents read together: bounds the memory.
_BATCH = 16_384


@dataclass(frozen=True)
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

    @cached_property
    def predictor(self):
        """The same network arranged for fast prediction."""
        return GRUPredictor.from_trained(self)

    def __getstate__(self):
        return {"seen": self.seen, "weights": self.weights}


@dataclass(frozen=True)
class GRUPredictor:
    """A trained recurrent network arranged for prediction.

    Both directions go side by side, as one axis of size 2. The gates' weights and
    biases are halved, for sigmoid(a) = (1 + tanh(a / 2)) / 2, which cannot overflow.

    Attributes
    ----------
    embedding : ndarray of shape (n_tokens, units)
        As ``seen_vectors`` gives it.
    kernel : ndarray of shape (units, 2 * 3 * units)
    bias : ndarray of shape (2 * 3 * units,)
        All that does not depend on the state.
    recurrent : ndarray of shape (2, units, 3 * units)
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
        scale = np.repeat(np.float32([0.5, 0.5, 1]), units)
        kernel, recurrent, bias = (
            np.stack([weights[f"{direction}_{name}"] for direction in ("forward", "backward")]) * scale
            for name in ("kernel", "recurrent_kernel", "bias")
        )
        candidate_bias = bias[:, 1:, 2 * units :].copy()
        bias[:, 1, 2 * units :] = 0
        return cls(
            embedding=seen_vectors(weights["embedding"], trained.seen),
            kernel=np.hstack(kernel),
            bias=bias.sum(axis=1).ravel(),
            recurrent=recurrent,
            candidate_bias=candidate_bias,
            layers=layers_of(weights),
        )

    @property
    def n_tokens(self):
        """How many token ids there are."""
        return len(self.embedding)

    @property
    def nbytes(self):
        """Bytes of all arrays."""
        arrays = [self.embedding, self.kernel, self.bias, self.recurrent, self.candidate_bias]
        arrays += [array for layer in self.layers for array in layer]
        return sum(array.nbytes for array in arrays)

    def logits(self, sequences):
        """Logits of shape (n_documents, n_classes), float32."""
        lengths = np.diff(sequences.offsets)
        order = np.argsort(-lengths, kind="stable")
        states = np.empty((len(sequences), 2 * self.embedding.shape[1]), dtype=np.float32)
        for documents in _batches(order, lengths[order]):
            states[documents] = self._read(sequences.ids, sequences.offsets[documents], lengths[documents])
        return dense_layers(states, self.layers)

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
        units = self.embedding.shape[1]
        active = np.searchsorted(-lengths, -np.arange(lengths.max(initial=0)))  # documents with more than t tokens
        places = _reading_order(starts, lengths, active)
        tokens, rows = distinct(ids[places], len(self.embedding))
        inputs = (self.embedding[tokens] @ self.kernel + self.bias).reshape(-1, 3 * units)
        rows = 2 * rows + np.array([[0], [1]])
        states = np.zeros((2, len(lengths), units), dtype=np.float32)
        end = 0
        for count in active.tolist():
            start, end = end, end + count
            states[:, :count] = self._step(inputs.take(rows[:, start:end], axis=0), states[:, :count])
        return np.hstack(states)

    def _step(self, inputs, states):
        """The next states; ``inputs`` of shape (2, n_documents, 3 * units)."""
        units = states.shape[2]
        inner = states @ self.recurrent
        gates = np.tanh(inputs[..., : 2 * units] + inner[..., : 2 * units])
        gates *= 0.5
        gates += 0.5
        candidate = inner[..., 2 * units :]
        candidate += self.candidate_bias
        candidate *= gates[..., units:]
        candidate += inputs[..., 2 * units :]
        np.tanh(candidate, out=candidate)
        return candidate + gates[..., :units] * (states - candidate)


def _batches(order, lengths):
    """Cut documents, longest first, into batches of about ``_BATCH`` tokens."""
    batch = (np.cumsum(lengths) - lengths) // _BATCH
    return np.split(order, np.flatnonzero(np.diff(batch)) + 1)


def _reading_order(starts, lengths, active):
    """The places of the tokens, step by step, forward and backward.

    Returns
    -------
    places : ndarray of shape (2, n_tokens)
    """
    steps = np.repeat(np.arange(len(active)), active)
    documents = spans(np.zeros_like(active), active)
    return np.stack([starts[documents] + steps, (starts + lengths - 1)[documents] - steps])
