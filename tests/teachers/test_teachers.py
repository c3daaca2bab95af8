"""Teachers: who may be one, out of fold, by name, remembered."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier, StackingClassifier, VotingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    ShuffleSplit,
    StratifiedKFold,
    cross_val_predict,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from skdistill.teachers import Teachers, _ensemble, check_teachers, frozen_classes
from skdistill.teachers._folds import _folds_of


class Recorder(ClassifierMixin, BaseEstimator):
    """Knows the documents that it saw; ``calls`` lists what was asked of it and its clones."""

    calls = []

    def __init__(self, backwards=False, answer=None, error=None):
        self.backwards = backwards
        self.answer = answer
        self.error = error

    def fit(self, X, y, sample_weight=None):
        if self.error:
            raise self.error
        self.seen_ = set(X)
        self.classes_ = np.unique(y)[::-1] if self.backwards else np.unique(y)
        self.calls.append(("fit", list(X), y, sample_weight))
        return self

    def predict_proba(self, X):
        """Sure of the class that the first letter of a document names."""
        self.calls.append(("predict_proba", list(X), self.seen_.intersection(X)))
        if self.answer is not None:
            return self.answer
        sure = np.array([[text[0] == label for label in self.classes_.tolist()] for text in X])
        return np.where(sure, 0.8, 0.2 / max(len(self.classes_) - 1, 1))


class Decider(ClassifierMixin, BaseEstimator):
    """Has no probabilities, and decides by the first letter."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def decision_function(self, X):
        decisions = np.array([[2.0 * (text[0] == label) for label in self.classes_] for text in X])
        return decisions[:, 1] - decisions[:, 0] if len(self.classes_) == 2 else decisions

    def predict(self, X):
        return np.array([text[0] for text in X])


@pytest.fixture(autouse=True)
def calls():
    Recorder.calls.clear()
    return Recorder.calls


def texts_of(labels):
    """Documents, all different, that begin with their label."""
    return [f"{label}{row}" for row, label in enumerate(labels)]


Y = np.array(list("aabbccaabbccabc"))
TEXTS = texts_of(Y)
CLASSES = np.array(["a", "b", "c"])
INDICATORS = np.array([[1, 0], [0, 1], [1, 1], [0, 0]] * 5, dtype=np.int8)
NUMBERS = np.random.default_rng(0).normal(size=(20, 3)) + np.pad(INDICATORS, [(0, 0), (0, 1)])


def make(teachers, texts=TEXTS, y=Y, weights=None, classes=CLASSES, **parameters):
    return Teachers(check_teachers(teachers), texts, y, weights, classes, **parameters)


def fits(calls):
    return [call for call in calls if call[0] == "fit"]


def text_pipeline(classifier=None):
    return make_pipeline(TfidfVectorizer(analyzer="char"), classifier or LogisticRegression())


# Out of fold


def test_a_row_is_answered_by_a_teacher_that_has_not_seen_it(calls):
    make(Recorder()).own_answers()
    asked = [call for call in calls if call[0] == "predict_proba"]
    assert sorted(text for _, texts, _ in asked for text in texts) == sorted(TEXTS)
    assert all(not seen for *_, seen in asked)


def test_other_documents_are_answered_by_a_teacher_of_all_rows_that_is_fitted_once(calls):
    teachers = make(Recorder())
    assert not calls
    answers = [teachers.answers(["b7", "c9"]) for _ in range(2)]
    np.testing.assert_allclose(answers, [[[0.1, 0.8, 0.1], [0.1, 0.1, 0.8]]] * 2)
    ((_, texts, y, _),) = fits(calls)
    assert texts == TEXTS
    np.testing.assert_array_equal(y, Y)


@pytest.mark.parametrize("cv", [3, 5, KFold(3), StratifiedKFold(2)])
def test_out_of_fold_answers_are_those_of_cross_val_predict(cv):
    expected = cross_val_predict(text_pipeline(), TEXTS, Y, cv=cv, method="predict_proba")
    np.testing.assert_array_equal(make(text_pipeline(), cv=cv).own_answers(), expected)


