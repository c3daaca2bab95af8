"""Training, and trained networks as Keras models.

Only modules of this folder import Keras and TensorFlow. Importing this one imports neither:
its functions do when they are called. Built-in networks come out of training as the arrays
of ``skdistill.runtime``, which predict without Keras; custom ones as a ``CustomNetwork``.
After a fit, only a few compiled steps stay in memory (``cache``).
"""

from .custom_network import CustomNetwork
from .startup import check_available, import_keras

__all__ = ["CustomNetwork", "check_available", "to_keras", "train"]


def train(plan, training, validation, observer, shared):
    """Train the networks of a plan; see ``loop.train``."""
    import_keras()
    from . import loop

    return loop.train(plan, training, validation, observer, shared)


def to_keras(trained):
    """Return a trained network as a Keras model; see ``export.to_keras``."""
    import_keras()
    from . import export

    return export.to_keras(trained)
