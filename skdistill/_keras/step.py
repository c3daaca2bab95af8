"""One joint training step of all networks, compiled.

Owns the variables of a training run and the graph that moves them. It must not
know epochs, validation or where the features came from.

The tables are the bulk of the parameters and a batch touches few of their rows.
So the rows are gathered once, with the moments of Adam beside them in the same
variable, and only they are updated ("lazy" Adam: the moments of other rows rest).
The dense parameters of all networks lie in one flat vector, so that their update
is one short chain of operations, however many there are.
"""

from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from ..objectives import joint_loss, joint_terms
from .models import build_head

# Kingma and Ba 2015 (Adam), algorithm 1, with Keras' epsilon.
_BETA_1, _BETA_2, _EPSILON = 0.9, 0.999, 1e-7


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


class Settings(NamedTuple):
    """The numbers that the graph takes as data. Weights are those of the loss."""

    auxiliary_weight: float
    transfer_weight: float
    temperature: float
    learning_rate: float
    total_steps: float  # the learning rate falls linearly to 0 over them; inf: constant
    ramp_steps: float  # the transfer weight rises linearly over them


class JointStep:
    """The variables of the networks of one structure and the compiled step.

    A table's number of rows is left open, so that the same trace serves any
    vocabulary.
    """

    def __init__(self, structure):
        self.structure = structure
        self.tables = [
            tf.Variable(np.zeros((1, 3 * structure.width(r)), np.float32), shape=[None, 3 * structure.width(r)])
            for r in range(len(structure.groups))
        ]
        self.heads = [build_head(part.units, part.hidden, structure.n_classes) for part in structure.parts]
        self.shapes = [[tuple(v.shape) for v in head.trainable_variables] for head in self.heads]
        size = sum(np.prod(shape, dtype=int) for shapes in self.shapes for shape in shapes)
        self.dense, self.mean, self.square = (tf.Variable(tf.zeros(size)) for _ in range(3))
        self.step = tf.Variable(0.0)
        vector, matrix = tf.TensorSpec([None], tf.int32), tf.TensorSpec([None, None], tf.float32)
        features = (vector, vector, tf.TensorSpec([None], tf.int64), matrix)
        # The networks' wiring is plain Python over the structure: nothing for AutoGraph but the loop.
        self.run = tf.function(
            self._run,
            input_signature=[
                tuple(features for _ in structure.groups),
                tf.TensorSpec([None, structure.n_classes], tf.float32),
                tf.TensorSpec([None], tf.float32),
                tf.TensorSpec([], tf.int64),
                Settings(*[tf.TensorSpec([], tf.float32)] * len(Settings._fields)),
            ],
        )

    def reset(self, tables, dense):
        """Start from given parameters with an optimizer that has seen nothing."""
        for variable, table in zip(self.tables, tables):
            variable.assign(tf.pad(table, [(0, 0), (0, 2 * table.shape[1])]))
        self.dense.assign(np.concatenate([a.ravel() for arrays in dense for a in arrays]))
        for variable in (self.mean, self.square, self.step):
            variable.assign(tf.zeros_like(variable))

    def clear(self):
        """Let go of the tables."""
        for variable in self.tables:
            variable.assign(np.zeros((1, variable.shape[1]), np.float32))

    def parameters(self):
        """(table columns, dense arrays) of each network, copied."""
        for part, arrays in zip(self.structure.parts, self._dense_arrays()):
            columns = self.tables[part.reader][:, part.start : part.start + part.units]
            yield columns.numpy(), [a.numpy() for a in arrays]

    def _run(self, features, targets, weights, batch_size, settings):
        """Move all networks by one pass over some rows.

        Parameters
        ----------
        features : for each reader (rows, segments, offsets, scales), see ``Reader.gather``
        targets : float tensor of shape (n_rows, n_classes)
        weights : float tensor of shape (n_rows,)
        batch_size : int tensor
        settings : Settings of float tensors

        Returns
        -------
        sums : tensor of shape (1 + n_terms,)
            The weighted sum over the rows of the loss and of each of its terms.
        """
        n_rows = tf.size(weights, tf.int64)
        sums = tf.zeros(5 if len(self.heads) == 2 else 2)
        for start in tf.range(0, n_rows, batch_size):
            stop = tf.minimum(start + batch_size, n_rows)
            batch = self._slice(features, start, stop)
            sums += self._move(batch, targets[start:stop], weights[start:stop], settings)
        return sums

    def _slice(self, features, start, stop):
        batch = []
        for (rows, segments, offsets, scales), groups in zip(features, self.structure.groups):
            first, last = offsets[start], offsets[stop]
            segments = segments[first:last] - tf.cast(start, tf.int32) * groups
            batch.append((rows[first:last], segments, tf.reshape(scales[start:stop], [-1, 1])))
        return batch

    def _move(self, batch, targets, weights, settings):
        self.step.assign_add(1.0)
        touched = [tf.unique(rows) for rows, _, _ in batch]
        blocks = [tf.gather(table, rows) for table, (rows, _) in zip(self.tables, touched)]
        pooled = [self._pool(r, blocks[r], touched[r].idx, batch[r]) for r in range(len(batch))]
        dense = self._dense_arrays()
        with tf.GradientTape() as tape:
            tape.watch([pooled, dense])
            terms = self._terms(pooled, dense, targets, settings)
            ramp = tf.minimum(self.step / settings.ramp_steps, 1.0)
            loss = joint_loss(terms, settings.auxiliary_weight, settings.transfer_weight * ramp)
            mean = tf.reduce_sum(weights * loss) / tf.cast(tf.size(weights), tf.float32)
        to_pooled, to_dense = tape.gradient(mean, [pooled, dense])
        rate = self._rate(settings)
        self._move_dense(to_dense, rate)
        for r, gradient in enumerate(to_pooled):
            self._move_rows(r, blocks[r], touched[r], batch[r], gradient, rate)
        return tf.linalg.matvec(tf.stack([loss, *terms.values()]), weights)

    def _pool(self, reader, block, places, features):
        _, segments, scales = features
        vectors = block[:, : self.structure.width(reader)]
        sums = tf.raw_ops.SparseSegmentSumWithNumSegments(
            data=vectors, indices=places, segment_ids=segments, num_segments=tf.size(scales)
        )
        return tf.reduce_sum(tf.reshape(sums * scales, [-1, self.structure.groups[reader], vectors.shape[1]]), 1)

    def _terms(self, pooled, dense, targets, settings):
        logits = []
        for part, head, arrays in zip(self.structure.parts, self.heads, dense):
            x = pooled[part.reader][:, part.start : part.start + part.units]
            logits.append(head.stateless_call(arrays, [], x)[0])
        main, auxiliary = logits if len(logits) == 2 else (logits[0], None)
        return joint_terms(keras.ops, targets, main, auxiliary, self.structure.transfer, settings.temperature)

    def _dense_arrays(self):
        shapes = [shape for shapes in self.shapes for shape in shapes]
        pieces = tf.split(self.dense, [int(np.prod(shape)) for shape in shapes])
        pieces = iter([tf.reshape(piece, shape) for piece, shape in zip(pieces, shapes)])
        return [[next(pieces) for _ in shapes] for shapes in self.shapes]

    def _rate(self, settings):
        # The bias corrections of both moments, Kingma and Ba 2015, end of section 2.
        correction = tf.sqrt(1 - _BETA_2**self.step) / (1 - _BETA_1**self.step)
        # The first step has the whole rate.
        decay = 1 - (self.step - 1) / settings.total_steps
        return settings.learning_rate * decay * correction

    def _move_dense(self, gradients, rate):
        gradient = tf.concat([tf.reshape(g, [-1]) for arrays in gradients for g in arrays], 0)
        mean, square = _moments(self.mean, self.square, gradient)
        self.mean.assign(mean)
        self.square.assign(square)
        self.dense.assign_sub(rate * mean / (tf.sqrt(square) + _EPSILON))

    def _move_rows(self, reader, block, touched, features, gradient, rate):
        _, segments, scales = features
        width, groups = self.structure.width(reader), self.structure.groups[reader]
        to_sums = tf.repeat(gradient, groups, axis=0) * scales
        gradient = tf.raw_ops.SparseSegmentSumGrad(
            grad=to_sums, indices=touched.idx, segment_ids=segments, output_dim0=tf.size(touched.y)
        )
        mean, square = _moments(block[:, width : 2 * width], block[:, 2 * width :], gradient)
        moved = block[:, :width] - rate * mean / (tf.sqrt(square) + _EPSILON)
        updated = tf.concat([moved, mean, square], 1)
        self.tables[reader].scatter_update(tf.IndexedSlices(updated, touched.y))


def _moments(mean, square, gradient):
    return (
        _BETA_1 * mean + (1 - _BETA_1) * gradient,
        _BETA_2 * square + (1 - _BETA_2) * tf.square(gradient),
    )
