"""A trained custom network; Keras is imported when it first predicts."""

import threading

from .startup import import_keras

# Threads that use the same unpickled network at the same time load its model only once.
_LOADING = threading.RLock()


class CustomNetwork:
    """A trained Keras model that predicts from token sequences.

    A pickle holds the model in Keras' own file format. The model is loaded from it when it is
    needed, so that unpickling does not import Keras.

    Parameters
    ----------
    model : keras.Model
        From padded ids of shape (n_documents, n_positions) to logits of shape
        (n_documents, n_classes).
    n_tokens : int
        The number of token ids.
    """

    reads_texts = False  # but token ids
    spelled = False  # does not read the text of unknown tokens

    def __init__(self, model, n_tokens):
        self.n_tokens = n_tokens
        self._model, self._forward, self._archive = model, None, None

    def __repr__(self):
        name = "" if self._model is None else f"{self._model.name}, "
        return f"CustomNetwork({name}{self.n_tokens:,} tokens)"

    @property
    def predictor(self):
        """The network itself, which needs no other form to predict."""
        return self

    @property
    def model(self):
        """The trained keras.Model."""
        with _LOADING:
            if self._model is None:
                # The archive is dropped, because its bytes are outdated once the user trains the model.
                self._model, self._archive = _archive().from_bytes(self._archive), None
            return self._model

    def logits(self, sequences):
        """Return logits of shape (n_documents, n_classes), float32."""
        archive = _archive()  # raises in a forked process, where the lock may never be released
        with _LOADING:
            if self._forward is None:
                self._forward = archive.compile_forward(self.model)
        return archive.logits_of(self._forward, sequences)

    def __getstate__(self):
        with _LOADING:
            data = self._archive
            if data is None:
                from . import archive  # not through ``_archive``: saving also works in a forked process

                data = archive.to_bytes(self._model)
        return vars(self) | {"_model": None, "_forward": None, "_archive": data}


def _archive():
    """Return the module ``archive``, importing Keras before it."""
    import_keras()
    from . import archive

    return archive
