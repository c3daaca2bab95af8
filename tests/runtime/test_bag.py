"""Prediction without a framework: keys, sequences, and the bag against a slow oracle."""

import pickle
from collections import Counter
from dataclasses import replace
from itertools import chain, pairwise
from math import sqrt

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from skdistill._training.features import document_frequencies, learn_vocabulary, pooling_matrix, read_features
from skdistill.runtime import BagPredictor, TokenSequences, TrainedBag
from skdistill.runtime.keys import KeyIndex, ngram_keys
from skdistill.runtime.linear_path import LinearPath
from skdistill.runtime.pooled_vectors import PooledVectors
from skdistill.runtime.spelling import mark_ends, spell
from skdistill.runtime.vocabulary import token_symbols

LARGEST = 2**64 - 1
laws = settings(max_examples=100, deadline=None)


# Keys.

clustered = st.builds(
    lambda base, offset: min(base + offset, LARGEST),
    st.sampled_from([0, 2**40, 2**63, LARGEST - 40]),
    st.integers(0, 40),
)
any_keys = st.lists(st.one_of(st.integers(0, LARGEST), clustered), max_size=80)


@laws
@given(any_keys, any_keys)
@example([], [0, LARGEST])
@example([5], [LARGEST])
@example([LARGEST], [LARGEST, LARGEST - 1, 0])
@example(list(range(LARGEST - 9, LARGEST)), [LARGEST])
def test_key_index_finds_what_a_dict_finds(keys, others):
    keys = sorted(set(keys))
    places = {key: row for row, key in enumerate(keys, 1)}
    wanted = [*others, *keys, *(min(key + 1, LARGEST) for key in keys)]
    rows = KeyIndex(np.array(keys, np.uint64)).rows(np.array(wanted, np.uint64))
    assert rows.tolist() == [places.get(key, 0) for key in wanted]


def test_key_index_finds_many_random_keys():
    generator = np.random.default_rng(0)
    keys = np.unique(generator.integers(0, LARGEST, 20_000, dtype=np.uint64))
    index = KeyIndex(keys)
    assert len(index) == len(keys)
    order = generator.permutation(len(keys))
    np.testing.assert_array_equal(index.rows(keys[order]), order + 1)
    np.testing.assert_array_equal(index.rows(keys + np.uint64(1)), 0)


def test_key_index_survives_pickling():
    index = KeyIndex(np.array([3, 2**63], np.uint64))
    wanted = np.array([2**63, 4, 3], np.uint64)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(index)).rows(wanted), [2, 0, 1])


def keys_of(symbols, n):
    """Keys of the runs of ``n`` alone."""
    return list(ngram_keys(np.asarray(symbols), n))[-1]


@pytest.mark.parametrize(("n", "side"), [(1, 3600), (2, 60), (3, 15), (4, 8)])
def test_different_runs_have_different_keys(n, side):
    runs = np.stack(np.meshgrid(*[np.arange(side)] * n), axis=-1).reshape(-1, n)
    assert len({int(keys_of(run, n)[0]) for run in runs}) == side**n


def test_runs_of_different_lengths_have_different_keys():
    symbols = np.random.default_rng(0).integers(1, 5000, 20_000)
    runs, keys = set(), set()
    for n, found in enumerate(ngram_keys(symbols, 4), 1):
        assert len(found) == len(symbols) - n + 1
        runs |= {tuple(symbols[i : i + n].tolist()) for i in range(len(found))}
        keys |= set(found.tolist())
    assert len(keys) == len(runs)


@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.uint32])
def test_a_key_depends_on_the_run_alone(dtype):
    keys = keys_of(np.array([7, 8, 9, 7, 8], dtype), 2)
    assert keys.dtype == np.uint64
    assert keys[0] == keys[3] == keys_of([7, 8], 2)[0]


