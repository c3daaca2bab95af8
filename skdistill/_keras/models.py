"""Networks as Keras models.

Owns how a described or trained network looks in Keras. It must not know training.
"""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from ..runtime.bag import BagPredictor
from ..runtime.keys import MULTIPLIER
from ..runtime.sequences import UNKNOWN


def build_head(units, hidden, n_classes):
    """Dense layers from a pooled vector to logits.

    Parameters
    ----------
    units : int
        Length of the pooled vector.
    hidden : tuple of int
        Widths of relu layers.
    n_classes : int

    Returns
    -------
    head : keras.Sequential
    """
    widths = [*hidden, n_classes]
    activations = ["relu"] * len(hidden) + [None]
    # Zeros: the caller brings the weights. Any random initializer, even an unused
    # one, would draw its seed from Python's global generator.
    layers = [
        keras.layers.Dense(width, activation, kernel_initializer="zeros")
        for width, activation in zip(widths, activations)
    ]
    return keras.Sequential([keras.Input((units,)), *layers])


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
        ids = ops.cast(ids, "int64")
        ids = ops.where(ids < self.sizes["n_tokens"], ids, UNKNOWN)
        # Padding to the right, so that neighbours in a document are neighbours here.
        positions = ops.arange(ops.shape(ids)[1])
        order = ops.argsort(positions + ops.shape(ids)[1] * ops.cast(ids == 0, "int32"), axis=1)
        ids = ops.take_along_axis(ids, order, axis=1)
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


def to_keras(trained):
    """A trained bag as a model from padded ids to logits.

    Parameters
    ----------
    trained : TrainedBag

    Returns
    -------
    model : keras.Model
        From int ids of shape (n_documents, n_positions), 0 padding and 1 unknown,
        to logits of shape (n_documents, n_classes).
    """
    vocabulary, layers = trained.vocabulary, trained.layers
    arranged = BagPredictor.from_trained(trained, fold=False)
    kernels = [kernel for kernel, _ in layers]
    n_tokens, n_ngrams = len(vocabulary.seen), len(vocabulary.ngram_index)
    pooling = BagPooling(n_tokens, n_ngrams, len(kernels[0]), vocabulary.ngrams, bool(vocabulary.subwords))
    keys = vocabulary.ngram_index.keys.view(np.int64)
    order = np.argsort(keys)
    pooling.set_weights([arranged.tokens, arranged.ngrams, keys[order], order + 1])
    head = build_head(len(kernels[0]), tuple(k.shape[1] for k in kernels[:-1]), kernels[-1].shape[1])
    head.set_weights([array for layer in layers for array in layer])
    inputs = keras.Input((None,), dtype="int32", name="ids")
    return keras.Model(inputs, head(pooling(inputs)))
