"""TokenSequences: its chunks, and what is read from them."""

import numpy as np
import pytest

from skdistill._training.features import learn_vocabulary, read_features
from skdistill.runtime import TokenSequences
from skdistill.runtime.keys import ngram_keys
from skdistill.runtime.sequences import CHUNK, offsets_of

pytestmark = pytest.mark.core


def random_sequences(lengths, seed=0):
    generator = np.random.default_rng(seed)
    return TokenSequences(generator.integers(2, 9, sum(lengths)).astype(np.int32), offsets_of(lengths))


@pytest.mark.parametrize(("n_documents", "n_tokens"), [(3, 10**6), (10**6, 7), (4, 9), (1, 1), (10**6, 10**6)])
def test_chunks_are_bounded_by_documents_and_by_tokens(n_documents, n_tokens):
    sequences = random_sequences([3, 0, 0, 4, 50, 1, 1, 1, 1, 0, 0, 0, 6, 0])
    chunks = list(sequences.chunks(n_documents, n_tokens))
    whole = TokenSequences.concatenate(chunks)
    np.testing.assert_array_equal(whole.ids, sequences.ids)
    np.testing.assert_array_equal(whole.offsets, sequences.offsets)
    for chunk in chunks:
        assert len(chunk) <= n_documents
        assert chunk.offsets[-2] < n_tokens  # without its last document


def test_a_chunk_of_documents_of_the_default_length_has_20_000_of_them():
    sequences = TokenSequences(np.full(400 * (CHUNK + 1), 2, np.int32), offsets_of(np.full(CHUNK + 1, 400)))
    assert [len(chunk) for chunk in sequences.chunks()] == [20_000, 1]


def test_features_do_not_depend_on_the_documents_that_are_read_together():
    lengths = [700_000, 5, 700_000, 0, 3]  # the first, the next two, then the others
    sequences = random_sequences(lengths)
    spellings = [f"w{i}" for i in range(7)]
    vocabulary = learn_vocabulary(sequences, 9, spellings, ngrams=2, subwords=(3,), max_features=50)
    rows, counts = read_features(vocabulary, sequences)
    alone = [read_features(vocabulary, sequences.take(np.array([i]))) for i in range(len(lengths))]
    np.testing.assert_array_equal(rows, np.concatenate([part for part, _ in alone]))
    np.testing.assert_array_equal(counts, np.concatenate([part for _, part in alone]))


def test_the_most_frequent_ngrams_are_those_of_all_documents():
    lengths = [1_100_000, 1_000_000, 900_000, 0, 100_000]  # n-grams are counted in the first two, then in the others
    sequences = random_sequences(lengths)
    vocabulary = learn_vocabulary(sequences, 9, [], ngrams=2, subwords=(), max_features=20)
    pairs = 9 * sequences.ids[:-1].astype(np.int64) + sequences.ids[1:]
    counts = np.bincount(np.delete(pairs, sequences.offsets[1:-1] - 1), minlength=81)
    first, second = np.divmod(np.argsort(-counts)[:20], 9)
    keys = [list(ngram_keys(np.array(pair), 2))[1][0] for pair in zip(first, second)]
    np.testing.assert_array_equal(vocabulary.ngram_index.keys, np.sort(keys))
