"""Keras and TensorFlow are found, or the error says what to install."""

import os
from importlib.util import find_spec

_MISSING = (
    "Training and to_keras() need TensorFlow, which could not be imported; prediction does not. "
    "Install it with: pip install 'skdistill[train]'"
)


def check_installed():
    """Raise an ImportError where Keras or TensorFlow is missing, without importing them.

    So nobody waits for a teacher before they learn that nothing can be trained.
    """
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    if backend != "tensorflow":
        raise ImportError(f"Training needs Keras on its TensorFlow backend. Got KERAS_BACKEND={backend!r}: unset it.")
    if not (_is_installed("keras") and _is_installed("tensorflow")):
        raise ImportError(_MISSING)


def _is_installed(name):
    try:
        return find_spec(name) is not None
    except ValueError:  # in sys.modules without a spec, or as None
        return False


def import_keras():
    """Import Keras and TensorFlow, or say what to install."""
    check_installed()
    try:
        import keras
        import tensorflow  # noqa: F401
    except ImportError as error:
        raise ImportError(_MISSING) from error
    if keras.backend.backend() != "tensorflow":
        raise ImportError(
            f"Training needs Keras on its TensorFlow backend. Got {keras.backend.backend()!r}: "
            "set KERAS_BACKEND=tensorflow before Keras is imported."
        )