def test_short_documents_have_no_long_runs():
    for symbols in ([], [7], [7, 8]):
        assert [len(keys) for keys in ngram_keys(np.array(symbols, np.int32), 4)] == [
            max(len(symbols) - n, 0) for n in range(4)
        ]


# Sequences.

# Documents of known ids and of unknown words, whose text is kept.
tokens = st.one_of(st.integers(2, 9), st.sampled_from(["x", "y", ""]))
token_lists = st.lists(st.lists(tokens, max_size=6), min_size=1, max_size=7)


def sequences_of(documents, spelled=True):
    flat = list(chain.from_iterable(documents))
    unknown = [place for place, token in enumerate(flat) if spelled and isinstance(token, str)]
    return TokenSequences(
        np.array([1 if isinstance(token, str) else token for token in flat], np.int32),
        np.cumsum([0, *map(len, documents)], dtype=np.int64),
        np.array(unknown, np.int64),
        *spell([flat[place] for place in unknown]),
    )


def documents_of(sequences):
    tokens = sequences.ids.tolist()
    spelled = [
        "".join(map(chr, sequences.letters[start:end]))[1:-1] for start, end in pairwise(sequences.letter_offsets)
    ]
    for place, word in zip(sequences.unknown.tolist(), spelled, strict=True):
        assert tokens[place] == 1
        tokens[place] = word
    return [tokens[start:end] for start, end in pairwise(sequences.offsets)]


@laws
@given(token_lists, st.data())
def test_take_gives_the_chosen_documents(documents, data):
    chosen = data.draw(st.lists(st.integers(0, len(documents) - 1), max_size=10))
    taken = sequences_of(documents).take(np.array(chosen, dtype=np.int64))
    assert len(taken) == len(chosen)
    assert documents_of(taken) == [documents[i] for i in chosen]


@laws
@given(token_lists, st.integers(1, 7))
def test_truncate_cuts_the_named_side(documents, length):
    sequences = sequences_of(documents)
    assert documents_of(sequences.truncate(length, "post")) == [document[:length] for document in documents]
    assert documents_of(sequences.truncate(length, "pre")) == [document[-length:] for document in documents]


@laws
@given(st.lists(st.lists(st.integers(1, 9), max_size=6), min_size=1), st.data())
def test_from_padded_drops_zeros_wherever_they_are(documents, data):
    padded = np.zeros((len(documents), 8), np.int64)
    for row, document in zip(padded, documents):
        places = data.draw(st.sets(st.integers(0, 7), min_size=len(document), max_size=len(document)))
        row[sorted(places)] = document
    assert documents_of(TokenSequences.from_padded(padded, 10)) == documents


@laws
@given(st.lists(token_lists, min_size=1, max_size=3))
def test_concatenation_keeps_every_document(parts):
    whole = TokenSequences.concatenate([sequences_of(documents) for documents in parts])
    assert documents_of(whole) == list(chain.from_iterable(parts))


@laws
@given(st.lists(st.text(min_size=1), max_size=6))
def test_pieces_of_code_points_are_spelled_like_words(words):
    lengths = np.array([len(word) for word in words], np.int64)
    codes = np.array([ord(character) for word in words for character in word], np.uint32)
    for found, expected in zip(mark_ends(codes, np.cumsum(lengths) - lengths, lengths), spell(words)):
        np.testing.assert_array_equal(found, expected)


def test_from_padded_takes_large_ids_for_unknown():
    sequences = TokenSequences.from_padded(np.array([[2, 4, 0], [0, 2**40, 3]]), 4)
    assert documents_of(sequences) == [[2, 1], [1, 3]]


# The slow oracle. A document is a list of words; a feature is ("token", id), ("ngram", ids)
# or ("subword", text).

KNOWN = ["a", "at", "cat", "é", "नमस्ते"]
N_TOKENS = len(KNOWN) + 2
words = st.one_of(st.sampled_from(KNOWN), st.sampled_from(["cats", "tact", "我", "😀é", "\ud800", "zzzz"]))
corpora = st.lists(st.lists(words, max_size=6), min_size=1, max_size=6)
sizes = st.sampled_from([(), (3,), (3, 4), (1, 2, 5)])


