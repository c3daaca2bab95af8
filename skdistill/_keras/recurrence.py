"""A gated recurrence over time and its gradient, both directions side by side.

Owns the two loops. It must not know what is read or what becomes of the states. The
equations are those of ``runtime.gru``.

TensorFlow's own gradient of a loop keeps every intermediate result of every step. Here
the states alone are kept: all gates follow from them in one product, and a step back
is a few operations (Werbos 1990, Backpropagation through time: what it does and how to
do it, section III).
"""

import tensorflow as tf


@tf.custom_gradient
def last_states(inputs, reading, recurrent, bias):
    """The states after the last step.

    Parameters
    ----------
    inputs : tensor of shape (n_steps, 2, n_documents, 3 * units)
        What each step reads, times its kernel, plus its bias.
    reading : tensor of shape (n_steps, 1, n_documents, 1)
        1 while a document goes on, 0 after its end, where the state stays.
    recurrent : tensor of shape (2, units, 3 * units)
    bias : tensor of shape (2, 1, 3 * units)

    Returns
    -------
    states : tensor of shape (2, n_documents, units)
    """
    states = _read(inputs, reading, recurrent, bias)

    def gradient(by_last):
        return _read_back(by_last, states[:-1], inputs, reading, recurrent, bias)

    return states[-1], gradient


def _read(inputs, reading, recurrent, bias):
    """The states before each step and after the last, of shape (n_steps + 1, 2, n_documents, units)."""
    n_steps, units = tf.shape(inputs)[0], recurrent.shape[1]
    first = tf.zeros([2, tf.shape(inputs)[2], units], inputs.dtype)
    kept = tf.TensorArray(inputs.dtype, n_steps + 1, element_shape=[2, None, units]).write(0, first)

    def step(t, h, kept):
        z, _, c, _ = _gates(inputs[t], tf.matmul(h, recurrent) + bias)
        h = h + reading[t] * (1 - z) * (c - h)
        return t + 1, h, kept.write(t + 1, h)

    *_, kept = tf.while_loop(lambda t, *_: t < n_steps, step, (0, first, kept))
    return kept.stack()


def _gates(inputs, inner):
    """z, r, the candidate, and what r multiplies in it."""
    z, r = tf.split(tf.sigmoid(inputs[..., : -_third(inputs)] + inner[..., : -_third(inputs)]), 2, axis=-1)
    through = inner[..., -_third(inputs) :]
    return z, r, tf.tanh(inputs[..., -_third(inputs) :] + r * through), through


def _third(x):
    return x.shape[-1] // 3


def _read_back(by_last, states, inputs, reading, recurrent, bias):
    """Gradients by all that ``last_states`` takes; by ``reading``, which is no parameter, none."""
    z, r, c, through = _gates(inputs, tf.matmul(states, recurrent) + bias)
    taken = reading * (1 - z)
    # What a step back multiplies: by z's input, by the candidate's, from there by r's; and what stays.
    factors = tf.stack([reading * (states - c) * z * (1 - z), taken * (1 - c**2), through * r * (1 - r), r, 1 - taken])
    factors = tf.transpose(factors, [1, 0, 2, 3, 4])
    n_steps, across = tf.shape(inputs)[0], tf.transpose(recurrent, [0, 2, 1])
    kept = tf.TensorArray(inputs.dtype, n_steps, element_shape=[2, None, 4 * recurrent.shape[1]])

    def step(t, by_h, kept):
        of_z, of_c, of_r, r, stays = tf.unstack(factors[t])
        by_z, by_c = by_h * of_z, by_h * of_c
        by_all = tf.concat([by_z, by_c * of_r, by_c * r, by_c], -1)
        by_h = by_h * stays + tf.matmul(by_all[..., : inputs.shape[-1]], across)
        return t - 1, by_h, kept.write(t, by_all)

    *_, kept = tf.while_loop(lambda t, *_: t >= 0, step, (n_steps - 1, by_last, kept))
    by_gates, by_through, by_candidate = tf.split(
        kept.stack(), [2 * _third(inputs), _third(inputs), _third(inputs)], -1
    )
    by_inner = tf.concat([by_gates, by_through], -1)
    by_recurrent = tf.reduce_sum(tf.matmul(states, by_inner, transpose_a=True), 0)
    by_bias = tf.reduce_sum(by_inner, [0, 2])[:, None]
    return tf.concat([by_gates, by_candidate], -1), None, by_recurrent, by_bias
