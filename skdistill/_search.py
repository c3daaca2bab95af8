"""The candidates of a search, which differ only in numbers: their fits on a fold, and the table of results."""

import warnings
from copy import copy
from inspect import signature
from time import perf_counter
from types import SimpleNamespace

import numpy as np
from scipy.stats import rankdata
from sklearn.base import clone
from sklearn.exceptions import FitFailedWarning

from ._callbacks import Observer
from ._parameters import check_combinations
from ._sklearn import safe_indexing

#: What is measured of each candidate in each fold.
NUMBERS = ("score", "fit_time", "score_time", "epochs", "bytes")


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
    arguments = {"X": safe_indexing(rows.X, train), **rows.arguments_of(train)}
    tested = safe_indexing(rows.X, test), rows.labels_of(test)
    is_weighted = rows.sample_weight is not None and "sample_weight" in signature(scorer).parameters
    weights = {"sample_weight": rows.weights_of(test)} if is_weighted else {}
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
    """Return the bytes of the extracted auxiliary network, or of main if there is none; NaN for a callable."""
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
    """Return an unfitted classifier for all rows, without early stopping: the number of epochs is known by then."""
    classifier = clone(classifier)
    if classifier.early_stopping and classifier.schedule != "sequential":  # whose phases have epochs of their own
        classifier.set_params(early_stopping=False, target_score=None, max_iter=int(np.nanmedian(epochs)))
    return classifier
