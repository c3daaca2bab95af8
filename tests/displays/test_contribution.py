"""Effects are drawn with their intervals, and filled where these exclude zero."""

from types import SimpleNamespace

import numpy as np
import pytest

from skdistill.displays import ContributionDisplay

pytest.importorskip("matplotlib").use("Agg")


def test_effects_intervals_and_verdicts_are_drawn():
    effects, lower, upper = [0.1, 0.2, -0.3], [-0.1, 0.1, -0.4], [0.3, 0.4, -0.1]
    display = ContributionDisplay(["a", "b", "$c$"], effects, lower, upper, ["no", "yes", "worse"]).plot()
    assert [label.get_text() for label in display.ax_.get_yticklabels()] == ["a", "b", "$c$"]
    *_, filled, hollow = display.ax_.lines
    np.testing.assert_array_equal(filled.get_xydata(), [[0.2, 1], [-0.3, 2]])
    np.testing.assert_array_equal(hollow.get_xydata(), [[0.1, 0]])
    assert (filled.get_marker(), hollow.get_marker()) == ("o", "s")
    segments = display.ax_.collections[0].get_segments()
    np.testing.assert_allclose(segments, [[(x, place), (y, place)] for place, x, y in zip(range(3), lower, upper)])
    (right,) = display.ax_.child_axes
    assert [label.get_text() for label in right.get_yticklabels()] == ["no", "yes", "worse"]


def test_an_effect_is_inside_its_interval_and_lengths_agree():
    with pytest.raises(ValueError, match="between lower and upper"):
        ContributionDisplay(["a"], [1], [2], [3]).plot()
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        ContributionDisplay(["a", "b"], [1], [0], [3]).plot()


def verdict(effect, interval, word):
    return SimpleNamespace(effect=effect, interval=interval, word=word)


def test_the_verdicts_of_a_report_are_drawn_where_there_are_some():
    verdicts = {"main": verdict(0.1, (0.05, 0.2), "HELPS"), "auxiliary": None, "other": verdict(0, (np.nan,) * 2, "?")}
    display = ContributionDisplay.from_report(SimpleNamespace(verdict_=verdicts, metric_="f1"))
    assert (display.labels, display.effects, display.verdicts) == (["main", "other"], [0.1, 0], ["HELPS", "?"])
    *_, filled, without_interval = display.ax_.lines
    np.testing.assert_array_equal(filled.get_xydata(), [[0.1, 0]])
    np.testing.assert_array_equal(without_interval.get_xydata(), [[0, 1]])
    assert display.ax_.get_xlabel() == "difference in f1"
    with pytest.raises(ValueError, match="a verdict that is not None"):
        ContributionDisplay.from_report(SimpleNamespace(verdict_={"main": None}))
    with pytest.raises(TypeError, match="report must have verdict_"):
        ContributionDisplay.from_report([1])
