"""One teacher: how it is fitted, calibrated and called; its probabilities are checked."""

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from sklearn import get_config
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils.metadata_routing import get_routing_for_object
from sklearn.utils.validation import has_fit_parameter

from .._input.documents import take
from .._input.soft_targets import check_probabilities
from ._frozen import TrainedTeacher, is_frozen
from ._hashing import hash_of

_CALIBRATION_FOLDS = 5


def name_of(teacher):
    """Return the name of a teacher in messages: its class, or the class inside ``FrozenEstimator``."""
    return type(teacher.estimator if isinstance(teacher, FrozenEstimator) else teacher).__name__


def has_probabilities(teacher):
    """Return whether a teacher has ``predict_proba``, or will have it once it is fitted."""
    return hasattr(teacher, "predict_proba") or _stacks_by_default(teacher)


def _stacks_by_default(teacher):
    """Return whether ``fit`` will add ``predict_proba``: a default final estimator, which is made in ``fit``."""
    if is_frozen(teacher) or not hasattr(teacher, "get_params"):
        return False
    from sklearn.ensemble import StackingClassifier  # would take half of this package's import time

    parts = [teacher, *teacher.get_params().values()]
    default = any(isinstance(part, StackingClassifier) and part.final_estimator is None for part in parts)
    return default and not hasattr(teacher, "decision_function")


@dataclass(frozen=True)
class LabelledRows:
    """Documents and their labels.

    Attributes
    ----------
    documents : list of str, ndarray of shape (n_rows, n_positions) or TextsOnDisk
    y : ndarray of shape (n_rows,) or, multilabel, (n_rows, n_labels)
    weights : ndarray of shape (n_rows,) or None
        None if they are all equal.
    target_type : {"multiclass", "multilabel"}
    """

    documents: Any
    y: np.ndarray
    weights: np.ndarray | None
    target_type: str

    def take(self, rows):
        """Return some of the rows, in the order given."""
        weights = None if self.weights is None else self.weights[rows]
        return replace(self, documents=take(self.documents, rows), y=self.y[rows], weights=weights)


def prepare(teacher, rows, tally):
    """Return a teacher that is fitted when its first probabilities are needed.

    Parameters
    ----------
    teacher : classifier
        Cloned, unless it is frozen; calibrated if it has only ``decision_function``.
    rows : LabelledRows
    tally : Tally
        Where its documents and seconds are counted.

    Returns
    -------
    teacher : Teacher

    Raises
    ------
    ValueError
        If there are too few rows to fit or to calibrate it.
    """
    if not has_probabilities(teacher):
        return Teacher(*_calibrate(teacher, rows), tally)
    if not (len(rows.y) or is_frozen(teacher)):
        raise ValueError(
            f"The teacher {name_of(teacher)} must be fitted on labelled rows. Got none: fit it first and wrap it in "
            "sklearn.frozen.FrozenEstimator."
        )
    return Teacher(clone(teacher), rows, tally)


def _calibrate(teacher, rows):
    """Return a classifier that calibrates the teacher, and the rows of the classes that it decides between."""
    name = name_of(teacher)
    if rows.target_type == "multilabel":
        raise ValueError(
            f"The teacher {name} has only decision_function, which is not calibrated for multilabel targets: give "
            "it predict_proba, for example by OneVsRestClassifier(CalibratedClassifierCV(...))."
        )
    rows, smallest = _calibration_rows(teacher, rows)
    if smallest < 2:
        raise ValueError(
            f"The teacher {name} has only decision_function, which is calibrated on the labelled rows: each of its "
            f"classes needs 2. Got {smallest}: give it predict_proba, for example by a CalibratedClassifierCV that "
            "is fitted on other rows and frozen."
        )
    folds = min(_CALIBRATION_FOLDS, smallest)
    calibrated = CalibratedClassifierCV(clone(teacher), method="sigmoid", ensemble=False, cv=folds)
    return calibrated, rows


def _calibration_rows(teacher, rows):
    """Return the rows of the classes that a teacher decides between, and the size of the smallest class."""
    labels = rows.y.tolist()
    counts = Counter(labels)
    if is_frozen(teacher):
        counts = {label: counts[label] for label in np.asarray(teacher.classes_).tolist()}
        rows = rows.take(np.flatnonzero([label in counts for label in labels]))
    return rows, min(counts.values(), default=0)


