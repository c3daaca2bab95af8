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
costs more than it saves (hence a table each for the values and moments of each
network, and no fused Adam).
"""

from functools import partial
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from ..objectives import Teaching, joint_loss
from .custom import CustomBody, teaching

# Kingma and Ba 2015 (Adam), algorithm 1, with Keras' epsilon.
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7
# Numbers from which on TensorFlow splits an operation on each of them over threads.
_SPLIT = 16_000


class Part(NamedTuple):
    """A network: the first ``body.units`` columns of a reader's table, and what is above."""

    reader: int
    body: tuple
    has_frozen: bool = False  # whether some numbers in its columns stay as they are

    def columns(self, table):
        """Its columns of what the whole reader gives."""
        return table if self.body.units == table.shape[-1] else table[..., : self.body.units]


class Structure(NamedTuple):
    """All that the compiled graphs depend on; anything else is data."""

    inputs: tuple  # of each reader
    parts: dict  # by role: the main network, then perhaps the auxiliary
    n_classes: int
    together: bool  # whether every pass moves all networks
    output: str  # what the logits mean, see ``objectives``
    taught: bool = False  # whether there is a teacher, or rows without labels

    def width(self, reader):
        """Columns of a reader's table."""
        return max(part.body.units for part in self.parts.values() if part.reader == reader)

    @property
    def row_widths(self):
        """Columns of the arrays that say what a row has to teach, see ``_run``."""
        return (self.n_classes, 1, self.n_classes, 3) if self.taught else (self.n_classes, 1)

    @property
    def is_shared(self):
        """Whether other fits may have the same graphs."""
        return not any(isinstance(part.body, CustomBody) for part in self.parts.values())

    def has_frozen(self, reader):
        """Whether some numbers in a reader's table stay as they are."""
        return any(part.has_frozen for part in self.parts.values() if part.reader == reader)

    def present(self, own):
        """The networks that a pass needs, by role: those that it moves, and who teaches them."""
        return self.parts if own.transfer != "none" else {role: self.parts[role] for role in own.learners}

    def readers(self, own):
        """The readers that a pass needs."""
        return sorted({part.reader for part in self.present(own).values()})


