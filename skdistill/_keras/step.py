"""One joint training step of all networks, compiled.

The tables are the bulk of the parameters and a batch touches few of their rows. So the
rows are gathered once and only they are updated. The dense parameters of all networks lie
in one flat vector, so that their update is one short chain of operations.

A step is some hundred operations of a few microseconds. Two rules keep it fast, both
measured: what does not depend on the parameters is computed beforehand (``batches``,
``rates``); and no operation is so large that TensorFlow splits it over threads, which
costs more than it saves (hence a table each for the values and moments of each
network, and no fused Adam).

Shapes
------
With B the rows of a batch, C the classes, N the networks of a pass, V the distinct table
rows that the batch touches and W the columns of a table::

    block       (V, W)      the touched rows, each once
    read        (B, W)      what a bag reads: pooled vectors; or
                (V + 1, W)  what a cnn or gru reads: the vectors of its tokens, and zeros
    logits      (B, C)      of each network; stacked (N, B, C)
    targets     (B, C)      and weights (B, 1)
    slopes      (N, B, C)   the gradient of the loss by the logits, in closed form
    values      (1 + n_terms, B)   the loss and its terms

Only the way from the parameters to the logits is differentiated by TensorFlow: the
gradient by the logits is written down in ``skdistill.objectives``.
"""

from functools import partial
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from .._training.batches import BatchBounds
from .._training.rates import Rates
from .._training.targets import RowArrays, TaughtRowArrays, TeachingFactors
from ..objectives import Teaching, joint_loss
from .adam import AdamVariable


class NetworkSlot(NamedTuple):
    """Where a network is: the first ``graph.units`` columns of a reader's table, and its graph."""

    reader: int
    graph: object
    has_frozen: bool = False  # whether some numbers in its columns stay as they are

    def columns_of(self, table):
        """Return the columns of the network; ``table`` has those of all networks of the reader."""
        return table if self.graph.units == table.shape[-1] else table[..., : self.graph.units]


class NetworkWeights(NamedTuple):
    """Of the networks of a pass, arrays of shape (n_networks,), float32.

    Attributes
    ----------
    label : array
        The weight of each network's own loss.
    learns : array
        1 for a network that the pass moves, 0 for one that only teaches.
    """

    label: object
    learns: object


class StepSignature(NamedTuple):
    """All that the compiled graphs depend on; anything else is data."""

    inputs: tuple  # for each reader
    slots: dict  # by role: the main network, then perhaps the auxiliary
    n_classes: int
    moves_together: bool  # whether every pass moves all networks
    out_activation: str
    is_taught: bool = False  # whether there is a teacher, or rows without label

    @property
    def is_shared(self):
        """Whether other fits may have the same graphs."""
        return all(slot.graph.is_shared for slot in self.slots.values())

    def width(self, reader):
        """Columns of a reader's table."""
        return max(slot.graph.units for slot in self.slots.values() if slot.reader == reader)

    def has_frozen(self, reader):
        """Whether some numbers in a reader's table stay as they are."""
        return any(slot.has_frozen for slot in self.slots.values() if slot.reader == reader)

    def networks_of(self, pass_):
        """The networks that a pass needs, by role: those that it moves, and those that teach them."""
        return self.slots if pass_.transfer != "none" else {role: self.slots[role] for role in pass_.learners}

    def readers_of(self, pass_):
        """The readers that a pass needs."""
        return sorted({slot.reader for slot in self.networks_of(pass_).values()})

    def terms_of(self, pass_):
        """Names of what a pass sums up, in the order of ``objectives.joint_loss``."""
        kinds = ["loss"] + ["transfer"] * (pass_.transfer != "none") + ["teacher_loss"] * self.is_taught
        return ["loss", *(f"{role}_{kind}" for kind in kinds for role in self.networks_of(pass_))]

    def tensors_of(self, pass_):
        """What the compiled pass takes, see ``JointStep.run``."""
        readers, n_networks = self.readers_of(pass_), len(self.networks_of(pass_))
        rows = {"targets": self.n_classes, "weights": 1}
        if self.is_taught:
            rows |= {"teacher_logits": self.n_classes, "factors": len(TeachingFactors._fields)}
        kind = TaughtRowArrays if self.is_taught else RowArrays
        return [
            tuple(self.inputs[reader].signature for reader in readers),
            kind(**{name: tf.TensorSpec([None, width], tf.float32) for name, width in rows.items()}),
            tf.TensorSpec([None, sum(BatchBounds.widths(len(readers)))], tf.int32),
            tf.TensorSpec([None, len(Rates._fields)], tf.float32),
            NetworkWeights(*[tf.TensorSpec([n_networks], tf.float32)] * 2),
            tf.TensorSpec([], tf.float32),
        ]


