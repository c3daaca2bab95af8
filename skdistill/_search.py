"""The candidates of a search, which differ in numbers only: their fits on a fold, and the table of results."""

import warnings
from copy import copy
from dataclasses import dataclass
from inspect import signature
from time import perf_counter
from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy.stats import rankdata
from sklearn.base import clone
from sklearn.exceptions import FitFailedWarning
from sklearn.utils import indexable
from sklearn.utils.validation import check_consistent_length

from ._callbacks import Observer
from ._input.labels import check_labels, find_labelled, take_labels
from ._input.weights import check_weights
from ._parameters import check_combinations
from ._sklearn import safe_indexing

#: What is measured of each candidate in each fold.
NUMBERS = ("score", "fit_time", "score_time", "epochs", "bytes")


@dataclass(frozen=True)
class SearchRows:
    """The rows of a search, and what classifiers learn from beside them.

    Attributes
    ----------
    X, y : indexable of length n_samples
    is_labelled : ndarray of shape (n_samples,), bool
    labels : ndarray of shape (n_labelled,) or (n_labelled, n_labels)
        As ``check_labels`` returns them.
    sample_weight : ndarray of shape (n_samples,) or None
    given : dict of str to object
        Other arguments of ``fit``, those that are not None.
    """

    X: Any
    y: Any
    is_labelled: np.ndarray
    labels: np.ndarray
    sample_weight: np.ndarray | None
    given: dict

    @classmethod
    def check(cls, X, y, sample_weight, X_unlabeled, soft_targets, soft_target_classes, base):
        if y is None:
            raise ValueError("y must have labels, by which the candidates are scored. Got None.")
        X, y = indexable(X, y)
        n_samples = y.shape[0] if hasattr(y, "shape") else len(y)
        is_labelled = find_labelled(y, n_samples, base.unlabeled_label)
        if not is_labelled.any():
            raise ValueError("y must have labelled rows, by which the candidates are scored. Got none.")
        labels = check_labels(take_labels(y, is_labelled), int(is_labelled.sum()))
        weights = None if sample_weight is None else check_weights(sample_weight, n_samples)
        given = {"X_unlabeled": X_unlabeled, "soft_targets": soft_targets, "soft_target_classes": soft_target_classes}
        if soft_targets is not None:
            check_consistent_length(y, soft_targets)
        return cls(
            X, y, is_labelled, labels, weights, {name: value for name, value in given.items() if value is not None}
        )

    def of_training(self, rows):
        """Return the arguments of a fit on some rows, by name."""
        weights = None if self.sample_weight is None else self.sample_weight[rows]
        arguments = {"X": safe_indexing(self.X, rows), "y": safe_indexing(self.y, rows), "sample_weight": weights}
        if "soft_targets" in self.given:
            return arguments | self.given | {"soft_targets": safe_indexing(self.given["soft_targets"], rows)}
        return arguments | self.given

    def of_test(self, rows, scorer):
        """Return the documents and labels of labelled rows, and as keywords their weights if the scorer takes some."""
        labels = self.labels[(np.cumsum(self.is_labelled) - 1)[rows]]
        is_weighted = self.sample_weight is not None and "sample_weight" in signature(scorer).parameters
        weights = {"sample_weight": self.sample_weight[rows]} if is_weighted else {}
        return (safe_indexing(self.X, rows), labels), weights


def make_candidate(base, params):
    """Return an unfitted classifier with these parameters, which are checked."""
    candidate = clone(base).set_params(**params, warm_start=False)
    candidate._validate_params()
    check_combinations(candidate._parameters())
    return candidate


def score_fold(classifiers, scorer, rows, train, test):
    """Fit and score all candidates on a fold.

    Returns
    -------
    numbers : dict of str to list
        ``NUMBERS``, one of each candidate, and ``"errors"``, the messages of fits that failed.
    """
    arguments, (tested, weights) = rows.of_training(train), rows.of_test(test, scorer)
    prepared = classifiers[0]._prepare(**arguments)
    found, errors, sizes = [], [], {}
    for classifier in map(copy, classifiers):
        try:
            start = perf_counter()
            of_candidate = prepared.with_settings(classifier._parameters())
            listener = SimpleNamespace(callbacks=classifier.callbacks)
            given = (arguments["X"], arguments["y"], arguments["sample_weight"])
            classifier._train(of_candidate, Observer(listener, *given, of_candidate.fitted))
            trained = perf_counter()
            score = float(scorer(classifier, *tested, **weights))
            times = trained - start, perf_counter() - trained
            if classifier.auxiliary_units not in sizes:  # nothing else that is searched over changes the bytes
                sizes[classifier.auxiliary_units] = _count_bytes(classifier)
            found.append((score, *times, classifier.best_iter_, sizes[classifier.auxiliary_units]))
        except Exception as error:  # any error of a fit or of the user's scorer: the other candidates are scored
            errors.append(f"{type(error).__name__}: {error}")
            found.append([np.nan] * len(NUMBERS))
    return dict(zip(NUMBERS, zip(*found))) | {"errors": errors}


def _count_bytes(classifier):
    """Return the bytes of the extracted auxiliary network, or the main one if there is no other; NaN of a callable."""
    role = "main" if classifier.auxiliary is None else "auxiliary"
    if callable(getattr(classifier, role)):
        return np.nan
    return classifier.extract(role).nbytes


def warn_of_failures(errors, scores):
    """Raise a ValueError if all fits have failed, and warn if some have."""
    if np.isnan(scores).all():
        raise ValueError(f"The fits of all candidates failed. The first error was {errors[0]}")
    if errors:
        warnings.warn(
            f"{len(errors)} of {scores.size} fits failed, and their scores are NaN. The first error was {errors[0]}",
            FitFailedWarning,
            stacklevel=3,
        )


def as_results(candidates, numbers):
    """Return ``cv_results_``, with the columns of ``GridSearchCV``."""
    results = {}
    for name in ("fit_time", "score_time"):
        results |= {f"mean_{name}": numbers[name].mean(axis=1), f"std_{name}": numbers[name].std(axis=1)}
    for name in candidates[0]:
        results[f"param_{name}"] = np.ma.array([params[name] for params in candidates])
    results["params"] = candidates
    for name, values in (("score", numbers["score"]), ("neg_bytes", -numbers["bytes"])):
        results |= {f"split{i}_test_{name}": column for i, column in enumerate(values.T)}
        results |= {f"mean_test_{name}": values.mean(axis=1), f"std_test_{name}": values.std(axis=1)}
        filled = np.nan_to_num(results[f"mean_test_{name}"], nan=-np.inf)
        results[f"rank_test_{name}"] = rankdata(-filled, method="min").astype(np.int32)
    return results


def for_all_rows(classifier, epochs):
    """Return an unfitted classifier for all rows; without early stopping, which has shown the number of epochs."""
    classifier = clone(classifier)
    if classifier.early_stopping and classifier.schedule != "sequential":  # whose phases have epochs of their own
        classifier.set_params(early_stopping=False, target_score=None, max_iter=int(np.nanmedian(epochs)))
    return classifier
