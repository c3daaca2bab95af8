"""Validation during training, on logits made by hand: scores, the best epoch and when a phase is done."""

import tracemalloc
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import expit, softmax
from sklearn.metrics import accuracy_score, log_loss

from skdistill._training.early_stopping import ValidationMonitor
from skdistill._training.rows import Rows

pytestmark = pytest.mark.core

LABELS = np.array([0, 1, 2, 0, 1, 2, 0, 1, 2, 0])
PAIR = ("main", "auxiliary")


def logits_of(n_right, margin=2.0, labels=LABELS):
    """Logits that are right in the first ``n_right`` rows, with a margin, and wrong in the others."""
    named = np.where(np.arange(len(labels)) < n_right, labels, (labels + 1) % 3)
    return (margin * np.eye(3)[named]).astype(np.float32)


def monitor(roles=("main",), learners=None, labels=LABELS, weights=None, **parameters):
    """A monitor whose networks predict whatever is given as their dense arrays."""
    plan = {
        "early_stopping": True,
        "n_iter_no_change": 3,
        "tol": 1e-4,
        "target_score": None,
        "predict_with": "main",
        "out_activation": "softmax",
    }
    rows = Rows(None, labels, np.ones(len(labels)) if weights is None else weights)
    predict = dict.fromkeys(roles, lambda table, dense: dense)
    made = ValidationMonitor(SimpleNamespace(**plan | parameters), rows, predict)
    made.begin_phase(learners or roles)
    return made


def score(monitor, epoch, **logits):
    """End an epoch in which the networks have these logits."""
    return monitor.end_epoch(epoch, {role: (None, own) for role, own in logits.items()})


def run(monitor, numbers_right):
    """Epochs of so many right rows, until the monitor is done: how many there were."""
    for epoch, n_right in enumerate(numbers_right, 1):
        score(monitor, epoch, main=logits_of(n_right))
        if monitor.is_done:
            break
    return epoch


# What is measured.


@pytest.mark.parametrize("weights", [None, np.arange(1.0, 11)])
def test_scores_are_accuracy_and_log_loss(weights):
    logits = np.random.default_rng(0).normal(size=(10, 3)).astype(np.float32)
    found = score(monitor(weights=weights), 1, main=logits)
    expected = {
        "main_validation_score": accuracy_score(LABELS, logits.argmax(axis=1), sample_weight=weights),
        "main_validation_loss": log_loss(LABELS, softmax(logits.astype(float), axis=1), sample_weight=weights),
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected)


def test_of_two_networks_the_mean_of_the_probabilities_is_scored_too():
    generator = np.random.default_rng(0)
    logits = {role: generator.normal(size=(10, 3)) for role in PAIR}
    found = score(monitor(PAIR), 1, **logits)
    mean = np.mean([softmax(own, axis=1) for own in logits.values()], axis=0)
    assert set(found) == {f"{name}_validation_{kind}" for name in (*PAIR, "ensemble") for kind in ("score", "loss")}
    assert found["ensemble_validation_score"] == pytest.approx(accuracy_score(LABELS, mean.argmax(axis=1)))
    assert found["ensemble_validation_loss"] == pytest.approx(log_loss(LABELS, mean))


def test_multilabel_scores_are_subset_accuracy_and_the_mean_log_loss_of_the_labels():
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 2, (20, 3))
    logits = generator.normal(size=(20, 3)) + 3 * labels - 1.5
    found = score(monitor(labels=labels, out_activation="sigmoid"), 1, main=logits)
    assert found["main_validation_score"] == pytest.approx(accuracy_score(labels, logits > 0))
    assert 0.1 < found["main_validation_score"] < 0.9
    losses = [log_loss(own, p) for own, p in zip(labels.T, expit(logits).T)]
    assert found["main_validation_loss"] == pytest.approx(np.mean(losses))


def test_a_row_whose_class_is_not_learned_is_misclassified_and_has_no_loss():
    generator = np.random.default_rng(0)
    logits = {role: generator.normal(size=(10, 3)) for role in PAIR}
    labels, weights = np.where(np.arange(10) < 4, -1, LABELS), np.arange(1.0, 11)
    found = score(monitor(PAIR, labels=labels, weights=weights), 1, **logits)
    known = score(
        monitor(PAIR, labels=labels[4:], weights=weights[4:]), 1, **{role: own[4:] for role, own in logits.items()}
    )
    for name in (*PAIR, "ensemble"):
        assert found[f"{name}_validation_loss"] == pytest.approx(known[f"{name}_validation_loss"])
        expected = known[f"{name}_validation_score"] * weights[4:].sum() / weights.sum()
        assert found[f"{name}_validation_score"] == pytest.approx(expected)


def test_many_rows_of_many_classes_are_scored_in_bounded_memory():
    generator = np.random.default_rng(0)
    logits = generator.normal(size=(2000, 2000)).astype(np.float32)  # in float64, 32 MB
    labels = logits.argmax(axis=1)
    labels[::4] = generator.integers(0, 2000, 500)
    made = monitor(labels=labels)
    tracemalloc.start()
    found = score(made, 1, main=logits)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 48e6
    assert found["main_validation_score"] == np.mean(labels == logits.argmax(axis=1))
    of_labels = np.log(softmax(logits.astype(float), axis=1))[np.arange(2000), labels]
    assert found["main_validation_loss"] == pytest.approx(-of_labels.mean(), rel=1e-12)


