"""Cross-validate settings of the classifier on training data alone.

    python benchmarks/choose_defaults.py [--folder FOLDER] [--folds 2] [--rows 0] "transfer_weight=0.3" ...

Prints a row per setting: for each data set the accuracies of the main and the auxiliary
network, averaged over the folds, and the means over the data sets; then the mean log loss of
the main network. ``--rows``: train on so many rows of each fold, drawn at random; 0: on all.
"""

import argparse
import time

import numpy as np
from data import is_chinese, load
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold

from skdistill import DistilledTextClassifier, TextBag, TextTokenizer


def scores(name, texts, labels, settings, n_folds, n_rows):
    """Return the accuracies of the main and the auxiliary network and main's log loss, averaged over the folds."""
    texts = np.array(texts, dtype=object)
    folds = StratifiedKFold(5, shuffle=True, random_state=0).split(texts, labels)
    tokenizer = TextTokenizer(analyzer="char") if is_chinese(name) else None
    found = []
    for seed, (train, test) in zip(range(n_folds), folds):
        if n_rows:
            train = np.random.default_rng(seed).permutation(train)[:n_rows]
        classes = np.unique(labels[train])
        test = test[np.isin(labels[test], classes)]
        classifier = DistilledTextClassifier(tokenizer=tokenizer, random_state=seed, **settings)
        classifier.fit(texts[train], labels[train])
        roles = ["main", "auxiliary"] if classifier.auxiliary is not None else ["main", "main"]
        accuracies = [classifier.extract(role).score(texts[test], labels[test]) for role in roles]
        found.append([*accuracies, log_loss(labels[test], classifier.predict_proba(texts[test]), labels=classes)])
    return np.mean(found, axis=0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("settings", nargs="*", default=[""])
    parser.add_argument("--folder")
    parser.add_argument("--folds", type=int, default=2)
    parser.add_argument("--rows", type=int, default=0)
    parser.add_argument("--only", nargs="*")
    arguments = parser.parse_args()
    sets = [(name, texts, labels) for name, texts, labels, _, _ in load(arguments.folder, arguments.only)]
    print("setting |", " | ".join(name for name, _, _ in sets), "| mean | log loss | seconds", flush=True)
    for text in arguments.settings:
        began = time.perf_counter()
        settings = eval(f"dict({text})", {"TextBag": TextBag})
        rows = [scores(*data, settings, arguments.folds, arguments.rows) for data in sets]
        *cells, mean = [" / ".join(f"{score:.4f}"[1:] for score in row[:2]) for row in [*rows, np.mean(rows, axis=0)]]
        cells += [mean, f"{np.mean(rows, axis=0)[2]:.4f}", f"{time.perf_counter() - began:.0f}"]
        print(text or "defaults", "|", " | ".join(cells), flush=True)


if __name__ == "__main__":
    main()
