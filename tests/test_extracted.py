"""Networks as classifiers by themselves: ``main_`` and ``auxiliary_``, and what ``extract`` returns."""

import pickle

import numpy as np
import pytest
from factory import fit, small
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV, CalibrationDisplay
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.inspection import permutation_importance
from sklearn.metrics import get_scorer
from sklearn.utils.validation import check_is_fitted

from skdistill import TextCNN

pytest.importorskip("tensorflow")

ROLES = ("main", "auxiliary")
METHODS = ("predict", "predict_proba", "predict_log_proba", "decision_function")


def both(classifier):
    return zip(ROLES, (classifier.main_, classifier.auxiliary_))


def assert_equal_predictions(one, other, X):
    for method in METHODS:
        np.testing.assert_array_equal(getattr(one, method)(X), getattr(other, method)(X))


@pytest.fixture(scope="module")
def of_ids():
    """(classifier, ids, labels): token ids, of which the first position decides."""
    ids = np.random.default_rng(0).integers([2, 4, 4], [4, 20, 20], (60, 3))
    labels = ids[:, 0] - 2
    return fit(ids, labels, tokenizer="precomputed", max_iter=20), ids, labels


@pytest.mark.core
def test_each_network_predicts_what_extract_predicts(fitted, reviews):
    for role, network in both(fitted):
        assert type(network) is type(fitted.extract(role))
        assert_equal_predictions(network, fitted.extract(role), [*reviews[0], "", "unheard words"])
        assert network.score(*reviews) == fitted.extract(role).score(*reviews)


def test_each_network_of_multilabel_targets_predicts_what_extract_predicts(reviews):
    texts, labels = reviews
    y = np.column_stack([labels == "good", ["film" in text for text in texts]]).astype(int)
    classifier = fit(texts, y, main=TextCNN(6, filters=4))
    for role, network in both(classifier):
        assert_equal_predictions(network, classifier.extract(role), texts)
        assert network.score(texts, y) == classifier.extract(role).score(texts, y)


def test_both_together_are_the_ensemble(fitted, reviews):
    means = np.mean([network.predict_proba(reviews[0]) for _, network in both(fitted)], axis=0)
    ensemble = pickle.loads(pickle.dumps(fitted)).set_params(predict_with="ensemble")
    np.testing.assert_allclose(ensemble.predict_proba(reviews[0]), means)


@pytest.mark.core
def test_there_is_no_network_before_fit_and_no_auxiliary_network_without_one(reviews):
    classifier = small(auxiliary=None, max_iter=1)
    assert not hasattr(classifier, "main_")
    assert not hasattr(classifier, "auxiliary_")
    with pytest.raises(NotFittedError):
        _ = classifier.main_
    classifier.fit(*reviews)
    assert classifier.auxiliary_ is None
    assert classifier.main_.score(*reviews) == classifier.score(*reviews)


@pytest.mark.parametrize("role", ROLES)
def test_scorers_and_frozen_estimators_take_a_network(role, fitted, reviews):
    network = getattr(fitted, f"{role}_")
    check_is_fitted(network)
    assert clone(network) is network
    assert get_scorer("roc_auc")(network, *reviews) > 0.9
    assert get_scorer("neg_log_loss")(FrozenEstimator(network), *reviews) > -1
    calibrated = CalibratedClassifierCV(FrozenEstimator(network), cv=2).fit(*reviews)
    assert calibrated.score(*reviews) == pytest.approx(network.score(*reviews), abs=0.1)


def test_a_calibration_curve_is_drawn_of_a_network(fitted, reviews):
    pytest.importorskip("matplotlib").use("Agg")
    display = CalibrationDisplay.from_estimator(fitted.auxiliary_, *reviews, n_bins=3)
    np.testing.assert_array_equal(display.y_prob, fitted.auxiliary_.predict_proba(reviews[0])[:, 1])


def test_the_importance_of_positions_is_that_of_the_network(of_ids):
    classifier, ids, labels = of_ids
    found = permutation_importance(classifier.auxiliary_, ids, labels, random_state=0).importances_mean
    assert found[0] > 0.1
    assert found.argmax() == 0


def test_a_network_of_a_data_frame_of_ids_knows_its_columns(of_ids):
    frame = pytest.importorskip("pandas").DataFrame(of_ids[1], columns=["a", "b", "c"])
    classifier = fit(frame, of_ids[2], tokenizer="precomputed", max_iter=1)
    for role, network in both(classifier):
        assert network.feature_names_in_.tolist() == ["a", "b", "c"]
        assert_equal_predictions(
            network, classifier.extract(role), frame
        )  # without a warning, which would be an error
    with pytest.raises(ValueError, match="feature names"):
        classifier.main_.predict(frame[["c", "b", "a"]])


@pytest.mark.core
def test_a_network_that_is_used_is_not_stored_twice(reviews):
    classifier = fit(*reviews, max_iter=1)
    size = len(pickle.dumps(classifier))
    for _, network in both(classifier):
        network.predict(reviews[0])
    assert len(pickle.dumps(classifier)) == size
    assert len(pickle.dumps([classifier, classifier.tokenizer_])) < size + 100


def test_a_warm_start_moves_the_networks_and_leaves_the_earlier_classifiers(reviews):
    classifier = fit(*reviews, max_iter=1, warm_start=True)
    earlier, expected = classifier.auxiliary_, classifier.auxiliary_.predict_proba(reviews[0])
    classifier.fit(*reviews)
    assert not np.array_equal(classifier.auxiliary_.predict_proba(reviews[0]), expected)
    np.testing.assert_array_equal(earlier.predict_proba(reviews[0]), expected)


class Scores:
    """A callback of scikit-learn that scores each network after each epoch."""

    def __init__(self):
        self.found = []

    def setup(self, estimator, context):
        """Nothing to prepare."""

    def teardown(self, estimator, context):
        """Nothing to end."""

    def on_fit_task_begin(self, estimator, context):
        """Nothing to see yet."""

    def on_fit_task_end(self, estimator, context, *, X, y, fitted_estimator):
        self.found.append([network.score(X, y) for _, network in both(fitted_estimator)])


def test_callbacks_score_each_network(reviews):
    pytest.importorskip("sklearn.callback")
    scores = Scores()
    classifier = small(max_iter=2).set_callbacks(scores).fit(*reviews)
    assert len(scores.found) == 3  # two epochs, and the fit
    assert scores.found[-1] == [network.score(*reviews) for _, network in both(classifier)]
