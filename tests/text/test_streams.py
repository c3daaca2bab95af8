"""TextStream: what a document of a file is, and what a file that cannot be read says."""

import copy
import gzip
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.model_selection import cross_val_score

from skdistill import TextStream

pytestmark = pytest.mark.core

DOCUMENTS = ["a lovely film", "", "Größe 大 😀", " dull "]


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "reviews.txt"
    path.write_bytes("\n".join(DOCUMENTS).encode())
    return path


def test_a_line_is_a_document(path):
    assert list(TextStream(path)) == DOCUMENTS


def test_each_iteration_reads_the_file_again(path):
    stream = TextStream(path)
    assert list(zip(stream, stream)) == list(zip(DOCUMENTS, DOCUMENTS))
    path.write_text("other")
    assert list(stream) == ["other"]


@pytest.mark.parametrize(
    ("text", "documents"),
    [
        ("", []),
        ("\n", [""]),
        ("a\n", ["a"]),
        ("a\n\n", ["a", ""]),
        ("a\r\nb\r\n", ["a", "b"]),
        ("a\rb\x0bc\x0cd\x1ce\x85f\u2028g\u2029h", ["a\rb\x0bc\x0cd\x1ce\x85f\u2028g\u2029h"]),
    ],
)
def test_only_line_feeds_end_a_document(text, documents, tmp_path):
    path = tmp_path / "text"
    path.write_bytes(text.encode())
    assert list(TextStream(str(path))) == documents


@settings(max_examples=50)
@given(st.lists(st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]))))
def test_documents_come_back_as_they_were_written(tmp_path_factory, documents):
    path = tmp_path_factory.mktemp("streams") / "text.gz"
    with gzip.open(path, "wb") as file:
        file.writelines(f"{document}\n".encode() for document in documents)
    assert list(TextStream(path)) == documents


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-8-sig", "gb18030"])
def test_other_encodings_are_read(encoding, tmp_path):
    path = tmp_path / "text"
    path.write_bytes("é\r\nü".encode(encoding))
    assert list(TextStream(path, encoding=encoding)) == ["é", "ü"]


def test_it_has_no_length_rows_or_shape(path):
    stream = TextStream(path)
    assert not any(hasattr(stream, name) for name in ("__len__", "__getitem__", "shape", "__array__", "__next__"))


class Recorder(ClassifierMixin, BaseEstimator):
    """Counts the documents that reach a fit."""

    def fit(self, X, y, pool=None):
        self.classes_ = np.unique(y)
        self.n_documents_ = sum(1 for _ in pool)
        assert self.n_documents_ == len(DOCUMENTS)
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


def test_cross_validation_hands_it_on_whole_even_where_it_is_as_long_as_X(path):
    X, y = np.zeros((len(DOCUMENTS), 1)), [0, 0, 1, 1]
    scores = cross_val_score(Recorder(), X, y, cv=2, params={"pool": TextStream(path)}, error_score="raise")
    assert len(scores) == 2


@pytest.mark.parametrize(
    "copy_of", [copy.copy, copy.deepcopy, lambda s: pickle.loads(pickle.dumps(s)), lambda s: clone(s, safe=False)]
)
def test_copies_read_the_same_file(copy_of, path):
    iterating = TextStream(path, encoding="utf-8")
    next(iter(iterating))
    copied = copy_of(iterating)
    assert copied is not iterating
    assert list(copied) == DOCUMENTS
    assert repr(copied) == repr(iterating)


def test_it_prints_what_makes_it():
    assert repr(TextStream("a.txt")) == "TextStream('a.txt')"
    assert eval(repr(TextStream("a.txt", "cp1252"))).encoding == "cp1252"


# What is wrong.


def test_a_missing_file_is_reported_when_it_is_read(tmp_path):
    stream = TextStream(tmp_path / "none.txt.gz")
    with pytest.raises(FileNotFoundError, match="none.txt.gz"):
        next(iter(stream))


@pytest.mark.parametrize("path", [None, 3, ["a.txt"]])
def test_what_is_no_path_is_reported_at_once(path):
    with pytest.raises(TypeError, match="PathLike"):
        TextStream(path)


@pytest.mark.parametrize("encoding", ["utf-9", "base64"])
def test_an_unknown_encoding_is_reported_at_once(encoding):
    with pytest.raises(LookupError, match=encoding):
        TextStream("a.txt", encoding=encoding)


@pytest.mark.parametrize("ending", ["gz", "GZ"])
def test_a_compressed_file_is_known_by_the_end_of_its_name(ending, tmp_path):
    path = tmp_path / f"text.{ending}"
    path.write_bytes(gzip.compress(b"a\nb\n"))
    assert list(TextStream(path)) == ["a", "b"]
    renamed = path.rename(tmp_path / "text.txt")
    with pytest.raises(ValueError, match=r"text\.txt is a gzip file: give it a name that ends with \.gz"):
        list(TextStream(renamed))


def test_a_missing_byte_order_mark_is_reported_with_the_file(tmp_path):
    path = tmp_path / "text"
    path.write_bytes("ab\n".encode("utf-16-le"))
    with pytest.raises(ValueError, match=r"text, line 1: .*BOM.*: pass the encoding of the file"):
        list(TextStream(path, encoding="utf-16"))


@pytest.mark.parametrize("n_before", [0, 3, 5000])
@pytest.mark.parametrize("opened", [open, gzip.open])
def test_undecodable_bytes_are_reported_with_their_line(n_before, opened, tmp_path):
    path = tmp_path / ("text.gz" if opened is gzip.open else "text")
    with opened(path, "wb") as file:
        file.write("größe\n".encode() * n_before + b"caf\xe9 noir\n" + b"more\n" * 5000)
    with pytest.raises(ValueError, match=r"text.* byte 0xe9 cannot be read as utf-8 .*: pass the encoding") as error:
        list(TextStream(path))
    assert str(error.value).startswith(f"{path}, line {n_before + 1}: ")


@pytest.mark.parametrize("encoding", ["utf-16-be", "utf-16"])
def test_lines_of_wide_encodings_are_counted(encoding, tmp_path):
    path = tmp_path / "text"
    path.write_bytes(
        "ab\n".encode(encoding) + "\u0a0a\n".encode("utf-16-le" if encoding == "utf-16" else encoding) + b"\n"
    )
    with pytest.raises(ValueError, match=r"line 3: byte 0x0a cannot be read as utf-16.*truncated"):
        list(TextStream(path, encoding=encoding))


def gzipped(n_lines=2000):
    return gzip.compress("\n".join(map(str, np.random.default_rng(0).integers(10**9, size=n_lines))).encode())


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data[:5],
        lambda data: b"no gzip at all",
        lambda data: data[:-8] + bytes(8),
        lambda data: data[:200] + bytes(200) + data[400:],
    ],
    ids=["truncated", "truncated header", "not compressed", "wrong checksum", "overwritten"],
)
def test_a_damaged_gzip_file_is_reported_with_its_line(damage, tmp_path):
    path = tmp_path / "text.gz"
    path.write_bytes(damage(gzipped()))
    documents = []
    with pytest.raises(ValueError, match="the gzip file is damaged or incomplete .*: fetch it again") as error:
        documents.extend(TextStream(path))
    assert str(error.value).startswith(f"{path}, line ")
