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
from .models import build_head

# Kingma and Ba 2015 (Adam), algorithm 1, with Keras' epsilon.
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7


class Part(NamedTuple):
    """A network's place: columns ``start`` to ``start + units`` of a reader's table."""

    reader: int
    start: int
    units: int
    hidden: tuple


class Structure(NamedTuple):
    """All that the compiled graph depends on; anything else is data."""

    groups: tuple  # of each reader: how many groups of features
    parts: tuple  # the main network, then perhaps the auxiliary
    n_classes: int
    transfer: str

    def width(self, reader):
        """Columns of a reader's table."""
        return sum(part.units for part in self.parts if part.reader == reader)

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
        widths = [structure.width(reader) for reader in range(len(structure.groups))]
        self.tables = [Moved(tf.zeros((1, width)), [None, width]) for width in widths]
        self.heads = [build_head(part.units, part.hidden, structure.n_classes) for part in structure.parts]
        self.shapes = [[tuple(v.shape) for v in head.trainable_variables] for head in self.heads]
        size = sum(np.prod(shape, dtype=int) for shapes in self.shapes for shape in shapes)
        self.dense = Moved(tf.zeros(size), [size])
        # The networks' wiring is plain Python over the structure: nothing for AutoGraph but the loop.
        self.run = tf.function(self._run, input_signature=self._signature())

    def _signature(self):
        integers, floats = tf.TensorSpec([None], tf.int32), tf.TensorSpec([None, None], tf.float32)
        n_readers = len(self.structure.groups)
        return [
            ((integers, integers, floats),) * n_readers,
            tf.TensorSpec([None, self.structure.n_classes], tf.float32),
            tf.TensorSpec([None, 1], tf.float32),
            tf.TensorSpec([None, 4 + 2 * n_readers], tf.int32),
            tf.TensorSpec([None, 3], tf.float32),
            tf.TensorSpec([len(self.heads)], tf.float32),
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
            columns = self.tables[part.reader].values[:, part.start : part.start + part.units]
            yield columns.numpy(), [a.numpy() for a in arrays]

    def _run(self, features, targets, weights, cuts, paces, label_weights, temperature):
        """Move all networks by one pass over some rows.

        Parameters
        ----------
        features : for each reader (rows, segments, scales), see ``Reader.gather``
        targets : float tensor of shape (n_rows, n_classes)
        weights : float tensor of shape (n_rows, 1)
        cuts : int tensor of shape (n_batches, 4 + 2 * n_readers)
            Where each batch is, see ``batches.cut``.
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
        sums = tf.zeros([self.structure.n_terms, 1])
        for i in tf.range(tf.shape(cuts)[0]):
            begin, size, *spans = tf.split(tf.gather(cuts, i), [2, 2] + [1] * 2 * len(features))
            batch = [
                (tf.slice(rows, *span), tf.slice(segments, *span), tf.reshape(tf.slice(scales, begin, size), [-1, 1]))
                for (rows, segments, scales), span in zip(features, zip(spans[::2], spans[1::2]))
            ]
            labels = _documents(targets, begin, size), _documents(weights, begin, size)
            sums += self._move(batch, *labels, tf.unstack(tf.gather(paces, i)), label_weights, temperature)
        return sums

    def _move(self, batch, targets, weights, pace, label_weights, temperature):
        rate, transfer_weight, share = pace
        touched = [tf.unique(rows) for rows, _, _ in batch]
        blocks = [tf.gather(table.values, rows) for table, (rows, _) in zip(self.tables, touched)]
        pooled = [self._pool(r, blocks[r], touched[r].idx, batch[r]) for r in range(len(batch))]
        dense = self._dense_arrays()
        with tf.GradientTape() as tape:
            tape.watch([pooled, dense])
            logits = self._logits(pooled, dense)
        values, slopes = joint_loss(
            keras.ops, targets, logits, self.structure.transfer, label_weights, transfer_weight, temperature
        )
        to_pooled, to_dense = tape.gradient(logits, [pooled, dense], output_gradients=slopes * (weights * share))
        self.dense.move(tf.concat([tf.reshape(g, [-1]) for arrays in to_dense for g in arrays], 0), rate)
        for r, gradient in enumerate(to_pooled):
            self.tables[r].move_rows(touched[r].y, blocks[r], self._spread(r, touched[r], batch[r], gradient), rate)
        return values @ weights

    def _pool(self, reader, block, places, features):
        _, segments, scales = features
        groups, width = self.structure.groups[reader], self.structure.width(reader)
        sums = tf.raw_ops.SparseSegmentSumWithNumSegments(
            # The graph optimizer would sum the whole table's rows without gathering them, and
            # then copy the table for each update (SimplifyEmbeddingLookup): Snapshot bars it.
            data=tf.raw_ops.Snapshot(input=block),
            indices=places,
            segment_ids=segments,
            num_segments=tf.size(scales),
        )
        pooled = sums * scales
        return pooled if groups == 1 else tf.reduce_sum(tf.reshape(pooled, [-1, groups, width]), 1)

    def _logits(self, pooled, dense):
        """Logits of shape (n_networks, n_rows, n_classes)."""
        parts = self.structure.parts
        columns = [
            tf.split(x, [part.units for part in parts if part.reader == reader], axis=1)
            for reader, x in enumerate(pooled)
        ]
        vectors = [columns[part.reader].pop(0) for part in parts]
        heads = zip(self.heads, dense, vectors)
        return tf.stack([head.stateless_call(arrays, [], x)[0] for head, arrays, x in heads])

    def _dense_arrays(self):
        shapes = [shape for shapes in self.shapes for shape in shapes]
        pieces = tf.split(self.dense.values, [int(np.prod(shape)) for shape in shapes])
        pieces = iter([tf.reshape(piece, shape) for piece, shape in zip(pieces, shapes)])
        return [[next(pieces) for _ in shapes] for shapes in self.shapes]

    def _spread(self, reader, touched, features, gradient):
        """The gradient by the touched rows, from that by the pooled vectors."""
        _, segments, scales = features
        if self.structure.groups[reader] > 1:
            gradient = tf.repeat(gradient, self.structure.groups[reader], axis=0)
        return tf.raw_ops.SparseSegmentSumGrad(
            grad=gradient * scales, indices=touched.idx, segment_ids=segments, output_dim0=tf.size(touched.y)
        )


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
