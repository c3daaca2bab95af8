"""The estimator inside a Pipeline, a search or a FrozenEstimator."""

from sklearn.frozen import FrozenEstimator


def unwrap(estimator, X=None):
    """Return the estimator that makes the predictions, and the documents as it gets them.

    Parameters
    ----------
    estimator : estimator
        Fitted: a Pipeline, a search or a FrozenEstimator, which may hold each other; any other
        estimator is returned as it is.
    X : collection or None, default=None
        The documents; the steps of a Pipeline before the last one transform them.

    Returns
    -------
    inner : estimator
    X : collection or None
    """
    # Not hasattr: a FrozenEstimator has the attributes of the estimator that it holds.
    attributes = getattr(estimator, "__dict__", {})
    if "steps" in attributes:  # a Pipeline
        has_steps_before = len(estimator.steps) > 1
        return unwrap(estimator.steps[-1][1], estimator[:-1].transform(X) if X is not None and has_steps_before else X)
    if "best_estimator_" in attributes:  # a search
        return unwrap(estimator.best_estimator_, X)
    if isinstance(estimator, FrozenEstimator):
        return unwrap(estimator.estimator, X)
    return estimator, X
