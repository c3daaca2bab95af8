"""How two networks agree, and how well one is calibrated: laws and values by hand."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score

from skdistill.metrics import agreement, churn, expected_calibration_error, fidelity


def probabilities(n_rows=50, n_classes=3, seed=0):
    return np.random.default_rng(seed).dirichlet(np.ones(n_classes), n_rows)


ONE, OTHER = probabilities(seed=0), probabilities(seed=1)
WEIGHTS = np.arange(50.0)
Y = np.random.default_rng(2).integers(3, size=50)


@pytest.mark.core
def test_agreement_is_the_accuracy_of_one_by_the_other():
    one, other = ONE.argmax(axis=1), OTHER.argmax(axis=1)
    assert agreement(ONE, OTHER) == agreement(one, other) == accuracy_score(one, other)
    weighted = accuracy_score(one, other, sample_weight=WEIGHTS)
    assert agreement(ONE, OTHER, sample_weight=WEIGHTS) == pytest.approx(weighted)
    assert agreement(ONE, OTHER) == agreement(OTHER, ONE)
    assert agreement(ONE, ONE) == 1


def test_churn_is_what_agreement_leaves():
    for given in ({}, {"sample_weight": WEIGHTS}, {"multilabel": True}):
        assert churn(ONE, OTHER, **given) == pytest.approx(1 - agreement(ONE, OTHER, **given))


def test_multilabel_predictions_agree_where_all_labels_do():
    one, other = np.array([[0.9, 0.8], [0.9, 0.2]]), np.array([[0.6, 0.7], [0.4, 0.2]])
    assert agreement(one, other, multilabel=True) == 0.5
    assert agreement(one > 0.5, other > 0.5, multilabel=True) == 0.5


@pytest.mark.core
def test_fidelity_is_the_mean_divergence():
    by_hand = (ONE * np.log(ONE / OTHER)).sum(axis=1)
    assert fidelity(ONE, OTHER) == pytest.approx(by_hand.mean())
    assert fidelity(ONE, OTHER, sample_weight=WEIGHTS) == pytest.approx(np.average(by_hand, weights=WEIGHTS))
    assert fidelity(ONE, ONE) == 0
    assert fidelity([[1, 0]], [[0, 1]]) == pytest.approx(-np.log(1e-7))


def test_multilabel_fidelity_adds_the_labels():
    p, q = np.array([[0.9, 0.3]]), np.array([[0.5, 0.4]])
    by_hand = sum(fidelity([[a, 1 - a]], [[b, 1 - b]]) for a, b in zip(p[0], q[0]))
    assert fidelity(p, q, multilabel=True) == pytest.approx(by_hand)


@pytest.mark.core
def test_the_calibration_error_is_the_weighted_gap_of_the_bins():
    confidences, correct = ONE.max(axis=1), ONE.argmax(axis=1) == Y
    by_hand = 0
    for low in np.arange(10) / 10:
        inside = (confidences > low) & (confidences <= low + 0.1)
        if inside.any():
            by_hand += inside.mean() * abs(correct[inside].mean() - confidences[inside].mean())
    assert expected_calibration_error(Y, ONE, n_bins=10) == pytest.approx(by_hand)
    assert expected_calibration_error(Y, ONE, n_bins=1) == pytest.approx(abs(correct.mean() - confidences.mean()))


def test_a_weight_is_a_repetition_in_the_calibration_error():
    times = np.arange(50) % 3
    repeated = expected_calibration_error(np.repeat(Y, times), np.repeat(ONE, times, axis=0))
    assert expected_calibration_error(Y, ONE, sample_weight=times) == pytest.approx(repeated)


def test_a_label_of_two_values_is_calibrated_as_two_classes_are():
    p, y = ONE[:, :1], (Y == 0).astype(int)
    as_classes = expected_calibration_error(y, np.column_stack([1 - p, p]))
    assert expected_calibration_error(y[:, None], p) == pytest.approx(as_classes)


def test_labels_name_the_columns():
    names = np.array(["c", "a", "b"])
    expected = expected_calibration_error(Y, ONE)
    assert expected_calibration_error(names[Y], ONE, labels=names) == expected
    assert expected_calibration_error(names[Y], ONE[:, [1, 2, 0]]) == expected


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: agreement(ONE, OTHER[1:]), "first and second must have the same shape"),
        (lambda: churn(ONE, OTHER[1:]), "before and after must have the same shape"),
        (lambda: fidelity(ONE, OTHER[1:]), "teacher_proba and student_proba must have the same shape"),
        (lambda: fidelity(ONE * 2, OTHER), "teacher_proba must hold probabilities"),
        (lambda: fidelity(ONE, OTHER / 2), "Rows of student_proba must sum to 1"),
        (lambda: fidelity([0.5], [0.5]), "teacher_proba must have the shape"),
        (lambda: agreement([1], [1], multilabel=True), "first and second must have 2 dimensions"),
        (lambda: expected_calibration_error(Y, ONE, n_bins=0), "n_bins must be an int of at least 1"),
        (lambda: expected_calibration_error(Y[Y > 0], ONE[Y > 0]), "y_proba must have a column per class"),
        (lambda: expected_calibration_error(Y, ONE, labels=[0, 1]), "y_proba must have a column per class"),
    ],
)
def test_errors_name_the_argument(call, message):
    with pytest.raises(ValueError, match=message):
        call()
