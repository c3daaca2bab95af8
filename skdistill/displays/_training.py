"""Losses and validation scores of a fit, epoch by epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_is_fitted

from .._holders import unwrap
from ._estimators import class_name
from ._figure import BLACK, GREY, STYLES, import_pyplot, make_axes

_PAIR = ("main", "auxiliary")
_ALL = ("main", "auxiliary", "ensemble")

# Title, unit, and the columns of the history by the name of the curve.
_PANELS = (
    ("sum of the loss terms", "nats", {"sum": "loss"}),
    ("loss on the labels", "nats", {role: f"{role}_loss" for role in _PAIR}),
    ("distillation loss", "nats", {role: f"{role}_transfer" for role in _PAIR}),
    ("teacher loss", "nats", {role: f"{role}_teacher_loss" for role in _PAIR}),
    ("validation loss", "nats", {role: f"{role}_validation_loss" for role in _ALL}),
    ("validation score", "accuracy", {role: f"{role}_validation_score" for role in _ALL}),
)
_LEARNING = ("loss", "transfer", "teacher_loss")
_MOST_MARKERS = 12
_WIDTHS = {"main": 2.2, "auxiliary": 1.7, "ensemble": 1.2}


class TrainingDisplay:
    """Loss terms and validation scores of both networks per epoch.

    Each term has a panel of its own. Terms that no network has are left out, and a curve has a gap where
    its network was not trained. A dashed line marks the epoch whose weights are kept.

    Parameters
    ----------
    history : mapping of str to array-like of shape (n_epochs,)
        Numbers per epoch, with the names of ``DistilledTextClassifier.history_``.
    best_iter : int or None, default=None
        The epoch whose weights are kept, counted from 1. If None, no mark.
    phases : sequence of tuple of (int, int, str), default=()
        First epoch, last epoch and name of each phase of the schedule.

    Attributes
    ----------
    axes_ : ndarray of shape (n_panels,), object
        Axes of the panels, once they are drawn.
    figure_ : matplotlib Figure
        The figure that they are in.

    See Also
    --------
    skdistill.DistilledTextClassifier : Its ``history_`` holds the numbers.

    Examples
    --------
    >>> from skdistill import DistilledTextClassifier
    >>> from skdistill.displays import TrainingDisplay
    >>> texts, labels = ["good food", "bad food"] * 10, ["pos", "neg"] * 10
    >>> classifier = DistilledTextClassifier(max_iter=3, random_state=0).fit(texts, labels)
    >>> display = TrainingDisplay.from_estimator(classifier)
    >>> [ax.get_title() for ax in display.axes_]
    ['sum of the loss terms', 'loss on the labels', 'distillation loss']
    """

    def __init__(
        self,
        history: Mapping[str, ArrayLike],
        *,
        best_iter: int | None = None,
        phases: Sequence[tuple[int, int, str]] = (),
    ):
        self.history = history
        self.best_iter = best_iter
        self.phases = phases

    @classmethod
    def from_estimator(cls, estimator: Any, *, ax: Any = None) -> TrainingDisplay:
        """Draw the history of a fitted classifier.

        Parameters
        ----------
        estimator : DistilledTextClassifier
            Fitted, or a Pipeline, search or ``FrozenEstimator`` that predicts with one.
        ax : matplotlib Axes, sequence of Axes or None, default=None
            As in ``plot``.

        Returns
        -------
        display : TrainingDisplay
            The display, with a copy of the history.

        Raises
        ------
        TypeError
            If the estimator keeps no ``history_``.
        sklearn.exceptions.NotFittedError
            If it is not fitted.
        """
        import_pyplot(cls)
        classifier, _ = unwrap(estimator)
        if not hasattr(classifier, "history_"):
            if hasattr(classifier, "fit") and not isinstance(classifier, type):
                check_is_fitted(classifier)
            raise TypeError(
                f"estimator must be a fitted DistilledTextClassifier. Got {class_name(classifier)}, without history_."
            )
        history = {name: np.array(numbers, dtype=float) for name, numbers in classifier.history_.items()}
        return cls(history, best_iter=classifier.best_iter_, phases=_phases(history)).plot(ax=ax)

    def plot(self, ax: Any = None) -> TrainingDisplay:
        """Draw the panels.

        Parameters
        ----------
        ax : matplotlib Axes, sequence of Axes or None, default=None
            One Axes, which is divided, or an Axes for each panel. If None, a new figure.

        Returns
        -------
        display : TrainingDisplay
            The same object.

        See Also
        --------
        from_estimator : Computes what is drawn.
        """
        panels = _shown_panels(self.history)
        self.axes_ = make_axes(self, ax, len(panels), n_columns=3, panel_size=(3.6, 2.8))
        self.figure_ = self.axes_[0].figure
        handles = {}
        for panel_axes, (title, unit, curves) in zip(self.axes_, panels):
            handles |= _draw_curves(panel_axes, curves, [first for first, *_ in self.phases[1:]])
            marks = self._draw_marks(panel_axes)
            n_epochs = len(next(iter(curves.values())))
            panel_axes.set(title=title, xlabel="epoch", ylabel=unit, xlim=(0.7, n_epochs + 0.3))
            if unit == "accuracy":
                panel_axes.set_ylim(top=min(1.02, panel_axes.get_ylim()[1]))
        handles = {name: handle for name, handle in (handles | marks).items() if name != "sum"}  # the title names it
        if ax is None:
            self.figure_.legend(handles.values(), handles, loc="outside lower center", ncols=len(handles))
        else:
            self.axes_[0].legend(handles.values(), handles, fontsize="small")
        return self

    def _draw_marks(self, ax):
        """Draw the line of the kept epoch, and borders and names of several phases; return the line by its name."""
        if len(self.phases) > 1:
            for first, _, _ in self.phases[1:]:
                ax.axvline(first - 0.5, color=BLACK, linewidth=0.8, zorder=1)
            top = ax.secondary_xaxis("top")
            top.set_xticks([(first + last) / 2 for first, last, _ in self.phases], [name for *_, name in self.phases])
            top.tick_params(length=0, labelsize="small")
        if self.best_iter is None:
            return {}
        line = ax.axvline(self.best_iter, color=GREY, linestyle=(0, (6, 3)), linewidth=1, zorder=1)
        return {f"weights kept: epoch {self.best_iter}": line}


def _phases(history):
    """Return first epoch, last epoch and name of the phases: epochs that train the same networks."""
    learners = {
        role: np.any([np.isfinite(history[f"{role}_{term}"]) for term in _LEARNING if f"{role}_{term}" in history], 0)
        for role in _PAIR
    }
    names = [" and ".join(role for role in _PAIR if learners[role][epoch]) for epoch in range(len(history["loss"]))]
    starts = [epoch for epoch, name in enumerate(names) if epoch == 0 or name != names[epoch - 1]]
    return [(start + 1, stop, names[start]) for start, stop in zip(starts, [*starts[1:], len(names)])]


def _shown_panels(history):
    """Return title, unit and curves of each panel that has a curve."""
    panels = []
    for title, unit, columns in _PANELS:
        curves = {name: np.asarray(history[column], float) for name, column in columns.items() if column in history}
        # A network that learns from no other has a distillation loss of 0.
        is_loss = unit == "nats"
        curves = {name: c for name, c in curves.items() if np.any(np.isfinite(c) & ((c != 0) | (not is_loss)))}
        if curves:
            panels.append((title, unit, curves))
    if not panels:
        raise ValueError(f"history must have numbers per epoch, such as 'loss'. Got {list(history)}.")
    return panels


def _draw_curves(ax, curves, starts):
    """Draw the curves of a panel, and return the lines by name; ``starts`` are the first epochs of later phases."""
    from matplotlib.ticker import MaxNLocator

    lines = {}
    for name, values in curves.items():
        epochs = np.arange(1.0, len(values) + 1)
        if name == "sum":  # other terms are summed in the next phase: no line leads there
            places = [start - 1 for start in starts]
            epochs, values = np.insert(epochs, places, np.nan), np.insert(values, places, np.nan)
        style = STYLES.get(name, {"color": BLACK, "marker": ".", "linestyle": "-"})
        # Wider first, so that a curve can be seen behind an equal one.
        every, width = max(1, len(values) // _MOST_MARKERS), _WIDTHS.get(name, 1.5)
        (lines[name],) = ax.plot(epochs, values, linewidth=width, markersize=3 * width, markevery=every, **style)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    return lines
