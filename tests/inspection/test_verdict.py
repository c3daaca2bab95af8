"""The corrected resampled t-test against the formula of the paper, and the words that follow from it."""

import math

import numpy as np
import pytest
from scipy import integrate

from skdistill.inspection._verdict import compare


def verdict(differences, test_ratio=0.25):
    return compare("main", "main_alone", "accuracy", differences, test_ratio)


@pytest.mark.core
def test_the_interval_is_that_of_the_papers_formula():
    differences = [0.02, 0.05, 0.01, 0.04, 0.03]
    # mean 0.03, sample variance 0.00025, (1/5 + 1/4) * 0.00025 = 0.0001125; 97.5 % of Student's t with 4 degrees
    # of freedom lie below 2.776445.
    found = verdict(differences)
    assert found.effect == pytest.approx(0.03)
    half = 2.776445 * math.sqrt(0.0001125)
    assert found.interval == pytest.approx((0.03 - half, 0.03 + half), abs=1e-7)
    # The density of Student's t with 4 degrees of freedom is 3/8 * (1 + t^2 / 4)^(-5/2).
    tail, _ = integrate.quad(lambda t: 3 / 8 * (1 + t * t / 4) ** -2.5, 0.03 / math.sqrt(0.0001125), np.inf)
    assert found.p_value == pytest.approx(2 * tail)


def test_the_words_follow_from_the_interval():
    assert verdict([0.1, 0.11, 0.12]).word == "HELPS"
    assert verdict([-0.1, -0.11, -0.12]).word == "HURTS"
    assert verdict([-0.1, 0.11, 0.12]).word == "NO DIFFERENCE"
    low, high = verdict([-0.1, 0.11, 0.12]).interval
    assert low < 0 < high


def test_without_variance_there_is_no_difference():
    assert verdict([0, 0, 0]).interval == (0, 0)
    equal = verdict([0.3 - 0.2, 0.1, 0.4 - 0.3])
    assert equal.word == "NO DIFFERENCE"
    assert np.isnan(equal.interval).all()


@pytest.mark.parametrize("differences", [[0.1], [0.1, np.nan], []])
def test_one_split_gives_no_verdict(differences):
    assert verdict(differences) is None


def test_splits_that_failed_are_left_out():
    assert verdict([0.1, np.nan, 0.12]) == verdict([0.1, 0.12])
    assert verdict([0.1, np.nan, 0.12]).n_splits == 2


def test_larger_test_parts_widen_the_interval():
    widths = [np.ptp(verdict([0.1, 0.2, 0.15], ratio).interval) for ratio in (0, 0.25, 1)]
    assert widths == sorted(widths)
    assert widths[2] / widths[0] == pytest.approx(2)  # (1/3 + 1) / (1/3) = 4


def test_a_correct_null_hypothesis_is_seldom_rejected():
    generator = np.random.default_rng(0)
    words = [verdict(generator.normal(size=5), 0).word for _ in range(600)]
    assert 0.025 < np.mean(np.array(words) != "NO DIFFERENCE") < 0.08


def test_the_text_of_a_verdict_says_word_effect_and_interval():
    text = str(verdict([0.1, 0.11, 0.12]))
    assert text.startswith("HELPS: accuracy +0.1100, 95 % interval +0.")
    assert text.endswith("(main against main alone, 3 splits)")
