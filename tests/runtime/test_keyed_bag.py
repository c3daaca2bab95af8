"""The bag of a compressed classifier against a slow oracle, and the state that it is stored as."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from math import sqrt

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from skdistill.runtime import keyed_bag, word_memory
from skdistill.runtime.feature_keys import FeatureKeys
from skdistill.runtime.keyed_bag import KeyedBag
from skdistill.runtime.packing import pack_codes, pack_keys, unpack_codes, unpack_keys
from skdistill.runtime.segmentation import split_characters, split_words
from skdistill.runtime.splitting import SplittingRule

laws = settings(max_examples=60, deadline=None)

# Keys, from their definition in ``runtime.feature_keys``.

MULTIPLIER = 0x9E3779B97F4A7C15
SALTS = {"tokens": 0, "ngrams": MULTIPLIER, "subwords": 2 * MULTIPLIER % 2**64}


def polynomial(symbols):
    key = 0
    for symbol in symbols:
        key = (key + symbol) * MULTIPLIER % 2**64
    return key


def symbol_of(token):
    key = polynomial(map(ord, token))
    return key ^ key >> 32


def groups_of(text, features):
    """The 64-bit keys of a text's features, group by group."""
    rule = features.rule
    text = text.replace("\0", " ")
    text = text.lower() if rule.lowercase else text
    tokens = split_words(text) if rule.analyzer == "word" else split_characters(text)
    tokens = tokens[: rule.sequence_length] if rule.truncating == "post" else tokens[-rule.sequence_length :]
    symbols = [symbol_of(token) for token in tokens]
    if features.has_unknown:  # a token without a row is unknown, and its symbol is 1
        rows, shift = set(features.keys.tolist()), 64 - features.bits
        symbols = [symbol if (symbol ^ SALTS["tokens"]) >> shift in rows else 1 for symbol in symbols]
    yield [symbol ^ SALTS["tokens"] for symbol in symbols]
    for n in range(2, features.ngrams + 1):
        yield [polynomial(symbols[i : i + n]) ^ SALTS["ngrams"] for i in range(len(symbols) - n + 1)]
    marked = [f"\ufdd0{token}\ufdd1" for token in tokens]
    runs = [word[i : i + n] for word in marked for n in features.subwords for i in range(len(word) - n + 1)]
    whole = set(marked)
    yield [polynomial(map(ord, run)) ^ SALTS["subwords"] for run in runs if run not in whole]


def logits_by_oracle(bag, texts):
    rows = dict(zip(bag.features.keys.tolist(), bag.codes * bag.steps.astype(np.float64)[:, None], strict=True))
    kernel = bag.kernel_codes * bag.kernel_steps.astype(np.float64)[:, None]
    logits = []
    for text in texts:
        groups = [[key >> (64 - bag.features.bits) for key in group] for group in groups_of(text, bag.features)]
        groups = [[rows[key] for key in group if key in rows] for group in groups]
        groups = [np.array(group) for group in groups if group]
        pooled = sum((group.sum(axis=0) / sqrt(len(group) * len(groups)) for group in groups), np.zeros(len(kernel)))
        logits.append(pooled @ kernel + bag.bias)
    return np.array(logits)


def make_bag(texts, *, ngrams=2, subwords=(3, 4), bits=40, by_row=False, unknown=False, seed=0, **rule):
    """A bag of every second feature of some texts."""
    rule = SplittingRule(**{"analyzer": "word", "lowercase": True, "sequence_length": 9, "truncating": "post"} | rule)
    features = FeatureKeys(rule, ngrams, subwords, bits, np.zeros(1, np.uint64))
    found = {key >> (64 - bits) for text in texts for group in groups_of(text, features) for key in group}
    found = set(sorted(found)[::2])
    if unknown:  # the unknown token, and two of them
        found |= {key >> (64 - bits) for key in (1, polynomial([1, 1]) ^ SALTS["ngrams"])}
    keys = np.array(sorted(found), np.uint64)
    generator = np.random.default_rng(seed)
    largest, n_steps = (127, len(keys)) if by_row else (7, 1)
    return KeyedBag(
        FeatureKeys(rule, ngrams, subwords, bits, keys, unknown),
        generator.integers(-largest, largest, (len(keys), 3), np.int8, endpoint=True),
        generator.uniform(0.01, 0.1, n_steps).astype(np.float32),
        generator.integers(-127, 127, (3, 4), np.int8),
        generator.uniform(0.01, 0.1, 3).astype(np.float32),
        generator.normal(size=4).astype(np.float16),
    )


TEXTS = ["The film, the FILM!", "", "good food and good films", "नमस्ते é 我们 film", "\ud800 a\0b", "x " * 30]
texts = st.lists(st.one_of(st.sampled_from(TEXTS), st.text("abc é我,.\0 ", max_size=30)), min_size=1, max_size=6)
BAGS = {
    "words": make_bag(TEXTS),
    "short keys": make_bag(TEXTS, bits=7),
    "a step for each row": make_bag(TEXTS, by_row=True),
    "unknown words": make_bag(TEXTS, unknown=True, bits=64),
    "words alone": make_bag(TEXTS, ngrams=1, subwords=()),
    "trigrams, the last tokens": make_bag(TEXTS, ngrams=3, subwords=(5,), lowercase=False, truncating="pre"),
    "characters": make_bag(TEXTS, ngrams=3, subwords=(), analyzer="char"),
}


