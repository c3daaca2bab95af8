"""Trained networks as Keras models, from padded token ids to logits.

A model consists of Keras' own layers and operations, so that it loads wherever Keras is
installed. Only numbers that training may change are weights. All others, such as the keys of
the n-grams and which tokens are known, are constants in the model's configuration: no
optimizer, no ``trainable = True`` and no ``clone_model`` changes them. Row 0 of an embedding
and other rows without a meaning are multiplied by zero wherever they are read.

Every layer computes in float32, whatever the global settings are. Initializers are zeros,
because any other, even an unused one, would draw its seed from Python's global generator.
Symbolic tensors are compared with ``<``, ``>`` and ``<=`` only: ``==`` compares the objects.

Shapes
------
With B documents, L positions, U units, F filters, C classes, and P >= 1 positions of padding
that are added::

    ids       (B, L), then (B, L + P)   0 is padding, 1 unknown
    rows      (B, L + P)                in an embedding; 0 adds nothing
    vectors   (B, L + P, U)
    values    (B, L + P, F)             of the windows that begin at each position
    logits    (B, C)

The equations are in ``runtime.bag``, ``runtime.cnn`` and ``runtime.gru``, which compute the
same in numpy; tests compare the logits.
"""

import keras
import numpy as np
from keras import layers, ops

from ..runtime import TrainedBag, TrainedCNN, TrainedGRU
from ..runtime.bag import BagPredictor
from ..runtime.dense import layers_of
from ..runtime.keys import MULTIPLIER
from ..runtime.sequences import PADDING, UNKNOWN
from ..runtime.vocabulary import token_rows
from .custom_network import CustomNetwork

_LOWEST = float(np.finfo(np.float32).min)
# There are too few operations on uint64. Sums and products of int64 overflow to the same 64 bits
# (two's complement, modulo 2**64), so that the keys are those of ``runtime.keys``, read as signed integers.
_SIGNED_MULTIPLIER = int(MULTIPLIER) - 2**64


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
    name, logits_of = {
        TrainedBag: ("bag", _bag_logits),
        TrainedCNN: ("cnn", _cnn_logits),
        TrainedGRU: ("gru", _gru_logits),
    }[type(trained)]
    ids = keras.Input((None,), dtype="int32", name="ids")
    return keras.Model(ids, logits_of(trained, ids), name=name)


# Bag


def _bag_logits(trained, ids):
    tables, layers_of_bag = trained.with_path()
    pooled = _pooled(trained, tables["tokens"], ids)
    units = len(layers_of_bag[0][0])
    if trained.path is None:
        return _dense(pooled, layers_of_bag)
    vectors, scores = ops.split(pooled, [units], axis=1)
    logits = ops.add(_dense(vectors, layers_of_bag), scores)
    of_words = trained.path.scaled_vectors
    return logits if of_words is None else ops.add(logits, _pooled_vectors(of_words, ids))


def _pooled(trained, table, ids):
    """Return the pooled vectors, of shape (B, U), or (B, U + C) with a linear path."""
    vocabulary, width = trained.vocabulary, table.shape[1]
    predictor = BagPredictor.from_trained(trained, fold=False)
    ids = _tokens_first(ids, len(vocabulary.seen), n_padding=max(vocabulary.ngrams - 1, 1))
    rows = ops.take(vocabulary.token_rows, ids)
    # Of each group the number of features at each position, (B, L + P), and their vectors, (B, L + P, U).
    groups = [ops.minimum(rows, 1), _embedding("tokens", table)(rows)]
    if len(vocabulary.ngram_index):
        groups += _ngram_groups(ids, vocabulary, predictor.ngrams[:, :width])
    if vocabulary.subwords:  # the sum of a token's character n-grams is one vector, see ``BagPredictor``
        numbers = predictor.tokens[:, -1].astype(np.int32)
        embedding = _embedding("character_ngrams", predictor.tokens[:, width + 1 : -1])
        groups += [ops.take(numbers, ids), embedding(ids)]
    return _block("pooling", _pool, *groups)