@pytest.mark.parametrize("n_splits", [2, 3, 5])
@pytest.mark.parametrize("seed", range(5))
def test_folds_are_those_of_scikit_learn_where_it_makes_them(n_splits, seed):
    y = np.random.default_rng(seed).permutation(np.repeat([3, 1, 7], [5, 9, 6]))
    for splitter, labels in ((StratifiedKFold(n_splits), y), (KFold(n_splits), np.column_stack([y, y]))):
        expected = [test.tolist() for _, test in splitter.split(y, labels)]
        folds = _folds_of(n_splits, labels)
        assert [np.flatnonzero(folds == fold).tolist() for fold in range(n_splits)] == expected


def test_splits_may_be_listed():
    rows = np.arange(15)
    cv = [(rows[rows % 3 != fold].tolist(), rows[rows % 3 == fold].tolist()) for fold in range(3)]
    expected = cross_val_predict(text_pipeline(), TEXTS, Y, cv=cv, method="predict_proba")
    np.testing.assert_array_equal(make(text_pipeline(), cv=iter(cv)).own_answers(), expected)


def test_rows_of_a_class_that_a_fold_lacks_are_not_answered():
    y = np.array(["a", "b", "c", "a", "b", "a", "b"])
    answers = make(Recorder(), texts_of(y), y).own_answers()
    np.testing.assert_array_equal(np.isnan(answers).any(axis=1), y == "c")
    np.testing.assert_allclose(answers[0], [0.8, 0.1, 0.1])


def test_a_class_that_a_teacher_never_saw_has_no_probability():
    y = np.array(list("abcabab"))
    splits = [(np.array([0, 1, 3, 4]), np.array([2, 5, 6])), (np.array([2, 5, 6]), np.array([0, 1, 3, 4]))]
    answers = make(Recorder(), texts_of(y), y, cv=splits).own_answers()
    np.testing.assert_allclose(answers[5], [0.8, 0.2, 0])


def test_folds_of_indicators_lack_what_was_not_seen_to_hold_or_not_to_hold():
    y = np.array([[1, 0], [0, 0], [1, 0], [0, 1]], dtype=np.int8)
    answers = make(
        KNeighborsClassifier(1), NUMBERS[:4], y, classes=np.arange(2), target_type="multilabel", cv=4
    ).own_answers()
    np.testing.assert_array_equal(np.isnan(answers).any(axis=1), [False, False, False, True])


@pytest.mark.parametrize("labels", ["a", "ab", "abc", "aaaaab"])
def test_rows_too_few_for_folds_are_not_answered(labels):
    y = np.array(list(labels))
    answers = make(LogisticRegression(), np.arange(len(y))[:, None], y).own_answers()
    assert np.isnan(answers[y != "a"]).all()
    assert answers.shape == (len(y), 3)


def test_more_folds_than_rows_are_as_many_as_rows(calls):
    y = np.array(["a", "b", "a", "b"])
    assert np.isfinite(make(Recorder(), texts_of(y), y, cv=10).own_answers()).all()
    assert len(fits(calls)) == 4


@pytest.mark.parametrize("cv", [ShuffleSplit(5, random_state=0), [], [(np.arange(4), np.arange(4, 6))]])
def test_splits_must_be_a_partition(cv):
    with pytest.raises(ValueError, match="teacher_cv must be a partition of the .* labelled rows"):
        make(Recorder(), cv=cv).own_answers()


def test_no_row_is_in_both_parts_of_a_split():
    rows = np.arange(len(Y))
    for train in (rows, rows[:0], rows + len(Y)):
        with pytest.raises(ValueError, match="training parts of other rows than the test parts"):
            make(Recorder(), cv=[(train, rows)]).own_answers()


def test_errors_of_a_splitter_say_whose_they_are():
    with pytest.raises(ValueError, match="groups") as caught:
        make(Recorder(), cv=GroupKFold(2)).own_answers()
    assert caught.value.__notes__ == [f"Raised by teacher_cv, asked to split {len(Y)} labelled rows."]


def test_one_fold_is_none():
    with pytest.raises(ValueError, match="at least 2 folds. Got 1"):
        make(Recorder(), cv=1).own_answers()


# Whose answers, and in which order


def test_the_order_of_a_teachers_classes_does_not_matter():
    expected = make(Recorder()).own_answers()
    np.testing.assert_array_equal(make(Recorder(backwards=True)).own_answers(), expected)


