"""Arrays that grow on disk: what is read of them is what was appended, and their files go with them."""

import gc
import os
import sys

import numpy as np
import pytest

from skdistill._training.buffers import Growing, GrowingSequences, is_on_disk, release, released_chunks, take_spans
from skdistill.runtime import TokenSequences
from skdistill.runtime.sequences import offsets_of, spans

pytestmark = pytest.mark.core

GENERATOR = np.random.default_rng(0)
LENGTHS = GENERATOR.integers(0, 5, 300)
NUMBERS = GENERATOR.integers(0, 1000, LENGTHS.sum()).astype(np.int32)


def grown(on_disk, array=NUMBERS):
    growing = Growing(on_disk)
    for part in np.array_split(array, 3):
        growing.append(part)
    return growing.whole()


@pytest.mark.parametrize("on_disk", [False, True])
@pytest.mark.parametrize("array", [NUMBERS, NUMBERS[:60].reshape(20, 3).astype(np.float32), NUMBERS[:0]])
def test_the_whole_is_all_that_was_appended(on_disk, array):
    found = grown(on_disk, array)
    np.testing.assert_array_equal(found, array)
    assert found.dtype == array.dtype
    assert is_on_disk(found) == (on_disk and len(array) > 0)
    release(found)
    np.testing.assert_array_equal(found, array)


@pytest.mark.parametrize("on_disk", [False, True])
@pytest.mark.parametrize("documents", [np.arange(300), GENERATOR.permutation(300)[:50], np.zeros(0, np.int64)])
def test_spans_are_read_in_the_order_asked_for(on_disk, documents):
    starts = offsets_of(LENGTHS)[:-1][documents], LENGTHS[documents]
    found = take_spans(grown(on_disk), *starts)
    np.testing.assert_array_equal(found, NUMBERS[spans(*starts)])
    assert found.dtype == NUMBERS.dtype


@pytest.mark.parametrize("on_disk", [False, True])
def test_chunks_of_sequences_are_those_of_all_documents(on_disk):
    sequences = TokenSequences(NUMBERS, offsets_of(LENGTHS))
    growing = GrowingSequences(on_disk)
    for part in sequences.chunks(70):
        growing.append(part)
    found = growing.whole()
    assert is_on_disk(found.ids) == on_disk
    parts = list(released_chunks(found, 50))
    assert len(parts) == 6
    np.testing.assert_array_equal(np.concatenate([part.ids for part in parts]), NUMBERS)


@pytest.mark.skipif(sys.platform != "linux", reason="lists the open files of Linux")
def test_files_are_closed_with_the_last_array():
    gc.collect()
    before = len(os.listdir("/proc/self/fd"))
    array = grown(True)
    view = array[5:10]
    del array
    gc.collect()
    np.testing.assert_array_equal(view, NUMBERS[5:10])
    del view
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) == before
