"""Teachers: what may be one, out-of-fold predictions, the order of classes, and the cache."""

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

from skdistill.teachers._checks import check_teachers, frozen_classes
from skdistill.teachers._ensemble import TeacherEnsemble
from skdistill.teachers._folds import assign_folds
from skdistill.teachers._frozen import TrainedTeacher

pytestmark = pytest.mark.core


class Recorder(ClassifierMixin, BaseEstimator):
    """Stores the documents that it is fitted on; ``calls`` lists the calls of it and its clones."""

    calls = []

    def __init__(self, backwards=False, output=None, error=None):
        self.backwards = backwards
        self.output = output
        self.error = error

    def fit(self, X, y, sample_weight=None):
        if self.error:
            raise self.error
        self.seen_ = set(X)
        self.classes_ = np.unique(y)[::-1] if self.backwards else np.unique(y)
        self.calls.append(("fit", list(X), y, sample_weight))
        return self

    def predict_proba(self, X):
        """Return 0.8 for the class that the first letter of a document names."""
        self.calls.append(("predict_proba", list(X), self.seen_.intersection(X)))
        if self.output is not None:
            return self.output
        is_named = np.array([[text[0] == label for label in self.classes_.tolist()] for text in X])
        return np.where(is_named, 0.8, 0.2 / max(len(self.classes_) - 1, 1))


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
    return TeacherEnsemble(check_teachers(teachers), texts, y, weights, classes, **parameters)


def fits(calls):
    return [call for call in calls if call[0] == "fit"]


def text_pipeline(classifier=None):
    return make_pipeline(TfidfVectorizer(analyzer="char"), classifier or LogisticRegression())


# Out of fold


def test_a_row_is_predicted_by_a_teacher_that_has_not_seen_it(calls):
    make(Recorder()).training_probabilities()
    asked = [call for call in calls if call[0] == "predict_proba"]
    assert sorted(text for _, texts, _ in asked for text in texts) == sorted(TEXTS)
    assert all(not seen for *_, seen in asked)


def test_other_documents_are_predicted_by_a_teacher_of_all_rows_that_is_fitted_once(calls):
    teachers = make(Recorder())
    assert not calls
    probabilities = [teachers.predict_proba(["b7", "c9"]) for _ in range(2)]
    np.testing.assert_allclose(probabilities, [[[0.1, 0.8, 0.1], [0.1, 0.1, 0.8]]] * 2)
    ((_, texts, y, _),) = fits(calls)
    assert texts == TEXTS
    np.testing.assert_array_equal(y, Y)


@pytest.mark.parametrize("cv", [3, 5, KFold(3), StratifiedKFold(2)])
def test_out_of_fold_probabilities_are_those_of_cross_val_predict(cv):
    expected = cross_val_predict(text_pipeline(), TEXTS, Y, cv=cv, method="predict_proba")
    np.testing.assert_array_equal(make(text_pipeline(), cv=cv).training_probabilities(), expected)


@pytest.mark.parametrize("n_splits", [2, 3, 5])
@pytest.mark.parametrize("seed", range(5))
def test_folds_are_those_of_scikit_learn_where_it_makes_them(n_splits, seed):
    y = np.random.default_rng(seed).permutation(np.repeat([3, 1, 7], [5, 9, 6]))
    multiclass = StratifiedKFold(n_splits), y, "multiclass"
    multilabel = KFold(n_splits), np.column_stack([y, y]), "multilabel"
    for splitter, labels, target_type in (multiclass, multilabel):
        expected = [test.tolist() for _, test in splitter.split(y, labels)]
        folds = assign_folds(n_splits, labels, target_type)
        assert [np.flatnonzero(folds == fold).tolist() for fold in range(n_splits)] == expected


def test_splits_may_be_listed():
    rows = np.arange(15)
    cv = [(rows[rows % 3 != fold].tolist(), rows[rows % 3 == fold].tolist()) for fold in range(3)]
    expected = cross_val_predict(text_pipeline(), TEXTS, Y, cv=cv, method="predict_proba")
    np.testing.assert_array_equal(make(text_pipeline(), cv=iter(cv)).training_probabilities(), expected)


