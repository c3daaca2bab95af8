"""The compiled training step of all networks together.

Most parameters are in the tables, and a batch touches few of their rows. So these rows
are gathered once and only they are updated. The dense parameters of networks that always
learn together are in one flat vector, so that their update is one short chain of operations.

A step is some hundred operations of a few microseconds. Two rules keep it fast, both
measured. What does not depend on the parameters is computed before (``batches``, ``rates``).
And no operation is so large that TensorFlow splits it over threads, which would take longer
than it saves: hence a table for each network, with variables of its own for the values and
the two moments, and no fused Adam for the rows of a table.

Shapes
------
With B the rows of a batch, C the classes, N the networks of a pass, V the distinct table
rows that the batch touches and W the columns of a table::

    block       (V, W)      the rows of a table that the batch touches, each once
    read        (B, W)      what a bag reads: pooled vectors; or
                (V + 1, W)  what a CNN or GRU reads: the vectors of its tokens, and zeros
    logits      (B, C)      of each network; stacked (N, B, C)
    labels      (B, 1)      class indices, or (B, C) multilabel indicators
    targets     (B, C)      and weights (B, 1)
    slopes      (N, B, C)   the gradient of the loss by the logits, in closed form
    values      (1 + n_terms, B)   the loss and its terms

TensorFlow differentiates only from the parameters to the logits. The gradient by the logits
is in ``skdistill.objectives``.
"""

from functools import partial

import keras
import numpy as np
import tensorflow as tf

from .._training.batches import BatchBounds
from .._training.rates import Rates
from .._training.targets import TeachingFactors
from ..objectives import Teaching, joint_loss
from .adam import AdamVariable