def test_classes_that_no_row_has_get_no_probability():
    answers = make(Recorder(), classes=np.array(["0", "a", "b", "c"])).answers(["a"])
    np.testing.assert_allclose(answers, [[0, 0.8, 0.1, 0.1]])


def test_answers_of_several_teachers_are_averaged():
    both = [text_pipeline(), Recorder()]
    alone = [make(teacher).own_answers() for teacher in both]
    np.testing.assert_allclose(make(both).own_answers(), np.mean(alone, axis=0), rtol=1e-12)
    others = ["a", "cab"]
    alone = [make(teacher).answers(others) for teacher in both]
    np.testing.assert_allclose(make(tuple(both)).answers(others), np.mean(alone, axis=0), rtol=1e-12)


def test_the_mean_is_over_the_teachers_that_answer():
    y = np.array(list("abcabab"))
    frozen = FrozenEstimator(Recorder().fit(TEXTS, Y))
    answers = make([Recorder(), frozen], texts_of(y), y).own_answers()
    np.testing.assert_allclose(answers[2], [0.1, 0.1, 0.8])


def test_a_frozen_teacher_is_used_as_it_is(calls):
    frozen = FrozenEstimator(Recorder().fit(TEXTS, Y))
    teachers = make(frozen, TEXTS[:4], Y[:4])
    answers = teachers.own_answers()
    np.testing.assert_allclose(answers, frozen.predict_proba(TEXTS[:4]))
    assert len(fits(calls)) == 1
    assert calls[1][2] == set(TEXTS[:4])  # which it has seen
    assert [classes.tolist() for classes in frozen_classes([Recorder(), frozen])] == [["a", "b", "c"]]


def test_a_frozen_teacher_needs_no_labelled_rows():
    teachers = make(FrozenEstimator(Recorder().fit(TEXTS, Y)), None, None)
    assert teachers.own_answers().shape == (0, 3)
    np.testing.assert_allclose(teachers.answers(["a"]), [[0.8, 0.1, 0.1]])


def test_what_is_frozen_may_be_no_estimator():
    class Oracle:
        classes_ = ["c", "a"]

        def predict_proba(self, texts):
            return [[0.9, 0.1] for _ in texts]

    np.testing.assert_allclose(make(FrozenEstimator(Oracle())).own_answers(), [[0.1, 0, 0.9]] * 15)


def test_the_teacher_that_was_given_is_not_touched():
    teacher = Recorder()
    make(teacher).own_answers()
    assert not hasattr(teacher, "seen_")


def test_documents_are_asked_in_batches_that_a_progress_bar_sees(calls, monkeypatch):
    monkeypatch.setattr(_ensemble, "BATCH_SIZE", 2)
    seen = []

    def progress(iterable, total, desc):
        for batch in iterable:
            seen.append((total, desc))
            yield batch

    answers = make(Recorder(), progress=progress).answers(TEXTS[:5])
    np.testing.assert_allclose(answers, make(Recorder()).answers(TEXTS[:5]))
    assert seen == [(3, "Asking teachers")] * 3
    assert [len(call[1]) for call in calls if call[0] == "predict_proba"][:3] == [2, 2, 1]


def test_ids_are_documents_too():
    expected = cross_val_predict(LogisticRegression(), NUMBERS[:15], Y, method="predict_proba")
    np.testing.assert_array_equal(make(LogisticRegression(), NUMBERS[:15]).own_answers(), expected)


# Weights


WEIGHTS = np.linspace(0.5, 1.5, 15)


def test_weights_reach_the_teachers_that_take_them(calls):
    teachers = make([Recorder(), text_pipeline(KNeighborsClassifier())], weights=WEIGHTS)
    teachers.own_answers()
    for _, texts, _, weights in fits(calls):
        np.testing.assert_array_equal(weights, WEIGHTS[[TEXTS.index(text) for text in texts]])


def test_weights_reach_the_last_step_of_a_pipeline():
    pipeline = text_pipeline()
    expected = pipeline.fit(TEXTS, Y, logisticregression__sample_weight=WEIGHTS).predict_proba(TEXTS)
    np.testing.assert_array_equal(make(text_pipeline(), weights=WEIGHTS).answers(TEXTS), expected)
    assert not np.allclose(make(text_pipeline()).answers(TEXTS), expected)


SVC = LinearSVC(random_state=0)


