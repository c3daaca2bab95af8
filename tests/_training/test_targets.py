"""What rows have to teach, as arrays: labels, weights, teacher logits and factors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skdistill._training.rows import Rows
from skdistill._training.targets import RowArrays, TaughtRowArrays, TeachingFactors, dense_width, row_arrays

pytestmark = pytest.mark.core

NAN = np.nan
LABELS = np.array([2, 0, -1, 1, -1])
WEIGHTS = np.array([1, 0.5, 2, 1, 1])
LOGITS = np.array([[1, 2, 3], [NAN] * 3, [4, 5, 6], [NAN] * 3, [7, 8, 9]], dtype=np.float32)


def arrays_of(labels=LABELS, weights=WEIGHTS, logits=None, documents=None, n_classes=3, teacher_weight=0.3):
    rows = Rows(None, np.asarray(labels), np.asarray(weights, dtype=float), logits)
    documents = np.arange(len(labels)) if documents is None else documents
    arrays = row_arrays(rows, documents, n_classes, teacher_weight)
    assert arrays.labels.dtype == (np.int8 if rows.labels.ndim == 2 else np.int32)
    assert {array.dtype for array in arrays[1:]} == {np.dtype(np.float32)}
    assert {len(array) for array in arrays} == {len(documents)}
    return arrays


def factors_of(*args, **given):
    return TeachingFactors(*arrays_of(*args, **given).factors.T)


def test_labels_and_weights_are_columns():
    arrays = arrays_of([2, 0, 1], [1, 0.5, 2])
    assert isinstance(arrays, RowArrays)
    np.testing.assert_array_equal(arrays.labels, [[2], [0], [1]])
    np.testing.assert_array_equal(arrays.weights, [[1], [0.5], [2]])


def test_indicators_stay_as_they_are():
    indicators = np.array([[1, 0], [1, 1], [0, 0]])
    np.testing.assert_array_equal(arrays_of(indicators, np.ones(3), n_classes=2).labels, indicators)


@pytest.mark.parametrize("labels", [[2, 0, 1], [[1, 0], [1, 1], [0, 0]]])
@pytest.mark.parametrize("logits", [None, LOGITS[:3]])
def test_the_arrays_grow_with_the_classes_by_the_dense_width(labels, logits):
    def n_elements(n_classes):
        wide = np.resize(labels, (3, n_classes)) if np.ndim(labels) == 2 else np.array(labels)
        rows = Rows(None, wide, np.ones(3), None if logits is None else np.resize(logits, (3, n_classes)))
        return sum(array.size for array in row_arrays(rows, np.arange(3), n_classes, 0.3)), dense_width(
            rows, n_classes
        )

    few, many = n_elements(3), n_elements(5000)
    assert many[0] - few[0] == 3 * (many[1] - few[1])


def test_the_arrays_of_a_call_do_not_change_the_rows():
    rows = Rows(None, LABELS, WEIGHTS, LOGITS.copy())
    row_arrays(rows, np.arange(5), 3, 0.3)
    np.testing.assert_array_equal(rows.teacher_logits, LOGITS)


@pytest.mark.parametrize("labels", [LABELS, [[1, 0], [-1, -1], [0, 1], [-1, -1], [1, 1]]])
def test_rows_without_label_have_no_class_and_no_label_factor(labels):
    labels = np.asarray(labels)
    arrays = arrays_of(labels, n_classes=3 if labels.ndim == 1 else 2)
    unlabelled = labels.reshape(5, -1)[:, 0] < 0
    assert isinstance(arrays, TaughtRowArrays)
    assert (arrays.labels[unlabelled] == (-1 if labels.ndim == 1 else 0)).all()
    # Either part has as many rows of a batch: twice the labelled rows are their mean over all rows.
    np.testing.assert_array_equal(TeachingFactors(*arrays.factors.T).labelled, np.where(unlabelled, 0, 2))


def test_where_every_row_has_a_label_its_factor_is_1():
    np.testing.assert_array_equal(factors_of([0, 1, 2], np.ones(3), LOGITS[:3]).labelled, 1)


def test_rows_without_teacher_logits_have_zeros_and_no_teacher():
    arrays = arrays_of(logits=LOGITS)
    factors = TeachingFactors(*arrays.factors.T)
    taught = ~np.isnan(LOGITS[:, 0])
    np.testing.assert_array_equal(arrays.teacher_logits, np.nan_to_num(LOGITS))
    np.testing.assert_array_equal(factors.taught, taught)
    assert not factors.teacher_weight[~taught].any()


@pytest.mark.parametrize("teacher_weight", [0, 0.3, 1])
def test_the_teacher_has_its_weight_beside_a_label_and_all_of_a_row_without(teacher_weight):
    found = factors_of(logits=LOGITS, teacher_weight=teacher_weight).teacher_weight
    np.testing.assert_allclose(found, [teacher_weight, 0, 1, 0, 1])


def test_without_a_teacher_rows_without_label_have_none_either():
    factors = factors_of()
    assert not factors.taught.any()
    assert not factors.teacher_weight.any()


@given(st.lists(st.integers(0, 4), min_size=1, max_size=12))
def test_rows_are_taken_in_the_given_order_and_as_often(documents):
    whole, taken = arrays_of(logits=LOGITS), arrays_of(logits=LOGITS, documents=np.array(documents))
    for found, array in zip(taken, whole):
        np.testing.assert_array_equal(found, array[documents])
