"""What is measured of a variant on the test rows: sizes, times and scores."""

from copy import copy
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.metrics import accuracy_score, log_loss

from .._input.soft_targets import check_soft_targets
from .._parameters import is_precomputed, object_of
from .._training.fit_data import make_fit_data
from .._training.rows import make_teachers
from ..metrics import expected_calibration_error
from ..teachers._checks import check_teachers
from ..text.tokens import check_documents

_TIMINGS = 3  # repeats of each prediction; the shortest time counts, because other programs only make one longer


@dataclass
class Variant:
    """A fitted variant, and what was measured of it.

    Attributes
    ----------
    classifier : classifier
        Fitted.
    numbers : dict of str to float
    probabilities : ndarray of shape (n_test, n_classes)
        With the columns of ``classifier.classes_``.
    """

    classifier: Any
    numbers: dict
    probabilities: np.ndarray


class Predictions(ClassifierMixin, BaseEstimator):
    """The probabilities of the test rows as a classifier, for scorers: a teacher may be expensive to ask again."""

    @classmethod
    def of(cls, classes, probabilities, is_multilabel):
        """Return the classifier of these probabilities."""
        predictions = cls()
        predictions.classes_, predictions.probabilities_ = classes, probabilities
        predictions.is_multilabel_ = is_multilabel
        return predictions

    def predict_proba(self, X):
        """Return the probabilities, whatever X is."""
        return self.probabilities_

    def predict(self, X):
        """Return the labels, whatever X is."""
        if self.is_multilabel_:
            return (self.probabilities_ > 0.5).astype(np.int64)
        return self.classes_[self.probabilities_.argmax(axis=1)]


def measure_network(fitted, name, X_test, seconds):
    """Return a network of a fitted classifier, or both, with sizes and times."""
    roles = ["main", "auxiliary"] if name == "ensemble" else ["auxiliary" if name == "auxiliary" else "main"]
    if name == "ensemble":
        classifier = copy(fitted)
        classifier.predict_with = "ensemble"
    else:
        classifier = getattr(fitted, f"{roles[0]}_")
    probabilities = classifier.predict_proba(X_test)  # also prepares network and tokenizer for prediction
    seconds_to_predict = min(_seconds_of(classifier.predict_proba, X_test) for _ in range(_TIMINGS))
    networks = [fitted._networks[role] for role in roles]
    numbers = {
        "n_parameters": float(sum(map(_n_parameters, networks))),
        "n_bytes": float(sum(getattr(network.predictor, "nbytes", np.nan) for network in networks)),
        "microseconds": seconds_to_predict / len(probabilities) * 1e6,
        "fit_time": seconds,
    }
    return Variant(classifier, numbers, probabilities)


def _seconds_of(function, argument):
    start = perf_counter()
    function(argument)
    return perf_counter() - start


def _n_parameters(network):
    """Return how many numbers a network has learned, with those of its linear path."""
    if not hasattr(network, "weights"):  # that of a callable
        return network.model.count_params()
    path = getattr(network, "path", None)
    arrays = [*network.weights.values(), *([] if path is None else [path.coefficients, path.intercepts])]
    return sum(array.size for array in arrays)


def measure_teacher(classifier, rows):
    """Return the teacher, fitted on the labelled training rows, or the precomputed soft targets of the test rows."""
    data = rows.data
    if classifier.teacher is None:
        return _precomputed(data, rows.test)
    analyzer = "precomputed" if is_precomputed(classifier.tokenizer) else object_of("tokenizer", classifier.tokenizer)
    analyzer = getattr(analyzer, "analyzer", analyzer)
    probe = clone(classifier)
    documents = check_documents(probe, rows.X_labelled, analyzer, reset=True)
    test = check_documents(probe, rows.X_test, analyzer, reset=False)
    teachers, labels = check_teachers(classifier.teacher), data.labels_of(rows.labelled)
    weights, memory = data.weights_of(rows.labelled), classifier.teacher_memory
    known = make_fit_data(
        documents, labels, weights, None, None, teachers=teachers, class_weight=classifier.class_weight
    )
    ensemble = make_teachers(teachers, known, cv=classifier.teacher_cv, memory=memory, progress=None)
    probabilities = ensemble.predict_proba(test)
    report = ensemble.report()
    seconds, asked = (sum(each[name] for each in report) for name in ("fit_time", "predict_time"))
    numbers = {"n_parameters": np.nan, "n_bytes": np.nan, "microseconds": asked / len(test) * 1e6, "fit_time": seconds}
    return _as_variant(known.classes, probabilities, data.is_multilabel, numbers)


def _precomputed(data, test):
    names = list(getattr(data.y, "columns", range(data.labels.shape[1]))) if data.is_multilabel else None
    kind = "multilabel" if data.is_multilabel else "multiclass"
    n_samples = len(data.is_labelled)
    probabilities, columns = check_soft_targets(data.soft_targets, data.soft_target_classes, n_samples, kind, names)
    classes = np.arange(len(names)) if data.is_multilabel else np.array(columns)
    numbers = dict.fromkeys(("n_parameters", "n_bytes", "microseconds", "fit_time"), np.nan)
    return _as_variant(classes, probabilities[test].astype(np.float64), data.is_multilabel, numbers)


def _as_variant(classes, probabilities, is_multilabel, numbers):
    unanswered = int(np.isnan(probabilities).any(axis=1).sum())
    if unanswered:
        raise ValueError(f"There are no probabilities for {unanswered} of {len(probabilities)} test rows.")
    return Variant(Predictions.of(classes, probabilities, is_multilabel), numbers, probabilities)


def score_probabilities(y_test, probabilities, classes, weights):
    """Return the scores that every report has."""
    given = {"sample_weight": weights}
    if classes is None:  # multilabel
        p = np.clip(probabilities, np.finfo(float).eps, 1 - np.finfo(float).eps)
        losses = -(y_test * np.log(p) + (1 - y_test) * np.log(1 - p)).mean(axis=1)
        return {
            "accuracy": float(accuracy_score(y_test, (probabilities > 0.5).astype(int), **given)),
            "log_loss": float(np.average(losses, weights=weights)),
            "calibration_error": expected_calibration_error(y_test, probabilities, **given),
        }
    return {
        "accuracy": float(accuracy_score(y_test, classes[probabilities.argmax(axis=1)], **given)),
        "log_loss": float(log_loss(y_test, probabilities, labels=classes, **given)),
        "calibration_error": expected_calibration_error(y_test, probabilities, labels=classes, **given),
    }
