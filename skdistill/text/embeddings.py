"""Word vectors that a user brings along, as the first rows of a table of tokens.

Owns how vectors are read, which token each belongs to and how they are made to fit.
It must not know networks or frameworks, nor the libraries that trained the vectors.
"""

import codecs
import gzip
import os
import zlib
from collections.abc import Mapping
from functools import partial
from itertools import chain, takewhile
from typing import NamedTuple

import numpy as np


class WordVectors(NamedTuple):
    """Vectors of the tokens that were found.

    Parameters
    ----------
    ids : ndarray of shape (n_found,), int64
        Which row of the table each vector is for.
    rows : ndarray of shape (n_found, n_columns), float32
        The vectors, for the first ``n_columns`` columns of the table.
    coverage : float
        Share of the vocabulary that was found.
    """

    ids: np.ndarray
    rows: np.ndarray
    coverage: float


def read_vectors(source, vocabulary, units, *, name="vectors"):
    """Vectors of the tokens of a vocabulary.

    A token takes the vector of the word that is spelt like it. Where there is none,
    it takes that of the first word which lower-cases to it: what a tokenizer made
    "paris" may be "Paris" only in the source. Of words that come twice the first counts.

    The vectors are not rescaled: word2vec and GloVe have standard deviations of
    about 0.1 to 0.4 a column, wider than what most networks begin with.

    Parameters
    ----------
    source : mapping, str or path-like
        Words and their vectors: a dict, keyed vectors of gensim, or the path of a
        word2vec or GloVe text file in UTF-8 (``.gz`` too), with or without header. A
        file is read line by line, and only numbers that are needed are kept and checked.
    vocabulary : dict of str to int
        Tokens and their ids.
    units : int
        Columns of the table. Wider vectors are projected onto their leading principal
        directions, the most telling column first. Narrower ones come as they are, and
        the columns that remain keep their random values.
    name : str, default="vectors"
        What an error calls the source.

    Returns
    -------
    vectors : WordVectors
        In the order of the vocabulary, with ``min(units, size of a vector)`` columns.

    Raises
    ------
    FileNotFoundError, TypeError
        There is no such file; the source is none of the above, or a word no str.
    ValueError
        The source is empty or has none of the tokens, or a vector is not as long as
        the others, not one-dimensional or not of finite numbers.

    Examples
    --------
    >>> from skdistill.text.embeddings import read_vectors
    >>> source = {"good": [0.5, 0.1], "Paris": [0.2, 0.3], "unused": [0.0, 1.0]}
    >>> ids, rows, coverage = read_vectors(source, {"paris": 2, "good": 3, "unheard-of": 4}, units=8)
    >>> ids, rows.shape, round(coverage, 2)
    (array([2, 3]), (2, 2), 0.67)
    """
    found = _vectors_by_token(_entries(source, vocabulary, name), vocabulary)
    tokens = [token for token in vocabulary if token in found]
    if not tokens:
        raise ValueError(
            f"{name} must have some token of the vocabulary. Got none of {len(vocabulary)}, such as "
            f"{list(vocabulary)[:3]}: check the language, and lower-case the text where the vectors' words are."
        )
    _check_equal_lengths(tokens, found)
    ids = np.array([vocabulary[token] for token in tokens], dtype=np.int64)
    vectors = np.stack([found[token] for token in tokens])
    return WordVectors(ids, _project(vectors, units), coverage=len(tokens) / len(vocabulary))


def _vectors_by_token(entries, vocabulary):
    exact, cased = {}, {}
    for word, vector in entries:
        token, found = (word, exact) if word in vocabulary else (word.lower(), cased)
        if token in vocabulary and token not in found and token not in exact:
            found[token] = vector()
    return cased | exact


def _check_equal_lengths(tokens, found):
    size = len(found[tokens[0]])
    for token in tokens:
        other = len(found[token])
        if other != size:
            raise ValueError(f"Vectors must be equally long. Got {size} for {tokens[0]!r} and {other} for {token!r}.")


def _project(vectors, units):
    """Coordinates along the leading right singular vectors.

    No other projection onto ``units`` directions keeps more of the vectors (Eckart and
    Young 1936, The Approximation of One Matrix by Another of Lower Rank). They are
    not centred: a common shift would change the inner products, which carry the meaning.
    """
    if vectors.shape[1] <= units:
        return vectors
    wide = vectors.astype(np.float64)
    directions = np.linalg.eigh(wide.T @ wide)[1][:, : -units - 1 : -1]  # the last are the leading ones
    # A direction has no sign of its own; without a rule it would depend on the LAPACK.
    signs = np.sign(directions[np.abs(directions).argmax(axis=0), np.arange(units)])
    return (wide @ (directions * signs)).astype(np.float32)


