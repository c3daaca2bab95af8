"""Labels: which rows have one, whatever holds them, and values that mean no label."""

from datetime import date

import numpy as np
import pandas as pd
import polars as pl
import pytest
from factory import fit

from skdistill._input.labels import check_labels, find_labelled, plain_labels, take_labels

pytestmark = pytest.mark.core

TEXTS = ["b", "a", None, "b", None, "a"]
NUMBERS = [1, 0, None, 1, None, 0]
DAYS = np.array(["2021", "2020", "NaT", "2021", "NaT", "2020"], dtype="datetime64[D]")
LABELLED = [True, True, False, True, False, True]

OBJECTS = {
    "list": TEXTS,
    "tuple": tuple(NUMBERS),
    "column of lists": [[label] for label in TEXTS],
    "array": np.array(TEXTS, dtype=object),
    "Series": pd.Series(NUMBERS, dtype=object, index=range(5, 11)),
    "frame": pd.DataFrame({"y": pd.Series(TEXTS, dtype=object)}),
    "polars": pl.Series(TEXTS, dtype=pl.Object),
}
TYPED = {
    "string": pd.Series(TEXTS, dtype="string"),
    "category": pd.Series(TEXTS, dtype="category"),
    "Categorical": pd.Categorical(TEXTS),
    "Int64": pd.Series(NUMBERS, dtype="Int64"),
    "boolean": pd.Series(NUMBERS, dtype="boolean"),
    "float Series": pd.Series(NUMBERS, dtype=float),
    "datetime Series": pd.Series(DAYS.astype("datetime64[s]")),
    "frame": pd.DataFrame({"y": pd.Series(TEXTS, dtype="string")}),
    "polars str": pl.Series(TEXTS),
    "polars Categorical": pl.Series(TEXTS, dtype=pl.Categorical),
    "polars int": pl.Series(NUMBERS),
    "polars frame": pl.DataFrame({"y": TEXTS}),
    "float array": np.array(NUMBERS, dtype=float),
    "datetime array": DAYS,
    "masked array": np.ma.array(["b", "a", "?", "b", "?", "a"], mask=[label is None for label in TEXTS]),
}
if hasattr(np.dtypes, "StringDType"):  # from numpy 2 on
    TYPED["StringDType"] = np.array(TEXTS, dtype=np.dtypes.StringDType(na_object=None))
# Missing values among objects are no marks either.
MISSING = {
    repr(missing): [missing if label is None else label for label in TEXTS]
    for missing in (np.nan, float("nan"), pd.NA, pd.NaT, np.datetime64("NaT", "D"))
}


@pytest.mark.parametrize("y", OBJECTS.values(), ids=OBJECTS)
def test_none_among_objects_marks_a_row_without_label(y):
    for unlabeled_label in (None, np.nan):
        assert find_labelled(y, 6, unlabeled_label).tolist() == LABELLED
    with pytest.warns(UserWarning, match="No row of y has unlabeled_label='\\?'"):
        assert find_labelled(y, 6, "?").tolist() == LABELLED


@pytest.mark.parametrize("y", [*TYPED.values(), *MISSING.values()], ids=[*TYPED, *MISSING])
def test_other_missing_labels_are_an_error_that_names_the_row(y):
    with pytest.raises(ValueError, match=r"y contains NaN: row 2 has no label.*pass unlabeled_label=numpy.nan"):
        find_labelled(y, 6, None)


@pytest.mark.parametrize("unlabeled_label", [np.nan, pd.NA, pd.NaT])
@pytest.mark.parametrize("y", [*TYPED.values(), *MISSING.values()], ids=[*TYPED, *MISSING])
def test_missing_labels_mean_no_label_if_that_is_asked_for(y, unlabeled_label):
    labelled = find_labelled(y, 6, unlabeled_label)
    assert labelled.tolist() == LABELLED
    labels = check_labels(take_labels(y, labelled), 4).tolist()
    assert labels[0] == labels[2] > labels[1] == labels[3]


def test_the_row_is_that_of_y_whatever_other_rows_lack_a_label():
    with pytest.raises(ValueError, match="row 3 has no label"):
        find_labelled([None, "a", None, np.nan], 4, None)


def test_missing_labels_of_a_column_with_a_type_stop_a_fit():
    texts = ["good food", "bad food", "some food"] * 4
    labels = ["pos", "neg", None] * 4
    with pytest.raises(ValueError, match="y contains NaN: row 2 has no label"):
        fit(texts, pd.Series(labels, dtype="string"), max_iter=1)
    named = fit(texts, pd.Series(labels, dtype="string"), max_iter=1, unlabeled_label=np.nan)
    np.testing.assert_array_equal(named.predict_proba(texts), fit(texts, labels, max_iter=1).predict_proba(texts))


# A value that means no label.


