"""The order of an epoch, cut into batches and calls.

Owns where a batch begins and ends. Numpy only; it must not know the step.
"""

import numpy as np

# Features in one call of the compiled step: well below a second, so that Ctrl-C is heard.
FEATURES_PER_CALL = 1_000_000


def calls(order, lengths, batch_size):
    """Cut an epoch's order into pieces of whole batches with a bounded number of features."""
    n_batches = -(-len(order) // batch_size)
    batch_of = np.arange(len(order)) // batch_size
    features = np.bincount(batch_of, lengths[order], minlength=n_batches)
    call_of = (np.cumsum(features) - features) // FEATURES_PER_CALL
    ends = np.flatnonzero(np.diff(call_of)) + 1
    return np.split(order, ends * batch_size)


def cut(n_documents, lengths, batch_size):
    """Where each batch begins and how long it is.

    Parameters
    ----------
    n_documents : int
    lengths : list of ndarray of shape (n_documents,)
        For each reader the features of each document.
    batch_size : int

    Returns
    -------
    cuts : ndarray of shape (n_batches, 4 + 2 * n_readers), int32
        Begin (document, column 0) and size (documents, all columns) of the rows of a
        batch; then begin and size of its features, reader by reader.
    """
    starts = np.arange(0, n_documents, batch_size)
    sizes = np.minimum(n_documents - starts, batch_size)
    columns = [starts, np.zeros_like(starts), sizes, np.full_like(starts, -1)]
    for own in lengths:
        features = np.add.reduceat(own, starts)
        columns += [np.cumsum(features) - features, features]
    return np.stack(columns, axis=1).astype(np.int32)
