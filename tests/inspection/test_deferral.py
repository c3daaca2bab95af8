"""What a student and its teacher reach together: the curve, and thresholds with a guarantee."""

import pickle

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from factory import fit
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from skdistill.inspection import deferral_curve
from skdistill.inspection._deferral import lower_bound

CLASSES = np.array(["no", "yes"])


class Student:
    """Answers with given probabilities; the documents are their numbers."""

    def __init__(self, probabilities, classes=CLASSES):
        self.probabilities, self.classes_ = np.asarray(probabilities, dtype=float), classes

    def predict_proba(self, X):
        return self.probabilities[X]

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


class MultilabelStudent(Student):
    def predict(self, X):
        return (self.predict_proba(X) > 0.5).astype(int)


class Teacher:
    def __init__(self, labels):
        self.labels = labels

    def predict(self, X):
        return self.labels[X]


def two_columns(column):
    column = np.asarray(column, dtype=float)
    return np.column_stack([1 - column, column])


# A grid of confidences, so that many equal a threshold exactly.
rows = st.lists(st.tuples(st.integers(0, 8), st.booleans(), st.booleans()), min_size=1, max_size=20)


@given(rows)
def test_the_curve_is_what_a_loop_over_documents_finds(found):
    column, teacher, y = (np.array(values) for values in zip(*found))
    student, teacher, y = Student(two_columns(column / 8)), CLASSES[teacher.astype(int)], CLASSES[y.astype(int)]
    X = np.arange(len(column))
    curve = deferral_curve(
        student, Teacher(teacher), X, y, thresholds=[0, 0.5, 0.625, 0.9, 1], student_cost=2, teacher_cost=3
    )
    for i, threshold in enumerate(curve.thresholds):
        served, deferred = [], 0
        for row in X:
            is_answered = student.predict_proba(X)[row].max() > threshold
            served.append(student.predict(X)[row] if is_answered else teacher[row])
            deferred += not is_answered
        assert curve.deferred[i] == pytest.approx(deferred / len(X))
        assert curve.agreement[i] == pytest.approx(np.mean(np.array(served) == teacher))
        assert curve.accuracy[i] == pytest.approx(np.mean(np.array(served) == y))
        assert curve.cost[i] == pytest.approx(2 + 3 * deferred / len(X))


