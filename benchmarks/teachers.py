"""What a teacher brings where every row has a label: accuracy with and without one.

    python benchmarks/teachers.py --folder FOLDER [--only NAME ...] [--part arms | settings | transfers | folds]
        [--seeds 3] [--teacher linear | forest] [--weights 0.1 0.5] [--temperatures 2]

``arms``: test accuracy of both networks taught by labels, by each other, by a teacher and
by copies of the training rows, each trained until its validation score stays. A row an arm:
means over the seeds, with their standard errors, of both networks and of what the arm's
networks have more than those of the first arm with the same seeds.
``settings``: the teacher's weight and temperature, by cross-validation on the training part
alone; ``transfers``: those of the other network. ``folds``: a teacher that answers for its own
training rows against one that answers out of fold, after 20 epochs, at the first temperature.
The teacher's answers are remembered: equal rows are asked once.
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

COLUMNS = ("main", "auxiliary", "log loss of main", "epochs", "main, more than first", "auxiliary, more than first")
DIGITS = (2, 2, 3, 0, 2, 2)
UNTIL_IT_STAYS = {"early_stopping": True, "max_iter": 40}
TEACHERS = {
    "linear": LogisticRegression(C=10, max_iter=1000),
    "forest": RandomForestClassifier(200, random_state=0),  # right on every row that it was fitted on
}


def make_teacher(name):
    """Tf-idf of words and pairs, and one of ``TEACHERS``."""
    return make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), TEACHERS[name])


def taught(teacher, weight, temperature):
    """Settings of a student with a teacher."""
    return {"teacher": teacher, "teacher_weight": weight, "temperature": temperature}


def arms(teacher, train, arguments):
    """Sources of knowledge; copies with the first weight."""
    none, n_copies, temperature = {"transfer": "none"}, arguments.copies, arguments.temperatures[0]
    found = {
        "labels alone": (none, 0),
        "the other network": ({}, 0),
        "the other network, transfer_weight 0.3": ({"transfer_weight": 0.3}, 0),
    }
    for weight in arguments.weights:
        own = taught(teacher, weight, temperature)
        found[f"a teacher, weight {weight:g}"] = (own | none, 0)
        found[f"a teacher, weight {weight:g}, and the other network"] = (own, 0)
        own |= {"teacher_cv": "in_sample", "transfer_weight": 0.3}
        found[f"a teacher in sample, weight {weight:g}"] = (own | none, 0)
        found[f"a teacher in sample, weight {weight:g}, and the other network, transfer_weight 0.3"] = (own, 0)
    weight = arguments.weights[0]
    own = taught(teacher, weight, temperature)
    return found | {
        f"the other network, {n_copies} copies": ({}, n_copies),
        f"a teacher, weight {weight:g}, {n_copies} copies": (own | none, n_copies),
        f"a teacher, weight {weight:g}, and the other network, {n_copies} copies": (own, n_copies),
    }


def settings(teacher, train, arguments):
    """Weights and temperatures of a teacher."""
    return {"no teacher": ({}, 0)} | {
        f"{weight:g}, {temperature:g}": (taught(teacher, weight, temperature), 0)
        for weight in arguments.weights
        for temperature in arguments.temperatures
    }


def transfers(teacher, train, arguments):
    """Weights and temperatures of the other network."""
    return {"labels alone": ({"transfer": "none"}, 0)} | {
        f"{weight:g}, {temperature:g}": ({"transfer_weight": weight, "temperature": temperature}, 0)
        for weight in arguments.weights
        for temperature in arguments.temperatures
    }


def folds(teacher, train, arguments):
    """Ways in which a teacher answers for its own training rows."""
    fixed = {"early_stopping": False, "max_iter": 20}
    ways = {"in sample": fixed | {"teacher_cv": "in_sample"}, "out of fold": fixed}
    return {"no teacher": (fixed, 0)} | {
        f"{way}, weight {weight:g}": (own | taught(teacher, weight, arguments.temperatures[0]), 0)
        for weight in arguments.weights
        for way, own in ways.items()
    }


PARTS = {"arms": arms, "settings": settings, "transfers": transfers, "folds": folds}


def draws(train, test, arguments):
    """Training and test rows by seed: as they are, or folds of the training rows, five after five."""
    if arguments.part not in ("settings", "transfers"):
        return [(train, test)] * arguments.seeds
    texts, labels = np.array(train[0], dtype=object), train[1]
    splits = (StratifiedKFold(5, shuffle=True, random_state=time).split(texts, labels) for time in count())
    parts = islice(chain.from_iterable(splits), arguments.seeds)
    return [[(texts[rows], labels[rows]) for rows in part] for part in parts]


def measure(train, test, seed, settings, n_copies=0):
    """Accuracy of main and auxiliary network, and the log loss of main."""
    classifier = DistilledTextClassifier(auxiliary_units=16, random_state=seed).set_params(**settings)
    classifier.fit(*train, X_unlabeled=TransferSet(n_copies) if n_copies else None)
    accuracies = [100 * classifier.extract(role).score(*test) for role in ("main", "auxiliary")]
    loss = log_loss(test[1], classifier.predict_proba(test[0]), labels=classifier.classes_)
    return [*accuracies, loss, classifier.n_iter_]


def row(name, arm, numbers, first):
    """Print a row: mean and standard error of each column of ``measure``, and against the first arm."""
    numbers = np.column_stack([numbers, np.subtract(numbers, first)[:, :2]])
    means, errors = np.mean(numbers, axis=0), np.std(numbers, axis=0, ddof=1) / len(numbers) ** 0.5
    cells = [f"{mean:.{digits}f} ± {error:.{digits}f}" for mean, error, digits in zip(means, errors, DIGITS)]
    print("|", " | ".join([name, arm, *cells]), "|", flush=True)


def compare(name, train, test, arguments, memory):
    """A row for each arm of a part, and the teacher's own accuracy."""
    teacher = make_teacher(arguments.teacher)
    own = [100 * clone(teacher).fit(*rows).score(*asked) for rows, asked in draws(train, test, arguments)]
    print(f"| {name} | the teacher itself | {np.mean(own):.2f} |", flush=True)
    common, first = UNTIL_IT_STAYS | {"teacher_memory": memory}, None
    for arm, (own, n_copies) in PARTS[arguments.part](teacher, train, arguments).items():
        if first is None or re.search(arguments.arms, arm):
            seeds = enumerate(draws(train, test, arguments))
            numbers = [measure(*rows, seed, common | own, n_copies) for seed, rows in seeds]
            first = numbers if first is None else first
            row(name, arm, numbers, first)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--only", nargs="*", default=["trec6", "sst2", "reuters_r8"])
    parser.add_argument("--part", choices=PARTS, default="arms")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--copies", type=int, default=2)
    parser.add_argument("--teacher", choices=TEACHERS, default="linear")
    parser.add_argument("--weights", nargs="*", type=float, default=[0.1, 0.5])
    parser.add_argument("--temperatures", nargs="*", type=float, default=[2])
    parser.add_argument("--arms", default="", metavar="REGEX", help="only the first and those that it matches")
    arguments = parser.parse_args()
    print(f"{versions()}\n\n| data set | {arguments.part} | {' | '.join(COLUMNS)} |\n|{'---|' * (2 + len(COLUMNS))}")
    with tempfile.TemporaryDirectory() as memory:
        for name, texts, labels, *test in load(arguments.folder, arguments.only):
            compare(name, (texts, labels), test, arguments, memory)


if __name__ == "__main__":
    main()
