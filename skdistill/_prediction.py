"""What every classifier here does with logits.

Owns the way from logits to labels and probabilities. It must not know where the
logits come from.
"""

import numpy as np

from ._reading import check_documents, read
from .runtime import ops

# Documents in one forward pass: bounds the memory, and fits into the processor's caches.
_BATCH = 2048


class LogitsMixin:
    """Predictions of a classifier with ``classes_`` and ``_logits(X)``."""

    def decision_function(self, X):
        """Logits of the classes.

        Parameters
        ----------
        X : collection of str of length n_samples, or ids of shape (n_samples, n_positions)
            The documents.

        Returns
        -------
        logits : ndarray of shape (n_samples, n_classes), or (n_samples,) for two classes
            For two classes, the logit of the second minus that of the first.
        """
        logits = self._logits(X).astype(np.float64)
        return logits[:, 1] - logits[:, 0] if logits.shape[1] == 2 else logits

    def predict(self, X):
        """The most probable class of each document.

        Parameters
        ----------
        X : collection of str of length n_samples, or ids of shape (n_samples, n_positions)
            The documents.

        Returns
        -------
        labels : ndarray of shape (n_samples,)
        """
        logits = self._logits(X)
        return self.classes_.take(logits.argmax(axis=1))

    def predict_proba(self, X):
        """Probabilities of the classes.

        Parameters
        ----------
        X : collection of str of length n_samples, or ids of shape (n_samples, n_positions)
            The documents.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes), float64
            In the order of ``classes_``; rows sum to 1.
        """
        return ops.softmax(self._logits(X).astype(np.float64))

    def predict_log_proba(self, X):
        """Logarithms of the probabilities.

        Parameters
        ----------
        X : collection of str of length n_samples, or ids of shape (n_samples, n_positions)
            The documents.

        Returns
        -------
        log_probabilities : ndarray of shape (n_samples, n_classes), float64
        """
        return ops.log_softmax(self._logits(X).astype(np.float64))


def logits_of(estimator, X, tokenizer, predictors):
    """Logits of some documents by several predictors of the same tokens.

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
    n_tokens = predictors[0].n_tokens
    if len(documents) <= _BATCH:
        return _logits(read(documents, tokenizer, n_tokens, spellings), predictors)
    batches = [documents[start : start + _BATCH] for start in range(0, len(documents), _BATCH)]
    parts = [_logits(read(batch, tokenizer, n_tokens, spellings), predictors) for batch in batches]
    return [np.concatenate(part) for part in zip(*parts)]


def _logits(sequences, predictors):
    return [predictor.logits(sequences) for predictor in predictors]
