"""Folds of labelled rows: which rows train, which test, and what is refused."""

import copy

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_predict, cross_val_score

from skdistill.model_selection import LabeledStratifiedKFold

pytestmark = pytest.mark.core

LABELS = ["good", "bad", "bad", "good", "good", "bad", "good", "bad"]


def with_gaps(labels, gap=None):
    """Labels with a row that has none before each, and at the end."""
    rows = []
    for label in labels:
        rows += [gap, label]
    return [*rows, gap]


def splits_of(splitter, y):
    return [(train.tolist(), test.tolist()) for train, test in splitter.split(np.zeros(len(y)), y)]


# The law.


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from([0, 1, 2, None]), min_size=2, max_size=40),
    st.integers(2, 4),
    st.sampled_from([None, 0]),
)
def test_labelled_rows_are_tested_once_and_the_others_always_train(labels, n_splits, seed):
    labels = [0] * n_splits + [1] * n_splits + [2] * n_splits + labels
    y = np.array(labels, dtype=object)
    splitter = LabeledStratifiedKFold(n_splits, shuffle=seed is not None, random_state=seed)
    unlabelled = {row for row, label in enumerate(labels) if label is None}
    tested = []
    for train, test in splits_of(splitter, y):
        assert sorted(train + test) == list(range(len(y)))
        assert train == sorted(train)
        assert test == sorted(test)
        assert unlabelled <= set(train)
        tested += test
    assert sorted(tested) == sorted(set(range(len(y))) - unlabelled)


@settings(max_examples=40)
@given(st.lists(st.sampled_from([0, 1, 2, None]), max_size=40), st.sampled_from([None, 3]))
def test_the_labelled_rows_are_split_as_if_they_were_alone(labels, seed):
    labels = [0] * 3 + [1] * 3 + [2] * 3 + labels
    parameters = {"n_splits": 3, "shuffle": seed is not None, "random_state": seed}
    rows = np.array([row for row, label in enumerate(labels) if label is not None])
    alone = [label for label in labels if label is not None]
    expected = [rows[test].tolist() for _, test in StratifiedKFold(**parameters).split(alone, alone)]
    y = np.array(labels, dtype=object)
    assert [test for _, test in splits_of(LabeledStratifiedKFold(**parameters), y)] == expected


@pytest.mark.parametrize(
    "form",
    [
        list,
        np.array,
        lambda y: np.array(y, dtype=object),
        lambda y: pd.Series(y, index=range(5, 13)),
        lambda y: pd.Series(y, dtype="category"),
        lambda y: np.array(y)[:, None],
        lambda y: (np.array(y) == "good").astype(int),
        lambda y: np.array(y) == "good",
        lambda y: np.where(np.array(y) == "good", 1.0, -1.0),
    ],
)
@pytest.mark.parametrize("shuffle", [{}, {"shuffle": True, "random_state": 5}])
def test_where_no_row_lacks_a_label_the_folds_are_those_of_stratified_k_fold(form, shuffle):
    y = form(LABELS)
    expected = [(train.tolist(), test.tolist()) for train, test in StratifiedKFold(3, **shuffle).split(y, y)]
    assert splits_of(LabeledStratifiedKFold(3, **shuffle), y) == expected


