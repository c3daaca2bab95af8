"""Multilabel targets: indicators in, a sigmoid per label out."""

import pickle

import factory
import numpy as np
import pytest
import scipy.sparse
from factory import small
from scipy.special import expit
from sklearn.metrics import accuracy_score, brier_score_loss, log_loss, make_scorer
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.preprocessing import MultiLabelBinarizer

from skdistill.runtime.outputs import logits_of_mean

pytest.importorskip("tensorflow")

WORDS = {"food": ["soup", "bread", "cheese"], "film": ["actor", "screen", "plot"], "place": ["street", "town", "hill"]}
PLAIN = ["a", "the", "was", "very", "and", "it"]


def documents(n_rows=120, seed=0):
    """Texts with two words of each topic that they have, none to three, and the lists of their topics."""
    generator = np.random.default_rng(seed)
    topics = [[topic for topic in WORDS if generator.random() < 0.5] for _ in range(n_rows)]
    words = [[word for topic in own for word in generator.choice(WORDS[topic], 2)] for own in topics]
    return [" ".join(generator.permutation([*own, *generator.choice(PLAIN, 5)])) for own in words], topics


TEXTS, TOPICS = documents()
BINARIZER = MultiLabelBinarizer()
Y = BINARIZER.fit_transform(TOPICS)
TEST_TEXTS, TEST_TOPICS = documents(60, seed=1)
TEST_Y = BINARIZER.transform(TEST_TOPICS)


ENOUGH = {"max_iter": 20, "batch_size": 16, "learning_rate_init": 1e-2}


def fit(y=Y, texts=TEXTS, **given):
    """A classifier of the texts above, by default of all of them and trained until it has learned."""
    return factory.fit(texts, y, **ENOUGH | given)


@pytest.fixture(scope="module")
def fitted():
    return fit()


@pytest.mark.core
def test_it_learns_labels_that_binarizers_name(fitted):
    assert fitted.score(TEST_TEXTS, TEST_Y) > 0.9
    topics = BINARIZER.inverse_transform(fitted.predict(["soup and cheese in the town", "the actor", "it was very"]))
    assert topics == [("food", "place"), ("film",), ()]
    np.testing.assert_array_equal(fitted.classes_, [0, 1, 2])


@pytest.mark.core
@pytest.mark.parametrize("predict_with", ["main", "auxiliary", "ensemble"])
def test_predictions_follow_from_the_logits(predict_with):
    classifier = fit(max_iter=2, predict_with=predict_with)
    logits, p = classifier.decision_function(TEST_TEXTS), classifier.predict_proba(TEST_TEXTS)
    assert logits.shape == p.shape == TEST_Y.shape
    assert logits.dtype == p.dtype == np.float64
    np.testing.assert_allclose(p, expit(logits), rtol=1e-12)
    np.testing.assert_allclose(classifier.predict_log_proba(TEST_TEXTS), np.log(p), rtol=1e-12)
    predicted = classifier.predict(TEST_TEXTS)
    np.testing.assert_array_equal(predicted, p > 0.5)
    assert predicted.dtype == np.int64
    assert classifier.score(TEST_TEXTS, TEST_Y) == accuracy_score(TEST_Y, predicted)


def test_the_ensemble_averages_probabilities(fitted):
    own = [fitted.extract(role).predict_proba(TEST_TEXTS) for role in ("main", "auxiliary")]
    both = fit(predict_with="ensemble").predict_proba(TEST_TEXTS)
    np.testing.assert_allclose(both, np.mean(own, axis=0), rtol=1e-6)


def test_the_mean_of_confident_networks_has_finite_logits():
    confident = np.array([[1e3, -1e3, 1e3]])
    with np.errstate(all="raise", under="ignore"):
        np.testing.assert_allclose(logits_of_mean([confident, confident], "sigmoid"), confident)
        np.testing.assert_allclose(logits_of_mean([confident, -confident], "sigmoid"), 0, atol=1e-9)


def in_other_containers():
    pd = pytest.importorskip("pandas")
    return {
        "list": Y.tolist(),
        "bool": Y.astype(bool),
        "float": Y.astype(float),
        "object": Y.astype(object),
        "frame": pd.DataFrame(Y, columns=list("abc")),
        "nullable": pd.DataFrame(Y).astype("Int64"),
        "csr": scipy.sparse.csr_matrix(Y),
        "csc array": scipy.sparse.csc_array(Y),
        "sparse of the binarizer": MultiLabelBinarizer(sparse_output=True).fit_transform(TOPICS),
    }


@pytest.mark.core
def test_indicators_come_in_any_container():
    expected = fit(max_iter=1).predict_proba(TEXTS)
    for name, y in in_other_containers().items():
        np.testing.assert_array_equal(fit(y, max_iter=1).predict_proba(TEXTS), expected, err_msg=name)


def test_two_labels_are_not_two_classes():
    classifier = fit(Y[:, :2])
    assert classifier.predict(TEST_TEXTS).shape == classifier.decision_function(TEST_TEXTS).shape == (60, 2)
    assert np.ptp(classifier.predict_proba(TEST_TEXTS).sum(axis=1)) > 0.5


