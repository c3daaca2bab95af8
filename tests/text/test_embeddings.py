"""Word vectors reach their tokens, whatever they are kept in; errors name the word or the line."""

import gzip
import tracemalloc
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

from skdistill.text import embeddings
from skdistill.text.embeddings import read_vectors, read_words

pytestmark = pytest.mark.core

VOCABULARY = {"good": 2, "film": 3, "paris": 4, "?": 5}
LINES = ["film 0.1 0.2 0.3", "unused 1 1 1", "good -1 2.5 3e-1", "? 0 0 0"]
FOUND = {"good": [-1, 2.5, 0.3], "film": [0.1, 0.2, 0.3], "?": [0, 0, 0]}


class UnlistedVectors:
    """The least that keyed vectors can do."""

    def __init__(self, vectors):
        self._vectors = {word: np.array(vector, dtype=np.float32) for word, vector in vectors.items()}
        self.vector_size = len(next(iter(self._vectors.values())))

    def __len__(self):
        return len(self._vectors)

    def __contains__(self, word):
        return word in self._vectors

    def __getitem__(self, word):
        return self._vectors[word]

    __iter__ = None


class KeyedVectors(UnlistedVectors):
    """gensim's class lists its words in a dictionary, and cannot be iterated over."""

    @property
    def key_to_index(self):
        return {word: row for row, word in enumerate(self._vectors)}


class SubwordVectors(KeyedVectors):
    """gensim's fastText has a vector for every word, listed or not."""

    def __contains__(self, word):
        return True

    def __getitem__(self, word):
        return self._vectors.get(word, np.ones(self.vector_size))


def write(folder, lines, name="vectors.txt", ending="\n"):
    path = folder / name
    content = "".join(line + ending for line in lines).encode()
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


def read(source, vocabulary=VOCABULARY, units=8):
    """Vectors by token."""
    ids, rows, coverage = read_vectors(source, vocabulary, units)
    assert rows.dtype == np.float32
    assert coverage == len(ids) / len(vocabulary)
    tokens = {i: token for token, i in vocabulary.items()}
    return dict(zip([tokens[i] for i in ids.tolist()], rows))


def assert_found(found, expected):
    assert list(found) == list(expected)
    for token, vector in expected.items():
        np.testing.assert_allclose(found[token], vector, rtol=1e-6)


# Sources.


