"""The workshop: the only folder that knows Keras and TensorFlow.

What it makes are arrays (``skdistill.runtime``); nothing of it outlives ``fit``
but a small cache of compiled steps. It must not know the estimator.
"""

import os

_BACKEND = os.environ.get("KERAS_BACKEND", "tensorflow")

try:
    import keras
    import tensorflow  # noqa: F401
    import tqdm  # noqa: F401
except ImportError as error:
    if _BACKEND != "tensorflow":
        raise ImportError(
            f"Training needs Keras on its TensorFlow backend. Got KERAS_BACKEND={_BACKEND!r}: unset it."
        ) from error
    raise ImportError(
        "Training and to_keras() need TensorFlow and tqdm, which could not be imported; prediction does not. "
        "Install it with: pip install 'skdistill[train]'"
    ) from error

if keras.backend.backend() != "tensorflow":
    raise ImportError(
        f"Training needs Keras on its TensorFlow backend. Got {keras.backend.backend()!r}: "
        "set KERAS_BACKEND=tensorflow before Keras is imported."
    )

from .archive import compile_forward, from_bytes, logits_of, to_bytes
from .models import to_keras
from .plan import Plan, Rows
from .training import progress, train

__all__ = ["Plan", "Rows", "compile_forward", "from_bytes", "logits_of", "progress", "to_bytes", "to_keras", "train"]
