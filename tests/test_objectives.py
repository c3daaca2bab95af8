"""The terms of the loss: laws in float64, and the same numbers and gradients from keras.ops."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit, rel_entr, softmax
from sklearn.metrics import log_loss

from skdistill.objectives import (
    OUTPUTS,
    TRANSFERS,
    Teaching,
    binary_cross_entropy,
    binary_divergence,
    cross_entropy,
    divergence,
    joint_loss,
    transfer_terms,
)
from skdistill.runtime import ops

logits = arrays(np.float64, (4, 3), elements=st.floats(-10, 10))
temperatures = st.floats(0.5, 10)
laws = settings(max_examples=100, deadline=None)
few = settings(max_examples=40, deadline=None)  # ``log_loss`` takes its time


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


def value(terms):
    return terms[0]


# Laws in float64.


@few
@given(logits, arrays(np.int64, 4, elements=st.integers(0, 2)))
def test_cross_entropy_is_the_log_loss(scores, labels):
    expected = log_loss(labels, softmax(scores, axis=1), labels=[0, 1, 2])
    found = value(cross_entropy(ops, np.eye(3)[labels], scores))
    np.testing.assert_allclose(found.mean(), expected, rtol=1e-9, atol=1e-9)


def test_cross_entropy_is_linear_in_the_targets():
    scores, other = random_logits()
    targets = softmax(other, axis=1)
    by_class = [value(cross_entropy(ops, np.tile(row, (6, 1)), scores)) for row in np.eye(4)]
    expected = (targets.T * by_class).sum(axis=0)
    np.testing.assert_allclose(value(cross_entropy(ops, targets, scores)), expected, rtol=1e-12)


def test_a_row_without_target_has_neither_loss_nor_gradient():
    scores, _ = random_logits()
    for term in cross_entropy(ops, np.zeros((6, 4)), scores):
        np.testing.assert_array_equal(term, 0)


@laws
@given(logits, logits, temperatures)
def test_divergence_is_never_negative(teaching, learning, temperature):
    assert value(divergence(ops, teaching, learning, temperature)).min() >= -1e-12


@laws
@given(logits, temperatures)
def test_equal_logits_have_neither_divergence_nor_gradient(scores, temperature):
    for term in divergence(ops, scores, scores.copy(), temperature):
        np.testing.assert_array_equal(term, 0)


@laws
@given(logits, logits, temperatures, st.floats(-100, 100), st.floats(-100, 100))
def test_divergence_ignores_a_constant_added_to_logits(teaching, learning, temperature, first, second):
    expected = divergence(ops, teaching, learning, temperature)
    shifted = divergence(ops, teaching + first, learning + second, temperature)
    for found, term in zip(shifted, expected):
        np.testing.assert_allclose(found, term, rtol=1e-9, atol=1e-9)


@laws
@given(logits, logits, temperatures)
def test_divergence_is_the_scaled_relative_entropy(teaching, learning, temperature):
    expected = expected_divergence(teaching, learning, temperature)
    np.testing.assert_allclose(value(divergence(ops, teaching, learning, temperature)), expected, rtol=1e-9, atol=1e-9)


def test_at_high_temperature_divergence_is_half_the_squared_difference_per_class():
    # Hinton, Vinyals and Dean 2015, section 2.1, for centred logits.
    teaching, learning = random_logits()
    difference = teaching - learning
    difference -= difference.mean(axis=1, keepdims=True)
    expected = (difference**2).sum(axis=1) / (2 * 4)
    np.testing.assert_allclose(value(divergence(ops, teaching, learning, 1e5)), expected, rtol=1e-3)


def test_huge_logits_give_finite_terms():
    both = np.array([[[1e4, -1e4]], [[-1e4, 1e4]]])
    for transfer in TRANSFERS:
        for term in joint_loss(ops, np.eye(2)[:1], both, transfer, np.ones(2), 1.0, 1.0):
            assert np.isfinite(term).all()


TAUGHT = [transfer for transfer in TRANSFERS if transfer != "none"]


@pytest.mark.parametrize("transfer", TAUGHT)
@pytest.mark.parametrize("temperature", [0.5, 1.0, 4.0])
def test_transfers_match_the_oracle(transfer, temperature):
    both = random_logits()
    values, _ = transfer_terms(ops, both, transfer, temperature)
    expected = expected_transfers(*both, temperature)[transfer]
    np.testing.assert_allclose(values, expected, rtol=1e-10, atol=1e-12)


def test_there_is_no_transfer_without_an_oracle():
    assert set(TRANSFERS) == set(expected_transfers(*random_logits(), 1.0))


@pytest.mark.parametrize("transfer", ["mutual", "ensemble"])
def test_symmetric_transfers_swap_with_the_roles(transfer):
    both = random_logits()
    there, back = (transfer_terms(ops, stacked, transfer, 2.0) for stacked in (both, both[::-1]))
    for term, swapped in zip(there, back):
        np.testing.assert_allclose(term, swapped[::-1], rtol=1e-12, atol=1e-14)


def test_one_way_transfers_are_mirror_images():
    both = random_logits()
    there = transfer_terms(ops, both, "to_main", 2.0)
    back = transfer_terms(ops, both[::-1], "to_auxiliary", 2.0)
    for term, swapped in zip(there, back):
        np.testing.assert_array_equal(term, swapped[::-1])


@pytest.mark.parametrize("transfer", TRANSFERS)
def test_terms_are_row_by_row(transfer):
    both = random_logits()
    values, slopes = joint_loss(ops, random_targets(), both, transfer, LABEL_WEIGHTS, 0.25, 2.0)
    row_values, row_slopes = joint_loss(ops, random_targets()[2:3], both[:, 2:3], transfer, LABEL_WEIGHTS, 0.25, 2.0)
    np.testing.assert_allclose(values[:, 2:3], row_values, rtol=1e-14)
    np.testing.assert_allclose(slopes[:, 2:3], row_slopes, rtol=1e-14, atol=1e-16)


def test_a_network_alone_has_its_label_loss_alone():
    main = random_logits()[:1]
    values, gradient = joint_loss(ops, random_targets(), main, "none", np.ones(1), 0.25, 2.0)
    expected, slope = cross_entropy(ops, random_targets(), main[0])
    np.testing.assert_array_equal(values, [expected, expected])
    np.testing.assert_array_equal(gradient, slope[None])


LABEL_WEIGHTS = np.array([1.0, 0.5])


@pytest.mark.parametrize("transfer", TRANSFERS)
def test_joint_loss_is_the_weighted_sum_and_its_terms_follow(transfer):
    both, targets = random_logits(), random_targets()
    loss, *terms = joint_loss(ops, targets, both, transfer, LABEL_WEIGHTS, 0.25, 2.0)[0]
    label_loss = [-np.log(softmax(scores, axis=1)[targets > 0]) for scores in both]
    divergences = expected_transfers(*both, 2.0)[transfer]
    expected = label_loss[0] + 0.5 * label_loss[1] + 0.25 * sum(divergences)
    np.testing.assert_allclose(loss, expected, rtol=1e-10)
    expected_terms = label_loss if transfer == "none" else [*label_loss, *divergences]
    np.testing.assert_allclose(terms, expected_terms, rtol=1e-10, atol=1e-14)


# Gradients, against finite differences of the values.


def finite_differences(function, x, step=1e-5):
    slopes = np.empty_like(x)
    for place in np.ndindex(x.shape):
        change = np.zeros_like(x)
        change[place] = step
        slopes[place] = (function(x + change) - function(x - change)) / (2 * step)
    return slopes


def assert_slopes(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("mass", [1.0, 0.3])
def test_the_gradient_of_cross_entropy_is_its_slope(mass):
    scores, other = random_logits()
    targets = mass * softmax(other, axis=1)
    expected = finite_differences(lambda x: value(cross_entropy(ops, targets, x)).sum(), scores)
    assert_slopes(cross_entropy(ops, targets, scores)[1], expected)


def test_the_gradient_of_cross_entropy_is_probability_minus_target():
    scores, _ = random_logits()
    expected = softmax(scores, axis=1) - random_targets()
    np.testing.assert_allclose(cross_entropy(ops, random_targets(), scores)[1], expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 4.0])
def test_the_gradient_of_divergence_is_its_slope_by_the_learning_side(temperature):
    teaching, learning = random_logits()
    expected = finite_differences(lambda x: expected_divergence(teaching, x, temperature).sum(), learning)
    assert_slopes(divergence(ops, teaching, learning, temperature)[1], expected)


def taught_by(transfer, both):
    """Which logits teach the main and the auxiliary network; None where nobody does."""
    main, auxiliary = both
    mean = (main + auxiliary) / 2
    return {
        "none": (None, None),
        "to_main": (auxiliary, None),
        "to_auxiliary": (None, main),
        "mutual": (auxiliary, main),
        "ensemble": (mean, mean),
    }[transfer]


@pytest.mark.parametrize("transfer", TRANSFERS)
def test_the_joint_gradient_holds_the_teaching_side_fixed(transfer):
    both, targets = random_logits(), random_targets()
    _, found = joint_loss(ops, targets, both, transfer, LABEL_WEIGHTS, 0.25, 2.0)
    for role, teaching in enumerate(taught_by(transfer, both)):

        def own_loss(x, role=role, teaching=teaching):
            loss = LABEL_WEIGHTS[role] * value(cross_entropy(ops, targets, x)).sum()
            return loss if teaching is None else loss + 0.25 * expected_divergence(teaching, x, 2.0).sum()

        assert_slopes(found[role], finite_differences(own_loss, both[role]))


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("transfer", TRANSFERS)
def test_keras_gives_the_same_loss_and_gradient(transfer, output):
    keras = pytest.importorskip("keras")
    tf = pytest.importorskip("tensorflow")
    if keras.backend.backend() != "tensorflow":
        pytest.skip("Keras is set to another backend, which does not read TensorFlow's tensors")
    given = random_targets(), random_logits()
    expected = joint_loss(ops, *given, transfer, LABEL_WEIGHTS, 0.25, 2.0, output)
    tensors = [tf.constant(array, tf.float64) for array in (*given, LABEL_WEIGHTS)]
    found = joint_loss(keras.ops, tensors[0], tensors[1], transfer, tensors[2], 0.25, 2.0, output)
    for tensor, array in zip(found, expected):
        assert tensor.dtype == tf.float64
        np.testing.assert_allclose(tensor.numpy(), array, rtol=1e-12, atol=1e-12)


# A teacher, and rows without labels.

LABELLED, ANSWERED = np.array([2.0, 2, 2, 0, 0, 0]), np.array([1.0, 1, 0, 1, 1, 0])
SHARES = ANSWERED * [0.3, 0.3, 0.3, 1, 1, 1]
LEARNING = np.ones(2)


def teaching(answers=None, labelled=LABELLED, answered=ANSWERED, shares=SHARES, learning=LEARNING):
    return Teaching(random_logits(5)[0] if answers is None else answers, labelled, answered, shares, learning)


def taught(transfer, output="softmax", both=None, **parts):
    both = random_logits() if both is None else both
    targets = random_targets() * (LABELLED > 0)[:, None]
    return joint_loss(ops, targets, both, transfer, LABEL_WEIGHTS, 0.25, 2.0, output, teaching(**parts))


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("transfer", TRANSFERS)
def test_the_labels_have_what_the_teacher_leaves_and_all_of_rows_without_answer(transfer, output):
    both, targets = random_logits(), random_targets() * (LABELLED > 0)[:, None]
    entropy, diverge = OUTPUTS[output]
    labels, _ = entropy(ops, targets, both)
    teacher, _ = diverge(ops, random_logits(5)[0], both, 2.0)
    expected = (LABEL_WEIGHTS[:, None] * LABELLED * (1 - SHARES) * labels + SHARES * teacher).sum(axis=0)
    if transfer != "none":
        expected += 0.25 * transfer_terms(ops, both, transfer, 2.0, output)[0].sum(axis=0)
    np.testing.assert_allclose(taught(transfer, output)[0][0], expected, rtol=1e-12)


@pytest.mark.parametrize("output", OUTPUTS)
def test_the_gradient_towards_a_teacher_is_the_slope_of_the_loss(output):
    found = taught("none", output)[1]
    expected = finite_differences(lambda x: taught("none", output, both=x)[0][0].sum(), random_logits())
    assert_slopes(found, expected)


@pytest.mark.parametrize("output", OUTPUTS)
def test_a_row_without_label_or_answer_has_the_transfer_alone(output):
    values, slopes = taught("mutual", output)
    expected, expected_slopes = transfer_terms(ops, random_logits(), "mutual", 2.0, output)
    np.testing.assert_allclose(values[0][-1], 0.25 * expected.sum(axis=0)[-1], rtol=1e-12)
    np.testing.assert_allclose(slopes[:, -1], 0.25 * expected_slopes[:, -1], rtol=1e-12)
    np.testing.assert_array_equal(values[1:3, LABELLED == 0], 0)
    np.testing.assert_array_equal(values[5:7, ANSWERED == 0], 0)


def test_answers_that_are_the_labels_have_the_gradient_of_the_labels():
    answers = np.log(np.clip(random_targets(), 1e-7, 1))
    everywhere = {"labelled": np.ones(6), "answered": np.ones(6)}
    for share in (0.0, 0.3, 1.0):
        parts = teaching(answers, shares=np.full(6, share), **everywhere)
        _, found = joint_loss(ops, random_targets(), random_logits(), "none", np.ones(2), 0, 1.0, "softmax", parts)
        np.testing.assert_allclose(found, cross_entropy(ops, random_targets(), random_logits())[1], atol=1e-6)


def test_who_only_teaches_learns_from_nobody():
    _, slopes = taught("none", learning=np.array([1.0, 0.0]), labelled=np.zeros(6))
    np.testing.assert_array_equal(slopes[1], 0)
    assert np.abs(slopes[0]).max() > 0


@pytest.mark.parametrize("output", OUTPUTS)
def test_keras_teaches_the_same(output):
    keras = pytest.importorskip("keras")
    tf = pytest.importorskip("tensorflow")
    if keras.backend.backend() != "tensorflow":
        pytest.skip("Keras is set to another backend, which does not read TensorFlow's tensors")
    targets = random_targets() * (LABELLED > 0)[:, None]
    arrays_ = [tf.constant(array, tf.float64) for array in (targets, random_logits(), LABEL_WEIGHTS)]
    parts = Teaching(*(tf.constant(array, tf.float64) for array in teaching()))
    found = joint_loss(keras.ops, *arrays_[:2], "mutual", arrays_[2], 0.25, 2.0, output, parts)
    for tensor, array in zip(found, taught("mutual", output)):
        np.testing.assert_allclose(tensor.numpy(), array, rtol=1e-12, atol=1e-12)


# Sigmoid outputs: the laws of labels that hold each by itself.


def entropy_of_labels(targets, scores):
    return binary_cross_entropy(ops, targets, scores)[0]


def expected_binary_divergence(teaching, learning, temperature):
    """T^2 KL of both values of each label, summed."""
    teaching, learning = teaching / temperature, learning / temperature
    held, missed = (rel_entr(expit(sign * teaching), expit(sign * learning)) for sign in (1, -1))
    return temperature**2 * (held + missed).sum(axis=-1)


def random_indicators():
    return np.random.default_rng(1).integers(0, 2, (6, 4)).astype(float)


@few
@given(logits, arrays(np.int64, (4, 3), elements=st.integers(0, 1)))
def test_binary_cross_entropy_is_the_log_loss_of_each_label(scores, indicators):
    expected = 3 * log_loss(indicators.ravel(), expit(scores).ravel(), labels=[0, 1])
    found = entropy_of_labels(indicators, scores)
    np.testing.assert_allclose(found.mean(), expected, rtol=1e-9, atol=1e-9)


@laws
@given(logits, logits, temperatures)
def test_binary_divergence_is_the_scaled_relative_entropy(teaching, learning, temperature):
    found = value(binary_divergence(ops, teaching, learning, temperature))
    assert found.min() >= -1e-12
    np.testing.assert_allclose(
        found, expected_binary_divergence(teaching, learning, temperature), rtol=1e-9, atol=1e-9
    )


@laws
@given(logits, temperatures)
def test_equal_logits_of_labels_have_neither_divergence_nor_gradient(scores, temperature):
    for term in binary_divergence(ops, scores, scores.copy(), temperature):
        np.testing.assert_array_equal(term, 0)


@laws
@given(
    arrays(np.float64, (2, 4, 1), elements=st.floats(-10, 10)), arrays(np.float64, (4, 1), elements=st.floats(0, 1))
)
def test_one_label_is_a_softmax_of_two_classes(both, targets):
    as_two, two_targets = np.insert(both, 0, 0, axis=-1), np.hstack([1 - targets, targets])
    for transfer in TRANSFERS:
        values, slopes = joint_loss(ops, targets, both, transfer, LABEL_WEIGHTS, 0.25, 2.0, "sigmoid")
        expected, two_slopes = joint_loss(ops, two_targets, as_two, transfer, LABEL_WEIGHTS, 0.25, 2.0)
        np.testing.assert_allclose(values, expected, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(slopes, two_slopes[..., 1:], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("transfer", TRANSFERS)
def test_labels_are_summed(transfer):
    both, targets = random_logits(), random_indicators()
    values, slopes = joint_loss(ops, targets, both, transfer, LABEL_WEIGHTS, 0.25, 2.0, "sigmoid")
    columns = [slice(place, place + 1) for place in range(4)]
    alone = [
        joint_loss(ops, targets[:, c], both[..., c], transfer, LABEL_WEIGHTS, 0.25, 2.0, "sigmoid") for c in columns
    ]
    np.testing.assert_allclose(values, sum(own for own, _ in alone), rtol=1e-12)
    np.testing.assert_allclose(slopes, np.concatenate([slope for _, slope in alone], axis=-1), rtol=1e-12)


@pytest.mark.parametrize("transfer", TRANSFERS)
def test_huge_logits_of_labels_give_finite_terms(transfer):
    both = np.array([[[1e4, -1e4]], [[-1e4, 1e4]]])
    with np.errstate(all="raise", under="ignore"):
        terms = joint_loss(ops, np.eye(2)[:1], both, transfer, np.ones(2), 1.0, 1.0, "sigmoid")
    assert all(np.isfinite(term).all() for term in terms)


@pytest.mark.parametrize("transfer", TRANSFERS)
def test_the_joint_gradient_of_labels_holds_the_teaching_side_fixed(transfer):
    both, targets = random_logits(), softmax(random_logits(2)[0], axis=1)
    _, found = joint_loss(ops, targets, both, transfer, LABEL_WEIGHTS, 0.25, 2.0, "sigmoid")
    for role, teaching in enumerate(taught_by(transfer, both)):

        def own_loss(x, role=role, teaching=teaching):
            loss = LABEL_WEIGHTS[role] * entropy_of_labels(targets, x).sum()
            return loss if teaching is None else loss + 0.25 * expected_binary_divergence(teaching, x, 2.0).sum()

        assert_slopes(found[role], finite_differences(own_loss, both[role]))
