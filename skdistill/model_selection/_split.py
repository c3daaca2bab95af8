"""Cross-validation where some rows have no label."""

import warnings
from collections.abc import Iterator
from numbers import Integral

import numpy as np
from numpy.random import RandomState
from numpy.typing import ArrayLike, NDArray
from sklearn.model_selection import BaseCrossValidator, StratifiedKFold, check_cv
from sklearn.utils import indexable

from .._input.labels import check_labels, find_labelled, take_labels


class LabeledStratifiedKFold(BaseCrossValidator):
    """Stratified folds of the labelled rows; unlabelled rows are in every training part.

    Where every row has a label, the folds are those of scikit-learn's ``StratifiedKFold``.

    Parameters
    ----------
    n_splits : int, default=5
        Number of folds, at least 2.
    unlabeled_label : object, default=None
        A value of y that stands for no label, such as -1, as in the classifier; ``numpy.nan``
        stands for all missing values. None in a list or in an array of objects means no label,
        whatever is passed. Other missing values are errors unless ``numpy.nan`` is passed.
    shuffle : bool, default=False
        Whether to shuffle the rows of each class before they are split into folds.
    random_state : int, RandomState instance or None, default=None
        Fixes the order if ``shuffle`` is True.

    See Also
    --------
    sklearn.model_selection.StratifiedKFold : The same where every row has a label.
    DistilledTextClassifier : Learns from rows with and without label.

    Notes
    -----
    All rows of the test parts have labels. If y is an array of objects, so are its parts, and
    scikit-learn's metrics take such an array of str, but not of int. With classes that are
    numbers, mark the unlabelled rows by a number, such as -1, and pass it as
    ``unlabeled_label``.

    Examples
    --------
    >>> from skdistill.model_selection import LabeledStratifiedKFold
    >>> y = ["good", "bad", None, "bad", "good", None]
    >>> for train, test in LabeledStratifiedKFold(n_splits=2).split(y, y):
    ...     print(train, test)
    [2 3 4 5] [0 1]
    [0 1 2 5] [3 4]
    """

    def __init__(
        self,
        n_splits: int = 5,
        *,
        unlabeled_label: object = None,
        shuffle: bool = False,
        random_state: int | RandomState | None = None,
    ) -> None:
        self.n_splits = n_splits
        self.unlabeled_label = unlabeled_label
        self.shuffle = shuffle
        self.random_state = random_state
        self._stratified()  # checks the parameters, which splitters do when they are made

    def _stratified(self):
        return StratifiedKFold(self.n_splits, shuffle=self.shuffle, random_state=self.random_state)

    def get_n_splits(self, X: object = None, y: object = None, groups: object = None) -> int:
        """Return the number of folds.

        Parameters
        ----------
        X, y, groups : object, default=None
            Ignored.

        Returns
        -------
        n_splits : int
            The parameter ``n_splits``.

        See Also
        --------
        split : Yields the folds.

        Examples
        --------
        >>> from skdistill.model_selection import LabeledStratifiedKFold
        >>> LabeledStratifiedKFold(n_splits=3).get_n_splits()
        3
        """
        return self.n_splits

    def split(
        self, X: object, y: ArrayLike, groups: object = None
    ) -> Iterator[tuple[NDArray[np.integer], NDArray[np.integer]]]:
        """Yield the training and test rows of each fold.

        Parameters
        ----------
        X : array-like of length n_samples
            The documents; only their number matters.
        y : array-like of shape (n_samples,)
            The labels.
        groups : object, default=None
            Ignored, with a warning.

        Yields
        ------
        train : ndarray of int
            The labelled rows of the other folds and all unlabelled rows, in order.
        test : ndarray of int
            The labelled rows of the fold, in order.

        Raises
        ------
        ValueError
            If y is None, no row has a label, a label is missing, no label can be equal to
            ``unlabeled_label``, every class has fewer rows than there are folds, y does not
            hold classes, or X and y differ in length.
        TypeError
            If y mixes str with labels of other types.

        Warns
        -----
        UserWarning
            If no row has ``unlabeled_label``.

        See Also
        --------
        get_n_splits : The number of folds.
        """
        if groups is not None:
            warnings.warn(f"The groups parameter is ignored by {type(self).__name__}", UserWarning, stacklevel=2)
        if y is None:
            raise ValueError("y must have labelled rows, which are stratified. Got None.")
        X, y = indexable(X, y)
        n_samples = y.shape[0] if hasattr(y, "shape") else len(y)
        is_labelled = find_labelled(y, n_samples, self.unlabeled_label)
        labelled = np.flatnonzero(is_labelled)
        if not len(labelled):
            raise ValueError("y must have labelled rows, which are stratified. Got none.")
        labels = take_labels(y, is_labelled)
        labels = check_labels(np.ravel(labels) if np.shape(labels)[1:] == (1,) else labels, len(labelled))
        for _, test in self._stratified().split(labelled, labels):
            test = labelled[test]
            yield np.setdiff1d(np.arange(n_samples), test), test


def check_splits(cv, X, y, labels, is_labelled, unlabeled_label):
    """Return the training and test rows of each split.

    Parameters
    ----------
    cv : int, cross-validation generator, iterable or None
        An int, or None for 5: stratified folds; of the labelled rows only, if some have no label; for multilabel y
        folds that are not stratified.
    X, y : indexable of length n_samples
        As the user passed them.
    labels : ndarray of shape (n_labelled,) or (n_labelled, n_labels)
        As ``check_labels`` returns them.
    is_labelled : ndarray of shape (n_samples,), bool
    unlabeled_label : object
        The parameter of the classifier.

    Returns
    -------
    splits : list of (ndarray of int, ndarray of int)
        All test rows have labels.
    """
    all_labelled = is_labelled.all()
    if (cv is None or isinstance(cv, Integral)) and not all_labelled:
        cv = LabeledStratifiedKFold(5 if cv is None else cv, unlabeled_label=unlabeled_label)
    rows = np.arange(len(is_labelled))
    splits = check_cv(cv, labels, classifier=True).split(X, labels if all_labelled else y)
    splits = [(rows[train], rows[test]) for train, test in splits]
    return [(train, test[is_labelled[test]]) for train, test in splits]
