"""Trained networks as Keras models, from padded token ids to logits.

Shapes
------
With B documents, L positions, V token ids, N n-grams, U units, C classes, and R = max(L - n + 1, 0)
runs of n tokens::

    ids          (B, L)      0 is padding, 1 unknown
    tokens       (V, U + 1)  or (V, 2 * (U + 1)), as in ``runtime.bag.BagPredictor``: a token's
                             vector and 1; then the sum of its character n-grams and their number
    ngram_table  (N + 1, U + 1)  row 0 is zero; the vector of an n-gram and 1
    keys, rows   (N,)        int64: the sorted keys of the n-grams, and the row of each
    pooled       (B, U)
    logits       (B, C)

The last column of a table makes the sum over a group of features give their number, too.
"""

from dataclasses import asdict

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from ..runtime import TrainedBag
from ..runtime.bag import BagPredictor
from ..runtime.embedding import seen_vectors
from ..runtime.keys import MULTIPLIER
from ..runtime.sequences import UNKNOWN
from . import graphs
from .custom_network import CustomNetwork
from .kinds import graph_of_trained


@keras.saving.register_keras_serializable("skdistill")
class BagPooling(keras.layers.Layer):
    """A layer from padded token ids to the pooled vectors of a bag.

    The equations are those of ``runtime.bag``, and the tables those of ``BagPredictor``
    without a folded output layer. Ids do not spell an unknown token, so that it has no
    character n-grams here.

    Parameters
    ----------
    n_tokens, n_ngrams, units : int
        Sizes of the tables.
    ngrams : int
        The longest run of tokens that is a feature.
    subwords : bool
        Whether the table of tokens has the sums of their character n-grams.
    """

    def __init__(self, n_tokens, n_ngrams, units, ngrams, subwords, **kwargs):
        super().__init__(**kwargs)
        self.sizes = {"n_tokens": n_tokens, "n_ngrams": n_ngrams, "units": units}
        self.ngrams, self.subwords = ngrams, subwords
        width = units + 1
        zeros = {"initializer": "zeros"}
        self.tokens = self.add_weight(shape=(n_tokens, width * (1 + subwords)), name="tokens", **zeros)
        self.ngram_table = self.add_weight(shape=(n_ngrams + 1, width), name="ngrams", **zeros)
        integers = {"dtype": "int64", "trainable": False, **zeros}
        self.keys = self.add_weight(shape=(n_ngrams,), name="keys", **integers)
        self.rows = self.add_weight(shape=(n_ngrams,), name="rows", **integers)

    def get_config(self):
        """Return the constructor's arguments."""
        return {**super().get_config(), **self.sizes, "ngrams": self.ngrams, "subwords": self.subwords}

    def call(self, ids):
        """Return the pooled vectors, of shape (B, U), of ids of shape (B, L)."""
        ids = _move_padding_to_the_end(ids, self.sizes["n_tokens"])
        present = ids > 0  # (B, L)
        width = self.sizes["units"] + 1
        sums = ops.sum(ops.take(self.tokens, ids, axis=0), axis=1)  # (B, U + 1) or (B, 2 * (U + 1))
        groups = [sums[:, :width]]  # sums of each group and their counts: (B, U + 1) each
        longest = self.ngrams if self.sizes["n_ngrams"] else 1  # there is nothing to find where training saw no n-gram
        for n in range(2, longest + 1):
            groups.append(ops.sum(ops.take(self.ngram_table, self._ngram_rows(ids, present, n), axis=0), axis=1))
        if self.subwords:
            groups.append(sums[:, width:])
        # pooled = sum over g of sums[g] / sqrt(counts[g] * G), with G the number of groups that are not empty.
        counts = [group[:, -1:] for group in groups]  # (B, 1) each
        nonempty = ops.maximum(sum(ops.cast(count > 0, "float32") for count in counts), 1.0)  # (B, 1)
        scales = [ops.sqrt(ops.maximum(count, 1.0) * nonempty) for count in counts]
        return sum(group[:, :-1] / scale for group, scale in zip(groups, scales))

    def _ngram_rows(self, ids, present, n):
        """Return the rows of ``ngram_table`` of the runs of ``n`` tokens, of shape (B, R); 0 for unseen ones."""
        count = ops.maximum(ops.shape(ids)[1] - n + 1, 0)  # R
        # Horner's rule, as in ``runtime.keys.ngram_keys``.
        keys = ids[:, :count] * _SIGNED_MULTIPLIER
        for place in range(1, n):
            keys = (keys + ids[:, place : place + count]) * _SIGNED_MULTIPLIER
        # Not keras.ops.searchsorted, which before Keras 3.12 asks a variable for its length.
        places = tf.searchsorted(self.keys, ops.reshape(keys, [-1]))  # (B * R,)
        places = ops.reshape(ops.minimum(ops.cast(places, "int64"), self.sizes["n_ngrams"] - 1), ops.shape(keys))
        # The padding is at the end: a run has none if its last position has none.
        found = (ops.take(self.keys, places) == keys) & present[:, n - 1 : n - 1 + count]
        return ops.where(found, ops.take(self.rows, places), 0)


# TensorFlow has too few operations on uint64. Sums and products of int64 overflow to the same 64 bits
# (two's complement, modulo 2**64), so that the keys are those of ``runtime.keys``, read as signed integers.
# Only their order differs, see ``_bag_layers``.
_SIGNED_MULTIPLIER = int(MULTIPLIER) - 2**64


