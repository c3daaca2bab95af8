"""Word vectors in the linear path: what it learns from them, and every form of a network that has them."""

import pickle
from functools import partial

import numpy as np
import pytest
from factory import fit, small, weights_of
from oracles import pooled, scales_by_hand
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from skdistill import TextBag, TextTokenizer
from skdistill._training import linear_paths
from skdistill._training.svm import fit_svm
from skdistill.text.tokens import Tokens
from skdistill.text.word_pieces import WordPieceVectors

pytest.importorskip("tensorflow")
pytestmark = pytest.mark.core

GOOD, BAD = ["good", "fine", "lovely", "superb", "bright"], ["bad", "poor", "awful", "dreary", "dull"]
NEW_GOOD, NEW_BAD = ["splendid", "Delightful"], ["dismal", "Tedious"]
OTHERS = ["film", "plot", "music", "the", "noun", "verb"]


def make_vectors(size=6, seed=0):
    """Words of a side lie around one direction, also those that no text has."""
    generator = np.random.default_rng(seed)
    sides = dict.fromkeys([*GOOD, *NEW_GOOD], 1) | dict.fromkeys([*BAD, *NEW_BAD], -1) | dict.fromkeys(OTHERS, 0)
    return {word: generator.normal(0, 0.3, size) + side for word, side in sides.items()}


VECTORS = make_vectors()
BAG = TextBag(units=8, embeddings=VECTORS)
NEW_TEXTS = ["splendid", "a delightful film", "dismal", "the tedious plot"]
NEW_LABELS = np.array(["good", "good", "bad", "bad"])


def columns_by_hand(classifier, texts, weights, vectors=VECTORS, new=()):
    """The pooled vectors of training texts and of ``new`` ones, from the definition."""
    vectors = {word.lower(): vector for word, vector in vectors.items()}
    documents = [text.lower().split() for text in texts]
    found = sorted({word for words in documents for word in words if word in vectors})
    occurrences = np.array([[words.count(word) for word in found] for words in documents])
    idf = 1 + np.log((1 + weights.sum()) / (1 + weights @ (occurrences > 0)))
    idf = dict.fromkeys(vectors, 1 + np.log(1 + weights.sum())) | dict(zip(found, idf))
    mean = np.average([vectors[word] for word in found], axis=0, weights=weights @ occurrences)

    def pool(words):
        known = [word for word in words if word in vectors]
        total = sum((idf[word] * (vectors[word] - mean) for word in known), np.zeros(len(mean)))
        return total / np.sqrt(sum(idf[word] ** 2 for word in known) or 1)

    Q = np.array([pool(words) for words in documents])
    norm = np.sqrt(np.average((Q**2).sum(axis=1), weights=weights))
    return Q / norm, np.array([pool(text.lower().split()) for text in new]) / norm


@pytest.mark.parametrize("weighted", [False, True])
def test_scores_are_those_of_linear_svc_on_features_and_pooled_vectors(three_classes, weighted, monkeypatch):
    monkeypatch.setattr(linear_paths, "fit_svm", partial(fit_svm, tol=1e-6))
    texts, labels = three_classes
    weights = np.random.default_rng(0).uniform(0.2, 2, len(texts)) if weighted else np.ones(len(texts))
    weights /= weights.mean()
    classifier = fit(texts, labels, sample_weight=weights, main=BAG, auxiliary=None)
    path, new = classifier._networks["main"].path, [*NEW_TEXTS, "nothing known", ""]
    X, X_new = pooled(classifier, texts).toarray(), pooled(classifier, new).toarray()
    Q, Q_new = columns_by_hand(classifier, texts, weights, new=new)
    sequences = Tokens(classifier.tokenizer_, classifier._n_tokens).sequences(new)
    found = X_new @ path.coefficients + path.intercepts + path.vectors.pool(sequences)
    for k, label in enumerate(classifier.classes_):
        scales = scales_by_hand(pooled(classifier, texts), labels == label, weights)
        machine = LinearSVC(C=1, tol=1e-6, dual=False)
        machine.fit(np.hstack([X * scales, Q]), labels == label, sample_weight=weights)
        expected = machine.decision_function(np.hstack([X_new * scales, Q_new]))
        np.testing.assert_allclose(found[:, k], expected, atol=0.01)