@pytest.mark.parametrize("to_path", [str, Path])
@pytest.mark.parametrize("name", ["vectors.txt", "vectors.txt.gz"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", " \n", "\n\n"])
@pytest.mark.parametrize("header", [[], ["4 3"]])
def test_a_text_file_is_read_in_every_form(tmp_path, header, ending, name, to_path):
    assert_found(read(to_path(write(tmp_path, header + LINES, name, ending))), FOUND)


@pytest.mark.parametrize("change", [lambda text: text.replace(" ", "\t"), lambda text: text.replace(" ", "  ")])
def test_numbers_are_separated_by_any_white_space(tmp_path, change):
    assert_found(read(write(tmp_path, [change(line) for line in ["4 3", *LINES]])), FOUND)


def test_a_byte_order_mark_and_a_missing_last_line_break_do_no_harm(tmp_path):
    for lines in (LINES, ["4 3", *LINES]):
        path = tmp_path / "vectors.txt"
        path.write_text("\n".join(lines), encoding="utf-8-sig")
        assert_found(read(path), FOUND)


@pytest.mark.parametrize("kind", [dict, MappingProxyType, KeyedVectors, UnlistedVectors])
def test_a_mapping_is_read_like_a_file(kind):
    assert_found(read(kind({**FOUND, "unused": [1, 1, 1]})), FOUND)


def test_keyed_vectors_may_know_words_that_they_do_not_list():
    expected = {"good": [2, 3], "film": [1, 1], "paris": [1, 1], "?": [1, 1]}
    assert_found(read(SubwordVectors({"good": [2, 3]})), expected)


def test_the_vectors_of_the_user_are_not_shared():
    source = {"good": np.ones(2, dtype=np.float32)}
    read_vectors(source, VOCABULARY, 2).rows[:] = 7
    np.testing.assert_array_equal(source["good"], 1)


# Which word a token takes.


@pytest.mark.parametrize("header", [[], ["4 2"]])
def test_words_of_files_may_contain_spaces(tmp_path, header):
    path = write(tmp_path, [*header, ". . . 1 2", "at name@domain.com 3 4", "new york 5 6", "\xa0 7 8", "2 9 9"])
    vocabulary = {". . .": 2, "new york": 3, "at": 4, ".": 5, "\xa0": 6, "2": 7}
    assert_found(read(path, vocabulary), {". . .": [1, 2], "new york": [5, 6], "\xa0": [7, 8], "2": [9, 9]})


def test_words_of_any_script_and_strange_white_space_keep_their_lines(tmp_path):
    words = ["café", "中文", "a\u2028b", "a\x85b", "\u3000"]
    path = write(tmp_path, [f"{word} {i} 0" for i, word in enumerate(words)])
    assert_found(read(path, dict(zip(words, range(2, 7)))), {word: [i, 0] for i, word in enumerate(words)})


@pytest.mark.parametrize("kind", [dict, KeyedVectors, None])
def test_an_exact_word_goes_before_another_case_and_then_the_first_counts(tmp_path, kind):
    source = {"PARIS": [1, 1], "Paris": [2, 2], "GOOD": [3, 3], "good": [4, 4], "Film": [5, 5]}
    vocabulary = {"paris": 2, "good": 3, "Film": 4, "fILM": 5}
    if kind is None:
        lines = [f"{word} {x} {y}" for word, (x, y) in source.items()]
        source = write(tmp_path, [*lines, "good 6 6", "paRis 7 7"])
    else:
        source = kind(source)
    assert_found(read(source, vocabulary), {"paris": [1, 1], "good": [4, 4], "Film": [5, 5]})


def test_coverage_is_the_share_of_the_vocabulary():
    assert read_vectors({"good": [1.0], "FILM": [2.0], "unused": [3.0]}, VOCABULARY, 1).coverage == 0.5


# Making them fit.


def random_vectors(n_words, size, seed=0):
    vectors = np.random.default_rng(seed).normal(size=(n_words, size)) * np.geomspace(1, 0.1, size)
    return {f"w{i}": vector for i, vector in enumerate(vectors)}, {f"w{i}": i + 2 for i in range(n_words)}, vectors


@pytest.mark.parametrize("units", [5, 8])
def test_vectors_that_fit_are_left_alone(units):
    source, vocabulary, vectors = random_vectors(20, 5)
    np.testing.assert_array_equal(read_vectors(source, vocabulary, units).rows, vectors.astype(np.float32))


def test_a_projection_keeps_what_no_other_keeps_better():
    source, vocabulary, vectors = random_vectors(40, 12)
    left, scale, _ = np.linalg.svd(vectors, full_matrices=False)
    rows = read_vectors(source, vocabulary, 5).rows
    best = (left[:, :5] * scale[:5]) @ (left[:, :5] * scale[:5]).T
    np.testing.assert_allclose(rows @ rows.T, best, atol=1e-5)
    np.testing.assert_allclose((rows**2).sum(axis=0), scale[:5] ** 2, rtol=1e-5)


@pytest.mark.parametrize("n_words", [3, 6, 30])
def test_a_projection_that_has_room_keeps_all_inner_products(n_words):
    source, vocabulary, narrow = random_vectors(n_words, 6)
    turned = narrow @ np.linalg.qr(np.random.default_rng(1).normal(size=(20, 6)))[0].T
    rows = read_vectors(dict(zip(source, turned)), vocabulary, 8).rows
    assert rows.shape == (n_words, 8)
    np.testing.assert_allclose(rows @ rows.T, narrow @ narrow.T, atol=1e-5)


def test_a_projection_does_not_depend_on_a_rotation_of_the_source_but_for_signs():
    source, vocabulary, vectors = random_vectors(30, 6)
    rotation = np.linalg.qr(np.random.default_rng(1).normal(size=(6, 6)))[0]
    rows = read_vectors(source, vocabulary, 4).rows
    rotated = read_vectors(dict(zip(source, vectors @ rotation)), vocabulary, 4).rows
    np.testing.assert_allclose(np.abs(rotated), np.abs(rows), atol=1e-5)


def test_narrower_tables_read_the_first_columns_of_wider_ones():
    source, vocabulary, _ = random_vectors(30, 12)
    wide, narrow = (read_vectors(source, vocabulary, units).rows for units in (9, 4))
    np.testing.assert_allclose(wide[:, :4], narrow, atol=1e-6)


def test_words_outside_the_vocabulary_do_not_turn_the_directions():
    source, vocabulary, _ = random_vectors(30, 6)
    alone = read_vectors(source, vocabulary, 3).rows
    np.testing.assert_array_equal(read_vectors(source | {"unused": np.full(6, 1e3)}, vocabulary, 3).rows, alone)


def test_large_numbers_are_projected_without_overflow():
    rows = read_vectors({"good": [3e30, 4e30], "film": [0, 0]}, VOCABULARY, 1).rows
    np.testing.assert_allclose(rows, [[5e30], [0]], rtol=1e-6)


# Memory.


def test_a_file_is_never_held_in_memory(tmp_path):
    path = tmp_path / "vectors.txt"
    line = "unused" + " 0.12345" * 100 + "\n"
    path.write_text(line * 10_000 + "good" + " 1" * 100 + "\n")
    tracemalloc.start()
    try:
        read_vectors(path, VOCABULARY, 100)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < path.stat().st_size / 10


def test_only_numbers_that_are_needed_are_parsed(tmp_path):
    """Neither those of words outside the vocabulary nor those of a word's second line, which may be no numbers."""
    size = len(LINES[0].split()) - 1
    no_numbers = [" ".join([line.split()[0], *["x"] * size]) for line in LINES]
    assert_found(read(write(tmp_path, [*LINES, *no_numbers, " ".join(["elsewhere", *["x"] * size])])), FOUND)


# Errors.


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["film 1 2 3", "unused 1 2", "good 1 2 3"], "Line 2 of .*vectors.txt must hold a word and 3 numbers.*Got 2"),
        (["film 1 2 3", "good 1 2 3 4"], "Line 2 .*3 numbers.*Got 4"),
        (["film 1 2 3", "unused 1 2 3 4"], "Line 2 .*3 numbers.*Got 4"),
        (["film 1 2 3", "", "good"], "Line 3 .*3 numbers.*Got 0"),
        (["film 1 2 3", "good  1 2"], "Line 2 .*3 numbers.*Got 2"),
        (["2 3", "film 1 2", "good 1 2"], "Line 2 .*3 numbers.*first line.*Got 2"),
        (["film 1 2 3", "good 1 x 3"], "Line 2 of .*vectors.txt must hold numbers.*x"),
        (["1 3", "good 1 2 3,5"], "Line 2 .*must hold numbers.*3,5"),
        (["film 1 2 3", "good 1 nan 3"], "Line 2 .*finite.*nan"),
        (["film 1 2 3", "good 1 2 -inf"], "Line 2 .*finite.*-inf"),
        (["film 1 2 3", "good 1 2 1e39"], "Line 2 .*finite.*inf"),
        (["{", '"good": [1, 2, 3]'], "Line 1 .*a word and its numbers.*Got b'{'"),
        (["good film"], "Line 1 .*a word and its numbers.*Got b'good film'"),
        (["1 0", "good"], "Line 2"),
        ([], "vectors.txt must have.*empty file"),
        (["", "  "], "vectors.txt must have.*empty file"),
        (["0 300"], r"vectors must have some token.*Got none of 4.*'good', 'film', 'paris'.*lower-case"),
        (["Gut 1 2", "filme 1 2"], r"vectors must have some token.*lower-case"),
    ],
)
def test_a_file_is_wrong_in_a_line(tmp_path, lines, words):
    with pytest.raises(ValueError, match=words):
        read_vectors(write(tmp_path, lines), VOCABULARY, 8)


