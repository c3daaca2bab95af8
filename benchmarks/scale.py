"""Measure time and memory of one epoch over a large data set, against a tenth of it.

    python benchmarks/scale.py --folder FOLDER [--data nsmc_ko] [--rounds 1] [--stream]

Reads ``train.csv`` or ``train.csv.gz``. Characters are the tokens. Each fit runs in a
separate process; its peak memory is that of the process, with TensorFlow and the texts.

``--stream``: fits 20,000 labelled rows with a teacher and words as tokens, once alone and
once with the text of all other rows as a TextStream from a compressed file.
"""

import gzip
import json
import resource
import tempfile
from pathlib import Path
from statistics import median

import pandas as pd
from data import read
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from timing import parser, ratios, report, run_python, seconds, versions

from skdistill import DistilledTextClassifier, TextStream, TextTokenizer

ALL, TENTH = "all rows", "a tenth of the rows"
EVERY = {ALL: 1, TENTH: 10}
N_LABELLED = 20_000
LABELLED, STREAM = f"{N_LABELLED} labelled rows", "the same and a stream of the others"


def read_train(folder, name):
    """Return the texts and labels of the training data, compressed or not."""
    return read(next((Path(folder) / name).glob("train.csv*")))


def peak():
    """Return the largest memory of this process so far, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # kilobytes on Linux


def fit(classifier, texts, labels, **runs):
    """Return the seconds of a fit, and the peak memory before and after."""
    import tensorflow  # noqa: F401 (imported now, so that no fit is charged for it)

    before = peak()
    taken = seconds(lambda: classifier.fit(texts, labels, **runs))
    return {"rows": len(texts), "seconds": taken, "before": before, "peak": peak()}


def fit_every(texts, labels):
    """Measure one epoch of characters."""
    tokenizer = TextTokenizer(analyzer="char")
    return fit(DistilledTextClassifier(tokenizer=tokenizer, max_iter=1, random_state=0), texts, labels)


def fit_files(labelled, stream=None):
    """Measure one epoch of words with a teacher; ``labelled`` and ``stream`` are files."""
    teacher = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LogisticRegression(max_iter=1000))
    classifier = DistilledTextClassifier(teacher=teacher, max_iter=1, random_state=0)
    return fit(classifier, *read(labelled), X_unlabeled=None if stream is None else TextStream(stream))


def split(texts, labels, folder):
    """Write the labelled rows, and the text of the others with one line per document."""
    labelled, stream = Path(folder) / "labelled.csv", Path(folder) / "others.txt.gz"
    pd.DataFrame({"text": texts[:N_LABELLED], "label": labels[:N_LABELLED]}).to_csv(labelled, index=False)
    with gzip.open(stream, "wt", encoding="utf-8", compresslevel=1) as file:
        file.writelines(" ".join(text.split()) + "\n" for text in texts[N_LABELLED:])
    return labelled, stream


def measure(arguments, rounds):
    """Return what the processes measure, in turn: a list per size."""
    options = ["--folder", arguments.folder, "--data", arguments.data]
    measured = {name: [] for name in EVERY}
    for _ in range(rounds):
        for name, every in EVERY.items():
            measured[name].append(json.loads(run_python(__file__, *options, "--every", every)[1]))
    return measured


def measure_stream(arguments, rounds):
    """Return what the processes measure without a stream and with one, in turn."""
    with tempfile.TemporaryDirectory() as folder:
        labelled, stream = split(*read_train(arguments.folder, arguments.data), folder)
        ways = {LABELLED: [labelled], STREAM: [labelled, stream]}
        measured = {name: [] for name in ways}
        for _ in range(rounds):
            for name, files in ways.items():
                measured[name].append(json.loads(run_python(__file__, "--files", *files)[1]))
    return measured


def show(title, measured, reference):
    """Print seconds, with their ratios to the reference, and memory."""
    times = {name: [run["seconds"] for run in runs] for name, runs in measured.items()}
    report(f"Seconds of a fit of one epoch, {title}", times, reference)
    for name, runs in measured.items():
        before, after = (median(run[key] for run in runs) for key in ("before", "peak"))
        print(
            f"  {name}: {runs[0]['rows']} labelled rows, peak {after:.2f} GB, of which {before:.2f} GB before the fit"
        )


def measure_here(arguments):
    """Run the fit that this process was started for."""
    if arguments.files:
        return fit_files(*arguments.files)
    texts, labels = read_train(arguments.folder, arguments.data)
    return fit_every(texts[:: arguments.every], labels[:: arguments.every])


def main():
    made = parser(__doc__, data="nsmc_ko", rounds=1)
    made.add_argument("--stream", action="store_true", help="fit labelled rows, alone and with a stream of the others")
    made.add_argument("--every", type=int, help="fit every n-th row, in this process")
    made.add_argument(
        "--files", nargs="+", help="fit the labelled rows of a file, and the text of another, in this process"
    )
    arguments = made.parse_args()
    if not (arguments.folder or arguments.files):
        made.error("--folder is needed")
    if arguments.every or arguments.files:
        print(json.dumps(measure_here(arguments)))
        return
    print(versions())
    if arguments.stream:
        show(arguments.data, measure_stream(arguments, arguments.rounds), STREAM)
        return
    measured = measure(arguments, arguments.rounds)
    show(arguments.data, measured, TENTH)
    times = {name: [run["seconds"] for run in runs] for name, runs in measured.items()}
    print(f"  median ratio, all rows to a tenth: {median(ratios(times, ALL, TENTH)):.2f}")


if __name__ == "__main__":
    main()