def test_words_that_training_did_not_see_are_told_apart(reviews):
    assert fit(*reviews, main=BAG).score(NEW_TEXTS, NEW_LABELS) == 1
    without = fit(*reviews, main=TextBag(units=8, subwords=None))
    assert len(set(without.predict(["splendid", "dismal"]))) == 1


def test_long_vectors_lose_nothing_that_matters(reviews, monkeypatch):
    monkeypatch.setattr(linear_paths, "fit_svm", partial(fit_svm, tol=1e-6))
    generator = np.random.default_rng(0)
    long = {word: np.append(vector, generator.normal(0, 1e-4, 200)) for word, vector in VECTORS.items()}
    classifier = fit(*reviews, main=TextBag(units=8, embeddings=long))
    expected = fit(*reviews, main=BAG).decision_function(NEW_TEXTS)
    np.testing.assert_allclose(classifier.decision_function(NEW_TEXTS), expected, atol=0.01)


@pytest.mark.parametrize("factor", [1e-25, 1e20, 1e38])
def test_the_scale_of_the_vectors_does_not_matter(factor, reviews):
    scaled = {word: (vector / 8 * factor).astype(np.float32) for word, vector in VECTORS.items()}
    found = fit(*reviews, main=TextBag(8, embeddings=scaled))._networks["main"].path.vectors.table
    np.testing.assert_allclose(
        found, fit(*reviews, main=BAG)._networks["main"].path.vectors.table, rtol=1e-3, atol=1e-5
    )


def test_equal_vectors_are_as_good_as_none(reviews):
    texts, labels = reviews
    weights = np.random.default_rng(0).uniform(0.2, 2, len(texts))
    equal = {word: [0.1, -0.7, 0.3] for word in VECTORS} | {"splendid": [1.0, 1.0, 1.0]}
    path = fit(texts, labels, sample_weight=weights, main=TextBag(8, embeddings=equal))._networks["main"].path
    assert path.vectors is None


def test_there_are_at_most_128_columns(reviews, monkeypatch):
    widths, generator = [], np.random.default_rng(0)
    monkeypatch.setattr(linear_paths, "fit_svm", lambda X, *rest: widths.append(X.shape[1]) or fit_svm(X, *rest))
    for size in (None, 128, 200):
        vectors = None if size is None else {word: generator.normal(size=size) for word in VECTORS}
        fit(*reviews, main=TextBag(8, embeddings=vectors), auxiliary=None, max_iter=1)
    without, with_all, projected = widths
    assert with_all == projected == without + 128


def test_documents_are_taken_chunk_by_chunk():
    tokens = Tokens.of_tokenizer(TextTokenizer().fit([" ".join(GOOD)]))
    sequences = tokens.sequences(["good", "fine lovely", "", "new", "good old", "bright"])
    used = np.array([1, 3, 4])
    found, expected = linear_paths._take(sequences, used, size=2), sequences.take(used)
    for name in ("ids", "offsets", "unknown", "letters", "letter_offsets"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))


def test_the_networks_and_their_losses_are_the_same_without_vectors(reviews):
    given, without = fit(*reviews, main=BAG), fit(*reviews, main=TextBag(units=8))
    np.testing.assert_array_equal(weights_of(given._networks["main"]), weights_of(without._networks["main"]))
    assert given.history_ == without.history_


def test_there_is_a_path_for_them_whatever_the_number_of_classes(three_classes):
    classifier = fit(*three_classes, main=TextBag(2, embeddings=VECTORS), auxiliary=TextBag(2))
    assert classifier.linear_weight_ == {"main": 6, "auxiliary": 0}
    assert list(classifier.embedding_coverage_) == ["main"]


