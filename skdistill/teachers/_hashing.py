"""Hashes that are the same for equal values in any process, for the caches of teachers."""

import json
from types import FunctionType

from joblib.hashing import NumpyHasher


class _ValueHasher(NumpyHasher):
    """joblib's hasher, by values that last.

    An object with a method ``_hashed_state`` is hashed by what that returns. The ``id`` that
    scikit-learn stores in fitted vectorizers is left out. A class or a function of a script or
    a notebook is hashed by its name, since the workers of joblib have it but cannot import it.
    """

    def save(self, obj):
        if hasattr(type(obj), "_hashed_state"):
            obj = type(obj), obj._hashed_state()
        elif type(obj) is dict and "_stop_words_id" in obj:
            obj = {name: value for name, value in obj.items() if name != "_stop_words_id"}
        elif isinstance(obj, (type, FunctionType)) and obj.__module__ == "__main__" and "<" not in obj.__qualname__:
            obj = "__main__", obj.__qualname__
        super().save(obj)


def hash_of(value):
    """Return a str that is the same for equal values, in any process."""
    return _ValueHasher().hash(value)


def state_of_model(model, tokenizer=None):
    """Return what the predictions of a model depend on, as values to hash.

    The pickle of a model of PyTorch has addresses in it, and that of its tokenizer the length
    of the last batch: they differ from process to process and from call to call.

    Parameters
    ----------
    model : object
        Of PyTorch, if it has ``state_dict``; any other is hashed as it is.
    tokenizer : object or None, default=None
        The tokenizer of a model of PyTorch, from transformers; by default ``model.tokenizer``.

    Returns
    -------
    state : object
    """
    weights = model.state_dict() if hasattr(model, "state_dict") else {}
    if not weights:  # another library, or a wrapper of one that keeps the weights to itself
        return model
    arrays = {name: _as_array(value) for name, value in weights.items()}
    tokenizer = getattr(model, "tokenizer", None) if tokenizer is None else tokenizer
    prompts = [getattr(model, name, None) for name in ("prompts", "default_prompt_name")]
    return str(model), arrays, prompts, _state_of_tokenizer(tokenizer)


def _as_array(value):
    if not hasattr(value, "detach"):
        return value
    tensor = value.detach().cpu()
    return (tensor.float() if tensor.is_floating_point() else tensor).numpy()  # numpy has no bfloat16


def _state_of_tokenizer(tokenizer):
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        return tokenizer.get_vocab() if hasattr(tokenizer, "get_vocab") else None
    state = json.loads(backend.to_str())
    del state["truncation"], state["padding"]  # set by the last call
    return state, tokenizer.model_max_length