@pytest.mark.parametrize(
    ("y", "unlabeled_label", "words"),
    [
        (np.array(["pos", "neg", -1]), -1, "pass unlabeled_label='-1'"),
        (np.array(["pos", "neg", np.nan]), np.nan, "pass unlabeled_label='nan'"),
        (["pos", "neg", "-1"], -1, "pass unlabeled_label='-1'"),
        (pd.Series(["pos", "neg", "-1"], dtype="string"), -1, "pass unlabeled_label='-1'"),
        ([0, 1, -1], "-1", "pass unlabeled_label=-1"),
        (np.array([0, 1, -1]), "-1", "pass unlabeled_label=-1"),
        (pl.Series([True, False]), "True", "pass unlabeled_label=True"),
    ],
)
def test_a_label_that_only_looks_like_it_is_reported(y, unlabeled_label, words):
    with pytest.raises(ValueError, match=f"is equal to no label of y, which has .*: {words}"):
        find_labelled(y, len(y), unlabeled_label)


@pytest.mark.parametrize(
    "y",
    [
        np.array(["pos", "neg"]),
        pd.Series(["pos", "neg"], dtype="string"),
        pd.Series(["pos", "neg"], dtype="category"),
        pl.Series(["pos", "neg"]),
        pl.Series(["pos", "neg"], dtype=pl.Categorical),
        pl.Series(["pos", "neg"], dtype=pl.Enum(["pos", "neg"])),
    ],
)
def test_a_column_of_str_has_no_other_value(y):
    with pytest.raises(ValueError, match="must be of the type of y's labels, str. Got -1"):
        find_labelled(y, 2, -1)


@pytest.mark.parametrize(
    ("y", "held"),
    [
        (np.array([0, 1]), "int"),
        (np.array([0.0, 1.0]), "float"),
        (np.array([False, True]), "bool"),
        (pd.Series([0, 1], dtype="Int64"), "int"),
        (pd.Series([0, 1], dtype="category"), "int"),
        (pl.Series([date(2020, 1, 1), date(2021, 1, 1)]), "date"),
        (DAYS[:2], "date"),
    ],
)
def test_a_column_of_other_values_has_no_str(y, held):
    with pytest.raises(ValueError, match=f"must be of the type of y's labels, {held}. Got 'unlabelled'"):
        find_labelled(y, 2, "unlabelled")


@pytest.mark.parametrize(
    ("y", "unlabeled_label"),
    [
        (["pos", "neg"], -1),
        (np.array(["pos", "neg"], dtype=object), -1),
        (pd.Series(pd.Categorical(["pos", "neg"], categories=["pos", "neg", -1])), -1),
        (np.array([0, 1]), 99),
        (np.array(["pos", "neg"]), "?"),
        (np.array(["pos", "neg"]), np.nan),
        (pd.Series(["pos", "neg"], dtype="string"), pd.NA),
    ],
)
def test_a_value_that_no_row_happens_to_have_is_warned_about(y, unlabeled_label):
    with pytest.warns(UserWarning, match="No row of y has unlabeled_label="):
        assert find_labelled(y, 2, unlabeled_label).all()


def test_a_value_of_another_type_stops_a_fit():
    texts, labels = ["good food", "bad food", "some food"] * 4, ["pos", "neg", -1] * 4
    expected = fit(texts, ["pos", "neg", None] * 4, max_iter=1).predict_proba(texts)
    named = fit(texts, labels, max_iter=1, unlabeled_label=-1)
    np.testing.assert_array_equal(named.predict_proba(texts), expected)
    with pytest.raises(ValueError, match="pass unlabeled_label='-1'"):
        named.set_params(warm_start=True).fit(texts, np.array(labels))


# Types of labels.


@pytest.mark.skipif(not hasattr(np.dtypes, "StringDType"), reason="StringDType is new in numpy 2")
def test_labels_of_string_dtype_are_those_of_str():
    labels = np.array(["pos", "neg"] * 6)
    strings = labels.astype(np.dtypes.StringDType())
    np.testing.assert_array_equal(plain_labels(strings), labels)
    with pytest.raises(ValueError, match="of the type of y's labels, str. Got -1"):
        find_labelled(strings, 12, -1)
    texts = ["good food", "bad food"] * 6
    given = {"X_val": texts, "max_iter": 2}
    expected, found = fit(texts, labels, y_val=labels, **given), fit(texts, strings, y_val=strings, **given)
    assert found.classes_.dtype == labels.dtype
    np.testing.assert_array_equal(found.predict_proba(texts), expected.predict_proba(texts))
    assert found.history_ == expected.history_
    assert found.score(texts, strings) == expected.score(texts, labels)


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (pd.Series(pd.interval_range(0, 2)), "Unknown label type"),
        (np.array([["a", "x"], ["b", "y"]]), "Got 'a' .*MultiOutputClassifier.*MultiLabelBinarizer"),
        (np.array([[3, 1], [0, 1]]), "Got 3 .*MultiOutputClassifier.*MultiLabelBinarizer"),
    ],
)
def test_what_is_no_label_is_reported(y, words):
    with pytest.raises(ValueError, match=words):
        check_labels(y, 2)
