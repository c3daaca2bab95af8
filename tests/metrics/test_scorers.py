"""Scorers of the auxiliary network and of both: the scores of these networks, wherever the classifier stands."""

import pickle

import numpy as np
import pandas as pd
import pytest
import sklearn
from factory import fit, small
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, get_scorer, log_loss, make_scorer
from sklearn.model_selection import GridSearchCV, cross_val_score, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skdistill import TextBag
from skdistill.metrics import auxiliary_scorer, bytes_scorer, ensemble_scorer, latency_scorer

pytest.importorskip("tensorflow")

SCORERS = {"auxiliary": auxiliary_scorer, "ensemble": ensemble_scorer}

# A main network that learns next to nothing, beside an auxiliary network that learns the classes.
UNEQUAL = {"main": TextBag(2, linear_weight=0), "auxiliary": TextBag(8, token_dropout=0), "transfer": "none"}


@pytest.fixture(scope="module")
def unequal(three_classes):
    """A classifier of two networks with different scores."""
    return fit(*three_classes, **UNEQUAL, max_iter=1)


def strip(texts):
    return [text.strip() for text in texts]


@pytest.mark.core
@pytest.mark.parametrize("name", ["accuracy", "f1_macro", "neg_log_loss", "roc_auc_ovr"])
def test_the_score_is_that_of_the_network(name, unequal, three_classes):
    scores = {role: get_scorer(name)(unequal.extract(role), *three_classes) for role in ("main", "auxiliary")}
    assert scores["main"] < scores["auxiliary"] == auxiliary_scorer(name)(unequal, *three_classes)
    assert unequal.predict_with == "main"


def test_the_ensemble_is_the_mean_of_both_probabilities(unequal, three_classes):
    texts, labels = three_classes
    mean = (unequal.main_.predict_proba(texts) + unequal.auxiliary_.predict_proba(texts)) / 2
    assert ensemble_scorer("neg_log_loss")(unequal, texts, labels) == pytest.approx(-log_loss(labels, mean))
    assert unequal.predict_with == "main"


@pytest.mark.parametrize("name", ["accuracy", "f1_micro", "roc_auc"])
def test_multilabel_networks_are_scored(name, reviews):
    texts, labels = reviews
    y = np.column_stack([labels == "good", ["film" in text for text in texts]]).astype(int)
    classifier = fit(texts, y, **UNEQUAL, max_iter=1)
    assert auxiliary_scorer(name)(classifier, texts, y) == get_scorer(name)(classifier.auxiliary_, texts, y)


@pytest.mark.parametrize("role", SCORERS)
@pytest.mark.parametrize(
    "holder",
    [
        lambda fitted: make_pipeline(FunctionTransformer(strip), fitted),
        lambda fitted: make_pipeline(FunctionTransformer(strip), make_pipeline("passthrough", fitted)),
        FrozenEstimator,
        lambda fitted: make_pipeline(FrozenEstimator(fitted)),
    ],
)
def test_pipelines_and_frozen_estimators_are_scored_and_stay_as_they_are(role, holder, unequal, three_classes):
    expected = SCORERS[role]("neg_log_loss")(unequal, *three_classes)
    held = holder(unequal)
    before = held.predict_proba(three_classes[0])
    assert SCORERS[role]("neg_log_loss")(held, *three_classes) == expected
    np.testing.assert_array_equal(held.predict_proba(three_classes[0]), before)


def test_a_search_chooses_for_the_network_that_it_scores(reviews):
    scoring = {"main": "neg_log_loss", "auxiliary": auxiliary_scorer("neg_log_loss")}
    candidates = {"main": [TextBag(2), TextBag(8)], "auxiliary": [TextBag(2), TextBag(8)]}
    search = GridSearchCV(small(max_iter=3), candidates, scoring=scoring, refit="auxiliary", cv=2).fit(*reviews)
    found = search.cv_results_
    assert (found["mean_test_main"] != found["mean_test_auxiliary"]).any()
    assert search.best_index_ == found["mean_test_auxiliary"].argmax()
    # The search as a whole, too, and a search of searches.
    best = search.best_estimator_
    assert auxiliary_scorer()(search, *reviews) == best.auxiliary_.score(*reviews)
    assert search.score(*reviews) == pytest.approx(auxiliary_scorer("neg_log_loss")(best, *reviews))


