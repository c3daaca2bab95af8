"""Analyzers that are callables: they are called here, and what they return is checked."""

import reprlib
from collections.abc import Iterable, Mapping
from numbers import Integral

from .._input.documents import with_article


def analyze(analyzer, document, row=None, name="X"):
    """Return the tokens that an analyzer returns for a document.

    Parameters
    ----------
    analyzer : callable
    document : str, or list of str
    row : int or None, default=None
        The row of the document, for messages.
    name : str, default="X"
        What messages call the documents.

    Returns
    -------
    tokens : list of str

    Raises
    ------
    TypeError
        If the analyzer returns anything but an iterable of str, or returns a str.
    """
    try:
        result = analyzer(document)
        is_listed = isinstance(result, Iterable) and not isinstance(result, (str, bytes, bytearray, Mapping))
        tokens = list(result) if is_listed else None  # a generator computes its tokens here
    except Exception as error:  # any error of the user's function: raised again, with a note
        error.add_note(f"Raised by analyzer for {_place(document, row, name)}.")
        raise
    if tokens is None:
        raise _error(_a(result), _cure(result), _place(document, row, name))
    # The set of types is the fastest check of a long list.
    if not (kinds := set(map(type, tokens))) <= {str}:
        if not all(issubclass(kind, str) for kind in kinds):
            token = next(token for token in tokens if not isinstance(token, str))
            raise _error(f"{_a(result)} with {_a(token)} in it", _cure_of_token(token), _place(document, row, name))
        tokens = list(map(str, tokens))  # of a subclass, such as numpy.str_
    return tokens


def _error(got, cure, place):
    return TypeError(f"analyzer must return a list of str, the tokens of a document. Got {got} for {place}{cure}.")


def _place(document, row, name):
    """Return a text that names a document."""
    shown = reprlib.repr(document)
    return f"the document {shown}" if row is None else f"row {row} of {name}, {shown}"


def _cure(result):
    """Return advice for an analyzer that returned something other than a list of tokens."""
    if isinstance(result, str):
        return ": return a list of tokens; for single characters, use analyzer='char'"
    if hasattr(result, "tokens"):  # the Encoding of tokenizers
        return ": return its tokens, as encode(text).tokens"
    return ""


def _cure_of_token(token):
    """Return advice for an analyzer that returned a token that is not a str."""
    if isinstance(token, Integral):
        return ": return tokens, not their ids, as encode(text).tokens does"
    if isinstance(token, bytes):
        return ": decode the tokens"
    if isinstance(token, (tuple, list)):
        return ": join each of them to one str"
    if hasattr(token, "text"):  # of spaCy
        return ": return their texts, [token.text for token in doc]"
    return ""


def _a(value):
    """Return the name of an object's type with its article; None as it is."""
    return "None" if value is None else with_article(type(value).__name__)
