"""The terms of the loss: laws in float64, and the same numbers and gradients from keras.ops."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import rel_entr, softmax
from sklearn.metrics import log_loss

from skdistill.objectives import TRANSFERS, cross_entropy, divergence, joint_loss, joint_terms
from skdistill.runtime import ops

logits = arrays(np.float64, (4, 3), elements=st.floats(-10, 10))
temperatures = st.floats(0.5, 10)
laws = settings(max_examples=100, deadline=None)


def random_logits(seed=0):
    generator = np.random.default_rng(seed)
    return generator.normal(scale=2, size=(2, 6, 4))


def random_targets():
    return np.eye(4)[[0, 1, 2, 3, 1, 1]]


def expected_divergence(teaching, learning, temperature):
    """T^2 KL from probabilities."""
    teaching, learning = softmax(teaching / temperature, axis=1), softmax(learning / temperature, axis=1)
    return temperature**2 * rel_entr(teaching, learning).sum(axis=1)


def expected_transfers(main, auxiliary, temperature):
    """The terms of the main and of the auxiliary network, by name."""
    nothing = np.zeros(len(main))
    to_main = expected_divergence(auxiliary, main, temperature)
    to_auxiliary = expected_divergence(main, auxiliary, temperature)
    mean = (main + auxiliary) / 2
    return {
        "none": (nothing, nothing),
        "to_main": (to_main, nothing),
        "to_auxiliary": (nothing, to_auxiliary),
        "mutual": (to_main, to_auxiliary),
        "ensemble": (expected_divergence(mean, main, temperature), expected_divergence(mean, auxiliary, temperature)),
    }


# Laws in float64.


@laws
@given(logits, arrays(np.int64, 4, elements=st.integers(0, 2)))
def test_cross_entropy_is_the_log_loss(scores, labels):
    expected = log_loss(labels, softmax(scores, axis=1), labels=[0, 1, 2])
    np.testing.assert_allclose(cross_entropy(ops, np.eye(3)[labels], scores).mean(), expected, rtol=1e-9, atol=1e-9)


def test_cross_entropy_is_linear_in_the_targets():
    scores, other = random_logits()
    targets = softmax(other, axis=1)
    by_class = [cross_entropy(ops, np.tile(row, (6, 1)), scores) for row in np.eye(4)]
    expected = (targets.T * by_class).sum(axis=0)
    np.testing.assert_allclose(cross_entropy(ops, targets, scores), expected, rtol=1e-12)


def test_cross_entropy_of_a_row_without_target_is_zero():
    scores, _ = random_logits()
    np.testing.assert_array_equal(cross_entropy(ops, np.zeros((6, 4)), scores), 0)


@laws
@given(logits, logits, temperatures)
def test_divergence_is_never_negative(teaching, learning, temperature):
    assert divergence(ops, teaching, learning, temperature).min() >= -1e-12


@laws
@given(logits, temperatures)
def test_divergence_of_equal_logits_is_zero(scores, temperature):
    np.testing.assert_array_equal(divergence(ops, scores, scores.copy(), temperature), 0)


@laws
@given(logits, logits, temperatures, st.floats(-100, 100), st.floats(-100, 100))
def test_divergence_ignores_a_constant_added_to_logits(teaching, learning, temperature, first, second):
    expected = divergence(ops, teaching, learning, temperature)
    shifted = divergence(ops, teaching + first, learning + second, temperature)
    np.testing.assert_allclose(shifted, expected, rtol=1e-9, atol=1e-9)


@laws
@given(logits, logits, temperatures)
def test_divergence_is_the_scaled_relative_entropy(teaching, learning, temperature):
    expected = expected_divergence(teaching, learning, temperature)
    np.testing.assert_allclose(divergence(ops, teaching, learning, temperature), expected, rtol=1e-9, atol=1e-9)


def test_at_high_temperature_divergence_is_half_the_squared_difference_per_class():
    # Hinton, Vinyals and Dean 2015, section 2.1, for centred logits.
    teaching, learning = random_logits()
    difference = teaching - learning
    difference -= difference.mean(axis=1, keepdims=True)
    expected = (difference**2).sum(axis=1) / (2 * 4)
    np.testing.assert_allclose(divergence(ops, teaching, learning, 1e5), expected, rtol=1e-3)


def test_huge_logits_give_finite_terms():
    main, auxiliary = np.array([[1e4, -1e4]]), np.array([[-1e4, 1e4]])
    for transfer in TRANSFERS:
        terms = joint_terms(ops, np.eye(2)[:1], main, auxiliary, transfer, 1.0)
        assert all(np.isfinite(term).all() for term in terms.values())


@pytest.mark.parametrize("transfer", TRANSFERS)
@pytest.mark.parametrize("temperature", [0.5, 1.0, 4.0])
def test_transfers_match_the_oracle(transfer, temperature):
    main, auxiliary = random_logits()
    terms = TRANSFERS[transfer](ops, main, auxiliary, temperature)
    for term, expected in zip(terms, expected_transfers(main, auxiliary, temperature)[transfer], strict=True):
        np.testing.assert_allclose(term, expected, rtol=1e-10, atol=1e-12)


def test_there_is_no_transfer_without_an_oracle():
    main, auxiliary = random_logits()
    assert set(TRANSFERS) == set(expected_transfers(main, auxiliary, 1.0))


@pytest.mark.parametrize("transfer", ["none", "mutual", "ensemble"])
def test_symmetric_transfers_swap_with_the_roles(transfer):
    main, auxiliary = random_logits()
    there = TRANSFERS[transfer](ops, main, auxiliary, 2.0)
    back = TRANSFERS[transfer](ops, auxiliary, main, 2.0)
    np.testing.assert_allclose(there, back[::-1], rtol=1e-14)


def test_one_way_transfers_are_mirror_images():
    main, auxiliary = random_logits()
    there = TRANSFERS["to_main"](ops, main, auxiliary, 2.0)
    np.testing.assert_array_equal(there, TRANSFERS["to_auxiliary"](ops, auxiliary, main, 2.0)[::-1])


@pytest.mark.parametrize("transfer", TRANSFERS)
def test_terms_are_row_by_row(transfer):
    main, auxiliary = random_logits()
    together = joint_terms(ops, random_targets(), main, auxiliary, transfer, 2.0)
    alone = joint_terms(ops, random_targets()[2:3], main[2:3], auxiliary[2:3], transfer, 2.0)
    assert list(together) == ["main_loss", "auxiliary_loss", "main_transfer", "auxiliary_transfer"]
    for name, term in together.items():
        assert term.shape == (6,)
        np.testing.assert_allclose(term[2:3], alone[name], rtol=1e-14)


def test_a_network_alone_has_its_label_loss_alone():
    main, _ = random_logits()
    terms = joint_terms(ops, random_targets(), main, None, "mutual", 2.0)
    assert list(terms) == ["main_loss"]
    np.testing.assert_array_equal(joint_loss(terms, 0.5, 0.25), cross_entropy(ops, random_targets(), main))


@pytest.mark.parametrize("transfer", TRANSFERS)
def test_joint_loss_is_the_weighted_sum(transfer):
    main, auxiliary = random_logits()
    targets = random_targets()
    terms = joint_terms(ops, targets, main, auxiliary, transfer, 2.0)
    label_loss = [-np.log(softmax(scores, axis=1)[targets > 0]) for scores in (main, auxiliary)]
    expected = label_loss[0] + 0.5 * label_loss[1] + 0.25 * sum(expected_transfers(main, auxiliary, 2.0)[transfer])
    np.testing.assert_allclose(joint_loss(terms, 0.5, 0.25), expected, rtol=1e-10)


# What training computes.


@pytest.fixture(scope="module")
def keras():
    keras = pytest.importorskip("keras")
    pytest.importorskip("tensorflow")
    if keras.backend.backend() != "tensorflow":
        pytest.skip("needs the TensorFlow backend")
    return keras


def gradients(term_of, main, auxiliary):
    """Gradients of the summed term by both logits, as arrays; None where there is no path."""
    import tensorflow as tf

    variables = [tf.constant(main, tf.float64), tf.constant(auxiliary, tf.float64)]
    with tf.GradientTape() as tape:
        tape.watch(variables)
        total = tf.reduce_sum(term_of(*variables))
    return [None if g is None else g.numpy() for g in tape.gradient(total, variables)]


def finite_differences(function, x, step=1e-5):
    slopes = np.empty_like(x)
    for place in np.ndindex(x.shape):
        change = np.zeros_like(x)
        change[place] = step
        slopes[place] = (function(x + change) - function(x - change)) / (2 * step)
    return slopes


def assert_no_gradient(gradient):
    assert gradient is None or not gradient.any()


@pytest.mark.parametrize("transfer", TRANSFERS)
def test_keras_gives_the_same_terms(keras, transfer):
    import tensorflow as tf

    arrays = random_targets(), *random_logits()
    expected = joint_terms(ops, *arrays, transfer, 2.0)
    terms = joint_terms(keras.ops, *[tf.constant(a, tf.float64) for a in arrays], transfer, 2.0)
    assert list(terms) == list(expected)
    for name, term in terms.items():
        assert term.dtype == tf.float64
        np.testing.assert_allclose(term.numpy(), expected[name], rtol=1e-12, atol=1e-12)


def test_gradient_of_cross_entropy_is_probability_minus_target(keras):
    main, auxiliary = random_logits()
    to_main, to_auxiliary = gradients(lambda m, a: cross_entropy(keras.ops, random_targets(), m), main, auxiliary)
    np.testing.assert_allclose(to_main, softmax(main, axis=1) - random_targets(), rtol=1e-10, atol=1e-12)
    assert_no_gradient(to_auxiliary)


def test_gradient_of_divergence_is_the_scaled_difference_of_probabilities(keras):
    teaching, learning = random_logits()
    to_teaching, to_learning = gradients(lambda t, q: divergence(keras.ops, t, q, 3.0), teaching, learning)
    expected = 3.0 * (softmax(learning / 3.0, axis=1) - softmax(teaching / 3.0, axis=1))
    np.testing.assert_allclose(to_learning, expected, rtol=1e-10, atol=1e-12)
    assert_no_gradient(to_teaching)


# Which logits teach the main and the auxiliary network; None where nobody does.
TEACHING = {
    "none": (None, None),
    "to_main": (lambda main, auxiliary: auxiliary, None),
    "to_auxiliary": (None, lambda main, auxiliary: main),
    "mutual": (lambda main, auxiliary: auxiliary, lambda main, auxiliary: main),
    "ensemble": (lambda main, auxiliary: (main + auxiliary) / 2,) * 2,
}


@pytest.mark.parametrize("learner", [0, 1], ids=["main", "auxiliary"])
@pytest.mark.parametrize("transfer", TRANSFERS)
def test_transfer_moves_the_learner_alone(keras, transfer, learner):
    both = random_logits()
    found = gradients(lambda m, a: TRANSFERS[transfer](keras.ops, m, a, 2.0)[learner], *both)
    assert_no_gradient(found[1 - learner])
    if TEACHING[transfer][learner] is None:
        assert_no_gradient(found[learner])
        return
    fixed = TEACHING[transfer][learner](*both)
    expected = finite_differences(lambda x: expected_divergence(fixed, x, 2.0).sum(), both[learner])
    np.testing.assert_allclose(found[learner], expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("transfer", TRANSFERS)
def test_the_joint_loss_has_a_gradient_by_both_networks(keras, transfer):
    both = random_logits()

    def loss(main, auxiliary):
        return joint_loss(joint_terms(keras.ops, random_targets(), main, auxiliary, transfer, 2.0), 0.5, 0.25)

    found = gradients(loss, *both)
    for role, weight in enumerate([1.0, 0.5]):
        expected = weight * (softmax(both[role], axis=1) - random_targets())
        if TEACHING[transfer][role] is not None:
            teaching = TEACHING[transfer][role](*both)
            expected += 0.25 * 2.0 * (softmax(both[role] / 2.0, axis=1) - softmax(teaching / 2.0, axis=1))
        np.testing.assert_allclose(found[role], expected, rtol=1e-9, atol=1e-12)
