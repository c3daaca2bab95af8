"""From texts to the ids of their tokens.

There are two paths with equal results. One goes through a list of str, and a dict from
tokens to ids: for a single text, and for tokens that are given. The other goes through arrays
of code points and 64-bit keys, without a Python object per token: for several texts, whose
words it reads about twice as fast.
"""

from functools import cached_property
from itertools import repeat

import numpy as np

from .keys import KeyIndex
from .segmentation import (
    BETWEEN,
    code_points,
    is_visible,
    join_texts,
    map_characters,
    segment,
    segments_of_words,
    token_keys,
    token_offsets,
)
from .sequences import FIRST_ID, PADDING, UNKNOWN, TokenSequences, document_bounds, offsets_of
from .spelling import mark_ends, spell

#: Texts that are joined and split together: this many, or about this many characters.
TEXTS_PER_BATCH, CHARACTERS_PER_BATCH = 512, 1_000_000
_BETWEEN_ID = -1  # of the separator of documents, while they are in one list of tokens


class TokenLookup:
    """Finds the ids of tokens, by their text and by their keys.

    Parameters
    ----------
    vocabulary : dict of str to int
    """

    def __init__(self, vocabulary):
        self._ids = {**vocabulary, BETWEEN: _BETWEEN_ID}
        self._index, self._ids_of_rows = _index_by_keys(vocabulary)

    def sequences(self, texts, rule, spellings):
        """Return the token ids of texts.

        Parameters
        ----------
        texts : list of str
        rule : SplittingRule
        spellings : bool
            Whether to keep the text of unknown tokens.

        Returns
        -------
        sequences : TokenSequences
        """
        if len(texts) == 1:
            return self.of_tokens(rule.split(texts[0]), 1, spellings)
        bounds = document_bounds(offsets_of(list(map(len, texts))), TEXTS_PER_BATCH, CHARACTERS_PER_BATCH)
        return TokenSequences.concatenate(
            [self._by_arrays(texts[start:stop], rule, spellings) for start, stop in bounds]
        )

    def of_tokens(self, tokens, n_documents, spellings):
        """Return the token sequences of documents that are split already.

        This is faster for one document, and an analyzer that is a callable returns str anyway.

        Parameters
        ----------
        tokens : list of str
            With ``BETWEEN`` between any two documents.
        n_documents : int
        spellings : bool

        Returns
        -------
        sequences : TokenSequences
        """
        ids = np.fromiter(map(self._ids.get, tokens, repeat(UNKNOWN)), np.int32, len(tokens))
        offsets = np.array([0, len(ids)])
        if n_documents > 1:
            # A document's length is the distance between two separators, without the separator itself.
            between = (ids == _BETWEEN_ID).nonzero()[0]
            offsets = offsets_of(np.diff(between, prepend=-1, append=len(ids)) - 1)
            ids = ids[ids != _BETWEEN_ID]
            tokens = [token for token in tokens if token != BETWEEN]
        unknown = (ids == UNKNOWN).nonzero()[0] if spellings else ()
        if not len(unknown):
            return TokenSequences(ids, offsets)
        return TokenSequences(ids, offsets, unknown, *spell([tokens[i] for i in unknown.tolist()]))

    def _by_arrays(self, texts, rule, spellings):
        """Return the token sequences of texts through arrays only."""
        text = join_texts(rule.shorten(texts), BETWEEN, rule.lowercase)
        ids, codes, starts, ends, offsets = self._characters(text) if rule.analyzer == "char" else self._words(text)
        sequences = TokenSequences(ids, offsets)
        if spellings:
            unknown = (ids == UNKNOWN).nonzero()[0]
            starts, ends = starts[unknown], ends[unknown]
            sequences = TokenSequences(ids, offsets, unknown, *mark_ends(codes, starts, ends - starts))
        return sequences.truncate(rule.sequence_length, rule.truncating)

    def _words(self, text):
        """Return the ids of words, which are looked up by their 64-bit keys, and the fields of their ``Segments``."""
        segments = segment(text)
        return self._ids_of_rows.take(self._index.rows(token_keys(segments))), *segments

    def _characters(self, text):
        """Return the ids of characters, which are looked up by their code points, and the fields of ``Segments``."""
        codes = code_points(text)
        ids = self._ids_of_codes.take(codes, mode="clip")
        others = np.flatnonzero(ids == PADDING)
        ids[others] = np.where(map_characters(codes[others], is_visible, bool), UNKNOWN, PADDING)
        starts = np.flatnonzero(ids)
        return ids[starts], codes, starts, starts + 1, token_offsets(codes, starts)

    @cached_property
    def _ids_of_codes(self):
        """The id of each code point up to the largest of a character in the vocabulary, and PADDING for all others."""
        ids = {ord(token): i for token, i in self._ids.items() if len(token) == 1 and i > UNKNOWN}
        table = np.full(max(ids, default=0) + 2, PADDING, np.int32)  # larger code points are clipped to the last one
        table[list(ids)] = list(ids.values())
        return table


def _index_by_keys(vocabulary):
    """Return the index of the tokens' keys, and the id of each of its rows.

    Parameters
    ----------
    vocabulary : dict of str to int

    Returns
    -------
    index : KeyIndex
    ids : ndarray of shape (n_tokens_of_vocabulary + 1,), int32
        Row 0, that of keys not found, has the id 1.
    """
    keys, places = np.unique(token_keys(segments_of_words(list(vocabulary))), return_index=True)
    return KeyIndex.from_state(keys), np.append(UNKNOWN, places + FIRST_ID).astype(np.int32)
