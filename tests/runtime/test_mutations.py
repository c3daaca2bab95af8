"""Damaged files are refused or predict the same; forged ones are refused or predict finite probabilities."""

import io
import warnings

import numpy as np
import pytest
from saved_factory import TEXTS, damage, forge, saved_models

import skdistill
from skdistill import LoadError, runtime

FILES = saved_models()


@pytest.mark.parametrize("name", FILES)
def test_what_is_not_changed_is_loaded(name):
    loaded = skdistill.load(io.BytesIO(FILES[name]))
    expected = runtime.load(io.BytesIO(FILES[name])).predict_proba(TEXTS)
    np.testing.assert_array_equal(loaded.predict_proba(TEXTS), expected)


def predict(data, load):
    """What a file predicts, or None and the reason if it is refused."""
    try:
        predictor = load(io.BytesIO(data))
    except LoadError as error:
        return None, str(error)
    return predictor.predict_proba(TEXTS), "."


@pytest.mark.parametrize("load", [runtime.load, skdistill.load], ids=["runtime", "skdistill"])
@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_refused_or_predicts_the_same(name, load):
    expected, generator = load(io.BytesIO(FILES[name])).predict_proba(TEXTS), np.random.default_rng(0)
    for _ in range(40):
        found, reason = predict(damage(FILES[name], generator), load)
        assert reason.endswith(".")
        assert "\n" not in reason
        if found is not None:
            np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("load", [runtime.load, skdistill.load], ids=["runtime", "skdistill"])
@pytest.mark.parametrize("name", FILES)
def test_a_forged_file_is_refused_or_predicts_finite_probabilities(name, load):
    generator = np.random.default_rng(1)
    for _ in range(60):
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Duplicate name")  # while the file is made
            data = forge(FILES[name], generator)
        found, reason = predict(data, load)
        assert reason.endswith(".")
        if found is not None:
            assert found.shape[0] == len(TEXTS)
            assert ((found >= 0) & (found <= 1)).all()
