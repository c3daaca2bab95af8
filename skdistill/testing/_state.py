"""Checks of what a model holds: copies, files, threads and processes; and that it leaves its input alone."""

import copy
import pickle
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest import SkipTest

import joblib
import numpy as np

from ._models import assert_same, fit, fitted, import_or_skip, is_installed, outputs
from ._task import EXAMPLE


def check_pickle(name, estimator, task=EXAMPLE):
    """Check that a pickled model predicts the same after loading, because this is how models are deployed.

    References
    ----------
    scikit-learn/scikit-learn#12833, rkcosmos/deepcut#45
    """
    model = fitted(estimator, task)
    assert_same(outputs(pickle.loads(pickle.dumps(model)), task.texts), outputs(model, task.texts), "a pickled copy")


def check_deepcopy(name, estimator, task=EXAMPLE):
    """Check that a deep copy predicts the same, because ensembles and callbacks keep copies of the best model.

    References
    ----------
    sktime/sktime#10712, dmlc/xgboost#751
    """
    model = fitted(estimator, task)
    assert_same(outputs(copy.deepcopy(model), task.texts), outputs(model, task.texts), "a deep copy")


def check_read_only_memory_map(name, estimator, task=EXAMPLE):
    """Check that a model whose arrays are read-only memory maps predicts, because joblib gives workers such ones.

    References
    ----------
    scikit-learn/scikit-learn#5956
    """
    model = fitted(estimator, task)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "model.joblib"
        joblib.dump(model, path)
        loaded = joblib.load(path, mmap_mode="r")
        assert_same(outputs(loaded, task.texts), outputs(model, task.texts), "a memory-mapped copy")
        del loaded


def check_threads(name, estimator, task=EXAMPLE):
    """Check that threads that predict other documents at once get the right rows, because servers use threads.

    References
    ----------
    fastai/fastai#2228, scikit-learn/scikit-learn#18530, tensorflow/tensorflow#61298
    """
    model = fitted(estimator, task)
    parts = [task.texts[start::4] for start in range(4)] * 4
    expected = [outputs(model, texts) for texts in parts[:4]] * 4
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda texts: outputs(model, texts), parts))
    for got, right in zip(found, expected):
        assert_same(got, right, "one of four threads")


def check_processes(name, estimator, task=EXAMPLE):
    """Check that a model predicts the same in joblib's worker processes, because searches run there.

    References
    ----------
    joblib/joblib#883, rasbt/mlxtend#605
    """
    model = fitted(estimator, task)
    jobs = (joblib.delayed(outputs)(model, task.texts) for _ in range(2))
    for found in joblib.Parallel(n_jobs=2, backend="loky")(jobs):
        assert_same(found, outputs(model, task.texts), "a worker process")


def check_prediction_changes_nothing(name, estimator, task=EXAMPLE):
    """Check that predicting leaves parameters and public attributes as they are, because it must not learn.

    References
    ----------
    andreekeberg/ml-classify-text-js#5
    """
    model = fitted(estimator, task)
    before = _public(model)
    outputs(model, ["words that nobody has seen", *task.texts])
    after = _public(model)
    changed = sorted(key for key in {*before, *after} if before.get(key) != after.get(key))
    assert not changed, f"predicting changes {changed}"


def check_predict_keeps_its_input(name, estimator, task=EXAMPLE):
    """Check that predicting leaves a list and an array of documents as they are, because the caller still needs them.

    References
    ----------
    huggingface/transformers#36866, deepset-ai/haystack#2297
    """
    model = fitted(estimator, task)
    texts, array = list(task.texts), np.array(task.texts, dtype=object)
    outputs(model, texts)
    assert texts == task.texts, "predicting changes the list of documents"
    outputs(model, array)
    assert array.tolist() == task.texts, "predicting changes the array of documents"


def check_fit_keeps_its_input(name, estimator, task=EXAMPLE):
    """Check that fit leaves documents, labels and a Series' index as they are, because the caller still needs them.

    References
    ----------
    huggingface/transformers#36866, deepset-ai/haystack#231
    """
    texts, labels = list(task.texts), np.array(task.labels)
    fit(estimator, task._replace(texts=texts, labels=labels))
    assert texts == task.texts, "fit changes the list of documents"
    assert np.array_equal(labels, np.array(task.labels)), "fit changes the array of labels"
    if not is_installed("pandas") or task.is_multilabel:
        return
    pandas = import_or_skip("pandas")
    index = np.arange(len(texts))[::-1]
    series = [pandas.Series(texts, index=index, dtype=object), pandas.Series(labels, index=index)]
    copies = [each.copy() for each in series]
    fit(estimator, task._replace(texts=series[0], labels=series[1]))
    assert all(each.equals(other) for each, other in zip(series, copies)), "fit changes a Series or its index"


def check_fit_reads_read_only_labels(name, estimator, task=EXAMPLE):
    """Check that fit takes read-only labels, because joblib maps large arrays into its workers read-only.

    References
    ----------
    scikit-learn/scikit-learn#5956
    """
    labels = np.array(task.labels)
    labels.setflags(write=False)
    fit(estimator, task._replace(labels=labels))


def _public(model):
    """Return the identities of parameters and public attributes."""
    if not hasattr(model, "__dict__"):
        raise SkipTest("the model has no attributes")
    found = {key: id(value) for key, value in vars(model).items() if not key.startswith("_")}
    if hasattr(model, "classes_"):
        found["values of classes_"] = str(list(model.classes_))
    return found
