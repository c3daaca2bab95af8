"""An extracted bag as what is compressed: a key and a row for each feature, and one dense layer.

The logits of such a bag are linear in its pooled vector, so that ``rows @ kernel`` is what each feature
adds to the logits, up to the scale of its group.
"""

from typing import NamedTuple

import numpy as np

from ..runtime import BagPredictor
from ..runtime.feature_keys import SALTS, FeatureKeys
from ..runtime.keyed_bag import KeyedBag
from ..runtime.keys import MULTIPLIER
from ..runtime.sequences import PADDING, UNKNOWN
from ..runtime.splitting import SplittingRule


class LinearBag(NamedTuple):
    """The features of a bag.

    Attributes
    ----------
    reader : FeatureKeys
        The 64-bit keys of the features, in their order.
    rows : ndarray of shape (n_features, n_columns), float32
    kernel : ndarray of shape (n_columns, n_classes), float32
    bias : ndarray of shape (n_classes,), float32
    frequencies : ndarray of shape (n_features,), float64
        In how many documents each feature occurs.
    n_units : int
        Columns of the tables in training.
    """

    reader: FeatureKeys
    rows: np.ndarray
    kernel: np.ndarray
    bias: np.ndarray
    frequencies: np.ndarray
    n_units: int


def check_compressible(predictor, tokenizer):
    """Raise a ValueError that says why a network cannot be compressed, if it cannot."""
    if isinstance(predictor, KeyedBag):
        raise ValueError("The network is compressed already: compress the original one.")
    if not isinstance(predictor, BagPredictor):
        raise ValueError(
            f"Only a bag can be compressed. Got {type(predictor).__name__}: let it teach one, "
            "DistilledTextClassifier(auxiliary='bag'), and compress the auxiliary network."
        )
    if len(predictor.layers) > 1:
        raise ValueError("A bag with hidden layers cannot be compressed: train one with TextBag(hidden=()).")
    if predictor.vectors is not None:
        raise ValueError(
            "A bag that reads word vectors cannot be compressed: train one with TextBag(embeddings=None)."
        )
    if tokenizer is None:
        raise ValueError("A bag of token ids cannot be compressed: its features are found by their text.")
    if callable(tokenizer.analyzer):
        raise ValueError(
            "A bag with a callable analyzer cannot be compressed: what is stored are the rules of analyzer='word' and "
            "'char'. Split the texts beforehand and join their tokens by spaces."
        )
    if predictor.vocabulary.frequencies is None:
        raise ValueError("The network was trained by a version that kept no document frequencies: train it again.")


def linear_bag(predictor, tokenizer):
    """Return the features of an extracted bag, sorted by their keys.

    Parameters
    ----------
    predictor : BagPredictor
        One that ``check_compressible`` accepts.
    tokenizer : TextTokenizer

    Returns
    -------
    bag : LinearBag
        The unknown token, and pairs with it, have a frequency of 0: the short keys of some words do not say
        which other words the vocabulary had.
    """
    vocabulary = predictor.vocabulary
    known = np.flatnonzero(vocabulary.seen)
    known = known[known > PADDING]
    keys = {
        "tokens": vocabulary.symbols[known],
        "ngrams": vocabulary.ngram_index.keys,
        "subwords": vocabulary.subword_index.keys,
    }
    width = predictor.subwords.shape[1] - 1
    rows = np.vstack([predictor.tokens[known, :width], predictor.ngrams[1:, :width], predictor.subwords[1:, :width]])
    counts = vocabulary.frequencies.astype(np.float64)
    frequencies = np.append(counts[known], counts[len(vocabulary.seen) :])
    kernel, bias = predictor.layers[0] if predictor.layers else (np.eye(width, dtype=np.float32), predictor.bias)
    frequencies[: len(known)][known == UNKNOWN] = 0
    frequencies[len(known) :][: len(keys["ngrams"])][np.isin(keys["ngrams"], _pairs_with_unknown(vocabulary))] = 0
    salted, firsts = np.unique(np.concatenate([keys[kind] ^ SALTS[kind] for kind in keys]), return_index=True)
    rule = SplittingRule(tokenizer.analyzer, bool(tokenizer.lowercase), int(tokenizer._length), tokenizer.truncating)
    reader = FeatureKeys(rule, int(vocabulary.ngrams), tuple(map(int, vocabulary.subwords)), 64, salted)
    return LinearBag(reader, rows[firsts], kernel, bias, frequencies[firsts], predictor.n_units)


def _pairs_with_unknown(vocabulary):
    """Return the keys of all pairs of the unknown token and another token, as ``runtime.keys.ngram_keys`` does."""
    symbols, unknown = vocabulary.symbols, np.uint64(UNKNOWN)
    return np.append((symbols * MULTIPLIER + unknown) * MULTIPLIER, (unknown * MULTIPLIER + symbols) * MULTIPLIER)
