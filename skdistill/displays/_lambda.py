"""Scores of a search over the weight λ of the auxiliary network, and over its size."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._candidates import (
    find_metric,
    find_parameter,
    levels_of,
    metric_label,
    results_of,
    value_text,
    values_of,
    varied_parameters,
)
from ._figure import BLUE, VERMILION, import_pyplot, make_axes

# What a number of four characters needs in a cell, in points.
_CELL = (30, 13)


class LambdaDisplay:
    """Mean test scores of a search over two parameters as a heat map, or over one as a curve.

    The parameters are those of the auxiliary network, λ and its size, or any others. If the search varied
    further parameters, each cell or point shows the best candidate over them. The candidate that the search
    chose is marked.

    Parameters
    ----------
    scores : array-like of shape (n_y, n_x), or (n_x,)
        Mean test scores; NaN where there is no candidate.
    x_values : sequence of length n_x
        The values of the first parameter.
    y_values : sequence of length n_y, or None, default=None
        Those of the second. If None, a curve is drawn.
    deviations : array-like of the shape of ``scores``, or None, default=None
        Standard deviations over the folds, the error bars of a curve.
    chosen : tuple of int or None, default=None
        Where the chosen candidate is in ``scores``, as an index.
    x_name, y_name : str or None, default=None
        Names of the parameters.
    score_name : str, default="score"
        Name of the score.
    best_over : sequence of str, default=()
        Further parameters that the search varied; the scores are the best over them.

    Attributes
    ----------
    ax_ : matplotlib Axes
        The axes, once they are drawn.
    figure_ : matplotlib Figure
        The figure that they are in.

    See Also
    --------
    ParetoDisplay : Scores against sizes.
    skdistill.DistilledTextClassifierCV : Searches over these parameters.

    Examples
    --------
    >>> from sklearn.feature_extraction.text import TfidfVectorizer
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sklearn.pipeline import make_pipeline
    >>> from skdistill.displays import LambdaDisplay
    >>> texts, labels = ["good food", "bad food"] * 10, ["pos", "neg"] * 10
    >>> grid = {"logisticregression__C": [0.1, 1], "tfidfvectorizer__min_df": [1, 2, 3]}
    >>> search = GridSearchCV(make_pipeline(TfidfVectorizer(), LogisticRegression()), grid, cv=2).fit(texts, labels)
    >>> LambdaDisplay.from_search(search, "C", "min_df").scores.shape
    (3, 2)
    """

    def __init__(
        self,
        scores: ArrayLike,
        x_values: Sequence[Any],
        y_values: Sequence[Any] | None = None,
        *,
        deviations: ArrayLike | None = None,
        chosen: tuple[int, ...] | None = None,
        x_name: str | None = None,
        y_name: str | None = None,
        score_name: str = "score",
        best_over: Sequence[str] = (),
    ):
        self.scores = scores
        self.x_values = x_values
        self.y_values = y_values
        self.deviations = deviations
        self.chosen = chosen
        self.x_name = x_name
        self.y_name = y_name
        self.score_name = score_name
        self.best_over = best_over

    @classmethod
    def from_search(
        cls,
        search: Any,
        param_x: str = "auxiliary_weight",
        param_y: str | None = "auxiliary__units",
        *,
        metric: str | None = None,
        ax: Any = None,
    ) -> LambdaDisplay:
        """Draw the candidates of a search.

        Parameters
        ----------
        search : GridSearchCV or another search
            Fitted.
        param_x : str, default="auxiliary_weight"
            The parameter of the horizontal axis; in a Pipeline also without the name of the step.
        param_y : str or None, default="auxiliary__units"
            That of the vertical axis. If None, a curve over ``param_x``.
        metric : str or None, default=None
            Which of several metrics. If None, that of ``refit``.
        ax : matplotlib Axes or None, default=None
            As in ``plot``.

        Returns
        -------
        display : LambdaDisplay
            The display, which holds the scores.

        Raises
        ------
        TypeError
            If it is not a search.
        sklearn.exceptions.NotFittedError
            If it is not fitted.
        ValueError
            If the search has no such parameter or metric.
        """
        import_pyplot(cls)
        results = results_of(search)
        metric = find_metric(search, metric)
        names = [find_parameter(results, name) for name in (param_y, param_x) if name is not None]
        columns, is_set = zip(*(values_of(results, name) for name in names))
        means, deviations = results[f"mean_test_{metric}"], results[f"std_test_{metric}"]
        rows = np.flatnonzero(np.all(is_set, axis=0))
        levels, places = zip(*(levels_of([column[row] for row in rows]) for column in columns))
        cells = list(zip(*(place.tolist() for place in places)))
        shape = tuple(map(len, levels))
        best = _best_rows(rows, cells, means)
        return cls(
            _spread(best, means, shape),
            levels[-1],
            None if param_y is None else levels[0],
            deviations=_spread(best, deviations, shape),
            chosen=dict(zip(rows.tolist(), cells)).get(getattr(search, "best_index_", None)),
            x_name=names[-1],
            y_name=None if param_y is None else names[0],
            score_name=metric_label(search, metric),
            best_over=[name for name in varied_parameters(results) if name not in names],
        ).plot(ax)

    def plot(self, ax: Any = None, *, cmap: str = "cividis", annotate: bool | None = None) -> LambdaDisplay:
        """Draw the heat map or the curve.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            If None, a new figure.
        cmap : str, default="cividis"
            The colour map of a heat map. The default is legible in grey and to colour-blind
            readers.
        annotate : bool or None, default=None
            Whether the cells of a heat map show their scores. If None, they do if the
            numbers fit.

        Returns
        -------
        display : LambdaDisplay
            The same object.

        See Also
        --------
        from_search : Computes what is drawn.
        """
        (self.ax_,) = make_axes(self, ax, panel_size=(6.4, 4.2))
        self.figure_ = self.ax_.figure
        scores = np.asarray(self.scores, dtype=float)
        if self.y_values is None:
            self._plot_path(scores)
        else:
            self._plot_map(scores, cmap, annotate)
        _set_ticks(self.ax_.xaxis, self.x_values, _room(self.ax_)[0])
        self.ax_.set_xlabel(_axis_label(self.x_name))
        self.ax_.set_title(self._title(), fontsize="medium")
        return self

    def _title(self):
        over = ", ".join(name.rpartition("__")[2] for name in self.best_over)
        notes = [f"best over {over}"] if over else []
        if self.y_values is not None and self.chosen is not None:
            notes.append("framed: chosen by the search")
        return "\n".join([f"Mean test {self.score_name}", *["; ".join(notes)][: len(notes)]])

    def _plot_path(self, scores):
        places = np.arange(len(scores))
        style = {"color": BLUE, "marker": "o", "capsize": 3}
        self.ax_.errorbar(places, scores, self.deviations, label="± standard deviation over folds", **style)
        if self.chosen is not None:
            place = self.chosen[0]
            style = {"color": VERMILION, "marker": "*", "markersize": 15, "linestyle": "", "zorder": 3}
            self.ax_.plot(place, scores[place], label="chosen", **style)
        self.ax_.set_ylabel(self.score_name)
        self.ax_.margins(0.08, 0.15)
        self.ax_.legend(fontsize="small")

    def _plot_map(self, scores, cmap, annotate):
        from matplotlib.patches import Rectangle

        image = self.ax_.imshow(scores, cmap=cmap, origin="lower", aspect="auto", interpolation="nearest")
        self.figure_.colorbar(image, ax=self.ax_, label=self.score_name)
        _set_ticks(self.ax_.yaxis, self.y_values, _room(self.ax_)[1], is_vertical=True)
        self.ax_.set_ylabel(_axis_label(self.y_name))
        if _fits(self.ax_, scores.shape) if annotate is None else annotate:
            _annotate(self.ax_, image, scores)
        if self.chosen is not None:
            row, column = self.chosen
            # White around black is seen on any colour.
            for color, width in (("white", 5), ("black", 2)):
                frame = Rectangle(
                    (column - 0.44, row - 0.44), 0.88, 0.88, fill=False, edgecolor=color, linewidth=width
                )
                self.ax_.add_patch(frame)


def _best_rows(rows, cells, means):
    """Return the row with the best mean of each cell; the first one if all fits failed."""
    best = {}
    for row, cell in zip(rows.tolist(), cells):
        if cell not in best or np.isnan(means[best[cell]]) or means[row] > means[best[cell]]:
            best[cell] = row
    return best


def _spread(best, numbers, shape):
    """Return an array of a number per cell, NaN where there is no candidate."""
    spread = np.full(shape, np.nan)
    for cell, row in best.items():
        spread[cell] = numbers[row]
    return spread


def _room(ax):
    """Return width and height of an Axes in points, once names and colour bar have taken about a fifth."""
    box = ax.get_window_extent().transformed(ax.figure.dpi_scale_trans.inverted())
    return 0.8 * 72 * box.width, 0.8 * 72 * box.height


def _set_ticks(axis, values, room, is_vertical=False):
    """Name the places of an axis by values, as many as there is room for."""
    texts = [value_text(value) for value in values]
    needed = 14 if is_vertical else 10 + 6 * max(map(len, texts))
    every = max(1, ceil(len(texts) * needed / room))
    axis.set_ticks(range(0, len(texts), every), texts[::every], parse_math=False)


def _axis_label(name):
    """Return a parameter's name, with its symbol or unit."""
    if name is None:
        return ""
    short = name.rpartition("__")[2]
    if short == "auxiliary_weight":
        return "auxiliary_weight (λ)"
    if short == "units":
        return "__".join(name.split("__")[-2:])
    return short


def _fits(ax, shape):
    """Whether numbers fit into the cells of a heat map."""
    width, height = _room(ax)
    return width / shape[1] >= _CELL[0] and height / shape[0] >= _CELL[1]


def _annotate(ax, image, scores):
    for (row, column), score in np.ndenumerate(scores):
        if np.isfinite(score):
            red, green, blue, _ = image.cmap(image.norm(score))
            color = "black" if 0.3 * red + 0.59 * green + 0.11 * blue > 0.5 else "white"
            text = f"{score:.3f}".replace("0.", ".", 1) if abs(score) < 1 else f"{score:.3g}"
            ax.text(column, row, text, ha="center", va="center", color=color, fontsize="small")
