"""How far training moved the weights of each layer, with and without transfer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_consistent_length

from ._estimators import class_name
from ._figure import draw_bars, import_pyplot, make_axes, short_line


class WeightChangeDisplay:
    """Relative changes of the weights by layer: two bars each, with and without transfer.

    Parameters
    ----------
    labels : sequence of str, of length n_layers
        The layers.
    changes : array-like of shape (n_layers,)
        The norm of the change of each layer's weights in training, divided by the norm of its initial weights; NaN
        where there is none.
    changes_alone : array-like of shape (n_layers,)
        The same where the network was trained alone.

    Attributes
    ----------
    ax_ : matplotlib Axes
        The axes, once they are drawn.
    figure_ : matplotlib Figure
        The figure that they are in.

    See Also
    --------
    skdistill.inspection.distillation_report : Measures the changes.

    Examples
    --------
    >>> from skdistill.displays import WeightChangeDisplay
    >>> display = WeightChangeDisplay(["tokens", "kernel_0"], [2.1, 0.9], [1.8, 0.7]).plot()
    >>> [label.get_text() for label in display.ax_.get_yticklabels()]
    ['tokens', 'kernel_0']
    """

    def __init__(self, labels: Sequence[str], changes: ArrayLike, changes_alone: ArrayLike):
        self.labels = labels
        self.changes = changes
        self.changes_alone = changes_alone

    @classmethod
    def from_report(cls, report: Any, network: str = "main", *, ax: Any = None) -> WeightChangeDisplay:
        """Draw the layers of a network in a report.

        Parameters
        ----------
        report : DistillationReport
            With ``layers_``, a list of dicts with the keys "network", "layer", "change" and "change_alone".
        network : {"main", "auxiliary"}, default="main"
            Which network.
        ax : matplotlib Axes or None, default=None
            As in ``plot``.

        Returns
        -------
        display : WeightChangeDisplay
            The display, which holds the changes.

        Raises
        ------
        TypeError
            If the report has no layers.
        ValueError
            If it has no layers of this network, because a callable built it or the embedding is shared.
        """
        import_pyplot(cls)
        if not hasattr(report, "layers_"):
            raise TypeError(f"report must have layers_, as a distillation report has it. Got {class_name(report)}.")
        layers = [layer for layer in report.layers_ if layer["network"] == network]
        if not layers:
            names = sorted({layer["network"] for layer in report.layers_})
            raise ValueError(
                f"network must be one of the networks with layers in the report, {names}. Got {network!r}."
            )
        columns = ([layer[name] for layer in layers] for name in ("layer", "change", "change_alone"))
        return cls(*columns).plot(ax)

    def plot(self, ax: Any = None) -> WeightChangeDisplay:
        """Draw the bars, the first layer at the top.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            If None, a new figure.

        Returns
        -------
        display : WeightChangeDisplay
            The same object.

        Raises
        ------
        ValueError
            If the lengths differ.

        See Also
        --------
        from_report : Computes what is drawn.
        """
        check_consistent_length(self.labels, self.changes, self.changes_alone)
        (self.ax_,) = make_axes(self, ax, panel_size=(6.4, 1.6 + 0.45 * len(self.labels)))
        self.figure_ = self.ax_.figure
        names = [short_line(label, 40, end=20) for label in self.labels]
        bars = draw_bars(self.ax_, names, np.array([self.changes, self.changes_alone], dtype=float))
        self.ax_.set(title="Change of the weights", xlabel="norm of the change / norm of the initial weights")
        labels = ["with transfer", "alone"]
        if ax is None:
            self.figure_.legend(bars, labels, loc="outside lower center", ncols=2)
        else:
            self.ax_.legend(bars, labels, fontsize="small")
        return self