@pytest.mark.parametrize(
    ("y", "unlabeled_label"),
    [
        (with_gaps(LABELS), None),
        (np.array(with_gaps(LABELS), dtype=object), None),
        (pd.Series(with_gaps(LABELS), dtype=object), None),
        (pd.Series(with_gaps(LABELS), dtype="string"), np.nan),
        (pd.Series(with_gaps(LABELS), dtype="category"), pd.NA),
        (pl.Series(with_gaps(LABELS)), np.nan),
        (pl.DataFrame({"y": with_gaps(LABELS)}), np.nan),
        (with_gaps(LABELS, "?"), "?"),
        (np.array(with_gaps(LABELS, "")), ""),
        (np.array(with_gaps([int(label == "good") for label in LABELS]), dtype=object), None),
        (pd.Series(with_gaps([int(label == "good") for label in LABELS]), dtype="Int64"), np.nan),
        (np.array(with_gaps([int(label == "good") for label in LABELS], -1)), -1),
        (np.array(with_gaps([float(label == "good") for label in LABELS], np.nan)), np.nan),
        (np.array(with_gaps(LABELS, "?")[:-1] + [None], dtype=object), "?"),
    ],
)
def test_what_means_no_label(y, unlabeled_label):
    expected = [test for _, test in splits_of(StratifiedKFold(3), LABELS)]
    splits = splits_of(LabeledStratifiedKFold(3, unlabeled_label=unlabeled_label), y)
    assert [[row // 2 for row in test] for _, test in splits] == expected
    assert all(row % 2 for _, test in splits for row in test)


@pytest.mark.skipif(not hasattr(np.dtypes, "StringDType"), reason="StringDType is new in numpy 2")
@pytest.mark.parametrize("y", [LABELS, with_gaps(LABELS, ""), [[label] for label in LABELS]])
@pytest.mark.parametrize("unlabeled_label", [None, ""])
@pytest.mark.filterwarnings("ignore:No row of y has unlabeled_label")
def test_string_dtype_is_split_as_str(y, unlabeled_label):
    splitter = LabeledStratifiedKFold(3, unlabeled_label=unlabeled_label)
    expected = splits_of(splitter, np.array(y))
    assert splits_of(splitter, np.array(y, dtype=np.dtypes.StringDType())) == expected


def test_minus_one_is_a_class_unless_it_is_named():
    y = np.array([-1, 1, -1, 1])
    assert [test for _, test in splits_of(LabeledStratifiedKFold(2), y)] == [[0, 1], [2, 3]]


# Inside scikit-learn.


class Majority(ClassifierMixin, BaseEstimator):
    """Predicts the most frequent label; rows of None have none."""

    def __init__(self, smoothing=0):
        self.smoothing = smoothing

    def fit(self, X, y):
        labels = [label for label in y if label is not None]
        assert len(labels) < len(y)
        self.classes_, counts = np.unique(labels, return_counts=True)
        self.most_frequent_ = self.classes_[counts.argmax()]
        return self

    def predict(self, X):
        return np.full(len(X), self.most_frequent_)

    def score(self, X, y):
        return float(np.mean(np.asarray(y.tolist()) == self.predict(X)))


@pytest.mark.parametrize("labels", [["good"] * 6 + ["bad"] * 3, [1] * 6 + [0] * 3])
def test_cross_validation_scores_labelled_rows(labels):
    y = np.array(with_gaps(labels), dtype=object)
    texts = [f"text {row}" for row in range(len(y))]
    scores = cross_val_score(Majority(), texts, y, cv=LabeledStratifiedKFold(3), error_score="raise")
    np.testing.assert_allclose(scores, 2 / 3)


def test_metrics_of_scikit_learn_take_labels_that_are_text():
    y = np.array(with_gaps(["good"] * 6 + ["bad"] * 3), dtype=object)
    cv = LabeledStratifiedKFold(3)
    scores = cross_val_score(Majority(), y, y, cv=cv, scoring="balanced_accuracy", error_score="raise")
    np.testing.assert_allclose(scores, 1 / 2)


@pytest.mark.parametrize("routing", [False, True])
def test_a_grid_search_takes_it(routing):
    y = np.array(with_gaps(["good"] * 6 + ["bad"] * 3), dtype=object)
    with config_context(enable_metadata_routing=routing):
        search = GridSearchCV(Majority(), {"smoothing": [0, 1]}, cv=LabeledStratifiedKFold(3), error_score="raise")
        search.fit(y, y)
    assert search.n_splits_ == 3
    assert search.best_score_ == pytest.approx(2 / 3)


def test_cross_val_predict_needs_all_rows_in_a_test_part():
    y = np.array(with_gaps(LABELS), dtype=object)
    with pytest.raises(ValueError, match="partitions"):
        cross_val_predict(Majority(), y, y, cv=LabeledStratifiedKFold(2))


def test_it_asks_for_the_same_metadata_as_stratified_k_fold():
    ours, theirs = LabeledStratifiedKFold().get_metadata_routing(), StratifiedKFold().get_metadata_routing()
    assert ours.split.requests == theirs.split.requests
    assert not hasattr(LabeledStratifiedKFold, "set_split_request")


def test_it_prints_its_parameters():
    splitter = LabeledStratifiedKFold(3, unlabeled_label=-1)
    printed = "LabeledStratifiedKFold(n_splits=3, random_state=None, shuffle=False, unlabeled_label=-1)"
    assert " ".join(repr(splitter).split()) == " ".join(repr(copy.deepcopy(splitter)).split()) == printed


def test_it_knows_the_number_of_folds_before_it_sees_rows():
    assert LabeledStratifiedKFold(7).get_n_splits() == 7


# What is refused.


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_splits": 1}, "at least one train/test split"),
        ({"n_splits": 2.5}, "Integral"),
        ({"shuffle": 1}, "shuffle must be True or False"),
        ({"random_state": 0}, "random_state"),
    ],
)
def test_parameters_are_checked_at_once(parameters, message):
    with pytest.raises((TypeError, ValueError), match=message):
        LabeledStratifiedKFold(**parameters)


