"""The rule that splits text into words or characters.

Words are runs of letters, digits and combining marks of any script, with the joiners of
Persian and Indic scripts inside them. Each other visible character is a token of its own:
punctuation, symbols, emoji; all of these are called punctuation here.

The rule is implemented twice, with equal results. ``split_words`` and ``split_characters``
return a list of str; they are faster for one document. ``segment`` and ``map_characters``
return arrays for many documents, without a Python object per token; ``token_keys`` hashes
all their words at once.
"""

import unicodedata
from functools import cache
from typing import NamedTuple

import numpy as np

from .keys import MULTIPLIER
from .sequences import offsets_of

#: The separator of documents that are split together.
BETWEEN = "\0"
_SPACE, _LETTER, _PUNCTUATION = range(3)
# ``str.replace`` scans a text quickly, but once per punctuation character. A text with more
# different ones than this is scanned once by ``str.translate``, which is slower per scan.
_MANY_PUNCTUATION = 64


# A text with more characters per token that stays is shortened before it is split.
_LONG = 10


@cache  # texts repeat their characters, and looking up the class is faster than finding it out again
def _class_of(character):
    """Return the class of a character: white space, part of a word, or punctuation."""
    if character.isspace() or character == BETWEEN:
        return _SPACE
    # Combining marks (Unicode's general categories Mn, Mc and Me) and the joiners ZWNJ and ZWJ belong to
    # the word that they stand in: vowel signs of Devanagari, vowel points of Arabic, Persian plurals.
    within = character.isalnum() or character in "\u200c\u200d" or unicodedata.category(character)[0] == "M"
    return _LETTER if within else _PUNCTUATION


# The class of each byte, for ``bytes.translate``. Bytes from 128 on do not occur in ASCII text.
_ASCII_CLASSES = bytes(_class_of(chr(code)) if code < 128 else _SPACE for code in range(256))
_ASCII_PUNCTUATION = {chr(code): f" {chr(code)} " for code in range(128) if _ASCII_CLASSES[code] == _PUNCTUATION}


def split_words(text):
    """Return the words and punctuation of a text, in order; ``BETWEEN`` among spaces stays as a token."""
    punctuation = _ASCII_PUNCTUATION
    if not text.isascii():
        punctuation = {character: f" {character} " for character in set(text) if _class_of(character) == _PUNCTUATION}
    if len(punctuation) > _MANY_PUNCTUATION:
        return text.translate(str.maketrans(punctuation)).split()
    for character, spaced in punctuation.items():
        if character in text:
            text = text.replace(character, spaced)
    return text.split()


def is_visible(character):
    """Whether a character is a token, or part of one."""
    return _class_of(character) != _SPACE


def split_characters(text):
    """Return the visible characters of a text, in order."""
    return list("".join(text.split()))


def join_texts(texts, between, lowercase):
    """Return documents as one text, lower-cased if the parameter says so.

    Parameters
    ----------
    texts : list of str
    between : str
        ``BETWEEN``, alone or among spaces.
    lowercase : bool

    Returns
    -------
    text : str
    """
    joined = between.join(texts)
    # A document that contains the separator would become two: there it becomes a space. Counting
    # first is faster than replacing in every document.
    if joined.count(BETWEEN) != len(texts) - 1:
        joined = between.join([text.replace(BETWEEN, " ") for text in texts])
    return joined.lower() if lowercase else joined


def is_long(texts, length):
    """Whether ``shorten`` shortens any of the texts."""
    return max(map(len, texts), default=0) > _LONG * length


def shorten(text, length, side):
    """Return a long text without parts that hold none of the tokens that stay.

    No token contains white space, and between white space there is at least one token: the
    first ``length`` parts have the first ``length`` tokens. U+0000 alone is not a token.

    Parameters
    ----------
    text : str
    length : int
        How many tokens stay.
    side : {"pre", "post"}
        Where tokens are dropped: before or after those that stay.

    Returns
    -------
    text : str
    """
    if len(text) <= _LONG * length or BETWEEN in text:
        return text
    parts = text.split(None, length)[:length] if side == "post" else text.rsplit(None, length)[-length:]
    return " ".join(parts)


class Segments(NamedTuple):
    """The tokens of several documents, one after the other, as parts of an array of code points.

    Attributes
    ----------
    codes : ndarray of shape (n_characters,), uint8 or uint32
        Code points of all documents, with 0 between them.
    starts, ends : ndarray of shape (n_tokens,), int64
        Token i is ``codes[starts[i]:ends[i]]``.
    offsets : ndarray of shape (n_documents + 1,), int64
        Document i has the tokens ``offsets[i]`` to ``offsets[i + 1] - 1``.
    """

    codes: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    offsets: np.ndarray