class JointStep:
    """The variables of the networks of one structure and the compiled passes.

    A table's number of rows is left open, so that the same trace serves any
    vocabulary.
    """

    def __init__(self, structure):
        self.structure = structure
        self.tables = [_table(structure, reader) for reader in range(len(structure.inputs))]
        # One vector for all that always move together: one short chain of operations.
        roles = list(structure.parts)
        self.dense = {together: _dense(structure, together) for together in _groups(structure.together, roles)}
        self._compiled = {}

    @property
    def n_traces(self):
        """Traces of all compiled passes."""
        return sum(run.experimental_get_tracing_count() for run in self._compiled.values())

    def run(self, own, *data):
        """Move the networks of a pass over some rows; see ``_run``."""
        if own not in self._compiled:
            # The networks' wiring is plain Python over the structure: nothing for AutoGraph but the loop.
            self._compiled[own] = tf.function(partial(self._run, own), input_signature=self._signature(own))
        return self._compiled[own](*data)

    def _signature(self, own):
        readers = self.structure.readers(own)
        return [
            tuple(self.structure.inputs[reader].signature for reader in readers),
            [tf.TensorSpec([None, width], tf.float32) for width in self.structure.row_widths],
            tf.TensorSpec([None, 5 + 2 * len(readers)], tf.int32),
            tf.TensorSpec([None, 3], tf.float32),
            tf.TensorSpec([2, len(self.structure.present(own))], tf.float32),
            tf.TensorSpec([], tf.float32),
        ]

    def reset(self, tables, dense, frozen):
        """Start from given parameters with an optimizer that has seen nothing."""
        for table, values, still in zip(self.tables, tables, frozen):
            table.reset(values, still)
        for roles, moved in self.dense.items():
            moved.reset(_flat([array for role in roles for array in dense[role]]))

    def restore(self, parameters):
        """Give networks that have tables of their own the values that ``parameters`` gave."""
        for role, (table, dense) in parameters.items():
            self.tables[self.structure.parts[role].reader].values.assign(table)
            body = self.structure.parts[role].body
            self.dense[role,].values.assign(_flat(dense[: len(body.shapes)]))
            if isinstance(body, CustomBody):
                body.carry(dense[len(body.shapes) :])

    def clear(self):
        """Let go of the tables."""
        for table in self.tables:
            nothing = np.zeros((1, table.values.shape[1]), np.float32)
            table.reset(nothing, nothing > 0)

    def parameters(self):
        """(table columns, dense arrays and what else changes) of each network by role, copied."""
        copied = {}
        for role, arrays in self._dense_arrays().items():
            part = self.structure.parts[role]
            table = part.columns(self.tables[part.reader].values).numpy()
            copied[role] = table, [*(a.numpy() for a in arrays.values()), *part.body.state]
        return copied

    def _run(self, own, documents, rows, cuts, paces, weights_of_networks, temperature):
        """Move the networks of a pass over some rows.

        Parameters
        ----------
        own : Pass
        documents : for each reader of the pass the arrays of its ``gather``
        rows : list of float tensors of shape (n_rows, ...)
            The targets, of as many columns as classes, and the weight. Where the networks
            are taught, also the teacher's logits, and three columns: by what the term of the
            labels is multiplied, whether there is an answer, and the teacher's share
            (``objectives.Teaching``).
        cuts : int tensor of shape (n_batches, 5 + 2 * n_readers)
            Where each batch is and its seed, see ``batches.cut``.
        paces : float tensor of shape (n_batches, 3)
            Of each batch: the learning rate with the bias corrections of Adam, the
            weight of the transfer, and 1 / the number of rows.
        weights_of_networks : float tensor of shape (2, n_present_networks)
            The weight of each network's own loss, and whether it learns.
        temperature : float tensor

        Returns
        -------
        sums : tensor of shape (n_terms, 1)
            The weighted sum over the rows of the loss and of each of its terms.
        """
        n_present = len(self.structure.present(own))
        inputs = [self.structure.inputs[reader] for reader in self.structure.readers(own)]
        sums = tf.zeros([1 + n_present * (1 + (own.transfer != "none") + self.structure.taught), 1])
        for i in tf.range(tf.shape(cuts)[0]):
            begin, size, seed, *spans = tf.split(tf.gather(cuts, i), [2, 2, 1] + [1] * 2 * len(inputs))
            spans = zip(spans[::2], spans[1::2])
            batch = [kind.batch(arrays, span, begin, size) for kind, arrays, span in zip(inputs, documents, spans)]
            own_rows = [_documents(array, begin, size) for array in rows]
            pace = tf.unstack(tf.gather(paces, i))
            sums += self._move(own, batch, own_rows, pace, tf.unstack(weights_of_networks), temperature, seed)
        return sums

    def _move(self, own, batch, rows, pace, weights_of_networks, temperature, seed):
        rate, transfer_weight, share = pace
        (label_weights, learning), (targets, weights, *answers) = weights_of_networks, rows
        sources = self._gather(own, batch)
        read = {reader: source.read for reader, source in sources.items()}
        dense = self._dense_arrays()
        learned = self._learned(own)
        with tf.GradientTape() as tape:
            tape.watch([read, dense])
            logits = self._logits(own, sources, dense, seed)
        weighting = label_weights, transfer_weight, temperature
        teaching = _teaching(*answers, learning) if answers else None
        values, slopes = joint_loss(
            keras.ops, targets, tf.stack(logits), own.transfer, *weighting, self.structure.output, teaching
        )
        watched = {reader: read[reader] for reader in learned}, {role: dense[role] for role in own.learners}
        moving = [place for place, role in enumerate(self.structure.present(own)) if role in own.learners]
        to_read, to_dense = tape.gradient(
            [logits[place] for place in moving],
            watched,
            output_gradients=[slopes[place] * (weights * share) for place in moving],
            # A custom network reads no table, and may have variables that it does not use.
            unconnected_gradients=tf.UnconnectedGradients.ZERO,
        )
        self._move_dense(to_dense, rate)
        for reader, gradient in to_read.items():
            sources[reader].move(self.tables[reader], gradient, rate)
        return values @ weights

    def _learned(self, own):
        """Readers whose tables a pass moves."""
        return sorted({self.structure.parts[role].reader for role in own.learners})

    def _gather(self, own, batch):
        readers = self.structure.readers(own)
        return {
            reader: Source(self.structure.inputs[reader], self.tables[reader], arrays)
            for reader, arrays in zip(readers, batch)
        }

    def _logits(self, own, sources, dense, seed):
        """Logits of each network of a pass, of shape (n_rows, n_classes)."""
        logits = []
        for place, (role, part) in enumerate(self.structure.present(own).items()):
            source = sources[part.reader]
            seeds = tf.concat([seed, [place]], 0)
            body = part.body if role in own.learners else teaching(part.body)
            logits.append(body.logits(dense[role], part.columns(source.read), source.layout, seeds))
        return logits

    def _dense_arrays(self):
        """The dense arrays of each network by role and name."""
        arrays = {}
        for roles, moved in self.dense.items():
            named = {role: self.structure.parts[role].body.shapes for role in roles}
            shapes = [shape for shapes in named.values() for shape in shapes.values()]
            pieces = tf.split(moved.values, [int(np.prod(shape)) for shape in shapes])
            pieces = iter([tf.reshape(piece, shape) for piece, shape in zip(pieces, shapes)])
            arrays |= {role: {name: next(pieces) for name in shapes} for role, shapes in named.items()}
        return arrays

    def _move_dense(self, gradients, rate):
        for roles, moved in self.dense.items():
            if set(roles) <= set(gradients):
                flat = [tf.reshape(g, [-1]) for role in roles for g in gradients[role].values()]
                moved.move(tf.concat(flat, 0), rate)


