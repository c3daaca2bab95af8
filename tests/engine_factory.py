"""Rows, teachers and tasks for the tests of engines; processes of the engines import this module."""

import os
import signal
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from factory import PLAIN
from joblib import Memory
from sklearn.base import clone
from sklearn.model_selection import cross_val_score

from skdistill import DistilledTextClassifier, TextPredictor
from skdistill.teachers import FunctionTeacher

#: Rows per part of the table: 2,000 in all, one part is empty.
SIZES = 700, 0, 700, 600
MISSING = 5

CLASSIFIER = DistilledTextClassifier(PLAIN, PLAIN, random_state=0, max_iter=2)
GRID = {"auxiliary_weight": [0.5, 2.0]}


def write_parts(folder, texts, sizes):
    """Write a table of ids and texts, one Parquet file per part, and return the paths of the files."""
    bounds = np.cumsum([0, *sizes])
    frame = pd.DataFrame({"id": np.arange(len(texts)), "text": pd.array(texts, "string")})
    paths = [folder / f"part-{i}.parquet" for i in range(len(sizes))]
    for path, start, stop in zip(paths, bounds, bounds[1:]):
        frame[start:stop].to_parquet(path, index=False)
    return [str(path) for path in paths]


def has_tensorflow(*_):
    return "tensorflow" in sys.modules


def ask(text):
    """Stand in for a language model."""
    n_good = sum(word in text for word in ("good", "fine", "lovely", "superb", "bright"))
    return {"good": 0.9, "bad": 0.1} if n_good else {"good": 0.25, "bad": 0.75}


TEACHER = FunctionTeacher(ask, ["bad", "good"])


def answer(frame):
    """Return ids and texts with a column of probabilities per class."""
    probabilities = TextPredictor(TEACHER, "predict_proba")(frame["text"])
    return pd.concat([frame[["id", "text"]], probabilities], axis=1)


def answer_file(path, folder):
    """Ask the teacher for a file of texts, unless its file of answers is there, and return whether it was asked."""
    target = Path(folder) / Path(path).name
    if target.exists():
        return False
    unfinished = target.with_suffix(".unfinished")
    answer(pd.read_parquet(path)).to_parquet(unfinished, index=False)
    unfinished.rename(target)  # whole or not there
    return True


def candidate(params, path, folder):
    """Return the scores of a candidate of a search, computed once; the rows are read from a file."""
    rows = pd.read_parquet(path)
    score = Memory(folder, verbose=0).cache(cross_val_score)
    return score(clone(CLASSIFIER).set_params(**params), rows["text"].tolist(), rows["label"].tolist(), cv=2)


def die_once(folder):
    """Kill this process, the first time that it is called with a folder."""
    try:
        (Path(folder) / "died").touch(exist_ok=False)
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def fragile_candidate(params, path, folder):
    """Score a candidate in a process that is killed after it has scored the first."""
    scores = candidate(params, path, folder)
    die_once(folder)
    return scores


def threads_of_tensorflow(*_):
    """Fit, and return the number of threads that the process may use and the number that TensorFlow has."""
    clone(CLASSIFIER).fit(["good food", "bad food"] * 8, ["good", "bad"] * 8)
    import tensorflow as tf

    return int(os.environ["OMP_NUM_THREADS"]), tf.config.threading.get_intra_op_parallelism_threads()
