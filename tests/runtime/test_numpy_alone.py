"""Prediction where numpy is the only package: equal logits, computed without scipy."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
from network_factory import BATCHES, TRAINED

MISSING = ["scipy", "sklearn", "pandas", "joblib"]

PREDICT = f"""
import pickle, sys
sys.modules.update(dict.fromkeys({MISSING}))  # to import one of these raises a ModuleNotFoundError
before = set(sys.modules)
import skdistill.runtime
with open(sys.argv[1], "rb") as file:
    predictors, batches = pickle.load(file)
logits = {{name: [predictor.logits(batch) for batch in batches] for name, predictor in predictors.items()}}
imported = {{name.partition(".")[0] for name in set(sys.modules) - before}} - sys.stdlib_module_names
with open(sys.argv[2], "wb") as file:
    pickle.dump((logits, imported), file)
"""


@pytest.fixture(scope="module")
def computed_with_numpy_alone(tmp_path_factory):
    """The logits by network and batch, and the packages that were imported."""
    folder = tmp_path_factory.mktemp("numpy alone")
    predictors = {name: trained.predictor for name, trained in TRAINED.items()}
    (folder / "given").write_bytes(pickle.dumps((predictors, BATCHES)))
    command = [sys.executable, "-c", PREDICT, folder / "given", folder / "found"]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return pickle.loads((folder / "found").read_bytes())


def test_nothing_but_numpy_is_imported(computed_with_numpy_alone):
    _, imported = computed_with_numpy_alone
    assert imported == {"numpy", "skdistill"}


@pytest.mark.parametrize("name", TRAINED)
def test_logits_are_those_computed_with_scipy(name, computed_with_numpy_alone):
    pytest.importorskip("scipy.sparse")
    logits, _ = computed_with_numpy_alone
    assert len(logits[name]) == len(BATCHES)
    for found, batch in zip(logits[name], BATCHES):
        expected = TRAINED[name].predictor.logits(batch)
        np.testing.assert_array_equal(found, expected, strict=True)