def test_a_file_that_is_not_text_is_reported_by_its_line(tmp_path):
    path = tmp_path / "vectors.bin"
    path.write_bytes(b"2 1\ngood 1\ncaf\xe9 1\n")
    with pytest.raises(ValueError, match=r"Line 3 of .*vectors.bin must be text in UTF-8.*binary format.*gensim"):
        read_vectors(path, VOCABULARY, 8)


def test_a_file_that_is_no_whole_gzip_file_is_named(tmp_path):
    whole = gzip.compress("\n".join(LINES).encode())
    for content in (whole[:-12], b"good 1 2 3\n", whole[:12] + b"\xff" * 20):
        path = tmp_path / "vectors.gz"
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"vectors.gz must be a whole gzip file"):
            read_vectors(path, VOCABULARY, 8)


def test_a_path_that_does_not_exist_is_named(tmp_path):
    for path in ("glove-wiki-gigaword-100", tmp_path / "none.txt"):
        with pytest.raises(FileNotFoundError, match=f"main_vectors must be.*no file '{path}'"):
            read_vectors(path, VOCABULARY, 8, name="main_vectors")


@pytest.mark.parametrize(
    ("source", "error", "words"),
    [
        ({}, ValueError, "vectors must have at least one word. Got an empty dict"),
        ({"good": [1, 2], "film": [1, 2, 3]}, ValueError, "equally long.*2 for 'good' and 3 for 'film'"),
        ({"good": [1, np.nan]}, ValueError, "The vector of 'good' must hold finite numbers.*nan"),
        ({"Film": [1, np.inf]}, ValueError, "The vector of 'Film' must hold finite numbers.*inf"),
        ({"good": [1, 1e300]}, ValueError, "The vector of 'good' must hold finite numbers of 32 bits"),
        ({"good": [[1, 2]]}, ValueError, r"The vector of 'good' must be one-dimensional.*\(1, 2\)"),
        ({"good": 1.0}, ValueError, r"The vector of 'good' must be one-dimensional.*\(\)"),
        ({"good": []}, ValueError, r"The vector of 'good' .*not empty"),
        ({"good": "1 2"}, ValueError, "The vector of 'good' must hold numbers"),
        ({"good": [1, [2]]}, ValueError, "The vector of 'good' must hold numbers"),
        ({"good": {"a": 1}}, ValueError, "The vector of 'good' must hold numbers"),
        ({"gut": [1, 2]}, ValueError, "vectors must have some token.*lower-case"),
        ({2: [1, 2]}, TypeError, "vectors must have words of type str. Got 2, of type int"),
        (None, TypeError, "vectors must be a dict.*Got NoneType"),
        (b"vectors.txt", TypeError, "Got bytes"),
        (np.eye(3), TypeError, "Got ndarray"),
        ([("good", [1, 2])], TypeError, "Got list"),
        ({"good"}, TypeError, "Got set"),
    ],
)
def test_a_mapping_is_wrong_in_a_word(source, error, words):
    with pytest.raises(error, match=words):
        read_vectors(source, VOCABULARY, 8)


