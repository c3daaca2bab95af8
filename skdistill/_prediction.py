"""From logits to labels and probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._input.labels import plain_labels
from .runtime import ops
from .text.tokens import Tokens, check_documents

# Documents in one forward pass: bounds the memory, and fits into the processor's caches.
_BATCH = 2048

# By ``out_activation_``.
_PROBABILITIES = {"softmax": ops.softmax, "sigmoid": ops.sigmoid}
_LOG_PROBABILITIES = {"softmax": ops.log_softmax, "sigmoid": ops.log_sigmoid}


class LogitsMixin:
    """Predictions of a classifier with ``classes_``, ``_logits(X)`` and, once fitted, ``out_activation_``."""

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
        logits = self._logits(X).astype(np.float64)
        is_binary = self.out_activation_ == "softmax" and logits.shape[1] == 2
        return logits[:, 1] - logits[:, 0] if is_binary else logits

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
        logits = self._logits(X)
        if self.out_activation_ == "sigmoid":
            return (logits > 0).astype(np.int64)
        return self.classes_.take(logits.argmax(axis=1))

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
        logits = self._logits(X).astype(np.float64)
        return _PROBABILITIES[self.out_activation_](logits)

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
        logits = self._logits(X).astype(np.float64)
        return _LOG_PROBABILITIES[self.out_activation_](logits)

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


def logits_of(estimator, X, tokenizer, predictors):
    """Return the logits of some documents by several predictors of the same tokens.

    Parameters
    ----------
    estimator : estimator
    X : collection of str or array-like
    tokenizer : TextTokenizer or None
        Fitted; None for ids.
    predictors : list of BagPredictor, CNNPredictor or GRUPredictor

    Returns
    -------
    logits : list of ndarray of shape (n_samples, n_classes)
    """
    documents = check_documents(estimator, X, tokenizer is not None, reset=False)
    spellings = any([predictor.spelled for predictor in predictors])
    tokens = Tokens(tokenizer, predictors[0].n_tokens)
    if len(documents) <= _BATCH:
        return _logits(tokens.sequences(documents, spellings), predictors)
    batches = [documents[start : start + _BATCH] for start in range(0, len(documents), _BATCH)]
    parts = [_logits(tokens.sequences(batch, spellings), predictors) for batch in batches]
    return [np.concatenate(part) for part in zip(*parts)]


def _logits(sequences, predictors):
    return [predictor.logits(sequences) for predictor in predictors]