@keras.saving.register_keras_serializable("skdistill")
class TokenNetwork(keras.layers.Layer):
    """A layer from padded token ids to the logits of a network that reads tokens in order.

    It computes with the graph that trained the network.

    Parameters
    ----------
    kind : str
        Name of a class in ``graphs``.
    sizes : dict
        The fields of that class.
    n_tokens : int
        Rows of the embedding.
    """

    def __init__(self, kind, sizes, n_tokens, **kwargs):
        super().__init__(**kwargs)
        self.arguments = {"kind": kind, "sizes": sizes, "n_tokens": n_tokens}
        # A saved file has lists in place of tuples.
        sizes = {name: tuple(size) if isinstance(size, list) else size for name, size in sizes.items()}
        self.graph = getattr(graphs, kind)(**sizes)
        shapes = {"embedding": (n_tokens, self.graph.units), **self.graph.shapes}
        self.arrays = {name: self.add_weight(shape, "zeros", name=name) for name, shape in shapes.items()}

    def get_config(self):
        """Return the constructor's arguments."""
        return {**super().get_config(), **self.arguments}

    def call(self, ids):
        """Return the logits, of shape (B, C), of ids of shape (B, L)."""
        ids = _move_padding_to_the_end(ids, self.arguments["n_tokens"])
        embedding, *arrays = (ops.cast(array, "float32") for array in self.arrays.values())
        lengths = ops.sum(ops.cast(ids > 0, "int32"), axis=1)  # (B,)
        dense = dict(zip(self.graph.shapes, arrays))
        # The graph reads vectors and where each is (``inputs.TokenInput``): here a vector for each
        # position, without looking for equal tokens, and the zero vector that it expects last.
        vectors = ops.reshape(ops.take(embedding, ids, axis=0), [-1, self.graph.units])  # (B * L, U)
        places = tf.reshape(tf.range(tf.size(ids)), tf.shape(ids))  # (B, L)
        return self.graph.logits(dense, tf.pad(vectors, [(0, 1), (0, 0)]), (places, lengths), seed=None)


def to_keras(trained):
    """Return a trained network as a Keras model from padded ids to logits.

    Parameters
    ----------
    trained : TrainedBag, TrainedCNN, TrainedGRU or CustomNetwork

    Returns
    -------
    model : keras.Model
        From int32 ids of shape (n_documents, n_positions), where 0 is padding and 1 unknown,
        to logits of shape (n_documents, n_classes). That of a custom network is the model itself.
    """
    if isinstance(trained, CustomNetwork):
        return trained.model
    layers = _bag_layers(trained) if isinstance(trained, TrainedBag) else [_token_network(trained)]
    return keras.Sequential([keras.Input((None,), dtype="int32", name="ids"), *layers])


def _bag_layers(trained):
    """Return the layers of a bag: pooling, then the dense ones."""
    vocabulary, layers = trained.vocabulary, trained.layers
    predictor = BagPredictor.from_trained(trained, fold=False)
    n_tokens, n_ngrams = len(vocabulary.seen), len(vocabulary.ngram_index)
    pooling = BagPooling(n_tokens, n_ngrams, len(layers[0][0]), vocabulary.ngrams, bool(vocabulary.subwords))
    # The vocabulary has its keys sorted as unsigned integers, in the order of the table's rows from 1
    # on. Read as signed ones, those from 2**63 on are negative: they are sorted again, with their rows.
    keys = vocabulary.ngram_index.keys.view(np.int64)
    order = np.argsort(keys)
    pooling.set_weights([predictor.tokens, predictor.ngrams, keys[order], order + 1])
    return [pooling, *_dense_layers(layers)]


def _dense_layers(layers):
    """Yield a Keras layer for each (kernel, bias)."""
    activations = ["relu"] * (len(layers) - 1) + [None]
    for arrays, activation in zip(layers, activations):
        # Zeros: any random initializer, even an unused one, would draw its seed from
        # Python's global generator.
        layer = keras.layers.Dense(arrays[0].shape[1], activation, kernel_initializer="zeros")
        layer.build((None, len(arrays[0])))
        layer.set_weights(arrays)
        yield layer


def _token_network(trained):
    """Return the layer of a network that reads tokens in order."""
    graph = graph_of_trained(trained)
    sizes = {name: list(size) if isinstance(size, tuple) else size for name, size in asdict(graph).items()}
    network = TokenNetwork(type(graph).__name__, sizes, len(trained.seen))
    embedding = seen_vectors(trained.weights["embedding"], trained.seen)
    network.set_weights([embedding, *(trained.weights[name] for name in graph.shapes)])
    return network


def _move_padding_to_the_end(ids, n_tokens):
    """Return the ids as int64 with all padding behind the tokens; ids from ``n_tokens`` on become unknown.

    Padding may be in front or in between: tokens that follow each other are neighbours after this.
    """
    ids = ops.cast(ids, "int64")
    ids = ops.where(ids < n_tokens, ids, UNKNOWN)
    positions = ops.arange(ops.shape(ids)[1])
    # Sorted by position, padding L positions later.
    order = ops.argsort(positions + ops.shape(ids)[1] * ops.cast(ids == 0, "int32"), axis=1)
    return ops.take_along_axis(ids, order, axis=1)
