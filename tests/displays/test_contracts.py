"""Contracts of all displays: ``plot`` does nothing but draw, into the Axes that it is given."""

import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest

from skdistill import displays
from skdistill.displays import (
    ContributionDisplay,
    LambdaDisplay,
    ParetoDisplay,
    ReliabilityDisplay,
    SoftTargetDisplay,
    TrainingDisplay,
    WeightChangeDisplay,
)
from skdistill.displays._figure import STYLES

pytest.importorskip("matplotlib").use("Agg")
pyplot = pytest.importorskip("matplotlib.pyplot")

HISTORY = {
    "loss": [3.0, 2.0, 1.5],
    "main_loss": [1.0, 0.8, 0.7],
    "auxiliary_loss": [2.0, 1.0, 0.9],
    "main_transfer": [0.1, 0.2, 0.1],
    "auxiliary_transfer": [0.2, 0.1, 0.1],
    "main_validation_score": [0.5, 0.6, 0.7],
    "auxiliary_validation_score": [0.4, 0.6, 0.6],
    "ensemble_validation_score": [0.5, 0.7, 0.7],
}

# A display of each kind, with its number of panels.
MADE = {
    TrainingDisplay: (lambda: TrainingDisplay(HISTORY, best_iter=2), 4),
    SoftTargetDisplay: (lambda: SoftTargetDisplay([[[0.9, 0.1], [0.7, 0.3]]] * 2, [1, 2], ["a", "b"]), 2),
    ReliabilityDisplay: (
        lambda: ReliabilityDisplay(
            [[np.nan, 0.7], [0.3, 0.8]], [[np.nan, 0.5], [0, 1]], [[0, 4], [1, 3]], ["main", "auxiliary"]
        ),
        2,
    ),
    LambdaDisplay: (
        lambda: LambdaDisplay(
            [[0.5, 0.6], [0.7, np.nan]], [0.1, 1], [8, 16], chosen=(1, 0), x_name="auxiliary_weight", y_name="units"
        ),
        1,
    ),
    ParetoDisplay: (lambda: ParetoDisplay([1, 2, 3], [0.5, 0.7, 0.6], [0, 1], labels=["a", "b", "c"], chosen=1), 1),
    ContributionDisplay: (
        lambda: ContributionDisplay(["a", "b"], [0.1, 0.2], [-0.1, 0.1], [0.2, 0.3], ["?", "yes"]),
        1,
    ),
    WeightChangeDisplay: (lambda: WeightChangeDisplay(["a", "b"], [1, 2], [np.nan, 1]), 1),
}
EACH = pytest.mark.parametrize("kind", MADE, ids=lambda kind: kind.__name__)


def drawn(display):
    """Return the axes of a display, as a list."""
    return list(getattr(display, "axes_", [getattr(display, "ax_", None)]))


def numbers_of(display):
    """Return all that is drawn, as lists of numbers and texts."""
    found = []
    for ax in drawn(display):
        found += [line.get_xydata().tolist() for line in ax.lines]
        found += [patch.get_path().vertices.tolist() for patch in ax.patches]
        found += [image.get_array().tolist() for image in ax.images]
        found += [text.get_text() for text in [*ax.texts, *ax.get_xticklabels(), *ax.get_yticklabels()]]
    return found


def test_every_public_display_is_tested_here():
    assert {kind.__name__ for kind in MADE} == set(displays.__all__)


@EACH
def test_plot_returns_the_display_and_draws_the_same_again_in_a_new_figure(kind):
    display = MADE[kind][0]()
    state = {name: repr(value) for name, value in vars(display).items()}
    assert display.plot() is display
    first, numbers = display.figure_, numbers_of(display)
    assert len(numbers) > 1
    assert display.plot().figure_ is not first
    assert repr(numbers_of(display)) == repr(numbers)
    assert {name: repr(value) for name, value in vars(display).items() if not name.endswith("_")} == state


@EACH
def test_the_axes_given_are_used(kind):
    make, n_panels = MADE[kind]
    figure, axes = pyplot.subplots(1, n_panels, squeeze=False, figsize=(4 * n_panels, 4))
    display = make().plot(axes[0, 0] if n_panels == 1 else axes[0])
    assert drawn(display) == list(axes[0])
    assert display.figure_ is figure


@EACH
def test_one_of_several_axes_is_used_and_divided_for_panels(kind):
    make, n_panels = MADE[kind]
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(14, 6))
    display = make().plot(left)
    assert display.figure_ is figure
    assert len(drawn(display)) == n_panels
    assert not right.has_data()
    assert right.axison


@EACH
def test_wrong_numbers_of_axes_are_refused(kind):
    make, n_panels = MADE[kind]
    _, axes = pyplot.subplots(1, n_panels + 1)
    with pytest.raises(ValueError, match=f"Got {n_panels + 1} axes"):
        make().plot(axes)


@EACH
def test_all_axes_have_names_and_no_two_texts_overlap(kind):
    display = MADE[kind][0]().plot()
    display.figure_.canvas.draw()
    for ax in drawn(display):
        assert ax.get_ylabel() or all(label.get_text() for label in ax.get_yticklabels())
    assert drawn(display)[-1].get_xlabel()
    labels = [axis.get_ticklabels() for ax in drawn(display) for axis in (ax.xaxis, ax.yaxis)]
    for texts in labels:
        boxes = [text.get_window_extent() for text in texts if text.get_text() and text.get_visible()]
        assert not any(box.overlaps(other) for box, other in pairwise(boxes))


@EACH
def test_curves_and_bars_differ_by_more_than_their_colours(kind):
    for ax in drawn(MADE[kind][0]().plot()):
        named = [line for line in ax.lines if not line.get_label().startswith("_") and len(line.get_xdata())]
        looks = [(line.get_marker(), line.get_linestyle()) for line in named]
        assert len(set(looks)) == len(looks)
        bars = [container[0] for container in ax.containers if hasattr(container, "patches")]
        assert len({bar.get_hatch() for bar in bars}) == len(bars)


def test_the_curves_of_networks_have_different_greys_markers_and_lines():
    to_rgb = pytest.importorskip("matplotlib.colors").to_rgb
    greys = [np.dot(to_rgb(style["color"]), (0.3, 0.59, 0.11)) for style in STYLES.values()]
    assert min(np.diff(sorted(greys))) > 0.01
    for part in ("color", "marker", "linestyle"):
        assert len({style[part] for style in STYLES.values()}) == len(STYLES)


WITHOUT_MATPLOTLIB = """
import sys
import skdistill.displays
print("matplotlib" in sys.modules)
sys.modules["matplotlib"] = None
from skdistill.displays import ContributionDisplay, ReliabilityDisplay
for draw in (
    ContributionDisplay(["a"], [1], [0], [2]).plot,
    lambda: ReliabilityDisplay.from_predictions(None, None),
):
    try:
        draw()
    except ImportError as error:
        print(error)
"""


def test_importing_displays_is_light_and_a_missing_matplotlib_is_named_before_anything_is_computed():
    result = subprocess.run([sys.executable, "-c", WITHOUT_MATPLOTLIB], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    advice = "needs matplotlib. Install it with: pip install 'skdistill[plot]'"
    assert result.stdout.splitlines() == ["False", f"ContributionDisplay {advice}", f"ReliabilityDisplay {advice}"]
