"""Score against size or time of the candidates of a search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .._input.classes import in_short
from ..model_selection._choice import front_of
from ._candidates import (
    find_metric,
    metric_label,
    metrics_of,
    results_of,
    short_names,
    value_text,
    values_of,
    varied_parameters,
)
from ._figure import BLUE, GREY, VERMILION, import_pyplot, make_axes

_SYMBOLS = {"auxiliary_weight": "λ"}
_UNITS = {"microseconds": "µs", "bytes": "bytes"}
# Where the number of a candidate may be, in points from it. Left of it and above no candidate can be: it would
# have beaten this one.
_OFFSETS = [
    (right * far, up * far) for far in (9, 14, 20, 27, 35) for right, up in ((-1, 1), (-0.2, 1.3), (-1.3, 0.2))
]


class ParetoDisplay:
    """Scores of candidates against their sizes, with the Pareto front: those that no other beats in both.

    Candidates on the front are numbered, as far as there is room without overlaps; the legend lists them.

    Parameters
    ----------
    sizes : array-like of shape (n_candidates,)
        Bytes, microseconds or another cost: smaller is better.
    scores : array-like of shape (n_candidates,)
        Mean test scores.
    front : array-like of int
        The candidates on the front, by increasing size.
    labels : sequence of str, or None, default=None
        Their parameters, one per candidate. If None, no labels.
    chosen : int or None, default=None
        The candidate that the search chose.
    size_name : str, default="bytes"
        Name of the sizes, with the unit.
    score_name : str, default="score"
        Name of the scores.
    higher_is_better : bool, default=True
        False for losses: the axis then points downwards.

    Attributes
    ----------
    ax_ : matplotlib Axes
        The axes, once they are drawn.
    figure_ : matplotlib Figure
        The figure that they are in.
    numbers_ : list of matplotlib Annotation
        The numbers on the front that had room.

    See Also
    --------
    LambdaDisplay : Scores by parameters.
    skdistill.model_selection.pareto_front : The candidates on the front.

    Examples
    --------
    >>> from skdistill.displays import ParetoDisplay
    >>> display = ParetoDisplay([100, 200, 300], [0.8, 0.9, 0.85], [0, 1], labels=["8", "16", "32"]).plot()
    >>> [number.get_text() for number in display.numbers_]
    ['1', '2']
    """

    def __init__(
        self,
        sizes: ArrayLike,
        scores: ArrayLike,
        front: ArrayLike,
        *,
        labels: Sequence[str] | None = None,
        chosen: int | None = None,
        size_name: str = "bytes",
        score_name: str = "score",
        higher_is_better: bool = True,
    ):
        self.sizes = sizes
        self.scores = scores
        self.front = front
        self.labels = labels
        self.chosen = chosen
        self.size_name = size_name
        self.score_name = score_name
        self.higher_is_better = higher_is_better

    @classmethod
    def from_search(
        cls, search: Any, *, size: str = "bytes", metric: str | None = None, ax: Any = None
    ) -> ParetoDisplay:
        """Draw the candidates of a search that recorded a size and a score.

        Parameters
        ----------
        search : GridSearchCV or another search
            Fitted, with several metrics in ``scoring``, one of which is the size. Since greater is
            better for scorers, it may return negative sizes, which are drawn as positive.
        size : str, default="bytes"
            The metric that is the size, with or without ``neg_`` in front; or the name of a column of
            ``cv_results_``, such as "mean_score_time" (in seconds).
        metric : str or None, default=None
            The metric that is the score. If None, that of ``refit``, or the only one besides
            the sizes. One with "neg" in front, such as "neg_log_loss", is drawn as a positive
            loss.
        ax : matplotlib Axes or None, default=None
            As in ``plot``.

        Returns
        -------
        display : ParetoDisplay
            The display, which holds sizes, scores and front.

        Raises
        ------
        TypeError
            If it is not a search.
        sklearn.exceptions.NotFittedError
            If it is not fitted.
        ValueError
            If the search has not recorded the size or the metric, or all fits failed.
        """
        import_pyplot(cls)
        results = results_of(search)
        size_name, sizes = _sizes_of(results, size)
        metric = find_metric(search, metric, others=[size_name, f"neg_{size_name}"])
        scores = np.asarray(results[f"mean_test_{metric}"], dtype=float)
        front = _front(sizes, scores)
        if not len(front):
            raise ValueError(
                "search must have candidates with a score and a size. Got none: all of their fits failed."
            )
        score_name = metric_label(search, metric)
        is_loss = score_name.startswith("neg_")
        return cls(
            sizes,
            -scores if is_loss else scores,
            front,
            labels=_labels(results),
            chosen=getattr(search, "best_index_", None),
            size_name=_with_unit(size_name),
            score_name=score_name.removeprefix("neg_"),
            higher_is_better=not is_loss,
        ).plot(ax)

    def plot(self, ax: Any = None) -> ParetoDisplay:
        """Draw the candidates, the front and its labels.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            If None, a new figure.

        Returns
        -------
        display : ParetoDisplay
            The same object.

        See Also
        --------
        from_search : Computes what is drawn.
        """
        (self.ax_,) = make_axes(self, ax, panel_size=(6.8, 4.6))
        self.figure_ = self.ax_.figure
        sizes, scores = np.asarray(self.sizes, dtype=float), np.asarray(self.scores, dtype=float)
        front = np.asarray(self.front, dtype=int)
        is_other = ~np.isin(np.arange(len(sizes)), front)
        self.ax_.plot(sizes[is_other], scores[is_other], "o", color=GREY, fillstyle="none", label="other candidates")
        style = {"color": BLUE, "marker": "s", "drawstyle": "steps-post"}
        self.ax_.plot(sizes[front], scores[front], label="front: none is better in both", **style)
        if self.chosen is not None:
            style = {"color": VERMILION, "marker": "*", "markersize": 15, "linestyle": "", "zorder": 3}
            self.ax_.plot(sizes[self.chosen], scores[self.chosen], label="chosen", **style)
        self.ax_.set(title="Score and size", xlabel=self.size_name, ylabel=f"mean test {self.score_name}")
        self.ax_.margins(0.1, 0.12)
        if not self.higher_is_better:
            self.ax_.invert_yaxis()
        _format_sizes(self.ax_, sizes, self.size_name)
        handles = self._legend_handles(front)
        if ax is None:
            self.figure_.legend(handles=handles, loc="outside right upper", fontsize="small")
        else:
            self.ax_.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.02, 1), fontsize="small")
        self.numbers_ = []
        if self.labels is not None:
            self.numbers_ = _place_numbers(self.ax_, np.column_stack([sizes, scores])[front])
        return self

    def _legend_handles(self, front):
        """Return the handles of the legend: what is drawn, and the numbered candidates."""
        from matplotlib.lines import Line2D

        handles, _ = self.ax_.get_legend_handles_labels()
        if self.labels is None:
            return handles
        texts = [self.labels[candidate].replace("$", r"\$") for candidate in front]
        return handles + [Line2D([], [], linestyle="", label=f"{n}: {text}") for n, text in enumerate(texts, start=1)]


def _sizes_of(results, size):
    """Return the name of a size without ``neg_``, and the sizes as positive numbers."""
    metrics = metrics_of(results)
    name = size.removeprefix("neg_")
    columns = [f"mean_test_{name}", f"mean_test_neg_{name}", size]
    column = next((column for column in columns if column in results), None)
    if column is None:
        raise ValueError(
            f"size must be a metric of the search, one of {in_short(metrics)}, or a column of cv_results_. Got "
            f"{size!r}: record it by scoring={{'accuracy': 'accuracy', 'neg_bytes': scorer}} and refit='accuracy', "
            "where scorer(estimator, X, y) returns -estimator.extract('auxiliary').nbytes."
        )
    sizes = np.asarray(np.ma.filled(np.ma.asarray(results[column], dtype=float), np.nan))
    return name, np.abs(sizes) if not np.any(sizes > 0) else sizes


def _with_unit(name):
    if name.endswith("_time"):
        return f"{name} (s)"
    unit = next((unit for word, unit in _UNITS.items() if word in name), None)
    return name if unit in (None, name) else f"{name} ({unit})"


def _labels(results):
    """Return the parameters of each candidate that differ between candidates."""
    names = varied_parameters(results)
    shortened = short_names(names)
    columns = {_SYMBOLS.get(shortened[name], shortened[name]): values_of(results, name) for name in names}
    return [
        ", ".join(f"{name}={value_text(values[row])}" for name, (values, is_set) in columns.items() if is_set[row])
        or f"candidate {row}"
        for row in range(len(results["params"]))
    ]


def _front(sizes, scores):
    """Return the candidates that no other beats, by increasing size; the first of equal ones, which are one point."""
    front = front_of(scores, sizes)
    return front[np.unique(sizes[front], return_index=True)[1]]


def _format_sizes(ax, sizes, size_name):
    """Choose the scale of the sizes, and write them with prefixes such as k and M."""
    from matplotlib.ticker import EngFormatter, LogLocator, MaxNLocator, NullFormatter

    finite = sizes[np.isfinite(sizes)]
    if len(finite) and finite.min() > 0 and finite.max() > 10 * finite.min():
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.xaxis.set_minor_formatter(NullFormatter())
    else:
        ax.xaxis.set_major_locator(MaxNLocator(6))
    ax.xaxis.set_major_formatter(EngFormatter(unit="B" if size_name == "bytes" else ""))


def _place_numbers(ax, points):
    """Write 1, 2, … beside the points of the front, where no number covers another; return those that had room."""
    figure = ax.figure.figure  # also of a subfigure
    figure.draw_without_rendering()  # lays the axes out
    scale = figure.dpi / 72
    taken, placed = [], []
    for number, (point, pixel) in enumerate(zip(points, ax.transData.transform(points)), start=1):
        for offset in _OFFSETS:
            box = _box(*(pixel + np.multiply(offset, scale)), 7 * len(str(number)) * scale, 10 * scale)
            if not any(box.overlaps(other) for other in taken):
                taken.append(box)
                placed.append(_write_number(ax, str(number), point, offset))
                break
    return placed


def _write_number(ax, text, point, offset):
    """Write a number at an offset from a point, with a line to the point if it is far away."""
    is_far = np.hypot(*offset) > 18
    arrow = {"arrowstyle": "-", "color": GREY, "linewidth": 0.6, "shrinkA": 2, "shrinkB": 3} if is_far else None
    style = {"ha": "center", "va": "center", "fontsize": "small", "arrowprops": arrow}
    return ax.annotate(text, point, xytext=offset, textcoords="offset points", **style)


def _box(x, y, width, height):
    from matplotlib.transforms import Bbox

    return Bbox.from_bounds(x - width / 2, y - height / 2, width, height)
