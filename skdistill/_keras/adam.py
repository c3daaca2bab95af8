"""Adam, over whole variables and over single rows of a table.

Kingma and Ba 2015 (Adam: A Method for Stochastic Optimization), algorithm 1, with the
epsilon of Keras. With the gradient g of a parameter x, at the step t::

    mean   = mean   + (1 - beta_1) * (g    - mean)
    square = square + (1 - beta_2) * (g**2 - square)
    x      = x - rate * mean / (sqrt(square) + epsilon)

where the rate has the bias corrections sqrt(1 - beta_2**t) / (1 - beta_1**t) already
(end of section 2 there; ``rates.rates_of_epoch``).
"""

import tensorflow as tf

from .._training.rates import BETA_1, BETA_2

EPSILON = 1e-7
# Numbers from which on TensorFlow splits an operation on each of them over threads.
_SPLIT = 16_000


class AdamVariable:
    """Parameters with their moments.

    Parameters
    ----------
    values : tensor
    shape : list
        Of the variable, None where it may change with ``reset``.
    has_frozen : bool
        Whether some of the numbers stay as they are. A mask then lies beside them;
        without, the graph has no operation for it.
    """

    def __init__(self, values, shape, has_frozen=False):
        self.values, self.mean, self.square = (tf.Variable(values, shape=shape) for _ in range(3))
        self.frozen = tf.Variable(tf.zeros_like(values, tf.bool), shape=shape) if has_frozen else None

    def reset(self, values, frozen=None):
        """Start from given values, with moments of 0."""
        if self.frozen is not None:
            self.frozen.assign(frozen)
        self.values.assign(values)
        self.mean.assign(tf.zeros_like(values))
        self.square.assign(tf.zeros_like(values))

    def move(self, gradient, rate):
        """Move all values by a gradient of their shape."""
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

    def move_rows(self, rows, values, gradient, rate):
        """Move some rows of a table; the moments of the others rest ("lazy" Adam).

        Parameters
        ----------
        rows : int tensor of shape (n,)
            Each named once.
        values, gradient : tensor of shape (n, n_columns)
            What the rows hold, and the gradient by it.
        rate : float tensor
        """
        mean, square, change = _adam(tf.gather(self.mean, rows), tf.gather(self.square, rows), gradient, rate)
        if self.frozen is not None:
            change = tf.where(tf.gather(self.frozen, rows), 0.0, change)
        for variable, moved in zip((self.values, self.mean, self.square), (values - change, mean, square)):
            variable.scatter_update(tf.IndexedSlices(moved, rows))  # a third of the time of scatter_sub


def _adam(mean, square, gradient, rate):
    mean = mean + (1 - BETA_1) * (gradient - mean)
    square = square + (1 - BETA_2) * (tf.square(gradient) - square)
    return mean, square, rate * mean / (tf.sqrt(square) + EPSILON)
