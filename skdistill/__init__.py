"""Knowledge distillation for text classification, the scikit-learn way.

Train a main and an auxiliary network together, from labels, from each other, from a teacher
and from unlabelled text:

DistilledTextClassifier
    The estimator; ``extract`` returns a small classifier that predicts without TensorFlow.
DistilledTextClassifierCV
    The estimator with built-in cross-validation of its most important numbers.
ExtractedClassifier
    That classifier, made of numpy arrays.
load
    A classifier that was saved by its method ``save``; ``skdistill.runtime.load`` needs numpy alone.
LoadError
    Why a file cannot be loaded.

What it takes:

TextBag, TextCNN, TextGRU
    The built-in networks and their sizes.
TextTokenizer
    From text to token ids.
TextStream, TransferSet
    Unlabelled text: a file that is read as it is needed; synthetic text.

Modules:

datasets
    Real text to try things on.
displays
    Pictures of fits, of what is taught and of searches.
inspection
    What the auxiliary network and a teacher contribute, and which words decide.
metrics
    Scorers of single networks, of bytes and time; how networks agree, and how well one is calibrated.
model_selection
    Cross-validation where some rows have no label; the choice of a small network.
objectives
    The terms of the loss.
teachers
    Models of other libraries, functions, language models and files of answers as teachers.
testing
    Checks for anybody's classifiers of text.

Public names are imported when they are first used, so that ``skdistill.runtime``, which
predicts, can be imported with numpy alone.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from ._version import __version__ as __version__

# The module of each public name; of a module, None.
_MODULES = {
    "DistilledTextClassifier": "_classifier",
    "DistilledTextClassifierCV": "_classifier_cv",
    "ExtractedClassifier": "_extracted",
    "LoadError": "runtime.archive",
    "TextBag": "networks",
    "TextCNN": "networks",
    "TextGRU": "networks",
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
    "TextBag",
    "TextCNN",
    "TextGRU",
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
    from .networks import TextBag, TextCNN, TextGRU
    from .persistence import load
    from .runtime.archive import LoadError
    from .text.augmentation import TransferSet
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
