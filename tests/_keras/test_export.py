"""Keras models of trained networks: their logits, and what they survive."""

import copy
import json
import random
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from factory import fit

from skdistill import TextBag, TextCNN, TextGRU, TextTokenizer
from skdistill.text.tokens import Tokens

keras, tf = pytest.importorskip("keras"), pytest.importorskip("tensorflow")

# The second and the third pair read the same features, which lie in one table.
PAIRS = {
    "trigrams and a cnn": (TextBag(ngrams=3, subwords=(2, 5)), TextCNN(units=6, filters=5)),
    "a bag and a wide one": (TextBag(), TextBag(units=64)),
    "hidden layers and one unit": (TextBag(units=5, hidden=(4, 3)), TextBag(units=1)),
    "tokens and a gru": (TextBag(ngrams=1, subwords=None), TextGRU(units=6)),
    "wide windows and a gru": (TextCNN(units=4, filters=3, windows=(7, 1)), TextGRU(units=3)),
}

# Of every kind a small one.
NETWORKS = {
    "bag": TextBag(units=5, ngrams=3, subwords=(2, 5), hidden=(4,)),
    "cnn": TextCNN(units=4, filters=3, windows=(3, 1)),
    "gru": TextGRU(units=3),
}
TOKENIZER = TextTokenizer(sequence_length=6, max_tokens=20)  # so few that some words are unknown
ODD = ["", "film", "the film", " ".join(["plot"] * 50), "unheard-of words"]


@pytest.fixture(scope="module")
def classifiers(three_classes):
    return {
        kind: fit(*three_classes, main=network, auxiliary=None, tokenizer=TOKENIZER, max_iter=2, batch_size=16)
        for kind, network in NETWORKS.items()
    }


def expected_logits(classifier, ids):
    precomputed = Tokens(None, classifier._networks["main"].predictor.n_tokens).sequences(ids)
    return classifier._networks["main"].predictor.logits(precomputed)


def with_padding_elsewhere(ids):
    """Return the documents three times: with padding in front, in between and behind."""
    lengths = np.count_nonzero(ids, axis=1)
    in_front = np.stack([np.roll(row, -length) for row, length in zip(ids, lengths)])
    between = np.insert(ids, range(ids.shape[1]), 0, axis=1)
    return np.concatenate(
        [np.pad(in_front, [(0, 0), (ids.shape[1], 0)]), between, np.pad(ids, [(0, 0), (0, ids.shape[1])])]
    )


