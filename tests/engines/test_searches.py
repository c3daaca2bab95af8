"""Searches on an engine are those of one process, also when a process is lost or the search is interrupted."""

from contextlib import contextmanager

import joblib
import numpy as np
import pytest
from conftest import documents
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, ParameterGrid

pd = pytest.importorskip("pandas")
for module in ("pyarrow", "tensorflow"):
    pytest.importorskip(module)
from engine_factory import CLASSIFIER, GRID, candidate, fragile_candidate, threads_of_tensorflow  # noqa: E402

CANDIDATES = list(ParameterGrid(GRID))


@pytest.fixture(scope="module")
def rows():
    texts, labels = documents(150, n_classes=3)
    return np.array(texts, dtype=object), labels


def searched(rows):
    return GridSearchCV(clone(CLASSIFIER), GRID, cv=2, error_score="raise").fit(*rows)


@pytest.fixture(scope="module")
def serial(rows):
    return searched(rows)


@contextmanager
def on_loky(request):
    with joblib.parallel_config("loky", n_jobs=2):
        yield


@contextmanager
def on_dask(request):
    request.getfixturevalue("dask_client")
    with joblib.parallel_config("dask"):
        yield


@contextmanager
def on_spark(request):
    request.getfixturevalue("spark")
    register_spark = pytest.importorskip("joblibspark").register_spark
    register_spark()
    with joblib.parallel_config("spark", n_jobs=2):
        yield


@contextmanager
def on_ray(request):
    request.getfixturevalue("ray")
    from ray.util.joblib import register_ray

    register_ray()
    with joblib.parallel_config("ray", n_jobs=2):
        yield


BACKENDS = [on_loky, on_dask, on_spark, on_ray]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_grid_search_is_the_serial_one(backend, request, rows, serial):
    with backend(request):
        search = searched(rows)
    for name, values in serial.cv_results_.items():
        if "score" in name and "time" not in name:
            np.testing.assert_array_equal(search.cv_results_[name], values)
    texts = rows[0]
    np.testing.assert_array_equal(search.predict_proba(texts), serial.predict_proba(texts))


@pytest.mark.parametrize("backend", BACKENDS)
def test_tensorflow_has_the_threads_of_its_process(backend, request):
    with backend(request):
        found = joblib.Parallel()(joblib.delayed(threads_of_tensorflow)(i) for i in range(2))
    assert {allowed for allowed, _ in found} == {1}
    assert {threads for _, threads in found} == {1}


@pytest.fixture
def path(rows, tmp_path):
    """The rows in a file, and an empty folder beside it."""
    (tmp_path / "finished").mkdir()
    path = tmp_path / "rows.parquet"
    pd.DataFrame({"text": rows[0], "label": rows[1]}).to_parquet(path)
    return str(path)


def mean_scores(serial):
    return serial.cv_results_["mean_test_score"].tolist()


def test_tasks_of_candidates_survive_a_killed_process(run_tasks, path, serial, tmp_path):
    folder = tmp_path / "finished"
    scores = run_tasks(fragile_candidate, CANDIDATES, path, folder)
    assert (folder / "died").exists()
    assert [each.mean() for each in scores] == mean_scores(serial)


def test_an_interrupted_search_goes_on_from_its_finished_candidates(path, serial, tmp_path):
    folder = tmp_path / "finished"
    tasks = [joblib.delayed(fragile_candidate)(params, path, folder) for params in CANDIDATES]
    with pytest.raises(Exception, match="terminated"):
        joblib.Parallel(2)(tasks)  # a process is killed, and loky gives up
    finished = {file: file.stat().st_mtime_ns for file in folder.rglob("output.pkl")}
    assert finished
    scores = joblib.Parallel(2)(joblib.delayed(candidate)(params, path, folder) for params in CANDIDATES)
    assert [each.mean() for each in scores] == mean_scores(serial)
    assert {file: file.stat().st_mtime_ns for file in finished} == finished
    assert len(list(folder.rglob("output.pkl"))) == len(CANDIDATES)
