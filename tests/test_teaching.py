"""Learning from teachers, soft targets and rows without labels: laws of the whole fit."""

import gzip
import math

import numpy as np
import pytest
import sklearn
from factory import fit, small
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold, PredefinedSplit, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.validation import check_is_fitted

from skdistill import DistilledTextClassifier, TextBag, TextStream, TextTokenizer, TransferSet
from skdistill.model_selection import LabeledStratifiedKFold

pytest.importorskip("tensorflow")


def linear():
    return make_pipeline(TfidfVectorizer(), LogisticRegression())


def one_hot(y):
    classes, codes = np.unique(y, return_inverse=True)
    return np.eye(len(classes))[codes], classes


def without(y, rows):
    """Labels as objects, None in some rows."""
    y = np.asarray(y).astype(object)
    y[rows] = None
    return y


def probabilities(classifier, X):
    return np.stack([classifier.extract(role).predict_proba(X) for role in ("main", "auxiliary")])


def assert_equal(one, other, X):
    np.testing.assert_array_equal(probabilities(one, X), probabilities(other, X))


def assert_close(one, other, X):
    np.testing.assert_allclose(probabilities(one, X), probabilities(other, X), atol=2e-4)


class Recorder(ClassifierMixin, BaseEstimator):
    """A teacher that knows nothing and notes which documents it is shown."""

    fitted, asked = [], []

    def fit(self, X, y):
        self.fitted.append(list(X))
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        self.asked.append(list(X))
        return np.full((len(X), len(self.classes_)), 1 / len(self.classes_))


@pytest.fixture
def recorder():
    Recorder.fitted, Recorder.asked = [], []
    return Recorder()


# Soft targets.


@pytest.mark.core
@pytest.mark.parametrize("teacher_weight", [0.3, 1])
@pytest.mark.parametrize("transfer", ["none", "mutual"])
def test_soft_targets_that_are_the_labels_teach_what_the_labels_teach(teacher_weight, transfer, three_classes):
    X, y = three_classes
    soft, classes = one_hot(y)
    settings = {"temperature": 1, "transfer": transfer}
    taught = fit(X, y, soft_targets=soft, soft_target_classes=classes, teacher_weight=teacher_weight, **settings)
    assert_close(taught, fit(X, y, **settings), X)


def test_labels_that_the_soft_targets_outvote_teach_nothing(three_classes):
    X, y = three_classes
    soft, classes = one_hot(y)
    wrong = np.roll(classes, 1)[np.searchsorted(classes, y)]
    taught = fit(X, wrong, soft_targets=soft, soft_target_classes=classes, teacher_weight=1, max_iter=10)
    assert taught.score(X, y) > 0.95


def test_a_teacher_without_weight_changes_nothing(reviews):
    X, y = reviews
    soft, classes = one_hot(y)
    assert_close(fit(X, y, soft_targets=soft[:, ::-1], soft_target_classes=classes, teacher_weight=0), fit(X, y), X)


def test_rows_without_soft_targets_learn_from_their_labels_alone(reviews):
    X, y = reviews
    soft = np.full((len(X), 2), np.nan)
    assert_close(fit(X, y, soft_targets=soft, soft_target_classes=["bad", "good"], teacher_weight=0.7), fit(X, y), X)


def test_the_order_of_the_classes_of_soft_targets_does_not_matter(three_classes):
    X, y = three_classes
    soft = np.random.default_rng(0).dirichlet(np.ones(3), len(X))
    order = [2, 0, 1]
    classes = np.array(["bad", "good", "other"])
    one = fit(X, y, soft_targets=soft, soft_target_classes=classes)
    assert_equal(one, fit(X, y, soft_targets=soft[:, order], soft_target_classes=classes[order]), X)


def test_columns_of_a_data_frame_are_classes(three_classes):
    pd = pytest.importorskip("pandas")
    X, y = three_classes
    soft, classes = one_hot(y)
    frame = pd.DataFrame(soft, columns=classes)[["other", "bad", "good"]]
    assert_equal(fit(X, y, soft_targets=frame), fit(X, y, soft_targets=soft, soft_target_classes=classes), X)


def test_soft_targets_alone_are_enough(three_classes):
    X, y = three_classes
    soft, classes = one_hot(y)
    student = fit(X, None, soft_targets=soft, soft_target_classes=classes, max_iter=10)
    assert student.classes_.tolist() == classes.tolist()
    assert student.score(X, y) > 0.95
    assert all(map(math.isnan, student.history_["main_loss"]))
    assert all(map(math.isfinite, student.history_["loss"]))


def test_soft_targets_and_a_teacher_are_averaged(three_classes):
    X, y = three_classes
    soft = np.random.default_rng(0).dirichlet(np.ones(3), len(X))
    teacher = linear().fit(X, y)
    both = fit(X, y, soft_targets=soft, soft_target_classes=teacher.classes_, teacher=FrozenEstimator(teacher))
    mean = (soft + teacher.predict_proba(X)) / 2
    assert_close(both, fit(X, y, soft_targets=mean, soft_target_classes=teacher.classes_), X)


