"""What training started from, computed again, and how far it moved."""

from copy import copy

import numpy as np
import pytest
from factory import fit, small

from skdistill import TextBag, TextCNN, TextGRU
from skdistill.inspection._variants import network_alone
from skdistill.inspection._weight_changes import initial_weights, layer_changes, most_moved
from skdistill.text.tokens import Tokens

pytest.importorskip("tensorflow")

#: Steps of Adam that are too small to change a float32 other than 0.
STILL = {"learning_rate_init": 1e-30, "max_iter": 1}

VECTORS = {word: np.full(4, number, np.float32) for number, word in enumerate(["good", "bad", "film"], 1)}
PAIRS = {
    "bags": (TextBag(4, hidden=(3,)), TextBag(3, linear_weight=0), {"early_stopping": True}),
    "cnn and gru": (TextCNN(4, filters=2, windows=(2, 1), embeddings=VECTORS), TextGRU(3), {}),
}


def fit_alone(classifier, role, data):
    return network_alone(classifier, role).fit(*data)


@pytest.mark.parametrize("name", PAIRS)
def test_a_network_starts_from_the_same_weights_with_and_without_the_other(name, reviews):
    main, auxiliary, parameters = PAIRS[name]
    classifier = small(main=main, auxiliary=auxiliary, **parameters, **STILL)
    pair = copy(classifier).fit(*reviews)
    for role in ("main", "auxiliary"):
        alone = fit_alone(classifier, role, reviews)
        trained, trained_alone = pair._networks[role].weights, alone._networks["main"].weights
        initial, initial_alone = initial_weights(pair, role), initial_weights(alone, "main")
        assert list(initial) == list(initial_alone) == list(trained)
        for weights in (initial_alone, trained, trained_alone):
            for layer, array in initial.items():
                np.testing.assert_allclose(weights[layer], array, rtol=0, atol=1e-25, err_msg=layer)


@pytest.mark.core
def test_without_transfer_the_networks_of_a_pair_are_those_alone(reviews):
    classifier = small(transfer="none")
    pair = copy(classifier).fit(*reviews)
    for role in ("main", "auxiliary"):
        alone = fit_alone(classifier, role, reviews)
        np.testing.assert_array_equal(
            getattr(pair, f"{role}_").predict_proba(reviews[0]), alone.predict_proba(reviews[0])
        )
        for numbers in layer_changes(pair, role, alone).values():
            assert numbers["angle"] == pytest.approx(0, abs=1e-4)
            np.testing.assert_equal(numbers["change"], numbers["change_alone"])


def test_the_changes_are_those_of_the_weights_before_a_path_is_folded_in(reviews):
    classifier = small(main=TextBag(8, linear_weight=6), transfer_weight=5)
    pair, alone = copy(classifier).fit(*reviews), fit_alone(classifier, "main", reviews)
    start, with_other, without = (
        weights["tokens"].astype(float).ravel()
        for weights in (initial_weights(pair, "main"), pair._networks["main"].weights, alone._networks["main"].weights)
    )
    found = layer_changes(pair, "main", alone)["tokens"]
    one, other = with_other - start, without - start
    assert found["change"] == pytest.approx(np.linalg.norm(one) / np.linalg.norm(start))
    cosine = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
    assert found["angle"] == pytest.approx(np.degrees(np.arccos(cosine)), rel=1e-3)
    assert found["angle"] > 0
    assert np.isnan(layer_changes(pair, "main", alone)["bias_0"]["change"])


def test_networks_of_other_features_have_no_angle(reviews):
    classifier = small()
    alone = fit_alone(classifier, "main", reviews)
    pair = copy(classifier).fit(*reviews, X_unlabeled=["words that no review has"])
    assert all(np.isnan(numbers["angle"]) for numbers in layer_changes(pair, "main", alone).values())


def test_the_features_that_moved_most_have_names(reviews):
    classifier = fit(*reviews)
    initial = initial_weights(classifier, "main")
    sequences = Tokens(classifier.tokenizer_, classifier._n_tokens).sequences(reviews[0])
    moved = most_moved(classifier, "main", initial, sequences, 1000)
    assert list(moved.values()) == sorted(moved.values(), reverse=True)
    weights, row = classifier._networks["main"].weights["tokens"], classifier.tokenizer_.vocabulary_["good"]
    assert moved["good"] == pytest.approx(np.linalg.norm(weights[row] - initial["tokens"][row]))
    # Every n-gram of training has been looked up: two words that follow each other in some review.
    bigrams = {" ".join(pair) for text in reviews[0] for pair in zip(text.split(), text.split()[1:])}
    found = {feature for feature in moved if " " in feature}
    assert found <= bigrams
    assert len(found) > len(bigrams) / 2


def test_tokens_of_precomputed_ids_are_named_by_their_ids():
    X, y = np.array([[2, 3], [4, 5]] * 10), [0, 1] * 10
    classifier = fit(X, y, tokenizer="precomputed")
    sequences = Tokens(None, classifier._n_tokens).sequences(X)
    moved = most_moved(classifier, "main", initial_weights(classifier, "main"), sequences, 6)
    assert moved.keys() == {"2", "3", "4", "5", "2 3", "4 5"}
