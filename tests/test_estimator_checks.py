"""scikit-learn's own checks, on precomputed token ids, and twins of the three that send no ids."""

import numpy as np
import pytest
import sklearn
from packaging.version import Version
from sklearn.utils.estimator_checks import parametrize_with_checks

from skdistill import DistilledTextClassifier, TextBag

pytestmark = pytest.mark.core

pytest.importorskip("tensorflow")

NO_IDS = {
    "check_class_weight_classifiers": "sends fractions, which are no token ids",
    "check_decision_proba_consistency": "sends negative numbers and fractions, which are no token ids",
    "check_sample_weight_equivalence_on_dense_data": "sends fractions, which are no token ids",
}
if Version(sklearn.__version__) < Version("1.7.2"):
    NO_IDS["check_positive_only_tag_during_fit"] = "subtracts a fraction from integers in place"


def classifier(**parameters):
    return DistilledTextClassifier(tokenizer="precomputed", random_state=0, **parameters)


@parametrize_with_checks([classifier()], expected_failed_checks=lambda estimator: NO_IDS)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def ids_of_two_classes(n_rows, seed):
    """Rows of 6 ids; the classes prefer different ids but share some."""
    generator = np.random.default_rng(seed)
    labels = np.arange(n_rows) % 2
    return generator.integers(1, 6, (n_rows, 6)) + 3 * labels[:, None], labels


@pytest.mark.parametrize("class_weight", [{0: 1000, 1: 0.0001}, {0: 0.0001, 1: 1000}])
def test_class_weight_moves_predictions_to_the_heavy_class(class_weight):
    X, y = ids_of_two_classes(200, seed=0)
    predicted = classifier(class_weight=class_weight).fit(X, y).predict(X)
    heavy = max(class_weight, key=class_weight.get)
    assert np.mean(predicted == heavy) > 0.87


def test_decision_function_and_predict_proba_rank_alike():
    X, y = ids_of_two_classes(100, seed=1)
    fitted = classifier().fit(X, y)
    order = np.argsort(fitted.decision_function(X))
    assert (np.diff(fitted.predict_proba(X)[order, 1]) >= 0).all()


def test_integer_weights_equal_repetition():
    """Exact up to rounding where the order of rows cannot matter: one batch, no dropout.

    And no linear path, whose penalty depends on the number of rows, as in ``LinearSVC``.
    """
    X, y = ids_of_two_classes(30, seed=2)
    weights = np.random.default_rng(3).integers(0, 4, 30)
    plain = TextBag(units=8, token_dropout=0, linear_weight=0)
    parameters = {"main": plain, "auxiliary": plain, "batch_size": 1000, "max_iter": 20}
    weighted = classifier(**parameters).fit(X, y, sample_weight=weights)
    repeated = classifier(**parameters).fit(np.repeat(X, weights, axis=0), np.repeat(y, weights))
    np.testing.assert_allclose(weighted.predict_proba(X), repeated.predict_proba(X), atol=1e-4)