def test_rows_without_a_soft_target_are_the_teacher_s_and_the_reverse(three_classes):
    X, y = three_classes
    soft = np.random.default_rng(0).dirichlet(np.ones(3), len(X))
    teacher = linear().fit(X, y)
    merged = soft.copy()
    merged[::2] = teacher.predict_proba(X[::2])
    merged[1::2] = (soft + teacher.predict_proba(X))[1::2] / 2
    soft[::2] = np.nan
    both = fit(X, y, soft_targets=soft, soft_target_classes=teacher.classes_, teacher=FrozenEstimator(teacher))
    assert_close(both, fit(X, y, soft_targets=merged, soft_target_classes=teacher.classes_), X)


def test_soft_targets_go_with_their_rows_and_a_step_reads_as_many_of_either_side(three_classes):
    X, y = three_classes
    soft, classes = one_hot(y)
    common = {"temperature": 1, "teacher_weight": 1, "max_iter": 5}
    every_other = without(y, slice(None, None, 2))
    # Where a teacher answers for rows without label there is no path.
    bag = TextBag(8, token_dropout=0, linear_weight=0)
    half = fit(X, every_other, soft_targets=soft, soft_target_classes=classes, batch_size=60, **common)
    assert_close(half, fit(X, y, main=bag, auxiliary=bag, batch_size=120, **common), X)


def test_soft_targets_are_a_source_of_knowledge_of_rows_without_label(three_classes):
    X, y = three_classes
    soft, classes = one_hot(y)
    labels = without(y, slice(30, None))
    student = fit(X, labels, soft_targets=soft, soft_target_classes=classes, transfer="none", max_iter=10)
    assert student.score(X, y) > 0.95
    soft[-1] = np.nan
    with pytest.raises(ValueError, match="soft_targets for them"):
        fit(X, labels, soft_targets=soft, soft_target_classes=classes, transfer="none")


@pytest.mark.core
@pytest.mark.parametrize("source", ["soft targets", "teacher"])
def test_classes_are_sorted_whoever_names_them(source, three_classes):
    X, y = three_classes
    soft, classes = one_hot(y)
    order = [2, 0, 1]
    given = {"soft_targets": soft[:, order], "soft_target_classes": classes[order]}
    if source == "teacher":
        given = {"teacher": FrozenEstimator(Named(linear().fit(X, y), classes[order]))}
    student = fit(X, None, max_iter=10, warm_start=True, **given)
    assert student.classes_.tolist() == sorted(classes)
    assert student.fit(X, y).score(X, y) > 0.95


@pytest.mark.core
def test_labels_of_every_kind_keep_it_beside_missing_ones(reviews):
    pd, pl = pytest.importorskip("pandas"), pytest.importorskip("polars")
    X, y = reviews
    large = [2**60 + number for number in (y == "good").tolist()]
    some = [*large[:-1], None]
    columns = pl.Series(some), pd.Series(some, dtype="Int64"), pd.Series(some, dtype="category")
    frames = pl.DataFrame({"y": some}), pd.DataFrame({"y": pd.array(some, dtype="Int64")})
    for labels in (some, *columns, *frames):
        assert fit(X, labels, max_iter=1, unlabeled_label=np.nan).classes_.tolist() == [2**60, 2**60 + 1]
    assert fit(X, np.array(large, dtype=np.uint64), max_iter=1).classes_.dtype == np.uint64


MULTILABEL = ["red wine", "blue sea", "red and blue", "plain"] * 8, np.array([[1, 0], [0, 1], [1, 1], [0, 0]] * 8)


def test_multilabel_soft_targets():
    X, y = MULTILABEL
    taught = fit(X, y, soft_targets=y.astype(float), temperature=1, teacher_weight=0.6)
    assert_close(taught, fit(X, y, temperature=1), X)
    unlabelled = fit(X[:8], y[:8], X_unlabeled=X[8:], teacher_weight=0.6, max_iter=30)
    assert unlabelled.score(X, y) == 1


@pytest.mark.core
def test_multilabel_soft_targets_go_by_the_names_of_the_columns_of_y():
    pd = pytest.importorskip("pandas")
    X, y = MULTILABEL
    soft = np.random.default_rng(0).random(y.shape)
    plain = fit(X, y, soft_targets=soft)
    named, numbered = pd.DataFrame(soft, columns=["red", "blue"]), pd.DataFrame(soft)
    indicators = pd.DataFrame(y, columns=["red", "blue"])
    assert_equal(fit(X, indicators, soft_targets=named[["blue", "red"]]), plain, X)
    assert_equal(fit(X, y, soft_targets=numbered[[1, 0]]), plain, X)
    assert_equal(fit(X, y, soft_targets=named), plain, X)
    with pytest.raises(ValueError, match="must be those of y, 'red', 'blue'. Got 'red', 'green'"):
        fit(X, indicators, soft_targets=named.rename(columns={"blue": "green"}))


