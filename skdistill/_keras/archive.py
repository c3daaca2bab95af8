"""Custom models after training: their predictions, and saving and loading them.

Shapes
------
With D documents, L tokens of the longest and C classes::

    ids     (D, L)   int32, padded with 0 at the end; L is at least 1
    logits  (D, C)   float32
"""

import random
from pathlib import Path
from tempfile import TemporaryDirectory

import keras
import numpy as np
import tensorflow as tf

# Documents in a batch. The memory of attention grows with the square of their length.
_BATCH = 64


def compile_forward(model):
    """Return the model as a compiled function from padded ids (D, L) to logits (D, C).

    Any D and L fit the same compiled function.
    """

    @tf.autograph.experimental.do_not_convert
    def forward(ids):
        return tf.cast(model(ids, training=False), tf.float32)

    return tf.function(forward, input_signature=[tf.TensorSpec([None, None], tf.int32)])


def logits_of(forward, sequences):
    """Return logits of token sequences; documents of similar length share a batch, to pad little.

    Parameters
    ----------
    forward : callable
        As ``compile_forward`` returns it.
    sequences : TokenSequences

    Returns
    -------
    logits : ndarray of shape (n_documents, n_classes), float32
    """
    order = np.argsort(np.diff(sequences.offsets), kind="stable")
    batches = np.split(order, range(_BATCH, len(order), _BATCH))
    logits = np.concatenate([forward(_pad(sequences.take(batch))).numpy() for batch in batches])
    return logits[np.argsort(order)]  # from the order of lengths back to that of the documents


def to_bytes(model):
    """Return the model in Keras' own file format."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "model.keras")
        model.save(path)
        return path.read_bytes()


def from_bytes(archive):
    """Return the model that ``to_bytes`` turned into bytes."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "model.keras")
        path.write_bytes(archive)
        # Initializers without a seed draw one from Python's global generator, although the file's
        # weights then replace the drawn ones: the generator's state is restored.
        state = random.getstate()
        try:
            # safe_mode=False allows Lambda layers, which run code from the file. The pickle that
            # the bytes come from can do the same, so that refusing them would protect nobody.
            return keras.saving.load_model(path, compile=False, safe_mode=False)
        finally:
            random.setstate(state)


def _pad(sequences):
    """Return the ids as an array of shape (D, L), padded with 0."""
    lengths = np.diff(sequences.offsets)  # (D,)
    ids = np.zeros((len(lengths), max(lengths.max(), 1)), np.int32)
    # A boolean mask is filled row by row, which is the order of the flat ids.
    ids[np.arange(ids.shape[1]) < lengths[:, None]] = sequences.ids
    return ids
