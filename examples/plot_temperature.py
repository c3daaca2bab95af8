"""Temperature: what a teacher says beside the label
=================================================

The label of a phrase is one chapter of ICD-10-CM. A teacher's probabilities also say which other chapters are likely,
but a confident teacher hardly shows it: the others are close to 0. Divided by a temperature above 1, the logits give
softer probabilities, and the student learns more about the other chapters. The default of ``temperature`` is 2.

Prints the entropy of the soft targets by temperature, and draws the most probable chapters of three phrases in
``temperature.png``. Chapter 19 is about injuries, 16 about newborns, 1 about infections, 7 about eyes, 15 about
pregnancy, 4 about metabolism.
"""

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skdistill.datasets import load_icd10_chapters
from skdistill.displays import SoftTargetDisplay

icd = load_icd10_chapters()
teacher = make_pipeline(TfidfVectorizer(sublinear_tf=True), LogisticRegression(C=30, max_iter=300))
teacher.fit(icd.data[::16], icd.target[::16])

log_probabilities = teacher.predict_log_proba(icd.data_test[:2000])
for temperature in (1, 2, 4):
    softened = np.exp(log_probabilities / temperature)
    softened /= softened.sum(axis=1, keepdims=True)
    entropy = -(softened * np.log2(softened + 1e-12)).sum(axis=1).mean()
    print(f"temperature {temperature}: {softened.max(axis=1).mean():.2f} on the likeliest chapter, {entropy:.1f} bits")

phrases = ["Fracture of the skull at birth", "Viral infection of the eye", "Diabetes in pregnancy"]
display = SoftTargetDisplay.from_estimator(teacher, phrases, temperatures=(1, 2, 4), n_top=4)
display.figure_.savefig("temperature.png", dpi=110)