# Teachers.


class Named:
    """A trained teacher that is no estimator and names its columns in an order of its own."""

    def __init__(self, teacher, classes):
        self.teacher, self.classes_ = teacher, np.array(classes)

    def fit(self, X, y):
        raise AssertionError("it is frozen")

    def predict_proba(self, X):
        return self.teacher.predict_proba(X)[:, np.searchsorted(self.teacher.classes_, self.classes_)]


class Weighed(Recorder):
    """A recorder that notes its weights."""

    weights = []

    def fit(self, X, y, sample_weight=None):
        self.weights.append(sample_weight)
        return super().fit(X, y)


def test_a_teacher_is_fitted_with_the_weights_of_the_labelled_rows(reviews):
    X, y = reviews
    weights = np.random.default_rng(0).uniform(1, 3, len(X))
    Weighed.weights = []
    fit(X, without(y, slice(60, None)), sample_weight=weights, teacher=Weighed(), teacher_cv=KFold(2))
    given = {len(own): own for own in Weighed.weights}
    np.testing.assert_allclose(given[60] / given[60][0], weights[:60] / weights[0])
    assert sorted(map(len, Weighed.weights)) == [30, 30, 60]


@pytest.mark.parametrize("scale", [100, 0])
def test_a_teacher_whose_answers_are_no_probabilities_is_reported(scale, reviews):
    class Percent(Named):
        def predict_proba(self, X):
            return scale * super().predict_proba(X)

    X, y = reviews
    teacher = Percent(linear().fit(X, y), ["good", "bad"])
    with pytest.raises(
        ValueError, match=f"Row 0 of predict_proba of the teacher Percent, for 120 documents, .*sum to 1.*Got {scale}"
    ):
        fit(X, None, teacher=FrozenEstimator(teacher))


def test_a_frozen_multilabel_teacher_needs_indicators(reviews):
    X, y = MULTILABEL
    teacher = make_pipeline(TfidfVectorizer(), KNeighborsClassifier()).fit(X, np.column_stack([y, np.ones(len(y))]))
    y = np.column_stack([y, y[:, 0]])
    assert fit(X, y, teacher=FrozenEstimator(teacher), max_iter=20).score(X, y) > 0.7
    with pytest.raises(
        ValueError,
        match="y must be a multilabel indicator matrix.*KNeighbors|y must be a multilabel indicator matrix.*Pipeline",
    ):
        fit(X, None, teacher=FrozenEstimator(teacher))


def test_each_class_of_a_frozen_teacher_has_one_column(reviews):
    X, y = reviews
    teacher = Named(linear().fit(X, y), ["good", "bad", "good"])
    with pytest.raises(ValueError, match="classes_ of a frozen teacher must be unique"):
        fit(X, None, teacher=FrozenEstimator(teacher))


@pytest.mark.core
def test_a_student_of_a_frozen_teacher_needs_no_label(three_classes):
    X, y = three_classes
    teacher = FrozenEstimator(linear().fit(X, y))
    student = fit(X, None, teacher=teacher, max_iter=10)
    assert np.mean(student.predict(X) == teacher.predict(X)) > 0.95


@pytest.mark.filterwarnings("ignore:The teacher Pipeline has classes that no label has")
def test_classes_are_those_of_the_labels_and_of_a_frozen_teacher(three_classes):
    X, y = three_classes
    teacher = FrozenEstimator(linear().fit(X, y))
    rows = np.flatnonzero(y != "other")
    student = fit([X[row] for row in rows], y[rows], teacher=teacher, X_unlabeled=X, max_iter=20, teacher_weight=1)
    assert student.classes_.tolist() == ["bad", "good", "other"]
    assert student.score(X, y) > 0.9


@pytest.mark.filterwarnings("ignore:The teacher Pipeline has classes that no label has")
def test_classes_that_only_a_teacher_knows_do_not_count_in_balanced_weights(three_classes):
    X, y = three_classes
    rows = np.flatnonzero(y != "other")
    teacher = FrozenEstimator(linear().fit(X, y))
    some = [X[row] for row in rows], y[rows]
    one, other = (fit(*some, teacher=teacher, X_unlabeled=X, class_weight=weight) for weight in (None, "balanced"))
    assert_close(one, other, X)


def test_classes_that_only_a_frozen_teacher_knows_are_a_warning(three_classes):
    X, y = three_classes
    rows = np.flatnonzero(y != "other")
    teacher = FrozenEstimator(linear().fit(X, y))
    with pytest.warns(UserWarning, match="The teacher Pipeline has classes that no label has, 'other'"):
        fit([X[row] for row in rows], y[rows], teacher=teacher, max_iter=1)


