"""Fits, predictions and their comparison, as several checks need them."""

from importlib import import_module
from unittest import SkipTest

import numpy as np
from sklearn.base import clone

#: What is compared. Logarithms of probabilities are checked once: they magnify rounding.
METHODS = ("predict", "predict_proba", "decision_function")

#: Networks in 32 bits round differently in batches of other sizes.
_TOLERANCE = {"rtol": 1e-5, "atol": 1e-5}


def seeded(estimator):
    """Return a clone in which each ``random_state``, also of what it contains, is 0."""
    copy = clone(estimator)
    seeds = [key for key in copy.get_params() if key.rpartition("__")[2] == "random_state"]
    return copy.set_params(**dict.fromkeys(seeds, 0)) if seeds else copy


def fit(estimator, task, **parameters):
    """Return a seeded clone, fitted on a task; ``parameters`` are further ones of ``fit``."""
    copy = seeded(estimator)
    copy.fit(task.texts, task.labels, **parameters)
    return copy


def fitted(estimator, task):
    """Return the estimator if it is fitted, and a fitted clone otherwise."""
    return estimator if task.fitted else fit(estimator, task)


def outputs(model, texts):
    """Return what each method of ``METHODS`` that the model has returns, as arrays."""
    return {method: np.asarray(getattr(model, method)(texts)) for method in METHODS if hasattr(model, method)}


def rows_of(found, rows):
    """Return some of the rows of each output."""
    return {method: array[rows] for method, array in found.items()}


def assert_same(got, expected, what):
    """Assert that outputs are equal: labels exactly, numbers up to rounding in 32 bits."""
    for method, array in expected.items():
        other = got[method]
        assert other.shape == array.shape, f"{method} of {what}: shape {other.shape} instead of {array.shape}"
        is_number = array.dtype.kind == "f" and other.dtype.kind == "f"
        same = np.isclose(other, array, **_TOLERANCE) if is_number else other == array
        rows = np.flatnonzero(~np.reshape(same, (len(array), -1)).all(axis=1))
        assert not rows.size, (
            f"{method} of {what} differs in {rows.size} of {len(array)} rows; "
            f"in row {rows[0]} it is {other[rows[0]]} instead of {array[rows[0]]}"
        )


def assert_same_fit(estimator, task, got, expected, what):
    """Assert equal outputs of two fits; skip where even two fits on equal rows differ."""
    try:
        assert_same(got, expected, what)
    except AssertionError:
        skip_unless_repeatable(estimator, task)
        raise


def skip_unless_repeatable(estimator, task):
    """Skip a check that compares fits where two fits on the same rows differ."""
    first, second = (outputs(fit(estimator, task), task.texts) for _ in range(2))
    try:
        assert_same(first, second, "a second fit")
    except AssertionError as error:
        raise SkipTest(f"two fits on the same rows differ: {error}") from error


def assert_complete(found, n_documents, what):
    """Assert that there is one row per document, and that every number is finite."""
    for method, array in found.items():
        assert len(array) == n_documents, f"{method} of {what}: {len(array)} rows for {n_documents} documents"
        if array.dtype.kind == "f":
            assert np.isfinite(array).all(), f"{method} of {what} is not finite"


def assert_predictable(model, task, texts):
    """Assert complete predictions for unusual texts, which leave those of their neighbours as they are."""
    neighbours = task.texts[:2]
    found = outputs(model, [neighbours[0], *texts, neighbours[1]])
    shown = ", ".join(repr(text[:20]) for text in texts)
    assert_complete(found, len(texts) + 2, f"texts such as {shown}")
    assert_same(rows_of(found, [0, -1]), outputs(model, neighbours), f"documents beside {shown}")


def assert_reads_on(model, task, separators):
    """Assert that words after each separator change numbers, if they do so after a space.

    Of a model that returns labels alone this cannot be said: two texts may well have the same label.
    """
    first, second = task.texts[0], " ".join(task.texts[1:3])
    head, whole = (_numbers(outputs(model, [text])) for text in (first, f"{first} {second}"))
    for separator in separators:
        text = f"{first}{separator}{second}"
        found = outputs(model, [text])
        assert_complete(found, 1, f"a text with {separator!r}")
        is_read = not np.array_equal(_numbers(found), head)
        assert is_read or np.array_equal(whole, head), f"text after {separator!r} is ignored"


def _numbers(found):
    """Return all outputs that are numbers in one array."""
    return np.concatenate([[], *(np.ravel(array) for method, array in found.items() if method != "predict")])


def attempt(function, *arguments, **parameters):
    """Return what a function returns and None, or None and the error that it raises."""
    try:
        return function(*arguments, **parameters), None
    except Exception as error:  # whatever an estimator raises is its refusal
        return None, error


def refusal(function, *arguments, **parameters):
    """Return the error that a function raises, or None."""
    return attempt(function, *arguments, **parameters)[1]


def instead(error, what, expected):
    """Return a message about a refusal that is missing or of another type."""
    got = "nothing" if error is None else f"{type(error).__name__}: {error}"
    return f"{what} must raise {expected}. Got {got}"


def skip_refused(refused, what):
    """Skip a check, which nothing failed, because of what was refused: names and errors."""
    if refused:
        reasons = [f"{name} ({_short(error)})" for name, error in refused.items()]
        raise SkipTest(f"{what} refused: {', '.join(reasons)}")


def _short(error):
    """Return the type and the first line of an error."""
    line = (str(error).splitlines() or [""])[0]
    return f"{type(error).__name__}: {line[:80]}"


def is_installed(module):
    """Whether a module can be imported."""
    return refusal(import_module, module) is None


def import_or_skip(module):
    """Import a module, or skip the check because it is not installed."""
    try:
        return import_module(module)
    except ImportError as error:
        raise SkipTest(f"{module} is not installed") from error
