"""A gated recurrent unit over time and its gradient, both directions side by side.

The equations are those of ``runtime.gru``: Cho et al. 2014 (Learning Phrase Representations
using RNN Encoder-Decoder for Statistical Machine Translation, section 2.3, equations 5 to 8),
with the reset gate r after the product with the recurrent kernel, as
``keras.layers.GRU(reset_after=True)`` has it. With x the inputs of a step, h the state before
it, h' the state after it, and m its mask::

    s  = h @ U + b
    z  = sigmoid(x_z + s_z)
    r  = sigmoid(x_r + s_r)
    c  = tanh(x_c + r * s_c)
    h' = h + m * (1 - z) * (c - h)

TensorFlow's own gradient of a loop keeps every intermediate result of every step. Here only
the states are kept: the gates of all steps follow from them in one product.

The gradient is backpropagation through time (Werbos 1990, Backpropagation through time: what
it does and how to do it, section III): from the last step to the first, each step takes
g = dL/dh' and returns dL/dh. With a_z, a_r and a_c the arguments of the two sigmoids and of
tanh, whose derivatives are z (1 - z), r (1 - r) and 1 - c**2::

    dL/da_z = g * m * (h - c) * z * (1 - z)        since dh'/dz = m * (h - c)
    dL/da_c = g * m * (1 - z) * (1 - c**2)         since dh'/dc = m * (1 - z)
    dL/da_r = dL/da_c * s_c * r * (1 - r)          since da_c/dr = s_c
    dL/ds_c = dL/da_c * r                          since da_c/ds_c = r
    dL/ds   = [dL/da_z, dL/da_r, dL/ds_c]          since a_z = x_z + s_z and a_r = x_r + s_r
    dL/dx   = [dL/da_z, dL/da_r, dL/da_c]
    dL/dh   = g * (1 - m * (1 - z)) + dL/ds @ U.T

The gradients by U and b are then sums over all steps: of h.T @ dL/ds, and of dL/ds.

Shapes
------
With T steps, B documents, U units, and 2 for the directions::

    inputs     (T, 2, B, 3U)      x of every step: z, r and c side by side
    mask       (T, 1, B, 1)       m of every step
    recurrent  (2, U, 3U)         U in the equations
    bias       (2, 1, 3U)         b
    states     (T + 1, 2, B, U)   h before each step and after the last
    z, r, c, s_c   (2, B, U)      of one step; (T, 2, B, U) of all
"""

import tensorflow as tf

from .gradients import register, with_gradient


def final_states(inputs, mask, recurrent, bias):
    """Return the states after the last step.

    Parameters
    ----------
    inputs : tensor of shape (n_steps, 2, n_documents, 3 * units)
        For each step the token's vector times the kernel, plus the kernel's bias.
    mask : tensor of shape (n_steps, 1, n_documents, 1)
        1 at the tokens of a document, 0 after its end, where the state does not change.
    recurrent : tensor of shape (2, units, 3 * units)
    bias : tensor of shape (2, 1, 3 * units)

    Returns
    -------
    states : tensor of shape (2, n_documents, units)
    """
    states = _forward(inputs, mask, recurrent, bias)
    return with_gradient(_GRADIENT, states[-1], [states[:-1], inputs, mask, recurrent, bias])


def _forward(inputs, mask, recurrent, bias):
    """Return the states before each step and after the last, of shape (T + 1, 2, B, U)."""
    n_steps, units = tf.shape(inputs)[0], recurrent.shape[1]
    initial = tf.zeros([2, tf.shape(inputs)[2], units], inputs.dtype)
    states = tf.TensorArray(inputs.dtype, n_steps + 1, element_shape=[2, None, units]).write(0, initial)

    def step(t, h, states):
        z, _, c, _ = _gates(inputs[t], tf.matmul(h, recurrent) + bias)
        h = h + mask[t] * (1 - z) * (c - h)
        return t + 1, h, states.write(t + 1, h)

    *_, states = tf.while_loop(lambda t, *_: t < n_steps, step, (0, initial, states))
    return states.stack()


def _gates(x, s):
    """Return z, r, c and s_c, of shape (..., B, U), from x and s, of shape (..., B, 3U)."""
    units = x.shape[-1] // 3
    z, r = tf.split(tf.sigmoid(x[..., :-units] + s[..., :-units]), 2, axis=-1)
    s_c = s[..., -units:]
    return z, r, tf.tanh(x[..., -units:] + r * s_c), s_c


def _backward(by_final, states, inputs, mask, recurrent, bias):
    """Return the gradient by each further argument; None by the states and the mask, which are not learned."""
    z, r, c, s_c = _gates(inputs, tf.matmul(states, recurrent) + bias)  # (T, 2, B, U) each
    moved = mask * (1 - z)  # m * (1 - z): how far the state moves towards the candidate
    # What a step multiplies, computed for all steps at once. From g come dL/da_z and dL/da_c, from
    # dL/da_c come dL/da_r and dL/ds_c, and the last is the part of g that goes straight to h.
    factors = tf.stack([mask * (states - c) * z * (1 - z), moved * (1 - c**2), s_c * r * (1 - r), r, 1 - moved])
    factors = tf.transpose(factors, [1, 0, 2, 3, 4])  # (T, 5, 2, B, U)
    n_steps, transposed = tf.shape(inputs)[0], tf.transpose(recurrent, [0, 2, 1])  # (2, 3U, U)
    gradients = tf.TensorArray(inputs.dtype, n_steps, element_shape=[2, None, 4 * recurrent.shape[1]])

    def step(t, by_h, gradients):
        z_factor, c_factor, r_factor, s_c_factor, h_factor = tf.unstack(factors[t])
        by_z, by_c = by_h * z_factor, by_h * c_factor
        # a_z, a_r, s_c, a_c: the first three are dL/ds.
        by_all = tf.concat([by_z, by_c * r_factor, by_c * s_c_factor, by_c], -1)  # (2, B, 4U)
        by_h = by_h * h_factor + tf.matmul(by_all[..., : inputs.shape[-1]], transposed)
        return t - 1, by_h, gradients.write(t, by_all)

    *_, gradients = tf.while_loop(lambda t, *_: t >= 0, step, (n_steps - 1, by_final, gradients))
    units = inputs.shape[-1] // 3
    by_gates, by_s_c, by_c = tf.split(gradients.stack(), [2 * units, units, units], -1)
    by_s = tf.concat([by_gates, by_s_c], -1)  # (T, 2, B, 3U)
    by_recurrent = tf.reduce_sum(tf.matmul(states, by_s, transpose_a=True), 0)  # (2, U, 3U)
    by_bias = tf.reduce_sum(by_s, [0, 2])[:, None]  # (2, 1, 3U)
    return None, tf.concat([by_gates, by_c], -1), None, by_recurrent, by_bias


_GRADIENT = register(_backward)
