"""Adapters of trained models: used as they are, and what it means that they have not answered a document."""

import numpy as np
import pytest
from factory import fit
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator

from skdistill.teachers._ensemble import TeacherEnsemble
from skdistill.teachers._frozen import TrainedTeacher

CLASSES = ["bad", "good"]


class Keywords(TrainedTeacher):
    """Knows the words of a class, and answers no text without one."""

    classes_ = np.array(CLASSES)

    def __init__(self, unanswered=np.nan):
        self.unanswered = unanswered

    def predict_proba(self, X):
        found = np.array([[any(word in text for word in side) for side in (BAD, GOOD)] for text in X], float)
        rows = (0.1 + found) / (0.2 + found.sum(axis=1, keepdims=True))
        rows[~found.any(axis=1)] = self.unanswered
        return rows


GOOD, BAD = ["good", "fine", "lovely"], ["bad", "poor", "awful"]


@pytest.mark.core
def test_an_adapter_is_used_as_it_is():
    teacher = Keywords()
    assert clone(teacher) is teacher.fit(["a"], ["b"]) is teacher
    assert teacher.predict(["a good film", "poor music"]).tolist() == ["good", "bad"]
    assert teacher.predict(["a good film", "a film"]).tolist() == ["good", None]


@pytest.mark.core
def test_its_probabilities_are_those_of_a_frozen_estimator(reviews):
    texts, labels = reviews
    answers = [
        TeacherEnsemble([teacher], texts, labels, None, np.array(CLASSES)).training_probabilities()
        for teacher in (Keywords(0.5), FrozenEstimator(Keywords(0.5)))
    ]
    np.testing.assert_array_equal(*answers)


@pytest.mark.core
def test_rows_without_an_answer_are_left_to_other_teachers_and_to_labels(reviews):
    texts, labels = reviews
    silent, other = Keywords(), Keywords(0.5)
    together = TeacherEnsemble([silent, other], texts, labels, None, np.array(CLASSES)).predict_proba(texts)
    np.testing.assert_allclose(together, other.predict_proba(texts))
    alone = TeacherEnsemble([silent], texts, labels, None, np.array(CLASSES)).predict_proba(texts)
    np.testing.assert_array_equal(alone, silent.predict_proba(texts))
    assert 0.1 < np.isnan(alone).any(axis=1).mean() < 0.9


@pytest.mark.core
def test_a_fit_learns_from_the_answers_as_from_soft_targets(reviews):
    texts, labels = reviews
    taught = fit(texts, labels, teacher=Keywords(), teacher_weight=0.5)
    soft = fit(
        texts, labels, soft_targets=Keywords().predict_proba(texts), soft_target_classes=CLASSES, teacher_weight=0.5
    )
    assert taught.history_ == soft.history_
    np.testing.assert_array_equal(fit(texts, None, teacher=Keywords(0.5)).classes_, CLASSES)


@pytest.mark.core
def test_a_row_with_half_an_answer_is_an_error(reviews):
    with pytest.raises(ValueError, match="predict_proba of the teacher Keywords must return probabilities. Got nan"):
        fit(*reviews, teacher=Keywords([np.nan, 0.5]))
