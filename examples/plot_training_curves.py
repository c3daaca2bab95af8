"""Training curves
===============

Few medical phrases are labelled with their chapter of ICD-10-CM; a teacher that was fitted on other phrases labels
more of them. ``early_stopping`` with validation rows keeps the weights of the best epoch, the dashed line. The loss
terms are in ``history_``, one number per epoch.

Draws all terms in ``training_curves.png``.
"""

import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skdistill import DistilledTextClassifier
from skdistill.datasets import load_icd10_chapters
from skdistill.displays import TrainingDisplay

icd = load_icd10_chapters()
teacher = make_pipeline(TfidfVectorizer(sublinear_tf=True), LogisticRegression(C=10, max_iter=300))
teacher.fit(icd.data[::12], icd.target[::12])

classifier = DistilledTextClassifier(
    teacher=FrozenEstimator(teacher), max_iter=15, early_stopping=True, n_iter_no_change=5, random_state=0
)
few, few_labels, more = icd.data[1::60], icd.target[1::60], icd.data[2::40]
classifier.fit(few, few_labels, X_unlabeled=[more], X_val=icd.data[3::60], y_val=icd.target[3::60])

# %%
# The best epoch, and the last epochs in numbers:

print(f"{classifier.n_iter_} epochs, the best is number {classifier.best_iter_}")
print(pd.DataFrame(classifier.history_).tail(3).round(3).T.to_string(header=False))

# %%
# A panel per term. Main and auxiliary network differ by marker and line style.

TrainingDisplay.from_estimator(classifier).figure_.savefig("training_curves.png", dpi=110)
