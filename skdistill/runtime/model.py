"""A saved model as objects of the runtime: networks, what they read, and the classes."""

from typing import NamedTuple

import numpy as np

from .archive import LoadError, read_archive
from .bag import BagPredictor
from .cnn import CNNPredictor, TrainedCNN
from .gru import GRUPredictor, TrainedGRU
from .keyed_bag import KeyedBag
from .labels import classes_from_values
from .reader import IdReader, TextReader
from .state import arrays_under, choice_of, integer_of, optional_values_under, values_under
from .trained_bag import TrainedBag

#: The networks by the name of their kind in a file: those that predict, and those as training leaves them.
PREDICTORS = {"bag": BagPredictor, "cnn": CNNPredictor, "gru": GRUPredictor, "keyed_bag": KeyedBag}
TRAINED = {"trained_bag": TrainedBag, "trained_cnn": TrainedCNN, "trained_gru": TrainedGRU}
KINDS = PREDICTORS | TRAINED
_NAMES = {kind: name for name, kind in KINDS.items()}

#: What predictions are made with: a network, or the mean of two.
ROLES = {"main": ("main",), "auxiliary": ("auxiliary",), "ensemble": ("main", "auxiliary")}


class Model(NamedTuple):
    """What a file holds.

    Attributes
    ----------
    classes : ndarray of shape (n_classes,)
    out_activation : {"softmax", "sigmoid"}
    reader : TextReader or IdReader
    networks : dict of str to network
        ``"main"`` or ``"auxiliary"`` or both, each of one of ``KINDS``.
    predict_with : {"main", "auxiliary", "ensemble"}
    metadata : dict
        Plain values about the model.
    values, arrays : dict
        The archive, for what only the estimators read.
    """

    classes: np.ndarray
    out_activation: str
    reader: TextReader | IdReader
    networks: dict
    predict_with: str
    metadata: dict
    values: dict
    arrays: dict

    @property
    def predictors(self):
        """The networks that predictions are made with, in the form that predicts."""
        return [predictor_of(self.networks[role]) for role in ROLES[self.predict_with]]


def predictor_of(network):
    """Return a network in the form that predicts."""
    return network.predictor if isinstance(network, tuple(TRAINED.values())) else network


def read_model(file):
    """Return the model of a file.

    Parameters
    ----------
    file : path or binary file object

    Returns
    -------
    model : Model

    Raises
    ------
    LoadError
        If the file holds no model, or one whose parts do not fit together.
    """
    archive = read_archive(file)
    try:
        return _model(*archive)
    except (ValueError, RecursionError) as error:  # the latter for the representation of nested lists
        raise LoadError(f"The file is inconsistent: {str(error).rstrip('.')}.") from error


def _model(values, arrays, date):
    classes = classes_from_values(values_under(values, "classes"))
    entries, predict_with = values_under(values, "networks"), choice_of(values, "predict_with", ROLES)
    if not set(ROLES[predict_with]) <= set(entries) <= set(ROLES["ensemble"]):
        raise ValueError(f"'networks' must hold {' and '.join(ROLES[predict_with])}. Got {list(entries)!r:.80}")
    networks = {role: network_from_state(entry, arrays_under(arrays, role)) for role, entry in entries.items()}
    model = Model(
        classes,
        choice_of(values, "out_activation", ("softmax", "sigmoid")),
        _reader(values, arrays, networks),
        networks,
        predict_with,
        {"date": date, **values_under(values, "metadata")},
        values,
        arrays,
    )
    for role, network in model.networks.items():
        _check_fit(model, role, predictor_of(network))
    return model


def network_state(network):
    """Return plain values, with the kind, and arrays, from which ``network_from_state`` makes the network again."""
    values, arrays = network.state()
    return {"kind": _NAMES[type(network)], **values}, arrays


def network_from_state(values, arrays):
    """Return the network of a state, or raise a ValueError that says what is wrong with it."""
    return KINDS[choice_of(values, "kind", KINDS)].from_state(values, arrays)


def _reader(values, arrays, networks):
    """Return what documents are read with: a tokenizer, or the shape of rows of token ids."""
    tokenizer = optional_values_under(values, "tokenizer")
    if tokenizer is not None:
        return TextReader.from_state(tokenizer, arrays_under(arrays, "tokenizer"))
    network = predictor_of(next(iter(networks.values())))
    if network.reads_texts:
        raise ValueError("A network that reads texts needs a tokenizer")
    return IdReader(network.n_tokens, integer_of(values, "n_positions", 0, 2**31 - 1))


def _check_fit(model, role, network):
    """Raise a ValueError if a network has other classes or tokens than the model, or reads other documents."""
    if network.n_classes != len(model.classes):
        raise ValueError(f"The network {role!r} has {network.n_classes} logits for {len(model.classes)} classes")
    if network.reads_texts:
        if len(model.networks) > 1:
            raise ValueError("A compressed network must be the only one")
    elif network.n_tokens != model.reader.n_tokens:
        raise ValueError(f"The network {role!r} reads {network.n_tokens} tokens. Got {model.reader.n_tokens}")
