"""Sorted keys and small codes as few bytes, for files: deflate then finds what is regular in them.

Keys are stored as the gaps between them, most of which fit into a byte; codes from -7 to 7, two in a
byte. Both come plane by plane: all low bytes before all high bytes, and column by column, because bytes
that are alike compress best side by side.
"""

import numpy as np

#: The largest code of those that are stored two in a byte, and of others.
LARGEST_NIBBLE, LARGEST_BYTE = 7, 127


def pack_keys(keys):
    """Return rising keys as bytes.

    Parameters
    ----------
    keys : ndarray of shape (n,), uint64
        Distinct and sorted; n is at least 1.

    Returns
    -------
    packed : ndarray of shape (n_planes * n,), uint8
        The gaps, ``keys[i] - keys[i - 1] - 1``, and ``keys[0]`` itself: the lowest byte of each, then the
        next one of each, as many as the largest gap has.
    """
    gaps = np.append(keys[:1], keys[1:] - keys[:-1] - np.uint64(1))
    n_planes = max(1, (int(gaps.max()).bit_length() + 7) // 8)
    return np.ascontiguousarray(gaps.astype("<u8").view(np.uint8).reshape(-1, 8)[:, :n_planes].T).ravel()


def unpack_keys(packed, n, bits):
    """Return the ``n`` keys that ``pack_keys`` made bytes of, or raise a ValueError.

    Parameters
    ----------
    packed : ndarray of shape (n_planes * n,), uint8
    n : int
        At least 1.
    bits : int
        Keys are below ``2**bits``.

    Returns
    -------
    keys : ndarray of shape (n,), uint64
    """
    n_planes, rest = divmod(len(packed), n)
    if rest or not 1 <= n_planes <= 8:
        raise ValueError(f"The keys must take 1 to 8 bytes each. Got {len(packed)} bytes for {n} keys.")
    gaps = np.zeros((n, 8), np.uint8)
    gaps[:, :n_planes] = packed.reshape(n_planes, n).T
    gaps = gaps.view("<u8").ravel().astype(np.uint64)
    keys = np.cumsum(gaps, dtype=np.uint64)
    keys += np.arange(n, dtype=np.uint64)
    # A sum that runs over 2**64 falls behind the key before it.
    if (keys[1:] <= keys[:-1]).any() or int(keys[-1]) >> bits:
        raise ValueError(f"The keys must rise and be below 2**{bits}.")
    return keys


def pack_codes(codes):
    """Return codes as bytes, column by column.

    Parameters
    ----------
    codes : ndarray of shape (n_rows, n_columns), int8

    Returns
    -------
    packed : ndarray, uint8
        Two codes in a byte, the first in its lower half, each increased by 8; if a code is outside
        -7 to 7, one in a byte, as int8, and so is a single code.
    """
    columns = codes.T.ravel()
    if len(columns) == 1 or np.abs(columns.astype(np.int16)).max(initial=0) > LARGEST_NIBBLE:
        return columns.view(np.uint8)
    nibbles = np.append(columns + 8, 8 if len(columns) % 2 else []).astype(np.uint8)
    return nibbles[::2] | nibbles[1::2] << 4


def unpack_codes(packed, n_rows, n_columns):
    """Return the codes that ``pack_codes`` made bytes of, of shape (n_rows, n_columns), or raise a ValueError."""
    n = n_rows * n_columns
    if len(packed) == n:
        columns = packed.view(np.int8)
    elif len(packed) == (n + 1) // 2:
        columns = np.column_stack([packed & 15, packed >> 4]).ravel()[:n].astype(np.int8) - np.int8(8)
        if len(columns) and columns.min() < -LARGEST_NIBBLE:
            raise ValueError(f"Codes of half a byte must be between -{LARGEST_NIBBLE} and {LARGEST_NIBBLE}.")
    else:
        raise ValueError(f"{n_rows} x {n_columns} codes take {n} bytes or half of it. Got {len(packed)}.")
    return np.ascontiguousarray(columns.reshape(n_columns, n_rows).T)
