"""The linear path beside a bag: what it is, where there is one, and what it leaves as it was."""

import pickle

import numpy as np
import pytest
import scipy.sparse
from factory import fit, small, weights_of
from oracles import pooled, scales_by_hand
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from skdistill import DistilledTextClassifier, TextBag, TextCNN, TextTokenizer
from skdistill._training import linear_paths

pytest.importorskip("tensorflow")
LINEAR, WITHOUT = TextBag(units=8, linear_weight=6), TextBag(units=8, linear_weight=0)


def by_linear_svc(X, of_class, weights):
    """The coefficients and the intercept of scikit-learn's machine for one class."""
    scales = scales_by_hand(X, of_class, weights)
    machine = LinearSVC(C=1, tol=1e-6, dual=False).fit(X.toarray() * scales, of_class, sample_weight=weights)
    return scales * machine.coef_[0], machine.intercept_[0]


# What a path is.


@pytest.mark.core
@pytest.mark.parametrize("weighted", [False, True])
def test_scales_are_those_of_the_definition(weighted):
    generator = np.random.default_rng(0)
    X = scipy.sparse.csr_array(scipy.sparse.random(80, 30, density=0.2, dtype=np.float32, random_state=0))
    members = np.arange(80)[:, None] % 3 == np.arange(3)
    weights = generator.uniform(0.2, 2, 80) if weighted else np.ones(80)
    scales = linear_paths._Scales(X, members, weights)
    for k in range(3):
        np.testing.assert_allclose(scales.of_machine(k), scales_by_hand(X, members[:, k], weights), rtol=1e-5)


@pytest.mark.core
@pytest.mark.parametrize("weighted", [False, True])
def test_scores_are_those_of_linear_svc_on_the_scaled_features(three_classes, weighted):
    texts, labels = three_classes
    weights = np.random.default_rng(0).uniform(0.2, 2, len(texts)) if weighted else np.ones(len(texts))
    weights /= weights.mean()
    classifier = fit(texts, labels, sample_weight=weights, main=LINEAR, auxiliary=None)
    X, path = pooled(classifier, texts), classifier._networks["main"].path
    for k, label in enumerate(classifier.classes_):
        coefficients, intercept = by_linear_svc(X, labels == label, weights)
        expected = X @ coefficients + intercept
        np.testing.assert_allclose(X @ path.coefficients[:, k] + path.intercepts[k], expected, atol=0.05)


@pytest.mark.core
def test_two_classes_have_opposite_scores(reviews):
    path = fit(*reviews, main=LINEAR)._networks["main"].path
    np.testing.assert_array_equal(path.coefficients[:, 0], -path.coefficients[:, 1])
    np.testing.assert_array_equal(path.intercepts[0], -path.intercepts[1])


@pytest.mark.core
def test_a_label_of_two_is_scored_like_a_class_of_two(reviews):
    texts, labels = reviews
    classes = fit(texts, labels, main=LINEAR)._networks["main"].path
    indicators = fit(texts, np.c_[labels == "good", labels == "bad"].astype(int), main=LINEAR)._networks["main"].path
    # The logit of a label is the difference of the logits of presence and absence.
    np.testing.assert_allclose(indicators.coefficients[:, 0], 2 * classes.coefficients[:, 1], rtol=1e-4, atol=1e-6)


@pytest.mark.core
def test_the_divisor_depends_on_the_classes_that_a_machine_tells_apart(reviews, three_classes):
    texts, labels = reviews
    indicators = np.c_[labels == "good", labels == "bad", labels != ""].astype(int)
    divisors = [fit(texts, y, main=LINEAR)._networks["main"].path.divisor for y in (labels, indicators)]
    assert divisors == pytest.approx([1 + 6 * (0.1 + 1 / 2)] * 2)  # a label is there or not
    assert fit(*three_classes, main=LINEAR)._networks["main"].path.divisor == pytest.approx(1 + 6 * (0.1 + 1 / 3))
    assert fit(*three_classes, main=TextBag(8, linear_weight=2))._networks["main"].path.divisor == pytest.approx(
        1 + 2 * 13 / 30
    )


@pytest.mark.core
def test_it_learns_what_four_epochs_are_too_few_for():
    generator = np.random.default_rng(0)
    words = [f"word{i}" for i in range(60)]
    texts = [" ".join(generator.choice(words, 8)) for _ in range(120)]
    labels = np.array([sum(int(word[4:]) % 2 for word in text.split()) > 4 for text in texts])
    with_path, without = (
        fit(texts[:60], labels[:60], main=TextBag(8, subwords=None, linear_weight=weight), auxiliary=None)
        for weight in (6, 0)
    )
    assert with_path.score(texts[60:], labels[60:]) > without.score(texts[60:], labels[60:])


# Where there is one.


@pytest.mark.core
def test_automatically_there_is_one_where_classes_are_no_more_than_units(three_classes):
    classifier = fit(*three_classes, main=TextBag(3), auxiliary=TextBag(2))
    assert classifier.linear_weight_ == {"main": 6, "auxiliary": 0}
    assert classifier._networks["auxiliary"].path is None


