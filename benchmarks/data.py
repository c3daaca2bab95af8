"""The data sets of the benchmarks: ICD-10 and those in a folder of CSV files, and draws of few labels."""

from pathlib import Path

import numpy as np

from skdistill.datasets import load_icd10_chapters


def load(folder=None, names=None):
    """Yield (name, training texts, labels, test texts, labels) of each data set.

    ``folder`` holds a folder per data set with ``train.csv`` and ``test.csv``, compressed or not,
    both with the columns ``text`` and ``label``. ``names`` selects data sets; None: all that are
    not compressed, because these are large.
    """
    if names is None or "icd10" in names:
        icd = load_icd10_chapters()
        yield "icd10", icd.data, icd.target, icd.data_test, icd.target_test
    for path in sorted(Path(folder).iterdir()) if folder else ():
        pattern = ".csv" if names is None else ".csv*"
        files = [next(path.glob(f"{part}{pattern}"), None) for part in ("train", "test")]
        if all(files) and (names is None or path.name in names):
            yield path.name, *read(files[0]), *read(files[1])


def read(path):
    """Return the texts and labels of a CSV file."""
    import pandas as pd

    frame = pd.read_csv(path, keep_default_na=False)
    return list(frame.text), np.asarray(frame.label)


def draw(labels, per_class, seed):
    """Return ``per_class`` random rows of each class, which keep their labels, and the others; 0: all rows."""
    generator = np.random.default_rng(seed)
    rows = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    kept = np.concatenate([generator.choice(of_class, per_class or len(of_class), replace=False) for of_class in rows])
    return kept, np.setdiff1d(np.arange(len(labels)), kept)


def is_chinese(name):
    """Return whether a data set is Chinese, which is written without spaces."""
    return name.endswith("_zh")
