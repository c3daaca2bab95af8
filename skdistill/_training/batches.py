"""The order of rows in an epoch, and the bounds of its batches.

Rows with and without label are two *parts*. Each batch has ``batch_size`` rows of each, so
that a few labels are not lost among many unlabelled rows.
"""

from functools import partial
from typing import Any, NamedTuple

import numpy as np

# Features in one call of the compiled step: a call takes well below a second, so that Ctrl-C,
# which Python handles between calls, does not wait long.
FEATURES_PER_CALL = 1_000_000
# Numbers in the dense arrays of one call, such as teacher logits: 10 MB as float32.
CELLS_PER_CALL = 2_500_000
#: Rows on disk are shuffled within windows of so many, each made of 50 blocks of neighbours in the file: what an
#: epoch reads at a time is then close together. At most so many rows are in the same order as in memory.
WINDOW = 200_000
_BLOCKS = 50
# Batches that are sorted together by length: enough for little padding, and few enough that the
# batches of each epoch differ.
_BUCKET = 50


def order_of_epoch(parts, lengths, batch_size, generator, window=None):
    """Return a random order in which each batch has ``batch_size`` rows of each part.

    An epoch is one pass over the larger part; the rows of the smaller one are repeated.

    Parameters
    ----------
    parts : list of ndarray of int
        The numbers of the labelled rows and of the others; or of either alone.
    lengths : ndarray of shape (n_documents,) or None
        If given, the documents of a batch have similar lengths.
    batch_size : int
    generator : numpy.random.Generator
    window : int or None, default=None
        If given, rows of larger parts are only shuffled within windows of about so many rows.

    Returns
    -------
    order : ndarray of shape (n_parts * longest_part,)
        Batches of ``n_parts * batch_size`` rows, in each of which the rows of a part are
        neighbours; the last batch may be smaller.
    """
    n_rows = max(map(len, parts))
    orders = [_cycle(part, n_rows, generator, window) for part in parts]
    if lengths is not None:
        # No bucket is larger than a part that is repeated, or than one batch. In a larger one, sorting
        # would bring the copies of a row from several rounds together in one batch.
        n_batches = min([_BUCKET, *(max(1, len(part) // batch_size) for part in parts if len(part) < n_rows)])
        orders = [_sort_in_buckets(order, lengths, n_batches * batch_size) for order in orders]
    orders = np.stack(orders)  # (n_parts, n_rows)
    full = n_rows // batch_size * batch_size  # a batch that is not full stays the last
    batches = orders[:, :full].reshape(len(parts), -1, batch_size)  # (n_parts, n_full_batches, batch_size)
    if lengths is not None:
        # The same permutation for both parts: the rows of a batch have similar lengths.
        batches = batches[:, _permutation(batches.shape[1], generator, window and max(1, window // batch_size))]
    return np.concatenate([batches.swapaxes(0, 1).ravel(), orders[:, full:].ravel()])


def _cycle(rows, n_rows, generator, window):
    """Return ``n_rows`` of the rows: all of them, again and again, in a new random order each time."""
    shuffle = generator.permutation
    if window is not None and len(rows) > window:
        shuffle = partial(_shuffle_blocks, window=window, generator=generator)
    rounds = [shuffle(rows) for _ in range(-(-n_rows // len(rows)))]
    return rounds[0] if len(rounds) == 1 else np.concatenate(rounds)[:n_rows]


def _shuffle_blocks(rows, window, generator):
    """Return the rows, blocks of them in a random order, and shuffled within windows of at most 50 blocks."""
    blocks = np.array_split(rows, -(-len(rows) // -(-window // _BLOCKS)))
    order = generator.permutation(len(blocks)).tolist()
    shuffled = []
    for places in np.array_split(order, -(-len(blocks) // _BLOCKS)):
        shuffled.append(np.concatenate([blocks[place] for place in places.tolist()]))
        generator.shuffle(shuffled[-1])
    return np.concatenate(shuffled)


def _permutation(n, generator, window):
    """Return a random order of the integers below n, in which none leaves its window if there are several."""
    if window is None or n <= window:
        return generator.permutation(n)
    return np.concatenate([generator.permutation(part) for part in np.array_split(np.arange(n), -(-n // window))])


def _sort_in_buckets(order, lengths, size):
    """Sort each ``size`` consecutive rows by length."""
    buckets = np.array_split(order, range(size, len(order), size))
    return np.concatenate([bucket[np.argsort(lengths[bucket], kind="stable")] for bucket in buckets])


def split_into_calls(order, lengths, width, batch_size):
    """Split the order of an epoch into calls of whole batches, bounded by their features and dense arrays.

    Parameters
    ----------
    order : ndarray of int
        As ``order_of_epoch`` returns it.
    lengths : ndarray of shape (n_documents,)
        Features of each document, times how long a step over one takes (``Reader.cost``).
    width : int
        Numbers of each document in dense arrays.
    batch_size : int
        Rows of a batch, of all parts together.

    Returns
    -------
    orders : list of ndarray of int
        The rows of each call, in order.
    """
    n_batches = -(-len(order) // batch_size)
    batch_of = np.arange(len(order)) // batch_size
    features = np.bincount(batch_of, lengths[order], minlength=n_batches)
    cells = np.bincount(batch_of, minlength=n_batches) * width
    # A call ends where either sum over the batches passes a multiple of its bound.
    by_features = (np.cumsum(features) - features) // FEATURES_PER_CALL
    by_cells = (np.cumsum(cells) - cells) // CELLS_PER_CALL
    ends = np.flatnonzero(np.diff(by_features) + np.diff(by_cells)) + 1
    return np.split(order, ends * batch_size)


class BatchBounds(NamedTuple):
    """Where one batch is in the arrays of a call, as ``tf.slice`` takes it.

    Attributes
    ----------
    begin, size : int arrays of shape (2,)
        For arrays with a row per document: (first document, 0) and (number of documents, -1), where
        -1 means all columns.
    seed : int array of shape (1,)
        Decides the dropout inside the networks.
    entries : list of (begin, size)
        For arrays with an element per entry (feature or token), reader by reader: the first
        entry and the number of entries, each of shape (1,).
    """

    begin: Any
    size: Any
    seed: Any
    entries: list

    @staticmethod
    def widths(n_readers):
        """Return the number of columns that each field has in the array of ``batch_bounds``."""
        return [2, 2, 1] + [1] * 2 * n_readers

    @classmethod
    def from_columns(cls, columns):
        """Return the bounds from a row of ``batch_bounds`` that is split by ``widths``."""
        begin, size, seed, *entries = columns
        return cls(begin, size, seed, list(zip(entries[::2], entries[1::2])))


def batch_bounds(n_documents, lengths, batch_size, generator):
    """Return the ``BatchBounds`` of each batch of a call, side by side in one array.

    Parameters
    ----------
    n_documents : int
    lengths : list of ndarray of shape (n_documents,)
        For each reader the number of entries of each document.
    batch_size : int
    generator : numpy.random.Generator

    Returns
    -------
    bounds : ndarray of shape (n_batches, 5 + 2 * n_readers), int32
        The columns are those of ``BatchBounds.widths``.
    """
    starts = np.arange(0, n_documents, batch_size)
    sizes = np.minimum(n_documents - starts, batch_size)
    columns = [starts, np.zeros_like(starts), sizes, np.full_like(starts, -1)]
    columns.append(generator.integers(2**31, size=len(starts)))
    for lengths_of_reader in lengths:
        entries = np.add.reduceat(lengths_of_reader, starts)
        columns += [np.cumsum(entries) - entries, entries]
    return np.stack(columns, axis=1).astype(np.int32)
