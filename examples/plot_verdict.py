"""Does it help? Reports on a pair of networks, and on a student of a good teacher.
================================================================================

Medical phrases are classified by the chapters of ICD-10-CM. The first report asks what the two networks gain by
learning from each other, with a label for each phrase; the second what they gain by a teacher, with few labels and
more phrases without. The teacher is a TF-IDF and a logistic regression, fitted on other phrases.

Prints the accuracies of all variants and the verdicts; draws the verdicts, and how far training moved the layers of
the main network, in ``verdict.png``.

::

    pip install 'skdistill[examples]'
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skdistill import DistilledTextClassifier
from skdistill.datasets import load_icd10_chapters
from skdistill.displays import ContributionDisplay, WeightChangeDisplay
from skdistill.inspection import distillation_report

icd = load_icd10_chapters()
order = np.random.default_rng(0).permutation(len(icd.data))
phrases, chapters = [icd.data[row] for row in order], icd.target[order]

few_epochs = {"max_iter": 10, "random_state": 0}  # for less than a minute
classifier = DistilledTextClassifier(**few_epochs)
pair = distillation_report(classifier, phrases[:600], chapters[:600], cv=5)

teacher = make_pipeline(TfidfVectorizer(sublinear_tf=True), LogisticRegression(C=10, max_iter=300))
teacher.fit(phrases[3000:], chapters[3000:])
student = DistilledTextClassifier(teacher=FrozenEstimator(teacher), **few_epochs)
taught = distillation_report(student, phrases[:400], chapters[:400], X_unlabeled=phrases[400:1500], cv=5)

for title, report in (("A pair of networks", pair), ("A good teacher, few labels", taught)):
    print(f"{title}:")
    for name, numbers in report.arms_.items():
        print(f"  {name:18}{numbers['accuracy']:8.3f}")
    for role in ("main", "auxiliary"):
        print(f"  {report.verdict_[role]}")

figure, axes = plt.subplots(3, figsize=(8, 8), layout="constrained", height_ratios=[1, 1, 1.4])
ContributionDisplay.from_report(pair, ax=axes[0])
ContributionDisplay.from_report(taught, ax=axes[1])
axes[0].set_title("A pair of networks, all phrases labelled (filled: the interval excludes 0)")
axes[1].set_title("A good teacher, few labels")
WeightChangeDisplay.from_report(pair, ax=axes[2])
figure.savefig("verdict.png", dpi=110)

# sphinx_gallery_thumbnail_path = "pictures/verdict.png"