@pytest.mark.slow
def test_other_processes_score_the_same(reviews):
    pipeline = make_pipeline(FunctionTransformer(strip), small(max_iter=1, **UNEQUAL))
    one, two = (cross_val_score(pipeline, *reviews, scoring=auxiliary_scorer(), cv=2, n_jobs=n) for n in (None, 2))
    np.testing.assert_array_equal(one, two)


def test_several_scorers_give_several_scores(reviews):
    scoring = auxiliary_scorer(["accuracy", "f1_macro"])
    found = cross_validate(small(max_iter=1), *reviews, scoring=scoring, cv=2)
    assert {"test_accuracy", "test_f1_macro"} <= found.keys()
    nested = auxiliary_scorer({"one": make_scorer(accuracy_score), "two": ensemble_scorer()})
    fitted = fit(*reviews, max_iter=1)
    assert nested(fitted, *reviews)["one"] == fitted.auxiliary_.score(*reviews)


def test_a_callable_scores_the_network(unequal, three_classes):
    def n_classes_found(estimator, X, y):
        return len(set(estimator.predict(X)))

    assert auxiliary_scorer(n_classes_found)(unequal, *three_classes) == 3


def test_sample_weights_reach_the_scorer_as_they_reach_others(unequal, three_classes):
    texts, labels = three_classes
    weights, scorer = np.arange(len(texts)), auxiliary_scorer("neg_log_loss")
    expected = -log_loss(labels, unequal.auxiliary_.predict_proba(texts), sample_weight=weights)
    weighted = scorer(unequal, texts, labels, sample_weight=weights)
    assert weighted == pytest.approx(expected)
    assert weighted != scorer(unequal, texts, labels)


@pytest.mark.parametrize("how", ["on the scorer", "on the scorer inside"])
def test_metadata_routing_brings_sample_weights(how, three_classes):
    texts, labels = three_classes
    weights = np.arange(1.0, len(texts) + 1)
    with sklearn.config_context(enable_metadata_routing=True):
        classifier = small(max_iter=1).set_fit_request(sample_weight=True)
        if how == "on the scorer":
            scorer = auxiliary_scorer("neg_log_loss").set_score_request(sample_weight=True)
        else:
            scorer = auxiliary_scorer(get_scorer("neg_log_loss").set_score_request(sample_weight=True))
        given = {"params": {"sample_weight": weights}, "cv": 2, "return_estimator": True, "return_indices": True}
        found = cross_validate(classifier, texts, labels, scoring=scorer, **given)
    for score, fitted, test in zip(found["test_score"], found["estimator"], found["indices"]["test"]):
        probabilities = fitted.auxiliary_.predict_proba([texts[row] for row in test])
        assert score == pytest.approx(-log_loss(labels[test], probabilities, sample_weight=weights[test]))


@pytest.mark.core
def test_scorers_pickle_and_say_what_they_are(unequal, three_classes):
    scorer = auxiliary_scorer("neg_log_loss")
    assert pickle.loads(pickle.dumps(scorer))(unequal, *three_classes) == scorer(unequal, *three_classes)
    assert repr(scorer).startswith("auxiliary_scorer(make_scorer(log_loss")


@pytest.mark.core
@pytest.mark.parametrize("make", SCORERS.values())
@pytest.mark.parametrize(
    ("scoring", "error", "message"),
    [
        ("acuracy", ValueError, "must be one of sklearn.metrics.get_scorer_names.*Got 'acuracy'"),
        (["accuracy", "acuracy"], ValueError, "'acuracy' is not a valid scoring value"),
        (accuracy_score, ValueError, "looks like it is a metric function"),
        (None, TypeError, "must be a scorer's name, a callable, or several.*Got None"),
    ],
)
def test_what_is_no_scorer_is_refused_at_once(make, scoring, error, message):
    with pytest.raises(error, match=message):
        make(scoring)


