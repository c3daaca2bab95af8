"""Tuning: a heat map of λ and units
=================================

``DistilledTextClassifierCV`` searches over the weight λ of the auxiliary network's loss and over its units. It fits
and asks the teacher once in each fold, and not once per candidate. The accuracy is that of the auxiliary network, the
one to ship. Its units matter far more here than λ.

Prints how long the search took and what it chose; draws the heat map, and the accuracy by units, in ``tuning.png``.
"""

import time

import matplotlib.pyplot as plt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skdistill import DistilledTextClassifier, DistilledTextClassifierCV
from skdistill.datasets import load_icd10_chapters
from skdistill.displays import LambdaDisplay
from skdistill.metrics import auxiliary_scorer

icd = load_icd10_chapters()
X, y = icd.data[::50], icd.target[::50]
teacher = make_pipeline(TfidfVectorizer(sublinear_tf=True), LogisticRegression(C=10, max_iter=300))

began = time.perf_counter()
search = DistilledTextClassifierCV(
    DistilledTextClassifier(teacher=teacher, teacher_cv=2, max_iter=8, random_state=0),
    auxiliary_weights=[0.1, 1, 10],
    auxiliary_units=[2, 8, 32],
    scoring=auxiliary_scorer(),
    cv=2,
).fit(X, y)
n_candidates = len(search.cv_results_["params"])
print(f"{n_candidates} candidates, 2 folds: {time.perf_counter() - began:.0f} s")
print("chosen:", search.best_params_, f"with an accuracy of {search.best_score_:.3f}")
print(search.extract("auxiliary"))

figure, axes = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained", width_ratios=[1.2, 1])
LambdaDisplay.from_search(search, ax=axes[0])
LambdaDisplay.from_search(search, "auxiliary_units", None, ax=axes[1])
figure.savefig("tuning.png", dpi=110)
