"""``DistilledTextClassifierCV``: the scores and the classifier of ``GridSearchCV``, with the common work done once."""

import pickle

import numpy as np
import pytest
from factory import small
from joblib import parallel_config
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import FitFailedWarning, NotFittedError
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold, StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline

import skdistill
from skdistill import DistilledTextClassifierCV, TextBag, TextTokenizer
from skdistill.displays import LambdaDisplay, ParetoDisplay
from skdistill.inspection import explain
from skdistill.metrics import auxiliary_scorer
from skdistill.model_selection import LabeledStratifiedKFold, pareto_front

pytest.importorskip("tensorflow")

WORDS = ["good", "fine", "lovely", "bad", "poor", "awful", "film", "plot", "scene", "actor"]
SEARCHED = {
    "auxiliary_weights": "auxiliary_weight",
    "transfer_weights": "transfer_weight",
    "temperatures": "temperature",
    "learning_rates": "learning_rate_init",
    "auxiliary_units": "auxiliary_units",
}


def make_texts(n=40, seed=0):
    generator = np.random.default_rng(seed)
    words = generator.integers(len(WORDS), size=(n, 5))
    is_good = (words < 3).sum(axis=1) > ((words >= 3) & (words < 6)).sum(axis=1)
    return [" ".join(WORDS[word] for word in row) for row in words], np.where(is_good, "pos", "neg")