class JointStep:
    """The variables of the networks of one signature, and the compiled passes.

    The number of rows of a table is not fixed, so that the same trace works for any vocabulary.

    Parameters
    ----------
    signature : StepSignature
    """

    def __init__(self, signature):
        self.signature = signature
        self.tables = [
            AdamVariable(tf.zeros((1, width)), [None, width], signature.has_frozen(reader), signature.in_pieces)
            for reader in range(len(signature.inputs))
            for width in [signature.width(reader)]
        ]
        # One flat vector for all networks that always learn together.
        roles = list(signature.slots)
        groups = [tuple(roles)] if signature.learns_together else [(role,) for role in roles]
        self.dense = {group: _flat_variable(signature, group) for group in groups}
        self._compiled = {}

    @property
    def n_traces(self):
        """Number of traces: one for each pass that has been compiled."""
        return len(self._compiled)

    # Parameters, from and to numpy.

    def reset(self, tables, dense, frozen):
        """Set the parameters, as ``initial_parameters`` returns them, and the moments of Adam to 0.

        The list of tables is emptied: each is freed once it is copied.
        """
        for table, mask in zip(self.tables, frozen):
            table.reset(tables.pop(0), mask)
        for roles, variable in self.dense.items():
            variable.reset(_flat([array for role in roles for array in dense[role]]))

    def parameters(self):
        """Return a copy of each network by role: its columns of the table, and a list of its other arrays.

        The list has the dense arrays, then the state of the graph.
        """
        copied = {}
        for role, arrays in self._dense_arrays().items():
            slot = self.signature.slots[role]
            table = slot.columns_of(self.tables[slot.reader].read()).numpy()
            copied[role] = table, [*(array.numpy() for array in arrays.values()), *slot.graph.state]
        return copied

    def restore(self, parameters):
        """Set some networks to what ``parameters`` returned; each must have a table and a vector to itself.

        That is so in the schedules with several phases, which cannot share an embedding.
        """
        for role, (table, dense) in parameters.items():
            slot = self.signature.slots[role]
            n_dense = len(slot.graph.shapes)
            self.tables[slot.reader].values.assign(table)
            self.dense[(role,)].values.assign(_flat(dense[:n_dense]))
            slot.graph.set_state(dense[n_dense:])

    def free_moments(self):
        """Free the memory of the tables' moments: no pass follows before a reset."""
        for table in self.tables:
            table.reset_moments((1, table.values.shape[1]))

    def clear(self):
        """Free the memory of the tables."""
        for table in self.tables:
            nothing = np.zeros((1, table.values.shape[1]), np.float32)
            table.reset(nothing, nothing > 0)

    def _dense_arrays(self):
        """Return the dense arrays of each network by role and name, as pieces of the flat vectors."""
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
        """Train the networks of a pass on some rows, batch by batch.

        Parameters
        ----------
        pass_ : Pass
        documents : tuple of FeatureArrays or TokenArrays
            What ``gather`` of each reader of the pass returns.
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
            Sums over the rows, times their weights, of the values that ``StepSignature.terms_of``
            names.
        """
        if pass_ not in self._compiled:
            # AutoGraph would rewrite the source of each function that is called, which takes most of the
            # time of a trace. Only the code of custom networks may need it.
            is_custom = not all(slot.graph.is_shared for slot in self.signature.slots.values())
            run = tf.function(partial(self._run, pass_), self.signature.tensors_of(pass_), autograph=is_custom)
            # Compiled even where ``tf.config.run_functions_eagerly`` runs other functions step by step.
            self._compiled[pass_] = run.get_concrete_function()
        return self._compiled[pass_](*tensors)

    def _run(self, pass_, documents, rows, bounds, rates, weights, temperature):
        """Run the batches in a loop of the graph; all other loops are unrolled in Python."""
        inputs = [self.signature.inputs[reader] for reader in self.signature.readers_of(pass_)]

        def run_batch(i, sums):
            columns = tf.split(tf.gather(bounds, i), BatchBounds.widths(len(inputs)))
            batch_bounds = BatchBounds.from_columns(columns)
            batch = [
                kind.batch(arrays, entries, batch_bounds)
                for kind, arrays, entries in zip(inputs, documents, batch_bounds.entries)
            ]
            batch_rows = type(rows)(*(_slice(array, batch_bounds) for array in rows))
            batch_rates = Rates(*tf.unstack(tf.gather(rates, i)))
            seed = batch_bounds.seed
            return i + 1, sums + self._train_step(pass_, batch, batch_rows, batch_rates, weights, temperature, seed)

        n_batches, nothing = tf.shape(bounds)[0], tf.zeros([len(self.signature.terms_of(pass_)), 1])
        _, sums = tf.while_loop(lambda i, sums: i < n_batches, run_batch, [0, nothing])
        return sums

    def _train_step(self, pass_, batch, rows, rates, weights, temperature, seed):
        """Train the networks of a pass on one batch, and return the sums of ``run`` over its rows."""
        networks = self.signature.networks_of(pass_)
        gathered = {
            reader: GatheredRows(self.signature.inputs[reader], self.tables[reader], arrays)
            for reader, arrays in zip(self.signature.readers_of(pass_), batch)
        }
        dense = self._dense_arrays()
        built_in = {role: dense[role] for role in pass_.learners if networks[role].graph.is_shared}
        custom = {role: dense[role] for role in pass_.learners if role not in built_in}
        with tf.GradientTape() as tape:
            tape.watch(custom)
            logits = self._logits(pass_, gathered, dense, seed)
        values, slopes = self._loss(pass_, rows, logits, rates, weights, temperature)
        learning = [place for place, role in enumerate(networks) if role in pass_.learners]
        learning_readers = sorted({networks[role].reader for role in pass_.learners})
        by_read, by_dense = _gradients(
            tape,
            [logits[place] for place in learning],
            # The loss is a weighted mean over the rows: (B, C) * (B, 1) * ().
            [slopes[place] * (rows.weights * rates.row_weight) for place in learning],
            {reader: gathered[reader].read for reader in learning_readers},
            built_in,
            custom,
        )
        self._update_dense(by_dense, rates.learning_rate)
        for reader, gradient in by_read.items():
            gathered[reader].update(self.tables[reader], gradient, rates.learning_rate)
        return values @ rows.weights  # (1 + n_terms, 1)

    def _loss(self, pass_, rows, logits, rates, weights, temperature):
        """Return the values and slopes of a batch, see the shapes above."""
        # A row without label has targets of 0: its indicators are 0, or its class index is -1.
        if self.signature.out_activation == "sigmoid":
            targets = tf.cast(rows.labels, tf.float32)
        else:
            targets = tf.one_hot(rows.labels[:, 0], self.signature.n_classes)
        return joint_loss(
            keras.ops,
            targets,
            tf.stack(logits),
            pass_.transfer,
            weights.label,
            rates.transfer_weight,
            temperature,
            self.signature.out_activation,
            _teaching(rows, weights.learns) if self.signature.is_taught else None,
        )

    def _logits(self, pass_, gathered, dense, seed):
        """Return the logits of each network of a pass, of shape (B, C)."""
        logits = []
        for place, (role, slot) in enumerate(self.signature.networks_of(pass_).items()):
            source = gathered[slot.reader]
            seeds = tf.concat([seed, [place]], 0)  # (2,): another pair of integers for each network
            graph = slot.graph if role in pass_.learners else slot.graph.as_teacher()
            logits.append(graph.logits(dense[role], slot.columns_of(source.read), source.layout, seeds))
        return logits

    def _update_dense(self, gradients, rate):
        """Update each flat vector whose networks all have a gradient."""
        for roles, variable in self.dense.items():
            if set(roles) <= set(gradients):
                flat = [tf.reshape(gradient, [-1]) for role in roles for gradient in gradients[role].values()]
                variable.update(tf.concat(flat, 0), rate)