def test_only_bags_have_one(reviews):
    classifier = fit(*reviews, main=TextCNN(4, filters=2, windows=(2,)), auxiliary=LINEAR, max_iter=1)
    assert classifier.linear_weight_ == {"main": 0, "auxiliary": 6}


@pytest.mark.core
def test_two_bags_of_the_same_features_have_the_same_path(reviews):
    classifier = fit(*reviews, main=LINEAR, auxiliary=TextBag(4, linear_weight=2))
    assert classifier._networks["main"].path.coefficients is classifier._networks["auxiliary"].path.coefficients
    assert classifier.linear_weight_ == {"main": 6, "auxiliary": 2}
    other = fit(*reviews, main=LINEAR, auxiliary=TextBag(4, ngrams=1))
    assert len(other._networks["auxiliary"].path.coefficients) < len(other._networks["main"].path.coefficients)


@pytest.mark.core
def test_there_is_none_where_a_teacher_answers_for_rows_without_labels(reviews):
    texts, labels = reviews
    teacher = make_pipeline(CountVectorizer(), LogisticRegression()).fit(texts, labels)
    taught = {"main": LINEAR, "teacher": FrozenEstimator(teacher)}
    assert fit(texts, labels, **taught).linear_weight_["main"] == 6
    assert fit(texts, labels, X_unlabeled=["good film"], **taught).linear_weight_["main"] == 0
    assert fit(texts, labels, main=LINEAR, X_unlabeled=["good film"]).linear_weight_["main"] == 6


@pytest.mark.core
@pytest.mark.filterwarnings("ignore:The teacher Pipeline has classes that no label has")
def test_there_is_none_where_only_a_teacher_knows_a_class(three_classes):
    texts, labels = three_classes
    teacher = make_pipeline(CountVectorizer(), LogisticRegression()).fit(texts, labels)
    known = labels != "other"
    classifier = fit(
        list(np.array(texts)[known]), labels[known], main=LINEAR, teacher=FrozenEstimator(teacher), teacher_weight=0.5
    )
    assert len(classifier.classes_) == 3
    assert classifier.linear_weight_["main"] == 0


@pytest.mark.core
@pytest.mark.parametrize("value", [-1, "on", None, np.nan])
def test_other_weights_are_errors(reviews, value):
    with pytest.raises(ValueError, match="linear_weight"):
        small(main=TextBag(linear_weight=value)).fit(*reviews)


# What it leaves as it was.


@pytest.mark.core
def test_the_networks_and_their_losses_are_the_same_without_it(reviews):
    with_path, without = (fit(*reviews, main=bag, auxiliary=bag) for bag in (LINEAR, WITHOUT))
    for role in ("main", "auxiliary"):
        np.testing.assert_array_equal(weights_of(with_path._networks[role]), weights_of(without._networks[role]))
    assert with_path.history_ == without.history_
    assert without._networks["main"].path is None


@pytest.mark.parametrize(
    "parameters",
    [
        {"share_embedding": True},
        {"schedule": "alternating"},
        {"schedule": "sequential", "transfer": "to_auxiliary"},
        {"transfer": "ensemble", "predict_with": "ensemble"},
    ],
)
def test_the_path_is_the_same_in_every_schedule(reviews, parameters):
    expected = fit(*reviews, main=LINEAR, auxiliary=LINEAR)._networks["main"].path
    path = fit(*reviews, main=LINEAR, auxiliary=LINEAR, max_iter=1, **parameters)._networks["auxiliary"].path
    np.testing.assert_array_equal(path.coefficients, expected.coefficients)


# Wherever a bag is used.


@pytest.mark.core
def test_validation_scores_contain_it(reviews):
    texts, labels = reviews
    held_out = {"X_val": texts[:40], "y_val": labels[:40]}
    classifier = fit(texts[40:], labels[40:], main=LINEAR, auxiliary=LINEAR, max_iter=2, **held_out)
    assert classifier.history_["main_validation_score"][-1] == accuracy_score(
        labels[:40], classifier.predict(texts[:40])
    )
    probabilities = classifier.predict_proba(texts[:40])
    of_labels = probabilities[np.arange(40), np.searchsorted(classifier.classes_, labels[:40])]
    assert classifier.history_["main_validation_loss"][-1] == pytest.approx(-np.log(of_labels).mean(), abs=1e-5)


@pytest.mark.core
@pytest.mark.parametrize("hidden", [(), (4,)])
@pytest.mark.parametrize("units", [2, 8])
def test_keras_and_extracted_models_contain_it(three_classes, hidden, units):
    texts, labels = three_classes
    bag = TextBag(units, hidden=hidden, linear_weight=6)
    classifier = fit(texts, labels, main=bag, auxiliary=None, max_iter=1)
    expected = classifier.decision_function(texts[:20])
    assert np.abs(expected - fit(texts, labels, main=WITHOUT).decision_function(texts[:20])).max() > 0.1
    np.testing.assert_array_equal(classifier.extract().decision_function(texts[:20]), expected)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(classifier)).decision_function(texts[:20]), expected)
    ids = classifier.tokenizer_.transform(texts[:20])
    np.testing.assert_allclose(classifier.to_keras().predict(ids, verbose=0), expected, atol=1e-5)


