"""Predictions of a classifier: documents are checked, and logits become labels and probabilities."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._input.chunks import document_chunks
from ._input.documents import document_offsets
from ._input.labels import plain_labels
from .runtime.outputs import (
    LOG_PROBABILITIES,
    by_batches,
    labels_of,
    logits_of_networks,
    probabilities_of,
)
from .text.tokens import Tokens, check_documents

# Texts on disk that are read at a time: ten batches.
_ON_DISK = 20_480


class LogitsMixin:
    """Predictions of a classifier.

    Once fitted, it has ``classes_``, ``tokenizer_`` and ``out_activation_``. Its ``_predictors()``
    returns the networks whose probabilities are averaged, and raises the error of a classifier
    that is not fitted.
    """

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the logits of the classes.

        Parameters
        ----------
        X : collection of str of length n_samples, or ids of shape (n_samples, n_positions)
            The documents.

        Returns
        -------
        logits : ndarray of shape (n_samples, n_classes), or (n_samples,) for two classes
            For two classes, the logit of the second minus that of the first. Multilabel:
            always (n_samples, n_labels).

        See Also
        --------
        predict : The most probable classes.
        predict_proba : The probabilities of the classes.

        Examples
        --------
        >>> from skdistill import DistilledTextClassifier
        >>> texts, labels = ["good food", "bad food"] * 10, ["pos", "neg"] * 10
        >>> classifier = DistilledTextClassifier(max_iter=3, random_state=0).fit(texts, labels)
        >>> (classifier.decision_function(["good film", "bad film"]) > 0).tolist()
        [True, False]
        """
        return self._by_batches(X, self._decisions)

    def predict(self, X: Any) -> np.ndarray:
        """Return the most probable class of each document, or all labels with a probability above 0.5.

        Parameters
        ----------
        X : collection of str of length n_samples, or ids of shape (n_samples, n_positions)
            The documents.

        Returns
        -------
        labels : ndarray of shape (n_samples,) or (n_samples, n_labels)
            Multilabel: an indicator matrix of 0 and 1.

        See Also
        --------
        predict_proba : The probabilities of the classes.
        score : The accuracy of the predictions.

        Examples
        --------
        >>> from skdistill import DistilledTextClassifier
        >>> texts, labels = ["good food", "bad food"] * 10, ["pos", "neg"] * 10
        >>> classifier = DistilledTextClassifier(max_iter=3, random_state=0).fit(texts, labels)
        >>> classifier.predict(["good film", "bad film"]).tolist()
        ['pos', 'neg']
        """
        return self._by_batches(X, lambda logits: labels_of(logits, self.classes_, self.out_activation_))

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probabilities of the classes.

        Parameters
        ----------
        X : collection of str of length n_samples, or ids of shape (n_samples, n_positions)
            The documents.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes), float64
            In the order of ``classes_``; rows sum to 1. Multilabel: one probability per
            label, and rows need not sum to 1.

        See Also
        --------
        predict : The most probable classes.
        predict_log_proba : The logarithms of the probabilities.
        skdistill.metrics.expected_calibration_error : How well the probabilities are calibrated.

        Examples
        --------
        >>> from skdistill import DistilledTextClassifier
        >>> texts, labels = ["good food", "bad food"] * 10, ["pos", "neg"] * 10
        >>> classifier = DistilledTextClassifier(max_iter=3, random_state=0).fit(texts, labels)
        >>> probabilities = classifier.predict_proba(["good film", "bad film"])
        >>> probabilities.shape, classifier.classes_[probabilities.argmax(axis=1)].tolist()
        ((2, 2), ['pos', 'neg'])
        """
        return self._by_batches(X, lambda logits: probabilities_of(logits, self.out_activation_))

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """Return the logarithms of the probabilities.

        Parameters
        ----------
        X : collection of str of length n_samples, or ids of shape (n_samples, n_positions)
            The documents.

        Returns
        -------
        log_probabilities : ndarray of shape (n_samples, n_classes), float64
            In the order of ``classes_``.

        See Also
        --------
        predict_proba : The probabilities.
        decision_function : The logits.

        Examples
        --------
        >>> from skdistill import DistilledTextClassifier
        >>> texts, labels = ["good food", "bad food"] * 10, ["pos", "neg"] * 10
        >>> classifier = DistilledTextClassifier(max_iter=3, random_state=0).fit(texts, labels)
        >>> classifier.predict_log_proba(["good film", "bad film"]).argmax(axis=1).tolist()
        [1, 0]
        """
        return self._by_batches(X, lambda logits: LOG_PROBABILITIES[self.out_activation_](logits.astype(np.float64)))

    def score(self, X: Any, y: Any, sample_weight: ArrayLike | None = None) -> float:
        """Return the accuracy; for multilabel y the subset accuracy.

        Parameters
        ----------
        X : collection of str of length n_samples, or ids of shape (n_samples, n_positions)
            The documents.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Their labels. An array of objects may hold numbers, as y does if some rows are None.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the documents.

        Returns
        -------
        score : float
            Between 0 and 1.

        See Also
        --------
        skdistill.metrics.auxiliary_scorer : Scores the auxiliary network.
        skdistill.inspection.distillation_report : Measures what distillation contributes.

        Examples
        --------
        >>> from skdistill import DistilledTextClassifier
        >>> texts, labels = ["good food", "bad food"] * 10, ["pos", "neg"] * 10
        >>> classifier = DistilledTextClassifier(max_iter=3, random_state=0).fit(texts, labels)
        >>> classifier.score(["good film", "bad film"], ["pos", "neg"])
        1.0
        """
        return super().score(X, plain_labels(y), sample_weight)

    def _by_batches(self, X, function):
        """Apply a function to the logits of all documents, batch by batch."""
        predictors, n_classes = self._predictors(), len(self.classes_)
        documents, longest = _check(self, X)
        offsets_of = partial(document_offsets, longest=longest)

        def of_chunk(chunk, first):
            return by_batches(
                chunk, offsets_of, n_classes, lambda part, row: function(self._logits(part, first + row, predictors))
            )

        found = [of_chunk(chunk, first) for chunk, first in document_chunks(documents, _ON_DISK)]
        return found[0] if len(found) == 1 else np.concatenate(found)

    def _logits(self, documents, first_row, predictors):
        """Return the logits of checked documents, the first of which is the row ``first_row`` of X."""

        def to_sequences(documents, spellings):
            return Tokens(self.tokenizer_, predictors[0].n_tokens).sequences(documents, spellings, first_row)

        return logits_of_networks(predictors, documents, to_sequences, self.out_activation_)

    def _decisions(self, logits):
        logits = logits.astype(np.float64)
        is_binary = self.out_activation_ == "softmax" and logits.shape[1] == 2
        return logits[:, 1] - logits[:, 0] if is_binary else logits


def _check(estimator, X):
    """Return the documents, checked, and how much is read of each, in characters or positions; None for all."""
    tokenizer = estimator.tokenizer_
    analyzer, longest = ("precomputed", None) if tokenizer is None else (tokenizer.analyzer, tokenizer._length)
    return check_documents(estimator, X, analyzer, reset=False), longest
