"""The choice of a candidate of a search by its score and its cost, such as the bytes of its auxiliary network."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

# Metrics that are costs, by the names that the scorers recommend.
_COSTS = ("neg_bytes", "neg_microseconds")
# A tolerance for rounding: in floats, 0.7 - 0.1 is less than 0.6.
_ROUNDING = 1e-12


def smallest_within(
    tolerance: float, *, score: str | None = None, cost: str = "neg_bytes"
) -> Callable[[Mapping[str, Any]], int]:
    """Return a ``refit`` of a search: the smallest candidate whose score is almost the best.

    Parameters
    ----------
    tolerance : float
        How far below the best mean test score a candidate may be, in the units of the score, at
        least 0: 0.01 is one point of accuracy.
    score : str or None, default=None
        The metric of the search. If None, the only one besides ``cost``, "neg_bytes" and
        "neg_microseconds".
    cost : str, default="neg_bytes"
        What should be small: a metric of the search whose scores are negated costs, such as those of
        ``bytes_scorer`` and ``latency_scorer``, or the name of a column of ``cv_results_`` in which smaller is
        better, such as "mean_score_time" or "param_auxiliary__units".

    Returns
    -------
    refit : callable
        From ``cv_results_`` to the index of the candidate with the smallest cost among those within the tolerance;
        among equals the one with the best score, then the first.

    Raises
    ------
    ValueError
        If ``tolerance`` is negative; in a call, if the search has no such metrics or all fits failed.

    See Also
    --------
    one_standard_error : A tolerance that follows from the scores.
    pareto_front : All candidates worth considering.

    Notes
    -----
    With a callable ``refit`` scikit-learn sets ``best_index_``, ``best_params_`` and ``best_estimator_``, but no
    ``best_score_``, and with several metrics the search's own ``score`` raises an error: use
    ``search.best_estimator_.score`` and ``cv_results_``. A search with a single metric records no bytes; there,
    ``cost`` has to be a column of ``cv_results_``.

    Examples
    --------
    >>> from sklearn.model_selection import GridSearchCV
    >>> from skdistill import DistilledTextClassifier
    >>> from skdistill.metrics import auxiliary_scorer, bytes_scorer
    >>> from skdistill.model_selection import smallest_within
    >>> texts, labels = ["good food", "bad food"] * 10, ["pos", "neg"] * 10
    >>> search = GridSearchCV(
    ...     DistilledTextClassifier(max_iter=3, random_state=0),
    ...     {"auxiliary__ngrams": [1, 2]},
    ...     scoring={"accuracy": auxiliary_scorer(), "neg_bytes": bytes_scorer()},
    ...     refit=smallest_within(0.01),
    ...     cv=2,
    ... )
    >>> search.fit(texts, labels).best_params_
    {'auxiliary__ngrams': 1}
    >>> search.best_estimator_.extract("auxiliary").score(texts, labels)
    1.0
    """
    if not (isinstance(tolerance, Real) and 0 <= tolerance < np.inf):
        raise ValueError(f"tolerance must be a number of at least 0. Got {tolerance!r}.")
    return partial(_smallest_within, tolerance=tolerance, score=score, cost=cost)


def one_standard_error(cv_results: Mapping[str, Any], *, score: str | None = None, cost: str = "neg_bytes") -> int:
    """Return the index of the smallest candidate whose score is within one standard error of the best.

    Pass it as ``refit`` of a search, ``GridSearchCV(..., refit=one_standard_error)``; with other
    metrics, ``refit=partial(one_standard_error, score="f1")``.

    Parameters
    ----------
    cv_results : dict of str to array-like
        The ``cv_results_`` of a search.
    score : str or None, default=None
        As in ``smallest_within``.
    cost : str, default="neg_bytes"
        As in ``smallest_within``.

    Returns
    -------
    index : int
        The candidate with the smallest cost among those within the standard error.

    Raises
    ------
    ValueError
        If the search has no such metrics or fewer than two splits, or all fits failed.

    See Also
    --------
    smallest_within : The same with a fixed tolerance, and how a search with a callable ``refit`` is used.

    Notes
    -----
    The rule is that of Breiman, Friedman, Olshen and Stone 1984 (Classification and Regression
    Trees, section 3.4.3). The standard error is that of the best candidate's mean score: the standard
    deviation over the splits (with n - 1) divided by the root of their number n. With few splits it is
    a rough estimate; if anything it is too small, because the training sets overlap.

    Examples
    --------
    >>> from skdistill.model_selection import one_standard_error
    >>> one_standard_error({
    ...     "split0_test_accuracy": [0.80, 0.84, 0.70],
    ...     "split1_test_accuracy": [0.86, 0.88, 0.72],
    ...     "mean_test_accuracy": [0.83, 0.86, 0.71],
    ...     "mean_test_neg_bytes": [-1000, -4000, -500],
    ... })
    1
    >>> one_standard_error({
    ...     "split0_test_accuracy": [0.80, 0.80, 0.70],
    ...     "split1_test_accuracy": [0.86, 0.92, 0.72],
    ...     "mean_test_accuracy": [0.83, 0.86, 0.71],
    ...     "mean_test_neg_bytes": [-1000, -4000, -500],
    ... })
    0
    """
    score, cost = _names(cv_results, score, cost)
    pattern = re.compile(rf"split\d+_test_{re.escape(score)}")
    splits = np.array([values for name, values in cv_results.items() if pattern.fullmatch(name)], dtype=float)
    if len(splits) < 2:
        raise ValueError(f"A standard error needs at least two splits. Got {len(splits)}: use smallest_within.")
    best = _best(_column(cv_results, f"mean_test_{score}"))
    error = splits[:, best].std(ddof=1) / np.sqrt(len(splits))
    return _smallest_within(cv_results, error, score, cost)


def pareto_front(search: Any, *, score: str | None = None, cost: str = "neg_bytes") -> NDArray[np.integer]:
    """Return the candidates of a search that no other one beats in both score and cost.

    Parameters
    ----------
    search : GridSearchCV or a similar search, or dict
        Fitted, or its ``cv_results_``.
    score : str or None, default=None
        As in ``smallest_within``.
    cost : str, default="neg_bytes"
        As in ``smallest_within``.

    Returns
    -------
    indices : ndarray of shape (n_on_the_front,), int
        Rows of ``cv_results_``, the smallest cost first. A candidate is left out if another one has at
        least its score and at most its cost, and is better in one of them. Candidates that failed are left out.

    Raises
    ------
    ValueError
        If the search has no such metrics or all fits failed.
    NotFittedError
        If the search is not fitted.

    See Also
    --------
    smallest_within : Chooses one of them.

    Examples
    --------
    >>> import pandas as pd
    >>> from skdistill.model_selection import pareto_front
    >>> found = {
    ...     "param_units": [4, 8, 16, 32],
    ...     "mean_test_accuracy": [0.80, 0.84, 0.83, 0.85],
    ...     "mean_test_neg_bytes": [-1000, -2000, -4000, -8000],
    ... }
    >>> pareto_front(found)
    array([0, 1, 3])
    >>> pd.DataFrame(found).loc[pareto_front(found), "param_units"].tolist()
    [4, 8, 32]
    """
    if not isinstance(search, Mapping):
        check_is_fitted(search, "cv_results_")
        search = search.cv_results_
    scores, costs = _scores_and_costs(search, score, cost)
    return front_of(scores, costs)


def front_of(scores, costs):
    """Return the candidates that no other one beats in both, the cheapest first; without those that failed."""
    # From the cheapest on, and among equals from the best on: worth it is what beats all before it, and its equals.
    order = np.lexsort((-scores, costs))
    order = order[np.isfinite(scores + costs)[order]]
    front, best = [], (-np.inf, np.inf)
    for index in order.tolist():
        if scores[index] > best[0] or (scores[index], costs[index]) == best:
            front.append(index)
            best = scores[index], costs[index]
    return np.array(front, dtype=np.intp)


def _smallest_within(cv_results, tolerance, score, cost):
    """Return the index that the callable of ``smallest_within`` returns."""
    scores, costs = _scores_and_costs(cv_results, score, cost)
    # NaN, of a candidate that failed, is not within anything.
    within = np.flatnonzero(scores >= scores[_best(scores)] - tolerance - _ROUNDING)
    within = within[~np.isnan(costs[within])]
    if not len(within):
        raise ValueError(f"No candidate within the tolerance has a {cost}: the scorer failed.")
    return int(within[np.lexsort((-scores[within], costs[within]))[0]])


def _best(scores):
    if np.isnan(scores).all():
        raise ValueError("No candidate has a score: all fits or scorers failed. error_score='raise' shows why.")
    return int(np.nanargmax(scores))


def _scores_and_costs(cv_results, score, cost):
    """Return the mean test scores (greater is better) and the costs, both of shape (n_candidates,)."""
    score, cost = _names(cv_results, score, cost)
    is_metric = f"mean_test_{cost}" in cv_results
    costs = -_column(cv_results, f"mean_test_{cost}") if is_metric else _column(cv_results, cost)
    return _column(cv_results, f"mean_test_{score}"), costs


def _names(cv_results, score, cost):
    """Return the name of the metric that is the score, and that of the cost, a metric or a column."""
    metrics = [name.removeprefix("mean_test_") for name in cv_results if name.startswith("mean_test_")]
    if cost.startswith("mean_test_"):  # as a column, it would be read as if smaller were better
        cost = cost.removeprefix("mean_test_")
    if cost not in metrics and cost not in cv_results:
        raise ValueError(
            f"cost must be a metric of the search, {metrics}, or a column of cv_results_. Got {cost!r}. To record the "
            "bytes, search with scoring={'accuracy': auxiliary_scorer(), 'neg_bytes': bytes_scorer()}."
        )
    others = [name for name in metrics if name not in (cost, *_COSTS)]
    if score is None and len(others) == 1:
        return others[0], cost
    if score not in metrics:
        raise ValueError(f"score must be one of the metrics of the search, {others}. Got {score!r}.")
    return score, cost


def _column(cv_results, name):
    """Return a column as floats, with NaN where a parameter is not in a candidate."""
    values = np.ma.filled(np.ma.asarray(cv_results[name], dtype=object), np.nan)
    try:
        return values.astype(float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"The column {name!r} must hold numbers. Got {values.tolist()!r}.") from error