def test_rows_of_a_class_that_a_fold_lacks_are_not_predicted():
    y = np.array(["a", "b", "c", "a", "b", "a", "b"])
    probabilities = make(Recorder(), texts_of(y), y).training_probabilities()
    np.testing.assert_array_equal(np.isnan(probabilities).any(axis=1), y == "c")
    np.testing.assert_allclose(probabilities[0], [0.8, 0.1, 0.1])


def test_a_class_that_a_teacher_never_saw_has_no_probability():
    y = np.array(list("abcabab"))
    splits = [(np.array([0, 1, 3, 4]), np.array([2, 5, 6])), (np.array([2, 5, 6]), np.array([0, 1, 3, 4]))]
    probabilities = make(Recorder(), texts_of(y), y, cv=splits).training_probabilities()
    np.testing.assert_allclose(probabilities[5], [0.8, 0.2, 0])


def test_folds_of_indicators_lack_what_was_not_seen_to_hold_or_not_to_hold():
    y = np.array([[1, 0], [0, 0], [1, 0], [0, 1]], dtype=np.int8)
    probabilities = make(
        KNeighborsClassifier(1), NUMBERS[:4], y, classes=np.arange(2), target_type="multilabel", cv=4
    ).training_probabilities()
    np.testing.assert_array_equal(np.isnan(probabilities).any(axis=1), [False, False, False, True])


@pytest.mark.parametrize("labels", ["a", "ab", "abc", "aaaaab"])
def test_rows_too_few_for_folds_are_not_predicted(labels):
    y = np.array(list(labels))
    probabilities = make(LogisticRegression(), np.arange(len(y))[:, None], y).training_probabilities()
    assert np.isnan(probabilities[y != "a"]).all()
    assert probabilities.shape == (len(y), 3)


def test_more_folds_than_rows_are_as_many_as_rows(calls):
    y = np.array(["a", "b", "a", "b"])
    assert np.isfinite(make(Recorder(), texts_of(y), y, cv=10).training_probabilities()).all()
    assert len(fits(calls)) == 4


@pytest.mark.parametrize("cv", [ShuffleSplit(5, random_state=0), [], [(np.arange(4), np.arange(4, 6))]])
def test_splits_must_be_a_partition(cv):
    with pytest.raises(ValueError, match="teacher_cv must be a partition of the .* labelled rows"):
        make(Recorder(), cv=cv).training_probabilities()


def test_no_row_is_in_both_parts_of_a_split():
    rows = np.arange(len(Y))
    for train in (rows, rows[:0], rows + len(Y)):
        with pytest.raises(ValueError, match="Each training part of teacher_cv must hold rows"):
            make(Recorder(), cv=[(train, rows)]).training_probabilities()


def test_errors_of_a_splitter_name_teacher_cv():
    with pytest.raises(ValueError, match="groups") as caught:
        make(Recorder(), cv=GroupKFold(2)).training_probabilities()
    assert caught.value.__notes__ == [f"Raised by teacher_cv, which splits the {len(Y)} labelled rows."]


def test_one_fold_is_none():
    with pytest.raises(ValueError, match="at least 2 folds. Got 1"):
        make(Recorder(), cv=1).training_probabilities()


# Which teachers predict, and in which order


def test_the_order_of_a_teachers_classes_does_not_matter():
    expected = make(Recorder()).training_probabilities()
    np.testing.assert_array_equal(make(Recorder(backwards=True)).training_probabilities(), expected)


def test_classes_that_no_row_has_get_no_probability():
    probabilities = make(Recorder(), classes=np.array(["0", "a", "b", "c"])).predict_proba(["a"])
    np.testing.assert_allclose(probabilities, [[0, 0.8, 0.1, 0.1]])