@pytest.mark.parametrize("role", SCORERS)
def test_estimators_without_these_networks_are_refused(role, unequal, three_classes):
    scorer = SCORERS[role]()
    for other in (LogisticRegression(), make_pipeline(LogisticRegression()), unequal.auxiliary_):
        with pytest.raises(TypeError, match=rf"{role}_scorer needs a DistilledTextClassifier.* Got \w+\."):
            scorer(other, *three_classes)
    alone = fit(*three_classes, auxiliary=None, max_iter=1)
    with pytest.raises(ValueError, match="no auxiliary network: the classifier was fitted with auxiliary=None"):
        scorer(alone, *three_classes)


# What an extracted network costs.


@pytest.mark.core
@pytest.mark.parametrize("role", ["main", "auxiliary"])
def test_the_bytes_are_minus_those_of_the_extracted_network(role, unequal, three_classes):
    expected = -unequal.extract(role).nbytes
    for held in (unequal, make_pipeline(FunctionTransformer(strip), unequal), make_pipeline(FrozenEstimator(unequal))):
        assert bytes_scorer(role)(held, *three_classes) == expected
    assert bytes_scorer("main")(unequal, *three_classes) != bytes_scorer()(unequal, *three_classes)


def upper(texts):
    return [text.upper() for text in texts]


@pytest.mark.parametrize("batch_size", [None, 1, 50])
@pytest.mark.parametrize("convert", [list, np.array, pd.Series, lambda texts: pd.DataFrame({"text": texts})])
def test_the_time_is_that_of_predicting_all_documents_in_batches(batch_size, convert, unequal, three_classes):
    read = []

    class Student:
        def predict(self, X):
            read.append([text for text in np.ravel(X)])

    class Classifier:
        def extract(self, network):
            return Student()

    held = make_pipeline(FunctionTransformer(upper), Classifier()) if convert is list else Classifier()
    assert latency_scorer(batch_size=batch_size, n_repeats=2)(held, convert(three_classes[0])) < 0
    expected = upper(three_classes[0]) if convert is list else three_classes[0]
    size = batch_size or len(expected)
    batches = [expected[start : start + size] for start in range(0, len(expected), size)]
    assert read == [batches[0], *batches, *batches]


def test_costs_of_a_fitted_classifier_pickle_and_say_what_they_are(unequal, three_classes):
    for scorer in (bytes_scorer(), latency_scorer(batch_size=1)):
        assert pickle.loads(pickle.dumps(scorer))(unequal, *three_classes) < 0
    assert repr(bytes_scorer("main")) == "bytes_scorer('main')"
    assert repr(latency_scorer()) == "latency_scorer('auxiliary', batch_size=None, n_repeats=3)"


def test_metadata_routing_leaves_the_costs_alone(three_classes):
    with sklearn.config_context(enable_metadata_routing=True):
        classifier = small(max_iter=1).set_fit_request(sample_weight=True)
        scoring = {"accuracy": auxiliary_scorer().set_score_request(sample_weight=True), "neg_bytes": bytes_scorer()}
        weights = {"sample_weight": np.ones(len(three_classes[0]))}
        found = cross_validate(classifier, *three_classes, scoring=scoring, params=weights, cv=2)
    assert (found["test_neg_bytes"] < 0).all()


@pytest.mark.core
def test_costs_refuse_what_they_cannot_measure(unequal, three_classes):
    for make in (bytes_scorer, latency_scorer):
        with pytest.raises(ValueError, match="network must be 'main' or 'auxiliary'. Got 'both'"):
            make("both")
        with pytest.raises(
            TypeError, match=rf"{make.__name__} needs a DistilledTextClassifier.*Got LogisticRegression"
        ):
            make()(make_pipeline(LogisticRegression()), *three_classes)
    for given in ({"batch_size": 0}, {"n_repeats": 0.5}):
        with pytest.raises(ValueError, match=f"{next(iter(given))} must be an integer of at least 1. Got 0"):
            latency_scorer(**given)
