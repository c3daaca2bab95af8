"""Time and memory of a fresh process that loads a model and predicts one document.

    python benchmarks/startup.py [--folder FOLDER] [--data NAME] [--rounds 9] [--max-bytes 50000]

An extracted network and a compressed one, loaded by ``skdistill.runtime.load``, which needs numpy alone, and
by ``skdistill.load``; against unpickling TF-IDF + LinearSVC, and against a process that only imports
sklearn.linear_model. Whole processes are timed, with the start of Python. Linux only.
"""

import pickle
import tempfile
from pathlib import Path
from statistics import median

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC
from timing import alternate, load_one, parser, ratios, report, run_python, versions

from skdistill import DistilledTextClassifier

#: A script for each way to load: it is given the path and a text.
LOAD = {
    "runtime.load": "from skdistill import runtime\nmodel = runtime.load(sys.argv[1])",
    "load": "import skdistill\nmodel = skdistill.load(sys.argv[1])",
    "unpickle": "import pickle\nwith open(sys.argv[1], 'rb') as file:\n    model = pickle.load(file)",
}
PREDICT = """
import sys
{load}
model.predict([sys.argv[2]])
heavy = sorted({{"scipy", "sklearn", "tensorflow", "keras"}} & set(sys.modules))
with open("/proc/self/status") as file:
    peak = next(line.split()[1] for line in file if line.startswith("VmHWM"))
print(peak, *heavy)
"""
OURS, RIVAL = "runtime.load, compressed", "unpickle, TF-IDF + LinearSVC"
REFERENCE = "import sklearn.linear_model"


def save_models(folder, texts, labels, max_bytes):
    """Save the models, and return the way to load and the path of each by name."""
    classifier = DistilledTextClassifier(random_state=0).fit(texts, labels)
    student = classifier.extract("auxiliary")
    student.save(folder / "extracted.skd")
    student.compress(max_bytes, X=texts, random_state=0).save(folder / "compressed.skd")
    linear = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LinearSVC()).fit(texts, labels)
    (folder / "linear.pickle").write_bytes(pickle.dumps(linear))
    return {
        OURS: ("runtime.load", folder / "compressed.skd"),
        "runtime.load, extracted": ("runtime.load", folder / "extracted.skd"),
        "load, compressed": ("load", folder / "compressed.skd"),
        "load, extracted": ("load", folder / "extracted.skd"),
        RIVAL: ("unpickle", folder / "linear.pickle"),
    }


def measure(way, path, text):
    """Return the seconds of a process, its peak memory in MB, and the heavy packages that it imported."""
    seconds, printed = run_python("-c", PREDICT.format(load=LOAD[way]), path, text)
    kilobytes, *heavy = printed.split()
    return seconds, int(kilobytes) / 1024, heavy


def main():
    options = parser(__doc__, rounds=9)
    options.add_argument("--max-bytes", type=int, default=50_000)
    arguments = options.parse_args()
    texts, labels, test, _ = load_one(arguments)
    print(versions())
    with tempfile.TemporaryDirectory() as folder:
        models = save_models(Path(folder), texts, labels, arguments.max_bytes)
        functions = {name: lambda model=model: measure(*model, test[0]) for name, model in models.items()}
        functions[REFERENCE] = lambda: (run_python("-c", REFERENCE)[0], float("nan"), [])
        alternate(functions, 1)  # fills the file cache
        numbers = alternate(functions, arguments.rounds)
        for name, (_, path) in models.items():
            print(f"  {name:<40} {path.stat().st_size:12,} bytes, imported {numbers[name][0][2]}")
    times = {name: [seconds for seconds, *_ in values] for name, values in numbers.items()}
    report("Seconds per process", times, OURS)
    memory = {name: [megabytes for _, megabytes, _ in values] for name, values in numbers.items() if name != REFERENCE}
    report("Peak memory", memory, OURS, unit="MB")
    faster, smaller = median(ratios(times, RIVAL, OURS)), median(ratios(memory, OURS, RIVAL))
    print(f"\n{faster:.1f} times faster than {RIVAL}, with {smaller:.2f} of its memory")


if __name__ == "__main__":
    main()
