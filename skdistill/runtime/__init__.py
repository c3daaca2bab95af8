"""Prediction with numpy alone: texts in, labels out.

All that a trained network needs after training is here; estimators, Keras and
TensorFlow are not imported. scipy, where something else has imported it, speeds up one
sum (``sums.sum_rows``).

``load`` returns a saved model::

    predictor = skdistill.runtime.load("model.skd")
    predictor.predict(["good food"])

Each kind of network has two classes. ``TrainedBag``, ``TrainedCNN`` and ``TrainedGRU``
hold the weights as training leaves them, by name. Their ``predictor`` holds the same
network, rearranged so that prediction is fast::

    logits = trained.predictor.logits(sequences)  # (n_documents, n_classes), float32

Documents come as ``TokenSequences``: the ids of all documents in one array, without
padding, and the offset at which each document begins.
"""

from .archive import LoadError
from .bag import BagPredictor
from .cnn import CNNPredictor, TrainedCNN
from .gru import GRUPredictor, TrainedGRU
from .predictor import Predictor, load
from .sequences import TokenSequences
from .trained_bag import TrainedBag
from .vocabulary import BagVocabulary

__all__ = [
    "BagPredictor",
    "BagVocabulary",
    "CNNPredictor",
    "GRUPredictor",
    "LoadError",
    "Predictor",
    "TokenSequences",
    "TrainedBag",
    "TrainedCNN",
    "TrainedGRU",
    "load",
]
