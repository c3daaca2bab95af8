"""The order of an epoch, cut into batches and calls.

Owns where a batch begins and ends. Numpy only; it must not know the step.
"""

import numpy as np

# Features in one call of the compiled step: well below a second, so that Ctrl-C is heard.
FEATURES_PER_CALL = 1_000_000
# Batches of random documents that are sorted together: little padding, and still random company.
_BUCKET = 50


def order_of_epoch(sides, lengths, batch_size, generator):
    """A random order in which each batch has ``batch_size`` rows of each side.

    An epoch is one pass over the larger side; the rows of the smaller one come again and again.

    Parameters
    ----------
    sides : list of ndarray of int
        The labelled rows and the others; or either alone.
    lengths : ndarray of shape (n_documents,) or None
        Given: the documents of a batch are of like length.
    batch_size : int
    generator : numpy.random.Generator

    Returns
    -------
    order : ndarray of shape (n_sides * longest_side,)
        Batches of ``n_sides * batch_size`` rows; the last may be smaller.
    """
    n_rows = max(map(len, sides))
    orders = [_cycle(side, n_rows, generator) for side in sides]
    if lengths is not None:
        # Sorted over several rounds, the copies of a row of the smaller side would be each other's company.
        n_batches = min([_BUCKET, *(max(1, len(side) // batch_size) for side in sides if len(side) < n_rows)])
        orders = [_sort_in_buckets(order, lengths, n_batches * batch_size) for order in orders]
    orders = np.stack(orders)
    full = n_rows // batch_size * batch_size  # the batch that is not full stays the last
    batches = orders[:, :full].reshape(len(sides), -1, batch_size)
    if lengths is not None:
        # The sides together: the batches of a place are of like length.
        batches = batches[:, generator.permutation(batches.shape[1])]
    return np.concatenate([batches.swapaxes(0, 1).ravel(), orders[:, full:].ravel()])


def _cycle(rows, n_rows, generator):
    """As many rows as wanted, in a new order each time round."""
    rounds = [generator.permutation(rows) for _ in range(-(-n_rows // len(rows)))]
    return np.concatenate(rounds)[:n_rows]


def _sort_in_buckets(order, lengths, size):
    buckets = np.array_split(order, range(size, len(order), size))
    return np.concatenate([bucket[np.argsort(lengths[bucket], kind="stable")] for bucket in buckets])


def calls(order, lengths, batch_size):
    """Cut an epoch's order into pieces of whole batches with a bounded number of features."""
    n_batches = -(-len(order) // batch_size)
    batch_of = np.arange(len(order)) // batch_size
    features = np.bincount(batch_of, lengths[order], minlength=n_batches)
    call_of = (np.cumsum(features) - features) // FEATURES_PER_CALL
    ends = np.flatnonzero(np.diff(call_of)) + 1
    return np.split(order, ends * batch_size)


def cut(n_documents, lengths, batch_size, generator):
    """Where each batch begins and how long it is, and a seed for it.

    Parameters
    ----------
    n_documents : int
    lengths : list of ndarray of shape (n_documents,)
        For each reader the entries of each document.
    batch_size : int
    generator : numpy.random.Generator

    Returns
    -------
    cuts : ndarray of shape (n_batches, 5 + 2 * n_readers), int32
        Begin (document, column 0) and size (documents, all columns) of the rows of a
        batch; its seed; then begin and size of its entries, reader by reader.
    """
    starts = np.arange(0, n_documents, batch_size)
    sizes = np.minimum(n_documents - starts, batch_size)
    columns = [starts, np.zeros_like(starts), sizes, np.full_like(starts, -1)]
    columns.append(generator.integers(2**31, size=len(starts)))
    for own in lengths:
        entries = np.add.reduceat(own, starts)
        columns += [np.cumsum(entries) - entries, entries]
    return np.stack(columns, axis=1).astype(np.int32)
