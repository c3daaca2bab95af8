"""The weight of a teacher that the rows choose."""

import numpy as np
import pytest
from factory import fit
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skdistill._training.distillation import choose_teacher_weight
from skdistill._training.rows import Rows

pytestmark = pytest.mark.core

NONE = [np.nan, np.nan]


def rows_of(labels, probabilities):
    """Rows of two classes; only labels and teacher logits matter."""
    logits = None if probabilities is None else np.log(np.array(probabilities, dtype=np.float32))
    return Rows(None, np.array(labels), np.ones(len(labels)), logits)


def soft(*classes):
    """Probabilities of which the given classes are the most probable."""
    return [[0.8, 0.2] if k == 0 else [0.2, 0.8] for k in classes]


@pytest.mark.parametrize(
    ("labels", "probabilities", "weight"),
    [
        ([0, 1, 0, 1], None, 0),
        ([0, 1], [NONE, NONE], 0),
        ([0, 1, 0, 1], soft(0, 1, 0, 1), 0.1),  # labels for all rows
        ([0, 1, 0, 1], soft(1, 0, 1, 0), 0.1),  # never less
        ([0, 1, -1, -1], soft(0, 1, 0, 1), 1 / 2),  # half of the rows have no label
        ([0, 1, *[-1] * 8], soft(0, 0, *[1] * 8), 0.5 * 8 / 10),  # half of the labels agree
        ([0, 1, -1, -1, -1], [*soft(0), NONE, *soft(1, 1, 1)], 3 / 4),  # of the rows with probabilities
        ([-1, -1], soft(0, 1), 1),  # none has both
    ],
)
def test_the_weight_is_the_agreement_times_the_fraction_of_rows_without_label(labels, probabilities, weight):
    assert choose_teacher_weight("auto", rows_of(labels, probabilities)) == pytest.approx(weight)
    assert choose_teacher_weight(0.7, rows_of(labels, probabilities)) == 0.7


def test_automatically_is_as_with_the_weight_that_the_fit_tells(reviews):
    texts, labels = reviews
    teacher = make_pipeline(TfidfVectorizer(), LogisticRegression())
    data = {"teacher": teacher, "X_unlabeled": [texts[40:]]}
    chosen = fit(texts[:40], labels[:40], **data)
    assert chosen.teacher_weight_ == pytest.approx(chosen.teacher_report_[0]["agreement"] * (1 - 40 / len(texts)))
    given = fit(texts[:40], labels[:40], teacher_weight=chosen.teacher_weight_, **data)
    np.testing.assert_array_equal(chosen.predict_proba(texts), given.predict_proba(texts))
    assert given.teacher_weight_ == chosen.teacher_weight_


def test_without_teacher_the_weight_is_zero(fitted):
    assert fitted.teacher_weight_ == 0