def test_large_logits_have_a_finite_loss():
    for labels, activation in ((LABELS, "softmax"), (np.eye(3, dtype=int)[LABELS], "sigmoid")):
        made = monitor(labels=labels, out_activation=activation)
        assert np.isfinite(score(made, 1, main=300 * logits_of(5))["main_validation_loss"])


# The best epoch.


def test_the_best_epoch_has_the_most_right_rows_and_its_weights_are_kept():
    made = monitor(n_iter_no_change=9)
    for epoch, n_right in enumerate([3, 8, 9, 5], 1):
        score(made, epoch, main=logits_of(n_right))
    assert made.best_epoch == 3
    _, kept = made.best_parameters["main"]
    np.testing.assert_array_equal(kept, logits_of(9))


def test_of_equal_accuracies_the_smaller_log_loss_is_better_and_then_the_earlier_epoch():
    made = monitor(n_iter_no_change=9)
    for epoch, margin in enumerate([1.0, 0.5, 0.5, 2.0], 1):
        score(made, epoch, main=logits_of(5, margin))  # the larger, the worse the wrong half
    assert made.best_epoch == 2


def test_each_network_keeps_its_own_best_weights():
    made = monitor(PAIR, predict_with="auxiliary")
    for epoch, (main, auxiliary) in enumerate([(9, 3), (5, 8), (6, 4)], 1):
        score(made, epoch, main=logits_of(main), auxiliary=logits_of(auxiliary))
    kept = {role: dense for role, (_, dense) in made.best_parameters.items()}
    np.testing.assert_array_equal(kept["main"], logits_of(9))
    np.testing.assert_array_equal(kept["auxiliary"], logits_of(8))
    assert made.best_epoch == 2


def test_without_early_stopping_the_last_weights_are_kept():
    made = monitor(early_stopping=False)
    assert run(made, [9, 3, 3, 3, 3, 3]) == 6
    assert made.best_epoch is None
    assert made.best_parameters == {}


# When a phase is done.


def test_a_phase_ends_after_some_epochs_without_more_accuracy():
    assert run(monitor(n_iter_no_change=3), [3, 4, 4, 4, 4, 9]) == 5
    assert run(monitor(n_iter_no_change=1), [3, 4, 4, 9]) == 3


def test_an_improvement_of_no_more_than_tol_does_not_count():
    assert run(monitor(n_iter_no_change=2, tol=0.15), [3, 4, 4, 9]) == 3
    assert run(monitor(n_iter_no_change=2, tol=0.05), [3, 4, 4, 9, 9, 9]) == 6


def test_small_improvements_add_up_to_one_that_counts():
    assert run(monitor(n_iter_no_change=2, tol=0.15), [3, 4, 5, 6, 7, 8, 9]) == 7


@pytest.mark.parametrize("early_stopping", [True, False])
def test_a_phase_ends_at_the_target_score(early_stopping):
    assert run(monitor(target_score=0.8, early_stopping=early_stopping), [3, 5, 8, 9]) == 3


def test_only_the_predicting_network_reaches_the_target():
    made = monitor(PAIR, learners=("auxiliary",), target_score=0.5)
    score(made, 1, auxiliary=logits_of(9))
    assert not made.is_done
    made.begin_phase(("main",))
    score(made, 2, main=logits_of(3), auxiliary=logits_of(9))
    assert not made.is_done
    score(made, 3, main=logits_of(5), auxiliary=logits_of(9))
    assert made.is_done


@pytest.mark.parametrize("predict_with", [*PAIR, "ensemble"])
def test_the_predicting_network_is_monitored(predict_with):
    assert monitor(PAIR, predict_with=predict_with).monitored == predict_with


def test_while_the_predicting_network_does_not_learn_the_one_that_does_is_monitored():
    made = monitor(PAIR, learners=("auxiliary",))
    found = score(made, 1, auxiliary=logits_of(9))
    assert made.monitored == "auxiliary"
    assert set(found) == {"auxiliary_validation_score", "auxiliary_validation_loss"}
    assert made.best_epoch is None
    made.begin_phase(("main",))
    assert made.monitored == "main"


def test_a_network_that_rests_keeps_the_weights_of_its_own_phase():
    made = monitor(PAIR, learners=("auxiliary",))
    score(made, 1, auxiliary=logits_of(5))
    made.begin_phase(("main",))
    score(made, 2, main=logits_of(4), auxiliary=logits_of(9))
    _, kept = made.best_parameters["auxiliary"]
    np.testing.assert_array_equal(kept, logits_of(5))


def test_each_phase_counts_its_own_epochs_without_improvement():
    made = monitor(PAIR, learners=("auxiliary",), n_iter_no_change=2)
    for epoch in (1, 2, 3):
        score(made, epoch, auxiliary=logits_of(9))
    assert made.is_done
    made.begin_phase(("main",))
    assert not made.is_done
    score(made, 4, main=logits_of(3), auxiliary=logits_of(9))
    assert not made.is_done
