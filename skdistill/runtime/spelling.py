"""How words are spelled for their character n-grams: between two end marks.

Owns the marks. It must not know vocabularies.
"""

from itertools import accumulate

import numpy as np

from .sequences import offsets_of, spans

# Mark the two ends of a word: noncharacters, which Unicode keeps for a program's own use.
_WORD_START, _WORD_END = 0xFDD0, 0xFDD1
_START, _END = chr(_WORD_START), chr(_WORD_END)


def spell(words):
    """Code points of some words between their end marks; none for "".

    Parameters
    ----------
    words : list of str

    Returns
    -------
    letters : ndarray of shape (n_letters,), uint32
    offsets : ndarray of shape (n_words + 1,), int64
        Word i owns ``letters[offsets[i]:offsets[i + 1]]``.
    """
    marked = [f"{_START}{word}{_END}" if word else "" for word in words]
    letters = np.frombuffer("".join(marked).encode("utf-32-le", "surrogatepass"), np.uint32)
    return letters, np.array([0, *accumulate(map(len, marked))])


def mark_ends(codes, starts, lengths):
    """The same for words that are pieces of an array of code points, none of them empty."""
    offsets = offsets_of(lengths + 2)
    letters = np.empty(offsets[-1], np.uint32)
    letters[offsets[:-1]], letters[offsets[1:] - 1] = _WORD_START, _WORD_END
    letters[spans(offsets[:-1] + 1, lengths)] = codes[spans(starts, lengths)]
    return letters, offsets