def _entries(source, vocabulary, name):
    """Pairs of a word and a function that returns its vector, for most words are not needed."""
    if isinstance(source, (str, os.PathLike)):
        path = os.fspath(source)
        if not os.path.exists(path):
            raise FileNotFoundError(f"{name} must be a mapping or the path of a file. There is no file {path!r}.")
        return _entries_of_file(path)
    if not isinstance(source, Mapping) and not _is_keyed_vectors(source):
        raise TypeError(
            f"{name} must be a dict of words and vectors, keyed vectors of gensim (of a model, pass model.wv) "
            f"or the path of a text file. Got {type(source).__name__}."
        )
    if not len(source):
        raise ValueError(f"{name} must have at least one word. Got an empty {type(source).__name__}.")
    return _entries_of_mapping(source, vocabulary, name)


def _is_keyed_vectors(source):
    return all(hasattr(source, name) for name in ("vector_size", "__contains__", "__getitem__", "__len__"))


def _entries_of_mapping(source, vocabulary, name):
    # Keyed vectors cannot be iterated over, and those of fastText have words that they do not list.
    listed = source if isinstance(source, Mapping) else getattr(source, "key_to_index", ())
    for word in chain((token for token in vocabulary if token in source), listed):
        if not isinstance(word, str):
            raise TypeError(f"{name} must have words of type str. Got {word!r}, of type {type(word).__name__}.")
        yield word, partial(_vector_in, source, word)


def _vector_in(source, word):
    return _as_vector(source[word], f"The vector of {word!r}")


def _entries_of_file(path):
    lines = _lines(path)
    place, first = next(lines, ("", b""))
    if not first:
        raise ValueError(f"{path} must have a word and its numbers a line. Got an empty file.")
    first = first.removeprefix(codecs.BOM_UTF8)
    size, is_header = _vector_size(first, place)
    rest = lines if is_header else chain([(place, first)], lines)
    for place, line in rest:
        word, numbers = _split(line, size, place)
        yield _decode(word, place), partial(_parse, numbers, size, place)


def _lines(path):
    try:
        with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
            for number, line in enumerate(file, 1):
                # White space of ASCII only: some words of real files are a no-break space.
                if line := line.rstrip():
                    yield f"Line {number} of {path}", line
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{path} must be a whole gzip file: fetch it again. Got: {error}") from error


def _vector_size(line, place):
    """Numbers in a vector, and whether the first line is a header that says so."""
    fields = line.split()[1:]
    if len(fields) == 1 and b"".join(line.split()).isdigit() and int(fields[0]):
        return int(fields[0]), True
    size = len(list(takewhile(_is_number, reversed(fields))))
    if not size:
        raise ValueError(f"{place} must hold a word and its numbers. Got {line[:40]!r}.")
    return size, False


def _split(line, size, place):
    """The bytes of the word and of its numbers."""
    # Counting is several times faster than splitting, and nearly all lines are regular.
    if line.count(b" ") == size:
        word, _, numbers = line.partition(b" ")
        return word, numbers
    word, *numbers = line.rsplit(None, size)
    # "at name@domain.com 0.1 0.2" has a word with a space; "at 0.1 0.2 0.3" has a number too many.
    if len(numbers) < size or any(map(_is_number, word.split()[1:])):
        raise _ragged(line.split()[1:], size, place)
    return word, b" ".join(numbers)


def _decode(word, place):
    try:
        return word.decode()
    except UnicodeDecodeError:
        raise ValueError(
            f"{place} must be text in UTF-8. Got {word[:40]!r}: save it as UTF-8, or, if the file is in "
            "word2vec's binary format, load it with gensim and pass the keyed vectors."
        ) from None


def _parse(numbers, size, place):
    fields = numbers.split()
    if len(fields) != size:
        raise _ragged(fields, size, place)
    return _as_vector(fields, place)


def _ragged(fields, size, place):
    return ValueError(f"{place} must hold a word and {size} numbers, as the first line says. Got {len(fields)}.")


def _is_number(field):
    try:
        float(field)
    except ValueError:
        return False
    return True


def _as_vector(numbers, place):
    try:
        with np.errstate(over="ignore"):
            vector = np.array(numbers, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{place} must hold numbers. Got: {error}.") from None
    if vector.ndim != 1 or not vector.size:
        raise ValueError(f"{place} must be one-dimensional and not empty. Got shape {vector.shape}.")
    if not np.isfinite(vector).all():
        raise ValueError(f"{place} must hold finite numbers of 32 bits. Got {vector[~np.isfinite(vector)][0]}.")
    return vector
