"""Who may teach.

Owns the checks of what is passed as ``teacher``, before anything is fitted. It must not
know rows or answers.
"""

from inspect import isclass

import numpy as np
from sklearn.frozen import FrozenEstimator

from ._teacher import has_probabilities, name_of


def check_teachers(teacher):
    """Return teachers as a list, or say what is wrong with them.

    Parameters
    ----------
    teacher : classifier, list or tuple of classifiers, or None
        With ``predict_proba`` or ``decision_function``. Inside ``FrozenEstimator`` they
        are used as they are: these may be any object with ``predict_proba`` and ``classes_``.

    Returns
    -------
    teachers : list of classifier

    Raises
    ------
    TypeError
        Where one is no instance of a classifier with either method.
    ValueError
        For an empty list, or a ``FrozenEstimator`` of what is not fitted.
    """
    if teacher is None:
        return []
    teachers = list(teacher) if isinstance(teacher, (list, tuple)) else [teacher]
    if not teachers:
        raise ValueError("teacher must be a classifier, a list of classifiers or None. Got an empty list.")
    for each in teachers:
        (_check_frozen if isinstance(each, FrozenEstimator) else _check_unfitted)(each)
        if not (has_probabilities(each) or hasattr(each, "decision_function")):
            raise TypeError(
                "teacher must have predict_proba, or decision_function, which is calibrated. Got "
                f"{name_of(each)}, which has neither as it is configured."
            )
    return teachers


def _check_frozen(teacher):
    estimator = teacher.estimator
    is_sklearn = hasattr(estimator, "__sklearn_tags__") and hasattr(estimator, "fit")
    if is_sklearn and not hasattr(estimator, "classes_") and not teacher.__sklearn_is_fitted__():
        raise ValueError(f"teacher is a FrozenEstimator of {name_of(teacher)}, which must be fitted before.")


def _check_unfitted(teacher):
    if isclass(teacher):
        raise TypeError(
            f"teacher must be an instance of a classifier. Got the class {teacher.__name__}: pass "
            f"{teacher.__name__}()."
        )
    if not (hasattr(teacher, "fit") and hasattr(teacher, "get_params")):
        raise TypeError(
            f"teacher must be a scikit-learn classifier, which is cloned and fitted. Got {name_of(teacher)}: if it "
            "is trained already, wrap it in sklearn.frozen.FrozenEstimator."
        )


def frozen_classes(teachers):
    """The classes of those that are fitted already, one for each column of their answers.

    Parameters
    ----------
    teachers : list of classifier
        As ``check_teachers`` returns them.

    Returns
    -------
    classes : list of ndarray
        Of each frozen teacher.

    Raises
    ------
    ValueError
        Where one does not say which classes its answers are for, names one twice, or answers
        several labels a row.
    """
    frozen = [teacher for teacher in teachers if isinstance(teacher, FrozenEstimator)]
    return [_classes_of(teacher) for teacher in frozen]


def _classes_of(teacher):
    name = name_of(teacher)
    if not hasattr(teacher, "classes_"):
        raise ValueError(f"A frozen teacher must have classes_, which name the columns of predict_proba. Got {name}.")
    classes = teacher.classes_
    if any(np.ndim(label) for label in classes):
        raise ValueError(
            f"y must be indicators of several labels where a teacher answers those. Got the teacher {name}, whose "
            "classes_ are of several labels, and one label a row or none."
        )
    if len(set(np.asarray(classes).tolist())) < len(classes):
        raise ValueError(f"Each of the classes_ of a frozen teacher must be there once. Got {name} with one twice.")
    return np.asarray(classes)
