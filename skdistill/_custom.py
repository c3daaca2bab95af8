"""A trained network that a user's callable built.

Owns what prediction and pickles need of it. It must not know Keras, whose door
opens only where the network predicts, is pickled or taken out.
"""


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

    spelled = False  # the text of unknown tokens is not read

    def __init__(self, model, n_tokens):
        self.n_tokens = n_tokens
        self._model, self._forward, self._archive = model, None, None

    @property
    def predictor(self):
        """The network itself."""
        return self

    @property
    def model(self):
        """The trained keras.Model."""
        if self._model is None:
            # From here on the model is the truth: its owner may go on training it.
            self._model, self._archive = _workshop().from_bytes(self._archive), None
        return self._model

    def logits(self, sequences):
        """Logits of shape (n_documents, n_classes), float32."""
        if self._forward is None:
            self._forward = _workshop().compile_forward(self.model)
        return _workshop().logits_of(self._forward, sequences)

    def __getstate__(self):
        archive = _workshop().to_bytes(self._model) if self._archive is None else self._archive
        return vars(self) | {"_model": None, "_forward": None, "_archive": archive}


def _workshop():
    from . import _keras

    return _keras