def read(corpus, spelled=True):
    """Documents of words as sequences: with the text of unknown words, or without."""
    ids = {word: i for i, word in enumerate(KNOWN, 2)}
    return sequences_of([[ids.get(word, word) for word in document] for document in corpus], spelled)


def groups_of(document, ngrams, subwords, spelled=True):
    """Lists of features: tokens, runs of 2, 3, ... tokens, character n-grams."""
    ids = [KNOWN.index(word) + 2 if word in KNOWN else 1 for word in document]
    groups = [[("token", i) for i in ids]]
    for n in range(2, ngrams + 1):
        groups.append([("ngram", tuple(ids[i : i + n])) for i in range(len(ids) - n + 1)])
    if subwords:
        group = []
        for word in document:
            marked = f"\ufdd0{word}\ufdd1" if spelled or word in KNOWN else ""
            for n in subwords:
                runs = [marked[i : i + n] for i in range(len(marked) - n + 1)]
                group += [("subword", run) for run in runs if run != marked]
        groups.append(group)
    return groups


def count_features(corpus, ngrams, subwords):
    return Counter(
        feature for document in corpus for group in groups_of(document, ngrams, subwords) for feature in group
    )


def learn(corpus, ngrams, subwords, max_features=10**6):
    return learn_vocabulary(read(corpus), N_TOKENS, KNOWN, ngrams=ngrams, subwords=subwords, max_features=max_features)


def symbol_of(token_id):
    """What stands for a token in the keys of n-grams: the mixed key of its text."""
    if token_id < 2:
        return token_id
    letters = np.array([ord(character) for character in KNOWN[token_id - 2]])
    key = int(keys_of(letters, len(letters))[0])
    return key ^ key >> 32


def key_of(feature):
    kind, value = feature
    symbols = map(symbol_of, value) if kind == "ngram" else [ord(character) for character in value]
    return int(keys_of(np.array([*symbols], np.uint64), len(value))[0])


def assert_same_features(vocabulary, features):
    assert set(np.flatnonzero(vocabulary.seen).tolist()) == {value for kind, value in features if kind == "token"}
    for kind, index in [("ngram", vocabulary.ngram_index), ("subword", vocabulary.subword_index)]:
        assert index.keys.tolist() == sorted(key_of(feature) for feature in features if feature[0] == kind)


@laws
@given(corpora, st.integers(1, 4), sizes)
@example([["a", "at"], ["cat", "a"]], 2, ())
@example([["a"]], 1, (3,))
def test_vocabulary_holds_the_features_that_training_saw(corpus, ngrams, subwords):
    vocabulary = learn(corpus, ngrams, subwords)
    features = count_features(corpus, ngrams, subwords)
    assert_same_features(vocabulary, features)
    assert vocabulary.n_rows == N_TOKENS + len({f for f in features if f[0] != "token"})


def test_character_ngrams_of_words_that_training_did_not_see_are_no_features():
    vocabulary = learn([["cat"]], 1, (3,))
    assert_same_features(vocabulary, count_features([["cat"]], 1, (3,)))


def test_ngrams_do_not_cross_documents():
    vocabulary = learn([["a"], [], ["at", "cat"], ["a", "at"], []], 3, ())
    assert vocabulary.ngram_index.keys.tolist() == sorted(key_of(("ngram", ids)) for ids in [(3, 4), (2, 3)])


def test_ngrams_of_the_same_letters_in_other_words_have_other_keys():
    # Sums of the letters' products alone would be equal: n + i = r + e, and so for the others.
    pairs = [("on", "in"), ("or", "en")], [("a", "bc"), ("b", "ac")], [("is", "it"), ("ii", "st")]
    for one, other in pairs:
        keys = [keys_of(token_symbols(list(pair))[2:], 2)[0] for pair in (one, other)]
        assert keys[0] != keys[1]


