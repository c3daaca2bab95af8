"""A network has two interpreters: Keras and numpy give equal logits."""

import numpy as np
import pytest

from skdistill import DistilledTextClassifier, TextBag, TextCNN, TextGRU, TextTokenizer
from skdistill.text.tokens import Tokens

keras = pytest.importorskip("keras")

NETWORKS = {
    "default": TextBag(),
    "tokens": TextBag(ngrams=1, subwords=None),
    "trigrams": TextBag(ngrams=3, subwords=(2, 5)),
    "hidden": TextBag(units=5, hidden=(4, 3)),
    "folded": TextBag(units=64),
    "one unit": TextBag(units=1),
    "cnn": TextCNN(units=6, filters=5),
    "wide windows": TextCNN(units=4, filters=3, windows=(7, 1)),
    "gru": TextGRU(units=6),
}


@pytest.mark.parametrize("kind", NETWORKS)
@pytest.mark.parametrize("padding", ["pre", "post"])
def test_numpy_equals_keras(kind, padding, three_classes):
    texts, labels = three_classes
    tokenizer = TextTokenizer(sequence_length=6, max_tokens=20, padding=padding)
    classifier = DistilledTextClassifier(
        NETWORKS[kind], NETWORKS[kind], tokenizer=tokenizer, max_iter=2, random_state=0, batch_size=16
    ).fit(texts, labels)
    odd = ["", "film", "the film", " ".join(["plot"] * 50), "unheard-of words", *texts[:20]]
    ids = classifier.tokenizer_.transform(odd)
    for role in ("main", "auxiliary"):
        trained = getattr(classifier, f"{role}_")
        sequences = Tokens.of_tokenizer(classifier.tokenizer_).sequences(odd, spellings=False)  # ids have no spelling
        expected = trained.predictor.logits(sequences)
        np.testing.assert_allclose(classifier.to_keras(role).predict(ids, verbose=0), expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("kind", ["bag", "cnn", "gru"])
def test_the_keras_model_survives_saving(kind, tmp_path, reviews):
    fitted = DistilledTextClassifier(auxiliary=kind, max_iter=2, random_state=0).fit(*reviews)
    model = fitted.to_keras("auxiliary")
    ids = fitted.tokenizer_.transform(reviews[0][:10])
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.predict(ids, verbose=0), model.predict(ids, verbose=0))
    assert loaded.predict(ids, verbose=0).argmax(1).tolist() == [
        fitted.classes_.tolist().index(label) for label in fitted.extract("auxiliary").predict(reviews[0][:10])
    ]
