"""The workshop: the only folder that knows Keras and TensorFlow.

What it makes are arrays (``skdistill.runtime``); nothing of it outlives ``fit``
but a small cache of compiled steps. It must not know the estimator.
"""

import os

# TensorFlow is told apart from its absence here, once, for everybody who enters.
try:
    import keras
    import tensorflow  # noqa: F401  (an absent TensorFlow must be told before anything else)
except ImportError as error:
    raise ImportError(
        "Training and to_keras() need TensorFlow, which could not be imported; prediction does not. "
        "Install it with: pip install 'skdistill[train]'"
    ) from error

if keras.backend.backend() != "tensorflow":
    raise ImportError(
        f"Training needs Keras on its TensorFlow backend. Got {keras.backend.backend()!r} "
        f"(KERAS_BACKEND={os.environ.get('KERAS_BACKEND')!r}): set KERAS_BACKEND=tensorflow before Keras is imported."
    )

from .models import to_keras
from .plan import Plan, Rows
from .training import train

__all__ = ["Plan", "Rows", "to_keras", "train"]
