"""Predict a large table with engines, and search on Dask, against plain ``predict`` and a search in one process.

    python benchmarks/engines.py predict [--folder FOLDER] [--data NAME] [--documents 10000000] [--rounds 5]
    python benchmarks/engines.py search [--folder FOLDER] [--data NAME] [--rows 6000]

predict: polars, DuckDB and Dask with two processes read the texts from Parquet, predict, and write the labels, each in
a process of its own, which predicts a small table first; so do a loop over batches of 50,000 rows with plain
``predict``, and two such loops at once. The documents are the beginning of one text of the data set and the end of
another. Prints documents per second of processor time, the start-up (imports, cluster, small table, end) apart, peak
memory, and whether the labels are those of the loop: the medians of ``--rounds`` rounds in turn, because on a shared
machine two runs of one engine differ by up to a third.

search: GridSearchCV of 8 candidates in 2 folds on Dask with two processes of one thread, and in one process in which
TensorFlow has one thread or two. Prints seconds, processor time, and whether all scores and the probabilities of the
best classifier are the same, bit by bit. ``pip install 'skdistill[engines,examples]'``; Linux only.
"""

import hashlib
import json
import multiprocessing
import os
import shutil
import tempfile
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from sklearn.model_selection import GridSearchCV
from timing import alternate, load_one, parser, run_python, versions

from skdistill import DistilledTextClassifier, TextPredictor, runtime

ROWS_PER_FILE, ROWS_PER_BATCH, SMALL = 100_000, 50_000, 2_000
GRID = {"auxiliary_weight": [0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0]}
SERIAL = {"one process, one thread": 1, "one process, two threads": 2}
ON_DASK = "Dask, two processes"


def measures():
    """Return the processor time of this process and of those it waited for, and its largest memory so far in MB."""
    status = Path("/proc/self/status").read_text()  # getrusage counts the parent's memory
    return sum(os.times()[:4]), int(status.split("VmHWM:")[1].split()[0]) / 1024


