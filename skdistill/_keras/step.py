"""One joint training step of all networks, compiled.

Owns the variables of a training run and the graph that moves them. It must not
know epochs, validation or where the features came from.

The tables are the bulk of the parameters and a batch touches few of their rows.
So the rows are gathered once and only they are updated ("lazy" Adam: the moments of
other rows rest). The dense parameters of all networks lie in one flat vector, so
that their update is one short chain of operations.

A step is some hundred operations of a few microseconds. Two rules keep it fast, both
measured: what does not depend on the parameters is computed beforehand (``batches``,
``paces``); and no operation is so large that TensorFlow splits it over threads, which
costs more than it saves (hence a table each for values and moments, and no fused Adam).
"""

from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from ..objectives import joint_loss

# Kingma and Ba 2015 (Adam), algorithm 1, with Keras' epsilon.
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7


class Part(NamedTuple):
    """A network: columns ``start`` to ``start + body.units`` of a reader's table, and what is above."""

    reader: int
    start: int
    body: tuple


class Structure(NamedTuple):
    """All that the compiled graph depends on; anything else is data."""

    inputs: tuple  # of each reader
    parts: tuple  # the main network, then perhaps the auxiliary
    n_classes: int
    transfer: str

    def units(self, reader):
        """Columns of each network in a reader's table."""
        return [part.body.units for part in self.parts if part.reader == reader]

    @property
    def n_terms(self):
        """The numbers that a step measures: the loss and its terms."""
        return 1 + len(self.parts) * (1 if self.transfer == "none" else 2)


class JointStep:
    """The variables of the networks of one structure and the compiled step.

    A table's number of rows is left open, so that the same trace serves any
    vocabulary.
    """

    def __init__(self, structure):
        self.structure = structure
        widths = [sum(structure.units(reader)) for reader in range(len(structure.inputs))]
        self.tables = [Moved(tf.zeros((1, width)), [None, width]) for width in widths]
        size = sum(np.prod(shape, dtype=int) for part in structure.parts for shape in part.body.shapes.values())
        self.dense = Moved(tf.zeros(size), [size])
        # The networks' wiring is plain Python over the structure: nothing for AutoGraph but the loop.
        self.run = tf.function(self._run, input_signature=self._signature())

    def _signature(self):
        inputs, parts, n_classes, _ = self.structure
        return [
            tuple(own.signature for own in inputs),
            tf.TensorSpec([None, n_classes], tf.float32),
            tf.TensorSpec([None, 1], tf.float32),
            tf.TensorSpec([None, 5 + 2 * len(inputs)], tf.int32),
            tf.TensorSpec([None, 3], tf.float32),
            tf.TensorSpec([len(parts)], tf.float32),
            tf.TensorSpec([], tf.float32),
        ]

    def reset(self, tables, dense):
        """Start from given parameters with an optimizer that has seen nothing."""
        flat = np.concatenate([a.ravel() for arrays in dense for a in arrays])
        for moved, values in zip([*self.tables, self.dense], [*tables, flat]):
            moved.reset(values)

    def clear(self):
        """Let go of the tables."""
        for table in self.tables:
            table.reset(np.zeros((1, table.values.shape[1]), np.float32))

    def parameters(self):
        """(table columns, dense arrays) of each network, copied."""
        for part, arrays in zip(self.structure.parts, self._dense_arrays()):
            columns = self.tables[part.reader].values[:, part.start : part.start + part.body.units]
            yield columns.numpy(), [a.numpy() for a in arrays.values()]

    def _run(self, documents, targets, weights, cuts, paces, label_weights, temperature):
        """Move all networks by one pass over some rows.

        Parameters
        ----------
        documents : for each reader the arrays of its ``gather``
        targets : float tensor of shape (n_rows, n_classes)
        weights : float tensor of shape (n_rows, 1)
        cuts : int tensor of shape (n_batches, 5 + 2 * n_readers)
            Where each batch is and its seed, see ``batches.cut``.
        paces : float tensor of shape (n_batches, 3)
            Of each batch: the learning rate with the bias corrections of Adam, the
            weight of the transfer, and 1 / the number of rows.
        label_weights : float tensor of shape (n_networks,)
        temperature : float tensor

        Returns
        -------
        sums : tensor of shape (n_terms, 1)
            The weighted sum over the rows of the loss and of each of its terms.
        """
        inputs = self.structure.inputs
        sums = tf.zeros([self.structure.n_terms, 1])
        for i in tf.range(tf.shape(cuts)[0]):
            begin, size, seed, *spans = tf.split(tf.gather(cuts, i), [2, 2, 1] + [1] * 2 * len(inputs))
            spans = zip(spans[::2], spans[1::2])
            batch = [own.batch(arrays, span, begin, size) for own, arrays, span in zip(inputs, documents, spans)]
            labels = _documents(targets, begin, size), _documents(weights, begin, size)
            sums += self._move(batch, *labels, tf.unstack(tf.gather(paces, i)), label_weights, temperature, seed)
        return sums

    def _move(self, batch, targets, weights, pace, label_weights, temperature, seed):
        rate, transfer_weight, share = pace
        inputs, _, _, transfer = self.structure
        touched = [tf.unique(rows) for rows, *_ in batch]
        blocks = [tf.gather(table.values, rows) for table, (rows, _) in zip(self.tables, touched)]
        places = [places for _, places in touched]
        read = [own.forward(*arrays) for own, *arrays in zip(inputs, blocks, places, batch)]
        dense = self._dense_arrays()
        with tf.GradientTape() as tape:
            tape.watch([read, dense])
            logits = self._logits(read, dense, batch, seed)
        values, slopes = joint_loss(keras.ops, targets, logits, transfer, label_weights, transfer_weight, temperature)
        to_read, to_dense = tape.gradient(logits, [read, dense], output_gradients=slopes * (weights * share))
        self.dense.move(tf.concat([tf.reshape(g, [-1]) for arrays in to_dense for g in arrays.values()], 0), rate)
        for own, table, gradient, (rows, places), block, arrays in zip(
            inputs, self.tables, to_read, touched, blocks, batch
        ):
            table.move_rows(rows, block, own.backward(gradient, tf.size(rows), places, arrays), rate)
        return values @ weights

    def _logits(self, read, dense, batch, seed):
        """Logits of shape (n_networks, n_rows, n_classes)."""
        columns = [tf.split(x, self.structure.units(reader), axis=-1) for reader, x in enumerate(read)]
        logits = []
        for place, (part, arrays) in enumerate(zip(self.structure.parts, dense)):
            x, lengths = columns[part.reader].pop(0), batch[part.reader][-1]
            logits.append(part.body.logits(arrays, x, lengths, tf.concat([seed, [place]], 0)))
        return tf.stack(logits)

    def _dense_arrays(self):
        """The dense arrays of each network by name."""
        named = [part.body.shapes for part in self.structure.parts]
        shapes = [shape for shapes in named for shape in shapes.values()]
        pieces = tf.split(self.dense.values, [int(np.prod(shape)) for shape in shapes])
        pieces = iter([tf.reshape(piece, shape) for piece, shape in zip(pieces, shapes)])
        return [{name: next(pieces) for name in shapes} for shapes in named]


