"""Checks of the arguments of ``compress``, and a teacher's probabilities for the texts."""

from numbers import Integral, Real

import numpy as np

from .._sklearn import HasMethods, Interval, StrOptions, validate_parameter_constraints

# With up to so many classes the temperature "auto" is 2, with more it is 1: chosen on parts of the training texts of
# SST-2, ChnSentiCorp, AG News and TREC-6 (2 to 6 classes), ICD-10 (21) and banking77.
_FEW_CLASSES = 10

_CONSTRAINTS = {
    "max_bytes": [Interval(Integral, 1, None, closed="left"), None],
    "teacher": [HasMethods("predict_proba"), None],
    "temperature": [Interval(Real, 0, None, closed="neither"), StrOptions({"auto"})],
    "max_iter": [Interval(Integral, 0, None, closed="left")],
}


def check_parameters(X, y, **parameters):
    """Raise an error if a parameter is out of its range, or useless without X."""
    validate_parameter_constraints(_CONSTRAINTS, parameters, "compress")
    for name, value in {"y": y, "teacher": parameters["teacher"]}.items():
        if X is None and value is not None:
            raise ValueError(f"{name} needs X, the texts that it belongs to. Got X=None.")


def temperature_of(temperature, n_classes, activation):
    """Return a temperature as a float, also where it is "auto".

    A network is certain about almost all texts that it was trained on. With few classes such probabilities say
    little more than labels do, so that softer ones teach more.
    """
    if temperature != "auto":
        return float(temperature)
    return 2.0 if activation == "softmax" and n_classes <= _FEW_CLASSES else 1.0


def teacher_probabilities(teacher, texts, classes, activation):
    """Return a teacher's probabilities of texts, in the order of some classes.

    Parameters
    ----------
    teacher : object with predict_proba
        Its ``classes_``, if it has any, must be the same, in any order.
    texts : list of str
    classes : ndarray of shape (n_classes,)
    activation : {"softmax", "sigmoid"}
        "sigmoid": the columns are labels, whose order is not checked.

    Returns
    -------
    probabilities : ndarray of shape (n_texts, n_classes), float64
    """
    probabilities = np.asarray(teacher.predict_proba(texts), dtype=np.float64)
    name = type(teacher).__name__
    if activation == "softmax" and hasattr(teacher, "classes_"):
        known = np.asarray(teacher.classes_)
        if len(known) != len(classes) or set(known.tolist()) != set(classes.tolist()):
            raise ValueError(f"teacher must know the classes {classes}. Got {name}, which knows {known}.")
        places = {label: place for place, label in enumerate(known.tolist())}
        probabilities = probabilities[:, [places[label] for label in classes.tolist()]]
    if probabilities.shape != (len(texts), len(classes)):
        expected = (len(texts), len(classes))
        raise ValueError(f"predict_proba of teacher must return the shape {expected}. Got {probabilities.shape}.")
    if not ((probabilities >= 0) & (probabilities <= 1 + 1e-6)).all():
        raise ValueError(f"predict_proba of teacher must return numbers between 0 and 1. Got others from {name}.")
    return probabilities
