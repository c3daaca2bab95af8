"""Measure what a teacher adds where every row has a label: accuracy with and without one.

    python benchmarks/teachers.py --folder FOLDER [--only NAME ...] [--part variants | settings | transfers | folds]
        [--seeds 3] [--teacher linear | forest] [--weights 0.1 0.5] [--temperatures 2]

``--part variants``: test accuracy of both networks trained on labels, with mutual learning, with
a teacher and with copies of the training rows, each with early stopping. ``settings``: the weight
and temperature of the teacher, by cross-validation on the training data alone; ``transfers``: those
of mutual learning. ``folds``: in-sample predictions of a teacher for its training rows against
out-of-fold predictions, after 20 epochs, at the first temperature.

Prints a row per variant: means over the seeds, with their standard errors, and the differences of
both networks' accuracies from those of the first variant with the same seeds. The teacher's
predictions are cached: equal rows are predicted once.
"""

import argparse
import re
import tempfile
from itertools import chain, count, islice

import numpy as np
from data import load
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from timing import versions

from skdistill import DistilledTextClassifier, TransferSet

COLUMNS = ("main", "auxiliary", "log loss of main", "epochs", "main, minus first", "auxiliary, minus first")
DIGITS = (2, 2, 3, 0, 2, 2)
EARLY_STOPPING = {"early_stopping": True, "max_iter": 40}
TEACHERS = {
    "linear": LogisticRegression(C=10, max_iter=1000),
    "forest": RandomForestClassifier(200, random_state=0),  # right on nearly every row that it is fitted on
}


def make_teacher(name):
    """Return TF-IDF of words and bigrams, and one of ``TEACHERS``."""
    return make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), TEACHERS[name])


def taught(teacher, weight, temperature):
    """Return the settings of a student with a teacher."""
    return {"teacher": teacher, "teacher_weight": weight, "temperature": temperature}


def variants(teacher, arguments):
    """Return, by name, settings and a number of copies: all sources of knowledge; copies with the first weight."""
    none, n_copies, temperature = {"transfer": "none"}, arguments.copies, arguments.temperatures[0]
    found = {
        "labels alone": (none, 0),
        "mutual learning": ({}, 0),
        "mutual learning, transfer_weight 0.3": ({"transfer_weight": 0.3}, 0),
    }
    for weight in arguments.weights:
        parameters = taught(teacher, weight, temperature)
        found[f"a teacher, weight {weight:g}"] = (parameters | none, 0)
        found[f"a teacher, weight {weight:g}, and mutual learning"] = (parameters, 0)
        parameters |= {"teacher_cv": "in_sample", "transfer_weight": 0.3}
        found[f"a teacher in sample, weight {weight:g}"] = (parameters | none, 0)
        found[f"a teacher in sample, weight {weight:g}, and mutual learning, transfer_weight 0.3"] = (parameters, 0)
    weight = arguments.weights[0]
    parameters = taught(teacher, weight, temperature)
    return found | {
        f"mutual learning, {n_copies} copies": ({}, n_copies),
        f"a teacher, weight {weight:g}, {n_copies} copies": (parameters | none, n_copies),
        f"a teacher, weight {weight:g}, and mutual learning, {n_copies} copies": (parameters, n_copies),
    }


def settings(teacher, arguments):
    """Return the weights and temperatures of a teacher, as ``variants`` does."""
    return {"no teacher": ({}, 0)} | {
        f"{weight:g}, {temperature:g}": (taught(teacher, weight, temperature), 0)
        for weight in arguments.weights
        for temperature in arguments.temperatures
    }


def transfers(teacher, arguments):
    """Return the weights and temperatures of mutual learning, as ``variants`` does."""
    return {"labels alone": ({"transfer": "none"}, 0)} | {
        f"{weight:g}, {temperature:g}": ({"transfer_weight": weight, "temperature": temperature}, 0)
        for weight in arguments.weights
        for temperature in arguments.temperatures
    }


