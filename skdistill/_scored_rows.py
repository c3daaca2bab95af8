"""The rows of a comparison by cross-validation: what is trained on, and what is scored."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils import indexable
from sklearn.utils.validation import check_consistent_length

from ._input.labels import check_labels, find_labelled, take_labels
from ._input.weights import check_weights
from ._sklearn import safe_indexing
from .runtime.containers import as_list


@dataclass(frozen=True)
class ScoredRows:
    """The rows, and the other data that classifiers learn from.

    Attributes
    ----------
    X, y : indexable of length n_samples
        As the user passed them.
    is_labelled : ndarray of shape (n_samples,), bool
    labels : ndarray of shape (n_labelled,) or (n_labelled, n_labels)
        As ``check_labels`` returns them.
    sample_weight : ndarray of shape (n_samples,) or None
    X_unlabeled, soft_targets, soft_target_classes : object
        As ``DistilledTextClassifier.fit`` takes them.
    """

    X: Any
    y: Any
    is_labelled: np.ndarray
    labels: np.ndarray
    sample_weight: np.ndarray | None
    X_unlabeled: Any
    soft_targets: Any
    soft_target_classes: Any

    @classmethod
    def check(cls, X, y, sample_weight, X_unlabeled, soft_targets, soft_target_classes, unlabeled_label):
        """Return the rows, or raise an error that says what is wrong with them.

        Parameters
        ----------
        X, y, sample_weight, X_unlabeled, soft_targets, soft_target_classes : object
            As ``DistilledTextClassifier.fit`` takes them; some rows must have labels.
        unlabeled_label : object
            The parameter of the classifier.

        Returns
        -------
        rows : ScoredRows
        """
        if y is None:
            raise ValueError("y must have labels, by which predictions are scored. Got None.")
        # scikit-learn would take the rows of a column that is not an array one by one, again for each fold.
        X, y = indexable(as_list(X) if isinstance(X, Sequence) and not isinstance(X, str) else X, y)
        n_samples = y.shape[0] if hasattr(y, "shape") else len(y)
        is_labelled = find_labelled(y, n_samples, unlabeled_label)
        if not is_labelled.any():
            raise ValueError("y must have labelled rows, by which predictions are scored. Got none.")
        labels = check_labels(take_labels(y, is_labelled), int(is_labelled.sum()))
        weights = None if sample_weight is None else check_weights(sample_weight, n_samples)
        if soft_targets is not None:
            check_consistent_length(y, soft_targets)
        return cls(X, y, is_labelled, labels, weights, X_unlabeled, soft_targets, soft_target_classes)

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

    def arguments_of(self, rows):
        """Return the arguments of a fit on some rows besides X, by name."""
        arguments = {
            "y": safe_indexing(self.y, rows),
            "sample_weight": self.weights_of(rows),
            "X_unlabeled": self.X_unlabeled,
        }
        if self.soft_targets is None:
            return arguments
        soft = safe_indexing(self.soft_targets, rows)
        return arguments | {"soft_targets": soft, "soft_target_classes": self.soft_target_classes}
