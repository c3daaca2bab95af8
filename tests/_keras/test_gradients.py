"""Written gradients: ``tf.gradients`` uses them, and they keep no graph in memory."""

import pytest

tf = pytest.importorskip("tensorflow")


def test_the_gradient_is_the_written_one_and_reads_its_arguments():
    from skdistill._keras.gradients import register, with_gradient

    name = register(lambda by_result, x, factor: (by_result * factor * x, None))

    @tf.function
    def run(x):
        result = with_gradient(name, x**2, [x, tf.constant(100.0)])
        return result, *tf.gradients(3.0 * result, x)

    result, gradient = run(tf.constant(2.0))
    assert (float(result), float(gradient)) == (4, 600)


def test_a_gradient_may_be_registered_again():
    from skdistill._keras.gradients import register

    def gradients():
        def gradient(by_result, x):
            return (by_result * x,)

        return gradient

    assert register(gradients()) != register(gradients())
