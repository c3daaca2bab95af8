"""The largest value of each filter and its gradient, against TensorFlow's own of the plain equations."""

import numpy as np
import pytest

pytestmark = pytest.mark.core

tf = pytest.importorskip("tensorflow")

LENGTHS = [4, 1, 0, 7]
PADDING = 5


def plain(vectors, windows, places, lengths):
    """The equations of ``runtime.cnn``, document by document."""
    largest = []
    for own, length in zip(places, lengths):
        x = tf.pad(tf.gather(vectors, own[:length]), [(0, 0 if length else 1), (0, 0)])
        x = tf.pad(x, [(0, len(windows[-1])), (0, 0)])
        found = [
            [tf.reduce_sum(x[t : t + len(window), :, None] * window, (0, 1)) for t in range(max(length, 1))]
            for window in windows
        ]
        largest.append(tf.concat([tf.reduce_max(tf.stack(values), 0) for values in found], 0))
    return tf.stack(largest)


@tf.function
def with_gradients(function, vectors, windows):
    values = function(tf.pad(vectors, [(0, 1), (0, 0)]), windows)
    return [values, *tf.gradients(tf.reduce_sum(tf.sin(values)), [vectors, *windows])]


@pytest.mark.parametrize("sizes", [(3, 4, 5), (2,), (1, 6)])
@pytest.mark.parametrize("lengths", [LENGTHS, [0, 0]])
def test_values_and_gradients_are_those_of_the_equations(sizes, lengths):
    from skdistill._keras.convolution import max_over_time

    generator = np.random.default_rng(0)
    vectors, *windows = (
        tf.constant(generator.normal(size=shape), tf.float32) for shape in [(PADDING, 3)] + [(n, 3, 2) for n in sizes]
    )
    places = np.full((len(lengths), max(lengths)), PADDING, dtype=np.int32)
    for own, length in zip(places, lengths):
        own[:length] = generator.integers(PADDING, size=length)
    found = with_gradients(
        lambda x, w: max_over_time(x, w, tf.constant(places), tf.constant(lengths)), vectors, windows
    )
    expected = with_gradients(lambda x, w: plain(x, w, places, lengths), vectors, windows)
    for own, other in zip(found, expected):
        np.testing.assert_allclose(own, other, rtol=1e-5, atol=1e-5)
