"""How one teacher comes to its answers.

Owns its fitting, its calibration, the check of what it says and the key under which
that is kept. It must not know other teachers, or the order in which classes are learned.
"""

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from joblib.hashing import NumpyHasher
from sklearn import get_config
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils.metadata_routing import get_routing_for_object
from sklearn.utils.validation import has_fit_parameter

from .._input.documents import take
from .._input.soft_targets import check_probabilities

_CALIBRATION_FOLDS = 5


def name_of(teacher):
    """What errors call a teacher."""
    return type(teacher.estimator if isinstance(teacher, FrozenEstimator) else teacher).__name__


def has_probabilities(teacher):
    """Whether a teacher will have ``predict_proba`` when it is fitted."""
    return hasattr(teacher, "predict_proba") or _stacks_by_default(teacher)


def _stacks_by_default(teacher):
    """Whether a logistic regression will answer that is made in fit only: until then there is no predict_proba."""
    if isinstance(teacher, FrozenEstimator) or not hasattr(teacher, "get_params"):
        return False
    from sklearn.ensemble import StackingClassifier  # half of what importing this package would cost

    parts = [teacher, *teacher.get_params().values()]
    default = any(isinstance(part, StackingClassifier) and part.final_estimator is None for part in parts)
    return default and not hasattr(teacher, "decision_function")


@dataclass(frozen=True)
class Rows:
    """Labelled rows; ``weights`` is None where they are all equal."""

    documents: Any
    y: np.ndarray
    weights: np.ndarray | None

    def take(self, rows):
        """Some of them, in the order given."""
        weights = None if self.weights is None else self.weights[rows]
        return Rows(take(self.documents, rows), self.y[rows], weights)


def prepare(teacher, rows, n_labels=None):
    """A teacher that is fitted when it is asked.

    Parameters
    ----------
    teacher : classifier
        Cloned, unless it is frozen; calibrated if it has ``decision_function`` only.
    rows : Rows
    n_labels : int or None
        With several labels a row.

    Returns
    -------
    teacher : Teacher

    Raises
    ------
    ValueError
        Where there are too few rows to fit or to calibrate it.
    """
    if not has_probabilities(teacher):
        return _calibrate(teacher, rows, n_labels)
    if not (len(rows.y) or isinstance(teacher, FrozenEstimator)):
        raise ValueError(
            f"The teacher {name_of(teacher)} is to be fitted on labelled rows, and there are none: fit it before and "
            "wrap it in sklearn.frozen.FrozenEstimator."
        )
    return Teacher(clone(teacher), rows, name_of(teacher), n_labels)


def _calibrate(teacher, rows, n_labels):
    name = name_of(teacher)
    if n_labels is not None:
        raise ValueError(
            f"The teacher {name} has decision_function only, which is not calibrated for several labels a row: "
            "give it predict_proba by OneVsRestClassifier(CalibratedClassifierCV(...))."
        )
    rows, least = _calibration_rows(teacher, rows)
    if least < 2:
        raise ValueError(
            f"The teacher {name} has decision_function only and is calibrated on the labelled rows, of which each of "
            f"its classes needs 2. Got {least}: give it predict_proba, for example by CalibratedClassifierCV, fitted "
            "on other rows and frozen."
        )
    folds = min(_CALIBRATION_FOLDS, least)
    calibrated = CalibratedClassifierCV(clone(teacher), method="sigmoid", ensemble=False, cv=folds)
    return Teacher(calibrated, rows, name)


def _calibration_rows(teacher, rows):
    """Rows of the classes that a teacher decides between, and how many the smallest of these has."""
    labels = rows.y.tolist()
    counts = Counter(labels)
    if isinstance(teacher, FrozenEstimator):
        counts = {label: counts[label] for label in np.asarray(teacher.classes_).tolist()}
        rows = rows.take(np.flatnonzero([label in counts for label in labels]))
    return rows, min(counts.values(), default=0)


