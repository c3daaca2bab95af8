"""Effects with their intervals, such as what distillation contributes to each network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_consistent_length

from ._estimators import class_name
from ._figure import BLUE, GREY, import_pyplot, make_axes, short_line


class ContributionDisplay:
    """Effects and their intervals around a line at zero.

    An effect whose interval does not contain zero has a filled marker.

    Parameters
    ----------
    labels : sequence of str, of length n_effects
        What was compared.
    effects : array-like of shape (n_effects,)
        The differences.
    lower, upper : array-like of shape (n_effects,)
        The ends of their intervals; NaN for an effect without one.
    verdicts : sequence of str, of length n_effects, or None, default=None
        A word for each effect, to its right.
    effect_name : str, default="difference in accuracy"
        Name of the differences, with their unit.

    Attributes
    ----------
    ax_ : matplotlib Axes
        The axes, once they are drawn.
    figure_ : matplotlib Figure
        The figure that they are in.

    See Also
    --------
    skdistill.inspection.distillation_report : Measures the effects.

    Examples
    --------
    >>> from skdistill.displays import ContributionDisplay
    >>> display = ContributionDisplay(["main", "auxiliary"], [0.001, 0.021], [-0.004, 0.012], [0.006, 0.03])
    >>> display.plot().ax_.get_xlabel()
    'difference in accuracy'
    """

    def __init__(
        self,
        labels: Sequence[str],
        effects: ArrayLike,
        lower: ArrayLike,
        upper: ArrayLike,
        verdicts: Sequence[str] | None = None,
        *,
        effect_name: str = "difference in accuracy",
    ):
        self.labels = labels
        self.effects = effects
        self.lower = lower
        self.upper = upper
        self.verdicts = verdicts
        self.effect_name = effect_name

    @classmethod
    def from_report(cls, report: Any, *, ax: Any = None) -> ContributionDisplay:
        """Draw the verdicts of a report.

        Parameters
        ----------
        report : object
            Has ``verdict_``, a dict from names to verdicts. A verdict has an ``effect``, its ``interval``, a
            ``word`` and, if the names do not say it, a ``variant`` and its ``baseline``. It is None for a name
            without verdict, which is left out.
        ax : matplotlib Axes or None, default=None
            As in ``plot``.

        Returns
        -------
        display : ContributionDisplay
            The display, which holds the effects.

        Raises
        ------
        TypeError
            If the report has no verdicts.
        ValueError
            If it has none that could be drawn.
        """
        import_pyplot(cls)
        if not hasattr(report, "verdict_"):
            raise TypeError(f"report must have verdict_, as a distillation report has it. Got {class_name(report)}.")
        verdicts = {name: verdict for name, verdict in report.verdict_.items() if verdict is not None}
        if not verdicts:
            raise ValueError("report must have a verdict that is not None. Got none.")
        effects = [verdict.effect for verdict in verdicts.values()]
        lower, upper = zip(*(verdict.interval for verdict in verdicts.values()))
        words = [verdict.word for verdict in verdicts.values()]
        effect_name = f"difference in {getattr(report, 'metric_', 'accuracy')}"
        names = [_comparison(verdict) or name for name, verdict in verdicts.items()]
        return cls(names, effects, lower, upper, words, effect_name=effect_name).plot(ax)

    def plot(self, ax: Any = None) -> ContributionDisplay:
        """Draw the effects, the first one at the top.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            If None, a new figure.

        Returns
        -------
        display : ContributionDisplay
            The same object.

        Raises
        ------
        ValueError
            If the lengths differ, or an effect is outside its interval.

        See Also
        --------
        from_report : Computes what is drawn.
        """
        import_pyplot(self)
        effects, lower, upper = (np.asarray(each, dtype=float) for each in (self.effects, self.lower, self.upper))
        check_consistent_length(self.labels, effects, lower, upper, self.verdicts)
        if np.any((lower > effects) | (effects > upper)):
            raise ValueError(f"Each effect must be between lower and upper. Got {effects}, {lower} and {upper}.")
        from matplotlib.ticker import MaxNLocator

        (self.ax_,) = make_axes(self, ax, panel_size=(7.2, 1.4 + 0.38 * len(effects)))
        self.figure_ = self.ax_.figure
        self.ax_.axvline(0, color=GREY, linewidth=1, linestyle=(0, (6, 3)), zorder=1)
        places = np.arange(len(effects))
        excludes_zero = (lower > 0) | (upper < 0)
        self.ax_.hlines(places, lower, upper, color=BLUE)
        for ends in (lower, upper):
            self.ax_.plot(ends, places, "|", color=BLUE, markersize=9)
        for marker, fill, rows in (("o", BLUE, excludes_zero), ("s", "white", ~excludes_zero)):
            self.ax_.plot(effects[rows], places[rows], marker, color=BLUE, markerfacecolor=fill)
        names = [short_line(label, 40, end=12) for label in self.labels]
        self.ax_.set_yticks(places, names, parse_math=False)
        self.ax_.set_title("filled: the interval excludes 0", fontsize="small")
        self.ax_.set(xlabel=self.effect_name, ylim=(len(effects) - 0.5, -0.5))
        self.ax_.xaxis.set_major_locator(MaxNLocator(5))
        if self.verdicts is not None:
            right = self.ax_.secondary_yaxis("right")
            right.set_yticks(places, [short_line(verdict) for verdict in self.verdicts])
            right.tick_params(length=0)
        return self


def _comparison(verdict):
    """Return what a verdict compares, or None."""
    if not hasattr(verdict, "baseline"):
        return None
    return f"{verdict.variant} against {verdict.baseline}".replace("_", " ")
