"""The report: what each network gains from what it learns from others, measured on the same folds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs
from numpy.typing import ArrayLike
from sklearn.pipeline import Pipeline
from sklearn.utils import check_random_state

from .._classifier import DistilledTextClassifier
from .._input.documents import is_collection
from .._progress import progress_bar
from .._scored_rows import ScoredRows
from ..metrics._scorers import scorer_of
from ..model_selection._split import check_splits
from ..text.augmentation import TransferSet
from ._result import COLUMNS, DistillationReport
from ._variants import measure_split, names_of_variants


def distillation_report(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    cv: Any = 5,
    n_repeats: int = 1,
    scoring: str | Callable[..., Any] | Sequence[str] | Mapping[str, Any] | None = None,
    n_jobs: int | None = None,
    random_state: int | np.random.RandomState | None = None,
    sample_weight: ArrayLike | None = None,
    X_unlabeled: Any = None,
    soft_targets: Any = None,
    soft_target_classes: ArrayLike | None = None,
    label_smoothing: float = 0.1,
    verbose: int = 0,
) -> DistillationReport:
    """Measure what the networks of an estimator gain from each other and from a teacher.

    On each split of ``cv``, with the same rows and seeds, it fits and measures:

    ``main_alone``, ``auxiliary_alone``
        Each network by itself, on the labelled rows and nothing else.
    ``label_smoothing``
        The main network alone, with smoothed labels: what softer targets do without a second network.
    ``main``, ``auxiliary``, ``ensemble``
        The networks of the estimator as given, and the mean of their probabilities.
    ``teacher``
        The teacher, if there is one, fitted on the labelled rows; or the ``soft_targets`` of the test rows.

    A network alone starts from the same weights as in the estimator, has its batch size, and as many steps:
    with unlabelled rows, which make an epoch longer, it has more epochs instead.

    Parameters
    ----------
    estimator : DistilledTextClassifier or Pipeline
        With an auxiliary network, a teacher, or ``soft_targets``. A Pipeline must end in a classifier; the other
        steps are fitted once per split, and all variants get what they return.
    X : collection of str of length n_samples, or ids of shape (n_samples, n_positions)
        The documents.
    y : array-like of shape (n_samples,), or indicators of shape (n_samples, n_labels)
        The labels. Rows without label, as the classifier takes them, are trained on and not tested.
    cv : int, cross-validation generator or iterable, default=5
        The splits, at least 2. An int: stratified folds, not shuffled; of the labelled rows only, if some have
        no label; for multilabel y folds that are not stratified. ``RepeatedStratifiedKFold`` gives more splits.
    n_repeats : int, default=1
        How often each variant is fitted on each split, each time with another seed. Scores are averaged over
        the seeds.
    scoring : str, callable, list of str, dict of str to callable, or None, default=None
        Further scores, as ``cross_validate`` takes them. The verdict is about the first of them; if None, about
        the accuracy.
    n_jobs : int or None, default=None
        Splits that are measured at the same time. Times are reliable only with 1.
    random_state : int, RandomState instance or None, default=None
        Determines the seeds, which replace the estimator's ``random_state``. If None, the estimator's
        ``random_state`` determines them.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the rows, in fits and in all scores but those of ``scoring``.
    X_unlabeled : object, default=None
        Documents without labels for the estimator as given, as ``DistilledTextClassifier.fit`` takes them.
    soft_targets : array-like of shape (n_samples, n_known_classes), default=None
        Precomputed probabilities for the estimator as given, as ``fit`` takes them.
    soft_target_classes : array-like of shape (n_known_classes,), default=None
        The classes of the columns of an array.
    label_smoothing : float, default=0.1
        The fraction of a label that is spread over all classes in the variant ``label_smoothing``.
    verbose : int, default=0
        Above 0: a progress bar over the fits of all variants and splits.

    Returns
    -------
    report : DistillationReport
        The measurements.

    Raises
    ------
    TypeError
        If the estimator is neither a ``DistilledTextClassifier`` nor a Pipeline that ends
        in one.
    ValueError
        If there is only one split, the networks learn from nothing but the labels, or no fit succeeds.

    Warns
    -----
    FitFailedWarning
        If some fits fail. Their numbers are missing; those of the other variants are not.

    See Also
    --------
    skdistill.metrics.agreement, skdistill.metrics.fidelity, skdistill.metrics.churn : How networks are compared.

    Notes
    -----
    The verdict on a network compares its score with that of the same network alone, by the corrected resampled
    t-test of Nadeau and Bengio 2003 (Inference for the Generalization Error). "HELPS": the 95 % interval of the
    difference lies above 0. "HURTS": it lies below 0. "NO DIFFERENCE": it contains 0, or all splits have the same
    difference, whose variance cannot be estimated. This does not prove that there is no difference: the interval
    shows how large one may still be.

    Examples
    --------
    >>> from skdistill import DistilledTextClassifier
    >>> from skdistill.inspection import distillation_report
    >>> texts, labels = ["good food", "bad food", "a good film", "a bad film"] * 5, ["pos", "neg"] * 10
    >>> classifier = DistilledTextClassifier(max_iter=2, random_state=0)
    >>> report = distillation_report(classifier, texts, labels, cv=2)
    >>> report.verdict_["main"].word
    'NO DIFFERENCE'
    >>> list(report.arms_)
    ['main_alone', 'auxiliary_alone', 'label_smoothing', 'main', 'auxiliary', 'ensemble']
    """
    before, classifier = _find_classifier(estimator)
    _check_numbers(n_repeats, label_smoothing)
    if classifier.auxiliary is None and classifier.teacher is None and soft_targets is None:
        raise ValueError(
            "estimator must have an auxiliary network or a teacher, or soft_targets must be passed. Got "
            "auxiliary=None and teacher=None: there is nothing to compare."
        )
    _check_unlabeled(X_unlabeled, before)
    scorers = _scorers(scoring)
    given = (sample_weight, X_unlabeled, soft_targets, soft_target_classes)
    data = ScoredRows.check(X, y, *given, classifier.unlabeled_label)
    splits = _splits(cv, data, classifier.unlabeled_label)
    random_state = classifier.random_state if random_state is None else random_state
    seeds = check_random_state(random_state).randint(2**31 - 1, size=n_repeats).tolist()

    names = names_of_variants(classifier, soft_targets is not None)
    arguments = {"seeds": seeds, "scorers": scorers, "smoothing": label_smoothing}
    n_fits = len(set(names) - {"auxiliary", "ensemble"}) * n_repeats  # those are measured with "main"
    with progress_bar(total=n_fits * len(splits), desc="Variants", unit="fit", disable=not verbose) as bar:
        if effective_n_jobs(n_jobs) == 1:
            found = [
                measure_split(classifier, before, data, split, advance=bar.update, **arguments) for split in splits
            ]
        else:
            tasks = [delayed(measure_split)(classifier, before, data, split, **arguments) for split in splits]
            found = Parallel(n_jobs)(tasks)
            bar.update(n_fits * len(splits))
    test_ratio = np.mean([len(test) for _, test in splits]) / np.mean(
        [np.count_nonzero(data.is_labelled[train]) for train, _ in splits]
    )
    metric = next(iter(scorers), "accuracy")
    return DistillationReport._from_splits(found, names, metric, seeds, list(scorers), float(test_ratio))


def _find_classifier(estimator):
    """Return the steps before the classifier, or None, and the classifier."""
    if isinstance(estimator, Pipeline) and isinstance(estimator.steps[-1][1], DistilledTextClassifier):
        before = estimator[:-1] if len(estimator.steps) > 1 else None
        return before, estimator.steps[-1][1]
    if isinstance(estimator, DistilledTextClassifier):
        return None, estimator
    last = f" that ends in {type(estimator.steps[-1][1]).__name__}" if isinstance(estimator, Pipeline) else ""
    raise TypeError(
        "estimator must be a DistilledTextClassifier, or a Pipeline whose last step is one. Got "
        f"{type(estimator).__name__}{last}."
    )


def _check_numbers(n_repeats, label_smoothing):
    if not isinstance(n_repeats, Integral) or n_repeats < 1:
        raise ValueError(f"n_repeats must be an int of at least 1. Got {n_repeats!r}.")
    if not isinstance(label_smoothing, Real) or not 0 < label_smoothing < 1:
        raise ValueError(f"label_smoothing must be between 0 and 1, both excluded. Got {label_smoothing!r}.")


def _check_unlabeled(X_unlabeled, before):
    """Raise a TypeError where the steps of a Pipeline cannot transform unlabelled documents."""
    if before is None or X_unlabeled is None or isinstance(X_unlabeled, TransferSet):
        return
    first = X_unlabeled[0] if isinstance(X_unlabeled, (list, tuple)) and len(X_unlabeled) else ""
    is_batches = is_collection(first) and not isinstance(first, str)
    if is_batches or not is_collection(X_unlabeled):
        raise TypeError(
            "X_unlabeled must be one collection of documents where estimator is a Pipeline, whose steps transform it. "
            f"Got {type(X_unlabeled).__name__}{' of collections' if is_batches else ''}."
        )


def _scorers(scoring):
    """Return the scorers by name."""
    if scoring is None:
        return {}
    if isinstance(scoring, Mapping):
        scorers = {name: scorer_of(scorer) for name, scorer in scoring.items()}
    elif isinstance(scoring, (list, tuple, set)):
        scorers = {name: scorer_of(name) for name in scoring}
    else:
        scorers = {scoring if isinstance(scoring, str) else "score": scorer_of(scoring)}
    taken = scorers.keys() & (COLUMNS.keys() - {"accuracy"})
    if taken:
        raise ValueError(f"scoring must not use names of the report's own columns. Got {min(taken)!r}.")
    return scorers


def _splits(cv, data, unlabeled_label):
    """Return the training and test rows of each split; test rows have labels and weights above 0."""
    splits = check_splits(cv, data.X, data.y, data.labels, data.is_labelled, unlabeled_label)
    if data.sample_weight is not None:
        splits = [(train, test[data.sample_weight[test] > 0]) for train, test in splits]
    if len(splits) < 2:
        raise ValueError(
            f"cv must give at least 2 splits: a single one has no variance for a test. Got {len(splits)}."
        )
    if not all(len(test) for _, test in splits):
        raise ValueError("cv must give test parts with labelled rows of weight above 0. Got one without any.")
    return splits