def test_classes_that_have_nothing_in_common_with_the_labels_are_an_error(reviews):
    X, y = reviews
    teacher = FrozenEstimator(linear().fit(X, np.char.upper(y)))
    with pytest.raises(ValueError, match="Pipeline must be those of y. Got 'BAD', 'GOOD', and in y 'bad', 'good'"):
        fit(X, y, teacher=teacher)
    assert fit(X, None, teacher=teacher, max_iter=1).classes_.tolist() == ["BAD", "GOOD"]


def test_a_fitted_teacher_that_is_not_frozen_is_a_warning(reviews):
    with pytest.warns(UserWarning, match="Pipeline is fitted already, but will be cloned.*FrozenEstimator"):
        fit(*reviews, teacher=linear().fit(*reviews), max_iter=1)
    # The clone of an extracted classifier is the classifier itself: no warning, which would be an error here.
    fit(*reviews, teacher=fit(*reviews, max_iter=1).extract(), max_iter=1)


def test_a_teacher_is_asked_once_for_each_document(recorder, reviews):
    X, y = reviews
    fit(X[:60], y[:60], X_unlabeled=X[60:], teacher=recorder, teacher_cv=3)
    asked = [text for batch in recorder.asked for text in batch]
    assert sorted(asked) == sorted(X)


def test_verbose_shows_how_far_the_teacher_has_answered(reviews, capsys):
    fit(*reviews, teacher=linear(), verbose=1)
    assert "Teacher predictions" in capsys.readouterr().err
    fit(*reviews, teacher=linear())
    assert not capsys.readouterr().err


def test_the_report_of_the_teachers_is_a_table(reviews):
    pandas = pytest.importorskip("pandas")
    X, y = reviews
    teachers = [linear(), FrozenEstimator(linear().fit(X[:40], y[:40]))]
    classifier = fit(X, without(y, slice(90, None)), teacher=teachers, X_unlabeled=[X[:7]], max_iter=1)
    table = pandas.DataFrame(classifier.teacher_report_)
    names = ["teacher", "n_documents", "n_cached", "n_unanswered", "fit_time", "predict_time", "agreement"]
    assert list(table) == names
    assert table["teacher"].tolist() == ["Pipeline", "Pipeline"]
    assert table["n_documents"].tolist() == [127, 127]
    expected = teachers[1].score(X[:90], y[:90])
    assert table["agreement"][1] == pytest.approx(expected)


def test_there_is_no_report_without_a_teacher(reviews):
    classifier = fit(*reviews, teacher=linear(), max_iter=1)
    assert classifier.teacher_report_ is not None
    assert classifier.set_params(teacher=None).fit(*reviews).teacher_report_ is None


@pytest.mark.parametrize("more", [None, TransferSet(n_copies=2)])
def test_held_out_rows_are_not_shown_to_a_teacher(more, recorder, reviews):
    X, y = unlike(reviews)
    fit(X, y, X_unlabeled=more, teacher=recorder, early_stopping=True, validation_fraction=0.25)
    words = {word for batch in recorder.fitted + recorder.asked for text in batch for word in text.split()}
    assert len(words & {f"n{row}" for row in range(len(X))}) == 90


def unlike(data):
    """The same data, no two documents alike."""
    X, y = data
    return [f"{text} n{row}" for row, text in enumerate(X)], y


@pytest.mark.core
@pytest.mark.parametrize("augmented", [False, True])
def test_no_test_row_reaches_a_fit(augmented, recorder, reviews):
    X, y = unlike(reviews)
    fold = np.where(np.arange(len(X)) % 4 == 0, 0, -1)
    student = small(max_iter=1, teacher=recorder)
    search = GridSearchCV(student, {"teacher_weight": [0.2, 0.8]}, cv=PredefinedSplit(fold), refit=False)
    search.fit(X, without(y, [1, 5]), X_unlabeled=TransferSet(n_copies=2) if augmented else None)
    words = {word for batch in recorder.fitted + recorder.asked for text in batch for word in text.split()}
    seen = np.array([f"n{row}" in words for row in range(len(X))])
    np.testing.assert_array_equal(seen, fold == -1)


@pytest.mark.core
def test_with_a_memory_a_search_asks_the_teacher_once_a_fold(recorder, reviews, tmp_path):
    X, y = reviews
    student = small(max_iter=1, teacher=recorder, teacher_cv=2, teacher_memory=str(tmp_path))
    GridSearchCV(student, {"teacher_weight": [0.2, 0.5, 0.8]}, cv=3, refit=False).fit(X, y)
    assert len(recorder.fitted) == 3 * 2


