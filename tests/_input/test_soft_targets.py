"""Precomputed soft targets: their check, the order of their columns, their logits."""

import tracemalloc

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.special import expit, softmax

from skdistill._input.soft_targets import align, as_logits, check_soft_targets

pytestmark = pytest.mark.core

P = np.array([[0.2, 0.5, 0.3], [np.nan] * 3, [1, 0, 0]])
NAMES = ["c", "a", "b"]


def check(soft_targets, classes=None, n_samples=3, target_type="multiclass", n_labels=0):
    return check_soft_targets(soft_targets, classes, n_samples, target_type, range(n_labels))


@pytest.mark.parametrize(
    ("soft_targets", "classes"),
    [
        (P, NAMES),
        (P.tolist(), np.array(NAMES)),
        ([[0.2, 0.5, 0.3], [None] * 3, [1, 0, 0]], tuple(NAMES)),
        (pd.DataFrame(P, columns=NAMES), None),
        (pd.DataFrame(P, columns=NAMES), NAMES),
        (pd.DataFrame(P, columns=NAMES).convert_dtypes(), None),
        (pl.DataFrame(P, schema=NAMES), None),
        (pl.DataFrame({name: [first, None, last] for name, (first, _, last) in zip(NAMES, P.T)}), None),
    ],
)
def test_arrays_and_frames_say_the_same(soft_targets, classes):
    probabilities, read = check(soft_targets, classes)
    np.testing.assert_array_equal(probabilities, P)
    assert probabilities.dtype == np.float64
    assert list(read) == NAMES


@pytest.mark.parametrize("form", ["Table", "Table of chunks", "RecordBatch"])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_columns_of_an_arrow_table_are_the_classes(form, dtype):
    pa = pytest.importorskip("pyarrow")
    values = P.astype(dtype)
    table = pa.table({name: pa.array(column.copy(), from_pandas=True) for name, column in zip(NAMES, values.T)})
    if form == "Table of chunks":
        table = pa.concat_tables([table[:1], table[1:]])
    elif form == "RecordBatch":
        (table,) = table.to_batches()
    probabilities, read = check(table)
    np.testing.assert_array_equal(probabilities, values)
    assert probabilities.dtype == (np.float64 if dtype == np.float64 else np.float32)
    assert read == NAMES
    with pytest.raises(ValueError, match="equal to the columns of soft_targets, \\['c', 'a', 'b'\\]"):
        check(table, NAMES[::-1])


def test_labels_are_found_by_the_names_of_an_arrow_table():
    pa = pytest.importorskip("pyarrow")
    table = pa.table({"b": [0.9, None], "a": [0.1, None]})
    probabilities, _ = check_soft_targets(table, None, 2, "multilabel", ["a", "b"])
    np.testing.assert_array_equal(probabilities, [[0.1, 0.9], [np.nan, np.nan]])


# Many rows: they are read in chunks.


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_arrays_of_floats_are_not_copied(dtype, tmp_path):
    np.save(tmp_path / "p.npy", P.astype(dtype))
    for values in (P.astype(dtype), np.load(tmp_path / "p.npy", mmap_mode="r")):
        probabilities, classes = check(values, NAMES)
        assert np.shares_memory(probabilities, values)
        assert align(probabilities, classes, np.array(NAMES), "it") is probabilities


@pytest.mark.parametrize("form", ["array", "float32", "columns", "Arrow"])
def test_a_wrong_row_behind_the_first_chunk_is_named(form):
    values = np.full((300_001, 2), 0.5, np.float32 if form == "float32" else np.float64)
    values[300_000] = 0.9
    if form == "columns":
        values = np.asfortranarray(values)
    if form == "Arrow":
        values = pytest.importorskip("pyarrow").table({"a": values[:, 0], "b": values[:, 1]})
    with pytest.raises(ValueError, match="Row 300000 of soft_targets does not sum to 1.*Got 1.8"):
        check(values, ["a", "b"], n_samples=300_001)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("target_type", ["multiclass", "multilabel"])