@settings(max_examples=40)
@given(st.integers(0, 200), st.integers(1, 200), st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_the_bound_is_that_of_clopper_and_pearson(k, n, confidence):
    k = min(k, n)
    exact = binomtest(k, n, alternative="greater").proportion_ci(confidence, method="exact").low
    assert lower_bound(k, n, confidence) == pytest.approx(exact)


def curve_of(n=400, seed=0):
    """A student that is wrong more often where it is less confident."""
    generator = np.random.default_rng(seed)
    confidence = generator.uniform(0.5, 1, n)
    teacher = generator.integers(0, 2, n)
    answer = np.where(generator.uniform(size=n) < confidence, teacher, 1 - teacher)
    student = Student(two_columns(np.where(answer == 1, confidence, 1 - confidence)))
    return deferral_curve(student, CLASSES[teacher], np.arange(n), CLASSES[teacher])


def test_the_threshold_is_the_lowest_one_before_the_first_that_fails():
    curve = curve_of()
    choice = curve.threshold_for(agreement=0.9)
    bounds = [lower_bound(round(value * 400), 400, 0.95) for value in curve.agreement]
    failing = [t for t, bound in zip(curve.thresholds, bounds) if bound < 0.9]
    assert choice.threshold == min(t for t in curve.thresholds if t > max(failing))
    at = curve.thresholds.tolist().index(choice.threshold)
    assert choice.bound == pytest.approx(bounds[at])
    assert choice[2:] == (curve.deferred[at], curve.agreement[at], curve.accuracy[at], curve.cost[at])
    assert 0 < choice.deferred < 1
    # The labels are those of the teacher.
    assert curve.threshold_for(accuracy=0.9) == choice
    # More confidence takes more documents from the student.
    assert curve.threshold_for(agreement=0.9, confidence=0.999).threshold > choice.threshold


def test_a_chosen_threshold_keeps_what_it_promises():
    # 200 draws: the true agreement of a threshold t is 1 minus the integral of 1 - c over answered confidences c,
    # uniform in [.5, 1]: 1 - (1 - t)**2 for t >= .5. At a confidence of .9, about 20 draws may fall below, 35 is
    # more than three standard deviations (4.2) away.
    found = [curve_of(200, seed).threshold_for(agreement=0.85, confidence=0.9).threshold for seed in range(200)]
    assert sum(1 - (1 - max(threshold, 0.5)) ** 2 < 0.85 for threshold in found) <= 35


def test_the_ends_are_the_student_and_the_teacher():
    curve = curve_of()
    assert curve.deferred[[0, -1]].tolist() == [0, 1]
    assert curve.agreement[-1] == curve.accuracy[-1] == 1


def test_a_trained_student_has_a_curve(fitted, reviews):
    texts, labels = reviews
    student = fitted.extract("auxiliary")
    curve = deferral_curve(student, fitted.main_, pd.Series(texts), labels.tolist())
    assert curve.accuracy[0] == student.score(*reviews)
    assert curve.accuracy[-1] == fitted.main_.score(*reviews)
    restored = pickle.loads(pickle.dumps(curve))
    np.testing.assert_array_equal(restored.accuracy, curve.accuracy)
    assert len(pickle.dumps(curve)) < 10_000
    assert repr(curve) == "DeferralCurve(106 thresholds, 120 documents)"


def test_multilabel_documents_are_as_uncertain_as_their_least_certain_label():
    student = MultilabelStudent([[0.9, 0.2], [0.6, 0.99]], np.arange(2))
    teacher, y = np.array([[1, 0], [0, 1]]), scipy.sparse.csr_array([[1, 0], [1, 1]])
    curve = deferral_curve(student, teacher, np.arange(2), y, thresholds=[0, 0.7, 0.85])
    assert curve.deferred.tolist() == [0, 0.5, 1]
    assert curve.agreement.tolist() == [0.5, 1, 1]
    assert curve.accuracy.tolist() == [1, 0.5, 0.5]


def test_a_multilabel_network_has_a_curve(reviews):
    texts, labels = reviews
    y = np.column_stack([labels == "good", ["film" in text for text in texts]]).astype(int)
    classifier = fit(texts, y, max_iter=1)
    curve = deferral_curve(classifier.extract("auxiliary"), y, texts, y)
    assert curve.accuracy[0] == curve.agreement[0] == classifier.auxiliary_.score(texts, y)


def test_without_labels_there_is_no_accuracy():
    curve = deferral_curve(Student(two_columns([0.1, 0.9])), ["no", "yes"], np.arange(2))
    assert np.isnan(curve.accuracy).all()
    with pytest.raises(ValueError, match="An accuracy needs labels: pass y"):
        curve.threshold_for(accuracy=0.9)


def test_what_cannot_be_is_said():
    student, X = Student(two_columns([0.1, 0.9])), np.arange(2)
    with pytest.raises(ValueError, match=r"y must have the shape \(2,\) of the student's answers. Got \(3,\)"):
        deferral_curve(student, ["no", "yes"], X, ["no", "no", "yes"])
    with pytest.raises(
        ValueError, match="The labels of teacher must hold classes of the student, such as 'no'. Got 0"
    ):
        deferral_curve(student, [0, 1], X)
    with pytest.raises(ValueError, match="thresholds must be between 0 and 1. Got 0.5 to 2"):
        deferral_curve(student, ["no", "yes"], X, thresholds=[2, 0.5])
    curve = curve_of()
    for wish in ({}, {"agreement": 0.9, "accuracy": 0.9}):
        with pytest.raises(ValueError, match="Pass either agreement or accuracy"):
            curve.threshold_for(**wish)
    with pytest.raises(ValueError, match="agreement must be a number between 0 and 1. Got 90"):
        curve.threshold_for(agreement=90)
    with pytest.raises(
        ValueError, match=r"No threshold keeps an agreement of 0.999.*bound is 0.9925.* 2,995 are needed"
    ):
        curve.threshold_for(agreement=0.999)
