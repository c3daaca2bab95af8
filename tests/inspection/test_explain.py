"""What each word adds to the logits: laws, and what an explanation shows."""

import html
import pickle
import re
from itertools import pairwise

import numpy as np
import pytest
from conftest import documents
from factory import fit, small
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skdistill import ExtractedClassifier, TextBag, TextTokenizer
from skdistill._training.features import learn_vocabulary
from skdistill.inspection import explain
from skdistill.runtime import TrainedBag
from skdistill.runtime.linear_path import LinearPath
from skdistill.runtime.pooled_vectors import PooledVectors
from skdistill.text.tokens import Tokens

SEEN = ["a good film", "not good , not bad", "İstanbul was dull", "the plot plots", "unrare words"]
WORDS = [
    "good",
    "Good",
    "not",
    "bad",
    "film",
    "plots",
    "plotting",
    "İstanbul",
    "unheard",
    "<b>",
    "&",
    ",",
    "dull",
    "tact",
]
texts = st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join)


def by_hand(n_classes=3, *, units=6, ngrams=2, subwords=(3,), weight=0, vectors=False, hidden=(), tokenizer=None):
    """A bag that nobody has trained, on the vocabulary of ``SEEN``."""
    # At most 13 ids: "unrare" and "words" are unknown tokens that training saw.
    tokenizer = (tokenizer or TextTokenizer(max_tokens=13)).fit(SEEN)
    tokens = Tokens.of_tokenizer(tokenizer)
    spellings = list(tokenizer.vocabulary_)
    vocabulary = learn_vocabulary(
        tokens.sequences(SEEN), tokens.n_tokens, spellings, ngrams=ngrams, subwords=subwords, max_features=1000
    )
    generator = np.random.default_rng(0)
    shapes = {
        "tokens": (len(vocabulary.seen), units),
        "ngrams": (len(vocabulary.ngram_index), units),
        "subwords": (len(vocabulary.subword_index), units),
    }
    widths = [units, *hidden, n_classes]
    for i, (n, m) in enumerate(pairwise(widths)):
        shapes |= {f"kernel_{i}": (n, m), f"bias_{i}": (m,)}
    weights = {name: generator.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    path = None
    if weight:
        found = PooledVectors.of_words(
            ["good", "tact"], generator.normal(size=(2, n_classes)).astype(np.float32), spellings
        )
        coefficients = generator.normal(size=(vocabulary.n_rows, n_classes)).astype(np.float32)
        intercepts = generator.normal(size=n_classes).astype(np.float32)
        path = LinearPath(coefficients, intercepts, weight, 1.3, found if vectors else None)
    predictor = TrainedBag(vocabulary, weights, path).predictor
    classes = np.array(["no", "yes", "other", "more"][:n_classes])
    return ExtractedClassifier.from_predictor(predictor, classes, tokenizer=tokenizer)


BAGS = {
    "folded": by_hand(),
    "not folded": by_hand(units=2),
    "two classes": by_hand(2),
    "words alone": by_hand(ngrams=1, subwords=()),
    "trigrams": by_hand(ngrams=3, subwords=(3, 4)),
    "with a path": by_hand(weight=0.7),
    "with a path and word vectors": by_hand(weight=0.7, vectors=True),
    "not folded, with vectors": by_hand(units=2, weight=0.7, vectors=True, subwords=()),
    "characters": by_hand(tokenizer=TextTokenizer(analyzer="char"), ngrams=3, subwords=()),
    "pieces": by_hand(tokenizer=TextTokenizer(analyzer=lambda text: re.findall(r"\w\w?", text))),
}


def logits_of(network, text):
    sequences = Tokens.of_tokenizer(network.tokenizer_).sequences([text])
    return network.predictor_.logits(sequences)[0]


# The laws.


@pytest.mark.core
@pytest.mark.parametrize("name", BAGS)
@settings(max_examples=25)
@given(texts)
@example("")
@example("unheard")
@example("not good not good")
def test_contributions_and_the_intercept_sum_to_the_logits(name, text):
    found = explain(BAGS[name], text)
    assert found.method == "exact"
    assert found.contributions.shape == (len(found.features), len(BAGS[name].classes_))
    logits = logits_of(BAGS[name], text)
    np.testing.assert_allclose(found.intercept + found.contributions.sum(axis=0), logits, atol=1e-5)
    np.testing.assert_allclose(found.intercept + found.token_contributions.sum(axis=0), logits, atol=1e-5)
    np.testing.assert_allclose(found.logits, logits, atol=1e-5)


@pytest.mark.parametrize("weight", [0, 0.5])
@settings(max_examples=25)
@given(st.lists(st.sampled_from(WORDS), max_size=9))
def test_occlusion_is_the_prediction_without_the_token(weight, words):
    network = by_hand(hidden=(5,), weight=weight, vectors=True)
    found = explain(network, " ".join(words))
    assert found.method == "occlusion"
    assert found.intercept is None
    tokens = found.tokens
    assert found.features == tokens
    for i in range(len(tokens)):
        without = logits_of(network, " ".join(tokens[:i] + tokens[i + 1 :]))
        np.testing.assert_allclose(found.contributions[i], found.logits - without, atol=1e-5)


@settings(max_examples=60)
@given(st.text(max_size=30), st.sampled_from(["word", "char"]), st.booleans())
@example("İİ a\0b 東京", "word", True)
@example("İİ", "char", True)
def test_tokens_are_those_of_the_tokenizer_and_stand_where_they_are_said_to_stand(text, analyzer, lowercase):
    tokenizer = TextTokenizer(analyzer=analyzer, lowercase=lowercase)
    network = by_hand(tokenizer=tokenizer, subwords=())
    found = explain(network, text)
    assert len(found.tokens) == len(Tokens.of_tokenizer(tokenizer).sequences([text]).ids)
    for token, (start, stop) in zip(found.tokens, found.positions):
        original = text[start:stop]
        assert token in (original.lower() if lowercase else original)


# By hand.


def test_a_word_and_its_bigrams_have_a_contribution_each():
    found = explain(BAGS["words alone"], "Good plot unheard")
    assert found.features == found.tokens == ["good", "plot", "unheard"]
    found = explain(BAGS["folded"], "not good film")
    assert found.features == ["not", "good", "film", "not good", "good film"]
    assert found.spans.tolist() == [[0, 1], [1, 2], [2, 3], [0, 2], [1, 3]]
    halves = found.contributions[3:] / 2
    np.testing.assert_allclose(found.token_contributions[1], found.contributions[1] + halves[0] + halves[1])
    assert [feature for feature in explain(BAGS["characters"], "good").features if len(feature) > 1][-1] == "ood"


def test_truncated_tokens_are_not_read():
    for side, kept in (("post", ["a", "good"]), ("pre", ["good", "film"])):
        tokenizer = TextTokenizer(sequence_length=2, truncating=side)
        found = explain(by_hand(tokenizer=tokenizer), "A good film")
        assert found.tokens == kept
        assert ["A good film"[start:stop].lower() for start, stop in found.positions] == kept
        assert found.n_dropped == 1
        assert "Not read: 1 more tokens." in repr(found)


def test_tokens_that_are_not_in_the_text_have_no_position():
    stemmed = TextTokenizer(analyzer=lambda text: [word.replace("plots", "plot#") for word in text.split()])
    found = explain(by_hand(tokenizer=stemmed), "the plots , good")
    assert found.tokens == ["the", "plot#", ",", "good"]
    assert found.positions.tolist() == [[0, 3], [-1, -1], [10, 11], [12, 16]]
    assert "plot#" in found._repr_html_()


# Which estimators.


def upper(texts):
    return [text.replace("fine", "good") for text in texts]


@pytest.fixture(scope="module")
def mixed(three_classes):
    """A bag and a recurrent network that learn three classes."""
    return fit(*three_classes, main=TextBag(8), auxiliary="gru", auxiliary_units=4, max_iter=2)


@pytest.mark.slow
def test_the_network_that_predicts_is_explained(mixed):
    text = "a superb , lovely film"
    for holder in (mixed, make_pipeline(FunctionTransformer(upper), mixed), FrozenEstimator(mixed), mixed.main_):
        found = explain(holder, text)
        assert found.method == "exact"
        np.testing.assert_allclose(found.logits, mixed.decision_function([text])[0], atol=1e-5)
        np.testing.assert_allclose(found.intercept + found.contributions.sum(axis=0), found.logits, atol=1e-5)
    assert explain(make_pipeline(FunctionTransformer(upper), mixed), "fine").tokens == ["good"]
    found = explain(mixed.auxiliary_, text)
    assert found.method == "occlusion"
    without = mixed.auxiliary_.decision_function(["a superb , film"])[0]
    np.testing.assert_allclose(found.contributions[3], found.logits - without, atol=1e-5)


@pytest.mark.slow
def words_of(document):
    return document.split() if isinstance(document, str) else list(document)


@pytest.mark.parametrize("form", [list, tuple, np.array])
def test_a_document_of_tokens_is_explained_like_its_text(form):
    classifier = by_hand(tokenizer=TextTokenizer(analyzer=words_of, max_tokens=13))
    text = "not good , unheard film"
    of_text, of_tokens = explain(classifier, text), explain(classifier, form(text.split()))
    assert of_tokens.text == text
    assert of_tokens.tokens == text.split()
    np.testing.assert_array_equal(of_tokens.positions, of_text.positions)
    np.testing.assert_array_equal(of_tokens.contributions, of_text.contributions)
    with pytest.raises(ValueError, match="with an int in it"):
        explain(classifier, ["good", 1])
    with pytest.raises(TypeError, match="text must be a str. Got a list: explain several documents one by one"):
        explain(by_hand(), ["good film"])


def test_a_network_of_a_callable_is_explained_by_occlusion(reviews):
    keras = pytest.importorskip("keras")

    def mean_of_vectors(n_tokens, n_classes, seed):
        ids = keras.Input((None,), dtype="int32")
        vectors = keras.layers.Embedding(n_tokens, 4, mask_zero=True)(ids)
        return keras.Model(ids, keras.layers.Dense(n_classes)(keras.layers.GlobalAveragePooling1D()(vectors)))

    classifier = fit(*reviews, main=mean_of_vectors, max_iter=1)
    found = explain(classifier, "good film")
    assert found.method == "occlusion"
    without = classifier.decision_function(["film"])[0]
    assert found.contributions[0, 1] - found.contributions[0, 0] == pytest.approx(
        classifier.decision_function(["good film"])[0] - without, abs=1e-5
    )


def test_labels_of_a_document_are_explained_each_by_itself(reviews):
    texts, labels = reviews
    y = np.column_stack([labels == "good", ["film" in text for text in texts]]).astype(int)
    classifier = fit(texts, y, max_iter=20)
    found = explain(classifier, "a superb film", target=1)
    assert found.target == 1
    np.testing.assert_allclose(found.intercept + found.contributions.sum(axis=0), found.logits, atol=1e-5)
    assert found.features[found.contributions[:3, 1].argmax()] == "film"
    assert "Logit of '1': " in repr(found)


def test_what_cannot_be_explained_is_said(fitted, reviews):
    for several in (["good", "bad"], ("good",), np.array(["good"]), b"good", None):
        with pytest.raises(TypeError, match=r"text must be a str. Got .*: explain several documents one by one"):
            explain(fitted, several)
    search = GridSearchCV(small(), {"max_iter": [1]})
    for foreign in (LogisticRegression(), make_pipeline(LogisticRegression()), search):
        with pytest.raises(TypeError, match=r"explain takes a DistilledTextClassifier, .* Got \w+\."):
            explain(foreign, "good")
    for unfitted in (small(), ExtractedClassifier(), make_pipeline(small())):
        with pytest.raises(NotFittedError):
            explain(unfitted, "good")
    ensemble = pickle.loads(pickle.dumps(fitted)).set_params(predict_with="ensemble")
    with pytest.raises(ValueError, match="two networks: explain its main_ or its auxiliary_"):
        explain(ensemble, "good")
    with pytest.raises(ValueError, match=r"target must be one of the classes \['bad', 'good'\]. Got 'fine'"):
        explain(fitted, "good", target="fine")
    of_ids = fit(np.ones((4, 2), int), [0, 1, 0, 1], tokenizer="precomputed", max_iter=1)
    with pytest.raises(ValueError, match=r"reads token ids.*Fit the classifier on texts"):
        explain(of_ids, "good")


# What is shown.


def test_the_words_of_a_class_speak_for_it(fitted):
    found = explain(fitted, "a superb film , dull unheard-of")
    values = dict(zip(found.tokens, found._towards_target(found.token_contributions)))
    assert found.classes[found.target] == fitted.predict([found.text])[0]
    other = explain(fitted, found.text, target=str(np.delete(found.classes, found.target)[0]))
    np.testing.assert_allclose(other._towards_target(other.contributions), -found._towards_target(found.contributions))
    sign = 1 if found.classes[found.target] == "good" else -1
    assert sign * values["superb"] > 0 > sign * values["dull"]


def test_two_classes_are_compared_as_in_decision_function(fitted):
    text = "a superb film"
    found = explain(fitted, text, target="good")
    total = found._towards_target(found.intercept) + found._towards_target(found.contributions).sum()
    assert total == pytest.approx(fitted.decision_function([text])[0], abs=1e-5)


def test_html_holds_the_escaped_text_and_tells_for_from_against(fitted):
    text = "<script>alert('&')</script> superb DULL film unheard-of\nwords"
    shown = explain(fitted, text)._repr_html_()
    body = shown.partition("</div>")[0]
    assert html.unescape(re.sub(r"<[^>]*>", "", body)) == text
    assert "<script" not in shown
    lines = {word: re.search(rf"(solid|dotted) [^>]*>{word}<", shown)[1] for word in ("superb", "DULL")}
    assert set(lines.values()) == {"solid", "dotted"}
    assert re.search(r'opacity: 0.5" title="adds nothing">words<', shown)
    for tag in ("span", "div"):
        assert shown.count(f"<{tag} ") == shown.count(f"</{tag}>")


def test_the_text_fits_on_a_screen(fitted):
    generator = np.random.default_rng(0)
    text = " ".join([*generator.choice(documents()[0], 30), *(f"xq{i}" for i in range(50))])
    lines = repr(explain(fitted, text)).splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 140
    assert re.search(r"^Not seen in training, adds nothing: .*xq0", lines[-1])
    assert lines[-2].startswith("(")
    assert repr(explain(fitted, "")).endswith("The text has no tokens.")
    assert explain(fitted, "").contributions.shape == (0, 2)


def test_explanations_pickle(fitted):
    found = explain(fitted, "a good film")
    assert repr(pickle.loads(pickle.dumps(found))) == repr(found)
