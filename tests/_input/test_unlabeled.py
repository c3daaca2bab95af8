"""Pools of unlabelled documents: what may be one, equal chunks, and what is refused."""

import itertools
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

from skdistill import TextStream
from skdistill._input.unlabeled import CHUNK, check_pool

pytestmark = pytest.mark.core

TEXTS = [f"text {i}" for i in range(10)]
IDS = np.arange(40).reshape(10, 4)


class Again:
    """What yields the same items each time."""

    def __init__(self, items):
        self.items = items

    def __iter__(self):
        return iter(self.items)


def batches_of(items):
    return [items[:3], items[3:3], items[3:9], items[9:]]


def stream_of_lines(tmp_path, texts, name="pool.txt"):
    path = tmp_path / name
    path.write_text("\n".join(texts))
    return TextStream(path)


# Equal documents give equal chunks.


IN_MEMORY = {
    "list": list,
    "tuple": tuple,
    "array": np.array,
    "array of objects": lambda texts: np.array(texts, dtype=object),
    "Series": lambda texts: pd.Series(texts, index=range(5, 15)),
    "polars": pl.Series,
    "batches": batches_of,
    "tuple of batches": lambda texts: tuple(map(tuple, batches_of(texts))),
    "kept whole": lambda texts: [texts],
    "batches of several kinds": lambda texts: [np.array(texts[:4]), pd.Series(texts[4:8]), texts[8:]],
}
STREAMS = {
    "documents": Again,
    "batches": lambda texts: Again(batches_of(texts)),
    "dict view": lambda texts: dict(enumerate(texts)).values(),
    "list of streams": lambda texts: [Again(texts[:3]), Again(texts[3:])],
    "list of a list and a stream": lambda texts: [texts[:3], Again(texts[3:])],
}


@pytest.mark.parametrize("form", IN_MEMORY)
def test_what_is_in_memory_is_cut_into_equal_chunks(form):
    pool = check_pool(IN_MEMORY[form](TEXTS), texts=True)
    assert not pool.is_stream
    assert list(pool.chunks(4)) == [TEXTS[:4], TEXTS[4:8], TEXTS[8:]]


@pytest.mark.parametrize("form", STREAMS)
def test_streams_are_cut_like_lists(form):
    pool = check_pool(STREAMS[form](TEXTS), texts=True)
    assert pool.is_stream
    assert list(pool.chunks(4)) == list(pool.chunks(4)) == [TEXTS[:4], TEXTS[4:8], TEXTS[8:]]


def test_a_file_is_cut_like_a_list(tmp_path):
    pool = check_pool(stream_of_lines(tmp_path, TEXTS), texts=True)
    assert pool.is_stream
    assert list(pool.chunks(5)) == [TEXTS[:5], TEXTS[5:]]


@given(st.lists(st.integers(0, 7)), st.integers(1, 9), st.booleans(), st.booleans())
def test_the_size_of_batches_changes_no_chunk(sizes, size, texts, streamed):
    ends = list(itertools.accumulate(sizes, initial=0))
    rows = np.arange(2 * ends[-1]).reshape(-1, 2)
    rows = list(map(str, rows[:, 0])) if texts else rows
    batches = [rows[start:end] for start, end in itertools.pairwise(ends)]
    pool = Again(batches) if streamed else batches
    if not ends[-1]:
        with pytest.raises(ValueError, match="Found 0 documents in X_unlabeled"):
            list(check_pool(pool, texts).chunks(size))
        return
    chunks = list(check_pool(pool, texts).chunks(size))
    assert [len(chunk) for chunk in chunks[:-1]] == [size] * (len(chunks) - 1)
    assert 1 <= len(chunks[-1]) <= size
    np.testing.assert_array_equal(np.concatenate(chunks), rows)


def test_a_chunk_has_20_000_documents():
    texts = list(map(str, range(2 * CHUNK + 1)))
    lengths = [CHUNK, CHUNK, 1]
    assert CHUNK == 20_000
    assert [len(chunk) for chunk in check_pool(texts, texts=True).chunks()] == lengths
    assert [len(chunk) for chunk in check_pool(Again(texts), texts=True).chunks()] == lengths


def test_chunks_of_long_texts_have_fewer_documents_however_they_come():
    texts = ["a" * 10_000_000, *["b"] * 3, "c" * 25_000_000, "d" * 31_000_000, "e", "f"]
    expected = [texts[:5], texts[5:6], texts[6:]]  # the one that reaches 30 million characters is the last
    for pool in (texts, Again(texts), [texts[:2], texts[2:]], Again([texts[:4], texts[4:]])):
        assert list(check_pool(pool, texts=True).chunks()) == expected