class JointStep:
    """The variables of the networks of one signature and the compiled passes.

    A table's number of rows is left open, so that the same trace serves any vocabulary.

    Parameters
    ----------
    signature : StepSignature
    """

    def __init__(self, signature):
        self.signature = signature
        self.tables = [
            AdamVariable(tf.zeros((1, width)), [None, width], signature.has_frozen(reader))
            for reader in range(len(signature.inputs))
            for width in [signature.width(reader)]
        ]
        # One flat vector for all networks that always move together.
        roles = list(signature.slots)
        groups = [tuple(roles)] if signature.moves_together else [(role,) for role in roles]
        self.dense = {group: _flat_variable(signature, group) for group in groups}
        self._compiled = {}

    @property
    def n_traces(self):
        """Traces of all compiled passes."""
        return sum(run.experimental_get_tracing_count() for run in self._compiled.values())

    # The parameters, from and to numpy.

    def reset(self, tables, dense, frozen):
        """Start from given parameters, with an optimizer that has seen nothing; see ``initial_parameters``."""
        for table, values, mask in zip(self.tables, tables, frozen):
            table.reset(values, mask)
        for roles, variable in self.dense.items():
            variable.reset(_flat([array for role in roles for array in dense[role]]))

    def parameters(self):
        """Return a copy of (table columns, dense arrays and what else changes) of each network by role."""
        copied = {}
        for role, arrays in self._dense_arrays().items():
            slot = self.signature.slots[role]
            table = slot.columns_of(self.tables[slot.reader].values).numpy()
            copied[role] = table, [*(array.numpy() for array in arrays.values()), *slot.graph.state]
        return copied

    def restore(self, parameters):
        """Give networks that have tables of their own the values that ``parameters`` gave."""
        for role, (table, dense) in parameters.items():
            slot = self.signature.slots[role]
            n_dense = len(slot.graph.shapes)
            self.tables[slot.reader].values.assign(table)
            self.dense[(role,)].values.assign(_flat(dense[:n_dense]))
            slot.graph.set_state(dense[n_dense:])

    def clear(self):
        """Let go of the tables."""
        for table in self.tables:
            nothing = np.zeros((1, table.values.shape[1]), np.float32)
            table.reset(nothing, nothing > 0)

    def _dense_arrays(self):
        """The dense arrays of each network by role and name, as pieces of the flat vectors."""
        arrays = {}
        for roles, variable in self.dense.items():
            named = {role: self.signature.slots[role].graph.shapes for role in roles}
            shapes = [shape for shapes in named.values() for shape in shapes.values()]
            pieces = tf.split(variable.values, [int(np.prod(shape)) for shape in shapes])
            pieces = iter([tf.reshape(piece, shape) for piece, shape in zip(pieces, shapes)])
            arrays |= {role: {name: next(pieces) for name in shapes} for role, shapes in named.items()}
        return arrays

    # The compiled passes.

    def run(self, pass_, *tensors):
        """Move the networks of a pass over some rows.

        Parameters
        ----------
        pass_ : Pass
        documents : tuple of FeatureArrays or TokenArrays
            For each reader of the pass what its ``gather`` returns.
        rows : RowArrays or TaughtRowArrays
        bounds : int tensor of shape (n_batches, 5 + 2 * n_readers)
            The ``BatchBounds`` of each batch.
        rates : float tensor of shape (n_batches, 3)
            The ``Rates`` of each batch.
        weights : NetworkWeights
        temperature : float tensor of shape ()

        Returns
        -------
        sums : tensor of shape (1 + n_terms, 1)
            The weighted sums over the rows that ``StepSignature.terms_of`` names.
        """
        if pass_ not in self._compiled:
            # The networks' wiring is plain Python over the signature: nothing for AutoGraph but the loop.
            tensors_of_pass = self.signature.tensors_of(pass_)
            self._compiled[pass_] = tf.function(partial(self._run, pass_), input_signature=tensors_of_pass)
        return self._compiled[pass_](*tensors)

    def _run(self, pass_, documents, rows, bounds, rates, weights, temperature):
        inputs = [self.signature.inputs[reader] for reader in self.signature.readers_of(pass_)]
        sums = tf.zeros([len(self.signature.terms_of(pass_)), 1])
        for i in tf.range(tf.shape(bounds)[0]):
            columns = tf.split(tf.gather(bounds, i), BatchBounds.widths(len(inputs)))
            batch_bounds = BatchBounds.from_columns(columns)
            batch = [
                kind.batch(arrays, entries, batch_bounds)
                for kind, arrays, entries in zip(inputs, documents, batch_bounds.entries)
            ]
            batch_rows = type(rows)(*(_slice(array, batch_bounds) for array in rows))
            batch_rates = Rates(*tf.unstack(tf.gather(rates, i)))
            sums += self._train_step(pass_, batch, batch_rows, batch_rates, weights, temperature, batch_bounds.seed)
        return sums

    def _train_step(self, pass_, batch, rows, rates, weights, temperature, seed):
        """Move the networks of a pass by one batch; the sums of ``run`` over its rows."""
        networks = self.signature.networks_of(pass_)
        gathered = {
            reader: GatheredRows(self.signature.inputs[reader], self.tables[reader], arrays)
            for reader, arrays in zip(self.signature.readers_of(pass_), batch)
        }
        read = {reader: source.read for reader, source in gathered.items()}
        dense = self._dense_arrays()
        with tf.GradientTape() as tape:
            tape.watch([read, dense])
            logits = self._logits(pass_, gathered, dense, seed)
        values, slopes = joint_loss(
            keras.ops,
            rows.targets,
            tf.stack(logits),
            pass_.transfer,
            weights.label,
            rates.transfer_weight,
            temperature,
            self.signature.out_activation,
            _teaching(rows, weights.learns) if self.signature.is_taught else None,
        )
        moving = [place for place, role in enumerate(networks) if role in pass_.learners]
        readers_moved = sorted({networks[role].reader for role in pass_.learners})
        by_read, by_dense = tape.gradient(
            [logits[place] for place in moving],
            ({reader: read[reader] for reader in readers_moved}, {role: dense[role] for role in pass_.learners}),
            # The loss is a mean over the rows, weighted: (B, C) * (B, 1) * ().
            output_gradients=[slopes[place] * (rows.weights * rates.row_weight) for place in moving],
            # A custom network reads no table, and may have variables that it does not use.
            unconnected_gradients=tf.UnconnectedGradients.ZERO,
        )
        self._move_dense(by_dense, rates.learning_rate)
        for reader, gradient in by_read.items():
            gathered[reader].move(self.tables[reader], gradient, rates.learning_rate)
        return values @ rows.weights

    def _logits(self, pass_, gathered, dense, seed):
        """Logits of each network of a pass, of shape (B, C)."""
        logits = []
        for place, (role, slot) in enumerate(self.signature.networks_of(pass_).items()):
            source = gathered[slot.reader]
            seeds = tf.concat([seed, [place]], 0)  # a pair of integers for each network
            graph = slot.graph if role in pass_.learners else slot.graph.as_teacher()
            logits.append(graph.logits(dense[role], slot.columns_of(source.read), source.layout, seeds))
        return logits

    def _move_dense(self, gradients, rate):
        for roles, variable in self.dense.items():
            if set(roles) <= set(gradients):
                flat = [tf.reshape(gradient, [-1]) for role in roles for gradient in gradients[role].values()]
                variable.move(tf.concat(flat, 0), rate)