X, Y = make_texts()
WEIGHTS = np.random.default_rng(1).integers(1, 4, len(X)).astype(float)
INDICATORS = np.column_stack([Y == "pos", [("film" in text) for text in X]]).astype(int)
IDS = TextTokenizer(sequence_length=5).fit(X).transform(X)
SOFT = np.where(Y[:, None] == ["neg", "pos"], 0.9, 0.1)
SOME = [label if i % 3 else None for i, label in enumerate(Y)]
TEACHER = make_pipeline(CountVectorizer(), LogisticRegression())
# The estimator, the values that are searched over, and what fit gets.
CASES = {
    "numbers": ({}, {"auxiliary_weights": [0.1, 3], "transfer_weights": [0, 2], "temperatures": [1, 4]}, (X, Y), {}),
    "rates": ({}, {"learning_rates": [1e-3, 1e-1]}, (X, Y), {}),
    "units": ({"main": "bag", "auxiliary": "bag"}, {"auxiliary_units": [2, 4]}, (X, Y), {}),
    "paths": ({"main": TextBag(8), "auxiliary": TextBag(4)}, {"auxiliary_weights": [0.1, 3]}, (X, Y), {}),
    "shared": ({"share_embedding": True}, {"auxiliary_weights": [0.1, 3]}, (X, Y), {}),
    "alternating": ({"schedule": "alternating"}, {"auxiliary_weights": [0.1, 3]}, (X, Y), {}),
    "sequential": ({"schedule": "sequential", "transfer": "to_main"}, {"transfer_weights": [0, 2]}, (X, Y), {}),
    "cnn": ({"auxiliary": "cnn", "max_iter": 2}, {"auxiliary_units": [2, 4]}, (X, Y), {}),
    "one network": ({"auxiliary": None}, {"learning_rates": [1e-3, 1e-1]}, (X, Y), {}),
    "teacher": ({"teacher": TEACHER, "teacher_cv": 2}, {"temperatures": [1, 4]}, (X, Y), {}),
    "multilabel": ({}, {"auxiliary_weights": [0.1, 3]}, (X, INDICATORS), {}),
    "ids": ({"tokenizer": "precomputed"}, {"auxiliary_weights": [0.1, 3]}, (IDS, Y), {}),
    "pool": ({}, {"transfer_weights": [0.1, 3]}, (X, Y), {"X_unlabeled": [make_texts(30, 2)[0]]}),
    "soft targets": (
        {},
        {"temperatures": [1, 4]},
        (X, Y),
        {"soft_targets": SOFT, "soft_target_classes": ["neg", "pos"]},
    ),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.core
def test_equals_a_grid_search(case):
    parameters, values, (X, y), given = CASES[case]
    search = DistilledTextClassifierCV(small(**parameters), **{"auxiliary_weights": None} | values, cv=2)
    search.fit(X, y, **given)
    grid = GridSearchCV(search.estimator, {SEARCHED[name]: found for name, found in values.items()}, cv=2)
    # GridSearchCV hands each fold its rows of all that has the length of X, and classes of columns whole.
    grid.fit(X, y, **given)
    assert set(grid.cv_results_) <= set(search.cv_results_)
    assert search.cv_results_["params"] == grid.cv_results_["params"]
    for name in ("split0_test_score", "split1_test_score", "mean_test_score", "std_test_score", "rank_test_score"):
        np.testing.assert_array_equal(search.cv_results_[name], grid.cv_results_[name], name)
    np.testing.assert_array_equal(search.scores_.mean(axis=1), grid.cv_results_["mean_test_score"])
    assert (search.best_index_, search.best_score_) == (grid.best_index_, grid.best_score_)
    assert search.best_params_ == grid.best_params_
    np.testing.assert_array_equal(search.predict_proba(X), grid.predict_proba(X))


def test_each_candidate_of_each_fold_predicts_what_its_own_fit_would():
    seen = []

    def keep_probabilities(estimator, X, y):
        seen.append((estimator.temperature, X, estimator.predict_proba(X)))
        return estimator.score(X, y)

    estimator = small(transfer="mutual")
    search = DistilledTextClassifierCV(
        estimator, auxiliary_weights=None, temperatures=[1, 4], scoring=keep_probabilities, cv=2
    )
    search.fit(X, Y)
    folds = [train for train, _ in StratifiedKFold(2).split(X, Y) for _ in range(2)]
    for (temperature, documents, probabilities), train in zip(seen[:4], folds):
        alone = clone(estimator).set_params(temperature=temperature).fit([X[row] for row in train], Y[train])
        np.testing.assert_array_equal(probabilities, alone.predict_proba(documents))
    assert not np.array_equal(seen[0][2], seen[1][2])


class CountsFits(ClassifierMixin, BaseEstimator):
    """A teacher that counts how often it is fitted."""

    n_fits = 0

    def fit(self, X, y):
        CountsFits.n_fits += 1
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        return np.full((len(X), 2), 0.5)


def test_the_teacher_is_fitted_once_per_fold_and_not_for_each_candidate():
    CountsFits.n_fits = 0
    estimator = small(teacher=CountsFits(), teacher_cv=2, max_iter=1)
    DistilledTextClassifierCV(estimator, auxiliary_weights=[0.1, 1, 10], cv=3).fit(X, Y)
    assert CountsFits.n_fits == (3 + 1) * 2  # in each fold and for all rows, out of 2 folds of its own


@pytest.mark.parametrize("scoring", [None, "accuracy"])
def test_weights_count_in_fits_and_scores(scoring):
    search = DistilledTextClassifierCV(small(), auxiliary_weights=[1], scoring=scoring, cv=2)
    search.fit(X, Y, sample_weight=WEIGHTS)
    for found, (train, test) in zip(search.scores_[0], StratifiedKFold(2).split(X, Y)):
        fitted = small().fit([X[row] for row in train], Y[train], WEIGHTS[train])
        assert found == fitted.score([X[row] for row in test], Y[test], WEIGHTS[test])
    np.testing.assert_array_equal(search.predict_proba(X), small().fit(X, Y, WEIGHTS).predict_proba(X))


def test_folds_that_run_side_by_side_give_the_same():
    with parallel_config("threading"):
        one, two = (DistilledTextClassifierCV(small(), cv=2, n_jobs=n_jobs).fit(X, Y) for n_jobs in (1, 2))
    np.testing.assert_array_equal(one.scores_, two.scores_)


def test_rows_without_label_are_trained_on_and_not_scored():
    labelled = [i for i, label in enumerate(SOME) if label]
    y = np.array(SOME, dtype=object)
    search = DistilledTextClassifierCV(small(), cv=2).fit(X, y)
    found = []
    for train, test in LabeledStratifiedKFold(2).split(X, y):
        assert set(test) <= set(labelled)
        fitted = clone(small(auxiliary_weight=0.1)).fit([X[row] for row in train], y[train])
        found.append(fitted.score([X[row] for row in test], y[test]))
    np.testing.assert_array_equal(search.scores_[0], found)


def test_rows_without_label_in_a_test_part_are_not_scored():
    y = np.array(SOME, dtype=object)
    search = DistilledTextClassifierCV(small(), auxiliary_weights=[1], cv=KFold(2)).fit(X, y)
    for found, (train, test) in zip(search.scores_[0], KFold(2).split(X)):
        scored = [row for row in test if SOME[row] is not None]
        assert len(scored) < len(test)
        fitted = small().fit([X[row] for row in train], y[train])
        assert found == fitted.score([X[row] for row in scored], y[scored])


def test_with_early_stopping_all_rows_are_fitted_for_the_median_of_the_best_epochs():
    estimator = small(early_stopping=True, max_iter=12, n_iter_no_change=3, learning_rate_init=0.05)
    search = DistilledTextClassifierCV(estimator, auxiliary_weights=[1], cv=3).fit(X, Y)
    epochs = []
    for train, _ in StratifiedKFold(3).split(X, Y):
        epochs.append(clone(estimator).fit([X[row] for row in train], Y[train]).best_iter_)
    assert search.n_iter_ == int(np.median(epochs))
    expected = clone(estimator).set_params(early_stopping=False, max_iter=search.n_iter_).fit(X, Y)
    np.testing.assert_array_equal(search.predict_proba(X), expected.predict_proba(X))


def test_refit_chooses_by_score_or_by_bytes():
    def fit(refit):
        estimator = small(auxiliary="cnn", max_iter=2)
        search = DistilledTextClassifierCV(
            estimator, auxiliary_weights=None, auxiliary_units=[4, 2, 16], refit=refit, cv=2
        )
        return search.fit(X, Y)

    search = fit("best")
    sizes = [-bytes_ for bytes_ in search.cv_results_["mean_test_neg_bytes"]]
    assert sizes[1] < sizes[0] < sizes[2]
    assert search.best_index_ == np.argmax(search.cv_results_["mean_test_score"])
    chosen = fit("smallest")
    within = search.cv_results_["mean_test_score"] >= search.cv_results_["mean_test_score"].max() - 0.01
    assert chosen.best_index_ == min(np.flatnonzero(within), key=sizes.__getitem__)
    error = search.scores_[search.best_index_].std(ddof=1) / np.sqrt(2)
    within = search.cv_results_["mean_test_score"] >= search.cv_results_["mean_test_score"].max() - error - 1e-12
    assert fit("one_standard_error").best_index_ == min(np.flatnonzero(within), key=sizes.__getitem__)
    assert fit(lambda results: 2).best_params_ == {"auxiliary_units": 16}


@pytest.fixture(scope="module")
def fitted():
    return DistilledTextClassifierCV(small(), transfer_weights=[0.3, 3], cv=2).fit(X, Y)


def test_has_all_that_a_fitted_classifier_has(fitted, tmp_path):
    best = fitted.best_estimator_
    for method in ("predict", "predict_proba", "predict_log_proba", "decision_function"):
        np.testing.assert_array_equal(getattr(fitted, method)(X), getattr(best, method)(X))
    assert fitted.score(X, Y) == best.score(X, Y)
    assert [
        name for name in vars(best) if name.endswith("_") and getattr(fitted, name) is not getattr(best, name)
    ] == []
    assert fitted.auxiliary_.predict(X[:3]).tolist() == best.auxiliary_.predict(X[:3]).tolist()
    assert fitted.extract("auxiliary").predict(X[:3]).tolist() == best.auxiliary_.predict(X[:3]).tolist()
    assert fitted.to_keras("auxiliary").count_params() == best.to_keras("auxiliary").count_params()
    fitted.save(tmp_path / "model.skd")
    np.testing.assert_array_equal(skdistill.load(tmp_path / "model.skd").predict_proba(X), fitted.predict_proba(X))
    assert fitted.extract("auxiliary", max_bytes=20_000).compression_.n_bytes <= 20_000
    with pytest.raises(AttributeError, match="'DistilledTextClassifierCV' object has no attribute 'nothing_'"):
        fitted.nothing_  # noqa: B018


def test_is_read_by_all_that_reads_searches_and_classifiers(fitted):
    assert explain(fitted, "good film").contributions.shape[1] == 2
    assert set(pareto_front(fitted)) <= set(range(6))
    LambdaDisplay.from_search(fitted, param_x="transfer_weight", param_y=None)
    ParetoDisplay.from_search(fitted)


def test_survives_pickle_clone_and_cross_validation(fitted):
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict_proba(X), fitted.predict_proba(X))
    unfitted = clone(fitted)
    with pytest.raises(NotFittedError, match="DistilledTextClassifierCV instance is not fitted yet"):
        unfitted.predict(X)
    assert not hasattr(unfitted, "classes_")
    scores = cross_val_score(unfitted.set_params(transfer_weights=None), X, Y, cv=2)
    assert np.isfinite(scores).all()


