"""Time and memory of one epoch over a large data set against a tenth of it.

    python benchmarks/scale.py --folder FOLDER [--data nsmc_ko] [--rounds 1]

Reads ``train.csv`` or ``train.csv.gz``. Characters are the tokens. Each fit is alone in a
process of its own; its peak memory is that of the process, with TensorFlow and the texts.
"""

import json
import resource
from pathlib import Path
from statistics import median

from data import read
from timing import parser, ratios, report, run_python, seconds, versions

from skdistill import DistilledTextClassifier, TextTokenizer

ALL, TENTH = "all rows", "a tenth of the rows"
EVERY = {ALL: 1, TENTH: 10}


def read_train(folder, name):
    """Texts and labels of the training part, compressed or not."""
    return read(next((Path(folder) / name).glob("train.csv*")))


def peak():
    """Largest memory of this process so far, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # kilobytes on Linux


def fit(texts, labels):
    """One epoch: seconds, and the peak memory before and after."""
    from skdistill import _keras  # noqa: F401  (TensorFlow's import is not part of the fit)

    before = peak()
    classifier = DistilledTextClassifier(tokenizer=TextTokenizer(analyzer="char"), max_iter=1, random_state=0)
    taken = seconds(lambda: classifier.fit(texts, labels))
    return {"rows": len(texts), "seconds": taken, "before": before, "peak": peak()}


def measure(arguments, rounds):
    """What the processes measured, in turn: a list for each size."""
    own = ["--folder", arguments.folder, "--data", arguments.data]
    measured = {name: [] for name in EVERY}
    for _ in range(rounds):
        for name, every in EVERY.items():
            measured[name].append(json.loads(run_python(__file__, *own, "--every", every)[1]))
    return measured


def main():
    made = parser(__doc__, data="nsmc_ko", rounds=1)
    made.add_argument("--every", type=int, help="fit every n-th row, in this process")
    arguments = made.parse_args()
    if not arguments.folder:
        made.error("--folder is needed")
    if arguments.every:
        texts, labels = read_train(arguments.folder, arguments.data)
        print(json.dumps(fit(texts[:: arguments.every], labels[:: arguments.every])))
        return
    print(versions())
    measured = measure(arguments, arguments.rounds)
    times = {name: [run["seconds"] for run in runs] for name, runs in measured.items()}
    report(f"Seconds of a fit of one epoch, {arguments.data}", times, TENTH)
    print(f"  median ratio, all rows to a tenth: {median(ratios(times, ALL, TENTH)):.2f}")
    for name, runs in measured.items():
        before, after = (median(run[key] for run in runs) for key in ("before", "peak"))
        print(f"  {name}: {runs[0]['rows']} rows, peak {after:.2f} GB, of which {before:.2f} GB before the fit")


if __name__ == "__main__":
    main()
