"""The linear path beside a bag: a linear classifier of the same pooled features.

Its scores are added to the logits of the bag, and the sum is scaled so that probabilities stay
calibrated. With the bag's logits z, the path's scores s, its weight and a divisor::

    logits = (z + weight * s) / divisor

Both are linear in the pooled vector of ``runtime.bag`` up to the bag's hidden layers, so that a path
needs nothing at prediction but more columns in the bag's tables, or none at all. Word vectors, which
only a path reads, are pooled separately (``runtime.pooled_vectors``).
"""

from dataclasses import dataclass

import numpy as np

from .archive import LARGEST
from .pooled_vectors import PooledVectors
from .state import array_of, arrays_under, number_of, optional_values_under, under

_LEAST_DIVISOR = 1e-6


@dataclass(frozen=True, repr=False)
class LinearPath:
    """A linear classifier of a bag's features, and its weight beside the bag.

    Attributes
    ----------
    coefficients : ndarray of shape (n_rows, n_classes), float32
        A row for each row of the bag's tables, one below the other: tokens, n-grams, character n-grams.
    intercepts : ndarray of shape (n_classes,), float32
    weight, divisor : float
    vectors : PooledVectors or None, default=None
        What word vectors add to the scores, with a column per class.
    """

    coefficients: np.ndarray
    intercepts: np.ndarray
    weight: float
    divisor: float
    vectors: PooledVectors | None = None

    def __repr__(self):
        return f"LinearPath({self.coefficients.shape[1]} classes, weight {self.weight:g})"

    def state(self):
        """Return plain values and arrays, from which ``from_state`` makes the path again."""
        values = {"weight": float(self.weight), "divisor": float(self.divisor), "vectors": None}
        arrays = {"coefficients": self.coefficients, "intercepts": self.intercepts}
        if self.vectors is not None:
            values["vectors"], of_vectors = self.vectors.state()
            arrays |= under("vectors", of_vectors)
        return values, arrays

    @classmethod
    def from_state(cls, values, arrays, n_rows, n_tokens, n_classes):
        """Return the path of a state, or raise a ValueError that says what is wrong with it."""
        vectors = optional_values_under(values, "vectors")
        if vectors is not None:
            vectors = PooledVectors.from_state(vectors, arrays_under(arrays, "vectors"), n_tokens, n_classes)
        return cls(
            array_of(arrays, "coefficients", np.float32, n_rows, n_classes),
            array_of(arrays, "intercepts", np.float32, n_classes),
            number_of(values, "weight", 0, LARGEST),
            number_of(values, "divisor", _LEAST_DIVISOR, LARGEST),
            vectors,
        )

    @property
    def scaled_coefficients(self):
        """What a feature adds to the logits of bag and path together."""
        return self.coefficients * (self.weight / self.divisor)

    @property
    def scaled_vectors(self):
        """What a word adds to the logits of bag and path together, or None."""
        if self.vectors is None:
            return None
        return self.vectors.with_columns(self.vectors.columns * (self.weight / self.divisor))

    def combine(self, logits, scores):
        """Return the logits of bag and path together.

        Parameters
        ----------
        logits : ndarray of shape (n_documents, n_classes)
            Those of the bag.
        scores : ndarray of shape (n_documents, n_classes)
            Those of the path, with its intercepts.
        """
        return (logits + self.weight * scores) / self.divisor
