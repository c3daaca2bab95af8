"""Load damaged and forged files, and measure the memory and the longest time that one takes.

    python benchmarks/mutations.py [--count 10000] [--commands 200] [--seed 0]

Half of the files are damaged without repair: they must be refused or predict the same. The checksums of the
other half are repaired, so that what lies behind them is tested: they must be refused or predict finite
probabilities. Each file is loaded by ``skdistill.runtime.load`` and by ``skdistill.load``; some also
by the command line. The suite does the same with fewer (tests/runtime/test_mutations.py). Linux only.
"""

import argparse
import io
import os
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from pathlib import Path
from time import perf_counter

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from saved_factory import TEXTS, damage, forge, saved_models

import skdistill
from skdistill import LoadError, runtime

OUTSIDE = [Path("/tmp/outside"), Path("../outside")]


def memory(name):
    """Return a number of this process, VmRSS (its memory now) or VmHWM (its peak), in MB."""
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith(name))


def forget_peak():
    """Let the peak of this process begin at its memory now."""
    with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
        file.write("5")


def predict(data, load):
    """Return what a file predicts, or None if it is refused."""
    try:
        return load(io.BytesIO(data)).predict_proba(TEXTS)
    except LoadError:
        return None


def outcome(data, load, expected):
    """Return what became of a file: refused, equal, finite or WRONG."""
    found = predict(data, load)
    if found is None:
        return "refused"
    if np.array_equal(found, expected):
        return "equal"
    return "finite" if len(found) == len(TEXTS) and ((found >= 0) & (found <= 1)).all() else "WRONG"


def run_command(data, folder):
    """Return the exit status of the command line, or WRONG for a traceback or a file that is neither."""
    path = folder / "model.skd"
    path.write_bytes(data)
    command = [sys.executable, "-m", "skdistill", "predict", path]
    result = subprocess.run(command, input=b"the film\n", capture_output=True, timeout=60)
    is_clean = result.returncode in (0, 1) and b"Traceback" not in result.stderr
    return f"status {result.returncode}" if is_clean else "WRONG"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("count", 10_000), ("commands", 200), ("seed", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    generator, files = np.random.default_rng(options.seed), list(saved_models().items())
    loaders = {"runtime.load": runtime.load, "load": skdistill.load}
    expected = {name: predict(data, runtime.load) for name, data in files}
    for _, data in files:
        predict(data, skdistill.load)
    found, commands, longest, most = Counter(), Counter(), 0, 0
    warnings.filterwarnings("ignore", "Duplicate name")  # while a file is made
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for i in range(options.count):
            name, original = files[i // 2 % len(files)]
            kind, change = ("damaged", damage) if i % 2 else ("forged", forge)
            data = change(original, generator)
            for loader, load in loaders.items():
                forget_peak()
                before, began = memory("VmRSS"), perf_counter()
                found[kind, loader, outcome(data, load, expected[name])] += 1
                longest, most = max(longest, perf_counter() - began), max(most, memory("VmHWM") - before)
            if i < options.commands:
                commands[run_command(data, Path(folder))] += 1
        written = [path for path in OUTSIDE if path.exists()]
        left = set(os.listdir()) - {"model.skd"}
        os.chdir("/")
    for (kind, loader, result), number in sorted(found.items()):
        print(f"{kind:8} {loader:13} {result:8} {number:6,}")
    print(f"command line: {dict(commands)}")
    written += left
    print(f"longest load and prediction {longest:.2f} s, memory +{most:.0f} MB, written: {written}")
    wrong = [key for key in found if key[2] == "WRONG" or (key[0], key[2]) == ("damaged", "finite")]
    sys.exit(1 if wrong or commands["WRONG"] or written else 0)


if __name__ == "__main__":
    main()
