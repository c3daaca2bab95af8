"""A trained bag: its vocabulary, and its weights as training leaves them; see ``runtime.bag``."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .archive import LARGEST
from .bag import MOST_LAYERS, BagPredictor
from .dense import layers_from_state, layers_of, weights_of
from .linear_path import LinearPath
from .sequences import MOST_TOKENS
from .state import array_of, arrays_under, integer_of, optional_values_under, under, values_under
from .summary import summarize_weights
from .vocabulary import BagVocabulary


@dataclass(frozen=True, repr=False)
class TrainedBag:
    """A trained bag: its vocabulary and its weights by name.

    Attributes
    ----------
    vocabulary : BagVocabulary
    weights : dict of ndarray
        ``"tokens"`` of shape (n_tokens, units); ``"ngrams"`` and ``"subwords"`` of shape
        (n_features, units), row i for the key of place i; ``"kernel_0"``, ``"bias_0"``, ...
        of the dense layers, the last of which gives the logits.
    path : LinearPath or None, default=None
        What is added to the logits.
    """

    vocabulary: BagVocabulary
    weights: dict
    path: LinearPath | None = None

    def __repr__(self):
        return summarize_weights(self, len(self.vocabulary.seen), "tokens", self.vocabulary.nbytes)

    @property
    def layers(self):
        """The (kernel, bias) of each dense layer, first to last."""
        return layers_of(self.weights)

    def with_path(self):
        """Return tables and dense layers that compute the logits with the path, except what its word vectors add.

        Returns
        -------
        tables : dict of ndarray of shape (n_features, units) or (n_features, units + n_classes)
            With a path, the last columns of the pooled vector are added to the output of the
            dense layers for the others.
        layers : list of (kernel, bias)
            The last one includes the path's intercepts and divisor.
        """
        tables = {name: self.weights[name] for name in ("tokens", "ngrams", "subwords")}
        layers, path = self.layers, self.path
        if path is None:
            return tables, layers
        ends = np.cumsum([len(table) for table in tables.values()])
        columns = np.split(path.scaled_coefficients.astype(np.float32), ends[:-1])
        tables = {name: np.hstack([table, more]) for (name, table), more in zip(tables.items(), columns)}
        kernel, bias = layers[-1]
        last = (kernel / path.divisor).astype(np.float32), path.combine(bias, path.intercepts).astype(np.float32)
        return tables, [*layers[:-1], last]

    def state(self):
        """Return plain values and arrays, from which ``from_state`` makes the bag again."""
        vocabulary, of_vocabulary = self.vocabulary.state()
        path, of_path = (None, {}) if self.path is None else self.path.state()
        values = {"vocabulary": vocabulary, "path": path, "n_layers": len(self.layers)}
        return values, {**self.weights, **under("vocabulary", of_vocabulary), **under("path", of_path)}

    @classmethod
    def from_state(cls, values, arrays):
        """Return the bag of a state, or raise a ValueError that says what is wrong with it."""
        vocabulary = BagVocabulary.from_state(values_under(values, "vocabulary"), arrays_under(arrays, "vocabulary"))
        tokens = array_of(arrays, "tokens", np.float32, len(vocabulary.seen), None)
        n_units, n_layers = tokens.shape[1], integer_of(values, "n_layers", 1, MOST_LAYERS)
        weights = {
            "tokens": tokens,
            "ngrams": array_of(arrays, "ngrams", np.float32, len(vocabulary.ngram_index), n_units),
            "subwords": array_of(arrays, "subwords", np.float32, len(vocabulary.subword_index), n_units),
        }
        layers = layers_from_state(arrays, n_layers, n_units, LARGEST * MOST_TOKENS)
        path = optional_values_under(values, "path")
        if path is not None:
            sizes = vocabulary.n_rows, len(vocabulary.seen), len(layers[-1][1])
            path = LinearPath.from_state(path, arrays_under(arrays, "path"), *sizes)
        return cls(vocabulary, weights | weights_of(layers), path)

    @cached_property
    def predictor(self):
        """The same network, rearranged for fast prediction."""
        return BagPredictor.from_trained(self)

    def __getstate__(self):
        # Without the cached predictor: a pickle of a used network is as small as that of a new one.
        return {"vocabulary": self.vocabulary, "weights": self.weights, "path": self.path}
