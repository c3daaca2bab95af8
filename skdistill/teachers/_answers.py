"""From a model's answer about one text to a row of probabilities.

An answer is a label, a pair (label, confidence), a dict of labels to probabilities, or the most
probable tokens with their log-probabilities, as the servers of language models return them.
"""

import math
from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from numbers import Number

from .._input.classes import in_short
from .._input.documents import is_collection, with_article
from .._input.soft_targets import sum_tolerance
from ..runtime.containers import is_missing

_ROUNDING = 1e-9  # sums of float64 are that close to 1


@dataclass(frozen=True)
class Labels:
    """The classes of the columns, and the ways in which an answer may spell them.

    Attributes
    ----------
    classes : list of length n_classes
    exact : dict of label or str to int
        The column of each label and of its text.
    folded : dict of str to int or None
        The column of each text without regard to case; None if several classes share it.
    """

    classes: list
    exact: dict
    folded: dict

    @classmethod
    def of(cls, classes):
        """Return the labels of some classes, or raise a ValueError unless they are different labels."""
        classes = check_classes(classes)
        texts = [str(label).strip() for label in classes]
        folded = [text.casefold() for text in texts]
        counts = Counter(folded)
        columns = range(len(classes))
        return cls(
            classes,
            dict(zip(texts, columns)) | dict(zip(classes, columns)),
            {text: column if counts[text] == 1 else None for text, column in zip(folded, columns)},
        )

    def column_of(self, label):
        """Return the column of a label or a token, or None if it is not a class."""
        try:
            column = self.exact.get(label)
        except TypeError:  # unhashable
            return None
        if column is None and isinstance(label, (str, Number)):
            text = str(label).strip()
            column = self.exact.get(text, self.folded.get(text.casefold()))
        return column


def check_classes(classes):
    """Return classes as a list, or raise a ValueError unless they are at least two different labels."""
    if isinstance(classes, str) or not is_collection(classes):
        raise ValueError(f"classes must be a list of labels. Got {classes!r}.")
    classes = classes.tolist() if hasattr(classes, "tolist") else list(classes)
    if any(is_missing(label) or not isinstance(label, Hashable) for label in classes):
        raise ValueError(f"classes must be labels, none of them missing. Got {in_short(classes)}.")
    # Tokens and the keys of JSON are text: 1 and "1" could not be told apart.
    if len({str(label).strip() for label in classes}) < len(classes) or len(set(classes)) < len(classes):
        raise ValueError(f"classes must be different labels, as text too. Got {in_short(classes)}.")
    if len(classes) < 2:
        raise ValueError(f"classes must be at least two labels. Got {in_short(classes) or 'none'}.")
    return classes


def probabilities_of(answer, labels):
    """Return the probabilities of the classes that an answer gives.

    Parameters
    ----------
    answer : label, tuple, dict or list
        A label; a tuple (label, confidence); a dict of labels to probabilities, or, if no value
        is above 0, of tokens to log-probabilities; a list of objects or dicts with ``token``
        and ``logprob``.
    labels : Labels

    Returns
    -------
    probabilities : list of float, of length n_classes
        They sum to 1. A probability that is missing from a sum of 1 is spread evenly over the
        classes that the answer does not name.

    Raises
    ------
    TypeError
        If the answer has another type.
    ValueError
        If it names no class, or something that is not a class, or its numbers are not
        probabilities.
    """
    if isinstance(answer, Mapping):
        is_log = all(_as_float(value) <= 0 for value in answer.values())
        return from_logprobs(answer, labels) if is_log else from_probabilities(answer.items(), labels)
    if isinstance(answer, list):
        return from_logprobs(answer, labels)
    is_pair = isinstance(answer, tuple) and len(answer) == 2
    return from_probabilities([answer if is_pair else (answer, 1.0)], labels)


def from_probabilities(pairs, labels):
    """Return the probabilities of the classes from pairs of a label and its probability."""
    row, total = [None] * len(labels.classes), 0.0
    for label, value in pairs:
        column, probability = _column_of_class(label, labels), _as_float(value)
        if not 0 <= probability <= 1:
            raise ValueError(f"the answer must have probabilities between 0 and 1. Got {value!r} for {label!r}.")
        total += probability
        row[column] = (row[column] or 0.0) + probability
    off = sum_tolerance(len(row))
    if total > 1 + off or (None not in row and total < 1 - off):
        raise ValueError(f"the answer must have probabilities that sum to 1. Got a sum of {total:.6g}.")
    return _completed(row, 1 - total)


def from_logprobs(answer, labels):
    """Return the probabilities of the classes from a dict or list of tokens and log-probabilities.

    Tokens that are not classes are ignored: the probabilities of the others are divided by
    their sum, which gives the distribution given that the token is a class.
    """
    pairs = answer.items() if isinstance(answer, Mapping) else [_token_of(entry) for entry in answer]
    row, total = [None] * len(labels.classes), 0.0
    for token, logprob in pairs:
        logprob = _as_float(logprob)
        if not logprob <= 0:
            raise ValueError(f"the answer must have log-probabilities of at most 0. Got {logprob:.6g} for {token!r}.")
        column, probability = labels.column_of(token), math.exp(logprob)
        total += probability
        if column is not None:
            row[column] = (row[column] or 0.0) + probability
    if total > 1 + sum_tolerance(len(pairs)):
        raise ValueError(
            f"the answer must have log-probabilities whose probabilities sum to at most 1. Got a sum of {total:.6g}."
        )
    if not any(row):
        tokens = in_short([token for token, _ in pairs]) or "none"
        raise ValueError(
            f"the answer must have a token of probability above 0 that is one of {_shown(labels)}. Got {tokens}."
        )
    return _completed(row, 1 - total)


def _completed(row, rest):
    """Return a row with the rest spread evenly over its Nones, of sum 1."""
    n_open = row.count(None)
    row = [max(rest, 0.0) / n_open if value is None else value for value in row]
    total = math.fsum(row)
    # Not for rounding errors, so that a row which was written to a file and read again stays the same.
    return row if abs(total - 1) < _ROUNDING else [value / total for value in row]


def _column_of_class(label, labels):
    """Return the column of a label, or raise an error if it is not a class."""
    column = labels.column_of(label)
    if column is not None:
        return column
    if isinstance(label, (str, Number)):
        raise ValueError(f"the answer must be one of the classes {_shown(labels)}. Got {label!r}.")
    raise TypeError(
        f"the answer must be one of {_shown(labels)}, a tuple (label, confidence), a dict of labels to probabilities, "
        f"or log-probabilities of tokens. Got {with_article(type(label).__name__)}: {label!r}."
    )


def _token_of(entry):
    """Return the token and the log-probability of an object or a dict with both."""
    try:
        if isinstance(entry, Mapping):
            token, value = entry["token"], entry["logprob"]
        else:
            token, value = entry.token, entry.logprob
    except (AttributeError, KeyError) as error:
        raise TypeError(
            f"the answer must be a list of entries with token and logprob. Got the entry {entry!r}."
        ) from error
    if not isinstance(token, str):
        raise TypeError(f"the answer must have tokens that are str. Got {token!r}.")
    return token, _as_float(value)


def _as_float(value):
    if isinstance(value, (str, bytes)) or not hasattr(value, "__float__"):
        raise TypeError(f"the answer must have numbers as probabilities. Got {value!r}.")
    try:
        return float(value)
    except OverflowError as error:  # an int of more than 308 digits
        raise ValueError(f"the answer must have probabilities between 0 and 1. Got {error}.") from error


def _shown(labels):
    return in_short(labels.classes)
