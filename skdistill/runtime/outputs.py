"""From documents to logits batch by batch, and from logits to labels and probabilities."""

import numpy as np

from . import ops
from .sequences import document_bounds

# Documents, tokens and logits in one forward pass: bounds the memory, and fits into the processor's caches.
_BATCH, _BATCH_TOKENS, _BATCH_LOGITS = 2048, 4_000_000, 20_000_000

#: By the activation of the output layer.
PROBABILITIES = {"softmax": ops.softmax, "sigmoid": ops.sigmoid}
LOG_PROBABILITIES = {"softmax": ops.log_softmax, "sigmoid": ops.log_sigmoid}


def by_batches(documents, offsets_of, n_classes, function):
    """Return what a function returns for all documents, batch by batch.

    The logits of all documents would take more memory than most results: predicted classes
    are one number per document, logits one per document and class.

    Parameters
    ----------
    documents : list or ndarray
    offsets_of : callable
        Returns the offsets of documents by their characters or positions, as far as they count.
    n_classes : int
    function : callable
        From documents and the place of the first one to an array with a row for each.

    Returns
    -------
    results : ndarray of shape (n_documents, ...)
    """
    if len(documents) == 1:  # what a service asks for most
        return function(documents, 0)
    n_documents = min(_BATCH, max(1, _BATCH_LOGITS // n_classes))
    results = None
    for start, stop in document_bounds(offsets_of(documents), n_documents, _BATCH_TOKENS):
        part = function(documents[start:stop], start)
        if results is None:
            results = np.empty((len(documents), *part.shape[1:]), part.dtype)
        results[start:stop] = part
    return results


def probabilities_of(logits, out_activation):
    """Return the probabilities of logits, in double precision."""
    return PROBABILITIES[out_activation](logits.astype(np.float64))


def labels_of(logits, classes, out_activation):
    """Return the most probable class of each row of logits; with "sigmoid" an indicator for each label."""
    if out_activation == "sigmoid":
        return (logits > 0).astype(np.int64)
    return classes.take(logits.argmax(axis=1))


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


def logits_of_networks(predictors, documents, to_sequences, out_activation):
    """Return the logits of one network, or of the mean of several.

    Parameters
    ----------
    predictors : list
        The networks.
    documents : list or ndarray
    to_sequences : callable
        From documents and whether to keep the text of unknown tokens to ``TokenSequences``; it is not
        called for a network that reads texts.
    out_activation : {"softmax", "sigmoid"}
    """
    if predictors[0].reads_texts:
        return predictors[0].logits(documents)
    sequences = to_sequences(documents, any([predictor.spelled for predictor in predictors]))
    logits = [predictor.logits(sequences) for predictor in predictors]
    return logits[0] if len(logits) == 1 else logits_of_mean(logits, out_activation)
