"""Small classifiers for tests: one pair of networks wherever the networks do not matter.

A compiled training step is kept for later fits of the same structure, so that tests which
share ``PLAIN`` seldom wait for TensorFlow to trace one.
"""

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
