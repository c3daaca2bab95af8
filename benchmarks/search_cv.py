"""Time DistilledTextClassifierCV against GridSearchCV with the same candidates and folds, and compare their results.

    python benchmarks/search_cv.py [--folder FOLDER] [--data icd10] [--rows 2000] [--values 8] [--teacher]

Both search values of ``auxiliary_weight`` with the default classifier, 5 folds and ``n_jobs=1``, after a fit that
compiles the step. The processor time tells more than the time where other processes run beside it. ``--teacher``: with
a TF-IDF and a logistic regression as teacher, whose predictions are out of fold.
"""

import argparse
from statistics import median
from time import perf_counter, process_time

import numpy as np
from data import load
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skdistill import DistilledTextClassifier, DistilledTextClassifierCV


def timed(search, texts, labels):
    """Fit a search; return it, the seconds, and the processor's seconds."""
    start, start_cpu = perf_counter(), process_time()
    return search.fit(texts, labels), perf_counter() - start, process_time() - start_cpu


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
        (grid, *of_grid), (ours, *of_ours) = found[0], found[1]
        ratios.append(np.divide(of_grid, of_ours))
        times = ", ".join(f"{one:.1f} / {other:.1f} s" for one, other in zip(of_grid, of_ours))
        print(f"{name}: GridSearchCV / DistilledTextClassifierCV: time, processor: {times}")
        apart = np.abs(grid.cv_results_["mean_test_score"] - ours.cv_results_["mean_test_score"]).max()
        probabilities = np.abs(grid.predict_proba(texts) - ours.predict_proba(texts)).max()
        print(f"  largest difference of scores {apart}, of probabilities {probabilities}", flush=True)
    of_time, of_processor = map(median, zip(*ratios))
    print(f"{name}: {len(texts)} rows, {len(values)} candidates: {of_time:.2f} times faster ({of_processor:.2f})")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder")
    parser.add_argument("--data", nargs="+", default=["icd10"])
    parser.add_argument("--rows", type=int, help="this many random rows (default: all)")
    parser.add_argument("--values", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--teacher", action="store_true")
    arguments = parser.parse_args()
    for name, texts, labels, *_ in load(arguments.folder, arguments.data):
        rows = np.random.default_rng(0).permutation(len(texts))[: arguments.rows]
        texts, labels = [texts[row] for row in rows], labels[rows]
        DistilledTextClassifier(random_state=0).fit(texts[:500], labels[:500])
        compare(name, texts, labels, arguments)


if __name__ == "__main__":
    main()