class GatheredRows:
    """The rows of a table that a batch touches, and what the networks of a reader read of them.

    Parameters
    ----------
    kind : FeatureInput, TokenInput or PaddedInput
    table : AdamVariable
    batch : FeatureArrays or TokenArrays
        Of one batch.
    """

    def __init__(self, kind, table, batch):
        self.kind, self.batch = kind, batch
        # rows (V,): each touched row once; places (n_entries,): where each entry is among them.
        self.rows, self.places = tf.unique(batch.rows)
        self.block = tf.gather(table.values, self.rows)
        self.read, self.layout = kind.forward(self.block, self.places, batch)

    def move(self, table, gradient, rate):
        """Move the rows by the gradient of what was read."""
        gradient = self.kind.backward(gradient, tf.size(self.rows), self.places, self.batch)
        table.move_rows(self.rows, self.block, gradient, rate)


def _teaching(rows, learns):
    factors = TeachingFactors(*tf.unstack(rows.factors, axis=1))
    return Teaching(
        answers=rows.teacher_logits,
        labelled=factors.labelled,
        answered=factors.taught,
        shares=factors.teacher_weight,
        learning=learns,
    )


def _slice(array, bounds):
    rows = tf.slice(array, bounds.begin, bounds.size)
    rows.set_shape([None, array.shape[1]])  # a slice forgets it
    return rows


def _flat_variable(signature, roles):
    shapes = [shape for role in roles for shape in signature.slots[role].graph.shapes.values()]
    size = sum(np.prod(shape, dtype=int) for shape in shapes)
    return AdamVariable(tf.zeros(size), [size])


def _flat(arrays):
    return np.concatenate([np.zeros(0, np.float32), *(array.ravel() for array in arrays)])
