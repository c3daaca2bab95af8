"""The checks of the parameter ``teacher``, before anything is fitted."""

from inspect import isclass

import numpy as np
from sklearn.frozen import FrozenEstimator

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
    if not (hasattr(teacher, "fit") and hasattr(teacher, "get_params")):
        raise TypeError(
            f"teacher must be a scikit-learn classifier, which is cloned and fitted. Got {name_of(teacher)}: if it "
            "is already trained, wrap it in sklearn.frozen.FrozenEstimator."
        )


def frozen_classes(teachers):
    """Return the classes of each frozen teacher, for multiclass targets.

    Parameters
    ----------
    teachers : list of classifier
        As ``check_teachers`` returns them.

    Returns
    -------
    classes : list of ndarray of shape (n_classes,)
        One array per frozen teacher, one class per column of its ``predict_proba``.

    Raises
    ------
    ValueError
        If a teacher has no ``classes_``, has a class twice, or is multilabel.
    """
    frozen = [teacher for teacher in teachers if is_frozen(teacher)]
    return [_classes_of(teacher) for teacher in frozen]


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
    if len(set(np.asarray(classes).tolist())) < len(classes):
        raise ValueError(f"The classes_ of a frozen teacher must be unique. Got {name}, which has a class twice.")
    return np.asarray(classes)
