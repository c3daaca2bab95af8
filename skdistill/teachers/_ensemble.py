"""The teachers of a fit: which rows each is fitted on and predicts, and the mean of their probabilities."""

import numpy as np
from sklearn.utils.validation import check_memory

from .._input.chunks import document_slices
from .._input.soft_targets import align
from ._folds import are_known, split_rows, without_single_rows
from ._frozen import is_frozen
from ._tally import Tally
from ._teacher import LabelledRows, has_probabilities, name_of, predict_with_key, prepare

BATCH_SIZE = 2048  # documents per call of predict_proba: the unit of the progress bar and of the cache


class TeacherEnsemble:
    """Teachers of a training set, whose probabilities are averaged.

    Each is cloned and fitted on the labelled rows alone, when its probabilities are first
    needed; one inside ``FrozenEstimator`` is used as it is. One with only
    ``decision_function`` is calibrated on the same rows (Platt's sigmoid of
    cross-validated decisions).

    Parameters
    ----------
    teachers : list of classifier
        As ``check_teachers`` returns them.
    documents : list of str, ids of shape (n_samples, n_positions) or TextsOnDisk
        The labelled rows; empty or None if all teachers are frozen.
    y : ndarray of shape (n_samples,), or indicators of shape (n_samples, n_labels)
        Their labels.
    weights : ndarray of shape (n_samples,) or None
        Unless they are all equal, they are passed to teachers whose ``fit``, or that of the
        last step of a Pipeline, takes them; with metadata routing enabled, to those that
        request them.
    classes : ndarray of shape (n_classes,)
        The classes that are learned, in the order of the columns.
    cv : int, splitter, iterable of splits or "in_sample", default=5
        The folds of the out-of-fold predictions for the labelled rows. An int means stratified
        folds, not shuffled, as in ``cross_val_predict``; but a class may have fewer rows than
        there are folds, and there are at most as many folds as rows. "in_sample": the
        predictions of teachers that were fitted on all of these rows.
    memory : str, joblib.Memory or None, default=None
        Caches the probabilities, so that an equal teacher of equal rows is neither fitted nor
        called again. One with ``random_state=None`` then repeats its first probabilities.
    target_type : {"multiclass", "multilabel"}, default="multiclass"
        "multilabel": y is indicators.
    progress : callable or None, default=None
        Called as ``progress(iterable, total=..., desc=...)``; returns an iterable.

    Raises
    ------
    ValueError
        If there are too few labelled rows to fit or calibrate a teacher.
    """

    def __init__(
        self, teachers, documents, y, weights, classes, *, cv=5, memory=None, target_type="multiclass", progress=None
    ):
        self._rows = _labelled_rows(documents, y, weights, target_type, len(classes))
        self._classes, self._cv = classes, cv
        self._progress = progress or (lambda iterable, total, desc: iterable)
        self._cached = None
        if memory is not None:
            self._cached = check_memory(memory).cache(predict_with_key, ignore=["documents", "teacher"])
        self._teachers = [(teacher, prepare(teacher, self._rows, Tally(name_of(teacher)))) for teacher in teachers]

    def training_probabilities(self):
        """Return the probabilities of the labelled rows, by default out of fold.

        Frozen teachers, and all teachers if ``cv`` is "in_sample", predict the rows as they
        are. Otherwise each row is predicted by a clone that was fitted on the other folds;
        but not if its class does not occur there, because the prediction could only
        mislead.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes), float64
            The mean over the teachers that predict a row; NaN in rows without any. Out of
            fold these are all rows if there are too few to fit on two classes.

        Raises
        ------
        ValueError
            If the splits are not a partition of the rows, or a teacher returns no
            probabilities.
        """
        rows = np.arange(len(self._rows.y))
        splits = self._splits()
        parts = []
        for teacher, prepared in self._teachers:
            if self._is_out_of_fold(teacher):
                parts.extend(self._fold_teachers(teacher, splits, prepared.tally))
            else:
                parts.append((prepared, rows))
        return self._average(parts, self._rows.documents, self._rows.y)

    def predict_proba(self, documents):
        """Return the mean of the probabilities by teachers that are fitted on all labelled rows.

        Parameters
        ----------
        documents : list of str, or ids of shape (n_documents, n_positions)
            Other documents than the labelled rows.

        Returns
        -------
        probabilities : ndarray of shape (n_documents, n_classes), float64

        Raises
        ------
        ValueError
            If a teacher returns no probabilities.
        """
        rows = np.arange(len(documents))
        return self._average([(prepared, rows) for _, prepared in self._teachers], documents)

    def report(self):
        """Return what each teacher has done so far, as the attribute ``teacher_report_`` of the classifier."""
        return [prepared.tally.as_dict() for _, prepared in self._teachers]

    def _splits(self):
        if any(self._is_out_of_fold(teacher) for teacher, _ in self._teachers):
            return split_rows(self._cv, self._rows.y, self._rows.target_type)
        return []

    def _is_out_of_fold(self, teacher):
        in_sample = isinstance(self._cv, str) and self._cv == "in_sample"
        return not (in_sample or is_frozen(teacher))

    def _fold_teachers(self, teacher, splits, tally):
        """Yield, for each fold, a clone for the other folds and the rows that it predicts."""
        target_type = self._rows.target_type
        for train, test in splits:
            if not has_probabilities(teacher):
                train = without_single_rows(self._rows.y, train)
            rows = self._rows.take(train)
            if target_type == "multilabel" or len(set(rows.y.tolist())) > 1:
                yield prepare(teacher, rows, tally), test[are_known(rows.y, self._rows.y[test], target_type)]

    def _average(self, parts, documents, labels=None):
        """Return the mean over pairs of a teacher and the rows that it predicts; NaN in rows without an answer.

        The labels of the documents, if they have some, are compared with what each teacher predicts.
        """
        for _, prepared in self._teachers:
            prepared.tally.n_rows += len(documents)
        total = sum(-(-len(rows) // BATCH_SIZE) for _, rows in parts)
        sums, counts = np.zeros((len(documents), len(self._classes))), np.zeros((len(documents), 1))
        batches = self._progress(_batches(parts, documents), total=total, desc="Teacher predictions")
        for teacher, rows, of_rows in batches:
            probabilities = self._predict_batch(teacher, of_rows)
            answered = ~np.isnan(probabilities).any(axis=1)
            teacher.tally.count(answered)
            rows, probabilities = rows[answered], probabilities[answered]
            if labels is not None:
                teacher.tally.compare(probabilities, labels[rows], self._classes)
            sums[rows] += probabilities
            counts[rows] += 1
        return np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)

    def _predict_batch(self, teacher, documents):
        if self._cached is None:
            classes, probabilities = teacher.predict_proba(documents)
        else:
            classes, probabilities = self._cached(teacher.key(documents), documents, teacher)
        if self._rows.target_type == "multilabel":
            return probabilities
        return align(probabilities, classes, self._classes, f"The teacher {teacher.name}")


def _labelled_rows(documents, y, weights, target_type, n_classes):
    if documents is None or not len(documents):
        documents, y, weights = [], np.empty((0, n_classes) if target_type == "multilabel" else 0), None
    if weights is not None and np.ptp(weights) == 0:
        weights = None
    return LabelledRows(documents, y, weights, target_type)


def _batches(parts, documents):
    # Each teacher is removed from the list before the next is fitted, so that only one of the folds' is in memory.
    while parts:
        teacher, rows = parts.pop(0)
        for batch in document_slices(documents, rows, BATCH_SIZE):
            yield teacher, *batch