@pytest.mark.core
def test_in_sample_a_teacher_is_fitted_once_on_all_training_rows(recorder, reviews):
    X, y = reviews
    teacher = linear().fit(X, y)
    one = fit(X, y, teacher=linear(), teacher_cv="in_sample")
    assert_equal(one, fit(X, y, teacher=FrozenEstimator(teacher)), X)
    X, y = unlike(reviews)
    fit(X, y, teacher=recorder, teacher_cv="in_sample", early_stopping=True, validation_fraction=0.25)
    assert [len(rows) for rows in recorder.fitted] == [90]
    assert recorder.asked == recorder.fitted


def test_a_clone_has_an_unfitted_teacher(three_classes):
    X, y = three_classes
    student = fit(X, y, teacher=linear())
    with pytest.raises(NotFittedError):
        check_is_fitted(student.teacher)
    assert clone(student).get_params()["teacher__logisticregression__C"] == 1.0


def test_errors_of_a_teacher_pass_through_and_leave_the_estimator_as_it_was(reviews):
    class Broken(LogisticRegression):
        def fit(self, X, y):
            raise RuntimeError("out of chalk")

    X, y = reviews
    student = fit(X, y)
    before = probabilities(student, X)
    with pytest.raises(RuntimeError, match="out of chalk"):
        student.set_params(teacher=Broken()).fit(X[::-1], y)
    np.testing.assert_array_equal(probabilities(student, X), before)


@pytest.mark.parametrize("kind", ["cnn", "gru"])
def test_every_kind_is_taught(kind, three_classes):
    X, y = three_classes
    student = fit(X[:30], y[:30], X_unlabeled=X[30:], teacher=linear(), main=kind, max_iter=15)
    assert student.score(X, y) > 0.8
    assert student.extract("auxiliary").score(X, y) > 0.8


@pytest.mark.parametrize(
    ("schedule", "transfer"), [("alternating", "mutual"), ("sequential", "to_auxiliary"), ("joint", "ensemble")]
)
def test_every_schedule_is_taught(schedule, transfer, three_classes):
    X, y = three_classes
    student = fit(
        X[:30], y[:30], X_unlabeled=X[30:], teacher=linear(), schedule=schedule, transfer=transfer, max_iter=15
    )
    assert student.score(X, y) > 0.8
    assert student.extract("auxiliary").score(X, y) > 0.8


# Rows without labels.


def test_the_teacher_has_all_of_a_row_without_label(three_classes):
    X, y = three_classes
    teacher = FrozenEstimator(linear().fit(X, y))
    assert_equal(*(fit(X, None, teacher=teacher, teacher_weight=weight) for weight in (0, 1)), X)


@pytest.mark.parametrize("class_weight", [None, "balanced", {"good": 9, "bad": 3, "other": 6}])
def test_rows_of_y_without_label_are_like_unlabelled_documents(class_weight, three_classes):
    X, y = three_classes
    beside = fit(X[:50], y[:50], X_unlabeled=X[50:], class_weight=class_weight)
    assert_equal(beside, fit(X, without(y, slice(50, None)), class_weight=class_weight), X)


def test_the_label_loss_is_a_mean_whatever_rows_without_label_weigh(three_classes):
    X, y = three_classes
    weights = np.where(np.arange(len(X)) < 60, 2.0, 0.1)
    student = fit(
        X, without(y, slice(60, None)), sample_weight=weights, max_iter=1, learning_rate_init=1e-9, batch_size=60
    )
    np.testing.assert_allclose(student.history_["main_loss"], np.log(3), rtol=0.02)


def test_a_value_of_y_may_stand_for_no_label(three_classes):
    X, y = three_classes
    numbers = np.searchsorted(np.unique(y), y)
    numbers[::2] = -1
    named = fit(X, numbers, unlabeled_label=-1)
    assert named.classes_.tolist() == [0, 1, 2]
    assert_equal(named, fit(X, np.where(numbers < 0, None, numbers)), X)
    assert fit(X, numbers).classes_.tolist() == [-1, 0, 1, 2]


@pytest.mark.core
def test_missing_values_are_no_labels_if_they_are_named(reviews):
    pd = pytest.importorskip("pandas")
    X, y = reviews
    labels = without(y, slice(0, None, 3))
    expected = fit(X, labels)
    for series in (pd.Series(labels, dtype="string"), pd.DataFrame({"y": pd.Series(labels, dtype="string")})):
        assert_equal(fit(X, series, unlabeled_label=np.nan), expected, X)
    missing = [pd.NA if label is None else label for label in labels]
    assert_equal(fit(X, missing, unlabeled_label=pd.NA), expected, X)


def test_validation_labels_may_be_numbers_in_an_array_of_objects(reviews):
    X, y = reviews
    numbers = (y == "good").astype(int)
    student = small(max_iter=2)
    one, other = (clone(student).fit(X, numbers, X_val=X, y_val=own) for own in (numbers, numbers.astype(object)))
    assert one.history_ == other.history_


