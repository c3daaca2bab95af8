"""The fitted estimators that displays are given: which one is inside, and whether it predicts probabilities."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from .._holders import unwrap


def class_name(thing):
    """Return the name of an object's class or, of a class, its own."""
    return (thing if isinstance(thing, type) else type(thing)).__name__


def check_classifier(classifier, name):
    """Raise an error unless this is a fitted classifier with ``predict_proba``.

    Parameters
    ----------
    classifier : object
    name : str
        The parameter's name, for the message.

    Raises
    ------
    TypeError
        If it has no ``predict_proba``.
    sklearn.exceptions.NotFittedError
        If it is not fitted.
    ValueError
        If it is multilabel: its probabilities do not sum to 1.
    """
    inside, _ = unwrap(classifier)
    if hasattr(inside, "fit") and hasattr(inside, "get_params") and not isinstance(inside, type):
        check_is_fitted(inside)
    if isinstance(classifier, type) or not (hasattr(classifier, "predict_proba") and hasattr(classifier, "classes_")):
        raise TypeError(
            f"{name} must be a fitted classifier with predict_proba and classes_. Got {class_name(classifier)}."
        )
    if getattr(inside, "out_activation_", None) == "sigmoid" or any(np.ndim(label) for label in classifier.classes_):
        raise ValueError(f"{name} must be a classifier of one label per document. Got a multilabel classifier.")


def predicted_probabilities(classifier, X, name):
    """Return the probabilities that a classifier predicts, after a check.

    Returns
    -------
    probabilities : ndarray of shape (n_samples, n_classes), float64
    """
    check_classifier(classifier, name)
    probabilities = np.asarray(classifier.predict_proba(X), dtype=np.float64)
    check_probabilities(probabilities, len(classifier.classes_), f"the predicted probabilities of {name}")
    return probabilities


def check_probabilities(probabilities, n_classes, what):
    """Raise a ValueError unless there is a row of probabilities, which sum to 1, for each document."""
    if probabilities.ndim != 2 or probabilities.shape[1] != n_classes:
        raise ValueError(f"{what} must have shape (n_documents, {n_classes}). Got {probabilities.shape}.")
    missing = np.flatnonzero(np.isnan(probabilities).any(axis=1))
    if len(missing):
        raise ValueError(f"{what} must have no NaN. Got NaN in row {missing[0]}: leave the document out.")
    if not np.allclose(probabilities.sum(axis=1), 1, atol=1e-2):
        raise ValueError(f"{what} must sum to 1 in each row: multilabel probabilities are not drawn.")
