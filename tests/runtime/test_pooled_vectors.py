"""Pooled word vectors: the laws of pooling, and which vector each word has."""

import pickle
from dataclasses import replace
from math import sqrt

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from skdistill.runtime import TokenSequences
from skdistill.runtime.pooled_vectors import PooledVectors
from skdistill.runtime.spelling import spell

pytestmark = pytest.mark.core

# The tokens of the ids 2, 3, ...; all but "plain" have a vector, and so have words without an id.
SPELLINGS = ["cat", "at", "plain"]
WORDS = ["tact", "at", "é", "cat", "我"]
VECTORS = np.random.default_rng(0).normal(size=(len(WORDS), 3)).astype(np.float32)
WEIGHTS = {word: 1 + i / 2 for i, word in enumerate(WORDS)}

documents = st.lists(st.sampled_from([*SPELLINGS, *WORDS, "unheard-of", "ta", "cats", ""]), max_size=6)
corpora = st.lists(documents, min_size=1, max_size=5)


def read(corpus, spelled=True):
    ids = {word: i for i, word in enumerate(SPELLINGS, 2)}
    flat = [word for document in corpus for word in document]
    unknown = [place for place, word in enumerate(flat) if word not in ids] if spelled else []
    return TokenSequences(
        np.array([ids.get(word, 1) for word in flat], np.int32),
        np.cumsum([0, *map(len, corpus)]),
        np.array(unknown, np.int64),
        *spell([flat[place] for place in unknown]),
    )


def weighted():
    """The vectors, with a weight for each word."""
    vectors = PooledVectors.of_words(WORDS, VECTORS, SPELLINGS)
    table = vectors.table.copy()
    for word, weight in WEIGHTS.items():
        row = vectors.rows(read([[word]]))
        table[row, :-1] *= weight
        table[row, -1] = weight**2
    return replace(vectors, table=table)


def by_oracle(document, known=WORDS):
    found = [word for word in document if word in known]
    total = sum((WEIGHTS[word] * VECTORS[WORDS.index(word)].astype(float) for word in found), np.zeros(3))
    return total / sqrt(sum(WEIGHTS[word] ** 2 for word in found) or 1)


@given(corpora)
@example([["é", ""], [""], ["cat"]])
@example([["é", "cat"], [], ["plain", "unheard-of"], ["at", "at", "tact"]])
def test_pooled_vectors_are_those_of_the_definition(corpus):
    vectors = weighted()
    expected = [by_oracle(document) for document in corpus]
    np.testing.assert_allclose(vectors.pool(read(corpus)), expected, rtol=1e-5, atol=1e-6)
    alone = [vectors.pool(read([document]))[0] for document in corpus]
    np.testing.assert_allclose(alone, expected, rtol=1e-5, atol=1e-6)


@given(corpora)
def test_without_spelling_only_the_tokens_of_the_vocabulary_are_found(corpus):
    expected = [by_oracle(document, known=["cat", "at"]) for document in corpus]
    np.testing.assert_allclose(weighted().pool(read(corpus, spelled=False)), expected, rtol=1e-5, atol=1e-6)


@given(corpora)
def test_scores_of_pooled_vectors_are_pooled_scores(corpus):
    kernel = np.random.default_rng(1).normal(size=(3, 2))
    vectors = weighted()
    scores = vectors.with_columns(vectors.columns @ kernel)
    np.testing.assert_allclose(scores.pool(read(corpus)), vectors.pool(read(corpus)) @ kernel, rtol=1e-4, atol=1e-5)


def test_what_is_kept_and_told():
    vectors = weighted()
    assert repr(vectors) == "PooledVectors(5 words, 3 columns, 156 bytes)"
    assert vectors.nbytes == 5 * 8 + 5 * 4 + 6 * 4 * 4
    again = pickle.loads(pickle.dumps(vectors))
    np.testing.assert_array_equal(again.pool(read([WORDS])), vectors.pool(read([WORDS])))