def test_probabilities_of_several_teachers_are_averaged():
    both = [text_pipeline(), Recorder()]
    alone = [make(teacher).training_probabilities() for teacher in both]
    np.testing.assert_allclose(make(both).training_probabilities(), np.mean(alone, axis=0), rtol=1e-12)
    others = ["a", "cab"]
    alone = [make(teacher).predict_proba(others) for teacher in both]
    np.testing.assert_allclose(make(tuple(both)).predict_proba(others), np.mean(alone, axis=0), rtol=1e-12)


def test_the_mean_is_over_the_teachers_that_predict_a_row():
    y = np.array(list("abcabab"))
    frozen = FrozenEstimator(Recorder().fit(TEXTS, Y))
    probabilities = make([Recorder(), frozen], texts_of(y), y).training_probabilities()
    np.testing.assert_allclose(probabilities[2], [0.1, 0.1, 0.8])


def test_a_frozen_teacher_is_used_as_it_is(calls):
    frozen = FrozenEstimator(Recorder().fit(TEXTS, Y))
    teachers = make(frozen, TEXTS[:4], Y[:4])
    probabilities = teachers.training_probabilities()
    np.testing.assert_allclose(probabilities, frozen.predict_proba(TEXTS[:4]))
    assert len(fits(calls)) == 1
    assert calls[1][2] == set(TEXTS[:4])  # which it has seen
    assert [classes.tolist() for classes in frozen_classes([Recorder(), frozen], Y)] == [["a", "b", "c"]]


def test_a_frozen_teacher_needs_no_labelled_rows():
    teachers = make(FrozenEstimator(Recorder().fit(TEXTS, Y)), None, None)
    assert teachers.training_probabilities().shape == (0, 3)
    np.testing.assert_allclose(teachers.predict_proba(["a"]), [[0.8, 0.1, 0.1]])


def test_what_is_frozen_may_be_no_estimator():
    class Oracle:
        classes_ = ["c", "a"]

        def predict_proba(self, texts):
            return [[0.9, 0.1] for _ in texts]

    np.testing.assert_allclose(make(FrozenEstimator(Oracle())).training_probabilities(), [[0.1, 0, 0.9]] * 15)


def test_the_teacher_that_was_given_is_not_touched():
    teacher = Recorder()
    make(teacher).training_probabilities()
    assert not hasattr(teacher, "seen_")


def test_documents_are_predicted_in_batches_that_a_progress_bar_sees(calls):
    documents, seen = texts_of("abcab" * 1000), []

    def progress(iterable, total, desc):
        for batch in iterable:
            seen.append((total, desc))
            yield batch

    probabilities = make(Recorder(), progress=progress).predict_proba(documents)
    np.testing.assert_allclose(
        probabilities, [[0.8 if text[0] == label else 0.1 for label in "abc"] for text in documents]
    )
    assert seen == [(3, "Teacher predictions")] * 3
    assert [len(call[1]) for call in calls if call[0] == "predict_proba"] == [2048, 2048, 904]


def test_ids_are_documents_too():
    expected = cross_val_predict(LogisticRegression(), NUMBERS[:15], Y, method="predict_proba")
    np.testing.assert_array_equal(make(LogisticRegression(), NUMBERS[:15]).training_probabilities(), expected)


# The report


class Partly(TrainedTeacher):
    """Answers documents that begin with a, as a."""

    classes_ = CLASSES

    def predict_proba(self, X):
        rows = [[0.8, 0.1, 0.1] if text[0] == "a" else [np.nan] * 3 for text in X]
        return np.array(rows)


def agreement_of(probabilities):
    return float((CLASSES[probabilities.argmax(axis=1)] == Y).mean())


@pytest.mark.parametrize("cv", [3, "in_sample"])
def test_the_report_has_the_agreement_of_each_teacher_with_the_labels(cv):
    teachers = [LogisticRegression(C=1e-3), KNeighborsClassifier(1)]
    ensemble = make(teachers, NUMBERS[:15], cv=cv)
    ensemble.training_probabilities()
    found = ensemble.report()
    assert [row["teacher"] for row in found] == ["LogisticRegression", "KNeighborsClassifier"]
    for teacher, row in zip(teachers, found):
        if cv == 3:
            expected = cross_val_predict(teacher, NUMBERS[:15], Y, method="predict_proba", cv=3)
        else:
            expected = teacher.fit(NUMBERS[:15], Y).predict_proba(NUMBERS[:15])
        assert row["agreement"] == agreement_of(expected)
    assert found[0]["agreement"] != found[1]["agreement"]


