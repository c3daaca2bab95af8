"""Bins, accuracies and calibration errors are those computed by hand."""

import numpy as np
import pytest
from factory import fit
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skdistill.displays import ReliabilityDisplay

pytest.importorskip("matplotlib").use("Agg")

# Predicted: 0, 0, 1, 1 with confidences .9, .8, .7, .6, of which the second is wrong.
LABELS, PROBABILITIES = [0, 1, 1, 1], [[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.4, 0.6]]


def curves(display):
    return {
        line.get_label().split(":")[0]: line.get_xydata()
        for line in display.axes_[0].lines[1:]
        if line.get_label() != "_few"
    }


def test_bins_are_of_equal_width_and_closed_on_the_right():
    display = ReliabilityDisplay.from_predictions(LABELS, PROBABILITIES, n_bins=5)
    np.testing.assert_array_equal(display.counts, [[0, 0, 1, 2, 1]])
    np.testing.assert_allclose(display.confidences, [[np.nan, np.nan, 0.6, 0.75, 0.9]])
    np.testing.assert_allclose(display.accuracies, [[np.nan, np.nan, 1, 0.5, 1]])
    # (1 x |1 - .6| + 2 x |.5 - .75| + 1 x |1 - .9|) / 4
    np.testing.assert_allclose(display.calibration_errors, [0.25])
    np.testing.assert_allclose(curves(display)["classifier"], [[0.6, 1], [0.75, 0.5], [0.9, 1]])
    np.testing.assert_array_equal(display.axes_[1].patches[0].get_data().values, [0, 0, 1, 2, 1])


def test_bins_of_few_documents_have_hollow_markers():
    probabilities = [[0.9, 0.1]] * 10 + [[0.3, 0.7]] * 9
    display = ReliabilityDisplay.from_predictions([0] * 10 + [1] * 9, probabilities, n_bins=5)
    hollow = display.axes_[0].lines[-1]
    assert hollow.get_markerfacecolor() == "white"
    np.testing.assert_allclose(hollow.get_xydata(), [[0.7, 1]])


def test_the_legend_names_the_expected_calibration_error():
    display = ReliabilityDisplay.from_predictions(LABELS, {"one": PROBABILITIES, "two": PROBABILITIES}, n_bins=5)
    legend = display.axes_[0].get_legend()
    assert legend.get_title().get_text() == "expected calibration error"
    assert [text.get_text() for text in legend.get_texts()][1:] == ["one: 0.250", "two: 0.250"]


def test_with_one_bin_the_error_is_mean_confidence_against_accuracy():
    generator = np.random.default_rng(0)
    probabilities, labels = generator.dirichlet([1] * 77, size=200), generator.integers(77, size=200)
    display = ReliabilityDisplay.from_predictions(labels, probabilities, classes=range(77), n_bins=1)
    accuracy = np.mean(probabilities.argmax(axis=1) == labels)
    np.testing.assert_allclose(display.calibration_errors, [abs(probabilities.max(axis=1).mean() - accuracy)])
    assert display.counts.sum() == 200


def test_both_networks_and_a_teacher_are_drawn(fitted, reviews):
    texts, labels = reviews
    teacher = make_pipeline(CountVectorizer(), LogisticRegression()).fit(texts, labels)
    display = ReliabilityDisplay.from_estimator(fitted, texts, labels, teacher=teacher)
    proba = {"main": fitted.main_, "auxiliary": fitted.auxiliary_, "teacher": teacher}
    proba = {name: classifier.predict_proba(texts) for name, classifier in proba.items()}
    expected = ReliabilityDisplay.from_predictions(labels, proba)
    assert display.names == ["main", "auxiliary", "teacher"]
    for name in ("confidences", "accuracies", "counts"):
        np.testing.assert_array_equal(getattr(display, name), getattr(expected, name))


def test_the_steps_before_a_classifier_are_applied(fitted, reviews):
    texts, labels = reviews
    held = make_pipeline(FunctionTransformer(lambda X: [x.removeprefix("# good good ") for x in X]), fitted)
    display = ReliabilityDisplay.from_estimator(held, [f"# good good {text}" for text in texts], labels)
    np.testing.assert_array_equal(display.counts, ReliabilityDisplay.from_estimator(fitted, texts, labels).counts)


def test_the_ensemble_is_drawn_where_it_predicts(fitted, reviews):
    fitted.predict_with = "ensemble"
    try:
        display = ReliabilityDisplay.from_estimator(fitted, *reviews)
    finally:
        fitted.predict_with = "main"
    assert display.names == ["main", "auxiliary", "ensemble"]


def test_other_classifiers_have_one_curve(fitted, reviews):
    assert ReliabilityDisplay.from_estimator(fitted.extract("main"), *reviews).names == ["ExtractedClassifier"]


def test_labels_that_a_teacher_does_not_know_count_as_misclassified():
    class Teacher:
        classes_ = np.array(["a"])

        def predict_proba(self, X):
            return np.ones((len(X), 1))

    display = ReliabilityDisplay.from_estimator(Teacher(), ["x", "y"], ["a", "b"])
    np.testing.assert_allclose(display.calibration_errors, [0.5])


@pytest.mark.parametrize("y", [[[1, 0], [0, 1], [1, 1], [0, 0]], np.eye(4, dtype=int)])
def test_multilabel_y_is_refused(y):
    with pytest.raises(ValueError, match="y must have one label per document"):
        ReliabilityDisplay.from_predictions(y, PROBABILITIES)


def test_multilabel_classifiers_are_refused(reviews):
    texts, labels = reviews
    indicators = np.column_stack([labels == "good", labels == "bad"]).astype(int)
    with pytest.raises(ValueError, match="Got a multilabel classifier"):
        ReliabilityDisplay.from_estimator(fit(texts, indicators, max_iter=1), texts, indicators)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0, 1, 1], PROBABILITIES), "inconsistent numbers of samples"),
        (([0, 0, 0, 0], PROBABILITIES), "with the classes 0 must have shape"),
        ((["a", "b", "b", "b"], {"one": np.ones((4, 2))}), "must sum to 1"),
        (([0, 1], [[0.5, 0.5], [np.nan, np.nan]]), "Got NaN in row 1: leave the document out"),
        (([0, None, 1, 1], PROBABILITIES), "row 1 has no label"),
    ],
)
def test_labels_and_probabilities_must_fit_together(arguments, message):
    with pytest.raises(ValueError, match=message):
        ReliabilityDisplay.from_predictions(*arguments)


def test_labels_of_another_kind_and_no_bins_are_refused():
    with pytest.raises(ValueError, match="Some labels must be classes of classifier"):
        ReliabilityDisplay.from_predictions(["0", "1", "1", "1"], PROBABILITIES, classes=[0, 1])
    with pytest.raises(ValueError, match="n_bins must be at least 1"):
        ReliabilityDisplay.from_predictions(LABELS, PROBABILITIES, n_bins=0)


def test_unfitted_and_foreign_classifiers_are_refused():
    with pytest.raises(NotFittedError):
        ReliabilityDisplay.from_estimator(LogisticRegression(), [[0]], [0])
    fitted = LogisticRegression().fit([[0], [1]], [0, 1])
    with pytest.raises(TypeError, match="teacher must be a fitted classifier"):
        ReliabilityDisplay.from_estimator(fitted, [[0]], [0], teacher=len)
