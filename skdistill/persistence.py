"""Loading what ``save`` of a classifier wrote, as the same classifier again."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from ._extracted import ExtractedClassifier
from ._serialization.estimator import NEVER
from ._serialization.plain import LeftOut, decode, decode_object
from .runtime.archive import LoadError
from .runtime.model import PREDICTORS, TRAINED, read_model
from .runtime.sequences import FIRST_ID
from .runtime.state import optional_values_under, values_under
from .text.tokenizer import TextTokenizer

if TYPE_CHECKING:
    from ._classifier import DistilledTextClassifier

__all__ = ["load"]


def load(path: str | PathLike | BinaryIO) -> ExtractedClassifier | DistilledTextClassifier:
    """Return the classifier of a file that ``save`` wrote.

    It predicts exactly what the saved one predicted, bit by bit. Nothing in the file is executed;
    SECURITY.md says what a file from elsewhere can do.

    Parameters
    ----------
    path : str, path-like or binary file object
        The file.

    Returns
    -------
    classifier : ExtractedClassifier or DistilledTextClassifier
        What was saved. A fitted ``DistilledTextClassifier`` has no teacher and no callbacks: ``fit`` says
        which of them are missing until they are set.

    Raises
    ------
    LoadError
        If the file is damaged, incomplete, of a newer version, or not a saved model.

    See Also
    --------
    skdistill.runtime.load : Loads the same files to predict only, with numpy alone.

    Examples
    --------
    >>> import skdistill
    >>> skdistill.load("model.skd").predict(["good food"])  # doctest: +SKIP
    array(['pos'], dtype='<U3')
    """
    model = read_model(path)
    try:
        if model.values.get("estimator") is None:
            return _extracted(model)
        return _estimator(model)
    except LoadError:
        raise
    except (ValueError, TypeError, RecursionError) as error:
        raise LoadError(f"The file is inconsistent: {str(error).rstrip('.')}.") from error


def _extracted(model):
    """Return the classifier of a single network."""
    predictor = model.networks.get("main")
    if not isinstance(predictor, tuple(PREDICTORS.values())):
        raise ValueError("'networks' must hold a network that predicts, 'main'")
    return ExtractedClassifier.from_predictor(
        predictor,
        model.classes,
        tokenizer=_tokenizer(model),
        out_activation=model.out_activation,
        training=model.metadata.get("training"),
        **_columns(model),
    )


def _estimator(model):
    """Return a fitted DistilledTextClassifier."""
    from ._classifier import DistilledTextClassifier  # with all that training needs: others need not wait for it

    if not all(isinstance(network, tuple(TRAINED.values())) for network in model.networks.values()):
        raise ValueError("'networks' must hold networks as training leaves them")
    values = values_under(model.values, "estimator")
    attributes = {name: decode(value) for name, value in values_under(values, "attributes").items()}
    classifier = decode_object(DistilledTextClassifier, values_under(values, "parameters"))
    given = next((name for name in NEVER if not isinstance(getattr(classifier, name), (LeftOut, type(None)))), None)
    if given is not None:
        raise ValueError(f"The parameter {given!r} is never saved")
    strange = next((name for name in attributes if not _is_fitted_attribute(DistilledTextClassifier, name)), None)
    if strange is not None:
        raise ValueError(f"{strange!r:.80} is not an attribute of a fitted classifier")
    columns = {f"{name}_": value for name, value in _columns(model).items() if value is not None}
    fitted = {
        "classes_": model.classes,
        "out_activation_": model.out_activation,
        "tokenizer_": _tokenizer(model),
        "_networks": model.networks,
        "predict_with": model.predict_with,
    }
    vars(classifier).update(attributes | fitted | columns)
    return classifier


def _is_fitted_attribute(kind, name):
    """Whether a name may be that of an attribute which a fit sets, and not of a method or property."""
    known = name in ("_n_tokens", "_n_rows", "_specifications")
    return known or (name.isidentifier() and name.endswith("_") and name[0] != "_" and not hasattr(kind, name))


def _tokenizer(model):
    """Return the tokenizer of a model, or None if it reads token ids."""
    values = optional_values_under(model.values, "tokenizer")
    if values is None:
        return None
    tokenizer = decode_object(TextTokenizer, {name: value for name, value in values.items() if name != "n_words"})
    tokenizer._validate_params()
    if model.reader.words is not None:
        tokenizer._set_vocabulary({word: i for i, word in enumerate(model.reader.words, FIRST_ID)})
    return tokenizer


def _columns(model):
    """Return the number of positions of rows of token ids, and their names if they have some."""
    names, n_positions = model.values.get("position_names"), model.values.get("n_positions")
    if n_positions is not None and type(n_positions) is not int:
        raise ValueError(f"'n_positions' must be an integer. Got {n_positions!r:.80}")
    if names is None:
        return {"n_features_in": n_positions, "feature_names_in": None}
    if not isinstance(names, list) or len(names) != n_positions or not all(isinstance(name, str) for name in names):
        raise ValueError("'position_names' must hold a name for each position")
    return {"n_features_in": n_positions, "feature_names_in": np.array(names, dtype=object)}
