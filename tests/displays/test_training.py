"""The panels show the history, term by term, and nothing that was not trained."""

import numpy as np
import pytest
from factory import fit
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skdistill import DistilledTextClassifier
from skdistill.displays import TrainingDisplay

pytest.importorskip("matplotlib").use("Agg")


@pytest.fixture(scope="module")
def sequential(reviews):
    """A classifier of two phases, with validation rows."""
    schedule = {"schedule": "sequential", "transfer": "to_auxiliary", "max_iter": 2}
    return fit(*reviews, **schedule, X_val=reviews[0][:20], y_val=reviews[1][:20])


def curves(display):
    """Return the drawn numbers by panel and curve, each without the gap between phases."""
    found = {}
    for ax in display.axes_:
        lines = [line for line in ax.lines if len(line.get_xdata()) > 2]
        found[ax.get_title()] = [line.get_ydata() for line in lines]
    return found


def test_the_curves_are_the_history(fitted):
    display = TrainingDisplay.from_estimator(fitted)
    history = fitted.history_
    expected = {
        "sum of the loss terms": [history["loss"]],
        "loss on the labels": [history["main_loss"], history["auxiliary_loss"]],
        "distillation loss": [history["main_transfer"], history["auxiliary_transfer"]],
    }
    found = curves(display)
    assert list(found) == list(expected)
    for title, columns in expected.items():
        np.testing.assert_array_equal(found[title], columns)
    assert display.phases == [(1, 5, "main and auxiliary")]


def test_the_history_is_copied_so_that_a_later_fit_changes_nothing(fitted):
    display = TrainingDisplay.from_estimator(fitted)
    before = curves(display)
    display.history["loss"][0] += 1
    assert fitted.history_["loss"][0] == display.history["loss"][0] - 1
    after = curves(display.plot())
    assert after["sum of the loss terms"][0][0] == before["sum of the loss terms"][0][0] + 1


def test_phases_are_the_epochs_that_train_the_same_networks(sequential):
    display = TrainingDisplay.from_estimator(sequential)
    assert display.phases == [(1, 2, "main"), (3, 4, "auxiliary")]
    assert "validation score" in curves(display)
    in_labels = curves(display)["loss on the labels"]
    np.testing.assert_array_equal(np.isnan(in_labels), [[False, False, True, True], [True, True, False, False]])
    # A gap in the sum: another network is trained after it.
    assert np.isnan(curves(display)["sum of the loss terms"][0]).tolist() == [False, False, True, False, False]


def test_the_epoch_whose_weights_are_kept_is_marked_in_each_panel(sequential):
    display = TrainingDisplay.from_estimator(sequential)
    for ax in display.axes_:
        marks = [
            line.get_xdata()[0] for line in ax.lines if len(line.get_xdata()) == 2 and line.get_linestyle() == "--"
        ]
        assert marks == [sequential.best_iter_]


def test_terms_that_no_network_has_have_no_panel():
    history = {"loss": [1, 2], "main_loss": [1, 2], "main_transfer": [0, 0], "auxiliary_loss": [np.nan] * 2}
    found = curves_of_names(TrainingDisplay(history).plot())
    assert found == {"sum of the loss terms": ["sum"], "loss on the labels": ["main"]}


def curves_of_names(display):
    from skdistill.displays._training import _shown_panels

    panels = {title: list(names) for title, _, names in _shown_panels(display.history)}
    assert list(panels) == [ax.get_title() for ax in display.axes_]
    return panels


def test_a_score_of_zero_is_shown():
    history = {"loss": [1, 2], "main_validation_score": [0, 0]}
    assert "validation score" in curves_of_names(TrainingDisplay(history).plot())


@pytest.mark.parametrize("holder", [FrozenEstimator, lambda fitted: make_pipeline(FrozenEstimator(fitted))])
def test_a_classifier_inside_another_is_found(holder, fitted):
    np.testing.assert_equal(TrainingDisplay.from_estimator(holder(fitted)).history, fitted.history_)


@pytest.mark.parametrize(
    ("estimator", "error", "message"),
    [
        (DistilledTextClassifier(), NotFittedError, "not fitted"),
        (make_pipeline(CountVectorizer(), LogisticRegression()), NotFittedError, "not fitted"),
        (GridSearchCV(DistilledTextClassifier(), {}), NotFittedError, "not fitted"),
        (LogisticRegression().fit([[0], [1]], [0, 1]), TypeError, "Got LogisticRegression, without history_"),
        (DistilledTextClassifier, TypeError, "Got DistilledTextClassifier, without history_"),
    ],
)
def test_what_has_no_history_is_refused(estimator, error, message):
    with pytest.raises(error, match=message):
        TrainingDisplay.from_estimator(estimator)


def test_an_extracted_network_has_no_history(fitted):
    with pytest.raises(TypeError, match="ExtractedClassifier, without history_"):
        TrainingDisplay.from_estimator(fitted.extract("auxiliary"))


def test_an_empty_history_is_refused():
    with pytest.raises(ValueError, match="history must have numbers per epoch"):
        TrainingDisplay({"loss": []}).plot()