def _pooled_vectors(vectors, ids):
    """Return what the word vectors of a linear path add to the logits, of shape (B, C)."""
    # Ids reach the words of the vocabulary alone. Row 0, that of no word, stays the first.
    kept, rows_of_ids = np.unique(np.append(0, vectors.token_rows), return_inverse=True)
    rows_of_ids = rows_of_ids[1:].astype(np.int32)
    rows = ops.take(rows_of_ids, ops.where(ids < len(rows_of_ids), ids, UNKNOWN))
    squared = ops.take(vectors.table[kept, -1], rows)  # (B, L), the squared weights
    embedded = _embedding("word_scores", vectors.columns[kept])(rows)  # (B, L, C)
    return _block("word_pooling", _pool_words, squared, embedded)


def _pool_words(squared, embedded):
    """Return the sum of each document's words over the root of the sum of their squared weights."""
    mask = ops.cast(squared > 0, "float32")
    total = ops.sum(squared, axis=1, keepdims=True)
    return ops.einsum("bl,blc->bc", mask, embedded) * ops.rsqrt(ops.maximum(total, 1.0))


def _ngram_groups(ids, vocabulary, table):
    """Return numbers and vectors of the n-grams that begin at each position, for n = 2, 3, ... in turn."""
    keys = vocabulary.ngram_index.keys.view(np.int64)
    lookup = layers.IntegerLookup(vocabulary=keys, name="ngram_rows")  # 1 + the place of a key, 0 for others
    embedding, groups = _embedding("ngrams", table), []
    symbols = ops.cast(ids, "int64")
    if vocabulary.symbols is not None:
        symbols = ops.take(vocabulary.symbols.view(np.int64), ids)
    for n in range(2, vocabulary.ngrams + 1):
        rows = lookup(_block(f"keys_of_{n}", _ngram_keys(n), ids, symbols))
        groups += [ops.minimum(rows, 1), embedding(rows)]
    return groups


def _ngram_keys(n):
    """Return the function from ids and their symbols to the keys of the runs of ``n`` tokens from each position on.

    The keys are those of ``runtime.keys.ngram_keys``, of shape (B, L + P). Where padding is in a run the key is
    0, which no n-gram has.
    """

    def keys_of(ids, symbols):
        keys = symbols * _SIGNED_MULTIPLIER
        for k in range(1, n):
            # The last n - 1 positions are padding: a run that goes round from the end to the start
            # begins with padding.
            keys = (keys + ops.roll(symbols, -k, axis=1)) * _SIGNED_MULTIPLIER
        last = ops.roll(ids, 1 - n, axis=1)
        return ops.where(ops.logical_and(ids > PADDING, last > PADDING), keys, 0)

    return keys_of


def _pool(*groups):
    """Return the pooled vectors, of shape (B, U), of numbers and vectors of each group in turn."""
    numbers, vectors = groups[::2], groups[1::2]
    counts = ops.stack([ops.cast(ops.sum(number, axis=1), "float32") for number in numbers], axis=1)  # (B, G)
    masks = [ops.cast(number > 0, "float32") for number in numbers]
    sums = [ops.einsum("bl,blu->bu", mask, vector) for mask, vector in zip(masks, vectors)]
    # pooled = sum over g of sums[g] / sqrt(counts[g] * G), with G the number of groups that are not empty.
    nonempty = ops.sum(ops.cast(counts > 0, "float32"), axis=1, keepdims=True)  # (B, 1)
    scales = ops.rsqrt(ops.maximum(counts * nonempty, 1.0))  # (B, G)
    return ops.einsum("bg,bgu->bu", scales, ops.stack(sums, axis=1))


# Networks that read tokens in order


def _cnn_logits(trained, ids):
    weights, ids = trained.weights, _tokens_first(ids, len(trained.seen))
    vectors, begins = _known_vectors(trained, ids), _block("begins", _begins, ids)
    largest = []
    for size in trained.windows:
        kernel, bias = weights[f"window_{size}"], weights[f"window_{size}_bias"]
        padded = ops.pad(vectors, [(0, 0), (0, size - 1), (0, 0)])
        convolution = layers.Conv1D(
            len(bias),
            size,
            data_format="channels_last",
            kernel_initializer="zeros",
            dtype="float32",
            name=f"window_{size}",
        )
        values = _apply(convolution, [kernel, bias], padded)
        largest.append(_block(f"max_over_time_{size}", _max_over_time, values, begins))
    return _dense(ops.relu(ops.concatenate(largest, axis=1)), layers_of(weights))  # of (B, W * F), with W windows


