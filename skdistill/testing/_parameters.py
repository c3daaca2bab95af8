"""Checks of scikit-learn's interface: parameters, clones, what fit sets and returns."""

from unittest import SkipTest

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from ._models import assert_same, assert_same_fit, fit, instead, outputs, refusal, seeded
from ._task import EXAMPLE


def check_clone(name, estimator, task=EXAMPLE):
    """Check that a clone has the same parameters and nothing of a fit, because searches and folds use clones.

    References
    ----------
    ibayer/fastFM#44, PlasmaControl/PyRCN#18
    """
    model = fit(estimator, task)
    copy = clone(model)
    assert type(copy) is type(model), f"a clone is a {type(copy).__name__}"
    parameters, others = model.get_params(deep=False), copy.get_params(deep=False)
    assert list(parameters) == list(others), f"a clone has the parameters {list(others)}"
    shown = [key for key, value in parameters.items() if _is_plain(value) and not _equals(value, others[key])]
    assert not shown, f"a clone has other values of {shown}"
    error = refusal(copy.predict, task.texts)
    assert error is not None, "a clone of a fitted estimator predicts without a fit"


def check_set_params(name, estimator, task=EXAMPLE):
    """Check that set_params returns the estimator and sets what get_params returns, because searches call both.

    References
    ----------
    EpistasisLab/tpot#739, scikit-learn/scikit-learn#1538
    """
    copy = clone(estimator)
    before = copy.get_params(deep=False)
    for key in before:
        assert copy.set_params(**{key: before[key]}) is copy, "set_params does not return the estimator"
        after = copy.get_params(deep=False)
        changed = [other for other in before if after[other] is not before[other]]
        assert not changed, f"set_params of {key!r} changes {changed}"
    marker = object()
    for key in before:
        assert clone(estimator).set_params(**{key: marker}).get_params(deep=False)[key] is marker, (
            f"get_params does not return what set_params set as {key!r}"
        )


def check_unknown_parameters(name, estimator, task=EXAMPLE):
    """Check that an unknown parameter is an error, because a mistyped one in a grid would change nothing.

    References
    ----------
    scikit-learn/scikit-learn#20055
    """
    error = refusal(clone(estimator).set_params, no_such_parameter=1)
    assert isinstance(error, (TypeError, ValueError)), instead(error, "an unknown parameter", "a ValueError")


def check_fit_keeps_parameters(name, estimator, task=EXAMPLE):
    """Check that fit leaves every parameter the object it was, because a clone would otherwise differ.

    References
    ----------
    scikit-learn/scikit-learn#10329, scikit-learn/scikit-learn#16427
    """
    model = seeded(estimator)
    before = {key: (value, repr(value)) for key, value in model.get_params().items() if _is_plain(value)}
    model.fit(task.texts, task.labels)
    after = model.get_params()
    for key, (value, shown) in before.items():
        assert key in after, f"fit removes the parameter {key}"
        assert after[key] is value, f"fit replaces the parameter {key}: {value!r} became {after[key]!r}"
        assert repr(value) == shown, f"fit changes the parameter {key} in place: {shown} became {value!r}"


def check_fit_returns_self(name, estimator, task=EXAMPLE):
    """Check that fit returns the estimator, because ``fit(X, y).predict(X)`` is how everybody writes it.

    References
    ----------
    scikit-learn/scikit-learn#12491
    """
    model = seeded(estimator)
    assert model.fit(task.texts, task.labels) is model, "fit does not return self"


def check_fitted_attributes(name, estimator, task=EXAMPLE):
    """Check that fit adds public names with an underscore at their end alone, because these say what was learned.

    References
    ----------
    scikit-learn/scikit-learn#4673
    """
    model = seeded(estimator)
    before = set(vars(model))
    model.fit(task.texts, task.labels)
    added = sorted(key for key in set(vars(model)) - before if not key.startswith("_") and not key.endswith("_"))
    assert not added, f"fit sets {added}, which do not end with an underscore"


def check_predict_before_fit(name, estimator, task=EXAMPLE):
    """Check that an estimator that is not fitted raises NotFittedError, because an AttributeError explains nothing.

    References
    ----------
    scikit-learn/scikit-learn#3627
    """
    copy = clone(estimator)
    error = refusal(copy.predict, task.texts)
    assert isinstance(error, NotFittedError), instead(error, "predict before fit", "NotFittedError")


def check_is_fitted_after_fit(name, estimator, task=EXAMPLE):
    """Check that scikit-learn's check_is_fitted tells fitted from not fitted, because meta-estimators ask it.

    References
    ----------
    scikit-learn/scikit-learn#14545, pyRiemann/pyRiemann#406
    """
    assert refusal(check_is_fitted, clone(estimator)) is not None, "check_is_fitted passes before fit"
    error = refusal(check_is_fitted, fit(estimator, task))
    assert error is None, f"check_is_fitted fails after fit: {error}"


def check_is_classifier(name, estimator, task=EXAMPLE):
    """Check that scikit-learn takes the estimator for a classifier, because only then folds are stratified.

    References
    ----------
    imoscovitz/wittgenstein#7
    """
    assert is_classifier(estimator), "sklearn.base.is_classifier(estimator) is False"


def check_refit_equals_fit(name, estimator, task=EXAMPLE):
    """Check that a second fit forgets the first one's vocabulary and classes, because a fit starts afresh.

    References
    ----------
    NTMC-Community/MatchZoo#206, scikit-learn/scikit-learn#11758
    """
    if task.is_multilabel:
        raise SkipTest("the task has multilabel targets")
    other = task.named([f"other {number}" for number in range(len(task.classes))])
    other = other._replace(texts=[f"{text} else {row}" for row, text in enumerate(task.texts)][::-1])
    expected, model = outputs(fit(estimator, task), task.texts), fit(estimator, other)
    model.fit(task.texts, task.labels)
    assert _same_classes(model.classes_, task.classes), f"classes_ after a second fit are {list(model.classes_)}"
    assert_same_fit(estimator, task, outputs(model, task.texts), expected, "a second fit of one estimator")


def check_fit_is_repeatable(name, estimator, task=EXAMPLE):
    """Check that two fits with one ``random_state`` are equal, whatever numpy's global generator does.

    References
    ----------
    keras-team/keras#8906
    """
    state = np.random.get_state()
    try:
        found = []
        for seed in (1, 2):
            np.random.seed(seed)
            found.append(outputs(fit(estimator, task), task.texts))
    finally:
        np.random.set_state(state)
    assert_same(*found, "a second fit with the same random_state")


def _is_plain(value):
    """Whether a parameter is not an estimator; what a Pipeline holds is fitted in place."""
    members = value if isinstance(value, (list, tuple)) else [value]
    return not any(hasattr(part, "fit") for member in members for part in _parts(member))


def _parts(member):
    """Return the elements of a step, or the value itself."""
    return member if isinstance(member, tuple) else [member]


def _equals(value, other):
    """Whether parameters show the same; arrays and functions have no other comparison in common."""
    return value is other or repr(value) == repr(other)


def _same_classes(classes, expected):
    """Whether fitted classes are those of the task."""
    return np.asarray(classes).tolist() == list(expected)
