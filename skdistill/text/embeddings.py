"""Pretrained word vectors, read from a mapping or a file, for the rows of an embedding.

Nothing here depends on gensim or another library that trains vectors: its keyed vectors
are recognized by their methods.
"""

from __future__ import annotations

import codecs
import gzip
import os
import zlib
from collections.abc import Mapping
from functools import partial
from itertools import chain, takewhile
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..runtime.summary import count
from .word_pieces import minilm_input_vectors

__all__ = ["minilm_input_vectors", "read_vectors"]

# The most words outside the vocabulary whose vectors are kept. Files list frequent words first.
_MOST_OTHERS = 100_000


class _KeyedVectors(Protocol):
    """The part of ``gensim.models.KeyedVectors`` that ``read_vectors`` uses.

    Attributes
    ----------
    vector_size : int
        The number of numbers in a vector.
    """

    vector_size: int

    def __len__(self) -> int: ...
    def __contains__(self, word: str) -> bool: ...
    def __getitem__(self, word: str) -> ArrayLike: ...


class WordVectors(NamedTuple):
    """The vectors that ``read_vectors`` found for the tokens of a vocabulary.

    Attributes
    ----------
    ids : ndarray of shape (n_found,), int64
        The token id of each vector, which is its row of the embedding.
    rows : ndarray of shape (n_found, n_columns), float32
        The vectors, for the first ``n_columns`` columns of the embedding.
    coverage : float
        Fraction of the vocabulary that was found.

    See Also
    --------
    read_vectors : Reads word vectors.
    """

    ids: NDArray[np.int64]
    rows: NDArray[np.float32]
    coverage: float

    def __repr__(self):
        return _summarize(self, self.rows)


class Words(NamedTuple):
    """The vectors that ``read_words`` found, of the tokens of a vocabulary and of other words.

    Attributes
    ----------
    words : list of str
    vectors : ndarray of shape (n_words, size), float32
    coverage : float
        Fraction of the vocabulary that was found.
    """

    words: list
    vectors: NDArray[np.float32]
    coverage: float

    def __repr__(self):
        return _summarize(self, self.vectors)


def _summarize(found, vectors):
    facts = f"{count(len(vectors), 'vector')} of {count(vectors.shape[1], 'number')}"
    return f"{type(found).__name__}({facts}, coverage {found.coverage:.2g})"


def read_vectors(
    source: Mapping[str, ArrayLike] | _KeyedVectors | str | os.PathLike[str],
    vocabulary: Mapping[str, int],
    units: int,
    *,
    name: str = "vectors",
) -> WordVectors:
    """Return the vectors of the tokens of a vocabulary.

    A token has the vector of the word that is spelled like it. If there is none, it has
    that of the first word whose lower case it is: the source may hold only "Paris", which a
    lower-casing tokenizer turns into "paris". If a word occurs twice, the first entry
    counts.

    The vectors are not rescaled: the columns of word2vec and GloVe have standard deviations
    of about 0.1 to 0.4, above those of most random initial values.

    Parameters
    ----------
    source : mapping, gensim.models.KeyedVectors, str or path-like
        Words and their vectors: a dict, keyed vectors of gensim, or the path of a
        word2vec or GloVe text file in UTF-8 (or such a file compressed, ``.gz``), with or
        without header. A file is read line by line, and only vectors that are needed are kept
        and checked.
    vocabulary : dict of str to int
        Tokens and their ids, as in ``TextTokenizer.vocabulary_``.
    units : int
        Number of columns of the embedding. Longer vectors are projected onto their leading
        principal directions, the one with the most variation first. Shorter vectors stay as
        they are, for the first columns of the embedding.
    name : str, default="vectors"
        What error messages call the source.

    Returns
    -------
    vectors : WordVectors
        In the order of the vocabulary, with ``min(units, size of a vector)`` columns.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    TypeError
        If the source is none of the above, or a word is not a str.
    ValueError
        If the source is empty or has none of the tokens, or if a vector differs in length from
        the others, is not one-dimensional or holds anything but finite numbers.

    See Also
    --------
    TextTokenizer : Learns the vocabulary.
    TextBag, TextCNN, TextGRU : Take a source of vectors as their parameter ``embeddings``.

    Examples
    --------
    >>> from skdistill.text.embeddings import read_vectors
    >>> source = {"good": [0.5, 0.1], "Paris": [0.2, 0.3], "unused": [0.0, 1.0]}
    >>> ids, rows, coverage = read_vectors(source, {"paris": 2, "good": 3, "unheard-of": 4}, units=8)
    >>> ids, rows.shape, round(coverage, 2)
    (array([2, 3]), (2, 2), 0.67)
    """
    found = _find(source, vocabulary, name)
    tokens = [token for token in vocabulary if token in found]
    ids = np.array([vocabulary[token] for token in tokens], dtype=np.int64)
    vectors = np.stack([found[token] for token in tokens])
    if vectors.shape[1] > units:
        # Not centred: a common shift would change their inner products, which measure how similar two words are.
        vectors = (vectors.astype(np.float64) @ principal_directions(vectors, units)).astype(np.float32)
    return WordVectors(ids, vectors, coverage=len(tokens) / len(vocabulary))


