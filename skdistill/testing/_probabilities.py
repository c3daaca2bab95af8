"""Checks that the methods that predict agree with each other."""

from unittest import SkipTest

import numpy as np

from ._models import fit, fitted, outputs
from ._task import EXAMPLE


def check_probabilities(name, estimator, task=EXAMPLE):
    """Check that probabilities are between 0 and 1 and of one document sum to 1; those of multilabel need not.

    References
    ----------
    Lightning-AI/torchmetrics#245, MinishLab/model2vec#114
    """
    model = fitted(estimator, task)
    probabilities = _of_method(model, "predict_proba", task.texts)
    shape = (len(task.texts), len(_classes(model, task)))
    assert probabilities.shape == shape, f"predict_proba has shape {probabilities.shape} instead of {shape}"
    assert (probabilities >= 0).all(), "a probability is negative"
    assert (probabilities <= 1 + 1e-5).all(), "a probability is above 1"
    if not _is_multilabel(model, task):
        sums = probabilities.sum(axis=1)
        assert np.allclose(sums, 1, atol=1e-4), f"probabilities of a document sum to {sums[np.argmax(abs(sums - 1))]}"


def check_predictions_are_the_most_probable(name, estimator, task=EXAMPLE):
    """Check that ``predict`` is the class of the largest probability, whose column is that of ``classes_``.

    References
    ----------
    huggingface/setfit#462, marcotcr/lime#343
    """
    model = fitted(estimator, task)
    probabilities = _of_method(model, "predict_proba", task.texts)
    if _is_multilabel(model, task):
        raise SkipTest("multilabel targets have several columns that are right")
    most = np.asarray(_classes(model, task))[probabilities.argmax(axis=1)]
    wrong = np.flatnonzero(np.asarray(model.predict(task.texts)) != most)
    assert not wrong.size, f"predict of document {wrong[0]} is not classes_[argmax(predict_proba)], {most[wrong[0]]!r}"


def check_log_probabilities(name, estimator, task=EXAMPLE):
    """Check that ``predict_log_proba`` is the logarithm of ``predict_proba``, because scorers use either.

    References
    ----------
    Lightning-AI/torchmetrics#245
    """
    model = fitted(estimator, task)
    logarithms = _of_method(model, "predict_log_proba", task.texts)
    probabilities = _of_method(model, "predict_proba", task.texts)
    assert np.allclose(np.exp(logarithms), probabilities, atol=1e-5), "predict_log_proba is not log(predict_proba)"


def check_decision_function(name, estimator, task=EXAMPLE):
    """Check the shape of ``decision_function``, and that its largest column is the predicted class.

    References
    ----------
    marcotcr/lime#578, huggingface/setfit#462
    """
    model = fitted(estimator, task)
    decision = _of_method(model, "decision_function", task.texts)
    classes = np.asarray(_classes(model, task))
    is_binary = len(classes) == 2 and not _is_multilabel(model, task)
    shape = (len(task.texts),) if is_binary else (len(task.texts), len(classes))
    assert decision.shape == shape, f"decision_function has shape {decision.shape} instead of {shape}"
    if not _is_multilabel(model, task):
        columns = (decision > 0).astype(int) if is_binary else decision.argmax(axis=1)
        assert (classes[columns] == np.asarray(model.predict(task.texts))).all(), "decision_function ranks another"


def check_score(name, estimator, task=EXAMPLE):
    """Check that ``score`` is the fraction of right predictions, because cross-validation relies on it.

    References
    ----------
    scikit-learn/scikit-learn#16427
    """
    model = fitted(estimator, task)
    if task.labels is None or not hasattr(model, "score"):
        raise SkipTest("there are no labels, or the estimator has no method score")
    right = np.asarray(model.predict(task.texts)) == np.asarray(task.labels)
    expected = right.reshape(len(right), -1).all(axis=1).mean()
    assert np.isclose(model.score(task.texts, task.labels), expected), "score is not the accuracy of predict"


def check_learning(name, estimator, task=EXAMPLE):
    """Check that training rows are classified better than by chance, because shuffled rows teach nothing.

    References
    ----------
    scikit-learn/scikit-learn#16427, dnouri/nolearn#7
    """
    task.numbered()
    most = max(np.mean(np.asarray(task.labels) == label) for label in task.classes)
    right = np.mean(np.asarray(fit(estimator, task).predict(task.texts)) == np.asarray(task.labels))
    assert right > (1 + most) / 2, f"{right:.0%} of the training rows are right; the largest class has {most:.0%}"


def _of_method(model, method, texts):
    """Return what a method returns, or skip the check if the model does not have it."""
    if not hasattr(model, method):
        raise SkipTest(f"the estimator has no method {method}")
    return np.asarray(getattr(model, method)(texts))


def _classes(model, task):
    """Return the model's classes, or what predicts instead."""
    if hasattr(model, "classes_"):
        return model.classes_
    if task.labels is None:
        raise SkipTest("the estimator has no classes_, and the task no labels")
    return task.classes


def _is_multilabel(model, task):
    """Whether predictions are an indicator matrix."""
    return outputs(model, task.texts[:1])["predict"].ndim == 2
