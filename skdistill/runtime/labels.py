"""The classes of a saved model: text, integers, booleans or floats."""

import numpy as np

from .state import choice_of, value_of

#: The types of labels, and the dtypes of arrays that hold them.
TYPES = {"str": str, "int": int, "bool": bool, "float": float}
DTYPES = {
    "str": ("str", "object"),
    "int": ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    "bool": ("bool",),
    "float": ("float16", "float32", "float64"),
}


def classes_to_values(classes):
    """Return classes as plain values, or raise a TypeError if they are of another type.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)

    Returns
    -------
    values : dict
        ``type``, ``dtype`` and ``labels``.
    """
    labels = classes.tolist()
    kinds = {next((name for name, kind in TYPES.items() if type(label) is kind), None) for label in labels}
    name = kinds.pop() if len(kinds) == 1 else None
    dtype = "str" if classes.dtype.kind == "U" else classes.dtype.name
    if name is None or dtype not in DTYPES[name]:
        strange = next((label for label in labels if type(label) not in TYPES.values()), labels[0])
        raise TypeError(
            f"Classes must be all str, int, bool or float to be saved. Got {strange!r:.80} of type "
            f"{type(strange).__name__} in an array of dtype {classes.dtype}: fit with str labels."
        )
    return {"type": name, "dtype": dtype, "labels": labels}


def classes_from_values(values):
    """Return the classes of a saved model, or raise a ValueError that says what is wrong with them."""
    name = choice_of(values, "type", TYPES)
    dtype, labels = choice_of(values, "dtype", DTYPES[name]), value_of(values, "labels")
    if not isinstance(labels, list) or not labels or not all(type(label) is TYPES[name] for label in labels):
        raise ValueError(f"'labels' must be a list of {name}")
    if len(set(labels)) < len(labels):
        raise ValueError("'labels' must be different")
    if name == "int" and not np.iinfo(dtype).min <= min(labels) <= max(labels) <= np.iinfo(dtype).max:
        raise ValueError(f"'labels' must be within {dtype}")
    return np.array(labels, dtype=dtype)