def read_words(source, vocabulary, *, name="vectors"):
    """Return the vectors of the tokens of a vocabulary, and of other words that the source lists.

    Parameters
    ----------
    source, vocabulary, name : object
        As ``read_vectors`` takes them.

    Returns
    -------
    words : Words
        Those of the tokens, by the rules of ``read_vectors``, and of the first 100,000 other words, as they
        are and in lower case.
    """
    found = _find(source, vocabulary, name, n_others=_MOST_OTHERS)
    coverage = np.mean([token in found for token in vocabulary])
    return Words(list(found), np.stack(list(found.values())), float(coverage))


def _find(source, vocabulary, name, n_others=0):
    """Return the vector of each token found, and of ``n_others`` other words, as a dict of str to ndarray."""
    exact, cased, others, others_cased = {}, {}, {}, {}
    for word, vector in _entries(source, vocabulary, name):
        lower = word.lower()
        if word in vocabulary:
            if word not in exact:
                exact[word] = vector()
            continue
        if lower in vocabulary and lower not in exact and lower not in cased:
            cased[lower] = vector()
        if word not in others and len(others) < n_others:
            others[word] = vector()
            if lower not in vocabulary:
                others_cased.setdefault(lower, others[word])
    if not exact and not cased:
        raise ValueError(
            f"{name} must have some token of the vocabulary. Got none of {len(vocabulary)}, such as "
            f"{list(vocabulary)[:3]}: check the language, and lower-case the text if the vectors' words are."
        )
    found = cased | exact | others_cased | others
    _check_equal_lengths(found)
    return found


def _check_equal_lengths(found):
    """Raise a ValueError if the vectors of the words differ in length."""
    first, size = next((word, len(vector)) for word, vector in found.items())
    for word, vector in found.items():
        if len(vector) != size:
            raise ValueError(f"Vectors must be equally long. Got {size} for {first!r} and {len(vector)} for {word!r}.")


def principal_directions(vectors, n_columns):
    """Return the leading right singular vectors of vectors, the one with the most variation first.

    No other projection onto as many directions preserves more of the sum of squares (Eckart
    and Young 1936, The Approximation of One Matrix by Another of Lower Rank).

    Parameters
    ----------
    vectors : ndarray of shape (n_vectors, size), float32
    n_columns : int
        At most ``size``.

    Returns
    -------
    directions : ndarray of shape (size, n_columns), float64
    """
    wide = vectors.astype(np.float64)
    # The right singular vectors of A are the eigenvectors of A.T @ A, of shape (size, size): there are far
    # more words than columns. eigh returns them by ascending eigenvalue, so the last are the leading ones.
    directions = np.linalg.eigh(wide.T @ wide)[1][:, : -n_columns - 1 : -1]
    # An eigenvector is unique up to its sign, which differs between LAPACK builds: here the entry of
    # largest magnitude is positive.
    return directions * np.sign(directions[np.abs(directions).argmax(axis=0), np.arange(n_columns)])


