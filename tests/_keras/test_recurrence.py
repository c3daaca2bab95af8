"""The written gradient of the recurrence is that of its definition."""

import numpy as np
import pytest

pytestmark = pytest.mark.core

tf = pytest.importorskip("tensorflow")


def by_definition(inputs, reading, recurrent, bias):
    """The equations of ``runtime.gru``, step by step."""
    units = recurrent.shape[1]
    h = tf.zeros([2, inputs.shape[2], units], inputs.dtype)
    for x, m in zip(tf.unstack(inputs), tf.unstack(reading)):
        inner = h @ recurrent + bias
        z, r = tf.split(tf.sigmoid(x[..., : 2 * units] + inner[..., : 2 * units]), 2, axis=-1)
        c = tf.tanh(x[..., 2 * units :] + r * inner[..., 2 * units :])
        h = h + m * (z * h + (1 - z) * c - h)
    return h


@pytest.mark.parametrize("n_steps", [1, 2, 7])
def test_values_and_gradients_are_those_of_the_definition(n_steps):
    from skdistill._keras.recurrence import final_states

    units, n_documents = 3, 4
    generator = np.random.default_rng(n_steps)
    shapes = [(n_steps, 2, n_documents, 3 * units), (2, units, 3 * units), (2, 1, 3 * units)]
    inputs, recurrent, bias = (tf.constant(generator.normal(size=shape)) for shape in shapes)
    lengths = np.array([n_steps, 0, 1, n_steps])
    reading = tf.constant((np.arange(n_steps)[:, None] < lengths)[:, None, :, None].astype(float))
    seeds = tf.constant(generator.normal(size=(2, n_documents, units)))

    @tf.function
    def with_gradients(function):
        states = function(inputs, reading, recurrent, bias)
        return [states, *tf.gradients(states, [inputs, recurrent, bias], grad_ys=seeds)]

    for one, other in zip(with_gradients(final_states), with_gradients(by_definition)):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-12)