def test_each_bag_has_its_own_vectors(reviews):
    both = fit(*reviews, main=BAG, auxiliary=TextBag(4, embeddings=make_vectors(seed=1)))
    assert (both._networks["main"].path.vectors.table != both._networks["auxiliary"].path.vectors.table).any()
    assert both.embedding_coverage_["main"] == both.embedding_coverage_["auxiliary"] > 0.5
    same = fit(*reviews, main=BAG, auxiliary=clone(BAG).set_params(embeddings=VECTORS, units=4))
    assert same._networks["main"].path.vectors is same._networks["auxiliary"].path.vectors
    shared = fit(*reviews, main=BAG, auxiliary=TextBag(4, embeddings=make_vectors(seed=1)), share_embedding=True)
    assert (shared._networks["main"].path.vectors.table != shared._networks["auxiliary"].path.vectors.table).any()


# Wherever a bag is used.


@pytest.mark.parametrize("hidden", [(), (4,)])
@pytest.mark.parametrize("units", [2, 8])
def test_extracted_models_and_pickles_contain_them(three_classes, hidden, units):
    texts, labels = three_classes
    classifier = fit(texts, labels, main=TextBag(units, hidden=hidden, embeddings=VECTORS), auxiliary=None, max_iter=1)
    expected = classifier.decision_function(NEW_TEXTS)
    student = classifier.extract()
    for copy in (student, pickle.loads(pickle.dumps(classifier)), pickle.loads(pickle.dumps(student))):
        np.testing.assert_array_equal(copy.decision_function(NEW_TEXTS), expected)
        alone = np.vstack([copy.decision_function([text]) for text in NEW_TEXTS])
        np.testing.assert_allclose(alone, expected, atol=1e-5)
    of_words = classifier._networks["main"].path.vectors.nbytes
    without = fit(texts, labels, main=TextBag(units, hidden=hidden, linear_weight=6), auxiliary=None, max_iter=1)
    assert student.nbytes == without.extract().nbytes + of_words


def test_keras_models_contain_those_of_the_vocabulary(three_classes):
    texts, labels = three_classes
    classifier = fit(texts, labels, main=BAG, auxiliary=None, max_iter=1)
    given = [*texts[:20], "", "splendid"]
    ids = classifier.tokenizer_.transform(given)
    # An unknown token has no spelling there: "splendid" is as good as no word.
    expected = classifier.decision_function([*texts[:20], "", "我"])
    np.testing.assert_allclose(classifier.to_keras().predict(ids, verbose=0), expected, atol=1e-5)
    assert np.abs(classifier.decision_function(["splendid"]) - expected[-1]).max() > 0.1


def test_validation_scores_contain_them(reviews):
    held_out = {"X_val": NEW_TEXTS * 5, "y_val": np.tile(NEW_LABELS, 5)}
    classifier = fit(*reviews, main=BAG, auxiliary=BAG, max_iter=2, **held_out)
    assert classifier.history_["main_validation_score"][-1] == accuracy_score(
        NEW_LABELS, classifier.predict(NEW_TEXTS)
    )
    probabilities = classifier.predict_proba(NEW_TEXTS)
    of_labels = probabilities[np.arange(4), np.searchsorted(classifier.classes_, NEW_LABELS)]
    assert classifier.history_["main_validation_loss"][-1] == pytest.approx(-np.log(of_labels).mean(), abs=1e-5)


