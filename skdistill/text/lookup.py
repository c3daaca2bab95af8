"""From texts to the ids of their tokens.

There are two paths with equal results. One goes through a list of str, and a dict from
tokens to ids: for a single document and for a callable analyzer. The other goes through arrays
of code points and 64-bit keys, without a Python object per token: for several documents, whose
words it reads about twice as fast, and to learn a vocabulary.
"""

from collections import Counter
from functools import cached_property
from itertools import chain, repeat

import numpy as np

from .._input.documents import document_batches
from ..runtime.keys import KeyIndex
from ..runtime.segmentation import (
    BETWEEN,
    code_points,
    is_long,
    is_visible,
    join_texts,
    map_characters,
    segment,
    segments_of_words,
    shorten,
    split_characters,
    split_words,
    token_keys,
    token_offsets,
)
from ..runtime.sequences import FIRST_ID, PADDING, UNKNOWN, TokenSequences, offsets_of
from ..runtime.spelling import mark_ends, spell
from .analyzers import analyze

_BETWEEN_ID = -1  # of the separator of documents, while they are in one list of tokens
# Documents that are joined and split together: so many, or about so many characters.
_BATCH, _BATCH_SIZE = 512, 1_000_000
# Characters whose tokens are counted at a time: arrays of up to 8 bytes for each bound the memory.
_COUNTED_SIZE = 500_000


class TokenLookup:
    """Finds the ids of tokens, by their text and by their keys.

    Parameters
    ----------
    vocabulary : dict of str to int
    """

    def __init__(self, vocabulary):
        self._ids = {**vocabulary, BETWEEN: _BETWEEN_ID}
        self._index, self._ids_of_rows = _index_by_keys(vocabulary)

    def sequences(self, documents, splitting, truncation, spellings, first_row=0, name="X"):
        """Return the token ids of documents.

        Parameters
        ----------
        documents : list of str or, for a callable analyzer, of str and lists of tokens
        splitting : (str or callable, bool)
            The tokenizer's ``analyzer`` and ``lowercase``.
        truncation : (int, str)
            The tokenizer's ``sequence_length`` and ``truncating``.
        spellings : bool
            Whether to keep the text of unknown tokens.
        first_row : int, default=0
            The number that messages give to the first document.
        name : str, default="X"
            What messages call the documents.

        Returns
        -------
        sequences : TokenSequences
            At most ``sequence_length`` tokens per document.
        """
        if len(documents) == 1:
            return self._batch(documents, splitting, truncation, spellings, first_row, name)
        return TokenSequences.concatenate(
            [
                self._batch(documents[start:stop], splitting, truncation, spellings, first_row + start, name)
                for start, stop in document_batches(documents, _BATCH, _BATCH_SIZE)
            ]
        )

    def _batch(self, documents, splitting, truncation, spellings, first_row, name):
        """Return what ``sequences`` does, for documents that are split together."""
        is_callable = callable(splitting[0])
        if not is_callable and is_long(documents, truncation[0]):
            documents = [shorten(text, *truncation) for text in documents]
        if is_callable or len(documents) == 1:
            tokens = _tokens(documents, *splitting, first_row, name)
            sequences = self._by_lists(tokens, len(documents), spellings)
        else:
            sequences = self._by_arrays(documents, *splitting, spellings)
        return sequences.truncate(*truncation)

    def _by_lists(self, tokens, n_documents, spellings):
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

    def _by_arrays(self, texts, analyzer, lowercase, spellings):
        """Return the token sequences of documents through arrays only."""
        text = join_texts(texts, BETWEEN, lowercase)
        ids, codes, starts, ends, offsets = self._characters(text) if analyzer == "char" else self._words(text)
        if not spellings:
            return TokenSequences(ids, offsets)
        unknown = (ids == UNKNOWN).nonzero()[0]
        starts, ends = starts[unknown], ends[unknown]
        return TokenSequences(ids, offsets, unknown, *mark_ends(codes, starts, ends - starts))

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


def token_batches(documents, analyzer, lowercase, first_row=0, name="X"):
    """Yield lists of the tokens of some documents each, with ``BETWEEN`` between any two documents.

    The parameters are those of ``TokenLookup.sequences``.
    """
    for start, stop in document_batches(documents, _BATCH, _BATCH_SIZE):
        yield _tokens(documents[start:stop], analyzer, lowercase, first_row + start, name)


def count_occurrences(documents, analyzer, lowercase, first_row=0, name="X"):
    """Return how often each token of some documents occurs, as a Counter.

    The parameters are those of ``TokenLookup.sequences``.
    """
    if callable(analyzer):
        counts = Counter(chain.from_iterable(token_batches(documents, analyzer, lowercase, first_row, name)))
        del counts[BETWEEN]
        return counts
    counts = Counter()
    for start, stop in document_batches(documents, len(documents), _COUNTED_SIZE):
        text = join_texts(documents[start:stop], BETWEEN, lowercase)
        counts.update(_count_characters(text) if analyzer == "char" else _count_words(text))
    return counts


def _count_characters(text):
    """Return how often each visible character of a text occurs, as a dict."""
    codes, counts = np.unique(code_points(text), return_counts=True)
    counted = zip(map(chr, codes.tolist()), counts.tolist())
    return {character: count for character, count in counted if is_visible(character)}


def _count_words(text):
    """Return how often each word of a text occurs, as a dict; each different word becomes a str once."""
    segments = segment(text)
    keys = token_keys(segments)
    distinct, counts = np.unique(keys, return_counts=True)
    places = np.empty(len(distinct), np.int64)  # of one occurrence of each
    places[KeyIndex(distinct).rows(keys) - 1] = np.arange(len(keys))
    starts, ends = segments.starts[places].tolist(), segments.ends[places].tolist()
    return dict(zip([text[start:end] for start, end in zip(starts, ends)], counts.tolist()))


def _tokens(documents, analyzer, lowercase, first_row, name):
    """Return one list of the tokens of documents, with ``BETWEEN`` between any two documents."""
    if callable(analyzer):
        return _tokens_by(analyzer, map(_lower, documents) if lowercase else documents, first_row, name)
    joined = join_texts(documents, f" {BETWEEN} ", lowercase)
    return split_words(joined) if analyzer == "word" else split_characters(joined)


def _lower(document):
    """Return a text, or the tokens of a document, lower-cased."""
    return document.lower() if isinstance(document, str) else [token.lower() for token in document]


def _tokens_by(analyzer, documents, first_row, name):
    """Return one list of the tokens that a callable returns, with ``BETWEEN`` between any two documents."""
    tokens = []
    for row, document in enumerate(documents, first_row):
        found = analyze(analyzer, document, row, name)
        tokens += [token for token in found if token != BETWEEN] if BETWEEN in found else found
        tokens.append(BETWEEN)
    return tokens[:-1]


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
    return KeyIndex(keys), np.append(UNKNOWN, places + FIRST_ID).astype(np.int32)
