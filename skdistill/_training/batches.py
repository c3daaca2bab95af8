"""The order of an epoch, and where each batch is in it."""

from typing import NamedTuple

import numpy as np

# Features in one call of the compiled step: well below a second, so that Ctrl-C is heard.
FEATURES_PER_CALL = 1_000_000
# Batches of random documents that are sorted together: little padding, and batches still differ.
_BUCKET = 50


def order_of_epoch(parts, lengths, batch_size, generator):
    """Return a random order in which each batch has ``batch_size`` rows of each part.

    An epoch is one pass over the larger part; the rows of the smaller one are repeated.

    Parameters
    ----------
    parts : list of ndarray of int
        The labelled rows and the others; or either alone.
    lengths : ndarray of shape (n_documents,) or None
        If given, the documents of a batch are of similar length.
    batch_size : int
    generator : numpy.random.Generator

    Returns
    -------
    order : ndarray of shape (n_parts * longest_part,)
        Batches of ``n_parts * batch_size`` rows; the last may be smaller.
    """
    n_rows = max(map(len, parts))
    orders = [_cycle(part, n_rows, generator) for part in parts]
    if lengths is not None:
        # Sorted over several rounds, copies of a row of the smaller part would meet in one batch.
        n_batches = min([_BUCKET, *(max(1, len(part) // batch_size) for part in parts if len(part) < n_rows)])
        orders = [_sort_in_buckets(order, lengths, n_batches * batch_size) for order in orders]
    orders = np.stack(orders)
    full = n_rows // batch_size * batch_size  # the batch that is not full stays the last
    batches = orders[:, :full].reshape(len(parts), -1, batch_size)
    if lengths is not None:
        # The same permutation for both parts: what meets in a batch is of similar length.
        batches = batches[:, generator.permutation(batches.shape[1])]
    return np.concatenate([batches.swapaxes(0, 1).ravel(), orders[:, full:].ravel()])


def _cycle(rows, n_rows, generator):
    """Return ``n_rows`` of the rows, in a new order each time round."""
    rounds = [generator.permutation(rows) for _ in range(-(-n_rows // len(rows)))]
    return np.concatenate(rounds)[:n_rows]


def _sort_in_buckets(order, lengths, size):
    buckets = np.array_split(order, range(size, len(order), size))
    return np.concatenate([bucket[np.argsort(lengths[bucket], kind="stable")] for bucket in buckets])


def split_into_calls(order, lengths, batch_size):
    """Cut an epoch's order into pieces of whole batches with a bounded number of features."""
    n_batches = -(-len(order) // batch_size)
    batch_of = np.arange(len(order)) // batch_size
    features = np.bincount(batch_of, lengths[order], minlength=n_batches)
    call_of = (np.cumsum(features) - features) // FEATURES_PER_CALL
    ends = np.flatnonzero(np.diff(call_of)) + 1
    return np.split(order, ends * batch_size)


class BatchBounds(NamedTuple):
    """Where one batch is in the arrays of a call, as ``tf.slice`` takes it.

    Attributes
    ----------
    begin, size : int arrays of shape (2,)
        Of the arrays with a row per document: (first document, 0) and (documents, -1).
    seed : int array of shape (1,)
        Decides the dropout in the networks.
    entries : list of (begin, size)
        The same for the arrays with an element per entry, reader by reader; each of shape (1,).
    """

    begin: object
    size: object
    seed: object
    entries: list

    @staticmethod
    def widths(n_readers):
        """Columns of ``batch_bounds`` that each bound has."""
        return [2, 2, 1] + [1] * 2 * n_readers

    @classmethod
    def from_columns(cls, columns):
        """Return the bounds of a row of ``batch_bounds`` that was split by ``widths``."""
        begin, size, seed, *entries = columns
        return cls(begin, size, seed, list(zip(entries[::2], entries[1::2])))


def batch_bounds(n_documents, lengths, batch_size, generator):
    """Return the ``BatchBounds`` of each batch of a call, side by side in one array.

    Parameters
    ----------
    n_documents : int
    lengths : list of ndarray of shape (n_documents,)
        For each reader the entries of each document.
    batch_size : int
    generator : numpy.random.Generator

    Returns
    -------
    bounds : ndarray of shape (n_batches, 5 + 2 * n_readers), int32
    """
    starts = np.arange(0, n_documents, batch_size)
    sizes = np.minimum(n_documents - starts, batch_size)
    columns = [starts, np.zeros_like(starts), sizes, np.full_like(starts, -1)]
    columns.append(generator.integers(2**31, size=len(starts)))
    for lengths_of_reader in lengths:
        entries = np.add.reduceat(lengths_of_reader, starts)
        columns += [np.cumsum(entries) - entries, entries]
    return np.stack(columns, axis=1).astype(np.int32)