def test_a_label_may_be_everywhere_or_nowhere():
    classifier = fit(np.column_stack([Y[:, 0], np.zeros(120), np.ones(120)]).astype(int))
    np.testing.assert_array_equal(classifier.predict(TEST_TEXTS)[:, 1:], [[0, 1]] * 60)


def test_rows_of_weight_0_leave():
    weights = np.repeat([1.0, 0.0], 60)
    weighted = fit(sample_weight=weights, max_iter=2)
    np.testing.assert_array_equal(
        weighted.predict_proba(TEXTS), fit(Y[:60], TEXTS[:60], max_iter=2).predict_proba(TEXTS)
    )


@pytest.mark.core
@pytest.mark.parametrize("role", ["main", "auxiliary"])
def test_an_extracted_classifier_knows_its_outputs(role, fitted):
    student = pickle.loads(pickle.dumps(fitted.extract(role)))
    logits = student.decision_function(TEST_TEXTS)
    np.testing.assert_allclose(student.predict_proba(TEST_TEXTS), expit(logits), rtol=1e-12)
    np.testing.assert_array_equal(student.predict(TEST_TEXTS), logits > 0)
    assert student.score(TEST_TEXTS, TEST_Y) > 0.75
    assert student.__sklearn_tags__().classifier_tags.multi_label


@pytest.mark.core
def test_labels_of_token_ids():
    ids = np.random.default_rng(0).integers(2, 8, (120, 4))
    y = np.column_stack([(ids == token).any(axis=1) for token in (2, 3)]).astype(int)
    classifier = fit(y, ids, tokenizer="precomputed")
    assert classifier.score(ids, y) > 0.9
    student = pickle.loads(pickle.dumps(classifier.extract()))
    np.testing.assert_array_equal(student.predict_proba(ids), classifier.predict_proba(ids))


def test_an_extracted_classifier_of_classes_has_no_labels():
    student = fit(Y[:, 0], max_iter=1).extract()
    assert not student.__sklearn_tags__().classifier_tags.multi_label
    np.testing.assert_allclose(student.predict_proba(TEST_TEXTS).sum(axis=1), 1)


def test_keras_gives_the_same_logits(fitted):
    ids = fitted.tokenizer_.transform(TEST_TEXTS)
    found = fitted.to_keras("auxiliary").predict(ids, verbose=0)
    np.testing.assert_allclose(found, fitted.extract("auxiliary").decision_function(TEST_TEXTS), atol=1e-5)


@pytest.mark.parametrize("transfer", ["none", "to_main", "to_auxiliary", "ensemble"])
def test_every_transfer_trains(transfer):
    classifier = fit(transfer=transfer, predict_with="ensemble")
    assert classifier.score(TEST_TEXTS, TEST_Y) > 0.9


@pytest.mark.core
@pytest.mark.parametrize("main", ["cnn", "gru"])
def test_networks_that_read_in_order_train(main):
    classifier = fit(main=main, max_iter=2, early_stopping=True)
    assert classifier.predict_proba(TEST_TEXTS).shape == TEST_Y.shape


def test_the_weights_of_the_best_epoch_are_kept_and_give_its_numbers_again():
    texts, truth = TEXTS[::4], Y[::4]
    classifier = small(max_iter=3, early_stopping=True)
    classifier.fit(TEXTS, Y, X_val=texts, y_val=truth)
    student, history, best = classifier.extract(), classifier.history_, classifier.best_iter_ - 1
    assert history["main_validation_score"][best] == pytest.approx(student.score(texts, truth))
    losses = [log_loss(own, p) for own, p in zip(truth.T, student.predict_proba(texts).T)]
    assert history["main_validation_loss"][best] == pytest.approx(np.mean(losses), rel=1e-5)
    assert history["main_validation_score"][best] == max(history["main_validation_score"])


def test_validation_rows_may_be_given():
    given = {"X_val": TEST_TEXTS, "y_val": scipy.sparse.csr_matrix(TEST_Y)}
    classifier = fit(max_iter=3, **given)
    assert classifier.history_["main_validation_score"][-1] == pytest.approx(classifier.score(TEST_TEXTS, TEST_Y))


@pytest.mark.parametrize(
    ("y", "other", "words"),
    [
        (Y, Y[:, 0], r"kind that fit was given, multilabel indicators.*\(120,\)"),
        (Y[:, 0], Y, r"kind that fit was given, one label per row.*\(120, 3\)"),
        (Y, Y[:, :2], "column for each of the 3 labels of fit. Got 2"),
    ],
)
def test_labels_of_another_kind_are_reported(y, other, words):
    classifier = small(max_iter=1, warm_start=True)
    with pytest.raises(ValueError, match=words):
        classifier.fit(TEXTS, y, X_val=TEXTS, y_val=other)
    classifier.fit(TEXTS, y)
    with pytest.raises(ValueError, match=words):
        classifier.fit(TEXTS, other)


