"""What every classifier here does with logits.

Owns the way from logits to labels and probabilities. It must not know where the
logits come from.
"""

import numpy as np

from ._documents import check_texts
from .runtime import ops
from .runtime.sequences import TokenSequences

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


def logits_of_texts(texts, tokenizer, predictors):
    """Logits of some documents by several predictors of the same tokens.

    Parameters
    ----------
    texts : collection of str
    tokenizer : TextTokenizer
    predictors : list of BagPredictor, CNNPredictor or GRUPredictor

    Returns
    -------
    logits : list of ndarray of shape (n_samples, n_classes)
    """
    texts = check_texts(texts)
    spellings = any(predictor.spelled for predictor in predictors)
    if len(texts) <= _BATCH:
        sequences = tokenizer.sequences(texts, spellings)
        return [predictor.logits(sequences) for predictor in predictors]
    starts = range(0, len(texts), _BATCH)
    parts = [logits_of_texts(texts[start : start + _BATCH], tokenizer, predictors) for start in starts]
    return [np.concatenate(part) for part in zip(*parts)]


def logits_of_ids(ids, predictors):
    """The same for checked rows of token ids."""
    sequences = TokenSequences.from_padded(ids, predictors[0].n_tokens)
    return [predictor.logits(sequences) for predictor in predictors]
