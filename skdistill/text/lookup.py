"""From texts to the ids of their tokens.

There are two paths with equal results. One goes through a list of str, and a dict from
tokens to ids: for a single document, a callable analyzer, and to learn a vocabulary. The
other goes through arrays of code points and 64-bit keys, without a Python object per token:
for several documents, which it reads about twice as fast.
"""

from itertools import chain, repeat

import numpy as np

from ..runtime.keys import KeyIndex
from ..runtime.segmentation import BETWEEN, segment, segments_of_words, split_characters, split_words, token_keys
from ..runtime.sequences import UNKNOWN, TokenSequences, offsets_of
from ..runtime.spelling import mark_ends, spell

FIRST_ID = 2  # 0 is PADDING, 1 is UNKNOWN
_BETWEEN_ID = -1  # of the separator of documents, while they are in one list of tokens
_BATCH = 512  # documents that are joined and split together


class TokenLookup:
    """Finds the ids of tokens, by their text and by their keys.

    Parameters
    ----------
    vocabulary : dict of str to int
    """

    def __init__(self, vocabulary):
        self._ids = {**vocabulary, BETWEEN: _BETWEEN_ID}
        self._index, self._ids_of_rows = _index_by_keys(vocabulary)

    def sequences(self, texts, analyzer, lowercase, spellings):
        """Return the token ids of documents.

        Parameters
        ----------
        texts : list of str
        analyzer, lowercase : object
            The parameters of the tokenizer.
        spellings : bool
            Whether to keep the text of unknown tokens.

        Returns
        -------
        sequences : TokenSequences
        """
        if len(texts) > 1 and not callable(analyzer):
            return self._by_keys(texts, analyzer == "char", lowercase, spellings)
        return self._by_lists(texts, analyzer, lowercase, spellings)

    def _by_lists(self, texts, analyzer, lowercase, spellings):
        """Return the token sequences of documents through a list of str.

        This is faster for one document, and an analyzer that is a callable returns str anyway.
        """
        alone = len(texts) == 1
        if alone:
            tokens = _tokens(texts, analyzer, lowercase)
        else:
            tokens = list(chain.from_iterable(token_batches(texts, analyzer, lowercase)))
        ids = np.fromiter(map(self._ids.get, tokens, repeat(UNKNOWN)), np.int32, len(tokens))
        offsets = np.array([0, len(ids)])
        if not alone:
            # A document's length is the distance between two separators, without the separator itself.
            between = (ids == _BETWEEN_ID).nonzero()[0]
            offsets = offsets_of(np.diff(between, prepend=-1, append=len(ids)) - 1)
            ids = ids[ids != _BETWEEN_ID]
            tokens = [token for token in tokens if token != BETWEEN]
        unknown = (ids == UNKNOWN).nonzero()[0] if spellings else ()
        if not len(unknown):
            return TokenSequences(ids, offsets)
        return TokenSequences(ids, offsets, unknown, *spell([tokens[i] for i in unknown.tolist()]))

    def _by_keys(self, texts, by_characters, lowercase, spellings):
        """Return the token sequences of documents through arrays only: tokens are looked up by their 64-bit keys."""
        batches = [texts[start : start + _BATCH] for start in range(0, len(texts), _BATCH)]
        return TokenSequences.concatenate(
            [self._batch_by_keys(batch, by_characters, lowercase, spellings) for batch in batches]
        )

    def _batch_by_keys(self, texts, by_characters, lowercase, spellings):
        segments = segment(_join(texts, BETWEEN, lowercase), by_characters)
        ids = self._ids_of_rows.take(self._index.rows(token_keys(segments)))
        if not spellings:
            return TokenSequences(ids, segments.offsets)
        unknown = (ids == UNKNOWN).nonzero()[0]
        starts, ends = segments.starts[unknown], segments.ends[unknown]
        return TokenSequences(ids, segments.offsets, unknown, *mark_ends(segments.codes, starts, ends - starts))


def token_batches(texts, analyzer, lowercase):
    """Yield lists of tokens, each of ``_BATCH`` documents, with ``BETWEEN`` between any two documents.

    A list ends with ``BETWEEN`` if more follow: the lists can be chained.
    """
    for start in range(0, len(texts), _BATCH):
        tokens = _tokens(texts[start : start + _BATCH], analyzer, lowercase)
        if start + _BATCH < len(texts):
            tokens.append(BETWEEN)
        yield tokens


def _tokens(texts, analyzer, lowercase):
    """Return one list of the tokens of documents, with ``BETWEEN`` between any two documents."""
    if callable(analyzer):
        return _tokens_by(analyzer, [text.lower() for text in texts] if lowercase else texts)
    joined = _join(texts, f" {BETWEEN} ", lowercase)
    return split_words(joined) if analyzer == "word" else split_characters(joined)


def _join(texts, between, lowercase):
    """Return the documents as one text, lower-cased if the parameter says so."""
    joined = between.join(texts)
    # A document that contains the separator would become two: there it becomes a space. Counting
    # first is faster than replacing in every document.
    if joined.count(BETWEEN) != len(texts) - 1:
        joined = between.join([text.replace(BETWEEN, " ") for text in texts])
    return joined.lower() if lowercase else joined


def _tokens_by(analyzer, texts):
    """Return one list of the tokens that a callable returns, with ``BETWEEN`` between any two documents."""
    tokens = []
    for text in texts:
        tokens += [token for token in analyzer(text) if token != BETWEEN]
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
