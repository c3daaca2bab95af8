"""Small classifiers for tests: one pair of networks wherever the networks do not matter.

A compiled training step is kept for later fits of the same structure, so that tests which
share ``PLAIN`` seldom wait for TensorFlow to trace one.
"""

import time
from pathlib import Path

import numpy as np
import pytest

from skdistill import DistilledTextClassifier, TextBag

#: Without token dropout, so that what a fit learns depends on its rows alone.
PLAIN = TextBag(units=8, token_dropout=0)

_FIT_ARGUMENTS = (
    "sample_weight",
    "X_val",
    "y_val",
    "sample_weight_val",
    "X_unlabeled",
    "soft_targets",
    "soft_target_classes",
)


def small(**parameters):
    """Return an unfitted classifier of two plain bags; parameters replace the defaults."""
    return DistilledTextClassifier(
        **{"main": PLAIN, "auxiliary": PLAIN, "random_state": 0, "max_iter": 4} | parameters
    )


def fit(X, y, **given):
    """Return a fitted ``small`` classifier, given its parameters and the arguments of ``fit``; needs TensorFlow."""
    pytest.importorskip("tensorflow")
    arguments = {name: given.pop(name) for name in _FIT_ARGUMENTS if name in given}
    return small(**given).fit(X, y, **arguments)


def weights_of(network):
    """Return all weights of a trained network as one vector."""
    return np.concatenate([array.ravel() for array in network.weights.values()])


class WordCounts:
    """An encoder, as a sentence transformer is one: counts of words, each text that it embeds a line in a file.

    It lives here because processes that unpickle it import this module.
    """

    words = ("good", "fine", "lovely", "superb", "bright", "bad", "poor", "awful", "dreary", "dull", "film", "plot")

    def __init__(self, log, scale=1, seconds=0):
        self.log, self.scale, self.seconds = Path(log), scale, seconds

    def encode(self, texts):
        if "stop" in texts:
            raise RuntimeError("stop")
        time.sleep(self.seconds)
        with self.log.open("a") as file:
            file.writelines(f"{text}\n" for text in texts)
        return self.scale * np.array([[text.split().count(word) for word in self.words] for text in texts], np.float32)

    def embedded(self):
        """Return all texts that were embedded so far, in any process."""
        return self.log.read_text().splitlines()
