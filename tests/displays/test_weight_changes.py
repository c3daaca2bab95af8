"""Two bars for each layer."""

from types import SimpleNamespace

import numpy as np
import pytest
from factory import small

from skdistill.displays import ContributionDisplay, WeightChangeDisplay
from skdistill.inspection import distillation_report

pytest.importorskip("matplotlib").use("Agg")


def test_the_bars_are_the_changes():
    display = WeightChangeDisplay(["tokens", "bias"], [2, np.nan], [1, 3]).plot()
    lengths = [[bar.get_width() for bar in group] for group in display.ax_.containers]
    np.testing.assert_array_equal(lengths, [[2, np.nan], [1, 3]])
    assert [text.get_text() for text in display.figure_.legends[0].get_texts()] == ["with transfer", "alone"]


def test_lengths_agree():
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        WeightChangeDisplay(["tokens"], [1, 2], [1, 2]).plot()


def test_a_report_gives_the_layers_of_the_network_asked_for_and_its_verdicts():
    pytest.importorskip("tensorflow")
    texts, labels = ["good food", "bad food", "a good film", "a bad film"] * 4, ["pos", "neg"] * 8
    report = distillation_report(small(auxiliary="cnn", max_iter=1), texts, labels, cv=2)
    for network, layers in (("main", {"tokens", "kernel_0", "bias_0"}), ("auxiliary", {"embedding", "window_3"})):
        display = WeightChangeDisplay.from_report(report, network)
        assert layers <= set(display.labels)
        expected = {layer["layer"]: layer["change"] for layer in report.layers_ if layer["network"] == network}
        np.testing.assert_array_equal(display.changes, [expected[name] for name in display.labels])
    shown = ContributionDisplay.from_report(report)
    assert shown.effects == [verdict.effect for verdict in report.verdict_.values()]


def test_a_report_without_layers_of_the_network_is_an_error():
    report = SimpleNamespace(layers_=[{"network": "main", "layer": "tokens", "change": 1.0, "change_alone": 2.0}])
    with pytest.raises(ValueError, match=r"network must be one of .*\['main'\]. Got 'auxiliary'"):
        WeightChangeDisplay.from_report(report, "auxiliary")
    with pytest.raises(TypeError, match="report must have layers_.*Got list"):
        WeightChangeDisplay.from_report([])