class Moved:
    """Parameters with the moments of Adam (Kingma and Ba 2015, algorithm 1)."""

    def __init__(self, values, shape):
        self.values, self.mean, self.square = (tf.Variable(values, shape=shape) for _ in range(3))

    def reset(self, values):
        """Start from given values; the optimizer has seen nothing."""
        self.values.assign(values)
        self.mean.assign(tf.zeros_like(values))
        self.square.assign(tf.zeros_like(values))

    def move(self, gradient, rate):
        """Move all values; the rate has the bias corrections."""
        mean, square, change = _adam(self.mean, self.square, gradient, rate)
        self.mean.assign(mean)
        self.square.assign(square)
        self.values.assign_sub(change)

    def move_rows(self, rows, values, gradient, rate):
        """Move some rows, each named once, from the values that they have."""
        mean, square, change = _adam(tf.gather(self.mean, rows), tf.gather(self.square, rows), gradient, rate)
        for variable, moved in zip((self.values, self.mean, self.square), (values - change, mean, square)):
            variable.scatter_update(tf.IndexedSlices(moved, rows))  # a third of the time of scatter_sub


def _adam(mean, square, gradient, rate):
    mean = mean + (1 - BETA_1) * (gradient - mean)
    square = square + (1 - BETA_2) * (tf.square(gradient) - square)
    return mean, square, rate * mean / (tf.sqrt(square) + EPSILON)


def _documents(table, begin, size):
    documents = tf.slice(table, begin, size)
    documents.set_shape([None, table.shape[1]])  # a slice forgets it
    return documents
