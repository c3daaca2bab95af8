"""Checks of plain values and arrays, from which the parts of a saved model are made again.

A part of a model has a method ``state``, which returns plain values (as in JSON) and arrays by name, and a
class method ``from_state``, which takes both. They may come from a file that is damaged or was made to do
harm: each check here raises a ValueError of one sentence.
"""

import numpy as np

#: The longest n-gram, in tokens or characters: each length takes time, in every prediction.
MOST_NGRAMS = 1000


def under(name, arrays):
    """Return the arrays of a part, their names after that of the part."""
    return {f"{name}.{key}": array for key, array in arrays.items()}


def arrays_under(arrays, name):
    """Return the arrays of a part by the names that ``under`` was given."""
    return {key.removeprefix(f"{name}."): array for key, array in arrays.items() if key.startswith(f"{name}.")}


def value_of(values, name):
    """Return a value by its name."""
    if not isinstance(values, dict) or name not in values:
        raise ValueError(f"The value {name!r} is missing")
    return values[name]


def values_under(values, name):
    """Return the values of a part."""
    value = value_of(values, name)
    if not isinstance(value, dict):
        raise ValueError(f"{name!r} must hold values by name")
    return value


def optional_values_under(values, name):
    """Return the values of a part, or None if there is no such part."""
    return None if value_of(values, name) is None else values_under(values, name)


def integer_of(values, name, least, most):
    """Return an integer between two bounds, which belong to the range."""
    value = value_of(values, name)
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"{name!r} must be an integer between {least} and {most}. Got {value!r:.80}")
    return value


def number_of(values, name, least, most):
    """Return a float between two bounds, which belong to the range."""
    value = value_of(values, name)
    if type(value) not in (int, float) or not least <= value <= most:
        raise ValueError(f"{name!r} must be a number between {least:g} and {most:g}. Got {value!r:.80}")
    return float(value)


def choice_of(values, name, choices):
    """Return a value that is one of some choices."""
    value = value_of(values, name)
    if not any(type(value) is type(choice) and value == choice for choice in choices):
        raise ValueError(f"{name!r} must be one of {', '.join(map(repr, choices))}. Got {value!r:.80}")
    return value


def sizes_of(values, name):
    """Return a list of sizes, of n-grams or windows, as a tuple of int."""
    value = value_of(values, name)
    is_list = isinstance(value, list) and len(value) <= MOST_NGRAMS
    if not is_list or not all(type(size) is int and 1 <= size <= MOST_NGRAMS for size in value):
        raise ValueError(f"{name!r} must be a list of integers between 1 and {MOST_NGRAMS}. Got {value!r:.80}")
    return tuple(value)


def array_of(arrays, name, dtype, *shape):
    """Return an array by its name.

    Parameters
    ----------
    arrays : dict of str to ndarray
    name : str
    dtype : type
    *shape : int or None
        Sizes of the axes; None stands for any.

    Returns
    -------
    array : ndarray
    """
    if name not in arrays:
        raise ValueError(f"The array {name!r} is missing")
    array = arrays[name]
    fits = len(array.shape) == len(shape) and all(size in (None, got) for size, got in zip(shape, array.shape))
    if array.dtype != dtype or not fits:
        sizes = ", ".join("any" if size is None else str(size) for size in shape)
        raise ValueError(
            f"The array {name!r} must be {np.dtype(dtype).name} of shape ({sizes}). "
            f"Got {array.dtype.name} of shape {array.shape}"
        )
    return array