class GatheredRows:
    """The rows of a table that a batch touches, and what is read from them.

    Parameters
    ----------
    kind : FeatureInput, TokenInput or PaddedInput
    table : AdamVariable
    batch : FeatureArrays or TokenArrays
        Of one batch.
    """

    def __init__(self, kind, table, batch):
        self.kind, self.batch = kind, batch
        # rows (V,): the rows that the batch touches, each once; places (n_entries,): the one of each entry.
        self.rows, self.places = _distinct(batch.rows, table.n_rows) if table.in_pieces else tf.unique(batch.rows)
        self.block = tf.gather(table.values, self.rows)
        self.read, self.layout = kind.forward(self.block, self.places, batch)

    def update(self, table, gradient, rate):
        """Update the rows of the table by the gradient by what was read."""
        gradient = self.kind.backward(gradient, tf.size(self.rows), self.places, self.batch)
        table.update_rows(self.rows, self.block, gradient, rate)


def _distinct(rows, n_rows):
    """Return what ``tf.unique`` returns for some of the rows of a table, but in order.

    ``tf.unique`` makes a hash table of 18 bytes and more per entry. This makes arrays with an element per row of
    the table, which takes half the time for large batches, but more for small ones.
    """
    no_weights = tf.zeros([0], tf.int32)
    occurs = tf.raw_ops.DenseBincount(input=rows, size=n_rows, weights=no_weights, binary_output=True)  # (n_rows,)
    places = tf.cumsum(occurs, exclusive=True)
    return tf.cast(tf.where(occurs > 0)[:, 0], tf.int32), tf.gather(places, rows)


def _teaching(rows, learns):
    """Return the ``Teaching`` of a batch."""
    factors = TeachingFactors(*tf.unstack(rows.factors, axis=1))
    return Teaching(
        answers=rows.teacher_logits,
        labelled=factors.labelled,
        answered=factors.taught,
        shares=factors.teacher_weight,
        learning=learns,
    )


def _gradients(tape, logits, slopes, read, built_in, custom):
    """Return the gradients by what each reader has read, and by the dense arrays of each network.

    ``tf.gradients`` uses the written gradients of the built-in graphs (``gradients``). Custom models are
    differentiated by a tape, as Keras does it.
    """
    zeros = tf.UnconnectedGradients.ZERO  # a custom model reads no table, and may have variables that it does not use
    sources = read, built_in
    flat = tf.gradients(logits, tf.nest.flatten(sources), slopes, unconnected_gradients=zeros)
    by_read, by_built_in = tf.nest.pack_sequence_as(sources, flat)
    return by_read, by_built_in | tape.gradient(logits, custom, slopes, zeros)


def _slice(array, bounds):
    """Return the rows of a batch."""
    rows = tf.slice(array, bounds.begin, bounds.size)
    rows.set_shape([None, array.shape[1]])  # tf.slice loses the number of columns
    return rows


def _flat_variable(signature, roles):
    """Return a variable with room for all dense arrays of some networks."""
    shapes = [shape for role in roles for shape in signature.slots[role].graph.shapes.values()]
    size = sum(np.prod(shape, dtype=int) for shape in shapes)
    return AdamVariable(tf.zeros(size), [size])


def _flat(arrays):
    """Return the arrays as one flat vector, which is empty if there are none."""
    return np.concatenate([np.zeros(0, np.float32), *(array.ravel() for array in arrays)])