def _teaching(answers, columns, learning):
    return Teaching(answers, *tf.unstack(columns, axis=1), learning)


def _groups(together, roles):
    return [tuple(roles)] if together else [(role,) for role in roles]


def _table(structure, reader):
    width = structure.width(reader)
    return Moved(tf.zeros((1, width)), [None, width], structure.has_frozen(reader))


def _dense(structure, roles):
    size = sum(np.prod(shape, dtype=int) for role in roles for shape in structure.parts[role].body.shapes.values())
    return Moved(tf.zeros(size), [size])


def _flat(arrays):
    return np.concatenate([np.zeros(0, np.float32), *(array.ravel() for array in arrays)])


class Source:
    """What the networks of a reader read in a batch, and the rows that it came from."""

    def __init__(self, kind, table, batch):
        self.kind, self.batch = kind, batch
        self.rows, self.places = tf.unique(batch[0])
        self.block = tf.gather(table.values, self.rows)
        self.read, self.layout = kind.forward(self.block, self.places, batch)

    def move(self, table, gradient, rate):
        """Move the rows by the gradient of what was read."""
        gradient = self.kind.backward(gradient, tf.size(self.rows), self.places, self.batch)
        table.move_rows(self.rows, self.block, gradient, rate)


class Moved:
    """Parameters with the moments of Adam (Kingma and Ba 2015, algorithm 1).

    With ``has_frozen`` a mask lies beside them; without, the graph has no operation for it.
    """

    def __init__(self, values, shape, has_frozen=False):
        self.values, self.mean, self.square = (tf.Variable(values, shape=shape) for _ in range(3))
        self.frozen = tf.Variable(tf.zeros_like(values, tf.bool), shape=shape) if has_frozen else None

    def reset(self, values, frozen=None):
        """Start from given values; the optimizer has seen nothing."""
        if self.frozen is not None:
            self.frozen.assign(frozen)
        self.values.assign(values)
        self.mean.assign(tf.zeros_like(values))
        self.square.assign(tf.zeros_like(values))

    def move(self, gradient, rate):
        """Move all values; the rate has the bias corrections."""
        if self.values.shape[0] > _SPLIT:
            self._move_at_once(gradient, rate)
            return
        mean, square, change = _adam(self.mean, self.square, gradient, rate)
        self.mean.assign(mean)
        self.square.assign(square)
        self.values.assign_sub(change)

    def _move_at_once(self, gradient, rate):
        """The same in one operation over all threads, for vectors that would be split in any case."""
        tf.raw_ops.ResourceApplyAdam(
            **{"var": self.values.handle, "m": self.mean.handle, "v": self.square.handle},
            **{"beta1_power": 0.0, "beta2_power": 0.0, "lr": rate},  # the rate is corrected already
            **{"beta1": BETA_1, "beta2": BETA_2, "epsilon": EPSILON},
            grad=gradient,
        )

    def move_rows(self, rows, values, gradient, rate):
        """Move some rows, each named once, from the values that they have."""
        mean, square, change = _adam(tf.gather(self.mean, rows), tf.gather(self.square, rows), gradient, rate)
        if self.frozen is not None:
            change = tf.where(tf.gather(self.frozen, rows), 0.0, change)
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
