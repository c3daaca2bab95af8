"""The checks of the parameter ``teacher``, before anything is fitted."""

import warnings
from inspect import isclass

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted

from .._input.classes import in_short
from ..runtime.containers import is_missing
from ._frozen import is_frozen
from ._teacher import has_probabilities, name_of


def check_teachers(teacher):
    """Return the teachers as a list, once they are checked.

    Parameters
    ----------
    teacher : classifier, list or tuple of classifiers, or None
        With ``predict_proba`` or ``decision_function``. One inside ``FrozenEstimator`` is
        used as it is, and may be any object with ``predict_proba`` and ``classes_``.

    Returns
    -------
    teachers : list of classifier
        Empty for None.

    Raises
    ------
    TypeError
        If a teacher is not an instance of a classifier with either method.
    ValueError
        If the list is empty, or a frozen teacher is not fitted.
    """
    if teacher is None:
        return []
    teachers = list(teacher) if isinstance(teacher, (list, tuple)) else [teacher]
    if not teachers:
        raise ValueError("teacher must be a classifier, a list of classifiers or None. Got an empty list.")
    for each in teachers:
        if isinstance(each, FrozenEstimator):
            _check_frozen(each)
        elif not is_frozen(each):
            _check_unfitted(each)
        if not (has_probabilities(each) or hasattr(each, "decision_function")):
            raise TypeError(
                "teacher must have predict_proba, or decision_function, which is then calibrated. Got "
                f"{name_of(each)}, which has neither with its current parameters."
            )
    return teachers


def _check_frozen(teacher):
    estimator = teacher.estimator
    is_sklearn = hasattr(estimator, "__sklearn_tags__") and hasattr(estimator, "fit")
    if is_sklearn and not hasattr(estimator, "classes_") and not teacher.__sklearn_is_fitted__():
        raise ValueError(f"teacher is a FrozenEstimator of {name_of(teacher)}, which is not fitted: fit it first.")


def _check_unfitted(teacher):
    if isclass(teacher):
        raise TypeError(
            f"teacher must be an instance of a classifier. Got the class {teacher.__name__}: pass "
            f"{teacher.__name__}()."
        )
    if _is_fitted(teacher):
        warnings.warn(
            f"The teacher {name_of(teacher)} is fitted already, but will be cloned and fitted on the labelled rows: "
            "to use it as it is, wrap it in sklearn.frozen.FrozenEstimator.",
            UserWarning,
            stacklevel=2,
        )
    if not (hasattr(teacher, "fit") and hasattr(teacher, "get_params")):
        raise TypeError(
            f"teacher must be a scikit-learn classifier, which is cloned and fitted. Got {name_of(teacher)}: if it "
            "is already trained, wrap it in sklearn.frozen.FrozenEstimator."
        )


def _is_fitted(teacher):
    """Whether a teacher has been fitted, and would be lost by a clone."""
    if not isinstance(teacher, BaseEstimator) or not get_tags(teacher).requires_fit:
        return False
    try:
        check_is_fitted(teacher)
    except NotFittedError:
        return False
    return clone(teacher) is not teacher


def frozen_classes(teachers, labels):
    """Return the classes of each frozen teacher, for multiclass targets.

    Warns of classes that no label has.

    Parameters
    ----------
    teachers : list of classifier
        As ``check_teachers`` returns them.
    labels : ndarray of shape (n_labelled,)
        Those of the labelled rows.

    Returns
    -------
    classes : list of ndarray of shape (n_classes,)
        One array per frozen teacher, one class per column of its ``predict_proba``.

    Raises
    ------
    ValueError
        If a teacher has no ``classes_``, has a class twice, is multilabel, or has no class that a
        label has.
    """
    frozen = [teacher for teacher in teachers if is_frozen(teacher)]
    classes = [_classes_of(teacher) for teacher in frozen]
    known = set(labels.tolist()) if frozen else set()
    for teacher, of_teacher in zip(frozen, classes):
        _compare(name_of(teacher), of_teacher.tolist(), known)
    return classes


def _compare(name, classes, known):
    """Warn of classes that are not among the known labels, and raise a ValueError if none is."""
    others = [label for label in classes if label not in known]
    if not known or not others:
        return
    if len(others) == len(classes):
        in_y = in_short(sorted(known, key=str))
        raise ValueError(
            f"The classes of the teacher {name} must be those of y. Got {in_short(classes)}, and in y {in_y}: rename "
            "the teacher's classes, or the labels, for example by pandas.Series(y).map({...})."
        )
    warnings.warn(
        f"The teacher {name} has classes that no label has, {in_short(others)}: they are learned too.",
        UserWarning,
        stacklevel=2,
    )


def _classes_of(teacher):
    name = name_of(teacher)
    if not hasattr(teacher, "classes_"):
        raise ValueError(f"A frozen teacher must have classes_, which name the columns of predict_proba. Got {name}.")
    classes = teacher.classes_
    if any(np.ndim(label) for label in classes) or getattr(teacher, "_is_multilabel", False):
        raise ValueError(
            f"y must be a multilabel indicator matrix if a teacher is multilabel. Got the multilabel teacher {name} "
            "and a y that is one-dimensional or None."
        )
    if any(is_missing(label) for label in np.asarray(classes).tolist()):
        raise ValueError(
            f"The classes_ of a frozen teacher must be labels, none of them missing. Got {in_short(list(classes))} of "
            f"the teacher {name}."
        )
    if len(set(np.asarray(classes).tolist())) < len(classes):
        raise ValueError(f"The classes_ of a frozen teacher must be unique. Got {name}, which has a class twice.")
    return np.asarray(classes)