def test_labels_of_multilabel_targets_have_scores_each(reviews):
    texts, labels = reviews
    y = np.c_[labels == "good", labels == "bad"].astype(int)
    classifier = fit(texts, y, main=BAG)
    np.testing.assert_array_equal(classifier.predict(NEW_TEXTS), [[1, 0], [1, 0], [0, 1], [0, 1]])
    # The logit of a label is the difference of the logits of two classes.
    of_labels, of_classes = (
        classifier._networks["main"].path.vectors,
        fit(texts, labels, main=BAG)._networks["main"].path.vectors,
    )
    np.testing.assert_allclose(of_labels.columns[:, 0], 2 * of_classes.columns[:, 1], rtol=1e-3, atol=1e-5)


def test_single_characters_have_vectors_too():
    texts = ["好人", "好天", "坏人", "坏天"] * 10
    vectors = {"好": [1.0, 0], "佳": [1.0, 0.1], "坏": [-1.0, 0], "劣": [-1.0, 0.1]}
    classifier = fit(
        texts, [1, 1, 0, 0] * 10, main=TextBag(8, embeddings=vectors), tokenizer=TextTokenizer(analyzer="char")
    )
    assert classifier.predict(["佳", "劣"]).tolist() == [1, 0]


def test_a_warm_start_reads_them_anew_and_may_take_others(reviews):
    texts, labels = reviews
    classifier = fit(texts, labels, main=clone(BAG), warm_start=True, max_iter=1)
    first = classifier._networks["main"].path.vectors.table
    np.testing.assert_array_equal(classifier.fit(texts, labels)._networks["main"].path.vectors.table, first)
    good = [text for text, label in zip(texts, labels) if label == "good"]
    np.testing.assert_array_equal(
        classifier.fit(good, ["good"] * len(good))._networks["main"].path.vectors.table, first
    )
    classifier.set_params(main__embeddings=make_vectors(seed=1)).fit(texts, labels)
    assert (classifier._networks["main"].path.vectors.table != first).any()
    assert classifier.set_params(main__embeddings=None).fit(texts, labels)._networks["main"].path.vectors is None


def test_rows_without_labels_do_not_count(reviews):
    texts, labels = reviews
    expected = fit(texts, labels, main=BAG)._networks["main"].path.vectors
    vectors = (
        fit([*texts, *texts], [*labels, *[None] * len(texts)], main=BAG, max_iter=1)._networks["main"].path.vectors
    )
    np.testing.assert_allclose(vectors.table, expected.table, rtol=1e-3, atol=1e-4)


def test_words_that_no_labelled_document_has_are_as_good_as_none(reviews):
    texts, labels = reviews
    bag = TextBag(8, embeddings={"rarity": [1.0, 2.0]})
    classifier = fit([*texts, "rarity"], [*labels, None], main=bag)
    assert classifier.linear_weight_["main"] == 6
    assert classifier._networks["main"].path.vectors is None


def test_a_grid_search_over_vectors_in_pieces(reviews):
    pieces = WordPieceVectors({word: row for row, word in enumerate(VECTORS)}, np.array(list(VECTORS.values())))
    search = GridSearchCV(small(main=TextBag(8), max_iter=1), {"main__embeddings": [pieces, None]}, cv=2)
    search.fit(*reviews)
    assert search.cv_results_["param_main__embeddings"][0] is pieces
    assert search.best_estimator_.main.embeddings in (pieces, None)


# What is wrong.


@pytest.mark.parametrize("role", ["main", "auxiliary"])
def test_vectors_without_a_path_are_an_error(reviews, role):
    with pytest.raises(ValueError, match=rf"embeddings of {role} .*linear_weight=0"):
        small(**{role: TextBag(embeddings=VECTORS, linear_weight=0)}).fit(*reviews)


def test_vectors_that_a_teacher_leaves_unused_are_a_warning(reviews):
    texts, labels = reviews
    teacher = FrozenEstimator(make_pipeline(TextTokenizer(), LogisticRegression()).fit(texts, labels))
    with pytest.warns(UserWarning, match="embeddings of main are not used"):
        classifier = fit(texts, labels, main=BAG, teacher=teacher, X_unlabeled=["good film"])
    assert classifier.linear_weight_["main"] == 0
