"""The candidates of a fitted search: their parameters and scores, by the columns of ``cv_results_``."""

from numbers import Integral, Real

import numpy as np
from sklearn.utils.validation import check_is_fitted

from .._input.classes import in_short
from ._estimators import class_name
from ._figure import short_line

# Metrics that are sizes and times, not scores.
_COSTS = ("bytes", "neg_bytes", "microseconds", "neg_microseconds")


def results_of(search):
    """Return ``cv_results_`` of a fitted search, or raise an error.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the search is not fitted.
    TypeError
        If it is not a search.
    """
    if isinstance(search, type) or not hasattr(search, "cv_results_"):
        if hasattr(search, "fit") and not isinstance(search, type):
            check_is_fitted(search)
        raise TypeError(
            f"search must be a fitted GridSearchCV, or another search with cv_results_. Got {class_name(search)}."
        )
    return search.cv_results_


def metrics_of(results):
    """Return the names of the metrics that the search recorded."""
    return [column.removeprefix("mean_test_") for column in results if column.startswith("mean_test_")]


def find_metric(search, metric, others=()):
    """Return the name of the metric to draw.

    Parameters
    ----------
    search : search
        Fitted.
    metric : str or None
        If None, that of ``refit`` or, without one, the only score.
    others : collection of str, default=()
        Metrics that are not scores, besides bytes and microseconds.

    Returns
    -------
    metric : str

    Raises
    ------
    ValueError
        If the search has no such metric or, for None, several.
    """
    metrics = metrics_of(search.cv_results_)
    if metric is None:
        refit = getattr(search, "refit", None)
        candidates = [name for name in metrics if name not in (*_COSTS, *others)]
        if isinstance(refit, str) and refit in candidates:
            return refit
        if len(candidates) == 1:
            return candidates[0]
        raise ValueError(f"metric must be a metric of the search. Got None: choose one of {in_short(metrics)}.")
    if metric not in metrics:
        raise ValueError(f"metric must be a metric of the search, one of {in_short(metrics)}. Got {metric!r}.")
    return metric


def metric_label(search, metric):
    """Return the name of a metric on an axis; a search of one metric calls it "score"."""
    scoring = getattr(search, "scoring", None)
    return scoring if metric == "score" and isinstance(scoring, str) else metric


def find_parameter(results, name):
    """Return the full name of a parameter, which in a Pipeline has the step's name in front.

    ``auxiliary_units`` and ``auxiliary__units`` are two names of one size.

    Raises
    ------
    ValueError
        If the search has not varied it, or several parameters end with this name.
    """
    names = [column.removeprefix("param_") for column in results if column.startswith("param_")]
    wanted = dict.fromkeys([name, name.replace("__units", "_units"), name.replace("_units", "__units")])
    for match in (lambda full, part: full == part, lambda full, part: full.endswith(f"__{part}")):
        found = [full for full in names if any(match(full, part) for part in wanted)]
        if len(found) == 1:
            return found[0]
    raise ValueError(
        f"A parameter to draw must be one that the search varied, one of {in_short(names)}. Got {name!r}."
    )


def values_of(results, name):
    """Return the values of a parameter by candidate, and whether each candidate has it.

    Returns
    -------
    values : list of object
    is_set : ndarray of shape (n_candidates,), bool
    """
    column = results[f"param_{name}"]
    is_set = ~np.broadcast_to(np.ma.getmaskarray(column), np.shape(column))
    return list(np.ma.getdata(column)), is_set


def levels_of(values):
    """Return the distinct values, sorted if they are numbers, and the level of each value."""
    keys = [_key(value) for value in values]
    distinct = dict(zip(keys, values))
    ordered = sorted(distinct) if all(_is_number(value) for value in values) else list(distinct)
    places = {key: place for place, key in enumerate(ordered)}
    return [distinct[key] for key in ordered], np.array([places[key] for key in keys], dtype=int)


def _is_number(value):
    return isinstance(value, Real) and not isinstance(value, (bool, np.bool_))


def _key(value):
    return value if _is_number(value) else repr(value)


def value_text(value):
    """Return a parameter's value as a short text."""
    if isinstance(value, Integral):
        return str(value)
    return f"{value:.3g}" if _is_number(value) else short_line(value, 24)


def varied_parameters(results):
    """Return the names of the parameters that differ between candidates."""
    names = [column.removeprefix("param_") for column in results if column.startswith("param_")]
    return [name for name in names if _n_states(results, name) > 1]


def _n_states(results, name):
    values, is_set = values_of(results, name)
    return len({_key(value) if has else None for value, has in zip(values, is_set)})


def short_names(names):
    """Return each name's last parts, as few as tell the names apart."""
    parts = {name: name.split("__") for name in names}
    shortened = {}
    for name in names:
        n_parts = 1
        while sum(other[-n_parts:] == parts[name][-n_parts:] for other in parts.values()) > 1:
            n_parts += 1
        shortened[name] = "__".join(parts[name][-n_parts:])
    return shortened