def test_scoring_is_what_is_maximized_and_what_score_returns():
    search = DistilledTextClassifierCV(small(), cv=2, scoring=auxiliary_scorer()).fit(X, Y)
    grid = GridSearchCV(small(), {"auxiliary_weight": [0.1, 1, 10]}, cv=2, scoring=auxiliary_scorer()).fit(X, Y)
    np.testing.assert_array_equal(search.cv_results_["mean_test_score"], grid.cv_results_["mean_test_score"])
    assert search.score(X, Y) == grid.score(X, Y) == search.auxiliary_.score(X, Y)


def test_a_candidate_that_fails_has_no_score_and_does_not_lose_the_others():
    search = DistilledTextClassifierCV(small(), auxiliary_weights=None, learning_rates=[1e30, 1e-2], cv=2)
    with pytest.warns(FitFailedWarning, match="2 of 4 fits failed.*ValueError: The loss became"):
        search.fit(X, Y)
    assert search.best_params_ == {"learning_rate_init": 1e-2}
    assert np.isnan(search.scores_[0]).all()
    assert search.cv_results_["rank_test_score"].tolist() == [2, 1]
    with pytest.raises(ValueError, match="The fits of all candidates failed.*The loss became"):
        search.set_params(learning_rates=[1e30]).fit(X, Y)


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"estimator": DummyClassifier()}, TypeError, "estimator must be a DistilledTextClassifier or None.*Dummy"),
        ({"auxiliary_weights": []}, ValueError, "auxiliary_weights must be a sequence of at least one number"),
        ({"temperatures": 2.0}, ValueError, "temperatures must be a sequence of at least one number"),
        ({"temperatures": "12"}, ValueError, "temperatures must be a sequence"),
        ({"temperatures": [0]}, ValueError, "The 'temperature' parameter of DistilledTextClassifier must be"),
        ({"auxiliary_units": [2.5]}, ValueError, "The 'auxiliary_units' parameter"),
        ({"estimator": small(auxiliary=None)}, ValueError, "auxiliary_weights must be None where estimator has no"),
        ({"refit": "first"}, ValueError, "refit must be one of .*'one_standard_error'.*Got 'first'"),
        ({"scoring": "nonsense"}, ValueError, "scoring must be one of"),
        ({"cv": 1}, ValueError, "n_splits=1"),
    ],
)
def test_bad_parameters_are_named(parameters, error, message):
    search = DistilledTextClassifierCV(**{"estimator": small(), "cv": 2} | parameters)
    with pytest.raises(error, match=message):
        search.fit(X, Y)
    assert not hasattr(search, "best_estimator_")


def test_labels_are_needed():
    with pytest.raises(ValueError, match="y must have labels, by which predictions are scored"):
        DistilledTextClassifierCV(small(), cv=2).fit(X, None)
    with pytest.raises(ValueError, match="y must have labelled rows"):
        DistilledTextClassifierCV(small(), cv=2).fit(X, [None] * len(X))


def test_parameters_and_data_are_left_as_they_are():
    estimator, texts, labels = small(), list(X), Y.copy()
    search = DistilledTextClassifierCV(estimator, cv=2).fit(texts, labels)
    assert search.estimator is estimator
    assert not hasattr(estimator, "classes_")
    assert texts == X
    np.testing.assert_array_equal(labels, Y)
