"""Cross-validate settings of the classifier on training data alone.

    python benchmarks/choose_defaults.py [--folder FOLDER] [--folds 2] "transfer_weight=0.3" "max_iter=20" ...

Prints a row per setting: for each data set the accuracies of the main and the auxiliary
network, averaged over the folds, and the means over the data sets.
"""

import argparse
import time

import numpy as np
from data import is_chinese, load
from sklearn.model_selection import StratifiedKFold

from skdistill import DistilledTextClassifier, TextBag, TextTokenizer


def accuracies(name, texts, labels, settings, n_folds):
    """Return the accuracies of the main and the auxiliary network, averaged over the folds."""
    texts = np.array(texts, dtype=object)
    folds = StratifiedKFold(5, shuffle=True, random_state=0).split(texts, labels)
    tokenizer = TextTokenizer(analyzer="char") if is_chinese(name) else None
    scores = []
    for seed, (train, test) in zip(range(n_folds), folds):
        classifier = DistilledTextClassifier(tokenizer=tokenizer, random_state=seed, **settings)
        classifier.fit(texts[train], labels[train])
        roles = ["main", "auxiliary"] if classifier.auxiliary is not None else ["main"]
        scores.append([classifier.extract(role).score(texts[test], labels[test]) for role in roles])
    return np.mean(scores, axis=0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("settings", nargs="*", default=[""])
    parser.add_argument("--folder")
    parser.add_argument("--folds", type=int, default=2)
    parser.add_argument("--only", nargs="*")
    arguments = parser.parse_args()
    sets = [(name, texts, labels) for name, texts, labels, _, _ in load(arguments.folder, arguments.only)]
    print("setting |", " | ".join(name for name, _, _ in sets), "| mean | seconds", flush=True)
    for text in arguments.settings:
        began = time.perf_counter()
        rows = [accuracies(*data, eval(f"dict({text})", {"TextBag": TextBag}), arguments.folds) for data in sets]
        cells = [" / ".join(f"{score:.4f}"[1:] for score in row) for row in [*rows, np.mean(rows, axis=0)]]
        print(text or "defaults", "|", " | ".join(cells), f"| {time.perf_counter() - began:.0f}", flush=True)


if __name__ == "__main__":
    main()
