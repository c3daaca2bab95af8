"""What counts as a missing value, whichever library it comes from."""

import numbers

import numpy as np


def is_missing(value):
    """Whether a value is None, NaN, or the NA or NaT of pandas or numpy."""
    if value is None:
        return True
    if isinstance(value, numbers.Number):
        return value != value  # only NaN differs from itself
    if isinstance(value, (np.datetime64, np.timedelta64)):
        return bool(np.isnat(value))
    return type(value).__name__ in ("NAType", "NaTType")  # by name: pandas need not be installed