def test_a_value_that_no_row_has_changes_nothing_and_is_warned_about(reviews):
    X, y = reviews
    with pytest.warns(UserWarning, match="No row of y has unlabeled_label='\\?'"):
        named = fit(X, y, unlabeled_label="?")
    assert_equal(named, fit(X, y), X)


def test_unlabelled_rows_carry_no_label_loss(three_classes):
    X, y = three_classes
    student = fit(X[:30], y[:30], X_unlabeled=X[30:], transfer_weight=1e-9, max_iter=1, learning_rate_init=1e-9)
    alone = fit(X[:30], y[:30], transfer_weight=1e-9, max_iter=1, learning_rate_init=1e-9)
    # An epoch has more batches, but of untrained networks the mean over the labelled rows is the same.
    np.testing.assert_allclose(student.history_["main_loss"], alone.history_["main_loss"], rtol=0.02)
    np.testing.assert_allclose(student.history_["loss"][0], 2 * student.history_["main_loss"][0], rtol=0.02)


def test_unlabelled_rows_carry_the_transfer(three_classes):
    X, y = three_classes
    still = {"max_iter": 1, "learning_rate_init": 1e-9}
    alone, both = fit(X, y, **still), fit(X, y, X_unlabeled=[X], **still)
    # The same documents twice: the mean over all rows is that over the labelled.
    for term in ("main_transfer", "auxiliary_transfer", "main_loss"):
        np.testing.assert_allclose(both.history_[term], alone.history_[term], rtol=1e-3)
    assert both.history_["main_transfer"][0] > 0


def test_unlabelled_rows_of_weight_0_leave(three_classes):
    X, y = three_classes
    weights = np.ones(len(X))
    weights[90:] = 0
    left = fit(X, without(y, slice(60, None)), sample_weight=weights)
    assert_equal(left, fit(X[:90], without(y[:90], slice(60, None))), X)


def test_unlabelled_text_brings_its_words(reviews):
    X, y = reviews
    student = fit(X, y, X_unlabeled=["a zeugma", "zeugma and film"])
    assert "zeugma" in student.tokenizer_.vocabulary_


def test_more_labelled_rows_than_others_and_the_reverse(three_classes):
    X, y = three_classes
    teacher = FrozenEstimator(linear().fit(X, y))
    for cut in (10, 110):
        student = fit(X[:cut], y[:cut], X_unlabeled=X[cut:], teacher=teacher, max_iter=15, batch_size=16)
        assert student.score(X, y) > 0.95


@pytest.mark.core
def test_token_ids_may_be_unlabelled():
    ids = np.array([[2, 3, 0], [2, 4, 5], [6, 3, 0], [6, 4, 5]] * 6)
    y = ["pos", "pos", "neg", "neg"] * 6
    student = fit(ids[:8], y[:8], X_unlabeled=[ids[8:]], tokenizer="precomputed", max_iter=20)
    assert student.score(ids, y) == 1
    with pytest.raises(ValueError, match="X_unlabeled must have 3 positions"):
        fit(ids, y, X_unlabeled=ids[:, :2], tokenizer="precomputed")


def test_a_warm_start_takes_unlabelled_text(three_classes):
    X, y = three_classes
    student = fit(X[:30], y[:30], X_unlabeled=X[30:], warm_start=True)
    vocabulary = student.tokenizer_.vocabulary_
    student.fit(X[:30], y[:30], X_unlabeled=[*X[30:], "entirely novel words"])
    assert student.tokenizer_.vocabulary_ == vocabulary


# Streams.


@pytest.mark.core
@pytest.mark.parametrize(("teacher", "main"), [(None, "cnn"), (linear(), TextBag(units=8))])
def test_streams_batches_and_lists_give_bit_equal_students(teacher, main, three_classes, tmp_path, monkeypatch):
    monkeypatch.setattr("skdistill._input.unlabeled.CHUNK", 25)
    X, y = three_classes
    pool = X[30:]
    (tmp_path / "pool.txt").write_text("\n".join(pool) + "\n")
    with gzip.open(tmp_path / "pool.txt.gz", "wt") as file:
        file.write("\n".join(pool) + "\n")
    ways = [[pool[:7], pool[7:]], TextStream(tmp_path / "pool.txt"), TextStream(tmp_path / "pool.txt.gz")]
    common = {"teacher": teacher, "main": main, "tokenizer": TextTokenizer(max_tokens=8)}
    listed = fit(X[:30], y[:30], X_unlabeled=pool, **common)
    assert_equal(listed, fit(X, without(y, slice(30, None)), **common), X)
    for way in ways:
        assert_equal(listed, fit(X[:30], y[:30], X_unlabeled=way, **common), X)


