"""The Keras side: training, and networks as Keras models.

Only modules of this folder import Keras and TensorFlow, and this one imports neither: they
are loaded when one of its functions is called. What training makes are arrays
(``skdistill.runtime``); nothing outlives ``fit`` but a small cache of compiled steps.
"""

from .custom_network import CustomNetwork
from .startup import check_installed, import_keras

__all__ = ["CustomNetwork", "check_installed", "to_keras", "train"]


def train(plan, training, validation, observer):
    """Train the networks of a plan; see ``loop.train``."""
    import_keras()
    from . import loop

    return loop.train(plan, training, validation, observer)


def to_keras(trained):
    """Return a trained network as a Keras model; see ``export.to_keras``."""
    import_keras()
    from . import export

    return export.to_keras(trained)