def _entries(source, vocabulary, name):
    """Return an iterator over (word, function that returns its vector): most vectors are never needed."""
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
    """Whether a source is what ``_KeyedVectors`` describes."""
    return all(hasattr(source, name) for name in ("vector_size", "__contains__", "__getitem__", "__len__"))


def _entries_of_mapping(source, vocabulary, name):
    # Keyed vectors cannot be iterated over, and fastText's have vectors of words that they do not list:
    # each token of the vocabulary is asked for first, and then come the listed words for their lower case.
    listed = source if isinstance(source, Mapping) else getattr(source, "key_to_index", ())
    for word in chain((token for token in vocabulary if token in source), listed):
        if not isinstance(word, str):
            raise TypeError(f"{name} must have words of type str. Got {word!r}, of type {type(word).__name__}.")
        yield word, partial(_vector_in, source, word)


def _vector_in(source, word):
    return _as_vector(source[word], f"The vector of {word!r}")


def _entries_of_file(path):
    """Yield (word, function that returns its vector) for each line after a header, if there is one."""
    lines = _lines(path)
    place, first = next(lines, ("", b""))
    if not first:
        raise ValueError(f"{path} must have a word and its numbers per line. Got an empty file.")
    first = first.removeprefix(codecs.BOM_UTF8)
    size, is_header = _vector_size(first, place)
    rest = lines if is_header else chain([(place, first)], lines)
    for place, line in rest:
        word, numbers = _split(line, size, place)
        yield _decode(word, place), partial(_parse, numbers, size, place)


def _lines(path):
    """Yield (name of the line for messages, its bytes) for the lines of a file that are not empty."""
    try:
        with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
            for number, line in enumerate(file, 1):
                # On bytes, rstrip and split know only the white space of ASCII: GloVe's files hold words that
                # are or contain a no-break space.
                if line := line.rstrip():
                    yield f"Line {number} of {path}", line
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{path} must be a whole gzip file: fetch it again. Got: {error}") from error


def _vector_size(line, place):
    """Return the number of numbers in a vector, and whether the first line is a header that names it."""
    fields = line.split()[1:]
    if len(fields) == 1 and b"".join(line.split()).isdigit() and int(fields[0]):
        return int(fields[0]), True
    size = len(list(takewhile(_is_number, reversed(fields))))
    if not size:
        raise ValueError(f"{place} must hold a word and its numbers. Got {line[:40]!r}.")
    return size, False


def _split(line, size, place):
    """Return the bytes of a line's word, and of its numbers."""
    # Counting spaces is several times faster than splitting, and nearly all lines have one per number.
    if line.count(b" ") == size:
        word, _, numbers = line.partition(b" ")
        return word, numbers
    word, *numbers = line.rsplit(None, size)
    # "at name@domain.com 0.1 0.2" has a word with a space; "at 0.1 0.2 0.3" has a number too many.
    if len(numbers) < size or any(map(_is_number, word.split()[1:])):
        raise _ragged(line.split()[1:], size, place)
    return word, b" ".join(numbers)


def _decode(word, place):
    """Return a word as str, or raise a ValueError if it is not UTF-8."""
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
    """Return the error of a line with another number of fields than the first."""
    return ValueError(f"{place} must hold a word and {size} numbers, as the first line says. Got {len(fields)}.")


def _is_number(field):
    try:
        float(field)
    except ValueError:
        return False
    return True


def _as_vector(numbers, place):
    """Return numbers, or their text, as a float32 vector, or raise a ValueError that names the place."""
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
