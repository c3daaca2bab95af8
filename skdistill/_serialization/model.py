"""From a classifier to the bytes of its file: the values and arrays that ``skdistill.runtime.model`` reads."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from io import BytesIO

from .._version import __version__
from ..runtime.labels import classes_to_values
from ..runtime.model import network_state, read_model
from ..runtime.state import under
from ..runtime.texts import pack_texts
from ..text.tokenizer import TextTokenizer
from .archive import to_bytes
from .plain import encode


def model_bytes(
    networks,
    classes,
    out_activation,
    tokenizer,
    *,
    predict_with="main",
    n_positions=None,
    position_names=None,
    estimator=None,
    metadata=None,
):
    """Return the bytes of the file of a classifier.

    Parameters
    ----------
    networks : dict of str to network
        By role, each of one of ``skdistill.runtime.model.KINDS``.
    classes : ndarray of shape (n_classes,)
    out_activation : {"softmax", "sigmoid"}
    tokenizer : TextTokenizer or None
        If None, documents are rows of token ids.
    predict_with : {"main", "auxiliary", "ensemble"}, default="main"
    n_positions : int or None, default=None
        The number of ids in a row.
    position_names : ndarray of str or None, default=None
        Their names.
    estimator : dict or None, default=None
        Plain values that only ``skdistill.load`` reads.
    metadata : dict or None, default=None
        Plain values about the model, besides version and date.

    Returns
    -------
    data : bytes
        ``read_model`` has read them: a file that could not be loaded is not written.

    Raises
    ------
    TypeError, ValueError
        If a part cannot be saved.
    """
    tokenizer_values, words = (None, {}) if tokenizer is None else _tokenizer_state(tokenizer)
    states = {role: network_state(network) for role, network in networks.items()}
    values = {
        "classes": classes_to_values(classes),
        "out_activation": out_activation,
        "tokenizer": tokenizer_values,
        "n_positions": None if n_positions is None else int(n_positions),
        "position_names": None if position_names is None else list(map(str, position_names)),
        "predict_with": predict_with,
        "networks": {role: values for role, (values, _) in states.items()},
        "estimator": estimator,
        "metadata": {"version": __version__, **(metadata or {})},
    }
    arrays = under("tokenizer", words)
    for role, (_, of_network) in states.items():
        arrays |= under(role, of_network)
    data = to_bytes(values, arrays, datetime.now(UTC))
    read_model(BytesIO(data))
    return data


def _tokenizer_state(tokenizer):
    """Return the parameters of a tokenizer and its vocabulary, if it has one."""
    if callable(tokenizer.analyzer):
        raise TypeError(
            "A TextTokenizer whose analyzer is a function cannot be saved, because a file holds no code. Use "
            "analyzer='word' or 'char' and prepare the texts before fit and prediction, or use pickle."
        )
    if type(tokenizer) is not TextTokenizer:
        raise TypeError(f"Only a TextTokenizer itself can be saved. Got {type(tokenizer).__name__}: use pickle.")
    parameters = {name: encode(value) for name, value in tokenizer.get_params().items()}
    words = list(tokenizer.vocabulary_) if hasattr(tokenizer, "vocabulary_") else None
    arrays = {} if words is None else {"words": pack_texts(words)}
    return {**parameters, "n_words": None if words is None else len(words)}, arrays


#: Names that a file gives its metadata by itself.
_RESERVED = ("version", "date", "training", "left_out")


def check_metadata(metadata):
    """Return a user's metadata as plain values, or raise an error that says what is wrong with it.

    Parameters
    ----------
    metadata : mapping, str or None

    Returns
    -------
    metadata : dict
    """
    if metadata is None:
        return {}
    if isinstance(metadata, str):
        return {"note": metadata}
    if not isinstance(metadata, Mapping):
        raise TypeError(f"metadata must be a str or a dict of values of JSON. Got {type(metadata).__name__}.")
    reserved = next((name for name in _RESERVED if name in metadata), None)
    if reserved is not None:
        raise ValueError(f"metadata must not hold {reserved!r}, which the file stores by itself.")
    try:
        return json.loads(json.dumps(dict(metadata), allow_nan=False))
    except (TypeError, ValueError) as error:
        raise type(error)(f"metadata must hold values of JSON: {error}.") from None
