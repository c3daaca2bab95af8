"""Checks of weights: of rows, where ``fit`` takes ``sample_weight``, and of classes."""

from unittest import SkipTest

import numpy as np
from sklearn.utils.validation import has_fit_parameter

from ._models import assert_same_fit, fit, import_or_skip, instead, is_installed, outputs, refusal, seeded
from ._task import EXAMPLE


def check_unit_weights(name, estimator, task=EXAMPLE):
    """Check that weights of one equal no weights, because that is what a weight means.

    References
    ----------
    scikit-learn/scikit-learn#30937
    """
    _assert_weights_read(estimator, task, np.ones(len(task.texts)), None, "weights of one")


def check_weights_in_containers(name, estimator, task=EXAMPLE):
    """Check weights as a list, a read-only array and a Series of another index, because a split returns any.

    References
    ----------
    scikit-learn/scikit-learn#14307, scikit-learn/scikit-learn#5956
    """
    _require_weights(estimator)
    weights = np.linspace(0.5, 2, len(task.texts))
    read_only = weights.copy()
    read_only.setflags(write=False)
    containers = {"a list": weights.tolist(), "a read-only array": read_only}
    if is_installed("pandas"):
        rows = np.arange(len(weights))
        containers["a Series"] = import_or_skip("pandas").Series(weights, index=rows[::-1])
    for what, container in containers.items():
        _assert_weights_read(estimator, task, container, weights, f"weights in {what}")


def check_heavy_rows(name, estimator, task=EXAMPLE):
    """Check that heavy rows make their class more probable, because a wrapper may accept weights and drop them.

    References
    ----------
    NVIDIA/cuml#8051
    """
    _require_weights(estimator)
    numbers = task.numbered()
    means = []
    for heavy in (0, 1):
        model = fit(estimator, task, sample_weight=np.where(numbers == heavy, 100.0, 0.01))
        if not hasattr(model, "predict_proba"):
            means.append(np.mean(np.asarray(model.predict(task.texts)) == task.classes[1]))
        else:
            means.append(np.mean(np.asarray(model.predict_proba(task.texts))[:, 1]))
    assert means[1] > means[0], f"class {task.classes[1]!r} is not more probable where its rows are heavy: {means}"


def check_invalid_weights(name, estimator, task=EXAMPLE):
    """Check that NaN, infinity and a wrong number of weights are ValueErrors, because they spoil every parameter.

    References
    ----------
    EpistasisLab/tpot#717, scikit-learn/scikit-learn#14307
    """
    _require_weights(estimator)
    weights = np.ones(len(task.texts))
    for what, wrong in {
        "NaN": np.where(np.arange(len(weights)) == 1, np.nan, weights),
        "infinity": np.where(np.arange(len(weights)) == 1, np.inf, weights),
        "one weight less": weights[:-1],
    }.items():
        error = refusal(fit, estimator, task, sample_weight=wrong)
        assert isinstance(error, ValueError), instead(error, f"fit with {what} in sample_weight", "a ValueError")


def check_class_weights_of_absent_classes(name, estimator, task=EXAMPLE):
    """Check that ``class_weight`` may name a class that these rows lack, because a fold may lack a rare one.

    References
    ----------
    keras-team/keras#11850, EducationalTestingService/skll#109
    """
    keys = [key for key in estimator.get_params() if key.rpartition("__")[2] == "class_weight"]
    if not keys:
        raise SkipTest("the estimator has no parameter class_weight")
    task.numbered()
    weights = dict.fromkeys([*task.classes, "of no row"], 1)
    model = seeded(estimator).set_params(**dict.fromkeys(keys, weights))
    model.fit(task.texts, task.labels)
    assert "of no row" not in np.asarray(model.classes_).tolist(), "classes_ has a class of class_weight alone"


def _require_weights(estimator):
    """Skip a check if ``fit`` takes no sample_weight."""
    if not has_fit_parameter(estimator, "sample_weight"):
        raise SkipTest("fit has no parameter sample_weight")


def _assert_weights_read(estimator, task, weights, equal, what):
    """Assert that a fit with weights equals one with others."""
    _require_weights(estimator)
    found, expected = (outputs(fit(estimator, task, sample_weight=w), task.texts) for w in (weights, equal))
    assert_same_fit(estimator, task, found, expected, what)
