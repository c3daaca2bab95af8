"""Custom models after training: their predictions and their bytes."""

import random
from pathlib import Path
from tempfile import TemporaryDirectory

import keras
import numpy as np
import tensorflow as tf

# Documents that a model reads at once: attention takes the square of their length.
_BATCH = 64


def compile_forward(model):
    """Return the model as a compiled function from padded ids of any shape to float32 logits."""

    @tf.autograph.experimental.do_not_convert
    def forward(ids):
        return tf.cast(model(ids, training=False), tf.float32)

    return tf.function(forward, input_signature=[tf.TensorSpec([None, None], tf.int32)])


def logits_of(forward, sequences):
    """Return logits of token sequences; documents of like length are read together.

    Parameters
    ----------
    forward : callable
        As ``compile_forward`` gives it.
    sequences : TokenSequences

    Returns
    -------
    logits : ndarray of shape (n_documents, n_classes), float32
    """
    order = np.argsort(np.diff(sequences.offsets), kind="stable")
    batches = np.split(order, range(_BATCH, len(order), _BATCH))
    logits = np.concatenate([forward(_pad(sequences.take(batch))).numpy() for batch in batches])
    return logits[np.argsort(order)]


def to_bytes(model):
    """Return the model in Keras' own format."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "model.keras")
        model.save(path)
        return path.read_bytes()


def from_bytes(archive):
    """Return the model of some bytes."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "model.keras")
        path.write_bytes(archive)
        # Initializers without a seed draw one from Python's global generator, for weights
        # that are overwritten at once.
        state = random.getstate()
        try:
            # Lambda layers are code, and so is the pickle that these bytes came in.
            return keras.saving.load_model(path, compile=False, safe_mode=False)
        finally:
            random.setstate(state)


def _pad(sequences):
    """Ids of shape (n_documents, longest), at least one position."""
    lengths = np.diff(sequences.offsets)
    ids = np.zeros((len(lengths), max(lengths.max(), 1)), np.int32)
    ids[np.arange(ids.shape[1]) < lengths[:, None]] = sequences.ids
    return ids
