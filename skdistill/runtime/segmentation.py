"""Where a token begins and ends.

Owns the rule that cuts text into words or characters, once for a text as a list of
str and once for many documents as arrays. It must not know ids or vocabularies.

The rule: runs of letters, digits and combining marks are words, with the joiners of
Persian and Indic scripts inside them; each other visible character is a token.
"""

import unicodedata
from typing import NamedTuple

import numpy as np

from .keys import MULTIPLIER
from .sequences import offsets_of

#: Stands between documents that are cut together.
BETWEEN = "\0"
_SPACE, _LETTER, _MARK = range(3)
# More different marks than this are spaced out in one slow pass, not one fast pass each.
_MANY_MARKS = 64


def _class_of(character):
    if character.isspace() or character == BETWEEN:
        return _SPACE
    # Combining marks and joiners belong to the word they stand in (Devanagari, Arabic).
    within = character.isalnum() or character in "\u200c\u200d" or unicodedata.category(character)[0] == "M"
    return _LETTER if within else _MARK


_ASCII_CLASSES = bytes(_class_of(chr(code)) if code < 128 else _SPACE for code in range(256))
_ASCII_MARKS = {chr(code): f" {chr(code)} " for code in range(128) if _ASCII_CLASSES[code] == _MARK}


def split_words(text):
    """Cut text into words, every visible character between them a token of its own."""
    marks = _ASCII_MARKS
    if not text.isascii():
        marks = {character: f" {character} " for character in set(text) if _class_of(character) == _MARK}
    if len(marks) > _MANY_MARKS:
        return text.translate(str.maketrans(marks)).split()
    for mark, spaced in marks.items():
        if mark in text:
            text = text.replace(mark, spaced)
    return text.split()


def split_characters(text):
    """Every visible character of a text."""
    return list("".join(text.split()))


class Cuts(NamedTuple):
    """The tokens of several documents, one after the other.

    Attributes
    ----------
    codes : ndarray of shape (n_characters,), uint8 or uint32
        Code points of all documents.
    starts, ends : ndarray of shape (n_tokens,), int64
        Token i is ``codes[starts[i]:ends[i]]``.
    offsets : ndarray of shape (n_documents + 1,), int64
        Document i owns the tokens ``offsets[i]`` to ``offsets[i + 1] - 1``.
    """

    codes: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    offsets: np.ndarray


def cut(text, by_characters):
    """Cut documents, joined by ``BETWEEN``, into words or characters.

    Parameters
    ----------
    text : str
    by_characters : bool

    Returns
    -------
    cuts : Cuts
    """
    codes, classes = _classify(text)
    letters, marks = classes == _LETTER, classes == _MARK
    if by_characters:
        starts = np.flatnonzero(letters | marks)
        ends = starts + 1
    else:
        edges = letters[1:] != letters[:-1]
        begin, end = marks.copy(), marks.copy()
        begin[1:] |= edges & letters[1:]
        end[:-1] |= edges & letters[:-1]
        begin[:1] |= letters[:1]
        end[-1:] |= letters[-1:]
        starts, ends = np.flatnonzero(begin), np.flatnonzero(end) + 1
    inner = np.searchsorted(starts, np.flatnonzero(codes == 0))
    return Cuts(codes, starts, ends, np.concatenate([[0], inner, [len(starts)]]))


def _classify(text):
    """Code points and the class of each."""
    if text.isascii():
        data = text.encode()
        return np.frombuffer(data, np.uint8), np.frombuffer(data.translate(_ASCII_CLASSES), np.uint8)
    codes = code_points(text)
    table = np.zeros(int(codes.max()) + 1, np.uint8)
    for character in set(text):
        table[ord(character)] = _class_of(character)
    return codes, table.take(codes)


def code_points(text):
    """The code points of a text as uint32."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def word_codes(words):
    """Words as tokens of one document."""
    offsets = offsets_of(np.fromiter(map(len, words), np.int64, len(words)))
    return Cuts(code_points("".join(words)), offsets[:-1], offsets[1:], np.array([0, len(words)]))


def token_keys(cuts):
    """The 64-bit key of each token, as ``runtime.keys.ngram_keys`` gives it for the whole token.

    With the multiplier M the key of the characters s is the sum of s[i] * M**(end - i).
    That is M**end times a difference of two prefix sums of s[i] * M**-i; an odd M has an
    inverse modulo 2**64.

    Returns
    -------
    keys : ndarray of shape (n_tokens,), uint64
    """
    n = len(cuts.codes)
    prefix = np.zeros(n + 1, np.uint64)
    np.cumsum(cuts.codes * _powers(_INVERSE, n), out=prefix[1:])
    return (prefix.take(cuts.ends) - prefix.take(cuts.starts)) * _powers(MULTIPLIER, n + 1).take(cuts.ends)


_INVERSE = np.uint64(pow(int(MULTIPLIER), -1, 2**64))
_LOW = 256


def _powers(base, count):
    """The first powers of ``base`` modulo 2**64: an outer product, for a running one must wait for each factor."""
    low = _running_powers(base, _LOW)
    high = _running_powers(np.uint64(pow(int(base), _LOW, 2**64)), count // _LOW + 1)
    return np.multiply.outer(high, low).ravel()[:count]


def _running_powers(base, count):
    powers = np.full(count, base, np.uint64)
    powers[0] = 1
    return np.multiply.accumulate(powers)
