"""Parameters and fitted attributes as the plain values of JSON, and back.

None, booleans, integers, text and finite floats stand for themselves, and lists for lists. Everything else
is an object of one member, named after its kind:

``{"float": "nan"}``, ``{"tuple": [...]}``, ``{"dict": [[key, value], ...]}``
    Values that JSON does not have.
``{"TextBag": {...}}``, ``{"TextTokenizer": {...}}``, ...
    Objects of this package, by their parameters.
``{"left_out": "..."}``
    What cannot be saved, described.
"""

import math
from os import PathLike, fspath

import numpy as np

from ..networks import TextBag, TextCNN, TextGRU
from ..text.tokenizer import TextTokenizer

_OBJECTS = {kind.__name__: kind for kind in (TextBag, TextCNN, TextGRU, TextTokenizer)}
_NOT_FINITE = ("nan", "inf", "-inf")


class LeftOut:
    """Stands for the value of a parameter that was not saved.

    Parameters
    ----------
    kind : str
        The name of its type.
    """

    def __init__(self, kind):
        self.kind = kind

    def __repr__(self):
        return f"<{self.kind} that was not saved>"


def encode(value):
    """Return a value as plain values; what cannot be saved is described, as ``LeftOut`` is."""
    if isinstance(value, np.generic):
        value = value.item()
    kind = type(value)
    if value is None or kind in (bool, int, str):
        return value
    if kind is float:
        return value if math.isfinite(value) else {"float": repr(value)}
    if isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype.kind in "biuf":
        return encode(value.tolist())
    if kind is list:
        return list(map(encode, value))
    if kind is tuple:
        return {"tuple": list(map(encode, value))}
    if kind is dict:
        return {"dict": [[encode(key), encode(element)] for key, element in value.items()]}
    if kind in _OBJECTS.values():
        return {kind.__name__: {name: encode_parameter(name, part) for name, part in value.get_params().items()}}
    if isinstance(value, PathLike) and isinstance(fspath(value), str):
        return fspath(value)
    return describe(value)


def encode_parameter(name, value):
    """Return the value of a parameter as plain values; of word vectors only the path of a file is kept."""
    if name == "embeddings" and not isinstance(value, (str, PathLike, type(None))):
        return describe(value)
    return encode(value)


def describe(value):
    """Return what stands for a value that is not saved: its type alone, since a representation may hold secrets."""
    return {"left_out": value.kind if isinstance(value, LeftOut) else type(value).__name__}


def is_left_out(plain):
    """Whether plain values, or any value in them, stand for something that is not saved."""
    if isinstance(plain, list):
        return any(map(is_left_out, plain))
    if not isinstance(plain, dict) or set(plain) & set(_OBJECTS):
        return False
    return "left_out" in plain or any(map(is_left_out, plain.values()))


def decode(plain):
    """Return the value that ``encode`` made plain, or raise a ValueError of one sentence."""
    if plain is None or type(plain) in (bool, int, str, float):
        return plain
    if isinstance(plain, list):
        return list(map(decode, plain))
    ((kind, content),) = plain.items() if len(plain) == 1 else [(None, None)]
    if kind == "float" and content in _NOT_FINITE:
        return float(content)
    if kind == "left_out" and isinstance(content, str):
        return LeftOut(content)
    if kind == "tuple" and isinstance(content, list):
        return tuple(map(decode, content))
    if kind == "dict" and isinstance(content, list):
        return _decode_dict(content)
    if kind in _OBJECTS and isinstance(content, dict):
        return decode_object(_OBJECTS[kind], content)
    raise ValueError(f"A value is of an unknown kind, {kind!r:.80}")


def _decode_dict(pairs):
    if not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        raise ValueError("A dict must be a list of pairs")
    try:
        return {decode(key): decode(value) for key, value in pairs}
    except TypeError:
        raise ValueError("The keys of a dict must be plain values") from None


def decode_object(kind, parameters):
    """Return an object of a class by its parameters, or raise a ValueError; a missing parameter has its default."""
    unknown = set(parameters) - set(kind().get_params(deep=False))
    if unknown:
        raise ValueError(f"{kind.__name__} has no parameter {min(unknown)!r:.80}")
    return kind(**{name: decode(value) for name, value in parameters.items()})