def test_a_stream_that_fails_half_way_names_its_line_and_leaves_the_estimator_as_it_was(reviews, tmp_path):
    X, y = reviews
    path = tmp_path / "pool.txt"
    path.write_bytes(b"a fine film\n" * 5 + b"caf\xe9\n")
    student = fit(X, y)
    before, attributes = probabilities(student, X), set(vars(student))
    with pytest.raises(ValueError, match=r"pool\.txt, line 6: byte 0xe9"):
        student.fit(X[::-1], y, X_unlabeled=TextStream(path))
    np.testing.assert_array_equal(probabilities(student, X), before)
    assert set(vars(student)) == attributes
    new = DistilledTextClassifier()
    with pytest.raises(ValueError, match=r"line 6"):
        new.fit(X, y, X_unlabeled=TextStream(path))
    with pytest.raises(NotFittedError):
        check_is_fitted(new)


@pytest.mark.core
def test_a_transfer_set_is_made_of_the_training_rows(recorder, reviews):
    X, y = reviews
    fit(X[:40], y[:40], X_unlabeled=TransferSet(n_copies=3), teacher=recorder)
    made = [text for batch in recorder.asked for text in batch if text not in set(X)]
    assert len(made) > 40
    assert {word for text in made for word in text.split()} <= {word for text in X[:40] for word in text.split()}


def test_a_transfer_set_is_seeded_by_the_fit(recorder, reviews):
    copies = []
    for seed in (1, 1, 2):
        recorder.asked.clear()
        fit(*reviews, X_unlabeled=TransferSet(n_copies=2), teacher=recorder, random_state=seed)
        copies.append(recorder.asked[-1])
    assert copies[0] == copies[1] != copies[2]


def test_characters_are_augmented_without_spaces(recorder):
    X, y = ["很好的酒店", "房间很差"] * 6, ["good", "bad"] * 6
    fit(X, y, X_unlabeled=TransferSet(n_copies=3), teacher=recorder, tokenizer=TextTokenizer(analyzer="char"))
    assert not any(" " in text for batch in recorder.asked for text in batch)


# Within scikit-learn.


@pytest.mark.core
def test_unlabelled_text_comes_through_a_pipeline(reviews):
    X, y = reviews
    upper = [text.upper() for text in X]
    student = small(max_iter=2)
    direct = clone(student).fit(X[:60], y[:60], X_unlabeled=X[60:])
    lower = FunctionTransformer(lambda texts: [text.lower() for text in texts])
    pipeline = make_pipeline(lower, clone(student)).fit(
        upper[:60], y[:60], distilledtextclassifier__X_unlabeled=X[60:]
    )
    assert_equal(pipeline[-1], direct, X)
    with sklearn.config_context(enable_metadata_routing=True):
        routed = make_pipeline(
            lower, clone(student).set_fit_request(X_unlabeled=True), transform_input=["X_unlabeled"]
        ).fit(upper[:60], y[:60], X_unlabeled=upper[60:])
    assert_equal(routed[-1], direct, X)


@pytest.mark.core
def test_unlabelled_rows_are_cross_validated(three_classes):
    X, y = three_classes
    student = small(max_iter=10)
    for labels in (y, np.searchsorted(np.unique(y), y)):
        scores = cross_val_score(student, X, without(labels, slice(0, None, 3)), cv=LabeledStratifiedKFold(3))
        assert scores.mean() > 0.8


def test_a_list_as_long_as_x_stays_whole_inside_a_list(recorder, reviews):
    X, y = unlike(reviews)
    pool = [f"{text} pool" for text in X]
    student = small(max_iter=1, teacher=recorder)
    cross_val_score(student, X, y, cv=2, params={"X_unlabeled": [pool]})
    asked = [text for batch in recorder.asked for text in batch]
    assert all(asked.count(text) == 2 for text in pool)


# Bad input.


def few(reviews):
    X, y = reviews
    return X[:12], y[:12]


