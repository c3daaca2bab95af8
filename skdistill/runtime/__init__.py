"""Prediction with numpy and scipy alone: token sequences in, logits out.

This folder owns everything that a trained network needs after training. It
must not know about estimators, Keras or TensorFlow.
"""

from .bag import BagPredictor, TrainedBag
from .cnn import CNNPredictor, TrainedCNN
from .gru import GRUPredictor, TrainedGRU
from .sequences import TokenSequences
from .vocabulary import BagVocabulary

__all__ = [
    "BagPredictor",
    "BagVocabulary",
    "CNNPredictor",
    "GRUPredictor",
    "TokenSequences",
    "TrainedBag",
    "TrainedCNN",
    "TrainedGRU",
]
