"""Checks of labels: their values, their classes, and what is not a label. All of them fit."""

from unittest import SkipTest

import numpy as np

from ._models import attempt, fit, instead, outputs, refusal
from ._task import EXAMPLE

#: Of several lengths, with a space, in other scripts, like numbers, like what tools reserve; not sorted.
_NAMES = ["no", "a much longer name than the others", "two words", "да", "10", "9", "__label__1", "nan", "crème"]


def check_string_labels(name, estimator, task=EXAMPLE):
    """Check that str labels come back as they are, whole and as str, because arrays of str cut what is longer.

    References
    ----------
    sktime/sktime#4090, facebookresearch/fastText#720, scikit-learn/scikit-learn#2674
    """
    _assert_labels_come_back(estimator, task.named(_names(task)))


def check_labels_with_spaces(name, estimator, task=EXAMPLE):
    """Check labels that are phrases in any script, because file formats end a label at a space.

    References
    ----------
    facebookresearch/fastText#1118, yam-ai/fasttext-multilabel-classifier#9
    """
    _assert_labels_come_back(estimator, task.named([f"class {number} – да" for number in range(len(task.classes))]))


def check_integer_labels(name, estimator, task=EXAMPLE):
    """Check integers that are not positions, because predicting a column's number instead of its class is easy.

    References
    ----------
    keras-team/keras#5321, scikit-learn/scikit-learn#556
    """
    task = task.named([7, -2, 30, *range(100, 100 + len(task.classes))][: len(task.classes)])
    model = _assert_labels_come_back(estimator, task)
    kind = np.asarray(model.predict(task.texts)).dtype.kind
    assert kind in "iu", f"predictions for integer labels have a dtype of kind {kind!r}"


def check_classes_are_sorted(name, estimator, task=EXAMPLE):
    """Check that ``classes_`` is sorted however the rows are ordered, because metrics and stacking align by it.

    References
    ----------
    scikit-learn/scikit-learn#556, scikit-learn/scikit-learn#8710
    """
    task = task.named(_names(task))
    for rows in (np.arange(len(task.texts)), np.arange(len(task.texts))[::-1]):
        classes = np.asarray(fit(estimator, task.rows(rows)).classes_).tolist()
        assert classes == sorted(set(task.labels)), f"classes_ must be the sorted labels. Got {classes}"


def check_two_classes(name, estimator, task=EXAMPLE):
    """Check the shapes for two classes, because decision_function then has one column and predict_proba two.

    References
    ----------
    marcotcr/lime#578
    """
    rows = np.flatnonzero(task.numbered() < 2)
    if len(task.classes) < 2:
        raise SkipTest("the task has one class")
    task = task.rows(rows)
    found = outputs(fit(estimator, task), task.texts)
    shapes = {"predict": (len(rows),), "predict_proba": (len(rows), 2), "decision_function": (len(rows),)}
    for method, array in found.items():
        assert array.shape == shapes[method], f"{method} for two classes has shape {array.shape}"


def check_a_class_of_one_row(name, estimator, task=EXAMPLE):
    """Check that a class of one row is fitted or refused with a ValueError, because real data have rare classes.

    References
    ----------
    keras-team/keras#11850, EducationalTestingService/skll#109
    """
    numbers = task.numbered()
    rows = np.flatnonzero((numbers > 0) | (np.arange(len(numbers)) == np.argmin(numbers)))
    task = task.rows(rows)
    model, error = attempt(fit, estimator, task)
    if isinstance(error, ValueError):
        raise SkipTest(f"a class of one row is refused: {str(error)[:80]}")
    assert error is None, instead(error, "fit with a class of one row", "a ValueError or nothing")
    classes = np.asarray(model.classes_).tolist()
    assert classes == task.classes, f"classes_ are {classes}: a class of one row is lost"


def check_one_class(name, estimator, task=EXAMPLE):
    """Check that a single class is refused with a ValueError or always predicted, because a fold may have one only.

    References
    ----------
    EducationalTestingService/skll#109
    """
    rows = np.flatnonzero(task.numbered() == 0)
    task = task.rows(rows)
    model, error = attempt(fit, estimator, task)
    if error is None:
        found = set(np.asarray(model.predict(task.texts)).tolist())
        assert found == set(task.classes), f"with one class in y, {found} are predicted"
    assert error is None or isinstance(error, ValueError), instead(error, "fit on one class", "a ValueError")


def check_no_labels(name, estimator, task=EXAMPLE):
    """Check that ``y=None`` is refused with a ValueError, because a classifier cannot learn from text alone.

    References
    ----------
    scikit-learn/scikit-learn#12491
    """
    error = refusal(fit, estimator, task._replace(labels=None))
    assert isinstance(error, ValueError), instead(error, "fit without labels", "a ValueError")


def check_numbers_of_documents_and_labels(name, estimator, task=EXAMPLE):
    """Check that unequal numbers of documents and labels are refused with a ValueError, because zip would cut.

    References
    ----------
    scikit-learn/scikit-learn#34603
    """
    for texts in (task.texts[:-1], [*task.texts, "one more"]):
        error = refusal(fit, estimator, task._replace(texts=texts))
        message = f"fit on {len(texts)} documents with {len(task.texts)} labels"
        assert isinstance(error, ValueError), instead(error, message, "a ValueError")


def check_continuous_labels(name, estimator, task=EXAMPLE):
    """Check that fractions are refused with a ValueError, because they are the targets of a regression.

    References
    ----------
    scikit-learn/scikit-learn#12491
    """
    labels = np.linspace(0.1, 0.9, len(task.texts))
    error = refusal(fit, estimator, task._replace(labels=labels))
    assert isinstance(error, ValueError), instead(error, "fit on fractions as labels", "a ValueError")


def _names(task):
    """Return a name for each class of a task."""
    return [*_NAMES, *(f"class {number}" for number in range(len(task.classes)))][: len(task.classes)]


def _assert_labels_come_back(estimator, task):
    """Assert that the labels of a fit, in a list and in arrays, are those predicted; return the last model."""
    allowed = set(task.labels)
    containers = [np.asarray(task.labels).tolist(), np.array(task.labels)]
    if containers[1].dtype.kind == "U":  # scikit-learn refuses integers as objects
        containers.append(np.array(task.labels, dtype=object))
    for labels in containers:
        model = fit(estimator, task._replace(labels=labels))
        for what, values in {"classes_": model.classes_, "predictions": model.predict(task.texts)}.items():
            values = set(np.asarray(values).tolist())
            assert values <= allowed, f"{what} {sorted(values - allowed, key=str)} are none of the labels"
        assert len(model.classes_) == len(allowed), f"{len(model.classes_)} classes_ for {len(allowed)} labels"
    return model
