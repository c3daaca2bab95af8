"""Two bars for each layer."""

import numpy as np
import pytest

from skdistill.displays import WeightChangeDisplay

pytest.importorskip("matplotlib").use("Agg")


def test_the_bars_are_the_changes():
    display = WeightChangeDisplay(["tokens", "bias"], [2, np.nan], [1, 3]).plot()
    lengths = [[bar.get_width() for bar in group] for group in display.ax_.containers]
    np.testing.assert_array_equal(lengths, [[2, np.nan], [1, 3]])
    assert [text.get_text() for text in display.figure_.legends[0].get_texts()] == ["with transfer", "alone"]


def test_lengths_agree():
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        WeightChangeDisplay(["tokens"], [1, 2], [1, 2]).plot()
