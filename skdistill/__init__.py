"""Knowledge distillation for text classification, as a scikit-learn estimator.

A large teacher, a second network or both help to train a small text classifier, which then predicts without
TensorFlow. Start with ``DistilledTextClassifier(teacher=...).fit(texts, labels)``.

Train     DistilledTextClassifier; DistilledTextClassifierCV chooses its hyperparameters
Networks  TextBag, TextCNN, TextGRU
Text      TextTokenizer; TextStream and TransferSet for unlabelled text; ParquetTexts for more texts than memory
Ship      ExtractedClassifier, which ``extract`` returns; load, LoadError;
          TextPredictor, for columns in Dask, Ray, Spark, polars and DuckDB

Modules:

teachers         Hugging Face, SetFit, sentence embeddings, functions and answer files as teachers
model_selection  Cross-validation with unlabelled rows; choosing a small network
metrics          Scorers for single networks, size and latency; agreement and calibration
inspection       Does distillation help? Which words decide? What to leave to the teacher?
displays         Plots of training, soft targets, searches and reliability
datasets         Example data
objectives       The terms of the loss
runtime          Prediction with saved models; needs numpy alone
testing          Checks for anybody's classifiers of text

Public names are imported when they are first used, so that ``skdistill.runtime`` needs numpy alone.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from ._version import SITE as _SITE
from ._version import __version__ as __version__

if _SITE and __doc__:  # none with python -OO
    __doc__ += f"\nDocumentation: {_SITE}\n"

# The module of each public name; of a module, None.
_MODULES = {
    "DistilledTextClassifier": "_classifier",
    "DistilledTextClassifierCV": "_classifier_cv",
    "ExtractedClassifier": "_extracted",
    "LoadError": "runtime.archive",
    "ParquetTexts": "text.collections",
    "TextBag": "networks",
    "TextCNN": "networks",
    "TextGRU": "networks",
    "TextPredictor": "columns",
    "TextStream": "text.streams",
    "TextTokenizer": "text.tokenizer",
    "TransferSet": "text.augmentation",
    "load": "persistence",
    "datasets": None,
    "displays": None,
    "inspection": None,
    "metrics": None,
    "model_selection": None,
    "objectives": None,
    "teachers": None,
    "testing": None,
}

__all__ = [
    "DistilledTextClassifier",
    "DistilledTextClassifierCV",
    "ExtractedClassifier",
    "LoadError",
    "ParquetTexts",
    "TextBag",
    "TextCNN",
    "TextGRU",
    "TextPredictor",
    "TextStream",
    "TextTokenizer",
    "TransferSet",
    "datasets",
    "displays",
    "inspection",
    "load",
    "metrics",
    "model_selection",
    "objectives",
    "teachers",
    "testing",
]

if TYPE_CHECKING:
    from . import datasets, displays, inspection, metrics, model_selection, objectives, teachers, testing
    from ._classifier import DistilledTextClassifier
    from ._classifier_cv import DistilledTextClassifierCV
    from ._extracted import ExtractedClassifier
    from .columns import TextPredictor
    from .networks import TextBag, TextCNN, TextGRU
    from .persistence import load
    from .runtime.archive import LoadError
    from .text.augmentation import TransferSet
    from .text.collections import ParquetTexts
    from .text.streams import TextStream
    from .text.tokenizer import TextTokenizer


def __getattr__(name):
    """Import a public name when it is first used (PEP 562)."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = _MODULES[name]
    found = import_module(f".{module or name}", __name__)
    value = found if module is None else getattr(found, name)
    globals()[name] = value
    return value


def __dir__():
    return sorted([*__all__, "__version__"])
