"""The rates of each step: decay, ramp and the bias corrections of Adam."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skdistill._training.rates import BETA_1, BETA_2, Rates, rates_of_epoch

pytestmark = pytest.mark.core

N_ROWS, BATCH_SIZE = 50, 8
N_BATCHES = 7


def rates(epoch=0, ramp=True, n_rows=N_ROWS, **parameters):
    plan = {"max_iter": 10, "learning_rate_init": 0.01, "learning_rate": "linear", "transfer_weight": 2.0}
    found = rates_of_epoch(SimpleNamespace(**plan | parameters), n_rows, BATCH_SIZE, epoch, ramp)
    assert found.dtype == np.float32
    return Rates(*found.T)


def all_rates(max_iter=10, **parameters):
    """The rates of all steps of a fit, epoch after epoch."""
    epochs = [rates(epoch, max_iter=max_iter, **parameters) for epoch in range(max_iter)]
    return Rates(*map(np.concatenate, zip(*epochs)))


def corrections(n_steps):
    step = np.arange(1, n_steps + 1)
    return np.sqrt(1 - BETA_2**step) / (1 - BETA_1**step)


def test_the_learning_rate_falls_in_a_line_to_0_right_after_the_last_step():
    n_steps = 10 * N_BATCHES
    decay = all_rates().learning_rate / corrections(n_steps) / 0.01
    np.testing.assert_allclose(decay, 1 - np.arange(n_steps) / n_steps, rtol=1e-5)


def test_a_constant_learning_rate_has_the_bias_corrections_alone():
    found = all_rates(learning_rate="constant").learning_rate
    np.testing.assert_allclose(found, 0.01 * corrections(10 * N_BATCHES), rtol=1e-5)


def test_adam_with_these_rates_is_adam_with_corrected_moments():
    # Kingma and Ba 2015, algorithm 1; epsilon is left out, because it is added elsewhere there.
    gradients = np.random.default_rng(0).normal(size=(3 * N_BATCHES, 4))
    found = all_rates(max_iter=3, learning_rate="constant").learning_rate
    mean = square = np.zeros(4)
    for step, (gradient, rate) in enumerate(zip(gradients, found), 1):
        mean = BETA_1 * mean + (1 - BETA_1) * gradient
        square = BETA_2 * square + (1 - BETA_2) * gradient**2
        expected = 0.01 * (mean / (1 - BETA_1**step)) / np.sqrt(square / (1 - BETA_2**step))
        np.testing.assert_allclose(rate * mean / np.sqrt(square), expected, rtol=1e-5)


def test_the_first_step_of_adam_moves_by_the_learning_rate():
    first = rates().learning_rate[0]
    gradient = 3.7
    moved = first * (1 - BETA_1) * gradient / np.sqrt((1 - BETA_2) * gradient**2)
    assert moved == pytest.approx(0.01, rel=1e-5)


def test_the_transfer_grows_over_the_first_fifth_of_all_steps():
    found = all_rates().transfer_weight
    n_grown = 10 * N_BATCHES // 5
    np.testing.assert_allclose(found[:n_grown], 2 * np.arange(1, n_grown + 1) / n_grown, rtol=1e-5)
    np.testing.assert_array_equal(found[n_grown:], 2)


def test_without_a_ramp_the_transfer_has_its_full_weight_at_once():
    np.testing.assert_array_equal(all_rates(ramp=False).transfer_weight, 2)


def test_a_fit_of_one_step_has_the_full_weight_of_the_transfer():
    np.testing.assert_array_equal(all_rates(max_iter=1, n_rows=3).transfer_weight, [2])


@given(st.integers(1, 200), st.integers(0, 4))
def test_the_row_weights_of_a_batch_sum_to_1(n_rows, epoch):
    found = rates(epoch, n_rows=n_rows).row_weight
    sizes = [len(rows) for rows in np.split(np.arange(n_rows), range(BATCH_SIZE, n_rows, BATCH_SIZE))]
    np.testing.assert_allclose(found * sizes, 1, rtol=1e-6)


def test_epochs_continue_each_other():
    whole = all_rates(max_iter=4)
    for epoch in range(4):
        for part, all_of_them in zip(rates(epoch, max_iter=4), whole):
            np.testing.assert_array_equal(part, all_of_them[epoch * N_BATCHES : (epoch + 1) * N_BATCHES])
