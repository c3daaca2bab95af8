"""The convolutional and the recurrent network in numpy against slow oracles and Keras."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from skdistill import ExtractedClassifier, TextTokenizer
from skdistill.networks import NETWORKS, TextBag, TextCNN, TextGRU, fit_to_tokens, resolve_network
from skdistill.runtime import BagVocabulary, TokenSequences, TrainedCNN, TrainedGRU
from skdistill.runtime.embedding import seen_vectors
from skdistill.text.tokens import Tokens

N_TOKENS, UNITS, FILTERS, CLASSES = 12, 5, 3, 4
DIRECTIONS = ("forward", "backward")
laws = settings(max_examples=60, deadline=None)


def draw(shapes):
    generator = np.random.default_rng(0)
    return {name: generator.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


def seen_tokens(*unseen):
    seen = np.ones(N_TOKENS, dtype=bool)
    seen[[0, *unseen]] = False
    return seen


def trained_cnn(windows=(3, 4, 5), unseen=(7, 8)):
    shapes = {"embedding": (N_TOKENS, UNITS)}
    for size in windows:
        shapes |= {f"window_{size}": (size, UNITS, FILTERS), f"window_{size}_bias": (FILTERS,)}
    shapes |= {"kernel_0": (len(windows) * FILTERS, CLASSES), "bias_0": (CLASSES,)}
    return TrainedCNN(seen_tokens(*unseen), windows, draw(shapes))


def trained_gru(unseen=(7, 8)):
    shapes = {"embedding": (N_TOKENS, UNITS)}
    for direction in DIRECTIONS:
        shapes[f"{direction}_kernel"] = shapes[f"{direction}_recurrent_kernel"] = (UNITS, 3 * UNITS)
        shapes[f"{direction}_bias"] = (2, 3 * UNITS)
    shapes |= {"kernel_0": (2 * UNITS, CLASSES), "bias_0": (CLASSES,)}
    return TrainedGRU(seen_tokens(*unseen), draw(shapes))


def sequences_of(documents):
    ids = np.array([i for document in documents for i in document], dtype=np.int32)
    offsets = np.cumsum([0, *map(len, documents)], dtype=np.int64)
    return TokenSequences(ids, offsets)


# The slow oracles: one document, one number at a time where it matters.


def vectors_of(trained, document):
    """The vectors of a document, shape (n_tokens, units), in double precision."""
    known = [i if trained.seen[i] else 1 for i in document]
    embedding = trained.weights["embedding"].astype(np.float64)
    return [embedding[i] if trained.seen[i] else np.zeros(UNITS) for i in known]


def cnn_features(trained, document):
    x, features = vectors_of(trained, document), []
    for size in trained.windows:
        kernel, bias = trained.weights[f"window_{size}"], trained.weights[f"window_{size}_bias"]
        found = []
        for start in range(max(len(x), 1)):
            window = zip(x[start : start + size], kernel)  # nothing past the end
            found.append(np.maximum(sum((vector @ part for vector, part in window), np.zeros(FILTERS)) + bias, 0))
        features += [max(values) for values in zip(*found)]
    return np.array(features)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def gru_features(trained, document):
    states = []
    for direction in DIRECTIONS:
        kernel, recurrent, (bias, inner_bias) = (
            trained.weights[f"{direction}_{name}"].astype(np.float64)
            for name in ("kernel", "recurrent_kernel", "bias")
        )
        x, h = vectors_of(trained, document), np.zeros(UNITS)
        for vector in x if direction == "forward" else reversed(x):
            outer, inner = np.split(vector @ kernel + bias, 3), np.split(h @ recurrent + inner_bias, 3)
            z, r = sigmoid(outer[0] + inner[0]), sigmoid(outer[1] + inner[1])
            h = z * h + (1 - z) * np.tanh(outer[2] + r * inner[2])
        states.append(h)
    return np.concatenate(states)


def logits_by_oracle(trained, documents):
    features_of = cnn_features if isinstance(trained, TrainedCNN) else gru_features
    features = np.array([features_of(trained, document) for document in documents])
    return features @ trained.weights["kernel_0"].astype(np.float64) + trained.weights["bias_0"]


def assert_close(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


KINDS = {
    "cnn": trained_cnn(),
    "cnn of one window": trained_cnn((2,)),
    "cnn of single tokens": trained_cnn((1,)),
    "cnn of windows in another order": trained_cnn((6, 1, 3)),
    "cnn without an unknown token": trained_cnn(unseen=(1, 7)),
    "gru": trained_gru(),
    "gru without an unknown token": trained_gru(unseen=(1, 7)),
}
documents = st.lists(st.lists(st.integers(1, N_TOKENS - 1), max_size=9), min_size=1, max_size=6)
MIXED = [[], [3], [4, 7], [1, 2, 3], [], [2] * 9, list(range(1, 12)) * 20, [5, 6, 7, 8], [9]]


@pytest.fixture(params=KINDS)
def trained(request):
    return KINDS[request.param]


@pytest.mark.parametrize("kind", KINDS)
@laws
@given(documents)
@example([[]])
@example([[], []])
@example([[7]])
@example(MIXED)
@example([[2, 3, 4, 5] * 30])
def test_logits_match_the_oracle(kind, documents):
    trained = KINDS[kind]
    expected = logits_by_oracle(trained, documents)
    assert_close(trained.predictor.logits(sequences_of(documents)), expected)
    # A single document may take another path than several.
    alone = [trained.predictor.logits(sequences_of([document]))[0] for document in documents]
    assert_close(alone, expected)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.startswith("cnn")])
def test_a_convolution_computes_piece_by_piece_what_it_computes_at_once(kind):
    """It takes 2,048 tokens at once: a piece ends before, in and after each of the documents in the middle."""
    trained, ids = KINDS[kind], np.arange(5000) % 9 + 2
    expected = logits_by_oracle(trained, MIXED)
    for n_before in [*range(2038, 2049), 1900]:
        found = trained.predictor.logits(sequences_of([ids[:n_before], *MIXED, ids[:n_before]]))
        assert_close(found[1:-1], expected)
        assert_close(found[0], found[-1])
    for documents in ([ids], [ids, []]):  # one document may take another path than several
        assert_close(trained.predictor.logits(sequences_of(documents))[0], logits_by_oracle(trained, [ids])[0])


@pytest.mark.parametrize("n_documents", [255, 256, 257, 600])
def test_many_documents_are_read_in_groups_like_one(n_documents, trained):
    """A recurrence reads 256 documents at once, longest first."""
    order = np.random.default_rng(0).integers(len(MIXED), size=n_documents)
    found = trained.predictor.logits(sequences_of([MIXED[i] for i in order]))
    assert_close(found, logits_by_oracle(trained, MIXED)[order])


def test_the_order_of_documents_changes_nothing(trained):
    expected = trained.predictor.logits(sequences_of(MIXED))
    order = np.random.default_rng(0).permutation(len(MIXED))
    assert_close(trained.predictor.logits(sequences_of(MIXED).take(order)), expected[order])


def test_the_order_of_tokens_matters():
    for trained in (trained_cnn(), trained_gru()):
        there, back = trained.predictor.logits(sequences_of([[2, 3, 4, 5], [5, 4, 3, 2]]))
        assert np.abs(there - back).max() > 1e-3


def test_padding_is_not_read(trained):
    padded = np.zeros((len(MIXED), 230), dtype=np.int64)
    for row, document in zip(padded, MIXED):
        row[len(row) - len(document) :] = document
    found = trained.predictor.logits(TokenSequences.from_padded(padded, N_TOKENS))
    assert_close(found, trained.predictor.logits(sequences_of(MIXED)))


def test_no_documents_have_no_logits(trained):
    assert trained.predictor.logits(sequences_of([])).shape == (0, CLASSES)


def test_logits_are_single_precision(trained):
    for documents in (MIXED, [[]], [[2, 3]]):
        assert trained.predictor.logits(sequences_of(documents)).dtype == np.float32


def test_large_weights_do_not_overflow(trained):
    large = {name: array * np.float32(1000) for name, array in trained.weights.items()}
    predictor = replace(trained, weights=large).predictor
    assert np.isfinite(predictor.logits(sequences_of(MIXED))).all()


def test_a_tokens_place_is_kept_where_its_vector_is_zero():
    """Training saw neither the id nor an unknown token: a gap is no neighbourhood."""
    for trained in (trained_cnn(unseen=(1, 7)), trained_gru(unseen=(1, 7))):
        gap, closed = trained.predictor.logits(sequences_of([[2, 7, 3], [2, 3]]))
        assert np.abs(gap - closed).max() > 1e-3


@pytest.mark.parametrize("predict_first", [True, False])
def test_a_trained_network_survives_pickling(predict_first, trained):
    copy = pickle.loads(pickle.dumps(trained))
    expected = trained.predictor.logits(sequences_of(MIXED)) if predict_first else logits_by_oracle(copy, MIXED)
    assert_close(copy.predictor.logits(sequences_of(MIXED)), expected)
    assert_close(pickle.loads(pickle.dumps(trained.predictor)).logits(sequences_of(MIXED)), expected)


def test_a_used_network_pickles_as_small_as_a_fresh_one(trained):
    fresh = replace(trained)
    size = len(pickle.dumps(fresh))
    fresh.predictor.logits(sequences_of(MIXED))
    assert len(pickle.dumps(fresh)) == size


def test_ids_may_be_read_only_or_lie_in_a_file(tmp_path, trained):
    sequences = sequences_of(MIXED)
    expected = trained.predictor.logits(sequences)
    np.save(tmp_path / "ids.npy", sequences.ids)
    for ids in (np.load(tmp_path / "ids.npy", mmap_mode="r"), np.frombuffer(sequences.ids.tobytes(), np.int32)):
        found = trained.predictor.logits(TokenSequences(ids, sequences.offsets))
        np.testing.assert_array_equal(found, expected)
        assert_close(
            trained.predictor.logits(TokenSequences(ids[3:6], np.array([0, 3])))[0],
            trained.predictor.logits(sequences_of([ids[3:6].tolist()]))[0],
        )


def test_weights_that_are_read_only_are_left_alone(trained):
    weights = {
        name: np.frombuffer(array.tobytes(), np.float32).reshape(array.shape)
        for name, array in trained.weights.items()
    }
    predictor = replace(trained, weights=weights).predictor
    assert_close(predictor.logits(sequences_of(MIXED)), trained.predictor.logits(sequences_of(MIXED)))


def test_nbytes_counts_the_arrays(trained):
    arrays = sum(array.nbytes for array in trained.weights.values())
    # The kernels of shorter windows are filled up to the longest.
    assert 0.9 * arrays < trained.predictor.nbytes < 2 * arrays


@pytest.mark.parametrize("unseen", [(), (3, 7), (1, 3), (1,)])
def test_every_kind_reads_unseen_ids_alike(unseen):
    seen = seen_tokens(*unseen)
    embedding = draw({"embedding": (N_TOKENS, UNITS)})["embedding"]
    vocabulary = BagVocabulary(1, (), seen, [], None, None)
    expected = np.vstack([np.zeros((1, UNITS)), embedding[1:] * seen[1:, None]])[vocabulary.token_rows]
    np.testing.assert_array_equal(seen_vectors(embedding, seen), expected.astype(np.float32))


# The small classifier takes either kind.


def test_a_classifier_of_texts(trained):
    tokenizer = TextTokenizer(max_tokens=N_TOKENS).fit(["a film that was good and not too long at all"])
    classifier = ExtractedClassifier.from_predictor(trained.predictor, np.arange(CLASSES), tokenizer=tokenizer)
    texts = ["a good film", "", "an unheard-of film"]
    expected = trained.predictor.logits(Tokens.of_tokenizer(tokenizer).sequences(texts, spellings=False))
    np.testing.assert_array_equal(classifier.decision_function(texts), expected)
    np.testing.assert_array_equal(classifier.predict(texts), expected.argmax(axis=1))


def test_a_classifier_of_ids(trained):
    classifier = ExtractedClassifier.from_predictor(trained.predictor, np.arange(CLASSES), n_features_in=4)
    ids = np.array([[2, 3, 0, 0], [0, 0, 0, 0], [N_TOKENS + 5, 1, 4, 9]])
    expected = trained.predictor.logits(sequences_of([[2, 3], [], [1, 1, 4, 9]]))
    assert_close(classifier.decision_function(ids), expected)


# Keras computes the same.


def padded_vectors(trained, documents, extra):
    """Vectors of shape (n_documents, longest + extra, units), and where a token is."""
    lengths = np.array([len(document) for document in documents])
    x = np.zeros((len(documents), max(lengths.max(), 1) + extra, UNITS), dtype=np.float32)
    for row, document in zip(x, documents):
        row[: len(document)] = vectors_of(trained, document) if document else 0
    return x, np.arange(x.shape[1]) < lengths[:, None]


def keras_cnn(keras, trained, documents):
    """Valid convolutions over zeros at the end, and a maximum where a window may begin."""
    longest, features = max(trained.windows), []
    x, mask = padded_vectors(trained, documents, longest - 1)
    mask[:, 0] = True
    for size in trained.windows:
        layer = keras.layers.Conv1D(FILTERS, size, activation="relu")
        layer.build(x.shape)
        layer.set_weights([trained.weights[f"window_{size}"], trained.weights[f"window_{size}_bias"]])
        found = np.asarray(layer(x))
        features.append(np.where(mask[:, : found.shape[1], None], found, -np.inf).max(axis=1))
    return np.hstack(features)


def keras_gru(keras, trained, documents):
    x, mask = padded_vectors(trained, documents, 2)
    layer = keras.layers.Bidirectional(keras.layers.GRU(UNITS, reset_after=True), merge_mode="concat")
    layer.build(x.shape)
    names = ("kernel", "recurrent_kernel", "bias")
    layer.set_weights([trained.weights[f"{direction}_{name}"] for direction in DIRECTIONS for name in names])
    return np.asarray(layer(x, mask=mask))


# Keras steps through each token of a recurrence in Python here: no long documents.
BATCHES = {
    "empty": [[]],
    "shorter than the windows": [[4, 3], [5], [9, 9, 9]],
    "one long": [list(range(1, 12)) * 3],
    "mixed": [document[:12] for document in MIXED],
}


@pytest.mark.parametrize("batch", BATCHES)
def test_numpy_equals_keras(batch, trained):
    pytest.importorskip("tensorflow")
    keras = pytest.importorskip("keras")
    features_of = keras_cnn if isinstance(trained, TrainedCNN) else keras_gru
    features = features_of(keras, trained, BATCHES[batch])
    expected = features @ trained.weights["kernel_0"] + trained.weights["bias_0"]
    assert_close(trained.predictor.logits(sequences_of(BATCHES[batch])), expected)


# Descriptions.


@pytest.mark.parametrize("name", NETWORKS)
def test_a_name_becomes_a_network_of_the_size_of_its_role(name):
    for role, units in (("main", 64), ("auxiliary", 32)):
        resolved = resolve_network(name, None, role)
        assert type(resolved) is NETWORKS[name]
        assert resolved.units == units
        assert resolve_network(name, 7, role).units == 7


@pytest.mark.parametrize("analyzer", ["word", "char", "precomputed", str.split])
def test_only_the_bag_depends_on_where_tokens_come_from(analyzer):
    for network in (TextCNN(units=3, windows=(2,)), TextGRU(units=3, dropout=0)):
        assert fit_to_tokens(network, analyzer).get_params() == network.get_params()
    bag = fit_to_tokens(TextBag(), analyzer)
    assert bag.ngrams == (3 if analyzer == "char" else 2)
    assert bag.subwords == (() if analyzer in ("char", "precomputed") else (3, 4))


def test_windows_become_a_tuple_of_int():
    windows = resolve_network(TextCNN(windows=np.array([4, 2])), None, "main").windows
    assert windows == (4, 2)
    assert {type(size) for size in windows} == {int}


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (TextCNN(windows=()), "'windows' of main must not be empty"),
        (TextCNN(windows=(0,)), "'windows' of main must hold integers of at least 1"),
        (TextCNN(windows=(2.5,)), "'windows' of main must hold integers of at least 1"),
        (TextCNN(windows=(3, 3)), "'windows' of main must hold different sizes"),
        (TextCNN(windows=None), "The 'windows' parameter of TextCNN must be"),
        (TextCNN(filters=0), "The 'filters' parameter of TextCNN must be"),
        (TextCNN(dropout=1), "The 'dropout' parameter of TextCNN must be"),
        (TextGRU(units=0), "The 'units' parameter of TextGRU must be"),
        (TextGRU(dropout=-0.1), "The 'dropout' parameter of TextGRU must be"),
    ],
)
def test_parameters_that_cannot_be(network, message):
    with pytest.raises(ValueError, match=message):
        resolve_network(network, None, "main")