def test_of_a_stream_of_long_texts_no_more_than_a_chunk_is_read():
    counter = itertools.count()
    endless = type("Endless", (), {"__iter__": lambda self: ("a" * 1_000_000 for _ in counter)})()
    assert len(next(check_pool(endless, texts=True).chunks())) == 30
    assert next(counter) <= 31


def test_a_stream_is_read_only_as_far_as_needed():
    endless = type("Endless", (), {"__iter__": lambda self: map(str, itertools.count())})()
    pool = check_pool(endless, texts=True)
    assert next(pool.chunks(3)) == ["0", "1", "2"]


def test_subclasses_of_str_become_str():
    (chunk,) = check_pool(Again(np.array(TEXTS)), texts=True).chunks()
    assert set(map(type, chunk)) == {str}


@pytest.mark.parametrize(
    "form",
    [
        np.array,
        pd.DataFrame,
        lambda ids: ids.tolist(),
        lambda ids: ids.astype(np.int32),
        lambda ids: ids.astype(float),
        batches_of,
        lambda ids: [ids],
        lambda ids: [ids[:3].tolist(), pd.DataFrame(ids[3:])],
        lambda ids: Again(batches_of(ids)),
        lambda ids: [Again(batches_of(ids))],
    ],
)
def test_ids_are_cut_into_equal_chunks(form):
    chunks = list(check_pool(form(IDS), texts=False, n_features=4).chunks(4))
    assert [chunk.shape for chunk in chunks] == [(4, 4), (4, 4), (2, 4)]
    assert {chunk.dtype for chunk in chunks} == {np.dtype(np.int64)}
    np.testing.assert_array_equal(np.concatenate(chunks), IDS)


@pytest.mark.parametrize("texts", [True, False])
def test_pools_can_be_pickled(texts):
    for source in (batches_of(TEXTS if texts else IDS), Again(batches_of(TEXTS if texts else IDS))):
        pool = check_pool(source, texts)
        copied = pickle.loads(pickle.dumps(pool))
        np.testing.assert_array_equal(next(copied.chunks(3)), next(pool.chunks(3)))


# What is refused, and in which words.


@pytest.mark.parametrize(
    "pool",
    [
        lambda: (text for text in TEXTS),
        lambda: map(str, range(3)),
        lambda: zip(TEXTS),
        lambda: iter(TEXTS),
        lambda: Again(TEXTS).__iter__(),
        lambda: [TEXTS, iter(TEXTS)],
    ],
)
def test_what_can_be_read_once_only_is_refused(pool):
    with pytest.raises(TypeError, match=r"X_unlabeled .*read once only; pass list\(X_unlabeled\) or a TextStream"):
        check_pool(pool(), texts=True)


def test_batches_of_ids_that_can_be_read_once_only_are_refused():
    with pytest.raises(TypeError, match="Got generator: it can be read once only"):
        check_pool((batch for batch in batches_of(IDS)), texts=False)


def test_a_file_object_is_refused(tmp_path):
    path = tmp_path / "pool.txt"
    path.write_text("a\nb")
    with path.open() as file, pytest.raises(TypeError, match="Got TextIOWrapper: it can be read once only"):
        check_pool(file, texts=True)


def test_what_hands_out_one_iterator_again_and_again_is_refused():
    iterator = iter(TEXTS)
    wrapped = type("Wrapped", (), {"__iter__": lambda self: iterator})()
    with pytest.raises(TypeError, match="Got Wrapped: it can be read once only"):
        check_pool(wrapped, texts=True)


@pytest.mark.parametrize("texts", [True, False])
@pytest.mark.parametrize(
    ("pool", "message"),
    [
        ("text", r"Got a single str: pass \[text\], or TextStream\(path\) to read a file"),
        (b"text", "Got a single bytes"),
        ({"a": 1}, "Got dict"),
        ({"a", "b"}, "Got set"),
        (None, "Got NoneType"),
        (3, "Got int"),
        (TextStream, "Got type"),
        (scipy.sparse.csr_matrix((2, 2)), "Got a sparse matrix"),
    ],
)
def test_what_holds_no_documents_is_refused(pool, message, texts):
    with pytest.raises(TypeError, match=f"X_unlabeled must .*{message}"):
        check_pool(pool, texts)


