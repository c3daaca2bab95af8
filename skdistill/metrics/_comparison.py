"""How two networks agree, and how well the probabilities of one are calibrated.

Conventions
-----------
Labels have the shape (n_samples,), probabilities (n_samples, n_classes). Multilabel indicators and
probabilities have the shape (n_samples, n_labels); a label is predicted if its probability is above 0.5.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import rel_entr
from sklearn.utils import check_consistent_length

from .._sklearn import check_sample_weight

# Smaller probabilities count as this one, as soft targets do: otherwise one row would make a mean infinite.
_LEAST = 1e-7


def agreement(
    first: ArrayLike, second: ArrayLike, *, multilabel: bool = False, sample_weight: ArrayLike | None = None
) -> float:
    """Return the fraction of documents for which two classifiers predict the same.

    It is the average top-1 agreement of Stanton et al. 2021 (Does Knowledge Distillation Really Work?,
    section 3).

    Parameters
    ----------
    first, second : array-like of shape (n_samples,) or (n_samples, n_classes)
        Predicted labels, or predicted probabilities, the largest of which decides. Both must be
        labels, or both probabilities with their classes in the same order.
    multilabel : bool, default=False
        Whether the columns are labels of which a document may have several: then all of them must be
        equal.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the documents.

    Returns
    -------
    agreement : float
        Between 0 and 1.

    Raises
    ------
    ValueError
        If ``first`` and ``second`` differ in shape, or the shape is none of these.

    See Also
    --------
    churn : The fraction of predictions that differ.
    fidelity : How far the probabilities are from each other.

    Examples
    --------
    >>> from skdistill.metrics import agreement
    >>> agreement(["good", "bad", "bad", "bad"], ["good", "bad", "bad", "good"])
    0.75
    >>> agreement([[0.9, 0.1], [0.2, 0.8]], [[0.6, 0.4], [0.7, 0.3]])
    0.5
    """
    first, second = np.asarray(first), np.asarray(second)
    _check_same_shape(first, second, "first", "second", 2 if multilabel else None)
    first, second = (_predicted(array, name, multilabel) for array, name in ((first, "first"), (second, "second")))
    equal = first == second
    return _mean(equal.all(axis=1) if multilabel else equal, sample_weight)


def churn(
    before: ArrayLike, after: ArrayLike, *, multilabel: bool = False, sample_weight: ArrayLike | None = None
) -> float:
    """Return the fraction of documents whose prediction changes from one classifier to another.

    Even where two classifiers are equally accurate, users notice what has changed: Milani Fard et al. 2016
    (Launch and Iterate: Reducing Prediction Churn, section 2).

    Parameters
    ----------
    before, after : array-like of shape (n_samples,) or (n_samples, n_classes)
        Predicted labels or probabilities, as in ``agreement``.
    multilabel : bool, default=False
        Whether the columns are labels of which a document may have several.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the documents.

    Returns
    -------
    churn : float
        Between 0 and 1: one minus the agreement.

    Raises
    ------
    ValueError
        If ``before`` and ``after`` differ in shape, or the shape is none of these.

    See Also
    --------
    agreement : The fraction of predictions that are equal.

    Examples
    --------
    >>> from skdistill.metrics import churn
    >>> churn(["good", "bad", "bad", "bad"], ["good", "bad", "bad", "good"])
    0.25
    """
    before, after = np.asarray(before), np.asarray(after)
    _check_same_shape(before, after, "before", "after", 2 if multilabel else None)
    return 1 - agreement(before, after, multilabel=multilabel, sample_weight=sample_weight)


def fidelity(
    teacher_proba: ArrayLike,
    student_proba: ArrayLike,
    *,
    multilabel: bool = False,
    sample_weight: ArrayLike | None = None,
) -> float:
    """Return the mean Kullback-Leibler divergence of a student's probabilities from a teacher's.

    It is the average predictive KL of Stanton et al. 2021 (Does Knowledge Distillation Really Work?,
    section 3), in nats. The smaller it is, the more faithful is the student; it is 0 where both are equal.
    Probabilities of the student below 1e-7 count as 1e-7.

    Parameters
    ----------
    teacher_proba, student_proba : array-like of shape (n_samples, n_classes)
        Predicted probabilities, with their classes in the same order.
    multilabel : bool, default=False
        Whether each column is the probability of a separate label: then the divergences of the labels are
        added.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the documents.

    Returns
    -------
    fidelity : float
        At least 0.

    Raises
    ------
    ValueError
        If an argument holds no probabilities, or the two differ in shape.

    See Also
    --------
    agreement : The fraction of predictions that are equal.

    Examples
    --------
    >>> from skdistill.metrics import fidelity
    >>> round(fidelity([[0.9, 0.1], [0.5, 0.5]], [[0.5, 0.5], [0.5, 0.5]]), 3)
    0.184
    """
    teacher = _check_proba(teacher_proba, "teacher_proba", multilabel)
    student = _check_proba(student_proba, "student_proba", multilabel)
    _check_same_shape(teacher, student, "teacher_proba", "student_proba", 2)
    divergences = rel_entr(teacher, np.maximum(student, _LEAST))
    if multilabel:
        divergences += rel_entr(1 - teacher, np.maximum(1 - student, _LEAST))
    return max(0.0, _mean(divergences.sum(axis=1), sample_weight))


def expected_calibration_error(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    labels: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    n_bins: int = 15,
) -> float:
    """Return how far confidence and accuracy are apart, on average.

    The predictions are put into bins by their confidence, the largest probability; in each bin the mean
    confidence is compared with the accuracy: Guo et al. 2017 (On Calibration of Modern Neural Networks,
    section 2, equation 3). Bin m of M has the confidences in ((m - 1) / M, m / M].

    Parameters
    ----------
    y_true : array-like of shape (n_samples,), or indicators of shape (n_samples, n_labels)
        The labels. Multilabel: each label of each document counts as a prediction, whose confidence is the
        larger of p and 1 - p.
    y_proba : array-like of shape (n_samples, n_classes) or (n_samples, n_labels)
        Predicted probabilities.
    labels : array-like of shape (n_classes,), default=None
        The classes of the columns. If None, those of ``y_true``, sorted.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the documents.
    n_bins : int, default=15
        Number of bins.

    Returns
    -------
    error : float
        Between 0 and 1; 0 for calibrated probabilities.

    Raises
    ------
    ValueError
        If ``y_proba`` holds no probabilities, does not have a column per class, or ``n_bins`` is not positive.

    See Also
    --------
    skdistill.displays.ReliabilityDisplay : Draws accuracy against confidence.

    Examples
    --------
    >>> from skdistill.metrics import expected_calibration_error
    >>> y_proba = [[0.75, 0.25]] * 4
    >>> expected_calibration_error([0, 0, 0, 1], y_proba)
    0.0
    >>> expected_calibration_error([0, 0, 1, 1], y_proba)
    0.25
    """
    if not isinstance(n_bins, (int, np.integer)) or n_bins < 1:
        raise ValueError(f"n_bins must be an int of at least 1. Got {n_bins!r}.")
    y_true = np.asarray(y_true)
    multilabel = y_true.ndim == 2
    y_proba = _check_proba(y_proba, "y_proba", multilabel)
    check_consistent_length(y_true, y_proba)
    weights = check_sample_weight(sample_weight, y_proba)
    if multilabel:
        _check_same_shape(y_true, y_proba, "y_true", "y_proba", 2)
        confidences = np.maximum(y_proba, 1 - y_proba).ravel()
        correct = ((y_proba > 0.5) == y_true).ravel()
        weights = np.repeat(weights, y_proba.shape[1])
    else:
        classes = _columns(y_true, labels, y_proba.shape[1])
        confidences, correct = y_proba.max(axis=1), classes[y_proba.argmax(axis=1)] == y_true
    bins = np.clip(np.ceil(confidences * n_bins).astype(int) - 1, 0, n_bins - 1)
    gaps = np.bincount(bins, weights * (correct - confidences), n_bins)
    return float(np.abs(gaps).sum() / weights.sum())


def _columns(y_true, labels, n_columns):
    """Return the class of each column."""
    classes = np.unique(y_true) if labels is None else np.asarray(labels)
    if len(classes) != n_columns:
        raise ValueError(
            f"y_proba must have a column per class. Got {n_columns} columns and {len(classes)} classes in "
            f"{'y_true: pass labels, the classes of the columns' if labels is None else 'labels'}."
        )
    return classes


def _check_proba(values, name, multilabel):
    """Return probabilities as a float64 array, or raise a ValueError that names the argument."""
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 2:
        raise ValueError(f"{name} must have the shape (n_samples, n_classes). Got shape {values.shape}.")
    if not ((values >= 0) & (values <= 1 + 1e-6)).all():
        raise ValueError(
            f"{name} must hold probabilities, between 0 and 1. Got {values.min():.6g} to {values.max():.6g}."
        )
    sums = values.sum(axis=1)
    if not multilabel and np.abs(sums - 1).max(initial=0) > 1e-3:
        row = int(np.abs(sums - 1).argmax())
        raise ValueError(
            f"Rows of {name} must sum to 1. Got {sums[row]:.6g} in row {row}: for multilabel probabilities y_true "
            "must be indicators, or multilabel True."
        )
    return np.clip(values, 0, 1)


def _check_same_shape(one, other, name, other_name, ndim):
    if one.shape != other.shape:
        raise ValueError(f"{name} and {other_name} must have the same shape. Got {one.shape} and {other.shape}.")
    if ndim is not None and one.ndim != ndim:
        raise ValueError(f"{name} and {other_name} must have {ndim} dimensions. Got shape {one.shape}.")


def _predicted(array, name, multilabel):
    """Return predicted labels: an array of shape (n_samples,), or of bool and shape (n_samples, n_labels)."""
    if array.ndim not in (1, 2):
        raise ValueError(f"{name} must hold labels or probabilities per document. Got shape {array.shape}.")
    if multilabel:
        return array > 0.5
    return array.argmax(axis=1) if array.ndim == 2 else array


def _mean(values, sample_weight):
    """Return the weighted mean of a number per document."""
    if not len(values):
        raise ValueError("At least one document is needed. Got 0.")
    return float(np.average(values, weights=check_sample_weight(sample_weight, values.astype(np.float64))))
