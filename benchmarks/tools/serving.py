"""Files, model servers, and searches and clusters of processes."""

import json
import pickle
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import joblib
from sklearn.base import clone
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from .given import (
    LABELS,
    NEW,
    TEXTS,
    deployed,
    equal,
    parameter_of,
    right,
)


def pickled(clf):
    import cloudpickle

    fitted, small = clf.fit(TEXTS, LABELS), deployed(clf)
    right(pickle.loads(pickle.dumps(fitted)).predict(NEW))
    right(pickle.loads(pickle.dumps(small)).predict(NEW))
    lower = FunctionTransformer(lambda texts: [text.lower() for text in texts])  # pickle refuses a lambda
    right(pickle.loads(cloudpickle.dumps(make_pipeline(lower, small))).predict(NEW))


def mapped(clf):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "classifier.joblib"
        for fitted in (clf.fit(TEXTS, LABELS), deployed(clf)):
            joblib.dump(fitted, path)
            right(joblib.load(path, mmap_mode="r").predict(NEW))


def skops_file(clf):
    from skops.io import dumps, get_untrusted_types, loads

    data = dumps(deployed(clf))
    types = get_untrusted_types(data=data)
    assert all(name.startswith("skdistill.") for name in types), types
    right(loads(data, trusted=types).predict(NEW))


def fast_api(clf):
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    app, fitted = FastAPI(), deployed(clf)

    @app.post("/labels")
    def labels(texts: list[str]) -> list[str]:
        return fitted.predict(texts).tolist()

    right(TestClient(app).post("/labels", json=NEW).json())


WSGI = """
import json, os, joblib
models = [joblib.load(path) for path in ("fitted.joblib", "small.joblib")]  # in the parent, with --preload
def app(environ, start_response):
    texts = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps([os.getpid(), [model.predict(texts).tolist() for model in models]]).encode()]
"""


def gunicorn_workers(clf):
    with tempfile.TemporaryDirectory() as folder:
        joblib.dump(clf.fit(TEXTS, LABELS), Path(folder) / "fitted.joblib")
        joblib.dump(deployed(clf), Path(folder) / "small.joblib")
        (Path(folder) / "served.py").write_text(WSGI)
        with gunicorn(folder, "--preload", "--workers=2", "served:app") as url:
            answers = [json.loads(posted(url, NEW)) for _ in range(40)]
    equal(len({pid for pid, _ in answers}), 2)
    for _, predicted in answers:
        right(predicted, ["pos", "neg"] * 2)


@contextmanager
def gunicorn(folder, *arguments):
    """Yield the address of a server that ends with the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "gunicorn", "--bind", address, "--log-level=error", *arguments]
    process = subprocess.Popen(command, cwd=folder)
    try:
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait(30)


def posted(url, texts, seconds=60):
    """Return the answer of a server, which may still be starting."""
    for _ in range(10 * seconds):
        try:
            return urllib.request.urlopen(url, json.dumps(texts).encode(), timeout=30).read()
        except ConnectionError:
            time.sleep(0.1)
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ConnectionError):
                raise
            time.sleep(0.1)
    raise TimeoutError(f"No answer within {seconds} s")


def ml_flow(clf):
    import mlflow
    from skops.io import dumps, get_untrusted_types

    fitted = deployed(clf)
    types = get_untrusted_types(data=dumps(fitted))
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/model"
        mlflow.sklearn.save_model(fitted, path, skops_trusted_types=types, pip_requirements=["skdistill"])
        right(mlflow.sklearn.load_model(path).predict(NEW))
        right(mlflow.pyfunc.load_model(path).predict(NEW))


def optuna_study(clf):
    import optuna

    def score(trial):
        value = trial.suggest_float(parameter_of(clf), 0.01, 0.1, log=True)
        return cross_val_score(clone(clf).set_params(**{parameter_of(clf): value}), TEXTS, LABELS, cv=3).mean()

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=0))
    study.optimize(score, n_trials=4)
    equal(study.best_value, 1)


def bayes_search(clf):
    from skopt import BayesSearchCV

    space = {parameter_of(clf): (0.01, 0.1, "log-uniform")}
    right(BayesSearchCV(clf, space, n_iter=3, cv=3, random_state=0).fit(TEXTS, LABELS).predict(NEW))


def dask_workers(clf):
    from dask.distributed import Client
    from sklearn.model_selection import GridSearchCV

    search = GridSearchCV(clf, {parameter_of(clf): [0.01, 0.1]}, cv=3)
    with Client(n_workers=2, threads_per_worker=1, dashboard_address=None), joblib.parallel_config("dask"):
        right(search.fit(TEXTS, LABELS).predict(NEW))