def test_ngrams_of_token_ids_are_keyed_by_the_ids():
    vocabulary = learn_vocabulary(read([["a", "at"]]), N_TOKENS, [], ngrams=2, subwords=(), max_features=9)
    assert vocabulary.ngram_index.keys.tolist() == keys_of([2, 3], 2).tolist()


@laws
@given(corpora, sizes)
@example([["a", "a", "cats"], [], ["a"], ["a", "at"]], (3,))
def test_document_frequencies_count_each_document_once(corpus, subwords):
    vocabulary = learn(corpus, 2, subwords)
    found = document_frequencies(*read_features(vocabulary, read(corpus)), vocabulary.n_rows)
    documents = [{f for group in groups_of(document, 2, subwords) for f in group} for document in corpus]
    counts = Counter(feature for features in documents for feature in features)
    by_key = {key_of(feature): number for feature, number in counts.items() if feature[0] != "token"}
    keys = [*vocabulary.ngram_index.keys.tolist(), *vocabulary.subword_index.keys.tolist()]
    assert found.tolist() == [counts["token", i] for i in range(N_TOKENS)] + [by_key[key] for key in keys]


def test_character_ngrams_lie_strictly_inside_the_marked_word():
    corpus = [[*KNOWN]]
    found = {text for kind, text in count_features(corpus, 1, (3, 5)) if kind == "subword"}
    assert {"\ufdd0ca", "cat", "at\ufdd1", "\ufdd0at"} <= found
    assert "\ufdd0cat\ufdd1" not in found
    assert_same_features(learn(corpus, 1, (3, 5)), count_features(corpus, 1, (3, 5)))


@laws
@given(corpora, st.integers(1, 3), st.sampled_from([(), (3,)]), st.integers(0, 12))
def test_max_features_keeps_the_most_frequent(corpus, ngrams, subwords, max_features):
    vocabulary = learn(corpus, ngrams, subwords, max_features)
    counts = {key_of(f): c for f, c in count_features(corpus, ngrams, subwords).items() if f[0] != "token"}
    kept = np.concatenate([vocabulary.ngram_index.keys, vocabulary.subword_index.keys]).tolist()
    assert len(kept) >= min(max_features, len(counts))
    assert len(kept) <= max_features
    least = min((counts.get(key, 0) for key in kept), default=0)
    dropped = [count for key, count in counts.items() if key not in kept]
    assert not kept or max(dropped, default=0) <= least


def test_max_features_leaves_the_tokens_alone():
    vocabulary = learn([["a", "at"]], 2, (3,), max_features=0)
    assert vocabulary.n_rows == N_TOKENS
    assert np.flatnonzero(vocabulary.seen).tolist() == [2, 3]


# Pooling and logits.

UNITS, CLASSES = 4, 3