def _max_over_time(values, begins):
    """Return the largest value of each filter, of shape (B, F), among the windows that begin in a document."""
    return ops.max(ops.where(ops.expand_dims(begins, 2), values, _LOWEST), axis=1)


def _gru_logits(trained, ids):
    weights, ids = trained.weights, _tokens_first(ids, len(trained.seen))
    gru = layers.GRU(
        weights["embedding"].shape[1],
        kernel_initializer="zeros",
        recurrent_initializer="zeros",
        seed=0,  # that of dropout, which is 0: a seed of None is drawn from Python's global generator
        dtype="float32",
    )
    bidirectional = layers.Bidirectional(gru, dtype="float32", name="bidirectional")
    names = ("kernel", "recurrent_kernel", "bias")
    arrays = [weights[f"{direction}_{name}"] for direction in ("forward", "backward") for name in names]
    # cuDNN refuses a document that is masked entirely: one position of padding is read, and its states
    # dropped.
    mask = _block("begins", _begins, ids)
    states = _apply(bidirectional, arrays, _known_vectors(trained, ids), mask=mask)
    states = _block("final_states", _zero_without_tokens, states, ids)  # (B, 2 * U)
    return _dense(states, layers_of(weights))


def _zero_without_tokens(states, ids):
    """Return the states, and zeros for an empty document."""
    return states * ops.cast(ops.max(ids, axis=1, keepdims=True) > PADDING, "float32")


def _begins(ids):
    """Return whether a token is at each position, or it is the first position of an empty document."""
    return ops.logical_or(ids > PADDING, _positions(ids) <= 1)


def _known_vectors(trained, ids):
    """Return the vector at each position: zeros for padding, and for unknown tokens if training saw none."""
    rows = ops.take(token_rows(trained.seen), ids)
    vectors = _embedding("tokens", trained.weights["embedding"])(rows)
    return _block("known_tokens", _zero_at_row_0, vectors, rows)


def _zero_at_row_0(vectors, rows):
    """Return the vectors, with zeros for those of row 0."""
    return vectors * ops.expand_dims(ops.cast(rows > 0, "float32"), 2)


# All networks


def _tokens_first(ids, n_tokens, n_padding=1):
    """Return the ids with ``n_padding`` more positions and all padding behind the tokens.

    Padding may be in front or in between: tokens that follow each other are neighbours after this.
    Ids from ``n_tokens`` on become unknown.
    """

    def tokens_first(ids):
        ids = ops.pad(ops.where(ids < n_tokens, ids, UNKNOWN), [(0, 0), (0, n_padding)])
        positions = _positions(ids)
        order = ops.argsort(ops.where(ids > PADDING, positions, positions + 2**30), axis=1)
        return ops.take_along_axis(ids, order, axis=1)

    return _block("tokens_first", tokens_first, ids)


def _positions(ids):
    """Return 1, 2, ... for each document, in the shape of ``ids``."""
    return ops.cumsum(ops.clip(ids, 1, 1), axis=1)  # a saved ``ones_like`` of Keras 3.5 does not load in 3.15


def _dense(x, arrays):
    """Apply dense layers with relu between them; ``arrays`` are the (kernel, bias) of each."""
    for i, (kernel, bias) in enumerate(arrays, 1):
        name, activation = (f"hidden_{i}", "relu") if i < len(arrays) else ("logits", None)
        layer = layers.Dense(len(bias), activation, kernel_initializer="zeros", dtype="float32", name=name)
        x = _apply(layer, [kernel, bias], x)
    return x


def _embedding(name, table):
    """Return the layer from rows to the vectors of a table."""
    layer = layers.Embedding(*table.shape, embeddings_initializer="zeros", dtype="float32", name=name)
    layer.build(None)
    layer.set_weights([table])
    return layer


def _apply(layer, weights, *inputs, **named):
    """Return the outputs of a layer with these weights."""
    outputs = layer(*inputs, **named)
    layer.set_weights(weights)
    return outputs


def _block(name, function, *inputs):
    """Return the result of a function as a single layer of the model: a model without weights."""
    arguments = [keras.Input(x.shape[1:], dtype=x.dtype) for x in inputs]
    outputs = function(*arguments)
    if len(inputs) == 1:  # Keras warns of a list with a single tensor
        return keras.Model(arguments[0], outputs, name=name)(inputs[0])
    return keras.Model(arguments, outputs, name=name)(list(inputs))