@pytest.mark.core
@pytest.mark.parametrize(
    ("given", "parameters", "error", "words"),
    [
        ({"X_unlabeled": ["a film"]}, {"transfer": "none"}, ValueError, "pass a teacher, soft_targets"),
        ({"X_unlabeled": ["a film"]}, {"auxiliary": None}, ValueError, "pass a teacher, soft_targets"),
        ({"X_unlabeled": ["a film"]}, {"transfer_weight": 0}, ValueError, "pass a teacher, soft_targets"),
        ({"X_unlabeled": iter(["a film"])}, {}, TypeError, "X_unlabeled.*read once only"),
        ({"X_unlabeled": (text for text in ["a film"])}, {}, TypeError, "X_unlabeled.*generator.*read once only"),
        ({"X_unlabeled": "a film"}, {}, TypeError, "X_unlabeled.*single str"),
        ({"X_unlabeled": []}, {}, ValueError, "0 documents in X_unlabeled"),
        ({"X_unlabeled": ["a film", None]}, {}, ValueError, "Row 1 of X_unlabeled is missing"),
        ({"X_unlabeled": ["a film", 3]}, {}, ValueError, "Row 1 of X_unlabeled is an int"),
        ({"soft_targets": [[0.5, 0.5]] * 12}, {}, ValueError, "soft_target_classes, or a DataFrame"),
        (
            {"soft_targets": [[0.5, 0.5]] * 11, "soft_target_classes": ["bad", "good"]},
            {},
            ValueError,
            "each of the 12 documents",
        ),
        (
            {"soft_targets": [[0.5, 0.6]] * 12, "soft_target_classes": ["bad", "good"]},
            {},
            ValueError,
            "Row 0.*sum to 1",
        ),
        (
            {"soft_targets": [[1.5, -0.5]] * 12, "soft_target_classes": ["bad", "good"]},
            {},
            ValueError,
            "Row 0.*negative",
        ),
        ({"soft_targets": [[0.5, 0.5]] * 12, "soft_target_classes": ["bad"]}, {}, ValueError, "each of the 2 columns"),
        (
            {"soft_targets": [[0.5, 0.5]] * 12, "soft_target_classes": ["bad", None]},
            {},
            ValueError,
            "each of the 2 columns",
        ),
        (
            {"soft_targets": [[0.5, 0.5]] * 12, "soft_target_classes": ["bad", 1]},
            {},
            TypeError,
            "of one type. Got int and str",
        ),
        ({"soft_target_classes": ["bad", "good"]}, {}, ValueError, "pass soft_targets too"),
        ({"soft_targets": [[0.5, 0.5]] * 12, "soft_target_classes": [0, 1]}, {}, TypeError, "must be of one type"),
        ({}, {"teacher": TfidfVectorizer()}, TypeError, "predict_proba"),
        ({}, {"teacher": []}, ValueError, "empty list"),
        ({}, {"teacher_weight": 1.5}, ValueError, "teacher_weight"),
        ({}, {"teacher_cv": 1, "teacher": linear()}, ValueError, "teacher_cv"),
        ({}, {"teacher_cv": "in-sample", "teacher": linear()}, ValueError, "teacher_cv"),
        ({}, {"unlabeled_label": ["bad", "good"]}, ValueError, "unlabeled_label must be one value"),
    ],
)
def test_bad_sources_of_knowledge_are_reported(given, parameters, error, words, reviews):
    with pytest.raises(error, match=words):
        fit(*few(reviews), **given, **parameters)


def test_no_label_at_all_needs_a_frozen_teacher_or_soft_targets(reviews):
    X, _ = few(reviews)
    nothing = [None] * len(X)
    with pytest.raises(ValueError, match="target y is None"):
        fit(X, None)
    with pytest.raises(ValueError, match="at least 2 classes.*Got no label at all"):
        fit(X, nothing)
    for y in (None, nothing):
        with pytest.raises(ValueError, match="fitted on labelled rows.*FrozenEstimator"):
            fit(X, y, teacher=linear())


def test_validation_rows_need_labels(reviews):
    X, y = few(reviews)
    with pytest.raises(ValueError, match="y_val contains NaN: row 1 has no label"):
        DistilledTextClassifier().fit(X, y, X_val=X[:2], y_val=np.array(["good", None], dtype=object))
    with pytest.raises(ValueError, match="y_val must be among the classes of fit, 'bad', 'good'. Got 'strange'"):
        DistilledTextClassifier().fit(X, y, X_val=X[:2], y_val=["strange", "odd"])
    teacher = FrozenEstimator(linear().fit(X, y))
    with pytest.raises(ValueError, match="early_stopping needs validation rows"):
        fit(X, None, teacher=teacher, early_stopping=True)


def test_multilabel_targets_have_no_unlabelled_value():
    with pytest.raises(ValueError, match="unlabeled_label is not supported for multilabel y"):
        fit(["a", "b"], np.eye(2, dtype=int), unlabeled_label=-1)


def test_a_transfer_set_needs_text():
    ids = np.array([[2, 3], [2, 4]] * 4)
    with pytest.raises(TypeError, match="TransferSet, which generates texts"):
        fit(ids, [0, 1] * 4, X_unlabeled=TransferSet(), tokenizer="precomputed")


def test_an_auxiliary_network_may_learn_from_the_teacher_alone(three_classes):
    X, y = three_classes
    student = fit(X, y, teacher=linear(), transfer="none", auxiliary_weight=0, max_iter=15)
    assert student.extract("auxiliary").score(X, y) > 0.8
    soft = {"soft_targets": np.full((len(X), 3), np.nan), "soft_target_classes": np.unique(y)}
    for no_teacher in ({}, soft, {"teacher": linear(), "teacher_weight": 0}):
        with pytest.raises(ValueError, match="leaves the auxiliary network nothing to learn from.*pass a teacher"):
            fit(X, y, transfer="none", auxiliary_weight=0, **no_teacher)
    for parameters in ({"transfer_weight": 0}, {"transfer": "to_main"}):
        with pytest.raises(ValueError, match="nothing to learn from"):
            fit(X, y, auxiliary_weight=0, **parameters)
