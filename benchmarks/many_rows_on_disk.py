"""Measure a fit of more rows than one would hold in memory: texts in Parquet files, against the same texts as a list.

    python benchmarks/many_rows_on_disk.py --folder FOLDER [--data ag_news_part] [--rows 1000000] [--only disk]

Each row is made of as many sentences as the text that gives its label, each from another text of this label: the
words of real text in new combinations. It is written to Parquet files in a temporary folder. Each fit runs for one
epoch in a process of its own, which reports the seconds of ``fit``, its peak memory (VmHWM), and how much of it there
was before the fit. ``--temporary`` names the folder for all temporary files; they take about 2 kB a row of 40 words.
"""

import json
import re
import resource
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

import numpy as np
from scale import peak
from timing import load_one, parser, run_python, seconds, versions

from skdistill import DistilledTextClassifier, ParquetTexts

_WAYS = ("disk", "memory")
_ROWS_PER_FILE = 100_000
_SENTENCE = re.compile(r"(?<=[.!?;])\s+")


def recombined(texts, labels, n_rows, seed=0):
    """Yield texts of sentences of other texts with the same label, and the labels, some thousand at a time."""
    generator = np.random.default_rng(seed)
    sentences = [_SENTENCE.split(text) for text in texts]
    of_label = {
        label: [s for i in np.flatnonzero(labels == label) for s in sentences[i]] for label in np.unique(labels)
    }
    for start in range(0, n_rows, _ROWS_PER_FILE):
        sources = generator.integers(len(texts), size=min(_ROWS_PER_FILE, n_rows - start)).tolist()
        rows = []
        for source in sources:
            pool = of_label[labels[source]]
            rows.append(" ".join(pool[i] for i in generator.integers(len(pool), size=len(sentences[source])).tolist()))
        yield rows, labels[sources]


def write(arguments, folder):
    """Write the rows to Parquet files and the labels to a file; return what the texts consist of."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    texts, labels, *_ = load_one(arguments)
    labels = np.unique(labels, return_inverse=True)[1]
    words, pairs, distinct, n_words, written = set(), set(), 0, 0, []
    for number, (rows, of_rows) in enumerate(recombined(texts, labels, arguments.rows)):
        pq.write_table(pa.table({"text": rows}), Path(folder) / f"part-{number:05}.parquet")
        written.append(of_rows)
        distinct += len(set(rows))
        if number == 0:  # later files have other combinations of the same sentences
            for row in rows:
                found = row.lower().split()
                n_words += len(found)
                words.update(found)
                pairs.update(pairwise(found))
    np.save(Path(folder) / "labels.npy", np.concatenate(written))
    first = min(arguments.rows, _ROWS_PER_FILE)
    return f"{distinct} of {arguments.rows} rows distinct in their file; of the first {first} rows " + (
        f"{n_words / first:.1f} words a row, {len(words)} distinct words, {len(pairs)} distinct pairs of words"
    )


def measure(way, folder, epochs):
    """Fit in this process and print its numbers as JSON."""
    import tensorflow  # noqa: F401 (imported now, so that no fit is charged for it)

    labels = np.load(Path(folder) / "labels.npy")
    X = ParquetTexts(folder)
    X = list(X) if way == "memory" else X
    before = peak()
    classifier = DistilledTextClassifier(max_iter=int(epochs), random_state=0)
    taken = seconds(lambda: classifier.fit(X, labels))
    cpu = resource.getrusage(resource.RUSAGE_SELF)
    some = ParquetTexts(folder)[:2000]
    numbers = {"seconds": taken, "cpu": cpu.ru_utime + cpu.ru_stime, "before": before, "peak": peak()}
    print(json.dumps(numbers | {"training accuracy of 2,000 rows": classifier.score(some, labels[:2000])}))


def main():
    made = parser(__doc__, data="ag_news_part", rounds=1)
    made.add_argument("--rows", type=int, default=1_000_000)
    made.add_argument("--epochs", type=int, default=1)
    made.add_argument("--only", nargs="*", choices=_WAYS, default=_WAYS)
    made.add_argument("--temporary", help="the folder for temporary files")
    arguments = made.parse_args()
    print(versions())
    tempfile.tempdir = arguments.temporary
    environment = {} if arguments.temporary is None else {"TMPDIR": arguments.temporary}
    with tempfile.TemporaryDirectory() as folder:
        print(write(arguments, folder), flush=True)
        for way in arguments.only:
            given = "--measure", way, folder, arguments.epochs
            numbers = json.loads(run_python(__file__, *given, environment=environment)[1].splitlines()[-1])
            print(f"  {way}: " + ", ".join(f"{name} {value:.4g}" for name, value in numbers.items()), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(*sys.argv[2:])
    else:
        main()
