"""Measure the test accuracy of the default classifier against TF-IDF and a linear SVM.

    python benchmarks/accuracy.py [--folder FOLDER] [--only NAME ...] [--seeds 3] [--set "max_iter=20"]

Prints a markdown row per data set: the means over the seeds, and the differences in
percentage points. ``--set`` passes settings to the classifier.
"""

import argparse

import numpy as np
from data import is_chinese, load
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC
from timing import versions

import skdistill
from skdistill import DistilledTextClassifier, TextTokenizer

# Too large for three seeds.
SKIPPED = ("nsmc_ko",)
COLUMNS = ("TF-IDF + SVM", "main", "auxiliary", "main, points", "auxiliary, points", "main, sd of seeds")
FORMATS = (".2f", ".2f", ".2f", "+.2f", "+.2f", ".2f")


def linear(chinese=False):
    """Return TF-IDF of words and bigrams, or of character n-grams, and a linear SVM."""
    ngrams = {"analyzer": "char_wb", "ngram_range": (1, 4)} if chinese else {"ngram_range": (1, 2)}
    return make_pipeline(TfidfVectorizer(sublinear_tf=True, **ngrams), LinearSVC())


def ours(train, test, chinese, seed, settings):
    """Return the test accuracy of the main and of the auxiliary network, in percent."""
    tokenizer = TextTokenizer(analyzer="char") if chinese else None
    parameters = {"tokenizer": tokenizer, "random_state": seed} | settings
    classifier = DistilledTextClassifier(**parameters).fit(*train)
    roles = ("main", "auxiliary") if classifier.auxiliary_ is not None else ("main", "main")
    return [100 * classifier.extract(role).score(*test) for role in roles]


def compare(name, train, test, n_seeds, settings):
    """Return the numbers of ``COLUMNS``."""
    chinese = is_chinese(name)
    baseline = 100 * linear(chinese).fit(*train).score(*test)
    scores = np.array([ours(train, test, chinese, seed, settings) for seed in range(n_seeds)])
    means = scores.mean(axis=0)
    return [baseline, *means, *(means - baseline), scores[:, 0].std()]


def row(name, numbers):
    """Print a row of the table."""
    cells = ["" if number is None else f"{number:{form}}" for number, form in zip(numbers, FORMATS)]
    print("|", " | ".join([name, *cells]), "|", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder")
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--set", default="", metavar="SETTINGS")
    arguments = parser.parse_args()
    settings = eval(f"dict({arguments.set})", vars(skdistill))
    print(f"{versions()}\n{arguments.seeds} seeds, {arguments.set or 'defaults'}\n")
    print("| data set |", " | ".join(COLUMNS), f"|\n|---|{'---|' * len(COLUMNS)}")
    table = []
    for name, texts, labels, *test in load(arguments.folder, arguments.only):
        if name not in SKIPPED:
            table.append(compare(name, (texts, labels), test, arguments.seeds, settings))
            row(name, table[-1])
    points = np.array(table)[:, 3:5]
    row("mean", [None] * 3 + points.mean(axis=0).tolist() + [None])
    row("worst", [None] * 3 + points.min(axis=0).tolist() + [None])


if __name__ == "__main__":
    main()