def test_the_logits_of_many_rows_are_those_of_double_precision(dtype, target_type):
    p = np.random.default_rng(0).dirichlet(np.full(7, 0.1), 100_000).astype(dtype)
    p[::5] = np.nan
    clipped = np.clip(p.astype(float), 1e-7, 1 - 1e-7 if target_type == "multilabel" else 1)
    expected = np.log(clipped) - (np.log1p(-clipped) if target_type == "multilabel" else 0)
    for values in (p, np.asfortranarray(p)):
        np.testing.assert_array_equal(as_logits(values, target_type), expected.astype(np.float32))


@pytest.mark.parametrize("form", ["in order", "other order", "Arrow"])
def test_checks_take_no_copy_in_double_precision(form):
    p = np.full((250_000, 20), 0.05, np.float32)  # 20 MB
    names = [f"{i:02}" for i in range(20)]
    given = p
    if form == "Arrow":
        given = pytest.importorskip("pyarrow").table({name: p[:, 0] for name in names})
    classes = names[::-1] if form == "other order" else names
    check(given[:10], None if form == "Arrow" else classes, n_samples=10)
    tracemalloc.start()
    probabilities, columns = check(given, None if form == "Arrow" else classes, n_samples=len(p))
    logits = as_logits(align(probabilities, columns, np.array(names), "it"), "multiclass")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    n_copies = 1 if form == "in order" else 2  # the logits, and the columns in order
    assert peak < n_copies * logits.nbytes + 12_000_000


def test_without_soft_targets_there_are_no_classes():
    assert check(None) == (None, None)
    with pytest.raises(ValueError, match="pass soft_targets too"):
        check(None, NAMES)


def test_columns_match_classes_by_value():
    named = pd.DataFrame(P, columns=[2, 0, 1])
    for frame, given in ((named, None), (named, [2, 0, 1]), (pl.DataFrame(P, schema=["2", "0", "1"]), [2, 0, 1])):
        probabilities, own = check(frame, given)
        np.testing.assert_array_equal(align(probabilities, own, np.arange(3), "it"), P[:, [1, 2, 0]])
    _, own = check(pl.DataFrame(P, schema=["2", "0", "1"]))
    with pytest.raises(ValueError, match="of the fit, 0, 1, 2. Got '2', '0', '1'"):
        align(P, own, np.arange(3), "soft_targets")


@pytest.mark.parametrize("classes", [NAMES[:2], "cab", 3, [["c", "a", "b"]], [["c"], ["a"], ["b"]], ["c", "a", None]])
def test_classes_must_name_the_columns(classes):
    with pytest.raises(ValueError, match="must name each of the 3 columns"):
        check(P, classes)


@pytest.mark.parametrize(
    ("soft_targets", "classes", "message"),
    [
        (P, None, "pass soft_target_classes, or a DataFrame with one column for each class"),
        (P[0], NAMES, r"Got shape \(3,\)"),
        (P[:2], NAMES, r"each of the 3 documents.*Got shape \(2, 3\)"),
        (P, ["a", "b", "a"], "'a' twice"),
        (pd.DataFrame(P, columns=NAMES), ["a", "b", "c"], "equal to the columns"),
        ([[1, 0], [1], [0, 1]], ["a", "b"], "rows of one length"),
        ([["x", "y"]] * 3, ["a", "b"], "table of numbers"),
        ([[1, 0], [1.5, -0.5], [1, 0]], ["a", "b"], "Row 1 of soft_targets is negative.*Got -0.5"),
        ([[1, 0], [1, 0], [np.inf, 0]], ["a", "b"], "Row 2 .* infinite.*Got inf"),
        ([[1, 0], [1, np.nan], [1, 0]], ["a", "b"], "Row 1 .* NaN in part"),
        ([[1, 0], [1, 0], [7, 7]], ["a", "b"], "Row 2 .* not sum to 1: divide each row by its sum. Got 14"),
        ([[0, 0], [1, 0], [1, 0]], ["a", "b"], "Row 0 .* not sum to 1"),
    ],
)
def test_what_is_no_distribution_is_reported(soft_targets, classes, message):
    with pytest.raises(ValueError, match=message):
        check(soft_targets, classes)


@pytest.mark.parametrize("n_classes", [2, 3, 20, 77, 1000])
@pytest.mark.parametrize(
    "rounded",
    [lambda p: p.round(3), lambda p: p.astype(np.float16), lambda p: p.astype(np.float32)],
    ids=["three decimals", "float16", "float32"],
)
def test_rounded_probabilities_are_accepted(rounded, n_classes):
    p = rounded(np.random.default_rng(0).dirichlet(np.ones(n_classes), 200))
    probabilities, _ = check(p, range(n_classes), n_samples=200)
    np.testing.assert_array_equal(probabilities, p.astype(float))