def test_multilabel_agreement_is_that_of_all_labels():
    teacher = OneVsRestClassifier(LogisticRegression())
    ensemble = make(teacher, NUMBERS, INDICATORS, classes=np.arange(2), target_type="multilabel", cv=KFold(2))
    p = ensemble.training_probabilities()
    assert ensemble.report()[0]["agreement"] == ((p > 0.5) == INDICATORS).all(axis=1).mean()


def test_the_report_counts_documents_and_rows_without_an_answer():
    ensemble = make([Recorder(), FrozenEstimator(Recorder().fit(TEXTS, Y)), Partly()])
    ensemble.training_probabilities()
    ensemble.predict_proba(["a", "b", "c"])
    found = ensemble.report()
    assert [row["n_documents"] for row in found] == [18, 18, 18]
    assert [row["n_unanswered"] for row in found] == [0, 0, 18 - 6]
    assert [row["n_cached"] for row in found] == [0, 0, 0]
    assert [row["agreement"] for row in found] == [1, 1, 1]
    assert [row["fit_time"] > 0 for row in found] == [True, False, False]
    assert all(row["predict_time"] > 0 for row in found)


def test_rows_of_a_class_that_no_other_fold_has_are_without_an_answer():
    y = np.array([*"aabb", "c"])
    ensemble = make(Recorder(), texts_of(y), y, cv=2)
    ensemble.training_probabilities()
    (row,) = ensemble.report()
    assert (row["n_documents"], row["n_unanswered"], row["agreement"]) == (4, 1, 1)


def test_there_is_no_agreement_without_labels():
    ensemble = make(FrozenEstimator(Recorder().fit(TEXTS, Y)), None, None)
    ensemble.predict_proba(["a"])
    assert ensemble.report()[0]["agreement"] is None


def test_the_report_counts_what_was_cached(tmp_path):
    reports = []
    for documents in (["a"], ["a"], ["b", "c"]):
        ensemble = make(text_pipeline(), memory=str(tmp_path))
        ensemble.training_probabilities()
        ensemble.predict_proba(documents)
        reports += ensemble.report()
    assert [row["n_documents"] for row in reports] == [16, 16, 17]
    assert [row["n_cached"] for row in reports] == [0, 16, 15]
    assert [row["fit_time"] > 0 for row in reports] == [True, False, True]
    assert len({row["agreement"] for row in reports}) == 1


# Weights


WEIGHTS = np.linspace(0.5, 1.5, 15)


def test_weights_reach_the_teachers_that_take_them(calls):
    teachers = make([Recorder(), text_pipeline(KNeighborsClassifier())], weights=WEIGHTS)
    teachers.training_probabilities()
    for _, texts, _, weights in fits(calls):
        np.testing.assert_array_equal(weights, WEIGHTS[[TEXTS.index(text) for text in texts]])


def test_weights_reach_the_last_step_of_a_pipeline():
    pipeline = text_pipeline()
    expected = pipeline.fit(TEXTS, Y, logisticregression__sample_weight=WEIGHTS).predict_proba(TEXTS)
    np.testing.assert_array_equal(make(text_pipeline(), weights=WEIGHTS).predict_proba(TEXTS), expected)
    assert not np.allclose(make(text_pipeline()).predict_proba(TEXTS), expected)


SVC = LinearSVC(random_state=0)


@pytest.mark.parametrize("classifier", [SVC, GridSearchCV(SVC, {"C": [1]}, cv=2)])
def test_weights_pass_the_calibration(classifier):
    probabilities = make(text_pipeline(classifier), weights=WEIGHTS).predict_proba(TEXTS)
    alike = np.allclose(probabilities, make(text_pipeline(classifier)).predict_proba(TEXTS))
    assert alike == isinstance(classifier, GridSearchCV)  # whose fit takes none


