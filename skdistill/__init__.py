"""Knowledge distillation for text classification, the scikit-learn way."""

from ._classifier import DistilledTextClassifier
from ._extracted import ExtractedClassifier
from .augmentation import TransferSet
from .networks import NETWORKS, TextBag, TextCNN, TextGRU
from .objectives import TRANSFERS
from .streams import TextStream
from .tokenization import TextTokenizer

__version__ = "0.1.0"

__all__ = [
    "NETWORKS",
    "TRANSFERS",
    "DistilledTextClassifier",
    "ExtractedClassifier",
    "TextBag",
    "TextCNN",
    "TextGRU",
    "TextStream",
    "TextTokenizer",
    "TransferSet",
]
