"""The order of an epoch: laws of the two sides, with and without labels."""

import numpy as np
import pytest

from skdistill._training.batches import order_of_epoch

LENGTHS = np.random.default_rng(0).integers(1, 40, 500)


def order(n_labelled, n_others, lengths=None, batch_size=8, seed=0):
    sides = [np.arange(n_labelled), n_labelled + np.arange(n_others)]
    sides = [side for side in sides if len(side)]
    return order_of_epoch(sides, lengths, batch_size, np.random.default_rng(seed))


@pytest.mark.parametrize("lengths", [None, LENGTHS])
@pytest.mark.parametrize(("n_labelled", "n_others"), [(100, 37), (37, 100), (3, 50), (64, 64), (1, 300)])
def test_each_batch_has_as_many_rows_of_either_side(n_labelled, n_others, lengths):
    found = order(n_labelled, n_others, lengths)
    assert len(found) == 2 * max(n_labelled, n_others)
    for start in range(0, len(found), 16):
        batch = found[start : start + 16]
        assert np.count_nonzero(batch < n_labelled) * 2 == len(batch)


@pytest.mark.parametrize("lengths", [None, LENGTHS])
def test_an_epoch_is_one_pass_over_the_larger_side_and_the_smaller_comes_evenly(lengths):
    counts = np.bincount(order(30, 100, lengths), minlength=130)
    assert (counts[30:] == 1).all()
    assert set(counts[:30]) == {3, 4}


@pytest.mark.parametrize("lengths", [None, LENGTHS])
def test_the_order_is_random_and_new_each_time_round(lengths):
    assert not np.array_equal(order(30, 90, lengths), order(30, 90, lengths, seed=1))
    labelled = order(30, 90, lengths)
    labelled = labelled[labelled < 30].reshape(3, 30)
    assert not np.array_equal(labelled[0], labelled[1])


@pytest.mark.parametrize("n_labelled", [30, 64, 100])
def test_documents_of_like_length_keep_random_company(n_labelled):
    found = order(n_labelled, 400, LENGTHS)
    batches = found[:400].reshape(-1, 16)
    distinct = [len(set(batch[batch < n_labelled].tolist())) for batch in batches]
    assert np.mean(distinct) > 7


@pytest.mark.parametrize("sides", [(100, 0), (0, 100)])
def test_one_side_alone_is_a_permutation(sides):
    np.testing.assert_array_equal(np.sort(order(*sides)), np.arange(100))


def test_documents_of_a_batch_are_of_like_length():
    found = order(200, 300, LENGTHS)
    spread = [np.ptp(LENGTHS[found[start : start + 16]]) for start in range(0, 592, 16)]
    assert np.mean(spread) < 8
