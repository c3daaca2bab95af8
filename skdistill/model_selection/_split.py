"""Cross-validation where some rows have no label.

Owns which rows train and which test. It must not know how an estimator learns from
rows without label.
"""

import warnings

import numpy as np
from sklearn.model_selection import BaseCrossValidator, StratifiedKFold
from sklearn.utils import indexable

from .._input.labels import check_labels, is_unlabelled, take_labels


class LabeledStratifiedKFold(BaseCrossValidator):
    """Stratified folds of the labelled rows; rows without label are in every training part.

    Where no row lacks a label, the folds are those of scikit-learn's StratifiedKFold.

    Parameters
    ----------
    n_splits : int, default=5
        Folds, at least 2.
    unlabeled_label : object, default=None
        The value of y that means no label, as in the classifier. None: every value is a
        class. None, and what pandas and polars put for it in types of their own, mean no
        label in any case; NaN elsewhere does only where it is given here.
    shuffle : bool, default=False
        Whether to shuffle the rows of each class before they are dealt out.
    random_state : int, RandomState instance or None, default=None
        Fixes the order where ``shuffle``.

    Notes
    -----
    All rows of the test parts have labels. Where y is an array of objects, so are its parts,
    and scikit-learn's metrics take such an array of str, not of int: with classes that are
    numbers mark rows without label by a number, such as -1, and pass it as ``unlabeled_label``.

    Examples
    --------
    >>> from skdistill.model_selection import LabeledStratifiedKFold
    >>> y = ["good", "bad", None, "bad", "good", None]
    >>> for train, test in LabeledStratifiedKFold(n_splits=2).split(y, y):
    ...     print(train, test)
    [2 3 4 5] [0 1]
    [0 1 2 5] [3 4]
    """

    def __init__(self, n_splits=5, *, unlabeled_label=None, shuffle=False, random_state=None):
        self.n_splits = n_splits
        self.unlabeled_label = unlabeled_label
        self.shuffle = shuffle
        self.random_state = random_state
        # It checks them, at once as all splitters do.
        self._stratified()

    def _stratified(self):
        return StratifiedKFold(self.n_splits, shuffle=self.shuffle, random_state=self.random_state)

    def get_n_splits(self, X=None, y=None, groups=None):
        """Number of folds.

        Parameters
        ----------
        X, y, groups : None
            Ignored.

        Returns
        -------
        n_splits : int
        """
        return self.n_splits

    def split(self, X, y, groups=None):
        """Rows to train on and rows to test on, fold by fold.

        Parameters
        ----------
        X : array-like of length n_samples
            The documents, of which only the number matters.
        y : array-like of shape (n_samples,)
            The labels.
        groups : None
            Ignored.

        Yields
        ------
        train : ndarray of int
            Labelled rows of the other folds and all rows without label, in order.
        test : ndarray of int
            Labelled rows, in order.

        Raises
        ------
        ValueError
            No labelled row, every class with fewer rows than folds, labels that are no
            classes, or X and y of different lengths.
        TypeError
            Labels of several kinds.
        """
        if groups is not None:
            warnings.warn(f"The groups parameter is ignored by {type(self).__name__}", UserWarning, stacklevel=2)
        X, y = indexable(X, y)
        y = np.ravel(y) if np.shape(y)[1:] == (1,) else y
        is_labelled = ~is_unlabelled(y, self.unlabeled_label)
        labelled = np.flatnonzero(is_labelled)
        if not len(labelled):
            raise ValueError("y must have labelled rows, for they are what is stratified. Got none.")
        labels = check_labels(take_labels(y, is_labelled), len(labelled))
        for _, test in self._stratified().split(labelled, labels):
            test = labelled[test]
            yield np.setdiff1d(np.arange(len(y)), test), test
