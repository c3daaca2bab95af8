"""The order of an epoch and its batches: laws of the two sides, with and without labels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skdistill._training import batches
from skdistill._training.batches import BatchBounds, batch_bounds, order_of_epoch, split_into_calls

pytestmark = pytest.mark.core

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
    full = found[:400].reshape(-1, 16)
    distinct = [len(set(batch[batch < n_labelled].tolist())) for batch in full]
    assert np.mean(distinct) > 7


@pytest.mark.parametrize("sides", [(100, 0), (0, 100)])
def test_one_side_alone_is_a_permutation(sides):
    np.testing.assert_array_equal(np.sort(order(*sides)), np.arange(100))


def test_documents_of_a_batch_are_of_like_length():
    found = order(200, 300, LENGTHS)
    spread = [np.ptp(LENGTHS[found[start : start + 16]]) for start in range(0, 592, 16)]
    assert np.mean(spread) < 8


# Calls of whole batches, and where each batch is in them.

documents_and_sizes = st.integers(1, 120), st.integers(1, 9), st.integers(0, 5)


@given(*documents_and_sizes, st.integers(1, 200), st.integers(0, 20))
def test_calls_hold_every_document_once_in_order_and_whole_batches(n_documents, batch_size, seed, most, width):
    generator = np.random.default_rng(seed)
    order, lengths = generator.permutation(n_documents), generator.integers(0, 30, n_documents)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "FEATURES_PER_CALL", most)
        patch.setattr(batches, "CELLS_PER_CALL", most)
        calls = split_into_calls(order, lengths, width, batch_size)
    np.testing.assert_array_equal(np.concatenate(calls), order)
    assert all(len(call) % batch_size == 0 for call in calls[:-1])
    assert all(len(call) for call in calls)
    # No call has more than one batch beyond the bound.
    largest = max(lengths[order[start : start + batch_size]].sum() for start in range(0, n_documents, batch_size))
    assert max(lengths[call].sum() for call in calls) <= most + largest
    assert max(map(len, calls)) * width <= most + batch_size * width


def test_an_epoch_of_few_features_is_one_call():
    (call,) = split_into_calls(np.arange(100), np.full(100, 9), 5, 8)
    np.testing.assert_array_equal(call, np.arange(100))


@given(*documents_and_sizes)
def test_bounds_cut_documents_and_entries_into_batches(n_documents, batch_size, seed):
    generator = np.random.default_rng(seed)
    lengths = [generator.integers(0, 6, n_documents) for _ in range(2)]
    owners = [np.repeat(np.arange(n_documents), own) for own in lengths]
    bounds = batch_bounds(n_documents, lengths, batch_size, generator)
    assert bounds.dtype == np.int32
    assert len(bounds) == -(-n_documents // batch_size)
    found, found_owners = [], [[], []]
    for row in bounds:
        batch = BatchBounds.from_columns(np.split(row, np.cumsum(BatchBounds.widths(2))[:-1]))
        rows = np.arange(n_documents)[batch.begin[0] :][: batch.size[0]]
        assert (batch.begin[1], batch.size[1]) == (0, -1)
        assert len(rows) <= batch_size
        found.extend(rows)
        for owner, own, (begin, size) in zip(owners, found_owners, batch.entries):
            entries = owner[begin[0] :][: size[0]]
            assert set(entries) <= set(rows)
            own.extend(entries)
    np.testing.assert_array_equal(found, np.arange(n_documents))
    for owner, own in zip(owners, found_owners):
        np.testing.assert_array_equal(own, owner)


def test_batches_have_seeds_of_their_own():
    one, again, other = (batch_bounds(400, [], 4, np.random.default_rng(seed))[:, 4] for seed in (0, 0, 1))
    assert len(set(one.tolist())) == 100
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)


WINDOW = 400


def windows_of(found, most):
    """The windows of an order that consists of ``n`` of them, as long as possible."""
    return np.array_split(found, -(-len(found) // most))


@pytest.mark.parametrize("lengths", [None, np.random.default_rng(1).integers(1, 40, 5000)])
@pytest.mark.parametrize("n_others", [0, 900])
def test_in_windows_each_row_comes_once_and_neighbours_stay_close(lengths, n_others):
    sides = [side for side in (np.arange(4000), 4000 + np.arange(n_others)) if len(side)]
    found = order_of_epoch(sides, lengths, 8, np.random.default_rng(0), WINDOW)
    assert len(found) == len(sides) * 4000
    labelled = found[found < 4000]
    np.testing.assert_array_equal(np.sort(labelled), np.arange(4000))
    for part in windows_of(labelled, WINDOW):
        assert len(np.unique(part // 8)) <= 52  # 50 blocks of 8 rows, and the ends of two windows
    if n_others:
        assert set(np.bincount(found[found >= 4000] - 4000)) == {4, 5}
        assert (np.count_nonzero(found.reshape(-1, 16) < 4000, axis=1) == 8).all()


def test_blocks_come_from_everywhere_in_a_new_order_each_epoch():
    generator = np.random.default_rng(0)
    first, second = (order_of_epoch([np.arange(20_000)], None, 8, generator, 1000) for _ in range(2))
    assert not np.array_equal(first, second)
    for part in windows_of(first, 1000):
        assert part.max() - part.min() > 10_000  # of blocks that are far from each other
        assert abs(np.corrcoef(np.arange(len(part)), part)[0, 1]) < 0.2  # and shuffled


@pytest.mark.parametrize("lengths", [None, LENGTHS])
@pytest.mark.parametrize("sides", [(400, 0), (100, 400), (300, 90)])
def test_up_to_a_window_the_order_is_that_of_rows_in_memory(sides, lengths):
    parts = [part for part in (np.arange(sides[0]), sides[0] + np.arange(sides[1])) if len(part)]
    in_memory, on_disk = (
        order_of_epoch(parts, lengths, 8, np.random.default_rng(0), window) for window in (None, WINDOW)
    )
    np.testing.assert_array_equal(in_memory, on_disk)
