"""Trained networks as Keras models."""

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
    """Padded token ids to the pooled vector of a bag.

    The tables are those of ``runtime.BagPredictor`` without a folded output layer;
    an unknown token has no spelling here, hence no character n-grams.

    Parameters
    ----------
    n_tokens, n_ngrams, units : int
        Sizes of the tables.
    ngrams : int
        The longest run of tokens that is a feature.
    subwords : bool
        Whether tokens carry the sum of their character n-grams.
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
        """The constructor's arguments."""
        return {**super().get_config(), **self.sizes, "ngrams": self.ngrams, "subwords": self.subwords}

    def call(self, ids):
        """Pool ids of shape (n_documents, n_positions) to (n_documents, units)."""
        ids = _to_the_left(ids, self.sizes["n_tokens"])
        present = ids > 0
        width = self.sizes["units"] + 1
        sums = ops.sum(ops.take(self.tokens, ids, axis=0), axis=1)
        groups = [sums[:, :width]]
        for n in range(2, self.ngrams + 1):
            groups.append(ops.sum(ops.take(self.ngram_table, self._ngram_rows(ids, present, n), axis=0), axis=1))
        if self.subwords:
            groups.append(sums[:, width:])
        counts = [group[:, -1:] for group in groups]
        nonempty = ops.maximum(sum(ops.cast(count > 0, "float32") for count in counts), 1.0)
        scales = [ops.sqrt(ops.maximum(count, 1.0) * nonempty) for count in counts]
        return sum(group[:, :-1] / scale for group, scale in zip(groups, scales))

    def _ngram_rows(self, ids, present, n):
        """Rows of ``ngram_table`` of the runs of ``n`` tokens, 0 for none."""
        count = ops.maximum(ops.shape(ids)[1] - n + 1, 0)
        keys = ids[:, :count] * _SIGNED_MULTIPLIER
        for place in range(1, n):
            keys = (keys + ids[:, place : place + count]) * _SIGNED_MULTIPLIER
        # Not that of Keras, which before 3.12 asks a variable for its length.
        places = tf.searchsorted(self.keys, ops.reshape(keys, [-1]))
        places = ops.reshape(ops.minimum(ops.cast(places, "int64"), self.sizes["n_ngrams"] - 1), ops.shape(keys))
        found = (ops.take(self.keys, places) == keys) & present[:, n - 1 : n - 1 + count]
        return ops.where(found, ops.take(self.rows, places), 0)


# The multiplier of ``runtime.keys`` as TensorFlow's integers have it: with a sign.
_SIGNED_MULTIPLIER = int(MULTIPLIER) - 2**64


@keras.saving.register_keras_serializable("skdistill")
class TokenNetwork(keras.layers.Layer):
    """Padded token ids to logits: a network that reads tokens in order, as it was trained.

    Parameters
    ----------
    kind : str
        Name of a class in ``graphs``.
    sizes : dict
        Its fields.
    n_tokens : int
        Rows of the embedding.
    """

    def __init__(self, kind, sizes, n_tokens, **kwargs):
        super().__init__(**kwargs)
        self.given = {"kind": kind, "sizes": sizes, "n_tokens": n_tokens}
        # Lists are what tuples have become in a saved file.
        sizes = {name: tuple(size) if isinstance(size, list) else size for name, size in sizes.items()}
        self.graph = getattr(graphs, kind)(**sizes)
        shapes = {"embedding": (n_tokens, self.graph.units), **self.graph.shapes}
        self.arrays = {name: self.add_weight(shape, "zeros", name=name) for name, shape in shapes.items()}

    def get_config(self):
        """The constructor's arguments."""
        return {**super().get_config(), **self.given}

    def call(self, ids):
        """From ids of shape (n_documents, n_positions) to (n_documents, n_classes)."""
        ids = _to_the_left(ids, self.given["n_tokens"])
        embedding, *arrays = (ops.cast(array, "float32") for array in self.arrays.values())
        lengths = ops.sum(ops.cast(ids > 0, "int32"), axis=1)
        dense = dict(zip(self.graph.shapes, arrays))
        vectors = ops.reshape(ops.take(embedding, ids, axis=0), [-1, self.graph.units])
        places = tf.reshape(tf.range(tf.size(ids)), tf.shape(ids))
        return self.graph.logits(dense, tf.pad(vectors, [(0, 1), (0, 0)]), (places, lengths), seed=None)


def to_keras(trained):
    """Return a trained network as a model from padded ids to logits.

    Parameters
    ----------
    trained : TrainedBag, TrainedCNN, TrainedGRU or CustomNetwork

    Returns
    -------
    model : keras.Model
        From int ids of shape (n_documents, n_positions), 0 padding and 1 unknown,
        to logits of shape (n_documents, n_classes).
    """
    if isinstance(trained, CustomNetwork):
        return trained.model
    layers = _bag_layers(trained) if isinstance(trained, TrainedBag) else [_token_network(trained)]
    return keras.Sequential([keras.Input((None,), dtype="int32", name="ids"), *layers])


def _bag_layers(trained):
    vocabulary, layers = trained.vocabulary, trained.layers
    arranged = BagPredictor.from_trained(trained, fold=False)
    n_tokens, n_ngrams = len(vocabulary.seen), len(vocabulary.ngram_index)
    pooling = BagPooling(n_tokens, n_ngrams, len(layers[0][0]), vocabulary.ngrams, bool(vocabulary.subwords))
    keys = vocabulary.ngram_index.keys.view(np.int64)
    order = np.argsort(keys)
    pooling.set_weights([arranged.tokens, arranged.ngrams, keys[order], order + 1])
    return [pooling, *_dense_layers(layers)]


def _dense_layers(layers):
    activations = ["relu"] * (len(layers) - 1) + [None]
    for arrays, activation in zip(layers, activations):
        # Zeros: any random initializer, even an unused one, would draw its seed from
        # Python's global generator.
        layer = keras.layers.Dense(arrays[0].shape[1], activation, kernel_initializer="zeros")
        layer.build((None, len(arrays[0])))
        layer.set_weights(arrays)
        yield layer


def _token_network(trained):
    graph = graph_of_trained(trained)
    sizes = {name: list(size) if isinstance(size, tuple) else size for name, size in asdict(graph).items()}
    network = TokenNetwork(type(graph).__name__, sizes, len(trained.seen))
    embedding = seen_vectors(trained.weights["embedding"], trained.seen)
    network.set_weights([embedding, *(trained.weights[name] for name in graph.shapes)])
    return network


def _to_the_left(ids, n_tokens):
    """Neighbours in a document become neighbours here; larger ids are unknown."""
    ids = ops.cast(ids, "int64")
    ids = ops.where(ids < n_tokens, ids, UNKNOWN)
    positions = ops.arange(ops.shape(ids)[1])
    order = ops.argsort(positions + ops.shape(ids)[1] * ops.cast(ids == 0, "int32"), axis=1)
    return ops.take_along_axis(ids, order, axis=1)
