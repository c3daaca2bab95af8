"""Bars are the probabilities that a fit would teach at these temperatures."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression, Perceptron
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline

from skdistill.displays import SoftTargetDisplay

pytest.importorskip("matplotlib").use("Agg")


class Constant:
    """A teacher that predicts the same for all documents, and counts its calls."""

    n_calls = 0

    def __init__(self, logits, classes=None):
        self.probabilities = softmax(logits)
        self.classes_ = np.arange(len(logits)) if classes is None else np.array(classes)

    def predict_proba(self, X):
        self.n_calls += 1
        return np.tile(self.probabilities, (len(X), 1))


def lengths(ax):
    """Return the lengths of the bars, a row for each temperature."""
    return np.array([[bar.get_width() for bar in group] for group in ax.containers])


def test_the_temperature_divides_the_logits():
    teacher = Constant([3.0, 1.0, 0.0])
    display = SoftTargetDisplay.from_estimator(teacher, ["a", "b"], (1, 2, 5))
    expected = softmax(np.array([3.0, 1.0, 0.0]) / np.array([[1], [2], [5]]), axis=1)
    np.testing.assert_allclose(display.probabilities, [expected, expected])
    np.testing.assert_allclose(lengths(display.axes_[1]), expected)
    assert [ax.get_title() for ax in display.axes_] == ["a", "b"]


def test_the_teacher_is_asked_once():
    teacher = Constant([3.0, 1.0])
    display = SoftTargetDisplay.from_estimator(teacher, ["a"])
    first = lengths(display.axes_[0])
    np.testing.assert_array_equal(lengths(display.plot().axes_[0]), first)
    assert teacher.n_calls == 1


def test_of_many_classes_the_most_probable_are_shown_and_the_others_summed():
    logits = np.random.default_rng(0).normal(size=77)
    names = [f"balance_not_updated_after_cheque_or_cash_deposit_{number}" for number in range(77)]
    display = SoftTargetDisplay.from_estimator(Constant(logits, names), ["a"], (1, 4), n_top=5)
    (ax,) = display.axes_
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels[-1] == "72 others"
    assert len(set(labels)) == 6
    assert [label[-2:].strip("_") for label in labels[:5]] == [str(place) for place in np.argsort(-logits)[:5]]
    np.testing.assert_allclose(lengths(ax).sum(axis=1), 1)
    display.figure_.canvas.draw()
    boxes = [label.get_window_extent() for label in ax.get_yticklabels()]
    assert not any(box.overlaps(other) for box, other in pairwise(boxes))


def test_a_single_other_class_has_its_name():
    display = SoftTargetDisplay.from_estimator(Constant([2, 1, 0]), ["a"], n_top=2)
    assert [label.get_text() for label in display.axes_[0].get_yticklabels()] == ["0", "1", "2"]


def test_dollar_signs_in_documents_and_classes_are_text():
    display = SoftTargetDisplay.from_estimator(Constant([1, 0], ["$a_$", "$b^$"]), ["from $5 to $6_"])
    display.figure_.canvas.draw()
    assert display.axes_[0].get_title() == "from $5 to $6_"


def test_what_a_classifier_predicts_with_is_drawn(fitted, reviews):
    display = SoftTargetDisplay.from_estimator(fitted, reviews[0][:2], (1,))
    np.testing.assert_allclose(display.probabilities[:, 0], fitted.predict_proba(reviews[0][:2]), atol=1e-6)


def text_classifier(last):
    return make_pipeline(CountVectorizer(), last)


@pytest.mark.parametrize(
    ("estimator", "error", "message"),
    [
        (text_classifier(LogisticRegression()), NotFittedError, "not fitted"),
        (
            text_classifier(Perceptron()).fit(["a1", "b1"], [0, 1]),
            TypeError,
            "predict_proba and classes_. Got Pipeline",
        ),
        (Constant, TypeError, "Got Constant"),
        (lambda texts: texts, TypeError, "Got function"),
        (
            text_classifier(OneVsRestClassifier(LogisticRegression())).fit(
                ["a1", "b1", "c1"], [[1, 0], [0, 1], [1, 1]]
            ),
            ValueError,
            "must sum to 1 in each row",
        ),
    ],
)
def test_what_teaches_no_probabilities_of_classes_is_refused(estimator, error, message):
    with pytest.raises(error, match=message):
        SoftTargetDisplay.from_estimator(estimator, ["a1"])


@pytest.mark.parametrize("temperatures", [[], [0], [1, -1], [np.inf], 2])
def test_temperatures_are_above_zero(temperatures):
    with pytest.raises(ValueError, match="temperatures must be numbers above 0"):
        SoftTargetDisplay.from_estimator(Constant([1, 0]), ["a"], temperatures)


def test_a_string_is_no_collection_of_documents():
    with pytest.raises(TypeError, match="Got a str"):
        SoftTargetDisplay.from_estimator(Constant([1, 0]), "a text")


def test_arrays_of_another_shape_are_refused():
    with pytest.raises(ValueError, match="n_documents, n_temperatures, n_classes"):
        SoftTargetDisplay([[0.5, 0.5]], [1], ["a", "b"]).plot()
