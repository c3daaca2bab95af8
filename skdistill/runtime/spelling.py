"""The spelling of words for their character n-grams: code points between two boundary characters.

With boundaries a prefix and a suffix are other n-grams than the same letters inside a word
(Bojanowski et al. 2017, Enriching Word Vectors with Subword Information, section 3.2, which
writes ``<where>`` for "where").
"""

from itertools import accumulate

import numpy as np

from .sequences import offsets_of, spans

# Noncharacters, which Unicode reserves for internal use (The Unicode Standard, section 23.7): unlike
# "<" and ">" they are not characters of ordinary text.
_WORD_START, _WORD_END = 0xFDD0, 0xFDD1
_START, _END = chr(_WORD_START), chr(_WORD_END)


def spell(words):
    """Return the code points of words, each between its boundary characters.

    Parameters
    ----------
    words : list of str
        The empty word has no letters and no boundaries.

    Returns
    -------
    letters : ndarray of shape (n_letters,), uint32
    offsets : ndarray of shape (n_words + 1,), int64
        Word i is ``letters[offsets[i]:offsets[i + 1]]``.
    """
    marked = [f"{_START}{word}{_END}" if word else "" for word in words]
    letters = np.frombuffer("".join(marked).encode("utf-32-le", "surrogatepass"), np.uint32)
    return letters, np.array([0, *accumulate(map(len, marked))])


def mark_ends(codes, starts, lengths):
    """Return what ``spell`` returns, for words that are parts of an array of code points.

    Parameters
    ----------
    codes : ndarray of shape (n_characters,), uint8 or uint32
    starts, lengths : ndarray of shape (n_words,), int64
        Word i is ``codes[starts[i]:starts[i] + lengths[i]]`` and not empty.

    Returns
    -------
    letters : ndarray of shape (n_letters,), uint32
    offsets : ndarray of shape (n_words + 1,), int64
    """
    offsets = offsets_of(lengths + 2)
    letters = np.empty(offsets[-1], np.uint32)
    letters[offsets[:-1]], letters[offsets[1:] - 1] = _WORD_START, _WORD_END
    letters[spans(offsets[:-1] + 1, lengths)] = codes[spans(starts, lengths)]
    return letters, offsets
