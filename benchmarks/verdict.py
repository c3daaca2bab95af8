"""Whether the auxiliary network and a teacher help on ICD-10: the reports of docs/verdict.md.

python benchmarks/verdict.py pair       # the default classifier, every 13th training phrase
python benchmarks/verdict.py teacher    # a teacher of the other phrases, 500 labelled and 1,500 unlabelled rows
"""

import argparse
from time import perf_counter

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skdistill import DistilledTextClassifier
from skdistill.datasets import load_icd10_chapters
from skdistill.inspection import distillation_report


def report_of_pair():
    icd = load_icd10_chapters()
    return distillation_report(DistilledTextClassifier(random_state=0), icd.data[::13], icd.target[::13], cv=5)


def report_of_teacher():
    icd = load_icd10_chapters()
    order = np.random.default_rng(0).permutation(len(icd.data))
    texts, labels = [icd.data[row] for row in order], icd.target[order]
    teacher = make_pipeline(TfidfVectorizer(sublinear_tf=True), LogisticRegression(C=10, max_iter=300))
    teacher.fit(texts[3000:], labels[3000:])
    classifier = DistilledTextClassifier(teacher=FrozenEstimator(teacher), random_state=0)
    return distillation_report(classifier, texts[:500], labels[:500], X_unlabeled=texts[500:2000], cv=5)


REPORTS = {"pair": report_of_pair, "teacher": report_of_teacher}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", choices=REPORTS)
    start = perf_counter()
    print(REPORTS[parser.parse_args().report]().to_markdown())
    print(f"{perf_counter() - start:.0f} seconds")
