"""Adam for whole variables, and for the rows of a table that a batch touches.

Kingma and Ba 2015 (Adam: A Method for Stochastic Optimization), algorithm 1, with the
epsilon of Keras. With the gradient g of a parameter x, at step t::

    mean   = mean   + (1 - beta_1) * (g    - mean)
    square = square + (1 - beta_2) * (g**2 - square)
    x      = x - rate * mean / (sqrt(square) + epsilon)

where the rate already has the bias corrections sqrt(1 - beta_2**t) / (1 - beta_1**t), which
``_training.rates.rates_of_epoch`` computes (end of section 2 in the paper).
"""

import tensorflow as tf

from .._training.rates import BETA_1, BETA_2

EPSILON = 1e-7
# From about this many elements on, TensorFlow splits an element-wise operation over threads.
_SPLIT = 16_000
# Rows of a table that are updated at a time, where it is done in pieces.
_ROWS_PER_PIECE = 4_096


class AdamVariable:
    """Parameters with the two moments that Adam keeps of each.

    Parameters
    ----------
    values : tensor
    shape : list of int or None
        The shape of the variable; None for a dimension that ``reset`` may change.
    has_frozen : bool
        Whether some of the values are never updated. A mask says which. Without it, the
        compiled graph has no operation for a mask.
    in_pieces : bool
        Whether ``update_rows`` updates 4,096 rows at a time. All at once need eight arrays of their size; but a
        loop in the graph makes steps of small batches a tenth slower.
    """

    def __init__(self, values, shape, has_frozen=False, in_pieces=False):
        # Not trainable, because a ``tf.GradientTape`` of the user's would differentiate all training steps.
        self.values, self.mean, self.square = (tf.Variable(values, trainable=False, shape=shape) for _ in range(3))
        self.frozen = tf.Variable(tf.zeros_like(values, tf.bool), shape=shape) if has_frozen else None
        self.in_pieces = in_pieces

    def reset(self, values, frozen=None):
        """Set the values, the mask if there is one, and all moments to 0."""
        if self.frozen is not None:
            self.frozen.assign(frozen)
        _share(self.values).assign(values)
        self.reset_moments(values.shape)

    def reset_moments(self, shape):
        """Set all moments to 0; fewer rows free their memory."""
        for moment in (self.mean, self.square):
            _share(moment).assign(tf.zeros(shape))

    @property
    def n_rows(self):
        """The number of rows, as a tensor; ``tf.shape`` would read the values."""
        return tf.raw_ops.VariableShape(input=self.values.handle)[0]

    def read(self):
        """Return the values as a tensor; drop it before the next update, which would copy it."""
        return _share(self.values).value()

    def update(self, gradient, rate):
        """Update all values by a gradient of their shape."""
        if self.values.shape[0] > _SPLIT:
            self._update_fused(gradient, rate)
            return
        mean, square, change = _adam(self.mean, self.square, gradient, rate)
        self.mean.assign(mean)
        self.square.assign(square)
        self.values.assign_sub(change)

    def _update_fused(self, gradient, rate):
        """Update by one operation that uses all threads, for vectors that would be split in any case."""
        tf.raw_ops.ResourceApplyAdam(
            var=self.values.handle,
            m=self.mean.handle,
            v=self.square.handle,
            beta1_power=0.0,  # both 0: the operation's own bias correction is then 1
            beta2_power=0.0,
            lr=rate,
            beta1=BETA_1,
            beta2=BETA_2,
            epsilon=EPSILON,
            grad=gradient,
        )

    def update_rows(self, rows, values, gradient, rate):
        """Update some rows of a table; the moments of the others do not decay ("lazy" Adam).

        Parameters
        ----------
        rows : int tensor of shape (n,)
            All different.
        values, gradient : tensor of shape (n, n_columns)
            The values of these rows, and the gradient by them.
        rate : float tensor of shape ()
        """
        if not self.in_pieces:
            self._update_rows(rows, values, gradient, rate)
            return

        def update_piece(start):
            piece = slice(start, start + _ROWS_PER_PIECE)
            # Gathered again, so that ``values`` are freed before the update.
            self._update_rows(rows[piece], tf.gather(self.values, rows[piece]), gradient[piece], rate)
            return piece.stop

        tf.while_loop(lambda start: start < tf.size(rows), update_piece, [0], parallel_iterations=1)

    def _update_rows(self, rows, values, gradient, rate):
        mean, square, change = _adam(tf.gather(self.mean, rows), tf.gather(self.square, rows), gradient, rate)
        if self.frozen is not None:
            change = tf.where(tf.gather(self.frozen, rows), 0.0, change)
        for variable, updated in zip((self.values, self.mean, self.square), (values - change, mean, square)):
            variable.scatter_update(tf.IndexedSlices(updated, rows))  # a third of the time of scatter_sub


def _share(variable):
    """Return a variable that shares its memory with what is assigned to it and what reads it.

    Otherwise, once some of its rows were updated, each assignment and each read copies all of it. The next update
    switches that on again, and copies what is still shared then.
    """
    tf.raw_ops.DisableCopyOnRead(resource=variable.handle)
    return variable


def _adam(mean, square, gradient, rate):
    """Return the new moments, and what is subtracted from the parameters."""
    mean = mean + (1 - BETA_1) * (gradient - mean)
    square = square + (1 - BETA_2) * (tf.square(gradient) - square)
    return mean, square, rate * mean / (tf.sqrt(square) + EPSILON)