@pytest.mark.core
@pytest.mark.parametrize("tokenizer", ["char", "precomputed"])
def test_characters_and_ids_have_one(reviews, tokenizer):
    texts, labels = reviews
    if tokenizer == "precomputed":
        texts = TextTokenizer().fit_transform(texts)
    else:
        tokenizer = TextTokenizer(analyzer="char")
    classifier = DistilledTextClassifier(tokenizer=tokenizer, max_iter=1, random_state=0).fit(texts, labels)
    assert classifier.linear_weight_ == {"main": 6, "auxiliary": 6}
    assert classifier.score(texts, labels) > 0.95


@pytest.mark.core
def test_a_warm_start_learns_it_anew_from_its_rows_and_keeps_it_where_a_class_is_missing(reviews):
    texts, labels = reviews
    bag = TextBag(units=8, linear_weight=6)
    classifier = fit(texts, labels, main=bag, auxiliary=bag, warm_start=True, max_iter=1)
    first = classifier._networks["main"].path.coefficients
    again = classifier.fit(texts, labels)._networks["main"].path.coefficients
    np.testing.assert_array_equal(again, first)
    good = [text for text, label in zip(texts, labels) if label == "good"]
    np.testing.assert_array_equal(
        classifier.fit(good, ["good"] * len(good))._networks["main"].path.coefficients, first
    )
    assert np.abs(classifier.fit(texts[:60], labels[:60])._networks["main"].path.coefficients - first).max() > 0.01
    classifier.set_params(main__linear_weight=0).fit(texts, labels)
    assert classifier.linear_weight_["main"] == 0


@pytest.mark.core
def test_rows_without_labels_do_not_count(reviews):
    texts, labels = reviews
    expected = fit(texts, labels, main=LINEAR)._networks["main"].path
    # Every feature is twice as frequent, so that the vocabulary is the same.
    path = fit([*texts, *texts], [*labels, *[None] * len(texts)], main=LINEAR, max_iter=1)._networks["main"].path
    np.testing.assert_allclose(path.coefficients, expected.coefficients, rtol=1e-4, atol=1e-5)


@pytest.mark.core
def test_above_a_bound_of_work_it_learns_from_a_sample_that_the_seed_draws(reviews, monkeypatch):
    monkeypatch.setattr(linear_paths, "_MOST_WORK", 1500)  # all rows have about 5,000 features
    paths = [fit(*reviews, main=LINEAR, max_iter=1, random_state=seed)._networks["main"].path for seed in (0, 0, 1)]
    np.testing.assert_array_equal(paths[0].coefficients, paths[1].coefficients)
    assert (paths[0].coefficients != paths[2].coefficients).any()
    # Features that no row of the sample has are as good as unknown.
    assert 0.2 < (paths[0].coefficients[:, 0] == 0).mean() < 0.8


def test_it_is_at_least_as_good_as_tfidf_on_long_text():
    generator = np.random.default_rng(0)
    topics = generator.dirichlet(np.full(300, 0.3), size=2)
    words = np.array([f"w{i}" for i in range(300)])
    labels = np.arange(300) % 2
    mixed = [0.7 * topics[label] + 0.3 * topics[1 - label] for label in labels]
    texts = [" ".join(words[generator.choice(300, 60, p=p)]) for p in mixed]
    linear = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LinearSVC())
    linear.fit(texts[:150], labels[:150])
    classifier = fit(texts[:150], labels[:150], main=LINEAR, auxiliary=LINEAR)
    assert classifier.score(texts[150:], labels[150:]) >= linear.score(texts[150:], labels[150:]) - 0.02


@pytest.mark.parametrize("part", [50, 10**6])
@pytest.mark.parametrize("members", [np.arange(40)[:, None] % 5 == np.arange(5), np.arange(120).reshape(40, 3) % 2])
def test_sums_over_rows_are_the_products_of_the_matrix(part, members, monkeypatch):
    monkeypatch.setattr(linear_paths, "_AT_A_TIME", part)
    monkeypatch.setattr(linear_paths, "_MACHINES", 2)
    X = scipy.sparse.csr_array(scipy.sparse.random(40, 30, 0.3, "csr", np.float32, 0))
    weights = np.random.default_rng(0).random(40)
    has = scipy.sparse.csr_array((np.ones_like(X.data), X.indices, X.indptr), shape=X.shape)
    counts, squares = linear_paths._column_sums(X, weights)
    np.testing.assert_array_equal(counts, has.T @ weights)
    np.testing.assert_array_equal(squares, X.power(2).T @ weights)
    expected = (has.T @ scipy.sparse.csr_array(members * weights[:, None])).toarray()
    np.testing.assert_array_equal(linear_paths._sums_of_members(X, members, weights).toarray(), expected)