@pytest.mark.core
@pytest.mark.parametrize("pair", PAIRS)
def test_numpy_equals_keras_on_either_side_of_the_padding(pair, three_classes):
    texts, labels = three_classes
    main, auxiliary = PAIRS[pair]
    classifier = fit(texts, labels, main=main, auxiliary=auxiliary, tokenizer=TOKENIZER, max_iter=2, batch_size=16)
    odd = [*ODD, *texts[:20]]
    sequences = Tokens.of_tokenizer(classifier.tokenizer_).sequences(odd, spellings=False)  # ids have no spelling
    for role in ("main", "auxiliary"):
        expected = classifier._networks[role].predictor.logits(sequences)
        model = classifier.to_keras(role)
        for padding in ("pre", "post"):
            ids = copy.deepcopy(classifier.tokenizer_).set_params(padding=padding).transform(odd)
            np.testing.assert_allclose(np.asarray(model(ids)), expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("kind", NETWORKS)
def test_logits_depend_neither_on_places_of_padding_nor_on_the_integer_type(kind, classifiers, three_classes):
    classifier = classifiers[kind]
    model, ids = classifier.to_keras(), classifier.tokenizer_.transform([*ODD, *three_classes[0][:9]])
    expected = expected_logits(classifier, ids)
    elsewhere = with_padding_elsewhere(ids).astype(np.int64)
    np.testing.assert_allclose(model.predict(elsewhere, verbose=0), np.tile(expected, (3, 1)), atol=1e-5)
    nothing = np.zeros((2, 0), dtype=np.int32)
    np.testing.assert_allclose(model(nothing), expected_logits(classifier, nothing), atol=1e-5)


@pytest.mark.parametrize("kind", NETWORKS)
def test_precomputed_ids_that_training_did_not_see(kind):
    ids = np.arange(40).reshape(8, 5) % 12 + 2  # from 2 to 13
    classifier = fit(
        ids, [0, 1] * 4, main=NETWORKS[kind], auxiliary=None, tokenizer="precomputed", n_tokens=16, max_iter=1
    )
    new = np.array([[14, 2, 3, 0, 0], [1, 2, 3, 0, 0], [16, 2, 3, 0, 0], [99, 2, 3, 0, 0], [2, 3, 4, 5, 6]])
    logits = classifier.to_keras()(new)
    np.testing.assert_allclose(logits, expected_logits(classifier, new), atol=1e-5)


def test_a_bag_whose_training_had_no_pairs_of_words_exports():
    classifier = fit(["good", "bad"] * 5, [1, 0] * 5, auxiliary=None, max_iter=1)
    ids = classifier.tokenizer_.transform(["good bad", "bad", ""])
    logits = classifier.to_keras()(ids)
    np.testing.assert_allclose(logits, expected_logits(classifier, ids), atol=1e-6)


@pytest.fixture
def other_settings():
    """Settings of Keras that are not the defaults."""
    before = keras.config.floatx(), keras.config.image_data_format(), keras.config.dtype_policy()
    keras.config.set_floatx("float16")
    keras.config.set_image_data_format("channels_first")
    keras.config.set_dtype_policy("mixed_bfloat16")
    yield
    keras.config.set_floatx(before[0])
    keras.config.set_image_data_format(before[1])
    keras.config.set_dtype_policy(before[2])


@pytest.mark.parametrize("kind", NETWORKS)
def test_logits_do_not_depend_on_global_settings_of_keras(kind, classifiers, three_classes, other_settings):
    classifier = classifiers[kind]
    ids = classifier.tokenizer_.transform([*ODD, *three_classes[0][:9]])
    logits = np.asarray(classifier.to_keras()(ids))
    assert logits.dtype == np.float32
    np.testing.assert_allclose(logits, expected_logits(classifier, ids), atol=1e-5)


@pytest.mark.core
@pytest.mark.parametrize("kind", NETWORKS)
def test_a_clone_with_the_same_weights_has_the_same_logits(kind, classifiers, three_classes):
    model, ids = classifiers[kind].to_keras(), classifiers[kind].tokenizer_.transform([*ODD, *three_classes[0][:9]])
    clone = keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    np.testing.assert_array_equal(clone(ids), model(ids))


@pytest.mark.parametrize("kind", NETWORKS)
def test_training_on_lowers_the_loss_and_constants_stay(kind, classifiers, three_classes):
    classifier, (texts, labels) = classifiers[kind], three_classes
    model, ids = classifier.to_keras(), np.pad(classifier.tokenizer_.transform(texts), [(0, 0), (0, 6)])
    targets = np.searchsorted(classifier.classes_, labels)
    for layer in model.layers:
        layer.trainable = True
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.AdamW(0.01, weight_decay=0.1), loss)
    losses = model.fit(ids, targets, epochs=3, verbose=0).history["loss"]
    assert losses[2] < losses[0] < 1.2  # log(3) = 1.1 is the loss of a guess

    n_tokens = classifier._networks["main"].predictor.n_tokens
    unknown = np.array([[1, 5], [n_tokens, 5], [n_tokens + 9, 5]])
    odd = np.concatenate([classifier.tokenizer_.transform(ODD), np.pad(unknown, [(0, 0), (0, 4)])])
    expected = np.asarray(model(odd))
    np.testing.assert_allclose(model(with_padding_elsewhere(odd)), np.tile(expected, (3, 1)), atol=1e-6)
    np.testing.assert_allclose(expected[-3:-1], expected[-1:].repeat(2, axis=0), atol=1e-6)
    for layer in model.layers:
        if isinstance(layer, keras.layers.Embedding):
            (table,) = layer.get_weights()
            table[0] += 9  # the row of padding, which nothing reads
            layer.set_weights([table])
    np.testing.assert_array_equal(model(odd), expected)


_LOAD = """
    import json, sys
    import keras
    import numpy as np

    folder = sys.argv[1]
    for name in json.loads(sys.argv[2]):
        saved = np.load(f"{folder}/{name}.npz")
        model = keras.models.load_model(f"{folder}/{name}.keras")
        np.testing.assert_allclose(model.predict(saved["ids"], verbose=0), saved["logits"], atol=1e-5)
    import tensorflow as tf

    served = tf.saved_model.load(f"{folder}/served")
    np.testing.assert_allclose(served.serve(saved["ids"]), saved["logits"], atol=1e-5)
    assert "skdistill" not in sys.modules
"""


@pytest.mark.slow
def test_saved_models_need_nothing_but_keras(tmp_path, classifiers, three_classes):
    for kind in ("cnn", "gru", "bag"):  # the bag, which has a table of its n-grams to look up, is also served
        classifier = classifiers[kind]
        model, ids = classifier.to_keras(), classifier.tokenizer_.transform([*ODD, *three_classes[0][:9]])
        model.save(tmp_path / f"{kind}.keras")
        np.savez(tmp_path / f"{kind}.npz", ids=ids, logits=expected_logits(classifier, ids))
    model.export(tmp_path / "served")
    command = [sys.executable, "-c", textwrap.dedent(_LOAD), tmp_path, json.dumps(["cnn", "gru", "bag"])]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("kind", NETWORKS)
def test_exporting_leaves_global_generators_alone(kind, classifiers):
    tf.random.set_seed(0)
    states = random.getstate(), np.random.get_state()[1].tolist()
    expected = float(tf.random.uniform(()))
    tf.random.set_seed(0)
    classifiers[kind].to_keras()
    assert (random.getstate(), np.random.get_state()[1].tolist()) == states
    assert float(tf.random.uniform(())) == expected


def test_multilabel_logits(three_classes):
    texts, labels = three_classes
    indicator = np.stack([labels == "good", labels == "bad"], axis=1).astype(int)
    classifier = fit(texts, indicator, auxiliary=None, max_iter=1)
    logits = np.asarray(classifier.to_keras()(classifier.tokenizer_.transform(texts)))
    np.testing.assert_array_equal(logits > 0, classifier.predict(texts))