@pytest.mark.parametrize("classifier", [SVC, GridSearchCV(SVC, {"C": [1]}, cv=2)])
def test_weights_pass_the_calibration(classifier):
    answers = make(text_pipeline(classifier), weights=WEIGHTS).answers(TEXTS)
    alike = np.allclose(answers, make(text_pipeline(classifier)).answers(TEXTS))
    assert alike == isinstance(classifier, GridSearchCV)  # whose fit takes none


def test_equal_weights_are_none(calls):
    make(Recorder(), weights=np.ones(15)).answers(["a"])
    assert fits(calls)[0][3] is None


def test_with_metadata_routing_weights_go_to_those_who_request_them():
    with config_context(enable_metadata_routing=True):
        asking = text_pipeline(LogisticRegression().set_fit_request(sample_weight=True))
        weighed, plain = (make(teacher, weights=WEIGHTS).answers(TEXTS) for teacher in (asking, text_pipeline()))
    np.testing.assert_array_equal(weighed, make(text_pipeline(), weights=WEIGHTS).answers(TEXTS))
    np.testing.assert_array_equal(plain, make(text_pipeline()).answers(TEXTS))


# Calibration


@pytest.mark.parametrize("teacher", [LinearSVC(), GridSearchCV(LinearSVC(), {"C": [0.1, 1]}, cv=2)])
def test_decisions_are_calibrated(teacher):
    for answers in (make(text_pipeline(teacher)).answers(TEXTS), make(text_pipeline(teacher)).own_answers()):
        np.testing.assert_allclose(answers.sum(axis=1), 1)
        assert (CLASSES[answers.argmax(axis=1)] == Y).mean() > 0.9


def test_a_fold_leaves_out_rows_that_it_cannot_calibrate():
    y = np.array(list("aaaabbbbcc"))
    answers = make(Decider(), texts_of(y), y).own_answers()
    np.testing.assert_array_equal(np.isnan(answers).any(axis=1), y == "c")


def test_decisions_need_two_rows_of_each_class():
    y = np.array(list("aabbc"))
    with pytest.raises(ValueError, match="LinearSVC.*each of its classes needs 2. Got 1"):
        make(LinearSVC(), texts_of(y), y)


def test_a_frozen_decision_is_calibrated_on_the_labelled_rows():
    ab = Y != "c"
    texts = [text for text, used in zip(TEXTS, ab) if used]
    frozen = FrozenEstimator(text_pipeline(LinearSVC()).fit(texts, Y[ab]))
    answers = make(frozen).own_answers()
    assert (CLASSES[answers.argmax(axis=1)] == Y)[ab].all()
    assert not answers[:, 2].any()
    np.testing.assert_allclose(answers.sum(axis=1), 1)


def test_a_frozen_decision_without_labelled_rows_cannot_be_calibrated():
    with pytest.raises(ValueError, match="Got 0: give it predict_proba"):
        make(FrozenEstimator(Decider().fit(TEXTS, Y)), None, None)


def test_decisions_about_several_labels_are_not_calibrated():
    with pytest.raises(ValueError, match="OneVsRestClassifier has decision_function only.*several labels"):
        make(OneVsRestClassifier(LinearSVC()), NUMBERS, INDICATORS, classes=np.arange(2), target_type="multilabel")


# Several labels a row


@pytest.mark.parametrize(
    "teacher",
    [
        OneVsRestClassifier(LogisticRegression()),
        RandomForestClassifier(10, random_state=0),
        KNeighborsClassifier(3),
        DummyClassifier(),
    ],
)
def test_each_label_has_its_probability(teacher):
    teachers = make(teacher, NUMBERS, INDICATORS, classes=np.arange(2), target_type="multilabel")
    raw = teacher.fit(NUMBERS, INDICATORS).predict_proba(NUMBERS)
    expected = np.column_stack([own[:, 1] for own in raw]) if isinstance(raw, list) else raw
    np.testing.assert_array_equal(teachers.answers(NUMBERS), expected)
    assert np.isfinite(teachers.own_answers()).all()


@pytest.mark.parametrize("value", [0, 1])
def test_a_label_of_one_value_is_certain(value):
    y = INDICATORS.copy()
    y[:, 1] = value
    teachers = make(KNeighborsClassifier(3), NUMBERS, y, classes=np.arange(2), target_type="multilabel")
    assert (teachers.answers(NUMBERS)[:, 1] == value).all()