def folds(teacher, arguments):
    """Return the ways in which a teacher predicts its training rows, as ``variants`` does."""
    fixed = {"early_stopping": False, "max_iter": 20}
    ways = {"in sample": fixed | {"teacher_cv": "in_sample"}, "out of fold": fixed}
    return {"no teacher": (fixed, 0)} | {
        f"{way}, weight {weight:g}": (parameters | taught(teacher, weight, arguments.temperatures[0]), 0)
        for weight in arguments.weights
        for way, parameters in ways.items()
    }


PARTS = {"variants": variants, "settings": settings, "transfers": transfers, "folds": folds}


def draws(train, test, arguments):
    """Return training and test rows per seed: as they are, or folds of the training rows, five per shuffle."""
    if arguments.part not in ("settings", "transfers"):
        return [(train, test)] * arguments.seeds
    texts, labels = np.array(train[0], dtype=object), train[1]
    splits = (StratifiedKFold(5, shuffle=True, random_state=seed).split(texts, labels) for seed in count())
    parts = islice(chain.from_iterable(splits), arguments.seeds)
    return [[(texts[rows], labels[rows]) for rows in part] for part in parts]


def measure(train, test, seed, settings, n_copies=0):
    """Return the accuracies of both networks in percent, the log loss of the main network, and the epochs."""
    classifier = DistilledTextClassifier(auxiliary_units=16, random_state=seed).set_params(**settings)
    classifier.fit(*train, X_unlabeled=TransferSet(n_copies) if n_copies else None)
    accuracies = [100 * classifier.extract(role).score(*test) for role in ("main", "auxiliary")]
    loss = log_loss(test[1], classifier.predict_proba(test[0]), labels=classifier.classes_)
    return [*accuracies, loss, classifier.n_iter_]


def row(name, variant, numbers, first):
    """Print a row: mean and standard error of each column of ``measure``, and of the differences from the first."""
    numbers = np.column_stack([numbers, np.subtract(numbers, first)[:, :2]])
    means, errors = np.mean(numbers, axis=0), np.std(numbers, axis=0, ddof=1) / len(numbers) ** 0.5
    cells = [f"{mean:.{digits}f} ± {error:.{digits}f}" for mean, error, digits in zip(means, errors, DIGITS)]
    print("|", " | ".join([name, variant, *cells]), "|", flush=True)


def compare(name, train, test, arguments, memory):
    """Print the teacher's accuracy, and a row per variant of the part."""
    teacher = make_teacher(arguments.teacher)
    scores = [100 * clone(teacher).fit(*fitted).score(*tested) for fitted, tested in draws(train, test, arguments)]
    print(f"| {name} | the teacher itself | {np.mean(scores):.2f} |", flush=True)
    common, first = EARLY_STOPPING | {"teacher_memory": memory}, None
    for variant, (parameters, n_copies) in PARTS[arguments.part](teacher, arguments).items():
        if first is None or re.search(arguments.variants, variant):
            seeds = enumerate(draws(train, test, arguments))
            numbers = [measure(*rows, seed, common | parameters, n_copies) for seed, rows in seeds]
            first = numbers if first is None else first
            row(name, variant, numbers, first)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--only", nargs="*", default=["trec6", "sst2", "reuters_r8"])
    parser.add_argument("--part", choices=PARTS, default="variants")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--copies", type=int, default=2)
    parser.add_argument("--teacher", choices=TEACHERS, default="linear")
    parser.add_argument("--weights", nargs="*", type=float, default=[0.1, 0.5])
    parser.add_argument("--temperatures", nargs="*", type=float, default=[2])
    parser.add_argument("--variants", default="", metavar="REGEX", help="only the first and those that match")
    arguments = parser.parse_args()
    print(f"{versions()}\n\n| data set | {arguments.part} | {' | '.join(COLUMNS)} |\n|{'---|' * (2 + len(COLUMNS))}")
    with tempfile.TemporaryDirectory() as memory:
        for name, texts, labels, *test in load(arguments.folder, arguments.only):
            compare(name, (texts, labels), test, arguments, memory)


if __name__ == "__main__":
    main()
