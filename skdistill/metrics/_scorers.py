"""Scorers of the auxiliary network, of both networks together, and of the size and time of an extracted network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from numbers import Integral
from time import perf_counter
from typing import Any

from sklearn.frozen import FrozenEstimator
from sklearn.metrics import check_scoring, get_scorer_names
from sklearn.utils.metadata_routing import get_routing_for_object

from .._holders import unwrap

Scoring = str | Callable[..., Any] | Sequence[str] | Mapping[str, Any]


def auxiliary_scorer(scoring: Scoring = "accuracy") -> Callable[..., Any]:
    """Return a scorer of the auxiliary network.

    A search then chooses the parameters that are best for the network that ``extract("auxiliary")``
    returns, whatever ``predict_with`` is.

    Parameters
    ----------
    scoring : str, callable, list of str, or dict of str to callable, default="accuracy"
        What ``GridSearchCV`` takes: the name of a scorer, a scorer with the signature
        ``(estimator, X, y)``, or several of them; the scorer then returns a dict.

    Returns
    -------
    scorer : callable
        Called as ``scorer(estimator, X, y)`` with a fitted ``DistilledTextClassifier``, or a
        ``Pipeline``, ``GridSearchCV`` or similar search that predicts with one. The estimator does
        not change. With metadata routing, the scorer requests what ``scoring`` requests.

    Raises
    ------
    ValueError, TypeError
        If ``scoring`` is not a scorer; in a call, if there is no auxiliary network.

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
        Called like that of ``auxiliary_scorer``.

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


def bytes_scorer(network: str = "auxiliary") -> Callable[..., Any]:
    """Return a scorer of the bytes of an extracted network.

    Its score is *minus* the bytes, because greater is better for all scorers of scikit-learn. Name it
    "neg_bytes", as ``skdistill.model_selection`` expects.

    Parameters
    ----------
    network : {"auxiliary", "main"}, default="auxiliary"
        Which network.

    Returns
    -------
    scorer : callable
        Called as ``scorer(estimator, X, y)`` with what ``auxiliary_scorer`` takes. Minus the
        ``nbytes`` of the ``ExtractedClassifier``: its arrays, without the tokenizer's vocabulary.

    Raises
    ------
    ValueError, TypeError
        If ``network`` is neither of the two; in a call, if there is no such network, or if a
        callable built it, so that it cannot be extracted.

    See Also
    --------
    latency_scorer : The time per document.
    skdistill.model_selection.smallest_within : Chooses by a score and the bytes.

    Examples
    --------
    >>> from skdistill import DistilledTextClassifier
    >>> from skdistill.metrics import bytes_scorer
    >>> texts, labels = ["good food", "bad food"] * 10, ["pos", "neg"] * 10
    >>> classifier = DistilledTextClassifier(random_state=0).fit(texts, labels)
    >>> bytes_scorer()(classifier, texts, labels) == -classifier.extract("auxiliary").nbytes
    True
    """
    return _CostScorer("bytes_scorer", _n_bytes, network)


def latency_scorer(
    network: str = "auxiliary", *, batch_size: int | None = None, n_repeats: int = 3
) -> Callable[..., Any]:
    """Return a scorer of the microseconds that an extracted network takes per document.

    Its score is *minus* the microseconds, because greater is better. Name it "neg_microseconds".

    Parameters
    ----------
    network : {"auxiliary", "main"}, default="auxiliary"
        Which network.
    batch_size : int or None, default=None
        How many documents are predicted at a time: 1 as in a service that gets one request after
        the other, None for all at once, which takes less time per document.
    n_repeats : int, default=3
        How often all documents are predicted. The fastest time counts, which other processes
        disturb least; still, search with ``n_jobs=None``.

    Returns
    -------
    scorer : callable
        Called as ``scorer(estimator, X, y)`` with what ``auxiliary_scorer`` takes. It times
        ``predict`` of the ``ExtractedClassifier``, with its tokenizer and without steps of a
        Pipeline before it.

    Raises
    ------
    ValueError, TypeError
        As for ``bytes_scorer``; or if a number is below 1.

    See Also
    --------
    bytes_scorer : The bytes, which are the same in every run.

    Examples
    --------
    >>> from skdistill import DistilledTextClassifier
    >>> from skdistill.metrics import latency_scorer
    >>> texts, labels = ["good food", "bad food"] * 10, ["pos", "neg"] * 10
    >>> classifier = DistilledTextClassifier(random_state=0).fit(texts, labels)
    >>> latency_scorer()(classifier, texts, labels) < 0
    True
    """
    for name, number in (("batch_size", 1 if batch_size is None else batch_size), ("n_repeats", n_repeats)):
        if not (isinstance(number, Integral) and number >= 1):
            raise ValueError(f"{name} must be an integer of at least 1. Got {number!r}.")
    return _CostScorer("latency_scorer", _microseconds, network, batch_size=batch_size, n_repeats=n_repeats)


def _n_bytes(student, X):
    return student.nbytes


def _microseconds(student, X, batch_size, n_repeats):
    """Return the time per document of the fastest of several runs, after one that is not timed."""
    n_documents = X.shape[0] if hasattr(X, "shape") else len(X)
    size = batch_size or n_documents
    batches = [X[start : start + size] for start in range(0, n_documents, size)]
    student.predict(batches[0])
    seconds = []
    for _ in range(n_repeats):
        began = perf_counter()
        for batch in batches:
            student.predict(batch)
        seconds.append(perf_counter() - began)
    return 1e6 * min(seconds) / n_documents


class _CostScorer:
    """Extracts a network and returns minus its cost.

    Parameters
    ----------
    name : str
        What messages call the scorer.
    measure : callable
        From the extracted classifier, the documents and ``options`` to the cost.
    network : {"auxiliary", "main"}
    **options : dict
    """

    def __init__(self, name, measure, network, **options):
        if network not in ("main", "auxiliary"):
            raise ValueError(f"network must be 'main' or 'auxiliary'. Got {network!r}.")
        self.name, self.measure, self.network, self.options = name, measure, network, options

    def __call__(self, estimator, X, y=None):
        """Return minus the cost."""
        classifier, X = unwrap(estimator, X)
        if not hasattr(classifier, "extract"):
            raise _not_distilled(self.name, classifier)
        return -self.measure(classifier.extract(self.network), X, **self.options)

    def __repr__(self):
        arguments = [repr(self.network), *(f"{name}={value!r}" for name, value in self.options.items())]
        return f"{self.name}({', '.join(arguments)})"


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
        raise _not_distilled(f"{predict_with}_scorer", estimator)
    return changed


def _not_distilled(scorer, estimator):
    return TypeError(
        f"{scorer} needs a DistilledTextClassifier, or a Pipeline or fitted search that ends in one. "
        f"Got {type(estimator).__name__}."
    )
