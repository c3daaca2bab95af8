"""The networks above their tables: from what they read to logits.

Owns the graph of each kind and the names of its weights. It must not know tables,
optimizers or batches. What a trained network computes is written once more in numpy:
``runtime.bag``, ``runtime.cnn`` and ``runtime.gru``, where the equations are.

Conventions
-----------
A body is a value: equal bodies have equal graphs. ``shapes`` names its arrays in
order; ``logits`` takes them, what the network reads, how that lies in the documents (see
``inputs``) and a pair of integers that decides dropout. ``state`` holds what
else changes in training.
"""

from itertools import pairwise
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from ..networks import TextBag, TextCNN
from ..runtime import TrainedBag, TrainedCNN, TrainedGRU
from .convolution import strongest
from .custom import CustomBody
from .recurrence import last_states


class BagBody(NamedTuple):
    """Dense layers over a pooled vector."""

    units: int
    hidden: tuple
    n_classes: int
    state = ()

    @property
    def shapes(self):
        """Shapes of the arrays by name."""
        return _dense_shapes([self.units, *self.hidden, self.n_classes])

    def logits(self, arrays, x, layout, seed):
        """Logits of shape (n_documents, n_classes)."""
        return _dense(list(arrays.values()), x)

    def trained(self, reader, table, dense):
        """The network for prediction."""
        vocabulary = reader.vocabulary
        tokens, ngrams = len(vocabulary.seen), len(vocabulary.ngram_index)
        weights = {"tokens": table[:tokens], "ngrams": table[tokens : tokens + ngrams]}
        weights["subwords"] = table[tokens + ngrams :]
        return TrainedBag(vocabulary, weights | dict(zip(self.shapes, dense)))

    def parameters(self, trained):
        """The table and dense arrays of such a network: ``trained`` the other way."""
        table = np.vstack([trained.weights[name] for name in ("tokens", "ngrams", "subwords")])
        return table, [trained.weights[name] for name in self.shapes]


class CNNBody(NamedTuple):
    """Convolutions, their maximum over time, dropout, a dense layer."""

    units: int
    filters: int
    windows: tuple
    dropout: float
    n_classes: int
    state = ()

    @property
    def shapes(self):
        """Shapes of the arrays by name."""
        shapes = {}
        for size in self.windows:
            shapes |= {f"window_{size}": (size, self.units, self.filters), f"window_{size}_bias": (self.filters,)}
        return shapes | _dense_shapes([len(self.windows) * self.filters, self.n_classes])

    def logits(self, arrays, x, layout, seed):
        """Logits of shape (n_documents, n_classes)."""
        sizes = sorted(self.windows)
        values = strongest(x, [arrays[f"window_{size}"] for size in sizes], *layout)
        pooled = dict(zip(sizes, tf.split(values, len(sizes), 1)))
        pooled = [pooled[size] + arrays[f"window_{size}_bias"] for size in self.windows]
        pooled = tf.nn.relu(tf.concat(pooled, 1))  # the maximum comes first, as in ``runtime.cnn``
        return _dense([arrays["kernel_0"], arrays["bias_0"]], _drop(pooled, self.dropout, seed))

    def trained(self, reader, table, dense):
        """The network for prediction."""
        return TrainedCNN(reader.seen, self.windows, {"embedding": table} | dict(zip(self.shapes, dense)))

    def parameters(self, trained):
        """The table and dense arrays of such a network: ``trained`` the other way."""
        return trained.weights["embedding"], [trained.weights[name] for name in self.shapes]