def trained_bag(vocabulary, hidden=(), path_weight=0):
    generator = np.random.default_rng(0)
    shapes = {
        "tokens": (len(vocabulary.seen), UNITS),
        "ngrams": (len(vocabulary.ngram_index), UNITS),
        "subwords": (len(vocabulary.subword_index), UNITS),
    }
    widths = [UNITS, *hidden, CLASSES]
    for i, shape in enumerate(pairwise(widths)):
        shapes |= {f"kernel_{i}": shape, f"bias_{i}": shape[1:]}
    weights = {name: generator.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    path = None
    if path_weight:
        drawn = [generator.normal(size=shape).astype(np.float32) for shape in ((vocabulary.n_rows, CLASSES), CLASSES)]
        path = LinearPath(*drawn, path_weight, divisor=2.5)
    return TrainedBag(vocabulary, weights, path)


def vector_of(trained, feature):
    """The row of a feature, or None where training did not see it."""
    kind, value = feature
    vocabulary, weights = trained.vocabulary, trained.weights
    if kind == "token":
        row = value if vocabulary.seen[value] else 1  # an unseen token is an unknown one
        return weights["tokens"][row] if vocabulary.seen[row] else None
    index, table = {
        "ngram": (vocabulary.ngram_index, weights["ngrams"]),
        "subword": (vocabulary.subword_index, weights["subwords"]),
    }[kind]
    place = index.keys.tolist().index(key_of(feature)) if key_of(feature) in index.keys.tolist() else None
    return None if place is None else table[place]


def pooled_by_oracle(trained, document, spelled=True):
    groups = groups_of(document, trained.vocabulary.ngrams, trained.vocabulary.subwords, spelled)
    vectors = [[v for f in group if (v := vector_of(trained, f)) is not None] for group in groups]
    vectors = [np.array(group, np.float64) for group in vectors if group]
    return sum((group.sum(axis=0) / sqrt(len(group) * len(vectors)) for group in vectors), np.zeros(UNITS))


def logits_by_oracle(trained, corpus, spelled=True):
    x = np.array([pooled_by_oracle(trained, document, spelled) for document in corpus])
    for i, (kernel, bias) in enumerate(trained.layers):
        x = (np.maximum(x, 0) if i else x) @ kernel.astype(np.float64) + bias
    return x


def assert_close(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


@laws
@given(corpora, corpora, st.integers(1, 3), sizes, st.booleans())
@example([["a", "at", "cat"]], [["é", "a", "at"]], 3, (), True)
@example([["a", "cats"]], [[], ["zzzz"], ["tact", "cats", "a"], []], 2, (3, 4), True)
@example([["a", "cats"]], [["zzzz", "cat"]], 2, (3, 4), False)
def test_logits_match_the_oracle(training, corpus, ngrams, subwords, spelled):
    trained = trained_bag(learn(training, ngrams, subwords))
    expected = logits_by_oracle(trained, corpus, spelled)
    for fold in (True, False):
        predictor = BagPredictor.from_trained(trained, fold=fold)
        assert_close(predictor.logits(read(corpus, spelled)), expected)
        # A single document takes another path than several.
        alone = [predictor.logits(read([document], spelled))[0] for document in corpus]
        assert_close(alone, expected)


@laws
@given(corpora, corpora, st.integers(1, 3), sizes, st.sampled_from([(), (5,), (5, 6)]), st.sampled_from([0.5, 6]))
@example([["a", "cats"]], [[], ["zzzz"], ["tact", "cats", "a"], []], 2, (3, 4), (), 6)
def test_a_linear_path_is_added_to_the_logits(training, corpus, ngrams, subwords, hidden, weight):
    vocabulary = learn(training, ngrams, subwords)
    alone, trained = trained_bag(vocabulary, hidden), trained_bag(vocabulary, hidden, weight)
    sequences = read(corpus)
    scores = pooling_matrix(*read_features(vocabulary, sequences), vocabulary.n_rows) @ trained.path.coefficients
    expected = (logits_by_oracle(alone, corpus) + weight * (scores + trained.path.intercepts)) / 2.5
    for fold in (True, False):
        predictor = BagPredictor.from_trained(trained, fold=fold)
        assert_close(predictor.logits(sequences), expected)
        assert_close([predictor.logits(read([document]))[0] for document in corpus], expected)
        assert predictor.n_classes == CLASSES
    assert bool(BagPredictor.from_trained(trained).layers) == bool(hidden)


@laws
@given(corpora, corpora, st.sampled_from([(), (5,)]))
@example([["a", "cats"]], [[], ["zzzz"], ["tact", "cats", "a"], []], ())
def test_word_vectors_of_a_path_are_added_to_the_logits(training, corpus, hidden):
    vocabulary = learn(training, 2, (3,))
    without = trained_bag(vocabulary, hidden, 6)
    scores = np.random.default_rng(1).normal(size=(3, CLASSES)).astype(np.float32)
    vectors = PooledVectors.of_words(["cats", "zzzz", "at"], scores, KNOWN)
    trained = replace(without, path=replace(without.path, vectors=vectors))
    sequences = read(corpus)
    expected = without.predictor.logits(sequences) + 6 / 2.5 * vectors.pool(sequences)
    for fold in (True, False):
        predictor = BagPredictor.from_trained(trained, fold=fold)
        assert predictor.spelled
        assert predictor.nbytes == BagPredictor.from_trained(without, fold=fold).nbytes + vectors.nbytes
        assert_close(predictor.logits(sequences), expected)
        assert_close([predictor.logits(read([document]))[0] for document in corpus], expected)


@laws
@given(corpora, corpora, st.integers(1, 3), sizes)
@example([["a", "at", "cat"]], [["é", "a", "at"]], 3, ())
def test_pooling_the_features_matches_the_oracle(training, corpus, ngrams, subwords):
    trained = trained_bag(learn(training, ngrams, subwords))
    table = np.vstack([trained.weights[name] for name in ("tokens", "ngrams", "subwords")])
    rows, counts = read_features(trained.vocabulary, read(corpus))
    assert rows.min(initial=1) > 0
    assert counts.shape == (len(corpus), len(groups_of([], ngrams, subwords)))
    expected = [pooled_by_oracle(trained, document) for document in corpus]
    assert_close(pooling_matrix(rows, counts, len(table)) @ table, expected)


def test_a_run_with_an_unseen_token_is_no_feature():
    vocabulary = learn([["a", "at", "cat"]], 3, ())
    _, counts = read_features(vocabulary, read([["é", "a", "at"]], spelled=False))
    assert counts.tolist() == [[2, 1, 0]]


CORPUS = [["a", "at", "cats"], [], ["cat", "tact"], ["cat", "a", "at"]]


@pytest.mark.parametrize("hidden", [(), (5,), (5, 6)])
def test_hidden_layers_have_relu_between_them(hidden):
    trained = trained_bag(learn(CORPUS, 2, (3, 4)), hidden)
    assert_close(trained.predictor.logits(read(CORPUS)), logits_by_oracle(trained, CORPUS))


def test_a_document_without_seen_features_has_the_bias_as_logits():
    trained = trained_bag(learn([["cat"]], 2, (3,)))
    for corpus in ([[]], [["我"], [], ["我", "我"]]):
        np.testing.assert_allclose(
            trained.predictor.logits(read(corpus)), np.tile(trained.weights["bias_0"], (len(corpus), 1)), rtol=1e-6
        )


def test_logits_are_single_precision():
    trained = trained_bag(learn(CORPUS, 2, (3,)))
    for fold in (True, False):
        predictor = BagPredictor.from_trained(trained, fold=fold)
        assert predictor.logits(read(CORPUS)).dtype == np.float32
        assert predictor.logits(read(CORPUS[:1])).dtype == np.float32


def test_an_unknown_word_has_its_character_ngrams():
    trained = trained_bag(learn([["cat", "a"]], 1, (3,)))
    spelled, unspelled = (trained.predictor.logits(read([["cats"]], spelled)) for spelled in (True, False))
    assert np.abs(spelled - unspelled).max() > 1e-3


def test_a_known_word_that_training_did_not_see_has_its_character_ngrams():
    trained = trained_bag(learn([["cats"]], 1, (3,)))
    assert_close(trained.predictor.logits(read([["cat"]])), logits_by_oracle(trained, [["cat"]]))


@pytest.mark.parametrize("predict_first", [True, False])
def test_a_trained_bag_survives_pickling(predict_first):
    trained = trained_bag(learn(CORPUS, 2, (3, 4)))
    expected = trained.predictor.logits(read(CORPUS)) if predict_first else logits_by_oracle(trained, CORPUS)
    assert_close(pickle.loads(pickle.dumps(trained)).predictor.logits(read(CORPUS)), expected)
    copy = pickle.loads(pickle.dumps(trained.predictor))
    assert_close(copy.logits(read(CORPUS)), expected)