@pytest.mark.parametrize("batch", ["text", None, 3, {"a": "b"}])
def test_a_batch_that_is_none_is_reported_by_its_number(batch):
    with pytest.raises(TypeError, match="Batch 1 of X_unlabeled must be"):
        check_pool([["a"], batch], texts=True)


@pytest.mark.parametrize("wrap", [list, Again])
@pytest.mark.parametrize("batched", [True, False])
@pytest.mark.parametrize(
    ("document", "message"),
    [
        (None, "is missing"),
        (float("nan"), "is missing"),
        (b"a", "decode it first"),
        (3, "every document must be a str"),
    ],
)
def test_a_row_that_is_no_text_is_reported_by_its_number_in_the_whole_pool(document, message, batched, wrap):
    rows = ["a"] * 2500 + [document, "b"]
    items = [rows[:1700], rows[1700:]] if batched else rows
    with pytest.raises(ValueError, match=f"Row 2500 of X_unlabeled .*{message}"):
        list(check_pool(wrap(items), texts=True).chunks())


def test_what_is_in_memory_is_checked_at_once():
    with pytest.raises(ValueError, match="Row 1 of X_unlabeled is a list"):
        check_pool(["a", ["b"]], texts=True)


@pytest.mark.parametrize("empty", [[], (), np.array([], dtype=str), [[]], [[], []]])
def test_an_empty_pool_is_refused(empty):
    with pytest.raises(ValueError, match="Found 0 documents in X_unlabeled while a minimum of 1 is required"):
        check_pool(empty, texts=True)


def test_an_empty_file_is_refused_when_it_is_read(tmp_path):
    pool = check_pool(stream_of_lines(tmp_path, []), texts=True)
    with pytest.raises(ValueError, match="Found 0 documents in X_unlabeled"):
        list(pool.chunks())


def test_several_columns_of_text_are_refused():
    with pytest.raises(ValueError, match=r"X_unlabeled must be one-dimensional.*\(2, 2\)"):
        check_pool(pd.DataFrame([["a", "b"], ["c", "d"]]), texts=True)


@pytest.mark.parametrize(
    ("pool", "message"),
    [
        (TEXTS, "X_unlabeled must hold token ids in two dimensions.*Got list"),
        (IDS[0], r"X_unlabeled must hold token ids in two dimensions.*Got shape \(4,\)"),
        (IDS[None, None], r"two dimensions.*Got shape \(1, 1, 10, 4\)"),
        (Again(TEXTS), "two dimensions.*Got str"),
        (Again(IDS), r"two dimensions.*Got shape \(4,\)"),
        ([IDS, IDS[:, :3]], "X_unlabeled must have 4 positions per row. Got 3 in row 10"),
        ([IDS, IDS[:5] + 0.5], "X_unlabeled must hold token ids, which are whole numbers. Got fractions in row 10"),
        ([IDS, IDS - 1], "X_unlabeled must hold token ids. Negative values in data: got -1"),
        (np.full((2, 4), np.nan), "X_unlabeled contains NaN"),
        (np.empty((0, 4)), "Found 0 documents in X_unlabeled"),
        ([], "Found 0 documents in X_unlabeled"),
    ],
)
def test_what_holds_no_ids_is_refused(pool, message):
    with pytest.raises(ValueError, match=message):
        list(check_pool(pool, texts=False, n_features=4).chunks())


def test_ids_must_have_as_many_positions_as_those_of_the_fit():
    with pytest.raises(ValueError, match="X_unlabeled must have 5 positions per row. Got 4 in row 0"):
        check_pool(IDS, texts=False, n_features=5)


class Breaking:
    """A source of the user's that fails after some documents."""

    def __init__(self, items):
        self.items = items

    def __iter__(self):
        yield from self.items
        raise ConnectionError("the line is dead")


@pytest.mark.parametrize("wrap", [lambda source: source, lambda source: [TEXTS, source]])
@pytest.mark.parametrize("items", [TEXTS[:7], [TEXTS[:3], TEXTS[3:7]]])
def test_an_error_of_the_source_passes_through_and_says_after_how_many_documents(items, wrap):
    pool = check_pool(wrap(Breaking(items)), texts=True)
    with pytest.raises(ConnectionError, match="the line is dead") as error:
        list(pool.chunks(4))
    n_documents = 7 if wrap(1) == 1 else 17
    assert error.value.__notes__ == [f"Raised after {n_documents} documents of X_unlabeled."]
