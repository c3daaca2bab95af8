"""Which networks bring word vectors along.

Owns that each source is read once. It must not know how vectors are read
(``embeddings``) or where they are laid (``_keras.start``).
"""

import os

from .embeddings import read_vectors


def read_embeddings(networks, vocabulary):
    """The word vectors of the networks that bring some; equal ones are read once.

    Parameters
    ----------
    networks : dict of str to description
        By role.
    vocabulary : dict of str to int
        Tokens and their ids.

    Returns
    -------
    vectors : dict of str to WordVectors
        By role.
    """
    read, vectors = {}, {}
    for role, network in networks.items():
        source = getattr(network, "embeddings", None)  # a callable has none
        if source is None:
            continue
        key = os.fspath(source) if isinstance(source, (str, os.PathLike)) else id(source), network.units
        if key not in read:
            read[key] = read_vectors(source, vocabulary, network.units, name=f"embeddings of {role}")
        vectors[role] = read[key]
    return vectors