def test_labels_of_another_number_are_refused():
    frozen = FrozenEstimator(KNeighborsClassifier(3).fit(NUMBERS, INDICATORS))
    with pytest.raises(ValueError, match=r"KNeighborsClassifier must return shape \(20, 3\). Got \(20, 2\)"):
        make(
            frozen, NUMBERS, np.eye(20, 3, dtype=np.int8), classes=np.arange(3), target_type="multilabel"
        ).own_answers()


# Memory


def test_what_was_answered_is_neither_fitted_nor_asked_again(calls, tmp_path, capsys):
    def ask(**changes):
        calls.clear()
        teachers = make([Recorder(), text_pipeline(LinearSVC())], memory=str(tmp_path), weights=WEIGHTS, **changes)
        return teachers.own_answers(), teachers.answers(["a1", "c2"])

    first = ask()
    assert len(fits(calls)) == 6
    second = ask()
    assert not calls
    assert capsys.readouterr().out == ""
    for before, after in zip(first, second):
        np.testing.assert_array_equal(before, after)
    ask(y=Y[::-1])
    assert len(fits(calls)) == 6
    ask(texts=[*TEXTS[:-1], "another"])
    assert len(fits(calls)) == 6


def test_other_parameters_weights_or_documents_are_not_remembered(calls, tmp_path):
    make(Recorder(), memory=str(tmp_path)).answers(["a1"])
    make(Recorder(backwards=True), memory=str(tmp_path)).answers(["a1"])
    make(Recorder(), memory=str(tmp_path), weights=WEIGHTS).answers(["a1"])
    assert len(fits(calls)) == 3
    make(Recorder(), memory=str(tmp_path)).answers(["b1"])
    assert len(fits(calls)) == 4


def test_memory_does_not_depend_on_the_order_of_the_classes_learned(calls, tmp_path):
    make(Recorder(), memory=str(tmp_path)).answers(["a1"])
    answers = make(Recorder(), memory=str(tmp_path), classes=np.array(["c", "b", "a"])).answers(["a1"])
    np.testing.assert_allclose(answers, [[0.1, 0.1, 0.8]])
    assert len(fits(calls)) == 1


def test_a_frozen_teacher_is_remembered_whatever_the_rows(calls, tmp_path):
    frozen = FrozenEstimator(Recorder().fit(TEXTS, Y))
    make(frozen, memory=str(tmp_path)).answers(["a1"])
    make(frozen, None, None, memory=str(tmp_path)).answers(["a1"])
    assert [call[0] for call in calls] == ["fit", "predict_proba"]


SCRIPT = """
import sys
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from skdistill.teachers import Teachers

texts, y = [f"{label}{label} {row}" for row, label in enumerate("abab" * 5)], np.array(list("abab" * 5))
pipeline = make_pipeline(TfidfVectorizer(stop_words=["and"], analyzer="word"), LogisticRegression())
frozen = FrozenEstimator(make_pipeline(TfidfVectorizer(stop_words=["and"]), LogisticRegression()).fit(texts, y))
Teachers([pipeline, frozen], texts, y, None, np.array(["a", "b"]), memory=sys.argv[1]).own_answers()
"""


def test_other_processes_remember_too(tmp_path):
    kept = []
    for _ in range(2):
        subprocess.run([sys.executable, "-c", SCRIPT, str(tmp_path)], check=True)
        kept.append(len(list(Path(tmp_path).rglob("output.pkl"))))
    assert kept == [6, 6]  # five folds, and the frozen one


def test_memory_keeps_no_documents(tmp_path):
    make(Recorder(), ["a-secret", *TEXTS[1:]], memory=str(tmp_path)).own_answers()
    assert not [path for path in Path(tmp_path).rglob("*") if path.is_file() and b"secret" in path.read_bytes()]


# What is no teacher


def test_nobody_teaches():
    assert check_teachers(None) == []
    assert frozen_classes([]) == []