class Teacher:
    """An estimator with the rows that it is fitted on as soon as its probabilities are needed.

    Parameters
    ----------
    estimator : classifier
        With ``predict_proba``.
    rows : LabelledRows
        Of a frozen estimator only the target type and the number of labels matter.
    tally : Tally
        With the name of the teacher in messages. Documents and seconds are added to it.
    """

    def __init__(self, estimator, rows, tally):
        self.estimator, self.rows, self.tally, self.name = estimator, rows, tally, tally.name
        self._is_frozen = is_frozen(estimator)

    @cached_property
    def fitted(self):
        """The fitted estimator."""
        if self._is_frozen:
            return self.estimator
        names = [] if self.rows.weights is None else weight_parameters(self.estimator)
        with self._named_in_errors("in fit"), self.tally.timed("fit_time"):
            return self.estimator.fit(self.rows.documents, self.rows.y, **dict.fromkeys(names, self.rows.weights))

    @cached_property
    def _key(self):
        # The predictions of a frozen estimator do not depend on the rows. Each part is hashed by itself, so that
        # joblib's error shows the part that it could not hash.
        rows = None if self._is_frozen else (self.rows.documents, self.rows.y, self.rows.weights)
        n_labels = self.rows.y.shape[1:]  # empty for multiclass targets
        return hash_of((hash_of(self.estimator), hash_of(rows), n_labels))

    def key(self, documents):
        """Return a hash of all that the probabilities depend on, which is the same in other processes."""
        with self._named_in_errors("when hashed for teacher_memory"):
            return hash_of((self._key, documents))

    def predict_proba(self, documents):
        """Return the classes and the checked probabilities of documents.

        Parameters
        ----------
        documents : list of str or ndarray of shape (n_documents, n_positions)

        Returns
        -------
        classes : ndarray of shape (n_classes,) or None
            The classes of the columns, in the estimator's order; None for multilabel targets,
            whose columns are those of y.
        probabilities : ndarray of shape (n_documents, n_classes) or (n_documents, n_labels), float64
            NaN in rows that a ``TrainedTeacher`` has not answered.

        Raises
        ------
        ValueError
            If the estimator returns no probabilities, or another shape.
        """
        fitted = self.fitted
        with self._named_in_errors("in predict_proba"), self.tally.timed("predict_time"):
            probabilities = fitted.predict_proba(documents)
        self.tally.n_predicted += len(documents)
        if self.rows.target_type == "multilabel":
            if isinstance(probabilities, list):
                probabilities = _join_labels(fitted, probabilities)
            return None, self._checked(probabilities, (len(documents), self.rows.y.shape[1]))
        with self._named_in_errors("in classes_"):
            classes = np.asarray(fitted.classes_)
        return classes, self._checked(probabilities, (len(documents), len(classes)))

    def _checked(self, probabilities, shape):
        with self._named_in_errors("in predict_proba"):
            probabilities = np.asarray(probabilities, dtype=np.float64)
        if probabilities.shape != shape:
            raise ValueError(
                f"predict_proba of the teacher {self.name} must return shape {shape}. Got {probabilities.shape}."
            )
        is_missing = np.isnan(probabilities)
        if isinstance(self.estimator, TrainedTeacher):
            is_missing &= ~is_missing.all(axis=1, keepdims=True)  # rows of NaN alone are without an answer
        if is_missing.any():
            raise ValueError(f"predict_proba of the teacher {self.name} must return probabilities. Got nan.")
        name = f"predict_proba of the teacher {self.name}, for {len(probabilities)} documents,"
        check_probabilities(probabilities, self.rows.target_type, name)
        return probabilities

    @contextmanager
    def _named_in_errors(self, place):
        try:
            yield
        except Exception as error:  # any error of the user's teacher: raised again, with a note
            error.add_note(f"Raised by the teacher {self.name} {place}.")
            raise


def predict_with_key(key, documents, teacher):
    """Return what ``teacher.predict_proba`` does; joblib's Memory caches it by the key alone."""
    return teacher.predict_proba(documents)


def _join_labels(fitted, probabilities):
    """Return the probability of 1 for each label.

    Forests and nearest neighbours return one array per label, with one column per value that
    they saw: a single column where a label had the same value in all rows.
    """
    values = getattr(fitted, "classes_", [(0, 1)] * len(probabilities))
    return np.column_stack([np.asarray(p) @ np.asarray(values_of) for p, values_of in zip(probabilities, values)])


def weight_parameters(estimator):
    """Return the names under which ``fit`` takes sample weights."""
    if get_config()["enable_metadata_routing"]:
        return sorted(get_routing_for_object(estimator).consumes("fit", ["sample_weight"]))
    if isinstance(estimator, CalibratedClassifierCV) and estimator.estimator is not None:
        return weight_parameters(estimator.estimator)  # it warns if its estimator takes no weights
    if isinstance(estimator, Pipeline):
        step, last = estimator.steps[-1]
        return [f"{step}__{name}" for name in weight_parameters(last)]
    return ["sample_weight"] if has_fit_parameter(estimator, "sample_weight") else []
