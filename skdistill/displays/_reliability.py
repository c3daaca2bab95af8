"""Reliability: how often predictions of a given confidence are correct."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .._holders import unwrap
from .._input.classes import in_short
from .._input.labels import check_labels, target_type_of
from ._estimators import check_classifier, check_probabilities, class_name, predicted_probabilities
from ._figure import GREY, import_pyplot, make_axes, style_of

# With fewer documents, an accuracy says little.
_FEW = 10


class ReliabilityDisplay:
    """Accuracy against confidence, for one or several classifiers of the same documents.

    The confidence of a prediction is the probability of the predicted class. Predictions are put into bins of equal
    width by their confidence. Above: the accuracy of each bin against its mean confidence, with a hollow marker for
    fewer than 10 documents; below the diagonal the classifier is over-confident. Beneath: the number of documents
    per bin. The legend has the expected calibration error (Guo et al. 2017, equation 3), the mean distance from the
    diagonal, weighted by these numbers.

    Parameters
    ----------
    confidences : array-like of shape (n_classifiers, n_bins)
        The mean confidence of each bin; NaN for an empty one.
    accuracies : array-like of shape (n_classifiers, n_bins)
        The fraction of correct predictions of each bin; NaN for an empty one.
    counts : array-like of shape (n_classifiers, n_bins)
        The number of documents of each bin.
    names : sequence of str
        The classifiers.

    Attributes
    ----------
    calibration_errors : ndarray of shape (n_classifiers,)
        The expected calibration errors.
    axes_ : ndarray of shape (2,), object
        Axes of the curves and of the numbers of documents, once they are drawn.
    figure_ : matplotlib Figure
        The figure that they are in.

    See Also
    --------
    skdistill.metrics.expected_calibration_error : The number in the legend.

    Examples
    --------
    >>> from skdistill.displays import ReliabilityDisplay
    >>> probabilities = [[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.4, 0.6]]
    >>> display = ReliabilityDisplay.from_predictions([0, 1, 1, 1], probabilities, n_bins=5)
    >>> display.counts.tolist()
    [[0, 0, 1, 2, 1]]
    >>> display.calibration_errors.round(3).tolist()
    [0.25]
    """

    def __init__(self, confidences: ArrayLike, accuracies: ArrayLike, counts: ArrayLike, names: Sequence[str]):
        self.confidences = confidences
        self.accuracies = accuracies
        self.counts = counts
        self.names = names

    @classmethod
    def from_estimator(
        cls, estimator: Any, X: Any, y: Any, *, teacher: Any = None, n_bins: int = 10, ax: Any = None
    ) -> ReliabilityDisplay:
        """Draw the reliability of both networks, and of a teacher.

        Parameters
        ----------
        estimator : classifier
            A fitted ``DistilledTextClassifier``, or a Pipeline or search that predicts with one: a curve for each of
            its networks. Any other classifier with ``predict_proba``: one curve.
        X : collection of str, or ids of shape (n_documents, n_positions)
            Documents that were not trained on.
        y : array-like of shape (n_documents,)
            Their labels.
        teacher : classifier or None, default=None
            A fitted teacher. Labels that are not among its classes count as misclassified.
        n_bins : int, default=10
            The number of bins.
        ax : matplotlib Axes, sequence of Axes or None, default=None
            As in ``plot``.

        Returns
        -------
        display : ReliabilityDisplay
            It holds a row for each curve.

        Raises
        ------
        TypeError
            If a classifier has no ``predict_proba``.
        sklearn.exceptions.NotFittedError
            If one is not fitted.
        ValueError
            If y is multilabel.
        """
        import_pyplot(cls)
        check_classifier(estimator, "estimator")
        if teacher is not None:
            check_classifier(teacher, "teacher")
        labels = _checked_labels(y, X.shape[0] if hasattr(X, "shape") else len(X))
        classifiers = _networks(estimator, X) | ({} if teacher is None else {"teacher": (teacher, X)})
        predictions = {
            name: (predicted_probabilities(classifier, documents, name), classifier.classes_)
            for name, (classifier, documents) in classifiers.items()
        }
        return cls(*_bins_of_all(labels, predictions, n_bins), list(predictions)).plot(ax=ax)

    @classmethod
    def from_predictions(
        cls,
        y_true: Any,
        y_proba: ArrayLike | Mapping[str, ArrayLike],
        *,
        classes: ArrayLike | None = None,
        n_bins: int = 10,
        ax: Any = None,
    ) -> ReliabilityDisplay:
        """Draw the reliability of predicted probabilities.

        Parameters
        ----------
        y_true : array-like of shape (n_documents,)
            The labels.
        y_proba : array-like of shape (n_documents, n_classes), or mapping of str to such
            The probabilities, or those of several classifiers by name.
        classes : array-like of shape (n_classes,) or None, default=None
            The classes of the columns. If None, the sorted labels of ``y_true``.
        n_bins : int, default=10
            The number of bins.
        ax : matplotlib Axes, sequence of Axes or None, default=None
            As in ``plot``.

        Returns
        -------
        display : ReliabilityDisplay
            It holds a row for each curve.

        Raises
        ------
        ValueError
            If the probabilities have other shapes, or ``y_true`` is multilabel.
        """
        import_pyplot(cls)
        by_name = y_proba if isinstance(y_proba, Mapping) else {"classifier": y_proba}
        by_name = {name: np.asarray(values, dtype=float) for name, values in by_name.items()}
        labels = _checked_labels(y_true, len(next(iter(by_name.values()))))
        classes = np.unique(labels) if classes is None else np.asarray(classes)
        for name, probabilities in by_name.items():
            check_probabilities(
                probabilities, len(classes), f"y_proba ({name}) with the classes {in_short(classes.tolist())}"
            )
        predictions = {name: (probabilities, classes) for name, probabilities in by_name.items()}
        return cls(*_bins_of_all(labels, predictions, n_bins), list(predictions)).plot(ax=ax)

    @property
    def calibration_errors(self) -> np.ndarray:
        """The expected calibration error of each classifier."""
        counts = np.asarray(self.counts)
        distances = np.abs(np.asarray(self.accuracies) - np.asarray(self.confidences))
        return np.nansum(counts * distances, axis=1) / counts.sum(axis=1)

    def plot(self, ax: Any = None) -> ReliabilityDisplay:
        """Draw the curves, and the numbers of documents beneath.

        Parameters
        ----------
        ax : matplotlib Axes, sequence of Axes or None, default=None
            One Axes, which is divided, or two. If None, a new figure.

        Returns
        -------
        display : ReliabilityDisplay
            The same object.

        See Also
        --------
        from_estimator : Computes what is drawn.
        """
        self.axes_ = make_axes(self, ax, 2, panel_size=(5.6, 3), height_ratios=(3, 1))
        self.figure_ = self.axes_[0].figure
        upper, lower = self.axes_
        upper.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle=(0, (1, 2)), label="accuracy = confidence")
        counts = np.asarray(self.counts)
        edges = np.linspace(0, 1, counts.shape[1] + 1)
        rows = zip(self.names, self.confidences, self.accuracies, counts, self.calibration_errors)
        for number, (name, confidence, accuracy, count, error) in enumerate(rows):
            style, used = style_of(name, number), count > 0
            label = f"{name}: {error:.3f}"
            points = np.column_stack([confidence, accuracy])
            upper.plot(*points[used].T, label=label, **style)
            few = used & (count < _FEW)
            upper.plot(*points[few].T, **(style | {"linestyle": "", "markerfacecolor": "white", "label": "_few"}))
            lower.stairs(count, edges, color=style["color"], linestyle=style["linestyle"], linewidth=1.5)
        first = edges[np.flatnonzero(counts.any(axis=0))[0]]
        upper.set(title="Reliability", ylabel="accuracy", xlim=(first, 1.01), ylim=(-0.02, 1.02))
        upper.tick_params(labelbottom=False)
        upper.legend(fontsize="small", title="expected calibration error", title_fontsize="small")
        lower.set(xlabel="confidence: probability of the predicted class", ylabel="documents", xlim=(first, 1.01))
        return self


def _networks(estimator, X):
    """Return classifiers and their input by name: networks of a ``DistilledTextClassifier``, or the classifier."""
    inside, inner = unwrap(estimator, X)
    if not hasattr(inside, "predict_with"):
        return {class_name(inside): (estimator, X)}
    networks = {"main": inside.main_, "auxiliary": inside.auxiliary_}
    if inside.predict_with == "ensemble":
        networks["ensemble"] = inside
    return {name: (network, inner) for name, network in networks.items() if network is not None}


def _checked_labels(y, n_documents):
    labels = check_labels(y, n_documents)
    if target_type_of(labels) == "multilabel":
        raise ValueError(
            f"y must have one label per document: reliability is not defined for multilabel y. Got {labels.shape}."
        )
    return np.asarray(labels)


def _bins_of_all(labels, predictions, n_bins):
    """Return mean confidence, accuracy and number of documents of each classifier and bin."""
    if n_bins < 1:
        raise ValueError(f"n_bins must be at least 1. Got {n_bins}.")
    rows = []
    for name, (probabilities, classes) in predictions.items():
        classes = np.asarray(classes)
        if len(probabilities) != len(labels):
            raise ValueError(
                f"There must be as many labels as documents. Got {len(labels)} labels, and {len(probabilities)} rows "
                f"of probabilities ({name})."
            )
        if not set(labels.tolist()) & set(classes.tolist()):
            raise ValueError(
                f"Some labels must be classes of {name}. Got {in_short(np.unique(labels).tolist())}, and the classes "
                f"{in_short(classes.tolist())}."
            )
        predicted = classes[probabilities.argmax(axis=1)].tolist()
        is_correct = [label == most_probable for label, most_probable in zip(labels.tolist(), predicted)]
        rows.append(_bins(probabilities.max(axis=1), is_correct, n_bins))
    return tuple(np.array(column) for column in zip(*rows))


def _bins(confidence, is_correct, n_bins):
    """Return mean confidence, accuracy and number of predictions of bins of equal width, closed on the right."""
    edges = np.linspace(0, 1, n_bins + 1)
    place = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, n_bins - 1)
    counts = np.bincount(place, minlength=n_bins)
    sums = [np.bincount(place, weights=values, minlength=n_bins) for values in (confidence, is_correct)]
    with np.errstate(invalid="ignore"):
        means = [values / counts for values in sums]
    return *means, counts
