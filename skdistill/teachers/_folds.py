"""Out-of-fold predictions: the splits of the labelled rows, and which test rows a fold can be used for."""

from collections import Counter
from numbers import Integral

import numpy as np
from sklearn.model_selection import PredefinedSplit, check_cv


def split_rows(cv, y, target_type):
    """Return the training and test rows of each fold.

    Parameters
    ----------
    cv : int, splitter or iterable of splits
        For an int, at most as many folds as rows.
    y : ndarray of shape (n_samples,) or (n_samples, n_labels)
    target_type : {"multiclass", "multilabel"}

    Returns
    -------
    splits : list of (ndarray, ndarray)
        Each row is in exactly one test part. Empty if there are fewer than two rows.

    Raises
    ------
    ValueError
        If the test parts are not a partition of the rows, or a row is in both parts of a
        split.
    """
    if isinstance(cv, Integral) and cv < 2:
        raise ValueError(f"teacher_cv must be at least 2 folds. Got {cv}.")
    if len(y) < 2:
        return []
    splitter = (
        PredefinedSplit(assign_folds(min(cv, len(y)), y, target_type))
        if isinstance(cv, Integral)
        else check_cv(cv, y, classifier=True)
    )
    try:
        splits = [(np.asarray(train), np.asarray(test)) for train, test in splitter.split(np.empty((len(y), 0)), y)]
    except Exception as error:  # any error of the user's splitter: raised again, with a note
        error.add_note(f"Raised by teacher_cv, which splits the {len(y)} labelled rows.")
        raise
    _check_partition(splits, len(y), type(cv).__name__)
    return splits


def _check_partition(splits, n_rows, name):
    tested = np.concatenate([np.empty(0, dtype=int), *(test for _, test in splits)])
    if not np.array_equal(np.sort(tested), np.arange(n_rows)):
        raise ValueError(
            f"The test parts of teacher_cv must be a partition of the {n_rows} labelled rows, as those of KFold and "
            f"StratifiedKFold are. Got {name} with {len(tested)} rows in its test parts."
        )
    for number, (train, test) in enumerate(splits):
        if not np.isin(train, tested).all() or np.isin(train, test).any() or not len(train):
            raise ValueError(
                f"Each training part of teacher_cv must hold rows below {n_rows} that are not in its test part, and "
                f"at least one. Got {name}, whose split {number} does not."
            )


def assign_folds(n_splits, y, target_type):
    """Return the test fold of each row, as ``StratifiedKFold`` or, for multilabel targets, ``KFold`` assigns it.

    Those raise an error or warn if a class has fewer rows than there are folds.
    """
    codes = np.zeros(len(y), dtype=int)
    if target_type == "multiclass":
        _, first, inverse = np.unique(y, return_index=True, return_inverse=True)
        codes = first[inverse]  # classes in the order in which they appear
    by_class = np.argsort(codes, kind="stable")
    turns = np.arange(len(y)) % n_splits
    folds = np.empty(len(y), dtype=int)
    folds[by_class] = turns[np.lexsort((turns, codes[by_class]))]
    return folds


def without_single_rows(y, rows):
    """Return the rows whose class has at least two of them, as calibration needs."""
    labels = y[rows].tolist()
    counts = Counter(labels)
    return rows[np.array([counts[label] > 1 for label in labels], dtype=bool)]


def are_known(train, test, target_type):
    """Return which test rows have only labels that occur in the training rows.

    Parameters
    ----------
    train : ndarray of shape (n_train,) or (n_train, n_labels)
        The labels of the rows that a teacher is fitted on.
    test : ndarray of shape (n_test,) or (n_test, n_labels)
    target_type : {"multiclass", "multilabel"}
        For multilabel targets, both 0 and 1 of each label count as labels that must occur.

    Returns
    -------
    known : ndarray of shape (n_test,), bool
    """
    if target_type == "multilabel":
        unknown = np.where(test == 1, ~train.any(axis=0), train.all(axis=0))
        return ~unknown.any(axis=1)
    labels = set(train.tolist())
    return np.array([label in labels for label in test.tolist()], dtype=bool)