def test_equal_weights_are_none(calls):
    make(Recorder(), weights=np.ones(15)).predict_proba(["a"])
    assert fits(calls)[0][3] is None


def test_with_metadata_routing_weights_go_to_those_that_request_them():
    with config_context(enable_metadata_routing=True):
        asking = text_pipeline(LogisticRegression().set_fit_request(sample_weight=True))
        weighed, plain = (make(teacher, weights=WEIGHTS).predict_proba(TEXTS) for teacher in (asking, text_pipeline()))
    np.testing.assert_array_equal(weighed, make(text_pipeline(), weights=WEIGHTS).predict_proba(TEXTS))
    np.testing.assert_array_equal(plain, make(text_pipeline()).predict_proba(TEXTS))


# Calibration


@pytest.mark.parametrize("teacher", [LinearSVC(), GridSearchCV(LinearSVC(), {"C": [0.1, 1]}, cv=2)])
def test_decisions_are_calibrated(teacher):
    for probabilities in (
        make(text_pipeline(teacher)).predict_proba(TEXTS),
        make(text_pipeline(teacher)).training_probabilities(),
    ):
        np.testing.assert_allclose(probabilities.sum(axis=1), 1)
        assert (CLASSES[probabilities.argmax(axis=1)] == Y).mean() > 0.9


def test_a_fold_leaves_out_rows_that_it_cannot_calibrate():
    y = np.array(list("aaaabbbbcc"))
    probabilities = make(Decider(), texts_of(y), y).training_probabilities()
    np.testing.assert_array_equal(np.isnan(probabilities).any(axis=1), y == "c")


def test_decisions_need_two_rows_of_each_class():
    y = np.array(list("aabbc"))
    with pytest.raises(ValueError, match="LinearSVC.*each of its classes needs 2. Got 1"):
        make(LinearSVC(), texts_of(y), y)


def test_a_frozen_decision_is_calibrated_on_the_labelled_rows():
    ab = Y != "c"
    texts = [text for text, used in zip(TEXTS, ab) if used]
    frozen = FrozenEstimator(text_pipeline(LinearSVC()).fit(texts, Y[ab]))
    probabilities = make(frozen).training_probabilities()
    assert (CLASSES[probabilities.argmax(axis=1)] == Y)[ab].all()
    assert not probabilities[:, 2].any()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


def test_a_frozen_decision_without_labelled_rows_cannot_be_calibrated():
    with pytest.raises(ValueError, match="Got 0: give it predict_proba"):
        make(FrozenEstimator(Decider().fit(TEXTS, Y)), None, None)


def test_multilabel_decisions_are_not_calibrated():
    with pytest.raises(ValueError, match="OneVsRestClassifier has only decision_function.*multilabel"):
        make(OneVsRestClassifier(LinearSVC()), NUMBERS, INDICATORS, classes=np.arange(2), target_type="multilabel")


# Multilabel


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
    expected = np.column_stack([label[:, 1] for label in raw]) if isinstance(raw, list) else raw
    np.testing.assert_array_equal(teachers.predict_proba(NUMBERS), expected)
    assert np.isfinite(teachers.training_probabilities()).all()


@pytest.mark.parametrize("value", [0, 1])
def test_a_label_of_one_value_is_certain(value):
    y = INDICATORS.copy()
    y[:, 1] = value
    teachers = make(KNeighborsClassifier(3), NUMBERS, y, classes=np.arange(2), target_type="multilabel")
    assert (teachers.predict_proba(NUMBERS)[:, 1] == value).all()


def test_labels_of_another_number_are_refused():
    frozen = FrozenEstimator(KNeighborsClassifier(3).fit(NUMBERS, INDICATORS))
    with pytest.raises(ValueError, match=r"KNeighborsClassifier must return shape \(20, 3\). Got \(20, 2\)"):
        make(
            frozen, NUMBERS, np.eye(20, 3, dtype=np.int8), classes=np.arange(3), target_type="multilabel"
        ).training_probabilities()


