"""Time DistilledTextClassifierCV against GridSearchCV with the same candidates and folds, and compare their results.

    python benchmarks/search_cv.py [--folder FOLDER] [--data icd10] [--values 8] [--rounds 1] [--teacher]

Both search values of ``auxiliary_weight`` with the default classifier, 5 folds and ``n_jobs=1``, after a fit that compiles
the step. ``--teacher``: with a TF-IDF and a logistic regression as teacher, whose predictions are out of fold.
"""

import argparse
from statistics import median
from time import perf_counter

import numpy as np
from data import load
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skdistill import DistilledTextClassifier, DistilledTextClassifierCV


def timed(search, texts, labels):
    """Fit a search; return it and the seconds."""
    start = perf_counter()
    return search.fit(texts, labels), perf_counter() - start


def compare(name, texts, labels, arguments):
    """Print the seconds of both searches in each round, and how far their scores and probabilities are apart."""
    teacher = make_pipeline(TfidfVectorizer(sublinear_tf=True), LogisticRegression(C=10, max_iter=300))
    classifier = DistilledTextClassifier(teacher=teacher if arguments.teacher else None, random_state=0)
    values = np.geomspace(0.1, 10, arguments.values).tolist()
    ratios = []
    for i in range(arguments.rounds):
        searches = [
            GridSearchCV(classifier, {"auxiliary_weight": values}, cv=5),
            DistilledTextClassifierCV(classifier, auxiliary_weights=values, cv=5),
        ]
        order = [0, 1] if i % 2 == 0 else [1, 0]
        found = {place: timed(searches[place], texts, labels) for place in order}
        (grid, of_grid), (ours, of_ours) = found[0], found[1]
        ratios.append(of_grid / of_ours)
        apart = np.abs(grid.cv_results_["mean_test_score"] - ours.cv_results_["mean_test_score"]).max()
        probabilities = np.abs(grid.predict_proba(texts) - ours.predict_proba(texts)).max()
        print(
            f"{name}: GridSearchCV {of_grid:.1f} s, DistilledTextClassifierCV {of_ours:.1f} s, {ratios[-1]:.2f} times"
        )
        print(f"  largest difference of scores {apart}, of probabilities {probabilities}", flush=True)
    print(f"{name}: {len(texts)} rows, {len(values)} candidates: median {median(ratios):.2f} times faster")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder")
    parser.add_argument("--data", nargs="+", default=["icd10"])
    parser.add_argument("--values", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--teacher", action="store_true")
    arguments = parser.parse_args()
    for name, texts, labels, *_ in load(arguments.folder, arguments.data):
        DistilledTextClassifier(random_state=0).fit(texts[:500], labels[:500])
        compare(name, texts, labels, arguments)


if __name__ == "__main__":
    main()
