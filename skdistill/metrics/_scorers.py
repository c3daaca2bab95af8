"""Scorers of the auxiliary network, and of both networks together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from typing import Any

from sklearn.frozen import FrozenEstimator
from sklearn.metrics import check_scoring, get_scorer_names
from sklearn.utils.metadata_routing import get_routing_for_object

Scoring = str | Callable[..., Any] | Sequence[str] | Mapping[str, Any]


def auxiliary_scorer(scoring: Scoring = "accuracy") -> Callable[..., Any]:
    """Return a scorer of the auxiliary network.

    A search then chooses the parameters that are best for the network that ``extract("auxiliary")``
    returns, whatever ``predict_with`` is.

    Parameters
    ----------
    scoring : str, callable, list of str, or dict of str to callable, default="accuracy"
        What ``GridSearchCV`` takes: the name of a scorer, a scorer with the signature
        ``(estimator, X, y)``, or several of them, of which the scorer returns a dict.

    Returns
    -------
    scorer : callable
        Called as ``scorer(estimator, X, y)`` with a fitted ``DistilledTextClassifier``, or a
        ``Pipeline``, ``GridSearchCV`` or similar search that predicts with one. The estimator does
        not change. With metadata routing, the scorer requests what ``scoring`` requests.

    Raises
    ------
    ValueError, TypeError
        If ``scoring`` is no scorer; in a call, if there is no auxiliary network.

    See Also
    --------
    ensemble_scorer : The same for the mean of both networks.

    Examples
    --------
    >>> from sklearn.model_selection import GridSearchCV
    >>> from skdistill import DistilledTextClassifier
    >>> from skdistill.metrics import auxiliary_scorer
    >>> texts, labels = ["good food", "bad food"] * 10, ["pos", "neg"] * 10
    >>> classifier = DistilledTextClassifier(max_iter=3, random_state=0)
    >>> search = GridSearchCV(classifier, {"transfer": ["none", "mutual"]}, scoring=auxiliary_scorer(), cv=2)
    >>> float(search.fit(texts, labels).best_score_)
    1.0
    """
    return _NetworkScorer("auxiliary", scorer_of(scoring))


def ensemble_scorer(scoring: Scoring = "accuracy") -> Callable[..., Any]:
    """Return a scorer of the mean of both networks' probabilities.

    Parameters
    ----------
    scoring : str, callable, list of str, or dict of str to callable, default="accuracy"
        As for ``auxiliary_scorer``.

    Returns
    -------
    scorer : callable
        As that of ``auxiliary_scorer``.

    Raises
    ------
    ValueError, TypeError
        As in ``auxiliary_scorer``.

    See Also
    --------
    auxiliary_scorer : The same for the auxiliary network.

    Examples
    --------
    >>> from sklearn.model_selection import cross_validate
    >>> from skdistill import DistilledTextClassifier
    >>> from skdistill.metrics import auxiliary_scorer, ensemble_scorer
    >>> texts, labels = ["good food", "bad food"] * 10, ["pos", "neg"] * 10
    >>> scoring = {"main": "accuracy", "auxiliary": auxiliary_scorer(), "both": ensemble_scorer()}
    >>> found = cross_validate(DistilledTextClassifier(random_state=0), texts, labels, scoring=scoring, cv=2)
    >>> found["test_both"].tolist()
    [1.0, 1.0]
    """
    return _NetworkScorer("ensemble", scorer_of(scoring))


class _NetworkScorer:
    """Calls a scorer with an estimator that predicts with other networks.

    Parameters
    ----------
    predict_with : {"auxiliary", "ensemble"}
        The parameter of ``DistilledTextClassifier``.
    scorer : callable
        As ``check_scoring`` returns it.
    """

    def __init__(self, predict_with, scorer):
        self.predict_with, self.scorer = predict_with, scorer

    def __call__(self, estimator, X, y, **metadata):
        """Return the score, or the scores by name."""
        return self.scorer(_predicting_with(self.predict_with, estimator), X, y, **metadata)

    def __repr__(self):
        return f"{self.predict_with}_scorer({self.scorer!r})"

    def set_score_request(self, **requests):
        """Set which metadata the scorer requests, as scikit-learn's scorers do."""
        self.scorer.set_score_request(**requests)
        return self

    def get_metadata_routing(self):
        """Return which metadata the scorer requests."""
        return get_routing_for_object(self.scorer)


def scorer_of(scoring):
    """Return the scorer that ``scoring`` names or is, or a scorer that returns a dict, for several."""
    if isinstance(scoring, str) and scoring not in get_scorer_names():
        raise ValueError(f"scoring must be one of sklearn.metrics.get_scorer_names(). Got {scoring!r}.")
    if not (isinstance(scoring, (str, list, tuple, set, dict)) or callable(scoring)):
        raise TypeError(f"scoring must be a scorer's name, a callable, or several in a list or dict. Got {scoring!r}.")
    return check_scoring(scoring=scoring)


def _predicting_with(predict_with, estimator):
    """Return a shallow copy of a fitted estimator whose classifier predicts with these networks."""
    changed = copy(estimator)
    # Not hasattr: a FrozenEstimator has the attributes of the estimator that it holds.
    attributes = getattr(estimator, "__dict__", {})
    if "predict_with" in attributes:
        changed.predict_with = predict_with
    elif "steps" in attributes:  # a Pipeline
        *before, (name, last) = estimator.steps
        changed.steps = [*before, (name, _predicting_with(predict_with, last))]
    elif "best_estimator_" in attributes:  # a search
        changed.best_estimator_ = _predicting_with(predict_with, estimator.best_estimator_)
    elif isinstance(estimator, FrozenEstimator):
        changed.estimator = _predicting_with(predict_with, estimator.estimator)
    else:
        raise TypeError(
            f"{predict_with}_scorer needs a DistilledTextClassifier, or a Pipeline or fitted search that ends in one. "
            f"Got {type(estimator).__name__}."
        )
    return changed
