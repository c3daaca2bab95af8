"""Training rows: what is read from a stream lies on disk, the rest in memory. Validation rows and their classes."""

import numpy as np
import pytest
from conftest import BAD, GOOD
from factory import fit
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier

from skdistill import TextStream, TextTokenizer
from skdistill._training.buffers import is_on_disk
from skdistill._training.fit_data import make_fit_data
from skdistill._training.rows import make_pool, make_teachers, training_rows, validation_rows
from skdistill.teachers._frozen import TrainedTeacher
from skdistill.text.tokens import Tokens

pytestmark = pytest.mark.core


def rows_of(X, y, X_unlabeled=None, teachers=()):
    """The training rows of some documents, read with a tokenizer that was fitted on X."""
    data = make_fit_data(X, y, None, None, None, teachers=list(teachers))
    asked = make_teachers(list(teachers), data, cv=5, memory=None, progress=None)
    pool = make_pool(X_unlabeled, X, analyzer="word", n_positions=None, seed=np.random.SeedSequence(0))
    return training_rows(data, pool, Tokens.of_tokenizer(TextTokenizer().fit(X)), asked)


def tree():
    return DecisionTreeClassifier(max_depth=3, random_state=0)


class Half(TrainedTeacher):
    """Answers every second document, with the class of its words."""

    classes_ = np.array(["bad", "good", "other"])

    def predict_proba(self, X):
        words = [BAD, GOOD, ["noun", "verb", "clause", "syntax", "mood"]]
        answers = [[float(any(word in text.split() for word in of_class)) for of_class in words] for text in X]
        return np.where(np.arange(len(X))[:, None] % 2, answers, np.nan)


@pytest.fixture
def stream(three_classes, tmp_path):
    path = tmp_path / "pool.txt"
    path.write_text("\n".join(three_classes[0][30:]) + "\n")
    return TextStream(path)


def test_what_is_read_from_a_stream_lies_on_disk(three_classes, stream):
    X, y = three_classes
    teacher = make_pipeline(TfidfVectorizer(), LogisticRegression())
    for more, expected in ((stream, True), (X[30:], False)):
        rows = rows_of(X, y, more, [teacher])
        assert is_on_disk(rows.sequences.ids) == is_on_disk(rows.teacher_logits) == expected


def test_labelled_rows_come_first_then_those_of_X_without_label_then_the_pool(three_classes, stream):
    X, y = three_classes
    y = y.astype(object)
    y[::2] = None
    rows = rows_of(X, y, stream)
    known = [text for text, label in zip(X, y) if label is not None]
    unknown = [text for text, label in zip(X, y) if label is None]
    expected = Tokens.of_tokenizer(TextTokenizer().fit(X)).sequences([*known, *unknown, *X[30:]])
    np.testing.assert_array_equal(rows.sequences.ids, expected.ids)
    np.testing.assert_array_equal(rows.sequences.offsets, expected.offsets)
    assert [part.tolist() for part in rows.parts] == [[*range(60)], [*range(60, 210)]]
    assert (rows.labels[60:] == -1).all()
    assert rows.is_taught


@pytest.mark.parametrize("kind", ["classes", "labels"])
def test_the_agreement_is_that_of_the_mean_of_the_teachers_with_the_labels(kind, three_classes, stream):
    X, y = three_classes
    if kind == "labels":
        y = np.column_stack([y == "good", ["film" in text for text in X]]).astype(int)
    teachers = [make_pipeline(TfidfVectorizer(max_features=7), last) for last in (LogisticRegression(), tree())]
    if kind == "labels":
        teachers = teachers[1:]
    predicted = [cross_val_predict(teacher, X, y, method="predict_proba") for teacher in teachers]
    if kind == "labels":
        agrees = ((np.stack(predicted[0])[..., 1].T > 0.5) == y).all(axis=1)
    else:
        agrees = np.unique(y)[np.mean(predicted, axis=0).argmax(axis=1)] == y
    assert 0 < agrees.mean() < 1
    for more in (None, stream):
        assert rows_of(X, y, more, teachers).teacher_agreement == agrees.mean()


def test_rows_without_label_or_without_teacher_have_no_part_in_the_agreement(three_classes):
    X, y = three_classes
    y = y.astype(object)
    y[:60] = None
    teacher = Half().fit(X, y)
    assert rows_of(X, y, None, [teacher]).teacher_agreement == 1
    assert rows_of(X, None, None, [teacher]).teacher_agreement is None
    assert rows_of(X, y, X[:3]).teacher_agreement is None


def test_rows_with_labels_alone_are_one_part_without_a_teacher(three_classes):
    rows = rows_of(*three_classes)
    (part,) = rows.parts
    assert len(part) == 120
    assert not rows.is_taught


# Validation rows.


def validation_of(y_val, sample_weight=None, y=("a", "b") * 3, X_val=("good", "bad", "odd"), unlabeled_label=None):
    X, X_val = ["good film", "bad film"] * 3, list(X_val)
    data = make_fit_data(X, list(y), None, None, None, teachers=[])
    tokens = Tokens.of_tokenizer(TextTokenizer().fit(X))
    return validation_rows(tokens, data, None, X_val, y_val, sample_weight, unlabeled_label)


def test_validation_rows_of_a_class_that_training_lacks_have_no_label():
    with pytest.warns(UserWarning, match="1 of 3 rows of y_val have no class of fit. Got 'c': .* misclassified"):
        rows = validation_of(["a", "b", "c"])
    assert rows.labels.tolist() == [0, 1, -1]
    assert rows.is_labelled.tolist() == [True, True, False]


def test_validation_rows_must_have_labels():
    for label in (-1, "none"):
        with pytest.raises(ValueError, match=f"y_val must hold labels. Got unlabeled_label={label!r} in row 1"):
            validation_of(["a", label, "b"] if label == "none" else [0, label, 1], unlabeled_label=label)


def test_of_rows_without_weight_no_class_is_asked():
    assert validation_of(["a", "b", "c"], [1, 1, 0]).weights.tolist() == [1, 1, 0]


@pytest.mark.parametrize(
    ("y_val", "weights"), [(["c", "d", "c"], None), (["a", "c", "c"], [0, 1, 1]), ([0, 1, 1], None)]
)
def test_some_validation_row_must_have_a_class_of_fit(y_val, weights):
    with pytest.raises(ValueError, match="y_val must be among the classes of fit, 'a', 'b'. Got "):
        validation_of(y_val, weights)


@pytest.mark.parametrize("weights", [None, np.arange(1.0, 41)])
def test_the_validation_score_is_that_of_score_whatever_classes_the_rows_have(three_classes, weights):
    pytest.importorskip("tensorflow")
    X, y = three_classes
    X_val, y_val = X[:40], y[:40]
    train = np.flatnonzero(y != "other")
    with pytest.warns(UserWarning, match="13 of 40 rows of y_val have no class of fit. Got 'other'"):
        classifier = fit(
            [X[row] for row in train], y[train], X_val=X_val, y_val=y_val, sample_weight_val=weights, max_iter=3
        )
    history = classifier.history_
    assert classifier.score(X_val, y_val, weights) == pytest.approx(history["main_validation_score"][-1], abs=1e-12)
    known = y_val != "other"
    p = classifier.predict_proba([text for text, is_known in zip(X_val, known) if is_known])
    loss = log_loss(y_val[known], p, sample_weight=None if weights is None else weights[known])
    assert loss == pytest.approx(history["main_validation_loss"][-1], rel=1e-4)
