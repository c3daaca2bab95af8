"""The vectors of token ids, for the networks that read tokens in order (CNN and GRU)."""

from itertools import chain

import numpy as np

from .dense import weights_of
from .sequences import FIRST_ID, MOST_TOKENS
from .state import array_of
from .summary import summarize_network
from .vocabulary import token_rows


class EmbeddingPredictor:
    """What the predictors with an ``embedding`` of tokens and dense ``layers`` have in common."""

    reads_texts = False  # but token ids
    spelled = False  # the text of unknown tokens is not read

    @property
    def n_tokens(self):
        """Number of token ids, with padding and unknown."""
        return len(self.embedding)

    @property
    def n_units(self):
        """Number of columns of the embedding."""
        return self.embedding.shape[1]

    @property
    def n_classes(self):
        """Number of logits per document."""
        return len(self.layers[-1][1])

    @property
    def nbytes(self):
        """Number of bytes of all arrays."""
        arrays = [value for value in vars(self).values() if isinstance(value, np.ndarray)]
        return sum(array.nbytes for array in chain(arrays, *self.layers))

    def state(self):
        """Return no values, and arrays from which ``from_state`` makes the predictor again."""
        arrays = {name: value for name, value in vars(self).items() if isinstance(value, np.ndarray)}
        return {}, {**arrays, **weights_of(self.layers)}

    def __repr__(self):
        return summarize_network(self, self.n_tokens, self.n_units, self.n_classes, self.nbytes)


def seen_vectors(embedding, seen):
    """Return the vector of each token id as prediction reads it.

    An id that training did not see gets the vector of the unknown token (id 1): its own row
    of the embedding still holds random initial values. Padding (id 0) has the zero vector,
    and so has the unknown token if training saw none.

    Parameters
    ----------
    embedding : ndarray of shape (n_tokens, units)
    seen : ndarray of shape (n_tokens,), bool

    Returns
    -------
    vectors : ndarray of shape (n_tokens, units), float32
    """
    rows = token_rows(seen)  # 0 means the zero vector
    return np.where(rows[:, None], embedding[rows], 0).astype(np.float32)


def embedding_of(arrays):
    """Return the vectors of token ids of a saved network, of shape (n_tokens, units), or raise a ValueError."""
    embedding = array_of(arrays, "embedding", np.float32, None, None)
    if not FIRST_ID <= len(embedding) <= MOST_TOKENS:
        raise ValueError(f"'embedding' must have a row for padding and one for unknown tokens. Got {len(embedding)}")
    return embedding
