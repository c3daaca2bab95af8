"""The rows of a report, and of a split of them, as the classifier sees them."""

import numpy as np
from sklearn.base import clone

from .._sklearn import safe_indexing
from ..metrics import agreement, churn, fidelity
from ..text.augmentation import TransferSet


def smooth_labels(labels, classes, smoothing):
    """Return labels as probabilities, with a fraction spread evenly over all classes.

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
    data : ScoredRows
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
        arguments = self.data.arguments_of(self.train) | {"X_unlabeled": self.X_unlabeled}
        return classifier.fit(self.X_train, **arguments)

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
