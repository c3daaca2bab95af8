"""Checks of the values and arrays that a ``KeyedBag`` is made of, which may come from a file."""

import numpy as np

#: Raised when the keys of texts change: by another rule that splits them, another multiplier or other salts.
KEY_VERSION = 1
# Far more than any bag has. Prediction takes time and memory that grow with them.
_LONGEST_NGRAM, _MOST_ROWS, _MOST_COLUMNS = 64, 2**28, 2**16

_CHOICES = {
    "key_version": (KEY_VERSION,),
    "analyzer": ("word", "char"),
    "lowercase": (True, False),
    "truncating": ("pre", "post"),
}
_LARGEST = {
    "sequence_length": 2**31,
    "ngrams": _LONGEST_NGRAM,
    "bits": 64,
    "n_rows": _MOST_ROWS,
    "n_columns": _MOST_COLUMNS,
}


def check_state(values, arrays):
    """Raise a ValueError if values or arrays are not those of a ``KeyedBag``, as ``state`` returns them.

    The packed arrays are checked only for their type: what is in them is checked where it is unpacked.
    """
    for name, choices in _CHOICES.items():
        value = _get(values, name)
        if not any(value == choice and type(value) is type(choice) for choice in choices):
            raise ValueError(f"{name!r} must be {' or '.join(map(repr, choices))}. Got {value!r}.")
    for name, largest in _LARGEST.items():
        _check_integer(_get(values, name), name, largest)
    sizes = _get(values, "subwords")
    if not isinstance(sizes, list) or len(sizes) > _LONGEST_NGRAM:
        raise ValueError(f"'subwords' must be a list of at most {_LONGEST_NGRAM} integers. Got {sizes!r}.")
    for size in sizes:
        _check_integer(size, "subwords", _LONGEST_NGRAM)
    _check_arrays(arrays, values["n_rows"], values["n_columns"])


def _get(values, name):
    if name not in values:
        raise ValueError(f"There is no {name!r}.")
    return values[name]


def _check_integer(value, name, largest):
    if type(value) is not int or not 1 <= value <= largest:
        raise ValueError(f"{name!r} must be an integer from 1 to {largest}. Got {value!r}.")


def _check_arrays(arrays, n_rows, n_columns):
    packed = dict.fromkeys(("keys", "codes"), np.uint8)
    dtypes = packed | {"steps": np.float32, "kernel_codes": np.int8, "kernel_steps": np.float32, "bias": np.float16}
    if set(arrays) != set(dtypes):
        raise ValueError(f"The arrays must be {', '.join(dtypes)}. Got {', '.join(map(str, arrays))}.")
    for name, dtype in dtypes.items():
        if arrays[name].dtype != dtype:
            raise ValueError(f"{name!r} must have the dtype {np.dtype(dtype)}. Got {arrays[name].dtype}.")
        if not np.isfinite(arrays[name]).all():
            raise ValueError(f"{name!r} must hold finite numbers.")
    n_classes = len(np.atleast_1d(arrays["bias"]))
    shapes = {
        "keys": (arrays["keys"].size,),
        "codes": (arrays["codes"].size,),
        "steps": (n_rows if arrays["steps"].size > 1 else 1,),
        "kernel_codes": (n_columns, n_classes),
        "kernel_steps": (n_columns,),
        "bias": (n_classes,),
    }
    for name, shape in shapes.items():
        if arrays[name].shape != shape:
            raise ValueError(f"{name!r} must have the shape {shape}. Got {arrays[name].shape}.")
