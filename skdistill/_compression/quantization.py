"""Small integers for rows and kernel.

One step for all rows, coarse: what is left of most rows is a few values, which deflate codes in 1.5 to 2
bits. Training with rounded rows in the forward pass makes up for it.
"""

import numpy as np

from ..runtime.packing import LARGEST_BYTE, LARGEST_NIBBLE


def coarse_step(rows):
    """Return the step of rows in multiples of their standard deviation: larger where there are many columns."""
    return np.float32((1.5 if rows.shape[1] >= 8 else 1.0) * max(float(rows.std()), 1e-12))


def round_rows(rows, step):
    """Return the codes of rows for one step, -7 to 7, as floats."""
    return np.clip(np.rint(rows / step), -LARGEST_NIBBLE, LARGEST_NIBBLE)


def by_row(rows):
    """Return int8 codes of rows, and the step of each row.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, n_columns)

    Returns
    -------
    codes : ndarray of shape (n_rows, n_columns), int8
    steps : ndarray of shape (n_rows,), float32
    """
    steps = np.abs(rows).max(axis=1, initial=0) / LARGEST_BYTE
    steps = np.where(steps > 0, steps, 1).astype(np.float32)
    return np.clip(np.rint(rows / steps[:, None]), -LARGEST_BYTE, LARGEST_BYTE).astype(np.int8), steps
