"""The data sets of the benchmarks, ICD-10 and those of a folder of CSV files, and draws of few labels."""

from pathlib import Path

import numpy as np

from skdistill.datasets import load_icd10_chapters


def load(folder=None, names=None):
    """Yield (name, training texts, labels, test texts, labels) of each data set.

    ``folder`` holds a folder for each data set with ``train.csv`` and ``test.csv``,
    each with the columns ``text`` and ``label``.
    """
    if names is None or "icd10" in names:
        icd = load_icd10_chapters()
        yield "icd10", icd.data, icd.target, icd.data_test, icd.target_test
    for path in sorted(Path(folder).iterdir()) if folder else ():
        if (path / "train.csv").exists() and (names is None or path.name in names):
            yield path.name, *read(path / "train.csv"), *read(path / "test.csv")


def read(path):
    """Texts and labels of a CSV file."""
    import pandas as pd

    frame = pd.read_csv(path, keep_default_na=False)
    return list(frame.text), np.asarray(frame.label)


def draw(labels, per_class, seed):
    """Rows of each class that keep their label, and the others; 0 a class: all of them."""
    generator = np.random.default_rng(seed)
    rows = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    kept = np.concatenate([generator.choice(own, per_class or len(own), replace=False) for own in rows])
    return kept, np.setdiff1d(np.arange(len(labels)), kept)


def is_chinese(name):
    """Whether a data set is written without spaces."""
    return name.endswith("_zh")
