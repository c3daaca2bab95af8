"""Time and memory of one epoch over a large data set against a tenth of it.

    python benchmarks/scale.py --folder FOLDER [--data nsmc_ko] [--rounds 1] [--stream]

Reads ``train.csv`` or ``train.csv.gz``. Characters are the tokens. Each fit is alone in a
process of its own; its peak memory is that of the process, with TensorFlow and the texts.

``--stream``: of 20,000 rows with their labels and a teacher, words as tokens, once alone and once with
all others read as a TextStream from a compressed file, without labels.
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
    """Texts and labels of the training part, compressed or not."""
    return read(next((Path(folder) / name).glob("train.csv*")))


def peak():
    """Largest memory of this process so far, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # kilobytes on Linux


def fit(classifier, texts, labels, **runs):
    """Seconds of a fit, and the peak memory before and after."""
    import tensorflow  # noqa: F401  (its import is not part of the fit)

    before = peak()
    taken = seconds(lambda: classifier.fit(texts, labels, **runs))
    return {"rows": len(texts), "seconds": taken, "before": before, "peak": peak()}


def fit_every(texts, labels):
    """One epoch of characters."""
    tokenizer = TextTokenizer(analyzer="char")
    return fit(DistilledTextClassifier(tokenizer=tokenizer, max_iter=1, random_state=0), texts, labels)


def fit_beside(labelled, stream=None):
    """One epoch of words with a teacher; ``labelled`` and ``stream`` are files."""
    teacher = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LogisticRegression(max_iter=1000))
    classifier = DistilledTextClassifier(teacher=teacher, max_iter=1, random_state=0)
    return fit(classifier, *read(labelled), X_unlabeled=None if stream is None else TextStream(stream))


def split(texts, labels, folder):
    """Write the rows that keep their label and the text of the others, a line a document."""
    labelled, stream = Path(folder) / "labelled.csv", Path(folder) / "others.txt.gz"
    pd.DataFrame({"text": texts[:N_LABELLED], "label": labels[:N_LABELLED]}).to_csv(labelled, index=False)
    with gzip.open(stream, "wt", encoding="utf-8", compresslevel=1) as file:
        file.writelines(" ".join(text.split()) + "\n" for text in texts[N_LABELLED:])
    return labelled, stream


def measure(arguments, rounds):
    """What the processes measured, in turn: a list for each size."""
    own = ["--folder", arguments.folder, "--data", arguments.data]
    measured = {name: [] for name in EVERY}
    for _ in range(rounds):
        for name, every in EVERY.items():
            measured[name].append(json.loads(run_python(__file__, *own, "--every", every)[1]))
    return measured


def measure_stream(arguments, rounds):
    """The same for a fit with a stream and without."""
    with tempfile.TemporaryDirectory() as folder:
        labelled, stream = split(*read_train(arguments.folder, arguments.data), folder)
        ways = {LABELLED: [labelled], STREAM: [labelled, stream]}
        measured = {name: [] for name in ways}
        for _ in range(rounds):
            for name, files in ways.items():
                measured[name].append(json.loads(run_python(__file__, "--beside", *files)[1]))
    return measured


def show(title, measured, peer):
    """Print seconds and memory."""
    times = {name: [run["seconds"] for run in runs] for name, runs in measured.items()}
    report(f"Seconds of a fit of one epoch, {title}", times, peer)
    for name, runs in measured.items():
        before, after = (median(run[key] for run in runs) for key in ("before", "peak"))
        print(f"  {name}: {runs[0]['rows']} with labels, peak {after:.2f} GB, of which {before:.2f} GB before the fit")


def measure_here(arguments):
    """The fit that this process was started for."""
    if arguments.beside:
        return fit_beside(*arguments.beside)
    texts, labels = read_train(arguments.folder, arguments.data)
    return fit_every(texts[:: arguments.every], labels[:: arguments.every])


def main():
    made = parser(__doc__, data="nsmc_ko", rounds=1)
    made.add_argument("--stream", action="store_true", help="labelled rows, alone and with a stream of the others")
    made.add_argument("--every", type=int, help="fit every n-th row, in this process")
    made.add_argument("--beside", nargs="+", help="fit the rows of a file, and the text of another, in this process")
    arguments = made.parse_args()
    if not (arguments.folder or arguments.beside):
        made.error("--folder is needed")
    if arguments.every or arguments.beside:
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
