"""What a saved model reads: texts, which become token ids by a rule and a vocabulary, or rows of token ids."""

from typing import NamedTuple

import numpy as np

from .containers import as_list, check_column
from .lookup import TokenLookup
from .sequences import FIRST_ID, MOST_TOKENS, TokenSequences, offsets_of
from .splitting import SEQUENCE_LENGTH, SplittingRule
from .state import array_of, choice_of, integer_of, value_of
from .texts import unpack_texts

ANALYZERS, SIDES = ("word", "char"), ("pre", "post")
#: The largest ``sequence_length``.
_LONGEST = 2**31 - 1


class TextReader(NamedTuple):
    """Turns texts into token ids.

    Attributes
    ----------
    rule : SplittingRule
    words : list of str or None
        The tokens of the ids 2, 3, ...; None for a network that reads texts by itself.
    lookup : TokenLookup or None
    """

    rule: SplittingRule
    words: list | None
    lookup: TokenLookup | None

    @classmethod
    def from_state(cls, values, arrays):
        """Return the reader of a saved tokenizer, or raise a ValueError that says what is wrong with it."""
        is_default = value_of(values, "sequence_length") is None
        rule = SplittingRule(
            choice_of(values, "analyzer", ANALYZERS),
            choice_of(values, "lowercase", (True, False)),
            SEQUENCE_LENGTH if is_default else integer_of(values, "sequence_length", 1, _LONGEST),
            choice_of(values, "truncating", SIDES),
        )
        if value_of(values, "n_words") is None:
            return cls(rule, None, None)
        n_words = integer_of(values, "n_words", 0, MOST_TOKENS - FIRST_ID)
        words = unpack_texts(array_of(arrays, "words", np.uint8, None), n_words)
        if len(set(words)) < len(words) or "" in words:
            raise ValueError("The words of the vocabulary must be different and not empty")
        return cls(rule, words, TokenLookup({word: i for i, word in enumerate(words, FIRST_ID)}))

    @property
    def n_tokens(self):
        """Number of token ids, with padding and unknown; None without a vocabulary."""
        return None if self.words is None else len(self.words) + FIRST_ID

    def check(self, texts):
        """Return texts as a list of str, or raise an error that says what is wrong with them."""
        if type(texts) is not list:
            check_column(texts, "X")
            texts = as_list(texts)
        # The set of types is the fastest check of a long list; only another type needs a look at each row.
        if not set(map(type, texts)) <= {str}:
            for row, text in enumerate(texts):
                if not isinstance(text, str):
                    raise ValueError(f"Row {row} of X must be a str. Got {type(text).__name__}.")
        return texts

    def offsets(self, texts):
        """Return the offsets of texts by their characters, as far as they count."""
        sizes = np.fromiter(map(len, texts), np.int64, len(texts))
        return offsets_of(np.minimum(sizes, self.rule.sequence_length))

    def sequences(self, texts, spellings):
        """Return the token ids of texts as ``TokenSequences``, with the text of unknown tokens or without it."""
        return self.lookup.sequences(texts, self.rule, spellings)


class IdReader(NamedTuple):
    """Takes rows of token ids.

    Attributes
    ----------
    n_tokens : int
        Ids from this number on are unknown tokens.
    n_positions : int
        Ids in a row, with padding.
    """

    n_tokens: int
    n_positions: int

    def check(self, ids):
        """Return rows of ids as an array of int, or raise a ValueError that says what is wrong with them."""
        ids = np.asarray(ids)
        if ids.ndim != 2 or ids.shape[1] != self.n_positions:
            raise ValueError(f"X must be of shape (n, {self.n_positions}). Got {ids.shape}.")
        if ids.dtype.kind not in "iu" or ids.min(initial=0) < 0:
            raise ValueError(f"X must hold token ids, which are integers from 0 on. Got {ids.dtype} or negative ones.")
        return ids

    def offsets(self, ids):
        """Return the offsets of rows by their positions."""
        return np.arange(len(ids) + 1) * self.n_positions

    def sequences(self, ids, spellings):
        """Return rows of ids as ``TokenSequences``; they have no spelling."""
        return TokenSequences.from_padded(ids, self.n_tokens)
