"""How many epochs to train and how large the batches are, where "auto" leaves it to the number of rows.

With few rows ten epochs are too few steps; with many rows one epoch is enough, and larger batches
make it faster. The bounds were chosen on training parts, see ``docs/benchmarks/defaults.md``.
"""

import numpy as np

# With fewer than 6,000 rows there are as many epochs as read _FEWEST_READ rows in all, repeated ones included, with
# many classes as many as read _READ_PER_CLASS rows of a class on average, and with many rows as many as read
# _MOST_READ: fewer with linear paths, which have learned from all rows.
_EPOCHS, _MOST_EPOCHS, _READ_PER_CLASS = 10, 40, 2_500
_FEWEST_READ, _MOST_READ, _MOST_READ_BESIDE_PATHS = 60_000, 300_000, 100_000
# The smallest batch, and the steps of an epoch above which batches grow.
_SMALLEST_BATCH, _LARGEST_BATCH, _STEPS = 32, 1024, 450


def choose_max_iter(max_iter, n_rows, n_classes, have_paths):
    """Return the number of epochs.

    Parameters
    ----------
    max_iter : int or "auto"
    n_rows : int
        Rows of an epoch.
    n_classes : int
        The classes of which each row has one; 1 for multilabel targets.
    have_paths : bool
        Whether there is a linear path beside each network.

    Returns
    -------
    max_iter : int
    """
    if max_iter != "auto":
        return max_iter
    fewest = min(_MOST_EPOCHS, round(max(_FEWEST_READ, _READ_PER_CLASS * n_classes) / n_rows))
    most = max(1, round((_MOST_READ_BESIDE_PATHS if have_paths else _MOST_READ) / n_rows))
    return int(np.clip(_EPOCHS, fewest, most))


def choose_batch_size(batch_size, n_rows):
    """Return the number of rows of a batch.

    Parameters
    ----------
    batch_size : int or "auto"
    n_rows : int
        Rows of an epoch.

    Returns
    -------
    batch_size : int
        With "auto" a power of two.
    """
    if batch_size != "auto":
        return batch_size
    grown = 2 ** int(np.log2(max(n_rows / _STEPS, 1)))
    return int(np.clip(grown, _SMALLEST_BATCH, _LARGEST_BATCH))