@pytest.mark.parametrize("y", [None, [None, None], np.array([None] * 3), []])
def test_without_labelled_rows_there_is_nothing_to_test_on(y):
    with pytest.raises(ValueError, match="y must have labelled rows"):
        next(LabeledStratifiedKFold(2).split(np.zeros(np.size(y)), y))


def test_a_class_needs_as_many_rows_as_there_are_folds():
    with pytest.raises(ValueError, match="n_splits=3 cannot be greater than the number of members in each class"):
        splits_of(LabeledStratifiedKFold(3), ["a", "b", None, "a", "b", None])


def test_a_rare_class_is_warned_about():
    with pytest.warns(UserWarning, match="The least populated class in y has only 1 members"):
        splits_of(LabeledStratifiedKFold(2), ["a", "a", None, "b"])


def test_rows_of_X_and_y_must_be_as_many():
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        next(LabeledStratifiedKFold(2).split(["text"] * 3, ["a", "a", None, "b"]))


@pytest.mark.parametrize(
    ("y", "error", "words"),
    [
        ([0.5, 1.5, None, 2.5], ValueError, "Unknown label type: continuous"),
        (np.eye(4, dtype=int), ValueError, "Supported target types"),
        (["a", 1, None, "b"], TypeError, "of one type. Got int and str: make them all str"),
    ],
)
def test_what_is_no_class_is_refused(y, error, words):
    with pytest.raises(error, match=words):
        splits_of(LabeledStratifiedKFold(2), y)


@pytest.mark.parametrize(
    "y",
    [
        np.array([0, 0, 1, 1, np.nan]),
        pd.Series([0, 0, 1, 1, None], dtype="Int64"),
        pl.DataFrame({"y": ["a", "a", "b", "b", None]}),
    ],
)
def test_a_missing_label_is_an_error_unless_it_is_named(y):
    with pytest.raises(ValueError, match="y contains NaN: row 4 has no label.*unlabeled_label=numpy.nan"):
        splits_of(LabeledStratifiedKFold(2), y)
    assert all(4 in train for train, _ in splits_of(LabeledStratifiedKFold(2, unlabeled_label=np.nan), y))


def test_an_unlabelled_value_of_another_type_is_refused():
    with pytest.raises(ValueError, match="unlabeled_label=-1 is equal to no label of y, which has '-1'"):
        splits_of(LabeledStratifiedKFold(2, unlabeled_label=-1), np.array(with_gaps(LABELS, -1)))


def test_an_unlabelled_value_that_no_row_has_is_warned_about():
    with pytest.warns(UserWarning, match="No row of y has unlabeled_label='\\?': it marks no row as unlabelled"):
        splits_of(LabeledStratifiedKFold(2, unlabeled_label="?"), LABELS)


def test_groups_are_ignored_with_a_warning():
    with pytest.warns(UserWarning, match="groups parameter is ignored by LabeledStratifiedKFold"):
        next(LabeledStratifiedKFold(2).split(LABELS, LABELS, groups=LABELS))
