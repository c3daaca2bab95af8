"""What a teacher brings where every row has a label: accuracy with and without one.

    python benchmarks/teachers.py --folder FOLDER [--only NAME ...] [--part arms | settings | folds] [--seeds 3]
        [--weights 0.1 0.5] [--temperatures 2]

``arms``: test accuracy of both networks taught by labels, by each other, by a linear model
and by copies of the training rows, each trained until its validation score stays. A row
an arm: means over the seeds, with their standard errors, of main and auxiliary network.
``settings``: the teacher's weight and temperature, by cross-validation on the training part
alone. ``folds``: a teacher that answers for its own training rows against one that answers
out of fold, after 20 epochs. The teacher's answers are remembered: equal rows are asked once.
"""

import argparse
import re
import tempfile

import numpy as np
from data import load
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from timing import versions

from skdistill import DistilledTextClassifier, TransferSet

COLUMNS = ("main", "auxiliary", "log loss of main", "epochs")
UNTIL_IT_STAYS = {"early_stopping": True, "max_iter": 40}


def linear():
    """Tf-idf of words and pairs and a logistic regression."""
    return make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LogisticRegression(C=10, max_iter=1000)
    )


def taught(weight, temperature):
    """Settings of a student with a teacher."""
    return {"teacher": linear(), "teacher_weight": weight, "temperature": temperature}


def arms(n_copies, weights, temperature):
    """Settings and copies of a row, by the name of the arm; copies with the first weight."""
    none = {"transfer": "none"}
    alone = {"labels alone": (none, 0), "the other network": ({}, 0)}
    for weight in weights:
        own = taught(weight, temperature)
        alone[f"a teacher, weight {weight}"] = (own | none, 0)
        alone[f"a teacher, weight {weight}, and the other network"] = (own, 0)
    own = taught(weights[0], temperature)
    return alone | {
        f"the other network, {n_copies} copies": ({}, n_copies),
        f"a teacher, weight {weights[0]}, {n_copies} copies": (own | none, n_copies),
        f"a teacher, weight {weights[0]}, and the other network, {n_copies} copies": (own, n_copies),
    }


def measure(train, test, seed, settings, n_copies=0):
    """Accuracy of main and auxiliary network, and the log loss of main."""
    classifier = DistilledTextClassifier(auxiliary_units=16, random_state=seed).set_params(**settings)
    classifier.fit(*train, X_unlabeled=TransferSet(n_copies) if n_copies else None)
    accuracies = [100 * classifier.extract(role).score(*test) for role in ("main", "auxiliary")]
    loss = log_loss(test[1], classifier.predict_proba(test[0]), labels=classifier.classes_)
    return [*accuracies, loss, classifier.n_iter_]


def row(name, arm, numbers):
    """Print a row: mean and standard error of each column of ``measure``."""
    means, errors = np.mean(numbers, axis=0), np.std(numbers, axis=0, ddof=1) / len(numbers) ** 0.5
    cells = [f"{mean:.{digits}f} ± {error:.{digits}f}" for mean, error, digits in zip(means, errors, (2, 2, 3, 0))]
    print("|", " | ".join([name, arm, *cells]), "|", flush=True)


def compare_arms(name, train, test, arguments, common):
    """A row for each arm, and the teacher's own accuracy."""
    print(f"| {name} | the teacher itself | {100 * linear().fit(*train).score(*test):.2f} |", flush=True)
    for arm, (settings, n_copies) in arms(arguments.copies, arguments.weights, arguments.temperatures[0]).items():
        if re.search(arguments.arms, arm):
            own = [measure(train, test, seed, common | settings, n_copies) for seed in range(arguments.seeds)]
            row(name, arm, own)


def compare_settings(name, train, test, arguments, common):
    """A row for each weight and temperature: the first folds of five of the training part."""
    texts, labels = np.array(train[0], dtype=object), train[1]
    folds = list(StratifiedKFold(5, shuffle=True, random_state=0).split(texts, labels))[: arguments.seeds]
    settings = {"no teacher": {}} | {
        f"{weight}, {temperature:g}": taught(weight, temperature)
        for weight in arguments.weights
        for temperature in arguments.temperatures
    }
    for setting, own in settings.items():
        parts = [[(texts[part], labels[part]) for part in fold] for fold in folds]
        row(name, setting, [measure(*fold, seed, common | own) for seed, fold in enumerate(parts)])


def compare_folds(name, train, test, arguments, common):
    """A row for each way in which the teacher answers for its own training rows."""
    teachers = {"in sample": FrozenEstimator(linear().fit(*train)), "out of fold": linear()}
    ways = {"no teacher": {}} | {
        f"{way}, weight {weight}": {"teacher": teacher, "teacher_weight": weight}
        for weight in (0.5, 1)
        for way, teacher in teachers.items()
    }
    for way, own in ways.items():
        if re.search(arguments.arms, way):
            settings = common | {"early_stopping": False, "max_iter": 20} | own
            row(name, way, [measure(train, test, seed, settings) for seed in range(arguments.seeds)])


PARTS = {"arms": compare_arms, "settings": compare_settings, "folds": compare_folds}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--only", nargs="*", default=["trec6", "sst2", "reuters_r8"])
    parser.add_argument("--part", choices=PARTS, default="arms")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--copies", type=int, default=2)
    parser.add_argument("--weights", nargs="*", type=float, default=[0.1, 0.5])
    parser.add_argument("--temperatures", nargs="*", type=float, default=[2])
    parser.add_argument("--arms", default="", metavar="REGEX", help="only those whose name it matches")
    arguments = parser.parse_args()
    print(f"{versions()}\n\n| data set | {arguments.part} | {' | '.join(COLUMNS)} |\n|{'---|' * (2 + len(COLUMNS))}")
    with tempfile.TemporaryDirectory() as memory:
        for name, texts, labels, *test in load(arguments.folder, arguments.only):
            PARTS[arguments.part](name, (texts, labels), test, arguments, UNTIL_IT_STAYS | {"teacher_memory": memory})


if __name__ == "__main__":
    main()
