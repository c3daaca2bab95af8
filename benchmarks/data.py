"""The data sets of the benchmarks: ICD-10, and a folder of CSV files where one is given."""

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


def is_chinese(name):
    """Whether a data set is written without spaces."""
    return name.endswith("_zh")
