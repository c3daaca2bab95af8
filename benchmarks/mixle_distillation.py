"""Measure mixle's distillation beside ours, with the same teacher's answers about the same texts.

    python benchmarks/mixle_distillation.py --folder FOLDER [--data banking77] [--rounds 3] [--per-class 10]

``FOLDER/NAME`` holds ``train.csv``, ``test.csv`` and ``minilm_embeddings.npz`` as ``few_labels.py`` reads them.
The teacher is a logistic regression (C=10) on the embeddings, fitted on ``--per-class`` rows of each class, the
same rows as there. Both students learn its probabilities of all training texts, and nothing else:
``mixle.task.distill_soft.distill_from_soft_labels``, with its defaults, which hash the letter trigrams of a text
into 256 numbers, and with 4,096 and batches instead of one step per epoch; and ``DistilledTextClassifier`` with
``soft_targets`` (pip install . pandas "mixle[torch]" safetensors).

Prints a markdown row per network: test accuracy in percent, mean and standard error over the rounds, medians of
the seconds to train, the bytes of its saved file or folder, and microseconds per document, for all test
texts at once (best of 3) and alone (median of 200).
"""

import sys
from functools import partial
from importlib.metadata import version
from pathlib import Path
from statistics import median

import numpy as np
from data import draw
from few_labels import make_teacher, mean
from mixle.task.distill_soft import distill_from_soft_labels
from sizes import saved_bytes
from timing import load_one, parser, seconds, versions

from skdistill import DistilledTextClassifier

ALONE = 200
LARGE = {"dim": 4096, "hidden": (256,), "epochs": 20, "lr": 1e-3, "batch_size": 64, "optimizer": "adam"}
COLUMNS = ("network", "accuracy", "seconds to train", "bytes", "µs per document in bulk", "alone")


def timed(function):
    """Return what the function returns, and its seconds."""
    found = []
    return found, seconds(lambda: found.append(function()))


def measure(predict, n_bytes, test):
    """Return the accuracy in percent, the bytes, and the microseconds per document, of many at once and alone."""
    texts, labels = list(test[0]), test[1]
    accuracy = 100 * np.mean(np.asarray(predict(texts)) == labels)
    bulk = min(seconds(partial(predict, texts)) for _ in range(3)) / len(texts)
    alone = median(seconds(partial(predict, [text])) for text in texts[:ALONE])
    return accuracy, n_bytes, 1e6 * bulk, 1e6 * alone


def one_round(data, teacher, per_class, seed):
    """Return the seconds and the numbers of each network, by name."""
    texts, labels, *test = data
    kept, _ = draw(labels, per_class, seed)
    teacher.fit([texts[row] for row in kept], labels[kept])
    probabilities, classes = teacher.predict_proba(texts).astype(np.float64), teacher.classes_.tolist()
    probabilities /= probabilities.sum(axis=1, keepdims=True)  # mixle allows an error of 1e-7
    found = {"teacher": (0, 100 * teacher.score(*test), 0, 0, 0)}
    for name, settings in {"mixle, defaults": {}, "mixle, larger": LARGE}.items():
        student, taken = timed(
            partial(distill_from_soft_labels, texts, probabilities, labels=classes, seed=seed, **settings)
        )
        found[name] = taken, *measure(student[0].batch, saved_bytes(student[0].save), test)
    ours = DistilledTextClassifier(auxiliary_units=16, temperature=1.0, max_iter=30, random_state=seed)
    taken = seconds(partial(ours.fit, texts, None, soft_targets=probabilities, soft_target_classes=classes))
    for role in ("main", "auxiliary"):
        network = ours.extract(role)
        found[f"skdistill, {role}"] = taken, *measure(network.predict, saved_bytes(network.save), test)
    print(f"round {seed}: {found}", file=sys.stderr, flush=True)
    return found


def main():
    made = parser(__doc__, data="banking77", rounds=3)
    made.add_argument("--per-class", type=int, default=10)
    arguments = made.parse_args()
    data = load_one(arguments)
    teacher = make_teacher(Path(arguments.folder) / arguments.data, data[0], data[2])
    print(f"{versions()}, mixle {version('mixle')}, torch {version('torch')}")
    print(f"mixle, larger: {LARGE}\n\n| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
    rounds = [one_round(data, teacher, arguments.per_class, seed) for seed in range(arguments.rounds)]
    for name in rounds[0]:
        taken, accuracy, *numbers = np.transpose([found[name] for found in rounds])
        cells = [f"{median(values):,.{digits}f}" for values, digits in zip([taken, *numbers], (0, 0, 1, 0))]
        print(f"| {name} | {mean(accuracy)} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