def test_a_model_of_gensim_is_reported_where_its_vectors_are():
    class Word2Vec:
        vector_size = 3

    with pytest.raises(TypeError, match=r"model\.wv.*Got Word2Vec"):
        read_vectors(Word2Vec(), VOCABULARY, 8)


# All words of a source.


def words_of(source, vocabulary=VOCABULARY):
    words, vectors, coverage = read_words(source, vocabulary)
    assert vectors.dtype == np.float32
    return dict(zip(words, vectors.tolist(), strict=True)), coverage


@pytest.mark.parametrize("in_a_file", [False, True])
def test_words_outside_the_vocabulary_are_read_as_they_are_and_in_lower_case(in_a_file, tmp_path):
    source = {"Good": [1, 0], "good": [2, 0], "Rome": [3, 0], "rome": [4, 0], "Oslo": [5, 0], "Paris": [6, 0]}
    if in_a_file:
        source = write(tmp_path, [f"{word} {a} {b}" for word, (a, b) in source.items()])
    found, coverage = words_of(source)
    first = {word: vector[0] for word, vector in found.items()}
    assert first == {"good": 2, "paris": 6, "Good": 1, "Paris": 6, "Rome": 3, "rome": 4, "Oslo": 5, "oslo": 5}
    assert coverage == 2 / 4


def test_only_so_many_other_words_are_kept(monkeypatch):
    monkeypatch.setattr(embeddings, "_MOST_OTHERS", 2)
    found, _ = words_of({"one": [1], "good": [2], "two": [3], "three": [4], "film": [5]})
    assert sorted(found) == ["film", "good", "one", "two"]


def test_all_words_have_vectors_of_one_length_and_some_are_in_the_vocabulary():
    with pytest.raises(ValueError, match="equally long. Got 2 for 'good' and 1 for 'other'"):
        read_words({"good": [1, 2], "other": [1]}, VOCABULARY)
    with pytest.raises(ValueError, match="some token of the vocabulary"):
        read_words({"other": [1]}, VOCABULARY)


def test_words_print_as_their_sizes():
    assert repr(read_words({"good": [1, 2], "other": [1, 2]}, VOCABULARY)) == (
        "Words(2 vectors of 2 numbers, coverage 0.25)"
    )
