"""How far training moved the weights of a network, with and without what it learned from others.

The initial weights are not kept by a fit. They are drawn again from the seed and the shapes of the trained arrays.
"""

from itertools import takewhile

import numpy as np

from .._training.initialization import draw_network, split_seed
from ..text.embeddings import read_vectors

# The arrays that are parts of one table, in the order of its rows; all other arrays are dense.
_TABLES = ("tokens", "ngrams", "subwords", "embedding")


def initial_weights(classifier, role):
    """Return the weights that a network of a fitted classifier started from.

    Parameters
    ----------
    classifier : DistilledTextClassifier
        Fitted, with an int as ``random_state``, without ``warm_start`` and ``share_embedding``.
    role : {"main", "auxiliary"}

    Returns
    -------
    weights : dict of str to ndarray
        By name, as in the trained network.
    """
    seed = classifier._seed()
    if classifier.early_stopping:
        seed.spawn(1)  # that of the held-out rows, which comes first
    roles = list(classifier._networks)
    seed = split_seed(seed, classifier._drawn_as).networks[roles.index(role)]
    trained = classifier._networks[role].weights
    tables = list(takewhile(_TABLES.__contains__, trained))
    shapes = {name: array.shape for name, array in trained.items() if name not in tables}
    ends = np.cumsum([len(trained[name]) for name in tables])
    table, dense = draw_network(seed, (ends[-1], trained[tables[0]].shape[1]), shapes)
    _write_vectors(table, classifier, role)
    return dict(zip(tables, np.split(table, ends[:-1]))) | dict(zip(shapes, dense))


def _write_vectors(table, classifier, role):
    """Write the word vectors that a CNN or GRU starts from into its table; a bag does not start from them."""
    specification = classifier._specifications[role]
    if getattr(specification, "embeddings", None) is not None and "embedding" in classifier._networks[role].weights:
        ids, rows, _ = read_vectors(specification.embeddings, classifier.tokenizer_.vocabulary_, specification.units)
        table[ids, : rows.shape[1]] = rows


def layer_changes(classifier, role, alone):
    """Return how far each layer moved, with and without transfer.

    Parameters
    ----------
    classifier : DistilledTextClassifier
        The fitted estimator.
    role : {"main", "auxiliary"}
    alone : DistilledTextClassifier
        Fitted on the same network alone.

    Returns
    -------
    changes : dict of str to dict
        By layer: ``change`` and ``change_alone``, the norms of the changes relative to that of the initial
        weights (NaN for biases, which start at 0); ``angle``, between both changes, in degrees: NaN if either
        is 0, or if the networks did not start from the same weights because their features differ, as
        where only the estimator reads unlabelled text.
    """
    initial, initial_alone = initial_weights(classifier, role), initial_weights(alone, "main")
    trained, trained_alone = classifier._networks[role].weights, alone._networks["main"].weights
    same = _features(classifier, role) == _features(alone, "main")
    return {
        name: {
            "change": _relative(trained[name], initial[name]),
            "change_alone": _relative(trained_alone[name], initial_alone[name]),
            "angle": _angle(trained[name] - initial[name], trained_alone[name] - initial[name]) if same else np.nan,
        }
        for name in initial
        if initial[name].size
    }


def _features(classifier, role):
    """Return what identifies the rows of a network's tables, for comparison."""
    ngrams = getattr(classifier._networks[role], "vocabulary", None)
    indices = () if ngrams is None else (ngrams.ngram_index, ngrams.subword_index)
    vocabulary = getattr(classifier.tokenizer_, "vocabulary_", {})
    return classifier._n_tokens, list(vocabulary), [index.keys.tobytes() for index in indices]


def _relative(trained, initial):
    norm = np.linalg.norm(initial)
    return float(np.linalg.norm(trained - initial) / norm) if norm > 0 else np.nan


def _angle(one, other):
    norms = np.linalg.norm(one.astype(np.float64)) * np.linalg.norm(other.astype(np.float64))
    if norms == 0:
        return np.nan
    cosine = np.vdot(one.astype(np.float64), other.astype(np.float64)) / norms
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def most_moved(classifier, role, initial, sequences, n_features):
    """Return the tokens and n-grams whose vectors moved most.

    Parameters
    ----------
    classifier : DistilledTextClassifier
        Fitted.
    role : {"main", "auxiliary"}
    initial : dict of str to ndarray
        As ``initial_weights`` returns them.
    sequences : TokenSequences
        Training documents, in which the n-grams are looked up.
    n_features : int
        How many at most.

    Returns
    -------
    moved : dict of str to float
        The length of the change by feature, the largest first.
    """
    network = classifier._networks[role]
    moves = {
        name: np.linalg.norm(network.weights[name] - initial[name], axis=1)
        for name in ("tokens", "embedding", "ngrams")
        if name in initial and len(initial[name])
    }
    found = [(float(moved[row]), name, row) for name, moved in moves.items() for row in _largest(moved, n_features)]
    found = sorted(found, reverse=True)[:n_features]
    names = _token_names(classifier, len(initial.get("tokens", initial.get("embedding"))))
    joint = "" if getattr(classifier.tokenizer_, "analyzer", "word") == "char" else " "
    rows = [row for _, name, row in found if name == "ngrams"]
    ngrams = _ngram_names(network.vocabulary, sequences, names, rows, joint) if rows else {}
    named = [(ngrams.get(row) if name == "ngrams" else names[row], moved) for moved, name, row in found]
    return {feature: moved for feature, moved in named if feature is not None and moved > 0}


def _largest(values, n):
    return np.argsort(-values, kind="stable")[:n].tolist()


def _token_names(classifier, n_tokens):
    """Return the token of each id; for precomputed ids the ids."""
    if classifier.tokenizer_ is None:
        return list(map(str, range(n_tokens)))
    return ["[padding]", "[unknown]", *classifier.tokenizer_.vocabulary_]


def _ngram_names(vocabulary, sequences, names, rows, joint):
    """Return the n-grams of some rows of the table ``"ngrams"``, by row.

    A trained network knows n-grams by their hash alone, so that they are looked up in documents.
    """
    found = {}
    for n, rows_at in enumerate(vocabulary.ngram_rows(sequences), 2):
        for row in rows:
            places = np.flatnonzero(rows_at == row + 1)  # row 0 of the index stands for unknown n-grams
            if len(places):
                ids = sequences.ids[places[0] : places[0] + n].tolist()
                found[row] = joint.join(names[token] for token in ids)
    return found