def segment(text):
    """Return the words and punctuation of documents.

    Parameters
    ----------
    text : str
        The documents, joined by ``BETWEEN``, which must not occur in them.

    Returns
    -------
    segments : Segments
    """
    codes, classes = _classify(text)
    letters, punctuation = classes == _LETTER, classes == _PUNCTUATION
    # Punctuation begins and ends a token at once. A letter begins a word unless a letter is before it,
    # and ends one unless a letter follows.
    edges = letters[1:] != letters[:-1]
    begin, end = punctuation.copy(), punctuation.copy()
    begin[1:] |= edges & letters[1:]
    end[:-1] |= edges & letters[:-1]
    begin[:1] |= letters[:1]
    end[-1:] |= letters[-1:]
    starts, ends = np.flatnonzero(begin), np.flatnonzero(end) + 1
    return Segments(codes, starts, ends, token_offsets(codes, starts))


def token_offsets(codes, starts):
    """Return the offsets of documents among their tokens, of shape (n_documents + 1,); see ``Segments``."""
    # The number of tokens before each separator is the offset of the document after it.
    inner = np.searchsorted(starts, np.flatnonzero(codes == 0))
    return np.concatenate([[0], inner, [len(starts)]])


def _classify(text):
    """Return the code points of a text and the class of each, both of shape (n_characters,)."""
    if text.isascii():
        data = text.encode()
        return np.frombuffer(data, np.uint8), np.frombuffer(data.translate(_ASCII_CLASSES), np.uint8)
    codes = code_points(text)
    return codes, map_characters(codes, _class_of, np.uint8)


def map_characters(codes, function, dtype):
    """Return what a function returns for each character; it is called once per different one.

    Parameters
    ----------
    codes : ndarray of shape (n_characters,), uint32
    function : callable
        From a character to a number.
    dtype : type
        That of the numbers.

    Returns
    -------
    numbers : ndarray of shape (n_characters,)
    """
    table = np.zeros(int(codes.max(initial=0)) + 1, dtype)  # by code point
    table[codes] = 1
    distinct = table.nonzero()[0]
    table[distinct] = np.fromiter(map(function, map(chr, distinct.tolist())), dtype, len(distinct))
    return table.take(codes)


def code_points(text):
    """Return the code points of a text, of shape (n_characters,), uint32."""
    # "surrogatepass": a str may hold lone surrogates, as in text that was decoded with "surrogateescape".
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def segments_of_words(words):
    """Return a list of words as the tokens of one document."""
    offsets = offsets_of(np.fromiter(map(len, words), np.int64, len(words)))
    return Segments(code_points("".join(words)), offsets[:-1], offsets[1:], np.array([0, len(words)]))


def token_keys(segments):
    """Return the 64-bit key of each token: that of ``runtime.keys.ngram_keys`` for all of its characters.

    With the code points s[i], the multiplier M and all arithmetic modulo 2**64, the key of
    the token from start to end is::

        key = sum of s[i] * M**(end - i) over start <= i < end
            = M**end * (sum of s[i] * M**-i over start <= i < end)
            = M**end * (P[end] - P[start]),  with P[k] = sum of s[i] * M**-i over i < k

    M**-1 exists because M is odd, hence prime to 2**64. The prefix sums P are those of all
    the text at once, so that the time does not depend on how long the tokens are, and no
    token is a Python object.

    Parameters
    ----------
    segments : Segments

    Returns
    -------
    keys : ndarray of shape (n_tokens,), uint64
    """
    n = len(segments.codes)
    prefix = np.zeros(n + 1, np.uint64)  # P
    np.multiply(segments.codes, _powers(_INVERSE, n), out=prefix[1:])
    np.cumsum(prefix, out=prefix)
    return (prefix.take(segments.ends) - prefix.take(segments.starts)) * _powers(MULTIPLIER, n + 1).take(segments.ends)


_INVERSE = np.uint64(pow(int(MULTIPLIER), -1, 2**64))  # M**-1
_LOW = 256  # rows of the outer product in ``_powers`` have so many columns


def _powers(base, count):
    """Return ``base**0, ..., base**(count - 1)`` modulo 2**64, of shape (count,).

    They are an outer product: base**(256 * i + j) = (base**256)**i * base**j. In a running
    product each multiplication has to wait for the one before it; here they are independent.
    """
    low = _LOW_POWERS[base]
    if count <= _LOW:
        return low[:count]
    high = _running_powers(np.uint64(pow(int(base), _LOW, 2**64)), count // _LOW + 1)
    return np.multiply.outer(high, low).ravel()[:count]


def _running_powers(base, count):
    """Return what ``_powers`` returns, by a running product; ``count`` must be at least 1."""
    powers = np.full(count, base, np.uint64)
    powers[0] = 1
    return np.multiply.accumulate(powers)


_LOW_POWERS = {base: _running_powers(base, _LOW) for base in (MULTIPLIER, _INVERSE)}
