"""The parameters and fitted attributes of a classifier, for ``skdistill.load``."""

from .plain import LeftOut, describe, encode, encode_parameter, is_left_out

#: Parameters that are never saved: they hold models, functions, and a folder of pickles.
NEVER = ("teacher", "teacher_memory", "callbacks")


def estimator_values(parameters, attributes):
    """Return parameters and fitted attributes as plain values.

    Parameters
    ----------
    parameters : dict
        By name.
    attributes : dict
        Fitted attributes by name. Those that cannot be saved are dropped.

    Returns
    -------
    values : dict
        ``parameters`` and ``attributes``.
    left_out : list of str
        The names of what is not saved, such as "teacher" and "main.embeddings".
    """
    encoded = {name: _encode_given(name, value) for name, value in parameters.items()}
    kept = {name: encode(value) for name, value in attributes.items()}
    dropped = [name for name, value in kept.items() if is_left_out(value)]
    values = {
        "parameters": encoded,
        "attributes": {name: value for name, value in kept.items() if name not in dropped},
    }
    return values, [*_names_left_out(encoded), *dropped]


def left_out_of(parameters):
    """Return the names of parameters whose values were left out of a file, such as "teacher"."""
    plain = {name: encode_parameter(name, value) for name, value in parameters.items() if _may_hold(value)}
    return list(_names_left_out(plain))


def _may_hold(value):
    """Whether a value is left out, or an object whose parameters may be."""
    return isinstance(value, LeftOut) or isinstance(getattr(value, "embeddings", None), LeftOut)


def _encode_given(name, value):
    return describe(value) if name in NEVER and value is not None else encode_parameter(name, value)


def _names_left_out(parameters, prefix=""):
    """Yield the names of the parameters that are not saved, also of those inside networks and the tokenizer."""
    for name, value in parameters.items():
        if is_left_out(value):
            yield f"{prefix}{name}"
        elif isinstance(value, dict):
            for inside in value.values():
                if isinstance(inside, dict):
                    yield from _names_left_out(inside, f"{name}.")
