"""A small grid search on each backend of joblib: how long, whether it is the serial one, and if a worker is killed.

    python benchmarks/backends.py [--folder FOLDER] [--data NAME] [--rows 1500] [--only serial loky dask ray spark]

4 candidates in 3 folds, so fits of half a second, with two processes. Each backend runs in a process of its own, which
searches twice in the same workers; then once more, while one worker kills itself in the first epoch of its first fit.
"equal" compares all scores and the probabilities of the best classifier with those of the serial search, bit by bit.
``pip install 'skdistill[engines,examples]'``, Java for Spark; Linux only. Ray listens on the machine's own address:
run it where there is no network, ``unshare -rn bash -c 'ip link set lo up; python benchmarks/backends.py ...'``.
"""

import json
import os
import signal
import sys
import tempfile
import warnings
from contextlib import ExitStack, contextmanager
from pathlib import Path

import joblib
import numpy as np
from engines import digest
from sklearn.model_selection import GridSearchCV
from timing import load_one, parser, run_python, seconds, versions

from skdistill import DistilledTextClassifier

GRID = {"auxiliary_weight": [0.5, 1.0, 2.0, 4.0]}


class KillOnce:
    """A callback that kills the process of the first fit that calls it, unless that is the process of the search."""

    def __init__(self, folder):
        self.mark, self.searching = Path(folder) / "killed", os.getpid()

    def __call__(self, numbers):
        if os.getpid() == self.searching:
            return
        try:
            self.mark.touch(exist_ok=False)
        except FileExistsError:
            return
        os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def serial():
    yield


@contextmanager
def loky():
    with joblib.parallel_config("loky", n_jobs=2):
        yield


@contextmanager
def dask():
    from dask.distributed import Client, LocalCluster

    with ExitStack() as stack:
        cluster = LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None)
        stack.enter_context(cluster)
        stack.enter_context(Client(cluster))
        stack.enter_context(joblib.parallel_config("dask"))
        yield


@contextmanager
def ray():
    import ray as engine
    from ray.util.joblib import register_ray

    engine.init(num_cpus=2, include_dashboard=False, log_to_driver=False, object_store_memory=200_000_000)
    register_ray()
    with joblib.parallel_config("ray", n_jobs=2):
        yield


@contextmanager
def spark():
    os.environ |= {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    from joblibspark import register_spark
    from pyspark.sql import SparkSession

    # Two tasks at a time, and four attempts for each.
    SparkSession.builder.master("local[2,4]").config("spark.ui.enabled", "false").getOrCreate()
    register_spark()
    with joblib.parallel_config("spark", n_jobs=2):
        yield


BACKENDS = {each.__name__: each for each in (serial, loky, dask, ray, spark)}


def measure(arguments):
    """Search on one backend, and print a line of JSON after each search."""
    texts, labels, test, _ = load_one(arguments)
    X, y = np.array(texts[: arguments.rows], dtype=object), np.asarray(labels[: arguments.rows])

    def searched(**parameters):
        classifier = DistilledTextClassifier(auxiliary_units=16, random_state=0, max_iter=3, **parameters)
        return GridSearchCV(classifier, GRID, cv=3, error_score="raise").fit(X, y)

    def found(search):
        names = [name for name in sorted(search.cv_results_) if "score" in name and "time" not in name]
        return digest(*(search.cv_results_[name] for name in names), search.predict_proba(test))

    with BACKENDS[arguments.here](), tempfile.TemporaryDirectory() as folder:
        searches = []
        for which in ("first", "second"):
            taken = seconds(lambda: searches.append(searched()))
            print(json.dumps({which: taken, "digest": found(searches[-1])}), flush=True)
        if arguments.here == "serial":
            return
        try:
            outcome = {"digest": found(searched(callbacks=[KillOnce(folder)]))}
        except Exception as error:
            outcome = {"error": type(error).__name__}
        print(json.dumps({"killed": (Path(folder) / "killed").exists()} | outcome), flush=True)


def main():
    made = parser(__doc__, data="trec6")
    made.add_argument("--rows", type=int, default=1500)
    made.add_argument("--only", nargs="+", choices=BACKENDS, default=BACKENDS)
    made.add_argument("--here", choices=BACKENDS, help="of the processes that this script starts itself")
    arguments = made.parse_args()
    if arguments.here:
        warnings.simplefilter("ignore")
        measure(arguments)
        os._exit(0)  # some engines wait for a worker that is gone
    print(versions(), f"; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", sep="")
    options = [f"--data={arguments.data}", f"--rows={arguments.rows}"]
    options += [f"--folder={arguments.folder}"] * bool(arguments.folder)
    expected = None
    for name in dict.fromkeys(["serial", *arguments.only]):
        environment = {"RAY_worker_niceness": "0", "RAY_USAGE_STATS_ENABLED": "0"}
        lines = run_python(__file__, "--here", name, *options, environment=environment)[1].splitlines()
        first, second, *killed = [json.loads(line) for line in lines if line.startswith("{")]
        expected = expected or first["digest"]
        equal = "equal" if {first["digest"], second["digest"]} == {expected} else "DIFFER"
        print(f"  {name:<7} first {first['first']:6.1f} s, second {second['second']:6.1f} s, {equal}", end="")
        for outcome in killed:
            is_equal = "completed, equal" if outcome.get("digest") == expected else "completed, DIFFERS"
            print(f"; worker killed ({outcome['killed']}): {outcome.get('error', is_equal)}", end="")
        print(flush=True)


if __name__ == "__main__":
    main()
