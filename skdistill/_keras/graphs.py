"""The graphs of the built-in networks: from what an input gives them to logits.

The equations are in ``runtime.bag``, ``runtime.cnn`` and ``runtime.gru``, which compute the
same in numpy; tests compare the logits. The methods of a graph are documented in
``kinds.TrainingGraph``.

Shapes
------
With B documents, L positions, V distinct tokens, U units, W window sizes, F filters of each
size and C classes::

    x        (B, U)        of a bag: pooled vectors; no layout
             (V + 1, U)    of a CNN or GRU: the vectors of the tokens, and zeros for the padding
    places   (B, L)        the row of x at each position; with the lengths (B,) the layout of these
    logits   (B, C)
"""

from dataclasses import dataclass
from itertools import pairwise

import keras
import numpy as np
import tensorflow as tf

from ..runtime import TrainedBag, TrainedCNN, TrainedGRU
from .convolution import max_over_time
from .gradients import register, with_gradient
from .recurrence import final_states


class _BuiltInGraph:
    """What the built-in graphs have in common: graphs with equal fields are equal, and have no state."""

    is_shared = True
    state = ()

    def set_state(self, state):
        """Do nothing, because there is no state."""

    def as_teacher(self):
        """Return the graph itself: a network that teaches keeps its dropout."""
        return self


@dataclass(frozen=True)
class BagGraph(_BuiltInGraph):
    """Dense layers over a pooled vector."""

    units: int
    hidden: tuple
    n_classes: int

    @classmethod
    def of_network(cls, network, n_classes):
        """Return the graph of a ``TextBag``."""
        return cls(network.units, network.hidden, n_classes)

    @property
    def shapes(self):
        """Shapes of the dense arrays by name."""
        return _dense_shapes([self.units, *self.hidden, self.n_classes])

    def logits(self, arrays, x, layout, seed):
        """Return logits of shape (B, C) of pooled vectors of shape (B, U)."""
        return _dense(list(arrays.values()), x)

    def trained(self, reader, table, dense):
        """Return the network for prediction."""
        vocabulary = reader.vocabulary
        tokens, ngrams = len(vocabulary.seen), len(vocabulary.ngram_index)
        tables = np.split(table, [tokens, tokens + ngrams])  # the rest is that of the character n-grams
        return TrainedBag(
            vocabulary, dict(zip(("tokens", "ngrams", "subwords"), tables)) | dict(zip(self.shapes, dense))
        )

    def parameters(self, trained):
        """Return the table and the dense arrays of a trained network: the inverse of ``trained``."""
        table = np.vstack([trained.weights[name] for name in ("tokens", "ngrams", "subwords")])
        return table, [trained.weights[name] for name in self.shapes]


@dataclass(frozen=True)
class CNNGraph(_BuiltInGraph):
    """Convolutions, their maximum over time, a relu, dropout and a dense layer (Kim 2014, section 2)."""

    units: int
    filters: int
    windows: tuple
    dropout: float
    n_classes: int

    @classmethod
    def of_network(cls, network, n_classes):
        """Return the graph of a ``TextCNN``."""
        return cls(network.units, network.filters, network.windows, network.dropout, n_classes)

    @property
    def shapes(self):
        """Shapes of the dense arrays by name."""
        shapes = {}
        for size in self.windows:
            shapes |= {f"window_{size}": (size, self.units, self.filters), f"window_{size}_bias": (self.filters,)}
        return shapes | _dense_shapes([len(self.windows) * self.filters, self.n_classes])

    def logits(self, arrays, x, layout, seed):
        """Return logits of shape (B, C) of vectors of shape (V + 1, U)."""
        sizes = sorted(self.windows)
        largest = max_over_time(x, [arrays[f"window_{size}"] for size in sizes], *layout)  # (B, W * F)
        pooled = dict(zip(sizes, tf.split(largest, len(sizes), 1)))  # (B, F) by size
        pooled = [pooled[size] + arrays[f"window_{size}_bias"] for size in self.windows]
        pooled = tf.nn.relu(tf.concat(pooled, 1))  # (B, W * F); the maximum comes first, as in ``runtime.cnn``
        return _dense([arrays["kernel_0"], arrays["bias_0"]], _drop(pooled, self.dropout, seed))

    def trained(self, reader, table, dense):
        """Return the network for prediction."""
        return TrainedCNN(reader.seen, self.windows, {"embedding": table} | dict(zip(self.shapes, dense)))

    def parameters(self, trained):
        """Return the table and the dense arrays of a trained network: the inverse of ``trained``."""
        return trained.weights["embedding"], [trained.weights[name] for name in self.shapes]


