"""Tokens of documents: their counts, for a vocabulary, and their ids where an analyzer is a callable.

``skdistill.runtime.lookup`` finds the ids of the tokens of texts.
"""

from collections import Counter
from itertools import chain

import numpy as np

from .._input.documents import document_batches
from ..runtime.keys import KeyIndex
from ..runtime.lookup import CHARACTERS_PER_BATCH, TEXTS_PER_BATCH
from ..runtime.segmentation import (
    BETWEEN,
    code_points,
    is_visible,
    join_texts,
    segment,
    split_characters,
    split_words,
    token_keys,
)
from ..runtime.sequences import TokenSequences
from .analyzers import analyze

# Characters whose tokens are counted at a time: arrays of up to 8 bytes for each bound the memory.
_COUNTED_SIZE = 500_000


def sequences_by_analyzer(lookup, documents, analyzer, lowercase, spellings, first_row=0, name="X"):
    """Return the token ids of documents that a callable splits.

    Parameters
    ----------
    lookup : TokenLookup
    documents : list of str and lists of tokens
    analyzer : callable
    lowercase : bool
        Whether documents are lower-cased before.
    spellings : bool
        Whether to keep the text of unknown tokens.
    first_row : int, default=0
        The number that messages give to the first document.
    name : str, default="X"
        What messages call the documents.

    Returns
    -------
    sequences : TokenSequences
    """
    parts = []
    for start, stop in document_batches(documents, TEXTS_PER_BATCH, CHARACTERS_PER_BATCH):
        tokens = _tokens(documents[start:stop], analyzer, lowercase, first_row + start, name)
        parts.append(lookup.of_tokens(tokens, stop - start, spellings))
    return TokenSequences.concatenate(parts)


def token_batches(documents, analyzer, lowercase, first_row=0, name="X"):
    """Yield lists of the tokens of some documents each, with ``BETWEEN`` between any two documents.

    The parameters are those of ``sequences_by_analyzer``.
    """
    for start, stop in document_batches(documents, TEXTS_PER_BATCH, CHARACTERS_PER_BATCH):
        yield _tokens(documents[start:stop], analyzer, lowercase, first_row + start, name)


def count_occurrences(documents, analyzer, lowercase, first_row=0, name="X"):
    """Return how often each token of some documents occurs, as a Counter.

    The parameters are those of ``sequences_by_analyzer``.
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
        return _tokens_by(analyzer, map(lower_document, documents) if lowercase else documents, first_row, name)
    joined = join_texts(documents, f" {BETWEEN} ", lowercase)
    return split_words(joined) if analyzer == "word" else split_characters(joined)


def lower_document(document):
    """Return a text, or the tokens of a document, lower-cased."""
    if isinstance(document, str):
        return document.lower()
    # All tokens at once takes a third of the time, and the separator keeps them apart: whether a sigma is final
    # depends on the letters around it.
    joined = BETWEEN.join(document)
    if joined.count(BETWEEN) != len(document) - 1:  # as also without tokens
        return [token.lower() for token in document]
    return joined.lower().split(BETWEEN)


def _tokens_by(analyzer, documents, first_row, name):
    """Return one list of the tokens that a callable returns, with ``BETWEEN`` between any two documents."""
    tokens = []
    for row, document in enumerate(documents, first_row):
        found = analyze(analyzer, document, row, name)
        tokens += [token for token in found if token != BETWEEN] if BETWEEN in found else found
        tokens.append(BETWEEN)
    return tokens[:-1]
