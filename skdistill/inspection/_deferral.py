"""Which documents a student classifies, and which it leaves to its teacher."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log
from numbers import Real
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv
from sklearn.utils.validation import check_array

from ..runtime.summary import count, summarize

# Not quantiles of the confidences: the guarantee of ``threshold_for`` needs thresholds that do not depend on the rows.
_THRESHOLDS = np.concatenate([np.arange(100) / 100, [0.995, 0.998, 0.999, 0.9995, 0.9999, 1]])


class DeferralChoice(NamedTuple):
    """A threshold, and what was measured with it on the held-out documents.

    Attributes
    ----------
    threshold : float
        The student decides if its confidence is above it.
    bound : float
        The lower bound of the agreement (or accuracy), at the requested level of
        confidence.
    deferred, agreement, accuracy, cost : float
        As in ``DeferralCurve``.
    """

    threshold: float
    bound: float
    deferred: float
    agreement: float
    accuracy: float
    cost: float


@dataclass(frozen=True, repr=False)
class DeferralCurve:
    """What a student and its teacher reach together, by the threshold of the student's confidence.

    ``deferral_curve`` makes it.

    Parameters
    ----------
    thresholds : ndarray of shape (n_thresholds,)
        In increasing order. The student decides documents for which its confidence is above the
        threshold; its teacher decides the others: at 1, all.
    deferred : ndarray of shape (n_thresholds,)
        The fraction of documents that the teacher decides.
    agreement : ndarray of shape (n_thresholds,)
        The fraction of all documents whose label is that of the teacher.
    accuracy : ndarray of shape (n_thresholds,)
        The fraction of all documents whose label is correct; NaN without labels.
    cost : ndarray of shape (n_thresholds,)
        Per document: ``student_cost + deferred * teacher_cost``.
    n_documents : int
        How many documents these are fractions of.

    See Also
    --------
    deferral_curve : Makes it.

    Examples
    --------
    >>> import numpy as np
    >>> from skdistill.inspection import DeferralCurve
    >>> thresholds, deferred = np.array([0, 0.8, 1]), np.array([0, 0.3, 1])
    >>> agreement, accuracy = np.array([0.9, 0.98, 1]), np.array([0.8, 0.84, 0.85])
    >>> curve = DeferralCurve(thresholds, deferred, agreement, accuracy, cost=deferred, n_documents=1000)
    >>> choice = curve.threshold_for(agreement=0.95)
    >>> choice.threshold, choice.deferred, round(choice.bound, 3)
    (0.8, 0.3, 0.971)
    """

    thresholds: NDArray[np.floating]
    deferred: NDArray[np.floating]
    agreement: NDArray[np.floating]
    accuracy: NDArray[np.floating]
    cost: NDArray[np.floating]
    n_documents: int

    def __repr__(self):
        return summarize(self, count(len(self.thresholds), "threshold"), count(self.n_documents, "document"))

    def threshold_for(
        self, *, agreement: float | None = None, accuracy: float | None = None, confidence: float = 0.95
    ) -> DeferralChoice:
        """Return the lowest threshold that keeps an agreement with the teacher, or an accuracy.

        Parameters
        ----------
        agreement : float or None, default=None
            The smallest fraction of all documents whose label is that of the teacher.
        accuracy : float or None, default=None
            Instead, the smallest fraction of correct labels.
        confidence : float, default=0.95
            With this probability over the draw of the held-out documents, further ones like them
            have at least this agreement or accuracy.

        Returns
        -------
        choice : DeferralChoice
            The threshold, the lower bound, and what was measured with it.

        Raises
        ------
        ValueError
            If no threshold has such a bound, or not exactly one of agreement and accuracy is given, or
            they are not between 0 and 1.

        See Also
        --------
        deferral_curve : Measures the curve.

        Notes
        -----
        With k of n documents in agreement, the one-sided bound of Clopper and Pearson 1934 (The Use of
        Confidence or Fiducial Limits Illustrated in the Case of the Binomial) is the quantile
        ``1 - confidence`` of the beta distribution with parameters k and n - k + 1. The thresholds are
        tried from the highest one down, until one of them fails. In a fixed order that stops there, the
        bound of the chosen one needs no correction for the number of thresholds (fixed sequence testing;
        Angelopoulos et al. 2021, Learn then Test). The documents must be used neither for training nor
        for the choice of ``thresholds``. Accuracy is not highest at the highest threshold if the student
        corrects its teacher; the first threshold may then fail although others would not.
        """
        name, least, values = self._wished(agreement, accuracy)
        for given, value in ((name, least), ("confidence", confidence)):
            if not (isinstance(value, Real) and 0 < value < 1):
                raise ValueError(f"{given} must be a number between 0 and 1. Got {value!r}.")
        bounds = lower_bound(np.rint(values * self.n_documents), self.n_documents, confidence)
        is_enough = bounds[::-1] >= least
        n_enough = len(bounds) if is_enough.all() else int(is_enough.argmin())
        if not n_enough:
            fewest = ceil(log(1 - confidence) / log(least))
            raise ValueError(
                f"No threshold keeps an {name} of {least:g} with a confidence of {confidence:g}: at the highest one, "
                f"{self.thresholds[-1]:g}, the bound is {bounds[-1]:.4g}. Ask for less, or pass more documents than "
                f"these {self.n_documents:,}: even without a mistake {fewest:,} are needed."
            )
        at = len(bounds) - n_enough
        found = (column[at] for column in (self.deferred, self.agreement, self.accuracy, self.cost))
        return DeferralChoice(*map(float, (self.thresholds[at], bounds[at], *found)))

    def _wished(self, agreement, accuracy):
        """Return which of the two is given, its value, and what was measured."""
        if (agreement is None) == (accuracy is None):
            raise ValueError(f"Pass either agreement or accuracy. Got {agreement!r} and {accuracy!r}.")
        if accuracy is None:
            return "agreement", agreement, self.agreement
        if np.isnan(self.accuracy).all():
            raise ValueError("An accuracy needs labels: pass y to deferral_curve.")
        return "accuracy", accuracy, self.accuracy


def deferral_curve(
    student: Any,
    teacher: Any,
    X: Any,
    y: ArrayLike | None = None,
    *,
    thresholds: ArrayLike | None = None,
    student_cost: float = 0.0,
    teacher_cost: float = 1.0,
) -> DeferralCurve:
    """Return what is reached if the student decides where it is confident, and its teacher decides the rest.

    A student's confidence is the probability of the class that it predicts; for multilabel targets,
    that of its least certain label.

    Parameters
    ----------
    student : classifier
        Fitted, with ``predict`` and ``predict_proba``, such as an ``ExtractedClassifier``.
    teacher : classifier or array-like of shape (n_samples,) or (n_samples, n_labels)
        Fitted, with ``predict``; or its predicted labels for X, such as those collected from a language
        model.
    X : collection of str of length n_samples, or ids of shape (n_samples, n_positions)
        Held-out documents, which neither of the two was trained on.
    y : array-like of shape (n_samples,) or (n_samples, n_labels), default=None
        Their labels. If None, the agreement is measured, the accuracy is not.
    thresholds : array-like of float, default=None
        Between 0 (the student decides everything) and 1 (the teacher does). If None, 106
        values, denser near 1.
    student_cost : float, default=0.0
        Cost of a prediction of the student, in any unit, such as microseconds; every document has it.
    teacher_cost : float, default=1.0
        Cost of a prediction of the teacher. With both defaults, the cost is the fraction of documents
        left to the teacher.

    Returns
    -------
    curve : DeferralCurve
        With arrays of ``thresholds``, ``deferred``, ``agreement``, ``accuracy`` and ``cost``, and the method
        ``threshold_for``. Its pickle is small, because it keeps no documents.

    Raises
    ------
    ValueError, TypeError
        If the labels do not belong to the documents or to the student's classes, or a
        threshold is not between 0 and 1.

    See Also
    --------
    skdistill.metrics.agreement : The agreement of two classifiers on all documents.
    explain : Shows which words decide.

    Examples
    --------
    >>> from skdistill import DistilledTextClassifier
    >>> from skdistill.inspection import deferral_curve
    >>> texts, labels = ["good food", "bad food"] * 20, ["pos", "neg"] * 20
    >>> student = DistilledTextClassifier(random_state=0).fit(texts, labels).extract("auxiliary")
    >>> curve = deferral_curve(student, labels, [*texts[:38], "music", "film"], labels)
    >>> curve
    DeferralCurve(106 thresholds, 40 documents)
    >>> choice = curve.threshold_for(agreement=0.9)
    >>> choice.deferred, choice.agreement, round(choice.bound, 3)
    (0.05, 1.0, 0.928)
    """
    answers = np.asarray(student.predict(X))
    confidences = _confidences(np.asarray(student.predict_proba(X)), is_multilabel=answers.ndim == 2)
    if hasattr(teacher, "predict"):
        teacher = teacher.predict(X)
    of_teacher = _labels(teacher, "The labels of teacher", answers, student)
    thresholds = _check_thresholds(thresholds)
    order = np.argsort(confidences)
    n_deferred = np.searchsorted(confidences[order], thresholds, side="right")  # up to the threshold, with it
    agreement = _means(np.ones(len(answers)), _are_equal(answers, of_teacher), order, n_deferred)
    accuracy = np.full(len(thresholds), np.nan)
    if y is not None:
        y = _labels(y, "y", answers, student)
        accuracy = _means(_are_equal(of_teacher, y), _are_equal(answers, y), order, n_deferred)
    deferred = n_deferred / len(answers)
    return DeferralCurve(
        thresholds, deferred, agreement, accuracy, student_cost + deferred * teacher_cost, len(answers)
    )


def lower_bound(n_successes, n_trials, confidence):
    """Return the lower bound of Clopper and Pearson of a probability; see ``DeferralCurve.threshold_for``."""
    n_successes = np.asarray(n_successes, dtype=float)
    k = np.maximum(n_successes, 1)
    # The inverse of the incomplete beta function is ``scipy.stats.beta.ppf``, whose module takes long to import.
    return np.where(n_successes > 0, betaincinv(k, n_trials - k + 1, 1 - confidence), 0.0)


def _confidences(probabilities, is_multilabel):
    """Return the probability of each document's predicted class, or of its least certain label."""
    if is_multilabel:
        return np.maximum(probabilities, 1 - probabilities).min(axis=1)
    return probabilities.max(axis=1)