# Memory


def test_what_is_cached_is_neither_fitted_nor_predicted_again(calls, tmp_path, capsys):
    def predict(**changes):
        calls.clear()
        teachers = make([Recorder(), text_pipeline(LinearSVC())], memory=str(tmp_path), weights=WEIGHTS, **changes)
        return teachers.training_probabilities(), teachers.predict_proba(["a1", "c2"])

    first = predict()
    assert len(fits(calls)) == 6
    second = predict()
    assert not calls
    assert capsys.readouterr().out == ""
    for before, after in zip(first, second):
        np.testing.assert_array_equal(before, after)
    predict(y=Y[::-1])
    assert len(fits(calls)) == 6
    predict(texts=[*TEXTS[:-1], "another"])
    assert len(fits(calls)) == 6


def test_other_parameters_weights_or_documents_are_not_remembered(calls, tmp_path):
    make(Recorder(), memory=str(tmp_path)).predict_proba(["a1"])
    make(Recorder(backwards=True), memory=str(tmp_path)).predict_proba(["a1"])
    make(Recorder(), memory=str(tmp_path), weights=WEIGHTS).predict_proba(["a1"])
    assert len(fits(calls)) == 3
    make(Recorder(), memory=str(tmp_path)).predict_proba(["b1"])
    assert len(fits(calls)) == 4


def test_memory_does_not_depend_on_the_order_of_the_classes_learned(calls, tmp_path):
    make(Recorder(), memory=str(tmp_path)).predict_proba(["a1"])
    probabilities = make(Recorder(), memory=str(tmp_path), classes=np.array(["c", "b", "a"])).predict_proba(["a1"])
    np.testing.assert_allclose(probabilities, [[0.1, 0.1, 0.8]])
    assert len(fits(calls)) == 1


def test_a_frozen_teacher_is_remembered_whatever_the_rows(calls, tmp_path):
    frozen = FrozenEstimator(Recorder().fit(TEXTS, Y))
    make(frozen, memory=str(tmp_path)).predict_proba(["a1"])
    make(frozen, None, None, memory=str(tmp_path)).predict_proba(["a1"])
    assert [call[0] for call in calls] == ["fit", "predict_proba"]


SCRIPT = """
import sys
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from skdistill.teachers._ensemble import TeacherEnsemble

texts, y = [f"{label}{label} {row}" for row, label in enumerate("abab" * 5)], np.array(list("abab" * 5))
pipeline = make_pipeline(TfidfVectorizer(stop_words=["and"], analyzer="word"), LogisticRegression())
frozen = FrozenEstimator(make_pipeline(TfidfVectorizer(stop_words=["and"]), LogisticRegression()).fit(texts, y))
TeacherEnsemble([pipeline, frozen], texts, y, None, np.array(["a", "b"]), memory=sys.argv[1]).training_probabilities()
"""


def test_other_processes_remember_too(tmp_path, monkeypatch):
    def n_kept():
        return len(list(tmp_path.rglob("output.pkl")))

    monkeypatch.setattr(sys, "argv", ["script", str(tmp_path)])
    exec(SCRIPT, {})
    assert n_kept() == 6  # five folds, and the frozen one
    subprocess.run([sys.executable, "-c", SCRIPT, str(tmp_path)], check=True)
    assert n_kept() == 6


def test_memory_keeps_no_documents(tmp_path):
    make(Recorder(), ["a-secret", *TEXTS[1:]], memory=str(tmp_path)).training_probabilities()
    assert not [path for path in Path(tmp_path).rglob("*") if path.is_file() and b"secret" in path.read_bytes()]


# What is no teacher


def test_no_teacher_is_an_empty_list():
    assert check_teachers(None) == []
    assert frozen_classes([], Y) == []


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
def test_compositions_that_will_have_probabilities_are_teachers(teacher):
    assert check_teachers(teacher) == [teacher]
    probabilities = make(teacher).predict_proba(TEXTS[:2])
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


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
def test_what_is_no_teacher_is_refused(teacher, error, message):
    with pytest.raises(error, match=message):
        check_teachers(teacher)