def assert_close(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", BAGS)
@laws
@given(texts)
@example(TEXTS)
def test_logits_match_the_oracle_in_bulk_and_one_by_one(name, texts):
    bag = copy.copy(BAGS[name])  # without remembered words
    expected = logits_by_oracle(bag, texts)
    assert_close(bag.logits(texts), expected)
    for _ in range(2):  # the second time its words are remembered
        assert_close([bag.logits([text])[0] for text in texts], expected)


def test_texts_of_one_character_in_all_batches_have_the_same_logits(monkeypatch):
    expected = BAGS["words"].logits(TEXTS)
    monkeypatch.setattr(keyed_bag, "_BATCH_SIZE", 1)
    assert_close(BAGS["words"].logits(TEXTS), expected)


def test_a_text_gets_the_same_bits_whatever_was_read_before():
    alone = [pickle.loads(pickle.dumps(BAGS["words"])).logits([text]) for text in TEXTS]
    together = pickle.loads(pickle.dumps(BAGS["words"]))
    together.logits([" ".join(TEXTS)])
    np.testing.assert_array_equal([together.logits([text]) for text in TEXTS], alone)


def test_threads_get_what_one_thread_gets():
    bag = make_bag(TEXTS, seed=1)
    many = [" ".join(words) for words in np.random.default_rng(0).choice([*"abcdefgh", "film", "good"], (200, 5))]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda text: bag.logits([text]), many))
    np.testing.assert_array_equal(found, [make_bag(TEXTS, seed=1).logits([text]) for text in many])


def test_remembered_words_are_few_and_not_stored(monkeypatch):
    monkeypatch.setattr(word_memory, "_MOST_WORDS", 3)
    bag = copy.copy(BAGS["words"])
    size = len(pickle.dumps(bag))
    found = [bag.logits([text])[0] for text in [*TEXTS, *TEXTS]]
    assert_close(found, bag.logits([*TEXTS, *TEXTS]))
    assert len(bag._known_words) == 3
    assert len(pickle.dumps(bag)) == size


# The state.


@pytest.mark.parametrize("name", BAGS)
def test_a_bag_is_made_again_of_its_state(name):
    bag = BAGS[name]
    values, arrays = bag.state()
    again = KeyedBag.from_state(values, arrays)
    assert again.features.rule == bag.features.rule
    np.testing.assert_array_equal(again.features.keys, bag.features.keys)
    np.testing.assert_array_equal(again.codes, bag.codes)
    np.testing.assert_array_equal(again.logits(TEXTS), bag.logits(TEXTS))


@laws
@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=40, unique=True), st.integers(0, 60))
@example([2**64 - 1], 0)
@example([0], 0)
def test_keys_survive_packing(keys, shift):
    keys = np.unique(np.array(keys, np.uint64) >> np.uint64(shift))
    np.testing.assert_array_equal(unpack_keys(pack_keys(keys), len(keys), 64 - shift), keys)


@laws
@given(st.integers(1, 7), st.integers(1, 5), st.integers(0, 99), st.sampled_from([1, 7, 8, 127]))
@example(1, 1, 0, 127)
@example(1, 1, 1, 8)
def test_codes_survive_packing(n_rows, n_columns, seed, largest):
    codes = np.random.default_rng(seed).integers(-largest, largest, (n_rows, n_columns), np.int8, endpoint=True)
    np.testing.assert_array_equal(unpack_codes(pack_codes(codes), n_rows, n_columns), codes)


def changed(values=(), arrays=()):
    of_state = BAGS["words"].state()
    return of_state[0] | dict(values), of_state[1] | dict(arrays)


KEYS, CODES = (BAGS["words"].state()[1][name] for name in ("keys", "codes"))


@pytest.mark.parametrize(
    ("values", "arrays", "message"),
    [
        ({"key_version": 2}, {}, "key_version"),
        ({"analyzer": "callable"}, {}, "analyzer"),
        ({"lowercase": 1}, {}, "lowercase"),
        ({"ngrams": 10**9}, {}, "ngrams"),
        ({"subwords": [0]}, {}, "subwords"),
        ({"has_unknown": 1}, {}, "has_unknown"),
        ({"bits": 65}, {}, "bits"),
        ({"bits": 30}, {}, r"below 2\*\*30"),
        ({"n_rows": 0}, {}, "n_rows"),
        ({"n_rows": 10**7}, {}, "keys"),
        ({"n_columns": 4}, {}, "codes"),
        ({}, {"keys": KEYS[:-1]}, "keys"),
        ({}, {"keys": np.full_like(KEYS, 255)}, "rise"),
        ({}, {"codes": CODES * 0}, "between -7 and 7"),
        ({}, {"codes": CODES.view(np.int8)}, "codes"),
        ({}, {"steps": np.ones(2, np.float32)}, "steps"),
        ({}, {"kernel_codes": np.ones((2, 4), np.int8)}, "kernel_codes"),
        ({}, {"kernel_steps": np.ones(3)}, "kernel_steps"),
        ({}, {"bias": np.ones((4, 1), np.float16)}, "bias"),
        ({}, {"bias": np.full(4, np.nan, np.float16)}, "finite"),
        ({}, {"steps": np.full(1, np.inf, np.float32)}, "finite"),
    ],
)
def test_a_state_with_a_fault_is_refused(values, arrays, message):
    with pytest.raises(ValueError, match=message):
        KeyedBag.from_state(*changed(values, arrays))


@pytest.mark.parametrize("name", ["keys", "codes", "steps", "kernel_codes", "kernel_steps", "bias"])
def test_a_state_without_an_array_is_refused(name):
    values, arrays = changed()
    del arrays[name]
    with pytest.raises(ValueError, match=name):
        KeyedBag.from_state(values, arrays)