class GRUBody(NamedTuple):
    """A recurrent network that reads both ways, dropout, a dense layer."""

    units: int
    dropout: float
    n_classes: int
    state = ()

    @property
    def shapes(self):
        """Shapes of the arrays by name."""
        units, shapes = self.units, {}
        for direction in ("forward", "backward"):
            shapes |= {f"{direction}_{name}": (units, 3 * units) for name in ("kernel", "recurrent_kernel")}
            shapes[f"{direction}_bias"] = (2, 3 * units)
        return shapes | _dense_shapes([2 * units, self.n_classes])

    def logits(self, arrays, x, layout, seed):
        """Logits of shape (n_documents, n_classes)."""
        states = tf.concat(tf.unstack(self._read(arrays, x, *layout)), 1)
        return _dense([arrays["kernel_0"], arrays["bias_0"]], _drop(states, self.dropout, seed))

    def _read(self, arrays, x, places, lengths):
        """The final states of shape (2, n_documents, units), both directions side by side."""
        kernel, recurrent, bias = (
            tf.stack([arrays[f"{way}_{name}"] for way in ("forward", "backward")])
            for name in ("kernel", "recurrent_kernel", "bias")
        )
        # Each distinct token is multiplied once, for each direction, and then laid where it is read; time first.
        products = tf.matmul(x, kernel) + bias[:, :1]
        backward = tf.reverse_sequence(places, lengths, seq_axis=1, batch_axis=0) + tf.shape(x)[0]
        rows = tf.transpose(tf.stack([places, backward]), [2, 0, 1])
        inputs = _vectors(tf.reshape(products, [-1, 3 * self.units]), rows)
        reading = tf.cast(tf.transpose(tf.sequence_mask(lengths, tf.shape(places)[1]))[:, None, :, None], tf.float32)
        return last_states(inputs, reading, recurrent, bias[:, 1:])

    def trained(self, reader, table, dense):
        """The network for prediction."""
        return TrainedGRU(reader.seen, {"embedding": table} | dict(zip(self.shapes, dense)))

    def parameters(self, trained):
        """The table and dense arrays of such a network: ``trained`` the other way."""
        return trained.weights["embedding"], [trained.weights[name] for name in self.shapes]


def body_of(network, n_classes):
    """The body of a described network."""
    if isinstance(network, CustomBody):
        return network
    if isinstance(network, TextBag):
        return BagBody(network.units, network.hidden, n_classes)
    if isinstance(network, TextCNN):
        return CNNBody(network.units, network.filters, network.windows, network.dropout, n_classes)
    return GRUBody(network.units, network.dropout, n_classes)


def body_of_trained(trained):
    """The body of a trained cnn or gru, without dropout."""
    units, n_classes = trained.weights["embedding"].shape[1], len(trained.weights["bias_0"])
    if isinstance(trained, TrainedCNN):
        filters = len(trained.weights[f"window_{trained.windows[0]}_bias"])
        return CNNBody(units, filters, trained.windows, 0.0, n_classes)
    return GRUBody(units, 0.0, n_classes)


@tf.custom_gradient
def _vectors(x, places):
    """The vectors at some places; their gradient is dense, for other networks may read the same."""

    def gradient(by_vectors):
        by_vectors = tf.reshape(by_vectors, [-1, x.shape[1]])
        return tf.math.unsorted_segment_sum(by_vectors, tf.reshape(places, [-1]), tf.shape(x)[0]), None

    return tf.gather(x, places), gradient


def _dense_shapes(widths):
    shapes = {}
    for i, (inner, outer) in enumerate(pairwise(widths)):
        shapes |= {f"kernel_{i}": (inner, outer), f"bias_{i}": (outer,)}
    return shapes


def _dense(arrays, x):
    layers = list(zip(arrays[::2], arrays[1::2]))
    for kernel, bias in layers[:-1]:
        x = keras.ops.relu(keras.ops.matmul(x, kernel) + bias)
    for kernel, bias in layers[-1:]:
        x = keras.ops.matmul(x, kernel) + bias
    return x


def _drop(x, rate, seed):
    if not rate:
        return x
    kept = tf.random.stateless_uniform(tf.shape(x), seed) >= rate
    return tf.where(kept, x / (1 - rate), 0.0)
