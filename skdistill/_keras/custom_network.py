"""A trained network that a user's callable built; Keras is imported when it predicts."""

import threading

from .startup import import_keras

# Threads that predict with an unpickled network at once load it once.
_LOADING = threading.RLock()


class CustomNetwork:
    """A trained Keras model that predicts from token sequences.

    Its pickle holds the model in Keras' own format; it becomes a model again when it
    is needed, so that unpickling alone is light.

    Parameters
    ----------
    model : keras.Model
    n_tokens : int
        How many token ids there are.
    """

    spelled = False  # the spelling of unknown tokens is not read

    def __init__(self, model, n_tokens):
        self.n_tokens = n_tokens
        self._model, self._forward, self._archive = model, None, None

    def __repr__(self):
        name = "" if self._model is None else f"{self._model.name}, "
        return f"CustomNetwork({name}{self.n_tokens:,} tokens)"

    @property
    def predictor(self):
        """The network itself."""
        return self

    @property
    def model(self):
        """The trained keras.Model."""
        with _LOADING:
            if self._model is None:
                # From here on the model is the truth: its owner may train it further.
                self._model, self._archive = _archive().from_bytes(self._archive), None
            return self._model

    def logits(self, sequences):
        """Return logits of shape (n_documents, n_classes), float32."""
        with _LOADING:
            if self._forward is None:
                self._forward = _archive().compile_forward(self.model)
        return _archive().logits_of(self._forward, sequences)

    def __getstate__(self):
        with _LOADING:
            archive = _archive().to_bytes(self._model) if self._archive is None else self._archive
        return vars(self) | {"_model": None, "_forward": None, "_archive": archive}


def _archive():
    import_keras()
    from . import archive

    return archive
