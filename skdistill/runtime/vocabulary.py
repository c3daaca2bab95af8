"""The features that a trained bag knows, and the table row of each.

Conventions
-----------
A document has several *groups* of features: its tokens, its n-grams for each n, and the
character n-grams of its words as in fastText (Bojanowski et al. 2017, Enriching Word
Vectors with Subword Information, section 3.2).

The n-grams that training saw have the rows 1, 2, ... in the order of their keys, and so
have the character n-grams. Row 0 stands for a feature that training did not see; it adds
nothing and is not counted. The row of a token is its id (see ``token_rows``).

The n-grams of texts are keyed by the keys of their words' text, so that they can be found without a
vocabulary (``runtime.keyed_bag``); those of given token ids by the ids. Unknown tokens have one symbol.
"""

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from .keys import KeyIndex, mix, ngram_keys
from .segmentation import segments_of_words, token_keys
from .sequences import FIRST_ID, MOST_TOKENS, PADDING, UNKNOWN, spans
from .spelling import spell
from .state import MOST_NGRAMS, array_of, integer_of, sizes_of
from .summary import count, summarize
from .texts import pack_texts, unpack_texts


@dataclass(frozen=True, repr=False)
class BagVocabulary:
    """The features that training saw.

    Attributes
    ----------
    ngrams : int
        The longest run of tokens that is a feature; 1 means single tokens only.
    subwords : tuple of int
        Lengths of the character n-grams inside words; empty for none.
    seen : ndarray of shape (n_tokens,), bool
        Whether each token id occurred.
    spellings : list of str
        The text of the ids 2, 3, ...; empty without ``subwords``, and in a predictor.
    ngram_index, subword_index : KeyIndex
        Keys of the n-grams of 2 tokens and more, and of the character n-grams. Those of
        different lengths share an index.
    symbols : ndarray of shape (n_tokens,), uint64, or None, default=None
        What stands for each token id in the keys of n-grams, see ``token_symbols``. If None, the
        id.
    frequencies : ndarray of shape (n_rows,), uint16, or None, default=None
        In how many training documents each feature occurs, up to 65,535: tokens, n-grams, character
        n-grams. Only ``compress`` reads them.
    """

    ngrams: int
    subwords: tuple
    seen: np.ndarray
    spellings: list
    ngram_index: KeyIndex
    subword_index: KeyIndex
    symbols: np.ndarray | None = None
    frequencies: np.ndarray | None = None

    def __repr__(self):
        return summarize(self, *self.facts)

    @property
    def facts(self):
        """The numbers of features of each kind, with their nouns."""
        numbers = {
            "token": len(self.seen),
            "n-gram": len(self.ngram_index),
            "character n-gram": len(self.subword_index),
        }
        return [count(number, noun) for noun, number in numbers.items()]

    @property
    def n_rows(self):
        """Number of rows of one table over all features: tokens, n-grams, character n-grams."""
        return len(self.seen) + len(self.ngram_index) + len(self.subword_index)

    @property
    def nbytes(self):
        """Number of bytes of the keys, symbols and frequencies."""
        arrays = self.ngram_index.keys, self.subword_index.keys, self.symbols, self.frequencies
        return sum(array.nbytes for array in arrays if array is not None)

    @cached_property
    def token_rows(self):
        """The table row of each token id, of shape (n_tokens,): see the function ``token_rows``."""
        return token_rows(self.seen)

    def ngram_rows(self, sequences):
        """Yield the rows in ``ngram_index`` of the runs of n tokens, for n = 2, 3, ..., ``ngrams``.

        Parameters
        ----------
        sequences : TokenSequences

        Yields
        ------
        rows : ndarray of shape (max(n_tokens_in_all_documents - n + 1, 0),), int64
            Of the run that begins at each token; 0 for a run that ends in another document.
        """
        symbols = sequences.ids if self.symbols is None or self.ngrams == 1 else self.symbols.take(sequences.ids)
        for n, keys in enumerate(ngram_keys(symbols, self.ngrams), 1):
            if n > 1:
                rows = self.ngram_index.rows(keys)
                if len(sequences) > 1:
                    rows[runs_across_documents(sequences.offsets, n)] = 0
                yield rows

    def subword_rows(self, letters, offsets):
        """Return the rows of the character n-grams of spelled words, without those that training did not see.

        Parameters
        ----------
        letters : ndarray of shape (n_letters,), uint32
        offsets : ndarray of shape (n_words + 1,), int64
            The words as ``runtime.spelling.spell`` returns them.

        Returns
        -------
        rows : ndarray of shape (n_found,), int64
            Rows in ``subword_index``, word by word.
        counts : ndarray of shape (n_words,), int64
            How many of these rows each word has.
        """
        keys, owners = subword_keys(letters, offsets, self.subwords)
        rows = self.subword_index.rows(keys)
        # The keys come length by length, and within a length word by word: a stable sort by word keeps
        # the order of lengths within a word, and with it the order in which their vectors are added.
        order = np.argsort(owners, kind="stable")
        order = order[rows[order] > 0]
        return rows[order], np.bincount(owners[order], minlength=len(offsets) - 1)

    @cached_property
    def known_subwords(self):
        """The ``subword_rows`` of the tokens in the vocabulary, in the order of their ids."""
        # Padding and the unknown token (ids 0 and 1) have no text.
        return self.subword_rows(*spell(["", "", *self.spellings]))

    def state(self):
        """Return plain values and arrays, from which ``from_state`` makes the vocabulary again."""
        values = {"ngrams": int(self.ngrams), "subwords": list(self.subwords), "n_spellings": len(self.spellings)}
        arrays = {
            "seen": self.seen,
            "ngram_keys": self.ngram_index.keys,
            "subword_keys": self.subword_index.keys,
            "spellings": pack_texts(self.spellings),
            "symbols": self.symbols,
            "frequencies": self.frequencies,
        }
        return values, {name: array for name, array in arrays.items() if array is not None}

    @classmethod
    def from_state(cls, values, arrays):
        """Return the vocabulary of a state, or raise a ValueError that says what is wrong with it."""
        seen = seen_of(arrays)
        indices = [
            KeyIndex.from_state(array_of(arrays, f"{kind}_keys", np.uint64, None)) for kind in ("ngram", "subword")
        ]
        n_rows = len(seen) + sum(map(len, indices))
        spellings = unpack_texts(
            array_of(arrays, "spellings", np.uint8, None), integer_of(values, "n_spellings", 0, len(seen) - FIRST_ID)
        )
        return cls(
            integer_of(values, "ngrams", 1, MOST_NGRAMS),
            sizes_of(values, "subwords"),
            seen,
            spellings,
            *indices,
            array_of(arrays, "symbols", np.uint64, len(seen)) if "symbols" in arrays else None,
            array_of(arrays, "frequencies", np.uint16, n_rows) if "frequencies" in arrays else None,
        )

    def __getstate__(self):
        # Without the cached properties: a pickle of a used vocabulary is as small as that of a new one.
        return {field.name: getattr(self, field.name) for field in fields(self)}


