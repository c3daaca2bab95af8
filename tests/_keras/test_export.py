"""A network has two interpreters: Keras and numpy give equal logits."""

import copy

import numpy as np
import pytest
from factory import fit

from skdistill import TextBag, TextCNN, TextGRU, TextTokenizer
from skdistill.text.tokens import Tokens

keras = pytest.importorskip("keras")

# The second and the third pair read the same features, which lie in one table.
PAIRS = {
    "trigrams and a cnn": (TextBag(ngrams=3, subwords=(2, 5)), TextCNN(units=6, filters=5)),
    "a bag and a wide one": (TextBag(), TextBag(units=64)),
    "hidden layers and one unit": (TextBag(units=5, hidden=(4, 3)), TextBag(units=1)),
    "tokens and a gru": (TextBag(ngrams=1, subwords=None), TextGRU(units=6)),
    "wide windows and a gru": (TextCNN(units=4, filters=3, windows=(7, 1)), TextGRU(units=3)),
}


@pytest.mark.core
@pytest.mark.parametrize("pair", PAIRS)
def test_numpy_equals_keras_on_either_side_of_the_padding(pair, three_classes):
    texts, labels = three_classes
    tokenizer = TextTokenizer(sequence_length=6, max_tokens=20)
    main, auxiliary = PAIRS[pair]
    classifier = fit(texts, labels, main=main, auxiliary=auxiliary, tokenizer=tokenizer, max_iter=2, batch_size=16)
    odd = ["", "film", "the film", " ".join(["plot"] * 50), "unheard-of words", *texts[:20]]
    sequences = Tokens.of_tokenizer(classifier.tokenizer_).sequences(odd, spellings=False)  # ids have no spelling
    for role in ("main", "auxiliary"):
        expected = getattr(classifier, f"{role}_").predictor.logits(sequences)
        model = classifier.to_keras(role)
        for padding in ("pre", "post"):
            ids = copy.deepcopy(classifier.tokenizer_).set_params(padding=padding).transform(odd)
            np.testing.assert_allclose(np.asarray(model(ids)), expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(("main", "auxiliary"), [("cnn", "gru"), ("bag", None)])
def test_the_keras_model_survives_saving(main, auxiliary, tmp_path, reviews):
    fitted = fit(*reviews, main=main, auxiliary=auxiliary, max_iter=2)
    ids = fitted.tokenizer_.transform(reviews[0][:10])
    for role in ("main", "auxiliary")[: 1 if auxiliary is None else 2]:
        model = fitted.to_keras(role)
        model.save(tmp_path / f"{role}.keras")
        loaded = keras.models.load_model(tmp_path / f"{role}.keras")
        logits = loaded.predict(ids, verbose=0)
        np.testing.assert_array_equal(logits, model.predict(ids, verbose=0))
        labels = fitted.extract(role).predict(reviews[0][:10])
        assert fitted.classes_[logits.argmax(axis=1)].tolist() == labels.tolist()


def test_a_bag_whose_training_had_no_pairs_of_words_exports():
    classifier = fit(["good", "bad"] * 5, [1, 0] * 5, auxiliary=None, max_iter=1)
    ids = classifier.tokenizer_.transform(["good bad", "bad", ""])
    precomputed = Tokens(None, len(classifier.tokenizer_.vocabulary_) + 2).sequences(ids)
    expected = classifier.main_.predictor.logits(precomputed)
    np.testing.assert_allclose(classifier.to_keras().predict(ids, verbose=0), expected, atol=1e-6)
