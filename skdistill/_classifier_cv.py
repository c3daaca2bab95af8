"""The classifier that chooses the weights of its losses, and its auxiliary network, by cross-validation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import ParameterGrid
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted

from ._classifier import DistilledTextClassifier
from ._extracted import ExtractedClassifier
from ._notebook import LinksToPage, search_block
from ._prediction import LogitsMixin
from ._repr import PrintsShortly
from ._scored_rows import ScoredRows
from ._search import NUMBERS, as_results, for_all_rows, make_candidate, score_fold, warn_of_failures
from .metrics._scorers import scorer_of
from .model_selection import one_standard_error, smallest_within
from .model_selection._split import check_splits

# The parameter of the classifier that each parameter of the search gives values for.
_SEARCHED = {
    "auxiliary_weights": "auxiliary_weight",
    "transfer_weights": "transfer_weight",
    "temperatures": "temperature",
    "learning_rates": "learning_rate_init",
    "auxiliary_units": "auxiliary_units",
}
_OF_A_PAIR = ("auxiliary_weights", "transfer_weights", "auxiliary_units")
_REFITS = {
    "best": lambda results: np.nanargmax(results["mean_test_score"]),
    "one_standard_error": one_standard_error,
    "smallest": smallest_within(0.01),
}


class DistilledTextClassifierCV(LogitsMixin, PrintsShortly, LinksToPage, ClassifierMixin, BaseEstimator):
    """Distilled text classifier with built-in cross-validation of its most important hyperparameters.

    It is to ``DistilledTextClassifier`` what ``LogisticRegressionCV`` is to ``LogisticRegression``. It finds what
    ``GridSearchCV`` finds with the same values, folds and an int as ``random_state``, in less time: in each fold
    the documents are tokenized, the features counted, the linear paths fitted and the teacher asked once for all
    candidates.

    Parameters
    ----------
    estimator : DistilledTextClassifier or None, default=None
        The classifier, with the values of all parameters that are not searched over. If None, one with
        default parameters.
    auxiliary_weights : sequence of float or None, default=(0.1, 1.0, 10.0)
        Values of ``auxiliary_weight``. None, here and below: only the value of ``estimator``.
    transfer_weights : sequence of float or None, default=None
        Values of ``transfer_weight``.
    temperatures : sequence of float or None, default=None
        Values of ``temperature``.
    learning_rates : sequence of float or None, default=None
        Values of ``learning_rate_init``.
    auxiliary_units : sequence of int or None, default=None
        Values of ``auxiliary_units``.
    cv : int, cross-validation generator, iterable or None, default=None
        The folds. If None, 5. An int means stratified folds, of the labelled rows only if some
        have no label.
    scoring : str, callable or None, default=None
        What is maximized, as in ``GridSearchCV``. If None, the accuracy of the network that ``predict_with``
        names. ``skdistill.metrics.auxiliary_scorer()`` scores the auxiliary network.
    refit : {"best", "one_standard_error", "smallest"} or callable, default="best"
        Which candidate is fitted to all rows. "one_standard_error": the one with the smallest auxiliary network
        in bytes among those within one standard error of the best score. "smallest": the same among those
        within 0.01 of the best score. A callable gets ``cv_results_`` and returns the index.
    n_jobs : int or None, default=None
        Number of folds that run in parallel.
    verbose : int, default=0
        Above 0: report each fold when it is done.

    Attributes
    ----------
    best_estimator_ : DistilledTextClassifier
        Fitted to all rows. Its fitted attributes are also attributes of this object: ``main_``, ``auxiliary_``,
        ``history_``, ``n_iter_``, ``tokenizer_`` and all others.
    best_params_ : dict
        Its values of the parameters that were searched over.
    best_index_ : int
        Its index in ``cv_results_``.
    best_score_ : float
        Its mean score over the folds.
    scores_ : ndarray of shape (n_candidates, n_splits)
        The score of each candidate in each fold; NaN where a fit failed.
    cv_results_ : dict of str to array
        As that of ``GridSearchCV``. ``mean_test_neg_bytes`` is minus the bytes of the extracted auxiliary
        network (the main network, if there is no auxiliary). ``mean_fit_time`` leaves out what all candidates share.
    n_splits_ : int
        The number of folds.
    classes_ : ndarray of shape (n_classes,)
        The labels.

    See Also
    --------
    DistilledTextClassifier : The classifier, and what its parameters mean.
    skdistill.model_selection.pareto_front : All candidates worth considering.

    Notes
    -----
    With ``early_stopping=True``, candidates hold out rows from the training part of each fold. The chosen one is
    fitted to all rows without early stopping, for the median over the folds of the best number of epochs.

    Examples
    --------
    >>> from skdistill import DistilledTextClassifier, DistilledTextClassifierCV
    >>> texts, labels = ["good food", "bad food", "a good film", "a bad film"] * 5, ["pos", "neg"] * 10
    >>> classifier = DistilledTextClassifier(max_iter=5, random_state=0)
    >>> search = DistilledTextClassifierCV(classifier, auxiliary_weights=[0.3, 1, 3], cv=2).fit(texts, labels)
    >>> search.best_params_
    {'auxiliary_weight': 0.3}
    >>> search.scores_.shape
    (3, 2)
    >>> search.predict(["good film"]).tolist()
    ['pos']
    >>> search.score(texts, labels)
    1.0
    >>> search.extract("auxiliary").predict(["good film"]).tolist()
    ['pos']
    """

    def __init__(
        self,
        estimator: DistilledTextClassifier | None = None,
        *,
        auxiliary_weights: Sequence[float] | None = (0.1, 1.0, 10.0),
        transfer_weights: Sequence[float] | None = None,
        temperatures: Sequence[float] | None = None,
        learning_rates: Sequence[float] | None = None,
        auxiliary_units: Sequence[int] | None = None,
        cv: Any = None,
        scoring: str | Callable[..., Any] | None = None,
        refit: str | Callable[[Mapping[str, Any]], int] = "best",
        n_jobs: int | None = None,
        verbose: int = 0,
    ) -> None:
        self.estimator = estimator
        self.auxiliary_weights = auxiliary_weights
        self.transfer_weights = transfer_weights
        self.temperatures = temperatures
        self.learning_rates = learning_rates
        self.auxiliary_units = auxiliary_units
        self.cv = cv
        self.scoring = scoring
        self.refit = refit
        self.n_jobs = n_jobs
        self.verbose = verbose

    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: ArrayLike | None = None,
        *,
        X_unlabeled: Any = None,
        soft_targets: Any = None,
        soft_target_classes: ArrayLike | None = None,
    ) -> DistilledTextClassifierCV:
        """Score all candidates by cross-validation, and fit the chosen one to all rows.

        Parameters
        ----------
        X : collection of str of length n_samples, or ids of shape (n_samples, n_positions)
            The documents.
        y : array-like of shape (n_samples,), or indicators of shape (n_samples, n_labels)
            The labels. Rows without label are trained on and not scored.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows in the fits, and in the scores if ``scoring`` takes weights.
        X_unlabeled : object, default=None
            As in ``DistilledTextClassifier.fit``, the same in each fold.
        soft_targets : array-like of shape (n_samples, n_known_classes), default=None
            Precomputed probabilities for the rows of X.
        soft_target_classes : array-like of shape (n_known_classes,), default=None
            The classes of the columns of an array.

        Returns
        -------
        self : DistilledTextClassifierCV
            Fitted.

        Raises
        ------
        TypeError, ValueError
            If a parameter or the input is not as described, or the fits of all candidates fail.

        Warns
        -----
        FitFailedWarning
            If the fits of some candidates fail. Their scores are NaN.

        See Also
        --------
        DistilledTextClassifier.fit : Fits a single candidate.
        """
        base = self._base()
        candidates = self._candidates(base)
        classifiers = [make_candidate(base, params) for params in candidates]
        scorer, refit = _accuracy if self.scoring is None else scorer_of(self.scoring), self._refit()
        given = (sample_weight, X_unlabeled, soft_targets, soft_target_classes)
        rows = ScoredRows.check(X, y, *given, base.unlabeled_label)
        splits = check_splits(self.cv, rows.X, rows.y, rows.labels, rows.is_labelled, base.unlabeled_label)

        folds = Parallel(self.n_jobs, verbose=self.verbose)(
            delayed(score_fold)(classifiers, scorer, rows, *split) for split in splits
        )
        numbers = {name: np.array([fold[name] for fold in folds]).T for name in NUMBERS}  # (n_candidates, n_splits)
        warn_of_failures([error for fold in folds for error in fold["errors"]], numbers["score"])
        results = as_results(candidates, numbers)
        index = int(refit(results))

        self.best_estimator_ = for_all_rows(classifiers[index], numbers["epochs"][index])
        self.best_estimator_.fit(rows.X, **rows.arguments_of(np.arange(len(rows.is_labelled))))
        self.best_index_, self.best_params_ = index, candidates[index]
        self.best_score_ = float(results["mean_test_score"][index])
        self.cv_results_, self.scores_ = results, numbers["score"]
        self.n_splits_, self.scorer_ = len(splits), scorer
        return self

    def _base(self):
        """Return the classifier whose hyperparameters are searched over."""
        base = DistilledTextClassifier() if self.estimator is None else self.estimator
        if not isinstance(base, DistilledTextClassifier):
            raise TypeError(
                f"estimator must be a DistilledTextClassifier or None. Got {type(base).__name__}: GridSearchCV "
                "searches over the steps of a Pipeline."
            )
        return base

    def _candidates(self, base):
        """Return the parameters of each candidate, in the order of ``GridSearchCV``."""
        grid = {}
        for name, parameter in _SEARCHED.items():
            values = getattr(self, name)
            if values is None:
                continue
            if isinstance(values, str) or np.ndim(values) != 1 or not len(values):
                raise ValueError(f"{name} must be a sequence of at least one number, or None. Got {values!r}.")
            if base.auxiliary is None and name in _OF_A_PAIR:
                raise ValueError(f"{name} must be None where estimator has no auxiliary network. Got {values!r}.")
            grid[parameter] = list(values)
        return list(ParameterGrid(grid))

    def _refit(self):
        """Return the function from ``cv_results_`` to the index of the candidate that is chosen."""
        if callable(self.refit):
            return self.refit
        if self.refit not in _REFITS:
            raise ValueError(f"refit must be one of {list(_REFITS)} or a callable. Got {self.refit!r}.")
        return _REFITS[self.refit]

    def score(self, X: Any, y: Any, sample_weight: ArrayLike | None = None) -> float:
        """Return the score of the chosen classifier, by ``scoring``.

        Parameters
        ----------
        X : collection of str of length n_samples, or ids of shape (n_samples, n_positions)
            The documents.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Their labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the documents, if ``scoring`` accepts weights.

        Returns
        -------
        score : float
            Greater is better.

        See Also
        --------
        predict : The predicted classes.
        """
        best, weights = self._best(), {} if sample_weight is None else {"sample_weight": sample_weight}
        return self.scorer_(best, X, y, **weights)

    def extract(self, network: str | None = None, **options: Any) -> ExtractedClassifier:
        """Return a trained network of the chosen classifier as a small classifier.

        Parameters
        ----------
        network : {"main", "auxiliary"} or None, default=None
            Which network. If None, that of ``predict_with``.
        **options : dict
            Further arguments of ``DistilledTextClassifier.extract``, such as ``max_bytes``.

        Returns
        -------
        classifier : ExtractedClassifier
            Fitted and frozen.

        See Also
        --------
        DistilledTextClassifier.extract : Describes all options.
        """
        return self._best().extract(network, **options)

    def save(self, path: str | PathLike, *, metadata: Mapping[str, Any] | str | None = None) -> None:
        """Write the chosen classifier to a file, see ``DistilledTextClassifier.save``.

        Parameters
        ----------
        path : str or path-like
            The file; one that exists is replaced.
        metadata : dict, str or None, default=None
            Facts about the model to store in the file.

        See Also
        --------
        DistilledTextClassifier.save : Says what the file holds.
        skdistill.load : Loads the classifier.
        """
        self._best().save(path, metadata=metadata)

    def to_keras(self, network: str | None = None) -> Any:
        """Return a trained network of the chosen classifier, see ``DistilledTextClassifier.to_keras``.

        Parameters
        ----------
        network : {"main", "auxiliary"} or None, default=None
            Which network. If None, that of ``predict_with``.

        Returns
        -------
        model : keras.Model
            From padded token ids to logits.

        See Also
        --------
        DistilledTextClassifier.to_keras : Describes the model.
        """
        return self._best().to_keras(network)

    def _predictors(self):
        return self._best()._predictors()

    def _best(self):
        check_is_fitted(self, "best_estimator_")
        return self.best_estimator_

    def __getattr__(self, name):
        """Return a fitted attribute of the chosen classifier."""
        best = vars(self).get("best_estimator_")
        if best is not None and name.endswith("_") and not name.startswith("_") and hasattr(best, name):
            return getattr(best, name)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __sklearn_is_fitted__(self):
        return "best_estimator_" in vars(self)

    def _sk_visual_block_(self):
        if self.__sklearn_is_fitted__():
            return search_block("best_estimator_", self.best_estimator_)
        return search_block("estimator", DistilledTextClassifier() if self.estimator is None else self.estimator)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        of_base = get_tags(DistilledTextClassifier() if self.estimator is None else self.estimator)
        tags.input_tags, tags.classifier_tags = of_base.input_tags, of_base.classifier_tags
        return tags


def _accuracy(estimator, X, y, sample_weight=None):
    return estimator.score(X, y, sample_weight)
