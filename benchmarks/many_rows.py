"""Measure fits of many rows: ours, fastText's and that of TF-IDF with a linear SVM, to their test accuracy.

    python benchmarks/many_rows.py --folder FOLDER [--data nsmc_ko] [--rows 100000] [--rounds 3]

Characters are the tokens. Each fit runs in a process of its own, in turn, and counts from
texts and labels in memory to a classifier that can predict; importing the libraries does not
count. ``rows=0``: all.
"""

import json
import sys
import tempfile
from pathlib import Path

import numpy as np
from data import load
from scale import peak
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC
from timing import alternate, parser, report, run_python, seconds, versions

from skdistill import DistilledTextClassifier, TextBag, TextTokenizer

OURS, WITHOUT = "skdistill", "skdistill without linear paths"


def ours(texts, labels, **bag):
    """Fit the default pair to characters; return the function that predicts."""
    tokenizer = TextTokenizer(analyzer="char")
    pair = {"main": TextBag(64, **bag), "auxiliary": TextBag(32, **bag)}
    return DistilledTextClassifier(tokenizer=tokenizer, random_state=0, **pair).fit(texts, labels).predict


def fasttext(texts, labels):
    """Train fastText with character n-grams inside words; five epochs are its default."""
    import fasttext

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.txt"
        lines = (f"__label__{label} {' '.join(text.split())}\n" for text, label in zip(texts, labels))
        path.write_text("".join(lines), encoding="utf-8")
        model = fasttext.train_supervised(str(path), dim=64, wordNgrams=2, minn=1, maxn=3, thread=2, verbose=0)

    def predict(texts):
        found, _ = model.predict([" ".join(text.split()) for text in texts])
        return np.array([names[0].removeprefix("__label__") for names in found])

    return predict


def linear(texts, labels):
    """Fit TF-IDF of character n-grams and a linear SVM."""
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True)
    return make_pipeline(vectorizer, LinearSVC()).fit(texts, labels).predict


FITS = {
    OURS: ours,
    WITHOUT: lambda texts, labels: ours(texts, labels, linear_weight=0),
    "fastText": fasttext,
    "TF-IDF + linear SVM": linear,
}


def measure(name, folder, data, n_rows):
    """Print the seconds of one fit, its test accuracy and the peak memory of this process in GB, as JSON."""
    (_, texts, labels, *test), *_ = load(folder, [data])
    rows = np.random.default_rng(0).permutation(len(texts))[: int(n_rows) or None]
    texts, labels = [texts[row] for row in rows], labels[rows]
    if name in (OURS, WITHOUT):
        import tensorflow  # noqa: F401 (imported now, so that no fit is charged for it)
    fitted = []
    taken = seconds(lambda: fitted.append(FITS[name](texts, labels)))
    print(json.dumps([taken, float(np.mean(fitted[0](test[0]) == test[1])), peak()]))


def main():
    made = parser(__doc__, data="nsmc_ko", rounds=3)
    made.add_argument("--rows", type=int, default=100_000)
    made.add_argument("--only", nargs="*", default=list(FITS))
    arguments = made.parse_args()
    print(versions())
    options = arguments.folder, arguments.data, arguments.rows
    functions = {
        name: lambda name=name: json.loads(run_python(__file__, "--measure", name, *options)[1].splitlines()[-1])
        for name in arguments.only
    }
    numbers = alternate(functions, arguments.rounds)
    for title, column, unit in (("Fit", 0, "s"), ("Test accuracy", 1, ""), ("Peak memory", 2, "GB")):
        report(title, {name: [row[column] for row in rows] for name, rows in numbers.items()}, OURS, unit)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(*sys.argv[2:])
    else:
        main()
