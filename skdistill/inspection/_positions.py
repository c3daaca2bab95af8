"""The tokens that a tokenizer reads of a text, and where in the text they are."""

import numpy as np

from ..runtime.segmentation import BETWEEN, is_visible, segment
from ..text.analyzers import analyze
from ..text.lookup import lower_document


def locate_tokens(tokenizer, document, text):
    """Return the tokens that a network reads of a document, and their places in a text.

    Parameters
    ----------
    tokenizer : TextTokenizer
        Fitted.
    document : str, or list of str
        With a callable analyzer it may be tokens.
    text : str
        The document, or its tokens joined by spaces.

    Returns
    -------
    tokens : list of str
        Lower-cased and truncated as the tokenizer does it.
    positions : ndarray of shape (n_tokens, 2), int
        Token i is ``text[positions[i, 0]:positions[i, 1]]``, up to the case; -1 for a token of a callable
        analyzer that is not in the text.
    n_dropped : int
        How many tokens the tokenizer drops.
    """
    lowered = text.lower() if tokenizer.lowercase else text
    if callable(tokenizer.analyzer):
        document = lower_document(document) if tokenizer.lowercase else document
        tokens = [token for token in analyze(tokenizer.analyzer, document) if token != BETWEEN]
        positions = _search(lowered, tokens)
    else:
        positions = _split(lowered, tokenizer.analyzer)
        tokens = [lowered[start:end] for start, end in positions.tolist()]
    n_dropped = max(len(tokens) - tokenizer._length, 0)
    kept = slice(n_dropped, None) if tokenizer.truncating == "pre" else slice(len(tokens) - n_dropped)
    return tokens[kept], _in_original(positions[kept], text, lowered), n_dropped


def _split(text, analyzer):
    """Return the begin and end of each word or character."""
    if analyzer == "char":
        starts = np.array([i for i, character in enumerate(text) if is_visible(character)], dtype=np.int64)
        return np.column_stack([starts, starts + 1])
    segments = segment(text)
    return np.column_stack([segments.starts, segments.ends])


def _search(text, tokens):
    """Return the begin and end of each token, searched from the end of the one before it; -1 if it is not there."""
    positions, end = [], 0
    for token in tokens:
        start = text.find(token, end)
        end = start + len(token) if start >= 0 else end
        positions.append((start, end) if start >= 0 else (-1, -1))
    return np.array(positions, dtype=np.int64).reshape(-1, 2)


def _in_original(positions, text, lowered):
    """Return positions in a text for those in its lower case, where a character may have become two ("İ")."""
    if len(text) == len(lowered):
        return positions
    origin = np.repeat(np.arange(len(text)), [len(character.lower()) for character in text])
    starts, ends = positions.T
    original = np.column_stack([origin[starts], origin[np.maximum(ends - 1, starts)] + 1])
    return np.where(starts[:, None] < 0, -1, original)
