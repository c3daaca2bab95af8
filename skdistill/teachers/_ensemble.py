"""What several teachers answer for documents.

Owns who is asked about which rows, in which batches, and the mean of the answers. It must
not know how a teacher comes to its answer.
"""

import numpy as np
from sklearn.frozen import FrozenEstimator
from sklearn.utils.validation import check_memory

from .._input.documents import take
from .._input.soft_targets import align
from ._folds import are_known, split_rows, without_single_rows
from ._teacher import Rows, answer, has_probabilities, prepare

BATCH_SIZE = 2048  # documents that a teacher is asked at once: what a progress bar counts and a memory keeps


class Teachers:
    """Teachers of a training set.

    Each is cloned and fitted on the labelled rows, when it is first asked; one inside
    ``FrozenEstimator`` is used as it is. One with ``decision_function`` only is
    calibrated on the same rows (Platt's sigmoid of cross-validated decisions).
    Teachers see no other rows, and their answers are averaged.

    Parameters
    ----------
    teachers : list of classifier
        As ``check_teachers`` returns them.
    documents : list of str, or ids of shape (n_samples, n_positions)
        The labelled rows; empty or None if all teachers are frozen.
    y : ndarray of shape (n_samples,), or indicators of shape (n_samples, n_labels)
        Their labels.
    weights : ndarray of shape (n_samples,) or None
        Unless they are all equal, given to teachers whose ``fit`` takes them, or the last
        step of a Pipeline does; with metadata routing enabled, to those that request them.
    classes : ndarray of shape (n_classes,)
        What is learned: the order of the answers.
    cv : int, splitter, iterable of splits or "in_sample", default=5
        How the labelled rows are answered out of fold; "in_sample": by teachers that were
        fitted on all of them. An int: stratified and not shuffled,
        as in ``cross_val_predict``, but a class may be too small for a row in each fold,
        and there are no more folds than rows.
    memory : str, joblib.Memory or None, default=None
        Keeps the answers, so that an equal teacher of equal rows is not fitted and not asked
        again; with ``random_state=None`` it then answers as it did first.
    target_type : {"multiclass", "multilabel"}, default="multiclass"
        "multilabel": y is indicators.
    progress : callable or None, default=None
        Called as ``progress(iterable, total=..., desc=...)``; returns an iterable.

    Raises
    ------
    ValueError
        Where a teacher cannot be fitted, or calibrated, for want of labelled rows.
    """

    def __init__(
        self, teachers, documents, y, weights, classes, *, cv=5, memory=None, target_type="multiclass", progress=None
    ):
        self._rows = _rows_of(documents, y, weights)
        self._classes, self._cv = classes, cv
        self._n_labels = len(classes) if target_type == "multilabel" else None
        self._memory = None if memory is None else check_memory(memory).cache(answer, ignore=["documents", "teacher"])
        self._progress = progress or (lambda iterable, total, desc: iterable)
        self._teachers = [(teacher, prepare(teacher, self._rows, self._n_labels)) for teacher in teachers]

    def own_answers(self):
        """What the teachers say of the labelled rows.

        A teacher that is fitted answers out of fold, unless ``cv`` is "in_sample", and not for
        rows whose class it did not see in the other folds: it could only mislead there.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes), float64
            NaN in rows for which no teacher answers. All are such where there is one row, or
            too few to leave two classes without a fold.

        Raises
        ------
        ValueError
            Where the splits are no partition of the rows, or answers are no probabilities.
        """
        rows = np.arange(len(self._rows.y))
        splits = self._splits()
        parts = []
        for teacher, prepared in self._teachers:
            parts.extend(self._folds(teacher, splits) if self._is_folded(teacher) else [(prepared, rows)])
        return self._mean(parts, self._rows.documents)

    def answers(self, documents):
        """What the teachers, fitted on all labelled rows, say of other documents.

        Parameters
        ----------
        documents : list of str, or ids of shape (n_documents, n_positions)

        Returns
        -------
        probabilities : ndarray of shape (n_documents, n_classes), float64

        Raises
        ------
        ValueError
            Where answers are no probabilities.
        """
        rows = np.arange(len(documents))
        return self._mean([(prepared, rows) for _, prepared in self._teachers], documents)

    def _splits(self):
        if any(self._is_folded(teacher) for teacher, _ in self._teachers):
            return split_rows(self._cv, self._rows.y)
        return []

    def _is_folded(self, teacher):
        in_sample = isinstance(self._cv, str) and self._cv == "in_sample"
        return not (in_sample or isinstance(teacher, FrozenEstimator))

    def _folds(self, teacher, splits):
        """A teacher of all rows but a fold, with the rows of it that it may be asked about; of every fold."""
        for train, test in splits:
            if not has_probabilities(teacher):
                train = without_single_rows(self._rows.y, train)
            seen = self._rows.y[train]
            if seen.ndim == 2 or len(set(seen.tolist())) > 1:
                asked = test[are_known(seen, self._rows.y[test])]
                yield prepare(teacher, self._rows.take(train), self._n_labels), asked

    def _mean(self, parts, documents):
        total = sum(-(-len(rows) // BATCH_SIZE) for _, rows in parts)
        sums, counts = np.zeros((len(documents), len(self._classes))), np.zeros((len(documents), 1))
        for teacher, rows in self._progress(_batches(parts), total=total, desc="Asking teachers"):
            sums[rows] += self._ask(teacher, take(documents, rows))
            counts[rows] += 1
        return np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)

    def _ask(self, teacher, documents):
        if self._memory is None:
            own_classes, probabilities = teacher.ask(documents)
        else:
            own_classes, probabilities = self._memory(teacher.key(documents), documents, teacher)
        if own_classes is None:
            return probabilities
        return align(probabilities, own_classes, self._classes, f"The teacher {teacher.name}")


def _rows_of(documents, y, weights):
    if documents is None or not len(documents):
        return Rows([], np.empty(0), None)
    return Rows(documents, y, None if weights is None or np.ptp(weights) == 0 else weights)


def _batches(parts):
    # Given up one by one, so that of the folds' teachers one only is in memory.
    while parts:
        teacher, rows = parts.pop(0)
        for start in range(0, len(rows), BATCH_SIZE):
            yield teacher, rows[start : start + BATCH_SIZE]