@pytest.mark.parametrize(
    "teacher",
    [
        text_pipeline(),
        text_pipeline(LinearSVC()),
        GridSearchCV(text_pipeline(LinearSVC()), {}, cv=2),
        StackingClassifier([("a", text_pipeline(LinearSVC()))], cv=2),
        text_pipeline(StackingClassifier([("a", LinearSVC())], cv=2)),
        VotingClassifier([("a", text_pipeline())], voting="soft"),
    ],
)
def test_compositions_that_will_answer_are_teachers(teacher):
    assert check_teachers(teacher) == [teacher]
    answers = make(teacher).answers(TEXTS[:2])
    np.testing.assert_allclose(answers.sum(axis=1), 1)


@pytest.mark.parametrize(
    ("teacher", "error", "message"),
    [
        ([], ValueError, "empty list"),
        (LogisticRegression, TypeError, r"the class LogisticRegression: pass LogisticRegression\(\)"),
        ([LogisticRegression(), LinearRegression()], TypeError, "predict_proba.*Got LinearRegression"),
        (make_pipeline(TfidfVectorizer(), LinearRegression()), TypeError, "Got Pipeline"),
        (VotingClassifier([("a", LogisticRegression())], voting="hard"), TypeError, "Got VotingClassifier"),
        (FrozenEstimator(LogisticRegression()), ValueError, "FrozenEstimator of LogisticRegression"),
        (FrozenEstimator(text_pipeline()), ValueError, "FrozenEstimator of Pipeline"),
        (FrozenEstimator(LinearRegression().fit([[0], [1]], [0, 1])), TypeError, "Got LinearRegression"),
        ("bag", TypeError, "Got str"),
        (lambda texts: texts, TypeError, "Got function"),
    ],
)
def test_what_is_no_teacher_is_told(teacher, error, message):
    with pytest.raises(error, match=message):
        check_teachers(teacher)


def test_a_frozen_teacher_must_name_its_classes():
    class Mute:
        def predict_proba(self, texts):
            return np.ones((len(texts), 1))

    with pytest.raises(ValueError, match="must have classes_.*Got Mute"):
        frozen_classes([FrozenEstimator(Mute())])


def test_a_teacher_that_must_be_fitted_needs_labelled_rows():
    with pytest.raises(ValueError, match="Recorder is to be fitted on labelled rows.*FrozenEstimator"):
        make(Recorder(), [], np.array([]))


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (np.ones((2, 2)), r"Recorder must return shape \(1, 3\). Got \(2, 2\)"),
        (np.ones(3), "must return shape"),
        ([[0.5, np.nan, 0.5]], "Recorder must return probabilities. Got nan"),
        ([[0.5, np.inf, 0.5]], "Got inf"),
        ([[0.6, -0.1, 0.5]], "Got -0.1"),
        ([[3, 5, 2]], "Row 0 of the 1 that the teacher Recorder answered does not sum to 1.*Got 10"),
        ([["a", "b", "c"]], "could not convert"),
    ],
)
def test_answers_must_be_probabilities(answer, message):
    with pytest.raises(ValueError, match=message):
        make(Recorder(answer=answer)).answers(["a"])


def test_classes_that_are_not_learned_are_told():
    frozen = FrozenEstimator(Recorder().fit(TEXTS, Y))
    with pytest.raises(ValueError, match="teacher Recorder must have no classes but .*'a', 'b'. Got 'c'"):
        make(frozen, classes=np.array(["a", "b"])).answers(["a"])


def test_errors_of_a_teacher_say_whose_they_are():
    with pytest.raises(ZeroDivisionError, match="by zero") as caught:
        make(Recorder(error=ZeroDivisionError("by zero"))).answers(["a"])
    assert caught.value.__notes__ == ["Raised by the teacher Recorder, asked to fit."]
    lost = Recorder().fit(TEXTS, Y)
    lost.seen_ = None
    with pytest.raises(AttributeError) as caught:
        make(FrozenEstimator(lost)).answers(["a"])
    assert caught.value.__notes__ == ["Raised by the teacher Recorder, asked to predict_proba."]


def test_a_teacher_that_cannot_be_hashed_says_so(tmp_path):
    teacher = make_pipeline(TfidfVectorizer(tokenizer=lambda text: list(text)), LogisticRegression())
    with pytest.raises(Exception, match="ickl") as caught:
        make(teacher, memory=str(tmp_path)).answers(["a"])
    assert caught.value.__notes__ == ["Raised by the teacher Pipeline, asked to be hashed for teacher_memory."]
