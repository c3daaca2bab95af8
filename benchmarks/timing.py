"""Time several libraries in turn in the same run, and print the numbers; the options of the benchmarks."""

import argparse
import datetime
import os
import platform
import subprocess
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from statistics import median

from data import load

_PACKAGES = ("numpy", "scipy", "scikit-learn", "tensorflow", "keras", "scikeras", "fasttext-community")


def parser(doc, data="icd10", rounds=5):
    """Return the command-line parser of a benchmark, with ``--folder``, ``--data`` and ``--rounds``."""
    made = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--folder", help="holds a folder per data set (default: ICD-10 alone)")
    made.add_argument("--data", default=data, help="name of the data set (default: %(default)s)")
    made.add_argument("--rounds", type=int, default=rounds)
    return made


def load_one(arguments):
    """Return the training texts and labels, and the test texts and labels, of the data set ``--data``."""
    for _, *data in load(arguments.folder, [arguments.data]):
        return data
    sys.exit(f"There is no data set {arguments.data!r} in {arguments.folder or 'this package: give --folder'}.")


def seconds(function):
    """Return the seconds of one call."""
    began = time.perf_counter()
    function()
    return time.perf_counter() - began


def run_python(*arguments, checkout=None, environment=()):
    """Run a new Python process, and return its seconds from start to end and what it printed.

    ``checkout`` is the folder to import skdistill from; None: that of this process. ``environment``
    holds further variables.
    """
    began = time.perf_counter()
    variables = os.environ | dict(environment) | ({} if checkout is None else {"PYTHONPATH": str(checkout)})
    command = [sys.executable, *map(str, arguments)]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=variables)
    return time.perf_counter() - began, ended.stdout


def alternate(functions, rounds):
    """Call the functions in turn, ``rounds`` times; each returns its measurement.

    Parameters
    ----------
    functions : dict of str to callable
    rounds : int

    Returns
    -------
    numbers : dict of str to list of float
    """
    numbers = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            numbers[name].append(function())
    return numbers


def ratios(numbers, numerator, denominator):
    """Return the ratios of two measurements, round by round."""
    return [a / b for a, b in zip(numbers[numerator], numbers[denominator])]


def report(title, numbers, ours=None, unit="s"):
    """Print the median of each and, if ``ours`` names one, the median of the rounds' ratios to it."""
    print(f"\n{title}: medians of {len(next(iter(numbers.values())))} rounds in turn")
    for name, values in numbers.items():
        line = f"  {name:<40} {median(values):10.4g} {unit}"
        if ours not in (None, name):
            each = ratios(numbers, name, ours)
            line += f"   ratio to ours {median(each):.2f} ({min(each):.2f} to {max(each):.2f})"
        print(line, flush=True)


def versions():
    """Return one line: the date, the machine, and the versions of everything measured."""
    found = [f"Python {platform.python_version()}"]
    for package in _PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return f"{datetime.date.today()}, {platform.machine()} {platform.system()}, {', '.join(found)}"
