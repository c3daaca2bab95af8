"""Multilabel targets: precision and recall
========================================

A document here joins the phrases of one, two or three chapters of ICD-10-CM, and its labels are all of them. ``y`` is
an indicator matrix, as ``MultiLabelBinarizer`` makes it; ``predict`` gives each label whose probability is above 0.5.
A lower threshold finds more labels, and more of them are wrong; here F1 is largest near 0.3.

Prints scores at three thresholds and draws precision, recall and F1 by threshold in ``multilabel.png``.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.metrics import precision_recall_fscore_support
from sklearn.preprocessing import MultiLabelBinarizer

from skdistill import DistilledTextClassifier
from skdistill.datasets import load_icd10_chapters

icd = load_icd10_chapters()
generator = np.random.default_rng(0)


def join(phrases, chapters, n_documents):
    """Return documents of one to three random phrases each, and the sets of their chapters."""
    rows = [generator.integers(len(phrases), size=generator.integers(1, 4)) for _ in range(n_documents)]
    return ["; ".join(phrases[i] for i in some) for some in rows], [{chapters[i] for i in some} for some in rows]


X, chapters = join(icd.data, icd.target, 2500)
X_test, chapters_test = join(icd.data_test, icd.target_test, 2000)
binarizer = MultiLabelBinarizer()
Y, Y_test = binarizer.fit_transform(chapters), binarizer.transform(chapters_test)

classifier = DistilledTextClassifier(auxiliary_units=16, max_iter=12, random_state=0).fit(X, Y)
print(X_test[1])
print("predicted:", *binarizer.inverse_transform(classifier.predict(X_test[1:2]))[0], "- truth:", *chapters_test[1])

student = classifier.extract("auxiliary")
probabilities = student.predict_proba(X_test)
thresholds = np.linspace(0.05, 0.95, 19)
scores = np.array(
    [
        precision_recall_fscore_support(Y_test, probabilities > threshold, average="micro", zero_division=1)[:3]
        for threshold in thresholds
    ]
)
for threshold in (0.2, 0.5, 0.8):
    precision, recall, f1 = scores[np.abs(thresholds - threshold).argmin()]
    print(f"threshold {threshold}: precision {precision:.2f}, recall {recall:.2f}, F1 {f1:.2f}")

figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
for values, name, style in zip(scores.T, ("precision", "recall", "F1"), ("o-", "s--", "^:")):
    axes.plot(thresholds, values, style, label=name, markersize=4)
axes.axvline(0.5, color="tab:gray", lw=0.8)
axes.annotate("predict", (0.5, axes.get_ylim()[0]), (4, 6), textcoords="offset points", color="tab:gray")
axes.set(xlabel="threshold of the probability", ylabel="score over all labels", title="The student on 2,000 documents")
axes.legend()
figure.savefig("multilabel.png", dpi=110)
