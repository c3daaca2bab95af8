"""Token ids and their vectors, for the networks that read tokens in order.

Owns which vector an id has. It must not know what a network does with the vectors.
"""

import numpy as np

from .vocabulary import token_rows


def seen_vectors(embedding, seen):
    """The vector of each token id as prediction reads it.

    An id that training did not see has the vector of the unknown token. The
    padding's is zero, and so is the unknown token's where training saw none.

    Parameters
    ----------
    embedding : ndarray of shape (n_tokens, units)
    seen : ndarray of shape (n_tokens,), bool

    Returns
    -------
    vectors : ndarray of shape (n_tokens, units), float32
    """
    rows = token_rows(seen)
    return np.where(rows[:, None], embedding[rows], 0).astype(np.float32)
