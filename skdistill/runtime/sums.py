"""Sums of rows of a table, one per document."""

import sys

import numpy as np

# Numbers that are added faster one by one than by a sparse matrix, whose construction takes as long.
_FEW_NUMBERS = 1_500


def sum_rows(table, rows, offsets):
    """Return the sum of the table's rows ``rows[offsets[i]:offsets[i + 1]]`` for each i.

    Rows are added one after the other, so that the sums are the same bit by bit with scipy and without it.

    Parameters
    ----------
    table : ndarray of shape (n_rows, n_columns)
    rows : ndarray of shape (n_entries,), int
    offsets : ndarray of shape (n_sums + 1,), int
        Offsets past the end of ``rows`` count as its end: there are fewer runs of n tokens
        than tokens. With a single sum they are not read, and all of ``rows`` is summed.

    Returns
    -------
    sums : ndarray of shape (n_sums, n_columns)
    """
    if len(offsets) == 2:  # constructing a sparse matrix takes longer than the sum of one document
        return np.add.reduce(table.take(rows, axis=0), axis=0, keepdims=True)
    offsets = np.minimum(offsets, len(rows))
    if len(rows) * table.shape[1] < _FEW_NUMBERS:
        sums = np.zeros((len(offsets) - 1, table.shape[1]), table.dtype)
        np.add.at(sums, np.repeat(np.arange(len(sums)), np.diff(offsets)), table.take(rows, axis=0))
        return sums
    # Where nothing has imported scipy, as in a function that starts for a few texts, its import would take
    # longer than it saves.
    csr_array = getattr(sys.modules.get("scipy.sparse"), "csr_array", None)
    if csr_array is None:
        return _sum_rows_with_numpy(table, rows, offsets)
    # A sparse matrix with a one for each entry, in compressed rows; its row i adds up sum i. Unlike the
    # fallback it does not gather the rows in memory first.
    ones = np.ones(len(rows), dtype=table.dtype)
    return csr_array((ones, rows, offsets), shape=(len(offsets) - 1, len(table))) @ table


def _sum_rows_with_numpy(table, rows, offsets):
    """Return what ``sum_rows`` returns; it takes up to three times as long.

    Step t adds entry t of each sum that has one. The longest sums come first, so that those still added to
    are a slice.
    """
    lengths = np.diff(offsets)
    order = np.argsort(-lengths, kind="stable")
    starts = offsets[:-1][order]
    active = np.searchsorted(-lengths[order], -np.arange(lengths.max(initial=0)))
    sums = np.zeros((len(lengths), table.shape[1]), dtype=table.dtype)
    for step, count in enumerate(active.tolist()):
        sums[:count] += table.take(rows.take(starts[:count] + step), axis=0)
    result = np.empty_like(sums)
    result[order] = sums
    return result