def test_a_frozen_teacher_must_name_its_classes():
    class Mute:
        def predict_proba(self, texts):
            return np.ones((len(texts), 1))

    with pytest.raises(ValueError, match="must have classes_.*Got Mute"):
        frozen_classes([FrozenEstimator(Mute())], Y)


@pytest.mark.parametrize("missing", [None, np.nan])
def test_a_frozen_teacher_has_no_missing_class(missing):
    teacher = Recorder()
    teacher.classes_ = np.array(["a", missing], dtype=object)
    with pytest.raises(ValueError, match="classes_ of a frozen teacher must be labels, none of them missing"):
        frozen_classes([FrozenEstimator(teacher)], Y)


def test_a_teacher_that_must_be_fitted_needs_labelled_rows():
    with pytest.raises(ValueError, match="Recorder must be fitted on labelled rows.*FrozenEstimator"):
        make(Recorder(), [], np.array([]))


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (np.ones((2, 2)), r"Recorder must return shape \(1, 3\). Got \(2, 2\)"),
        (np.ones(3), "must return shape"),
        ([[0.5, np.nan, 0.5]], "Recorder must return probabilities. Got nan"),
        ([[0.5, np.inf, 0.5]], "Got inf"),
        ([[0.6, -0.1, 0.5]], "Got -0.1"),
        ([[3, 5, 2]], "Row 0 of predict_proba of the teacher Recorder, for 1 documents, does not sum to 1.*Got 10"),
        ([["a", "b", "c"]], "could not convert"),
    ],
)
def test_predictions_must_be_probabilities(output, message):
    with pytest.raises(ValueError, match=message):
        make(Recorder(output=output)).predict_proba(["a"])


class Listed(TrainedTeacher):
    """Returns what it was given; an empty row is a document without an answer."""

    classes_ = CLASSES

    def __init__(self, rows):
        self.rows = rows

    def predict_proba(self, X):
        return np.array([row or [np.nan] * 3 for row in self.rows])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([[], [0.2, 0.3, 0.5], [], [-0.5, 1, 0.5]], "Row 3 of predict_proba of the teacher Listed.* is negative"),
        ([[], [0.7, 0.8, 0.5], [0, 0, 1]], "Row 1 of predict_proba.* does not sum to 1"),
        ([[], [np.nan, 0.5, 0.5]], "must return probabilities. Got nan"),
    ],
)
def test_a_wrong_row_is_named_by_its_document_whatever_rows_are_without_an_answer(rows, message):
    with pytest.raises(ValueError, match=message):
        make(Listed(rows)).predict_proba(["a"] * len(rows))


def test_classes_that_are_not_learned_are_refused():
    frozen = FrozenEstimator(Recorder().fit(TEXTS, Y))
    with pytest.raises(ValueError, match="teacher Recorder must have only classes .*'a', 'b'. Got 'c'"):
        make(frozen, classes=np.array(["a", "b"])).predict_proba(["a"])


def test_errors_of_a_teacher_name_it():
    with pytest.raises(ZeroDivisionError, match="by zero") as caught:
        make(Recorder(error=ZeroDivisionError("by zero"))).predict_proba(["a"])
    assert caught.value.__notes__ == ["Raised by the teacher Recorder in fit."]
    lost = Recorder().fit(TEXTS, Y)
    lost.seen_ = None
    with pytest.raises(AttributeError) as caught:
        make(FrozenEstimator(lost)).predict_proba(["a"])
    assert caught.value.__notes__ == ["Raised by the teacher Recorder in predict_proba."]


def test_a_teacher_that_cannot_be_hashed_says_so(tmp_path):
    teacher = make_pipeline(TfidfVectorizer(tokenizer=lambda text: list(text)), LogisticRegression())
    with pytest.raises(Exception, match="ickl") as caught:
        make(teacher, memory=str(tmp_path)).predict_proba(["a"])
    assert caught.value.__notes__ == ["Raised by the teacher Pipeline when hashed for teacher_memory."]
