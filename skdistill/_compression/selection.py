"""Which rows are kept, and the short keys by which they are found."""

from dataclasses import replace

import numpy as np

#: Bits of a key beyond log2 of the number of rows. With 4, one in 16 of the features without a row reads the row
#: of another, which training takes into account; without training, and where all rows are kept, it must be rarer.
EXTRA_BITS, EXACT_BITS = 4, 12


def usefulness(rows, kernel, frequencies):
    """Return how much each feature matters: the norm of what it adds to the logits times log(1 + frequency).

    The norm alone would choose rare features, whose rows training makes long.

    Parameters
    ----------
    rows : ndarray of shape (n_features, n_columns)
    kernel : ndarray of shape (n_columns, n_classes)
    frequencies : ndarray of shape (n_features,)

    Returns
    -------
    useful : ndarray of shape (n_features,), float64
    """
    # |row @ kernel|**2 = row @ (kernel @ kernel.T) @ row: no array of n_features x n_classes is needed.
    gram = kernel.astype(np.float64) @ kernel.T.astype(np.float64)
    squares = np.einsum("ij,ij->i", rows @ gram.astype(np.float32), rows, dtype=np.float64)
    return np.sqrt(np.maximum(squares, 0)) * np.log1p(frequencies)


def key_bits(n_rows, extra):
    """Return the number of bits of the keys of ``n_rows`` rows."""
    return min(64, max(n_rows - 1, 1).bit_length() + extra)


def cut_keys(reader, order, bits):
    """Return a reader with short keys, and the features that its rows stand for.

    Parameters
    ----------
    reader : FeatureKeys
        With 64-bit keys.
    order : ndarray of shape (n_kept,), int
        The features that are kept, the most useful first.
    bits : int

    Returns
    -------
    reader : FeatureKeys
    kept : ndarray of shape (n_rows,), int
        Of features with equal short keys the most useful one.
    """
    keys, firsts = np.unique(reader.keys[order] >> np.uint64(64 - bits), return_index=True)
    return replace(reader, bits=bits, keys=keys), order[firsts]