class Teacher:
    """An estimator with the rows that it is fitted on as soon as it must answer.

    Parameters
    ----------
    estimator : classifier
        With ``predict_proba``.
    rows : Rows
        Not used for a frozen one.
    name : str
    n_labels : int or None
        With several labels a row.
    """

    def __init__(self, estimator, rows, name, n_labels=None):
        self.estimator, self.rows, self.name, self.n_labels = estimator, rows, name, n_labels
        self._is_frozen = isinstance(estimator, FrozenEstimator)

    @cached_property
    def fitted(self):
        """The estimator, fitted."""
        if self._is_frozen:
            return self.estimator
        names = [] if self.rows.weights is None else _weight_parameters(self.estimator)
        with self._blamed("fit"):
            return self.estimator.fit(self.rows.documents, self.rows.y, **dict.fromkeys(names, self.rows.weights))

    @cached_property
    def _key(self):
        # What a frozen one answers does not depend on the rows. Each by itself: an error shows what it could not hash.
        rows = None if self._is_frozen else (self.rows.documents, self.rows.y, self.rows.weights)
        return hash_of((hash_of(self.estimator), hash_of(rows), self.n_labels))

    def key(self, documents):
        """What the answers to documents depend on, hashed; equal in other processes."""
        with self._blamed("be hashed for teacher_memory"):
            return hash_of((self._key, documents))

    def ask(self, documents):
        """The answers to documents.

        Parameters
        ----------
        documents : list of str or ndarray of shape (n_documents, n_positions)

        Returns
        -------
        classes : ndarray of shape (n_classes,) or None
            Its own; None with several labels a row.
        probabilities : ndarray of shape (n_documents, n_classes) or (n_documents, n_labels), float64

        Raises
        ------
        ValueError
            Where they are no probabilities, or of another shape.
        """
        fitted = self.fitted
        with self._blamed("predict_proba"):
            answers = fitted.predict_proba(documents)
        if self.n_labels is None:
            with self._blamed("name its classes_"):
                classes = np.asarray(fitted.classes_)
            return classes, self._checked(answers, (len(documents), len(classes)))
        if isinstance(answers, list):
            answers = _join_labels(fitted, answers)
        return None, self._checked(answers, (len(documents), self.n_labels))

    def _checked(self, answers, shape):
        with self._blamed("predict_proba"):
            answers = np.asarray(answers, dtype=np.float64)
        if answers.shape != shape:
            raise ValueError(
                f"predict_proba of the teacher {self.name} must return shape {shape}. Got {answers.shape}."
            )
        if np.isnan(answers).any():
            raise ValueError(f"predict_proba of the teacher {self.name} must return probabilities. Got nan.")
        target_type = "multiclass" if self.n_labels is None else "multilabel"
        check_probabilities(answers, target_type, f"the {len(answers)} that the teacher {self.name} answered")
        return answers

    @contextmanager
    def _blamed(self, action):
        try:
            yield
        except Exception as error:
            error.add_note(f"Raised by the teacher {self.name}, asked to {action}.")
            raise


def answer(key, documents, teacher):
    """A function of module level, so that joblib's Memory can keep what it returns by the key."""
    return teacher.ask(documents)


def _join_labels(fitted, answers):
    """Forests and neighbours answer each label by an array, of one column where they saw one value only."""
    values = getattr(fitted, "classes_", [(0, 1)] * len(answers))
    return np.column_stack([np.asarray(own) @ np.asarray(values_of) for own, values_of in zip(answers, values)])


def _weight_parameters(estimator):
    """The names under which ``fit`` takes weights of rows."""
    if get_config()["enable_metadata_routing"]:
        return sorted(get_routing_for_object(estimator).consumes("fit", ["sample_weight"]))
    if isinstance(estimator, CalibratedClassifierCV) and estimator.estimator is not None:
        return _weight_parameters(estimator.estimator)  # it warns where what it calibrates takes none
    if isinstance(estimator, Pipeline):
        step, last = estimator.steps[-1]
        return [f"{step}__{name}" for name in _weight_parameters(last)]
    return ["sample_weight"] if has_fit_parameter(estimator, "sample_weight") else []


class _ValueHasher(NumpyHasher):
    """joblib's hash of values, also of fitted vectorizers: scikit-learn notes an ``id`` in them."""

    def save(self, obj):
        if type(obj) is dict and "_stop_words_id" in obj:
            obj = {name: value for name, value in obj.items() if name != "_stop_words_id"}
        super().save(obj)


def hash_of(value):
    """A str that equal values share, whichever process they are in."""
    return _ValueHasher().hash(value)
