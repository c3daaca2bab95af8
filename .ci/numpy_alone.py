"""Predict with the stored files where numpy and skdistill are the only packages: ``python .ci/numpy_alone.py``."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

from skdistill import runtime

ROOT = Path(__file__).resolve().parent.parent


def check(path):
    """Compare what a stored file predicts, in Python and by the command line, with what stands beside it."""
    stored, predictor = json.loads(path.with_suffix(".json").read_text()), runtime.load(path)
    assert predictor.predict(stored["texts"]).tolist() == stored["labels"], path
    np.testing.assert_allclose(predictor.predict_proba(stored["texts"]), stored["probabilities"], atol=1e-6)
    command, text = [Path(sys.executable).parent / "skdistill", "predict", path], "\n".join(stored["texts"])
    printed = subprocess.run(command, input=text.encode(), stdout=subprocess.PIPE, check=True).stdout.decode()
    assert printed.split() == stored["labels"], path


def main():
    paths = sorted((ROOT / "tests" / "data").glob("protocol_*.skd"))
    assert paths
    for path in paths:
        check(path)
    others = {name.partition(".")[0] for name in sys.modules} - sys.stdlib_module_names
    assert not others & {"scipy", "sklearn", "pandas", "joblib", "keras", "tensorflow"}, others
    print(f"{len(paths)} files predict the same with numpy alone")


if __name__ == "__main__":
    main()
