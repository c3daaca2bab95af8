"""Local clusters of two processes, on the loopback interface alone."""

import logging
import os
import shutil
import socket
import sys
from pathlib import Path

import pytest

TESTS = str(Path(__file__).parent.parent)
ROOT = str(Path(__file__).parent.parent.parent)


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)
            # Engines leave sockets open, and call what other libraries deprecate.
            for ignored in ("ResourceWarning", "DeprecationWarning", "FutureWarning", "UserWarning"):
                item.add_marker(pytest.mark.filterwarnings(f"ignore::{ignored}"))


@pytest.fixture(scope="session")
def paths_of_workers():
    """Let new processes import this package and the modules of tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([ROOT, TESTS, *filter(None, [os.environ.get("PYTHONPATH")])]))
        yield


@pytest.fixture(scope="session")
def dask_client(paths_of_workers):
    distributed = pytest.importorskip("dask.distributed")
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs=logging.CRITICAL
    )
    with cluster, distributed.Client(cluster) as client:
        yield client


@pytest.fixture(scope="session")
def ray(paths_of_workers):
    ray = pytest.importorskip("ray")
    # Ray listens on the address of the machine, whatever address it is given.
    if [name for _, name in socket.if_nameindex()] != ["lo"]:
        pytest.skip("Ray is tested without a network: unshare -rn bash -c 'ip link set lo up; pytest tests/engines'")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_worker_niceness", "0")  # 15 by default: they would wait for all else on a busy machine
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        start_ray(ray)
    yield ray
    ray.shutdown()


def start_ray(ray):
    ray.init(
        num_cpus=2,
        include_dashboard=False,
        log_to_driver=False,
        logging_level="error",
        object_store_memory=200_000_000,
    )


@pytest.fixture(scope="session")
def spark(paths_of_workers):
    sql = pytest.importorskip("pyspark.sql")
    if not shutil.which("java"):
        pytest.skip("Spark needs Java")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        settings = {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.ui.enabled": "false",
            "spark.sql.shuffle.partitions": "2",
            "spark.log.level": "OFF",
        }
        builder = sql.SparkSession.builder.master("local[2,4]")  # two tasks at a time, four attempts
        for name, value in settings.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("OFF")
        yield session
        session.stop()


@pytest.fixture(params=["dask", "ray", "spark"])
def run_tasks(request):
    """Return a function that runs tasks on an engine: ``run(function, items, *others)``, with one task per item."""
    engine = request.getfixturevalue("dask_client" if request.param == "dask" else request.param)

    def on_dask(function, items, *others):
        return engine.gather(engine.map(lambda item: function(item, *others), items, pure=False))

    def on_ray(function, items, *others):
        return engine.get([engine.remote(function).remote(item, *others) for item in items])

    def on_spark(function, items, *others):
        return engine.sparkContext.parallelize(items, len(items)).map(lambda item: function(item, *others)).collect()

    return {"dask": on_dask, "ray": on_ray, "spark": on_spark}[request.param]
