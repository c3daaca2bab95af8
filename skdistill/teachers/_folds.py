"""Which rows a teacher is fitted on, and which of the others it may be asked about.

Owns the folds of rows by their labels. It must not know teachers or documents.
"""

from collections import Counter
from numbers import Integral

import numpy as np
from sklearn.model_selection import PredefinedSplit, check_cv


def split_rows(cv, y):
    """Training and test rows of each fold.

    Parameters
    ----------
    cv : int, splitter or iterable of splits
        An int: as many folds as that, or as there are rows.
    y : ndarray of shape (n_samples,), or indicators of shape (n_samples, n_labels)

    Returns
    -------
    splits : list of (ndarray, ndarray)
        Each row is in one test part. Empty where there is one row.

    Raises
    ------
    ValueError
        Where the splits are no partition, or a row is in both parts of one.
    """
    if isinstance(cv, Integral) and cv < 2:
        raise ValueError(f"teacher_cv must be at least 2 folds. Got {cv}.")
    if len(y) < 2:
        return []
    splitter = (
        PredefinedSplit(_folds_of(min(cv, len(y)), y))
        if isinstance(cv, Integral)
        else check_cv(cv, y, classifier=True)
    )
    try:
        splits = [(np.asarray(train), np.asarray(test)) for train, test in splitter.split(np.empty((len(y), 0)), y)]
    except Exception as error:
        error.add_note(f"Raised by teacher_cv, asked to split {len(y)} labelled rows.")
        raise
    _check_partition(splits, len(y), type(cv).__name__)
    return splits


def _check_partition(splits, n_rows, name):
    tested = np.concatenate([np.empty(0, dtype=int), *(test for _, test in splits)])
    if not np.array_equal(np.sort(tested), np.arange(n_rows)):
        raise ValueError(
            f"teacher_cv must be a partition of the {n_rows} labelled rows, each in one test part, as KFold and "
            f"StratifiedKFold make them. Got {name} with {len(tested)} rows in its test parts."
        )
    for number, (train, test) in enumerate(splits):
        if not np.isin(train, tested).all() or np.isin(train, test).any() or not len(train):
            raise ValueError(
                f"teacher_cv must have training parts of other rows than the test parts, below {n_rows}. Got {name}, "
                f"whose split {number} has not."
            )


def _folds_of(n_splits, y):
    """The test fold of each row, as ``StratifiedKFold`` has it, or ``KFold`` for indicators.

    Those refuse or warn where a class has fewer rows than there are folds.
    """
    codes = np.zeros(len(y), dtype=int)
    if y.ndim == 1:
        _, first, inverse = np.unique(y, return_index=True, return_inverse=True)
        codes = first[inverse]  # classes in the order in which they appear
    by_class = np.argsort(codes, kind="stable")
    turns = np.arange(len(y)) % n_splits
    folds = np.empty(len(y), dtype=int)
    folds[by_class] = turns[np.lexsort((turns, codes[by_class]))]
    return folds


def without_single_rows(y, rows):
    """Without the rows whose class has no other row: calibration needs two."""
    labels = y[rows].tolist()
    counts = Counter(labels)
    return rows[np.array([counts[label] > 1 for label in labels], dtype=bool)]


def are_known(seen, asked):
    """Whether what a teacher would be asked about is among what it saw.

    Parameters
    ----------
    seen : ndarray of shape (n_seen,) or (n_seen, n_labels)
        The labels of the rows that it is fitted on.
    asked : ndarray of shape (n_asked,) or (n_asked, n_labels)
        Those of other rows.

    Returns
    -------
    known : ndarray of shape (n_asked,), bool
        Of indicators: whether each label was seen to hold, or not to hold, as it does in the row.
    """
    if seen.ndim == 2:
        strange = np.where(asked == 1, ~seen.any(axis=0), seen.all(axis=0))
        return ~strange.any(axis=1)
    labels = set(seen.tolist())
    return np.array([label in labels for label in asked.tolist()], dtype=bool)
