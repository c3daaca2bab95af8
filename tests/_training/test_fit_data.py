"""The rows of X that count, with what is known of them, and the part that is held out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skdistill._training.fit_data import FitData, hold_out, make_fit_data

pytestmark = pytest.mark.core

Y = np.array(["b", "a", "c", "b", "a", "c"], dtype=object)
INDICATORS = np.array([[1, 0], [0, 1], [1, 1], [0, 0], [1, 0], [0, 1]])
SOFT = np.random.default_rng(0).dirichlet(np.ones(3), 6)


few = settings(max_examples=40, deadline=None)


def documents(n_rows=6):
    return [f"text {row}" for row in range(n_rows)]


def data_of(y=Y, sample_weight=None, soft_targets=None, soft_target_classes=None, **parameters):
    n_rows = 6 if y is None else len(y)
    arguments = documents(n_rows), y, sample_weight, soft_targets, soft_target_classes
    return make_fit_data(*arguments, **{"teachers": []} | parameters)


# Labels, weights and soft targets.


def test_labels_become_indices_of_the_sorted_classes():
    data = data_of()
    assert data.classes.tolist() == ["a", "b", "c"]
    np.testing.assert_array_equal(data.labels, [1, 0, 2, 1, 0, 2])
    assert (data.target_type, data.out_activation) == ("multiclass", "softmax")
    assert data.is_labelled.all()
    assert not data.has_soft_targets.any()


def test_indicators_stay_and_their_classes_are_their_columns():
    data = data_of(INDICATORS)
    np.testing.assert_array_equal(data.labels, INDICATORS)
    np.testing.assert_array_equal(data.classes, [0, 1])
    assert (data.target_type, data.out_activation) == ("multilabel", "sigmoid")


@pytest.mark.parametrize("unlabeled_label", [None, "?"])
def test_rows_without_label_have_the_index_minus_1(unlabeled_label):
    y = Y.copy()
    y[[1, 4]] = unlabeled_label
    data = data_of(y, unlabeled_label=unlabeled_label)
    assert data.classes.tolist() == ["b", "c"]
    np.testing.assert_array_equal(data.labels, [0, -1, 1, 0, -1, 1])
    np.testing.assert_array_equal(data.is_labelled, [True, False, True, True, False, True])


def test_rows_of_weight_0_leave_with_all_that_is_known_of_them():
    data = data_of(sample_weight=[1, 1, 0, 1, 1, 0], soft_targets=SOFT, soft_target_classes=["a", "b", "c"])
    assert data.documents == ["text 0", "text 1", "text 3", "text 4"]
    np.testing.assert_array_equal(data.labels, [1, 0, 1, 0])
    np.testing.assert_array_equal(data.soft_targets, SOFT[[0, 1, 3, 4]])
    assert len(data.weights) == 4


@few
@given(st.lists(st.floats(0.01, 100), min_size=6, max_size=6), st.floats(0.1, 10))
def test_the_weights_of_labelled_rows_average_1_and_their_scale_does_not_matter(weights, scale):
    found = data_of(sample_weight=np.array(weights)).weights
    assert found.mean() == pytest.approx(1)
    np.testing.assert_allclose(found / found[0], np.array(weights) / weights[0], rtol=1e-9)
    np.testing.assert_allclose(data_of(sample_weight=scale * np.array(weights)).weights, found, rtol=1e-9)


def test_balanced_classes_have_equal_weight_in_sum():
    y = ["a"] * 6 + ["b"] * 3 + ["c"]
    data = data_of(y, class_weight="balanced")
    np.testing.assert_allclose(np.bincount(data.labels, data.weights), 10 / 3)


def test_soft_targets_are_put_in_the_order_of_the_classes():
    data = data_of(soft_targets=SOFT, soft_target_classes=["c", "a", "b"])
    np.testing.assert_array_equal(data.soft_targets, SOFT[:, [1, 2, 0]])
    assert data.has_soft_targets.all()


def test_soft_targets_may_name_classes_that_no_row_has_and_leave_rows_out():
    soft = SOFT.copy()
    soft[2] = np.nan
    data = data_of(np.array(["a", "b"] * 3), soft_targets=soft, soft_target_classes=["a", "b", "z"])
    assert data.classes.tolist() == ["a", "b", "z"]
    np.testing.assert_array_equal(data.has_soft_targets, np.arange(6) != 2)


@pytest.mark.parametrize("y", [[*map(np.str_, "abab"), None], ["a", np.str_("b"), "a", "b", None]])
def test_numpys_str_counts_as_str(y):
    soft_targets = np.array([[0.5, 0.5]] * 5)
    data = data_of(y, soft_targets=soft_targets, soft_target_classes=["a", "b"])
    assert data.classes.tolist() == ["a", "b"]
    assert data.labels.tolist() == [0, 1, 0, 1, -1]


def test_a_warm_start_keeps_the_classes_of_the_earlier_fit():
    classes = np.array(["a", "b", "c", "d"], dtype=object)
    data = data_of(earlier=(classes, "multiclass"))
    assert data.classes is classes
    with pytest.raises(ValueError, match="among the classes of fit, 'a', 'b'. Got 'c'"):
        data_of(earlier=(classes[:2], "multiclass"))
    with pytest.warns(UserWarning, match="No row of y has unlabeled_label='\\?'"):
        assert data_of(earlier=(classes, "multiclass"), unlabeled_label="?").classes is classes


# The held-out part.


def labelled_data(labels, target_type="multiclass"):
    labels = np.asarray(labels)
    n_classes = labels.max() + 1 if labels.ndim == 1 else labels.shape[1]
    rows = np.arange(len(labels))[:, None]
    return FitData(rows, labels, np.ones(len(labels)), None, np.arange(n_classes), target_type)


def held_out(labels, fraction, target_type="multiclass", seed=0):
    """The numbers of the training rows and of those held out."""
    parts = hold_out(labelled_data(labels, target_type), fraction, np.random.default_rng(seed))
    for part in parts:
        np.testing.assert_array_equal(part.labels, np.asarray(labels)[part.documents[:, 0]])
    return [part.documents[:, 0] for part in parts]


def test_held_out_rows_are_stratified_and_every_class_stays_in_training():
    labels = np.repeat([0, 1, 2], [50, 20, 1])
    training, validation = held_out(labels, 0.2)
    assert np.bincount(labels[validation], minlength=3).tolist() == [10, 4, 0]
    np.testing.assert_array_equal(np.sort(np.concatenate([training, validation])), np.arange(71))


@few
@given(st.lists(st.integers(0, 3), min_size=12, max_size=60), st.floats(0.2, 0.9), st.integers(0, 5))
def test_each_class_gives_its_part_and_both_parts_stay_in_order(labels, fraction, seed):
    labels = np.array([*range(4), 0, 0, 0, *labels])
    training, validation = held_out(labels, fraction, seed=seed)
    counts = np.bincount(labels)
    expected = [min(round(fraction * count), count - 1) for count in counts.tolist()]
    assert np.bincount(labels[validation], minlength=4).tolist() == expected
    for part in (training, validation):
        assert (np.diff(part) > 0).all()


def test_rows_without_label_stay_in_training():
    labels = np.array([0, 1, -1] * 10)
    training, validation = held_out(labels, 0.5)
    assert (labels[validation] >= 0).all()
    assert np.count_nonzero(labels[training] < 0) == 10


def test_the_held_out_multilabel_rows_are_a_random_part():
    labels = np.random.default_rng(0).integers(0, 2, (120, 3))
    training, validation = held_out(labels, 0.25, "multilabel")
    np.testing.assert_array_equal(np.sort(np.concatenate([training, validation])), np.arange(120))
    assert len(validation) == 30
    assert (np.diff(validation) != 1).any()
    assert len(held_out(labels, 0.999, "multilabel")[0]) == 1


def test_the_held_out_rows_follow_the_seed():
    labels = np.arange(60) % 3
    one, again, other = (held_out(labels, 0.3, seed=seed)[1].tolist() for seed in (0, 0, 1))
    assert one == again != other


def test_a_part_that_would_be_empty_is_refused():
    with pytest.raises(ValueError, match="validation_fraction=0.1 of 4 rows with labels leaves none"):
        held_out([0, 1, 0, 1, -1, -1], 0.1)