def test_a_warm_start_goes_on():
    classifier = small(warm_start=True)
    losses = [classifier.fit(TEXTS, Y).history_["main_loss"][-1] for _ in range(3)]
    assert losses == sorted(losses, reverse=True)


@pytest.mark.parametrize(("schedule", "transfer"), [("alternating", "mutual"), ("sequential", "to_auxiliary")])
def test_schedules_train(schedule, transfer):
    classifier = fit(schedule=schedule, transfer=transfer, share_embedding=False)
    assert classifier.score(TEST_TEXTS, TEST_Y) > 0.85


@pytest.mark.parametrize("y", [Y, Y[:, :2]], ids=["three labels", "two labels"])
def test_scorers_of_scikit_learn_take_it(y):
    classifier = small(auxiliary=None, **ENOUGH)
    scoring = ["accuracy", "f1_micro", "f1_macro", "average_precision", "roc_auc"]
    scores = cross_validate(classifier, TEXTS, y, scoring=scoring, cv=2, error_score="raise")
    for name in scoring:
        assert scores[f"test_{name}"].mean() > 0.85, name


@pytest.mark.parametrize("y", [Y, Y[:, :2]], ids=["three labels", "two labels"])
def test_probabilities_are_scored_through_the_logits(y):
    """The scorers of scikit-learn that ask for probabilities take labels for classes."""

    def brier(y, logits):
        return np.mean((y - expit(logits)) ** 2)

    classifier = fit(y, max_iter=2)
    scorer = make_scorer(brier, response_method="decision_function", greater_is_better=False)
    expected = [brier_score_loss(*own) for own in zip(y.T, classifier.predict_proba(TEXTS).T)]
    assert scorer(classifier, TEXTS, y) == pytest.approx(-np.mean(expected))


def test_a_grid_takes_sparse_indicators():
    y = MultiLabelBinarizer(sparse_output=True).fit_transform(TOPICS)
    classifier = small(**ENOUGH)
    search = GridSearchCV(classifier, {"auxiliary_weight": [0.5, 1]}, scoring="f1_micro", cv=2, error_score="raise")
    assert search.fit(TEXTS, y).score(TEST_TEXTS, TEST_Y) > 0.8


# What is no indicator matrix.

HALF, NEGATIVE, MISSING = (np.where(np.arange(120)[:, None] == [[7, 8, 9]], x, Y) for x in (0.5, -1, np.nan))


@pytest.mark.core
@pytest.mark.parametrize(
    ("y", "words"),
    [
        (HALF, "0 and 1 only. Got 0.5 in row 7, column 0"),
        (HALF.tolist(), "Got 0.5 in row 7, column 0"),
        (scipy.sparse.csr_matrix(HALF), "Got 0.5 in row 7, column 0"),
        (NEGATIVE.astype(int), "Got -1 in row 7, column 0"),
        (Y + 1, "Got 2 in row .*MultiOutputClassifier"),
        (MISSING, "NaN: row 7 has no value in column 0"),
        (MISSING.astype(object), "NaN: row 7 has no value in column 0"),
        (np.where(np.isnan(MISSING), None, Y), "NaN: row 7 has no value in column 0"),
        (Y.astype(str), "Got '.' in row 0, column 0: .*MultiLabelBinarizer"),
        (Y[:, :0], r"Got shape \(120, 0\)"),
        (Y[:, :, None], r"Got shape \(120, 3, 1\)"),
        (Y[:-1], r"(?i)inconsistent numbers of samples.*120.*119|119.*120"),
        (TOPICS, "differ in length.*MultiLabelBinarizer"),
        ([["food", "film"]] * 120, "Got 'food' in row 0, column 0: .*MultiLabelBinarizer"),
        ([set(own) for own in TOPICS], "one label per row. Got a set: .*MultiLabelBinarizer"),
        (np.array([*TOPICS, None], dtype=object)[:-1], "one label per row. Got a list: .*MultiLabelBinarizer"),
    ],
)
@pytest.mark.parametrize("mode", ["texts", "ids"])
def test_what_is_no_indicator_matrix(mode, y, words):
    X, parameters = (TEXTS, {}) if mode == "texts" else (np.ones((120, 2), int), {"tokenizer": "precomputed"})
    with pytest.raises(ValueError, match=words):
        fit(y, X, **parameters)


@pytest.mark.core
def test_a_missing_value_of_pandas_is_reported():
    pd = pytest.importorskip("pandas")
    with pytest.raises(ValueError, match="NaN: row 7 has no value in column 0"):
        fit(pd.DataFrame(MISSING).astype("Int64"))


@pytest.mark.parametrize("class_weight", ["balanced", {0: 2}])
def test_class_weights_are_for_classes(class_weight):
    with pytest.raises(ValueError, match="class_weight is not supported for multilabel y.*sample_weight"):
        fit(class_weight=class_weight)


def test_an_infinite_class_is_reported():
    with pytest.raises(ValueError, match="y contains infinity"):
        fit([0.0, np.inf] * 60)