def halves(texts):
    """Return the first and the second half of the words of each text."""
    words = [text.split(" ") for text in texts]
    return [" ".join(w[: len(w) // 2]) for w in words], [" ".join(w[len(w) // 2 :]) for w in words]


def write_documents(texts, n_documents, folder):
    """Write the large table, and a small one, as folders of Parquet files."""
    generator = np.random.default_rng(0)
    beginnings, ends = halves(texts)
    large = [ROWS_PER_FILE] * (n_documents // ROWS_PER_FILE) or [n_documents]
    for name, sizes in (("small", [SMALL] * 8), ("large", large)):  # each process gets a part of the small one
        (folder / name).mkdir()
        for i, size in enumerate(sizes):
            pairs = generator.integers(len(texts), size=(size, 2)).tolist()
            table = pa.table({"text": [f"{beginnings[a]} {ends[b]}" for a, b in pairs]})
            pq.write_table(table, folder / name / f"part-{i:04}.parquet", use_dictionary=False)


def files(folder):
    return sorted(map(str, Path(folder).glob("*.parquet")))


def loop(student, paths, target):
    """Predict batch by batch; return the processor time of ``predict`` alone."""
    predict, taken = runtime.load(student).predict, 0.0
    with pq.ParquetWriter(target, pa.schema([("label", pa.string())])) as writer:
        for path in paths:
            for batch in pq.ParquetFile(path).iter_batches(ROWS_PER_BATCH, columns=["text"]):
                texts, began = batch["text"].to_pylist(), time.process_time()
                labels = predict(texts)
                taken += time.process_time() - began
                writer.write_table(pa.table({"label": pa.array(labels.tolist(), pa.string())}))
    return taken


def plain(student, source, target):
    return loop(student, files(source), f"{target}/part.parquet")


def two_loops(student, source, target):
    """Predict half of the files in each of two processes, which have nothing to do with each other."""
    paths = files(source)
    parts = paths[: len(paths) // 2], paths[len(paths) // 2 :]
    with multiprocessing.get_context("fork").Pool(2) as pool:
        pool.starmap(loop, [(student, part, f"{target}/part-{i}.parquet") for i, part in enumerate(parts)])
        pool.close()
        pool.join()  # their processor time counts once they have ended


def polars(student, source, target):
    import polars as pl

    label = pl.col("text").map_batches(TextPredictor(student), return_dtype=pl.String, is_elementwise=True)
    pl.scan_parquet(files(source)).select(label=label).sink_parquet(f"{target}/part.parquet")


def duckdb(student, source, target):
    import duckdb

    with duckdb.connect() as connection:
        connection.create_function("label", TextPredictor(student), ["VARCHAR"], "VARCHAR", type="arrow")
        query = "COPY (SELECT label(text) AS label FROM read_parquet($1)) TO $2 (FORMAT parquet)"
        connection.execute(query, [files(source), f"{target}/part.parquet"])


def dask(student, source, target):
    import dask.dataframe as dd

    texts = dd.read_parquet(files(source))["text"]
    labels = texts.map_partitions(TextPredictor(student), meta=("label", "object"))
    labels.to_frame().to_parquet(target, write_index=False, schema=pa.schema([("label", pa.string())]))


ENGINES = {
    "plain predict": plain,
    "two loops at once": two_loops,
    "polars": polars,
    "DuckDB": duckdb,
    "Dask, two processes": dask,
}


@contextmanager
def processes(on_dask):
    """Yield a function that returns processor time and peak memory of this process and of those of Dask."""
    if not on_dask:
        yield lambda: [measures()]
        return
    import dask
    from dask.distributed import Client, LocalCluster

    # By default Dask makes the C library return every freed array to the system, and fetch it again for the next one.
    dask.config.set(
        {f"distributed.nanny.pre-spawn-environ.MALLOC_{name}_THRESHOLD_": 2**27 for name in ("TRIM", "MMAP")}
    )
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        yield lambda: [measures(), *client.run(measures).values()]


def total(measures):
    return [sum(values) for values in zip(*measures)]


def predict_here(engine, folder):
    """Predict the small and then the large table, and print what the large one took."""
    function, folder = ENGINES[engine], Path(folder)
    student = str(folder / "student.skd")
    with processes(function is dask) as measure:
        for source in ("small", "large"):
            target = folder / engine / source
            target.mkdir(parents=True)
            began, (cpu, _) = time.perf_counter(), total(measure())
            alone = function(student, folder / source, target)
        seconds, (cpu_after, memory) = time.perf_counter() - began, total(measure())
    print(json.dumps({"seconds": seconds, "cpu": cpu_after - cpu, "memory": memory, "alone": alone}))


def labels_in(folder):
    """Return the labels of a folder of Parquet files as one column, by the numbers in the files' names."""
    paths = sorted(files(folder), key=lambda path: int("0" + "".join(filter(str.isdigit, Path(path).name))))
    return ds.dataset(paths).to_table(["label"])["label"].cast(pa.string())


def in_a_process(engine, folder):
    """Predict the small and the large table in a new process, and return what it printed, its start-up and labels."""
    for earlier in (folder / engine).glob("*"):
        shutil.rmtree(earlier)
    whole, printed = run_python(__file__, "predict-here", "--engine", engine, "--folder", folder)
    found = json.loads(printed.splitlines()[-1])
    return found | {"start-up": whole - found["seconds"], "labels": labels_in(folder / engine / "large")}


def predict(arguments):
    texts, labels, test, _ = load_one(arguments)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        student = DistilledTextClassifier(random_state=0).fit(texts[:5_000], labels[:5_000]).extract("auxiliary")
        student.save(folder / "student.skd")
        write_documents(test, arguments.documents, folder)
        n = sum(pq.read_metadata(path).num_rows for path in files(folder / "large"))
        print(f"{arguments.data}: {n:,} documents, student of {(folder / 'student.skd').stat().st_size:,} bytes")

        engines = dict.fromkeys(["plain predict", *arguments.only])
        runs = alternate({engine: partial(in_a_process, engine, folder) for engine in engines}, arguments.rounds)
        loops = runs["plain predict"]
        alone = n / np.median([loop["alone"] for loop in loops])
        print(f"  {'predict alone':<20} {alone:9,.0f} documents per second of processor time; median of the rounds")
        for engine, found in runs.items():
            ratios = [loop["cpu"] / one["cpu"] for loop, one in zip(loops, found)]
            middle = {name: np.median([one[name] for one in found]) for name in ("cpu", "seconds", "start-up")}
            equal = all(one["labels"].equals(loop["labels"]) for loop, one in zip(loops, found))
            print(
                f"  {engine:<20} {n / middle['cpu']:9,.0f} documents per second of processor time, of the loop's in"
                f" the same round {np.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f});"
                f" {middle['seconds']:.0f} s of clock, start-up {middle['start-up']:.1f} s,"
                f" peak {max(one['memory'] for one in found):,.0f} MB, labels {'equal' if equal else 'DIFFER'}",
                flush=True,
            )


def digest(*arrays):
    """Return a few letters that change with any bit of the arrays."""
    return hashlib.sha256(b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)).hexdigest()[:12]


def search_here(arguments):
    """Search, and print seconds, processor time, and a digest of what was found."""
    import joblib

    texts, labels, test, _ = load_one(arguments)
    texts, labels = np.array(texts[: arguments.rows], dtype=object), np.asarray(labels[: arguments.rows])
    on_dask = arguments.engine == ON_DASK
    with processes(on_dask) as measure, joblib.parallel_config(*["dask"] * on_dask):
        classifier = DistilledTextClassifier(random_state=0, max_iter=arguments.epochs)
        search = GridSearchCV(classifier, GRID, cv=2)
        began = time.perf_counter()
        search.fit(texts, labels)
        seconds, (cpu, memory) = time.perf_counter() - began, total(measure())
    scores = [values for name, values in sorted(search.cv_results_.items()) if "score" in name and "time" not in name]
    found = digest(*scores, search.predict_proba(test[:2_000]))
    fits = search.cv_results_["mean_fit_time"].mean()
    print(json.dumps({"seconds": seconds, "cpu": cpu, "memory": memory, "digest": found, "fit": fits}))


def search(arguments):
    print(f"{arguments.data}: 8 candidates, 2 folds, {arguments.rows} rows, {arguments.epochs} epochs; the best again")
    options = [f"--data={arguments.data}", f"--rows={arguments.rows}", f"--epochs={arguments.epochs}"]
    options += [f"--folder={arguments.folder}"] * bool(arguments.folder)
    found = {}
    for side in (*SERIAL, ON_DASK):
        environment = {"OMP_NUM_THREADS": str(SERIAL[side])} if side in SERIAL else {}
        whole, printed = run_python(__file__, "search-here", "--engine", side, *options, environment=environment)
        found[side] = json.loads(printed.splitlines()[-1]) | {"whole": whole}
        run = found[side]
        print(
            f"  {side:<26} {run['seconds']:6.0f} s, with start-up {whole:.0f} s; {run['cpu']:.0f} s of processor;"
            f" {run['fit']:.1f} s per fit; {run['memory']:,.0f} MB; digest {run['digest']}",
            flush=True,
        )
    for side in SERIAL:
        print(f"  {ON_DASK} against {side}: {found[side]['seconds'] / found[ON_DASK]['seconds']:.2f} times as fast")


def main():
    made = parser(__doc__)
    made.add_argument("what", choices=["predict", "search", "predict-here", "search-here"])
    made.add_argument("--documents", type=int, default=10_000_000)
    made.add_argument(
        "--only", nargs="+", choices=ENGINES, default=ENGINES, help="engines to compare with plain predict"
    )
    made.add_argument("--rows", type=int, default=6_000)
    made.add_argument("--epochs", type=int, default=10)
    made.add_argument("--engine", help="of the two that end in -here, which this script starts itself")
    arguments = made.parse_args()
    if arguments.what == "predict-here":
        predict_here(arguments.engine, arguments.folder)
    elif arguments.what == "search-here":
        search_here(arguments)
    else:
        print(versions(), f"; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", sep="")
        {"predict": predict, "search": search}[arguments.what](arguments)


if __name__ == "__main__":
    main()