def seen_of(arrays):
    """Return whether training saw each token id, or raise a ValueError of one sentence."""
    seen = array_of(arrays, "seen", bool, None)
    if not FIRST_ID <= len(seen) <= MOST_TOKENS:
        raise ValueError(
            f"The array 'seen' must have an element for padding and one for unknown tokens. Got {len(seen)}"
        )
    return seen


def token_symbols(spellings):
    """Return what stands for each token id in the keys of n-grams, by its text.

    Parameters
    ----------
    spellings : list of str
        The text of the ids 2, 3, ...

    Returns
    -------
    symbols : ndarray of shape (n_tokens,), uint64
        Padding and unknown tokens have their ids.
    """
    known = mix(token_keys(segments_of_words(spellings)))
    return np.concatenate([np.array([PADDING, UNKNOWN], np.uint64), known])


def token_rows(seen):
    """Return the table row of each token id: its id, or that of the unknown token if training did not see it.

    Parameters
    ----------
    seen : ndarray of shape (n_tokens,), bool

    Returns
    -------
    rows : ndarray of shape (n_tokens,), int32
        0 for padding, and for the unknown token if training saw none.
    """
    rows = np.where(seen, np.arange(len(seen)), UNKNOWN * seen[UNKNOWN])
    rows[PADDING] = 0
    return rows.astype(np.int32)


def subword_keys(letters, offsets, sizes):
    """Return what ``subword_runs`` returns, with the word of each run instead of their numbers.

    Parameters
    ----------
    letters, offsets, sizes
        Those of ``subword_runs``.

    Returns
    -------
    keys : ndarray of shape (n_runs,), uint64
    owners : ndarray of shape (n_runs,), int64
    """
    keys, counts = subword_runs(letters, offsets, sizes)
    return keys, np.repeat(np.tile(np.arange(len(offsets) - 1), len(sizes)), counts.ravel())


def subword_runs(letters, offsets, sizes):
    """Return the keys of the character n-grams of spelled words, without the whole words.

    A word of m letters between two boundary characters has m + 3 - n runs of n characters
    (none if that is below 1), except for n = m + 2: this run is the whole word, which is a
    token already.

    Parameters
    ----------
    letters : ndarray of shape (n_letters,), uint32
    offsets : ndarray of shape (n_words + 1,), int64
        The words as ``runtime.spelling.spell`` returns them.
    sizes : tuple of int
        The lengths n.

    Returns
    -------
    keys : ndarray of shape (n_runs,), uint64
        For each n in turn, of each word in turn.
    counts : ndarray of shape (n_sizes, n_words), int64
        How many runs each word has.
    """
    lengths = np.diff(offsets)  # with the two boundary characters
    counts = np.zeros((len(sizes), len(lengths)), np.int64)
    found = [np.zeros(0, np.uint64)]  # the result without sizes
    for n, keys in enumerate(ngram_keys(letters, max(sizes, default=1)), 1):
        if n in sizes:
            counts_of_size = np.where(lengths > n, lengths - n + 1, 0)
            counts[len(found) - 1] = counts_of_size
            found.append(keys[spans(offsets[:-1], counts_of_size)])
    return np.concatenate(found), counts


def runs_across_documents(offsets, n):
    """Return the places at which the runs of ``n`` tokens begin that end in another document.

    Parameters
    ----------
    offsets : ndarray of shape (n_documents + 1,), int64
    n : int
        At least 2.

    Returns
    -------
    starts : ndarray of int64
        The n - 1 places before each inner offset, as far as a run begins there. Places near
        short documents come more than once.
    """
    starts = (offsets[1:-1, None] - np.arange(1, n)).ravel()
    return starts[(starts >= 0) & (starts <= offsets[-1] - n)]
