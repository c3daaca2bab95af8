"""The rows of a report, and of a split of them, as the classifier sees them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import clone

from .._sklearn import safe_indexing
from ..metrics import agreement, churn, fidelity
from ..text.augmentation import TransferSet


@dataclass(frozen=True)
class ReportData:
    """The rows of a report, and what the estimator as given learns from beside them.

    Attributes
    ----------
    X, y : indexable of length n_samples
        As the user passed them.
    is_labelled : ndarray of shape (n_samples,), bool
    labels : ndarray of shape (n_labelled,) or (n_labelled, n_labels)
        As ``check_labels`` returns them.
    sample_weight : ndarray of shape (n_samples,) or None
    X_unlabeled, soft_targets, soft_target_classes : object
        As ``fit`` takes them.
    """

    X: Any
    y: Any
    is_labelled: np.ndarray
    labels: np.ndarray
    sample_weight: np.ndarray | None = None
    X_unlabeled: Any = None
    soft_targets: Any = None
    soft_target_classes: Any = None

    @property
    def is_multilabel(self):
        """Whether the labels are multilabel indicators."""
        return self.labels.ndim == 2

    def labels_of(self, rows):
        """Return the labels of labelled rows."""
        return self.labels[(np.cumsum(self.is_labelled) - 1)[rows]]

    def weights_of(self, rows):
        """Return the weights of rows, or None."""
        return None if self.sample_weight is None else self.sample_weight[rows]


def smooth_labels(labels, classes, smoothing):
    """Return labels as probabilities, of which a fraction is spread evenly over all classes.

    Szegedy et al. 2016 (Rethinking the Inception Architecture for Computer Vision, section 7). A multilabel
    indicator becomes ``smoothing / 2`` or ``1 - smoothing / 2``.
    """
    if labels.ndim == 2:
        return labels * (1 - smoothing) + smoothing / 2
    return (labels[:, None] == classes) * (1 - smoothing) + smoothing / len(classes)


class SplitRows:
    """The training and test rows of a split, as the classifier sees them.

    Parameters
    ----------
    before : Pipeline or None
        The steps before the classifier, fitted here.
    data : ReportData
    train, test : ndarray of int
    """

    def __init__(self, before, data, train, test):
        self.data, self.train, self.test = data, train, test
        weights = data.weights_of(train)
        is_counted = data.is_labelled[train] & (True if weights is None else weights > 0)
        self.labelled = train[is_counted]
        self.y_test, self.w_test = data.labels_of(test), data.weights_of(test)
        X_train, self.X_test = (safe_indexing(data.X, rows) for rows in (train, test))
        self.X_unlabeled = data.X_unlabeled
        if before is not None:
            before = clone(before).fit(X_train, safe_indexing(data.y, train))
            X_train, self.X_test = before.transform(X_train), before.transform(self.X_test)
            if not (self.X_unlabeled is None or isinstance(self.X_unlabeled, TransferSet)):
                self.X_unlabeled = before.transform(self.X_unlabeled)
        self.X_train = X_train
        self.X_labelled = safe_indexing(X_train, np.flatnonzero(is_counted))

    def fit_as_given(self, classifier):
        """Fit a classifier on all that it learns from."""
        data, given = self.data, {}
        if data.soft_targets is not None:
            soft = {"soft_targets": safe_indexing(data.soft_targets, self.train)}
            given |= soft | {"soft_target_classes": data.soft_target_classes}
        if self.X_unlabeled is not None:
            given["X_unlabeled"] = self.X_unlabeled
        y = safe_indexing(data.y, self.train)
        return classifier.fit(self.X_train, y, data.weights_of(self.train), **given)

    def fit_labels(self, classifier, smoothing=None):
        """Fit a classifier on the labelled rows, with hard or smoothed labels."""
        labels, given = self.data.labels_of(self.labelled), {}
        if smoothing is not None:
            classes = None if self.data.is_multilabel else np.unique(labels)
            given = {"soft_targets": smooth_labels(labels, classes, smoothing), "soft_target_classes": classes}
        return classifier.fit(self.X_labelled, labels, self.data.weights_of(self.labelled), **given)

    def compare(self, one, other):
        """Return agreement, fidelity and churn of two networks' probabilities."""
        given = {"multilabel": self.data.is_multilabel, "sample_weight": self.w_test}
        return agreement(one, other, **given), fidelity(one, other, **given), churn(one, other, **given)
