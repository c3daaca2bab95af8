"""How the temperature changes the soft targets of a teacher."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..runtime.ops import softmax
from ._estimators import check_probabilities, predicted_probabilities
from ._figure import draw_bars, import_pyplot, make_axes, short_line


class SoftTargetDisplay:
    """Probabilities of the most probable classes at several temperatures.

    A panel for each document, with a group of bars for each of its most probable classes, and one for the sum of all
    others. The temperature does not change which classes are the most probable.

    Parameters
    ----------
    probabilities : array-like of shape (n_documents, n_temperatures, n_classes)
        The soft targets.
    temperatures : array-like of shape (n_temperatures,)
        The temperatures.
    classes : array-like of shape (n_classes,)
        The classes.
    documents : sequence of length n_documents, or None, default=None
        The documents, whose beginnings are the titles. If None, their numbers.

    Attributes
    ----------
    axes_ : ndarray of shape (n_documents,), object
        Axes of the panels, once they are drawn.
    figure_ : matplotlib Figure
        The figure that they are in.

    See Also
    --------
    ReliabilityDisplay : Whether these probabilities are calibrated.

    Examples
    --------
    >>> from sklearn.feature_extraction.text import TfidfVectorizer
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from skdistill.displays import SoftTargetDisplay
    >>> texts, labels = ["good food", "bad food", "some food"] * 10, ["pos", "neg", "none"] * 10
    >>> teacher = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts, labels)
    >>> display = SoftTargetDisplay.from_estimator(teacher, ["good food"], temperatures=(1, 2))
    >>> display.probabilities.round(2).tolist()
    [[[0.09, 0.09, 0.82], [0.2, 0.2, 0.6]]]
    """

    def __init__(
        self,
        probabilities: ArrayLike,
        temperatures: ArrayLike,
        classes: ArrayLike,
        *,
        documents: Sequence[Any] | None = None,
    ):
        self.probabilities = probabilities
        self.temperatures = temperatures
        self.classes = classes
        self.documents = documents

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        temperatures: Sequence[float] = (1, 2, 4),
        *,
        n_top: int = 5,
        ax: Any = None,
    ) -> SoftTargetDisplay:
        """Draw the soft targets that a classifier gives for some documents.

        Parameters
        ----------
        estimator : classifier
            A fitted teacher or ``DistilledTextClassifier``, with ``predict_proba``.
        X : collection of str, or what the classifier takes
            The documents.
        temperatures : sequence of float, default=(1, 2, 4)
            The logarithms of the probabilities are divided by each, as in a fit with this
            ``temperature``.
        n_top : int, default=5
            As in ``plot``.
        ax : matplotlib Axes, sequence of Axes or None, default=None
            As in ``plot``.

        Returns
        -------
        display : SoftTargetDisplay
            The display, which holds the probabilities.

        Raises
        ------
        TypeError
            If the classifier has no ``predict_proba``, or X is a string.
        sklearn.exceptions.NotFittedError
            If it is not fitted.
        ValueError
            If it is multilabel, or a temperature is not above 0.
        """
        import_pyplot(cls)
        if isinstance(X, str):
            raise TypeError(f"X must be a collection of documents. Got a str: pass [{short_line(X)!r}].")
        temperatures = np.asarray(temperatures, dtype=float)
        if (
            temperatures.ndim != 1
            or not len(temperatures)
            or not np.all((temperatures > 0) & np.isfinite(temperatures))
        ):
            raise ValueError(f"temperatures must be numbers above 0. Got {temperatures.tolist()}.")
        probabilities = predicted_probabilities(estimator, X, "estimator")
        # The logits that a fit derives from a teacher's probabilities.
        logits = np.log(np.clip(probabilities, 1e-7, None))
        softened = softmax(logits[:, None, :] / temperatures[:, None])
        return cls(softened, temperatures, np.asarray(estimator.classes_), documents=list(X)).plot(ax, n_top=n_top)

    def plot(self, ax: Any = None, *, n_top: int = 5) -> SoftTargetDisplay:
        """Draw the panels.

        Parameters
        ----------
        ax : matplotlib Axes, sequence of Axes or None, default=None
            One Axes, which is divided, or an Axes for each document. If None, a new figure.
        n_top : int, default=5
            The number of classes per document; the others are summed.

        Returns
        -------
        display : SoftTargetDisplay
            The same object.

        See Also
        --------
        from_estimator : Computes what is drawn.
        """
        probabilities = np.asarray(self.probabilities, dtype=float)
        if probabilities.ndim != 3:
            raise ValueError(
                f"probabilities must have shape (n_documents, n_temperatures, n_classes). Got {probabilities.shape}."
            )
        for of_document in probabilities:
            check_probabilities(of_document, len(self.classes), "probabilities")
        bars = [_top_classes(of_document, self.classes, n_top) for of_document in probabilities]
        height = 1.2 + 0.16 * max(len(names) for names, _ in bars) * (len(self.temperatures) + 1)
        self.axes_ = make_axes(self, ax, len(bars), n_columns=3, panel_size=(4.2, height))
        self.figure_ = self.axes_[0].figure
        for number, (panel_axes, (names, values)) in enumerate(zip(self.axes_, bars)):
            groups = draw_bars(panel_axes, names, values)
            panel_axes.set(xlabel="probability", xlim=(0, 1))
            title = f"document {number}" if self.documents is None else short_line(self.documents[number], 60)
            panel_axes.set_title("\n".join(wrap(title, 34)), fontsize="small", parse_math=False)
        labels = [f"T = {temperature:g}" for temperature in self.temperatures]
        if ax is None:
            self.figure_.legend(groups, labels, loc="outside lower center", ncols=len(groups), title="temperature")
        else:
            self.axes_[0].legend(groups, labels, fontsize="small")
        return self


def _top_classes(probabilities, classes, n_top):
    """Return the names of the bars of a document, and an array (n_temperatures, n_bars) of their lengths.

    A single other class is shown by its name.
    """
    order = np.argsort(-probabilities.sum(axis=0), kind="stable")
    n_shown = n_top if len(order) > n_top + 1 else len(order)
    names = ["\n".join(wrap(short_line(classes[place], 48, end=20), 26)) for place in order[:n_shown]]
    values = probabilities[:, order[:n_shown]]
    if n_shown < len(order):
        names.append(f"{len(order) - n_shown} others")
        values = np.column_stack([values, probabilities[:, order[n_shown:]].sum(axis=1)])
    return names, values
