"""Networks that nobody has trained, one of each kind, and documents that they read."""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from skdistill._training.features import learn_vocabulary
from skdistill.runtime import TokenSequences, TrainedBag, TrainedCNN, TrainedGRU
from skdistill.runtime.linear_path import LinearPath
from skdistill.runtime.pooled_vectors import PooledVectors
from skdistill.runtime.spelling import spell

WORDS = ["the", "film", "was", "good", "dull", "and"]
N_TOKENS, UNITS, CLASSES = len(WORDS) + 2, 5, 3

# Empty documents at the beginning, in between and at the end; words that the vocabulary does not hold.
DOCUMENTS = [[], ["film"], [], [], ["the", "film", "was", "goodish"], ["unheard", "of"], ["dull"] * 30, []]
generator = np.random.default_rng(0)
DOCUMENTS += [generator.choice([*WORDS, "films", "duller"], size).tolist() for size in generator.integers(0, 9, 100)]
DOCUMENTS += [[]]


def sequences_of(documents):
    ids = {word: i for i, word in enumerate(WORDS, 2)}
    flat = [word for document in documents for word in document]
    unknown = [place for place, word in enumerate(flat) if word not in ids]
    return TokenSequences(
        np.array([ids.get(word, 1) for word in flat], np.int32),
        np.cumsum([0, *map(len, documents)], dtype=np.int64),
        np.array(unknown, np.int64),
        *spell([flat[place] for place in unknown]),
    )


def draw(shapes):
    generator = np.random.default_rng(0)
    return {name: generator.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


def dense(*widths):
    return {
        name: shape
        for i, (n_in, n_out) in enumerate(pairwise(widths))
        for name, shape in {f"kernel_{i}": (n_in, n_out), f"bias_{i}": (n_out,)}.items()
    }


def bag(*hidden, subwords=(3, 4)):
    vocabulary = learn_vocabulary(
        sequences_of(DOCUMENTS), N_TOKENS, WORDS, ngrams=3, subwords=subwords, max_features=10**6
    )
    tables = {
        "tokens": (N_TOKENS, UNITS),
        "ngrams": (len(vocabulary.ngram_index), UNITS),
        "subwords": (len(vocabulary.subword_index), UNITS),
    }
    return TrainedBag(vocabulary, draw(tables | dense(UNITS, *hidden, CLASSES)))


def cnn():
    windows = {"window_2": (2, UNITS, 4), "window_2_bias": (4,), "window_3": (3, UNITS, 4), "window_3_bias": (4,)}
    shapes = {"embedding": (N_TOKENS, UNITS), **windows, **dense(8, CLASSES)}
    return TrainedCNN(np.arange(N_TOKENS) > 0, (2, 3), draw(shapes))


def gru():
    shapes = {"embedding": (N_TOKENS, UNITS), **dense(2 * UNITS, CLASSES)}
    for way in ("forward", "backward"):
        shapes |= {f"{way}_kernel": (UNITS, 3 * UNITS), f"{way}_recurrent_kernel": (UNITS, 3 * UNITS)}
        shapes |= {f"{way}_bias": (2, 3 * UNITS)}
    return TrainedGRU(np.arange(N_TOKENS) > 0, draw(shapes))


def bag_with_path():
    trained, generator = bag(), np.random.default_rng(1)
    coefficients = generator.normal(size=(trained.vocabulary.n_rows, CLASSES)).astype(np.float32)
    vectors = generator.normal(size=(3, CLASSES)).astype(np.float32)
    pooled = PooledVectors.of_words(["film", "unheard", "goodish"], vectors, WORDS)
    return replace(trained, path=LinearPath(coefficients, np.ones(CLASSES, np.float32), 6.0, 2.5, pooled))


TRAINED = {
    "bag": bag(),
    "bag with a linear path that reads word vectors": bag_with_path(),
    "bag without character n-grams": bag(subwords=()),
    "bag with a hidden layer": bag(7),
    "cnn": cnn(),
    "gru": gru(),
}
BATCHES = [sequences_of(DOCUMENTS), *(sequences_of([document]) for document in DOCUMENTS[:7]), sequences_of([[], []])]