@dataclass(frozen=True)
class GRUGraph(_BuiltInGraph):
    """A bidirectional recurrent network, dropout and a dense layer."""

    units: int
    dropout: float
    n_classes: int

    @classmethod
    def of_network(cls, network, n_classes):
        """Return the graph of a ``TextGRU``."""
        return cls(network.units, network.dropout, n_classes)

    @property
    def shapes(self):
        """Shapes of the dense arrays by name."""
        units, shapes = self.units, {}
        for direction in ("forward", "backward"):
            shapes |= {f"{direction}_{name}": (units, 3 * units) for name in ("kernel", "recurrent_kernel")}
            shapes[f"{direction}_bias"] = (2, 3 * units)
        return shapes | _dense_shapes([2 * units, self.n_classes])

    def logits(self, arrays, x, layout, seed):
        """Return logits of shape (B, C) of vectors of shape (V + 1, U)."""
        states = tf.concat(tf.unstack(self._final_states(arrays, x, *layout)), 1)  # (B, 2U)
        return _dense([arrays["kernel_0"], arrays["bias_0"]], _drop(states, self.dropout, seed))

    def _final_states(self, arrays, x, places, lengths):
        """Return the final states, of shape (2, B, U): forward, then backward."""
        kernel, recurrent, bias = (
            tf.stack([arrays[f"{direction}_{name}"] for direction in ("forward", "backward")])
            for name in ("kernel", "recurrent_kernel", "bias")
        )  # (2, U, 3U), (2, U, 3U), (2, 2, 3U)
        # Each distinct token is multiplied once per direction; its product is then taken at each position.
        products = tf.matmul(x, kernel) + bias[:, :1]  # (2, V + 1, 3U)
        # In the flat products the rows of the backward direction follow those of the forward one. It
        # reads each document reversed.
        backward = tf.reverse_sequence(places, lengths, seq_axis=1, batch_axis=0) + tf.shape(x)[0]
        rows = tf.transpose(tf.stack([places, backward]), [2, 0, 1])  # (L, 2, B): time first
        inputs = _take_vectors(tf.reshape(products, [-1, 3 * self.units]), rows)  # (L, 2, B, 3U)
        mask = tf.sequence_mask(lengths, tf.shape(places)[1])  # (B, L)
        mask = tf.cast(tf.transpose(mask)[:, None, :, None], tf.float32)  # (L, 1, B, 1)
        return final_states(inputs, mask, recurrent, bias[:, 1:])

    def trained(self, reader, table, dense):
        """Return the network for prediction."""
        return TrainedGRU(reader.seen, {"embedding": table} | dict(zip(self.shapes, dense)))

    def parameters(self, trained):
        """Return the table and the dense arrays of a trained network: the inverse of ``trained``."""
        return trained.weights["embedding"], [trained.weights[name] for name in self.shapes]


def _take_vectors(x, places):
    """Take rows of ``x``, of shape (n, U), at places of any shape: (..., U)."""
    return with_gradient(_SUM_BY_PLACE, tf.gather(x, places), [x, places])


def _sum_by_place(by_vectors, x, places):
    """Return the gradient by ``x`` of ``_take_vectors``.

    It is a dense tensor, which the product that made ``x`` needs; that of ``tf.gather`` would be
    ``IndexedSlices``.
    """
    by_vectors = tf.reshape(by_vectors, [-1, x.shape[1]])
    return tf.math.unsorted_segment_sum(by_vectors, tf.reshape(places, [-1]), tf.shape(x)[0]), None


_SUM_BY_PLACE = register(_sum_by_place)


def _dense_shapes(widths):
    """Return the shapes of the dense layers by name, from the widths of input, hidden layers and output."""
    shapes = {}
    for i, (inner, outer) in enumerate(pairwise(widths)):
        shapes |= {f"kernel_{i}": (inner, outer), f"bias_{i}": (outer,)}
    return shapes


def _dense(arrays, x):
    """Apply dense layers with relu between them; ``arrays`` holds kernel, bias, kernel, bias, ..."""
    *hidden, (kernel, bias) = zip(arrays[::2], arrays[1::2])
    for inner_kernel, inner_bias in hidden:
        x = keras.ops.relu(keras.ops.matmul(x, inner_kernel) + inner_bias)
    return keras.ops.matmul(x, kernel) + bias


def _drop(x, rate, seed):
    """Apply dropout, which a pair of integers decides: equal seeds drop the same elements."""
    if not rate:
        return x
    kept = tf.random.stateless_uniform(tf.shape(x), seed) >= rate
    return tf.where(kept, x / (1 - rate), 0.0)
