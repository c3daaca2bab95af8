"""What each token and n-gram of a document adds to the logits of a bag without hidden layers.

Such a bag is linear in the pooled vector, and the pooled vector is a weighted sum of the features' vectors (see
``runtime.bag``): once the counts of a document are known, its logits are the intercept plus one summand for
each feature.
"""

from typing import NamedTuple

import numpy as np

from .bag import BagPredictor
from .sequences import offsets_of
from .sums import sum_rows


class Contributions(NamedTuple):
    """The summands of a document's logits.

    Attributes
    ----------
    tokens : ndarray of shape (n_tokens, n_classes)
        Of each token's vector, its character n-grams and its word vector together.
    ngrams : ndarray of shape (n_ngrams, n_classes)
        Of the n-grams of 2 tokens and more that training saw.
    spans : ndarray of shape (n_ngrams, 2), int
        The first token of each n-gram, and the one after its last.
    intercept : ndarray of shape (n_classes,)
        The logits of a document without known features.
    """

    tokens: np.ndarray
    ngrams: np.ndarray
    spans: np.ndarray
    intercept: np.ndarray


def is_additive(predictor):
    """Whether a predictor is that of a bag without hidden layers."""
    return isinstance(predictor, BagPredictor) and len(predictor.layers) <= 1


def contributions_of(predictor, sequences):
    """Return the summands of the logits of one document, in double precision.

    Parameters
    ----------
    predictor : BagPredictor
        Without hidden layers.
    sequences : TokenSequences
        A single document, with the spelling of unknown tokens if the predictor is ``spelled``.

    Returns
    -------
    contributions : Contributions
        Their sum is the document's logits.
    """
    tokens, spelled, ngrams = _features(predictor, sequences)
    counts = np.array([group[:, -1].sum() for group in (tokens, *ngrams, spelled)])
    # As in ``bag.pool``: 1 / sqrt(c[g] * G).
    scales = 1 / np.sqrt(np.maximum(counts, 1) * max((counts > 0).sum(), 1))
    of_tokens = _to_logits(predictor, tokens[:, :-1] * scales[0] + spelled[:, :-1] * scales[-1])
    if predictor.vectors is not None:
        vectors = predictor.vectors.table[predictor.vectors.rows(sequences)].astype(np.float64)
        of_tokens += vectors[:, :-1] / np.sqrt(vectors[:, -1].sum() or 1)
    found, spans = [np.zeros((0, tokens.shape[1] - 1))], [np.zeros((0, 2), int)]
    for n, (group, scale) in enumerate(zip(ngrams, scales[1:-1]), 2):
        starts = np.flatnonzero(group[:, -1])
        found.append(group[starts, :-1] * scale)
        spans.append(np.column_stack([starts, starts + n]))
    intercept = _to_logits(predictor, predictor.bias[None].astype(np.float64))[0]
    intercept = intercept + predictor.layers[0][1] if predictor.layers else intercept
    return Contributions(of_tokens, _to_logits(predictor, np.vstack(found)), np.vstack(spans), intercept)


def _features(predictor, sequences):
    """Return the vectors of tokens, of their character n-grams and of n-grams, each vector with a count at its end."""
    end = predictor.subwords.shape[1]
    rows = predictor.tokens[sequences.ids].astype(np.float64)
    tokens, spelled = rows[:, :end], rows[:, end:] if predictor.vocabulary.subwords else np.zeros((len(rows), end))
    if predictor.vocabulary.subwords and len(sequences.unknown):
        found, counts = predictor.vocabulary.subword_rows(sequences.letters, sequences.letter_offsets)
        spelled[sequences.unknown] += sum_rows(predictor.subwords.astype(np.float64), found, offsets_of(counts))
    ngrams = [predictor.ngrams[rows].astype(np.float64) for rows in predictor.vocabulary.ngram_rows(sequences)]
    return tokens, spelled, ngrams


def _to_logits(predictor, vectors):
    """Apply the layer without its bias to pooled vectors; folded ones are logits already."""
    if not predictor.layers:
        return vectors
    logits = vectors[:, : predictor.n_units] @ predictor.layers[0][0]
    return logits + vectors[:, predictor.n_units :] if vectors.shape[1] > predictor.n_units else logits