def _means(of_teacher, of_student, order, n_deferred):
    """Return the means where the teacher has the first documents in order and the student the others.

    Parameters
    ----------
    of_teacher, of_student : ndarray of shape (n_documents,)
        1 where a prediction counts, 0 elsewhere.
    order : ndarray of shape (n_documents,), int
        The documents by the student's confidence.
    n_deferred : ndarray of shape (n_thresholds,), int

    Returns
    -------
    means : ndarray of shape (n_thresholds,)
    """
    first = np.append(0, np.cumsum(of_teacher[order]))
    last = np.append(0, np.cumsum(of_student[order]))
    return (first[n_deferred] + last[-1] - last[n_deferred]) / len(order)


def _are_equal(labels, others):
    """Return whether two predictions for each document are the same; multilabel: all labels."""
    equal = labels.astype(object) == others.astype(object)
    return equal if equal.ndim == 1 else equal.all(axis=1)


def _dense(labels):
    return labels.toarray() if hasattr(labels, "toarray") else labels


def _labels(labels, name, answers, student):
    """Return labels as an array of the shape of the student's predictions, after a check that they fit."""
    labels = np.asarray(_dense(labels))
    if labels.shape == (len(answers), 1) != answers.shape:
        labels = labels[:, 0]
    if labels.shape != answers.shape:
        raise ValueError(f"{name} must have the shape {answers.shape} of the student's answers. Got {labels.shape}.")
    classes = np.asarray(student.classes_).tolist()
    if labels.ndim == 1 and not set(labels.tolist()) & set(classes):
        raise ValueError(
            f"{name} must hold classes of the student, such as {classes[0]!r}. Got {labels.tolist()[0]!r}."
        )
    return labels


def _check_thresholds(thresholds):
    """Return thresholds in increasing order, each once."""
    if thresholds is None:
        return _THRESHOLDS
    thresholds = np.unique(check_array(thresholds, ensure_2d=False, dtype=np.float64, input_name="thresholds"))
    if thresholds[0] < 0 or thresholds[-1] > 1:
        raise ValueError(f"thresholds must be between 0 and 1. Got {thresholds[0]:g} to {thresholds[-1]:g}.")
    return thresholds
