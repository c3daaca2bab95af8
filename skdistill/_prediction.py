"""From logits to labels and probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._input.documents import document_batches
from ._input.labels import plain_labels
from .runtime import ops
from .runtime.keyed_bag import KeyedBag
from .text.tokens import Tokens, check_documents

# Documents, tokens and logits in one forward pass: bounds the memory, and fits into the processor's caches.
_BATCH, _BATCH_TOKENS, _BATCH_LOGITS = 2048, 4_000_000, 20_000_000

# By ``out_activation_``.
_PROBABILITIES = {"softmax": ops.softmax, "sigmoid": ops.sigmoid}
_LOG_PROBABILITIES = {"softmax": ops.log_softmax, "sigmoid": ops.log_sigmoid}


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
        """
        return self._by_batches(X, self._labels)

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probabilities of the classes.

        Parameters
        ----------
        X : collection of str of length n_samples, or ids of shape (n_samples, n_positions)
            The documents.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes), float64
            In the order of ``classes_``; rows sum to 1. Multilabel: a probability per label,
            which do not sum to 1.
        """
        return self._by_batches(X, lambda logits: _PROBABILITIES[self.out_activation_](logits.astype(np.float64)))

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
        """
        return self._by_batches(X, lambda logits: _LOG_PROBABILITIES[self.out_activation_](logits.astype(np.float64)))

    def score(self, X: Any, y: Any, sample_weight: ArrayLike | None = None) -> float:
        """Return the accuracy; for multilabel y the subset accuracy.

        Parameters
        ----------
        X : collection of str of length n_samples, or ids of shape (n_samples, n_positions)
            The documents.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Their labels. Numbers may be in an array of objects, as y has it where some rows are None.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the documents.

        Returns
        -------
        score : float
            Between 0 and 1.
        """
        return super().score(X, plain_labels(y), sample_weight)

    def _by_batches(self, X, function):
        """Return what a function makes of the logits of all documents, batch by batch.

        The logits of all documents would take more memory than most results: predicted classes
        are one number per document, logits one per document and class.
        """
        predictors = self._predictors()
        documents, bounds = _split(self, X)
        if len(bounds) == 1:
            return function(self._logits(documents, 0, predictors))
        out = None
        for start, stop in bounds:
            part = function(self._logits(documents[start:stop], start, predictors))
            if out is None:
                out = np.empty((len(documents), *part.shape[1:]), part.dtype)
            out[start:stop] = part
        return out

    def _logits(self, documents, first_row, predictors):
        """Return the logits of checked documents, of which the first is the row ``first_row`` of X."""
        if isinstance(predictors[0], KeyedBag):
            return predictors[0].logits(documents)
        tokens = Tokens(self.tokenizer_, predictors[0].n_tokens)
        spellings = any([predictor.spelled for predictor in predictors])
        sequences = tokens.sequences(documents, spellings, first_row)
        logits = [predictor.logits(sequences) for predictor in predictors]
        return logits[0] if len(logits) == 1 else logits_of_mean(logits, self.out_activation_)

    def _decisions(self, logits):
        logits = logits.astype(np.float64)
        is_binary = self.out_activation_ == "softmax" and logits.shape[1] == 2
        return logits[:, 1] - logits[:, 0] if is_binary else logits

    def _labels(self, logits):
        if self.out_activation_ == "sigmoid":
            return (logits > 0).astype(np.int64)
        return self.classes_.take(logits.argmax(axis=1))


def _split(estimator, X):
    """Return the documents, checked, and the bounds of batches for one forward pass each."""
    tokenizer = estimator.tokenizer_
    analyzer, longest = ("precomputed", None) if tokenizer is None else (tokenizer.analyzer, tokenizer._length)
    documents = check_documents(estimator, X, analyzer, reset=False)
    if len(documents) == 1:  # what a service asks for most
        return documents, [(0, 1)]
    n_documents = min(_BATCH, max(1, _BATCH_LOGITS // len(estimator.classes_)))
    return documents, list(document_batches(documents, n_documents, _BATCH_TOKENS, longest))


def logits_of_mean(logits, out_activation):
    """Return the logits of the mean of several networks' probabilities.

    Parameters
    ----------
    logits : list of ndarray of shape (n_samples, n_classes)
    out_activation : {"softmax", "sigmoid"}

    Returns
    -------
    logits : ndarray of shape (n_samples, n_classes), float64
    """
    logits = np.asarray(logits, dtype=np.float64)
    if out_activation == "softmax":
        return np.log(np.mean(ops.softmax(logits), axis=0))
    # log p - log(1 - p) of the means p: the number of networks, by which both sums are divided, cancels.
    return np.logaddexp.reduce(ops.log_sigmoid(logits)) - np.logaddexp.reduce(ops.log_sigmoid(-logits))