def test_three_decimals_may_all_be_rounded_to_the_same_side():
    for p in ([1 / 3] * 3, [0.0114] * 87 + [0.0082], [0.0125] * 80, [0.0075] * 132 + [0.01]):
        check([np.round(p, 3)], range(len(p)), n_samples=1)


@pytest.mark.parametrize("n_classes", [2, 77, 1000])
def test_probabilities_in_bfloat16_are_accepted(n_classes):
    bfloat16 = pytest.importorskip("ml_dtypes").bfloat16
    z = np.random.default_rng(0).normal(size=(200, n_classes))
    odds = np.exp(z).astype(bfloat16)
    denominators = odds.astype(float).sum(axis=1, keepdims=True).astype(bfloat16)
    for p in (softmax(z, axis=1).astype(bfloat16), odds / denominators):
        assert p.dtype == bfloat16
        probabilities, _ = check(p, range(n_classes), n_samples=200)
        np.testing.assert_allclose(probabilities, softmax(z, axis=1), rtol=0.02)


@pytest.mark.parametrize(("n_classes", "wrong"), [(2, 0.99), (2, 100), (77, 0.96), (77, 100), (1000, 0.89), (1000, 0)])
def test_sums_may_be_wrong_by_rounding_alone(n_classes, wrong):
    p = np.random.default_rng(0).dirichlet(np.ones(n_classes), 3)
    check(0.995 * p, range(n_classes))
    with pytest.raises(ValueError, match="Row 0 of soft_targets does not sum to 1: divide each row by its sum"):
        check(wrong * p, range(n_classes))


def test_multilabel_targets_need_no_classes_and_no_sum():
    p = [[0.9, 0.8], [np.nan, np.nan], [0, 1]]
    probabilities, classes = check(p, target_type="multilabel", n_labels=2)
    np.testing.assert_array_equal(probabilities, p)
    assert classes is None


@pytest.mark.parametrize(
    ("soft_targets", "classes", "message"),
    [
        ([[0.5, 1.5]], None, "Row 0 .* above 1.*Got 1.5"),
        ([[0.5, -0.5]], None, "negative"),
        ([[0.5, 0.5, 0.5]], None, "each of the 2 labels of y. Got 3"),
        ([[0.5, 0.5]], [0, 1], "soft_target_classes must be None for multilabel y"),
    ],
)
def test_soft_targets_that_do_not_fit_the_labels_are_reported(soft_targets, classes, message):
    with pytest.raises(ValueError, match=message):
        check(soft_targets, classes, n_samples=1, target_type="multilabel", n_labels=2)


def test_aligned_columns_are_in_order_and_lacking_classes_have_no_probability():
    aligned = align(P, np.array(NAMES, dtype=object), np.array(["0", "a", "b", "c"]), "it")
    np.testing.assert_array_equal(aligned, [[0, 0.5, 0.3, 0.2], [np.nan] * 4, [0, 0, 0, 1]])


def test_many_classes_are_reported_in_short():
    with pytest.raises(ValueError, match="0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 90 more. Got -1.$"):
        align(np.ones((1, 1)), [-1], np.arange(100), "soft_targets")


def test_logits_give_the_probabilities_back():
    logits = as_logits(P, "multiclass")
    assert logits.dtype == np.float32
    np.testing.assert_allclose(softmax(logits, axis=1), P, atol=1e-6)
    np.testing.assert_allclose(expit(as_logits(P, "multilabel")), P, atol=1e-6)


@pytest.mark.parametrize("target_type", ["multiclass", "multilabel"])
def test_certainty_has_finite_logits(target_type):
    logits = as_logits(np.array([[0.0, 1.0], [np.nan, np.nan]]), target_type)
    assert np.isnan(logits[1]).all()
    assert logits[0, 0] == pytest.approx(np.log(1e-7), rel=1e-6)
    if target_type == "multilabel":
        assert logits[0, 0] == pytest.approx(-logits[0, 1], rel=1e-6)
