"""Train two networks on medical phrases and extract the small one.
================================================================

The classes are the chapters of ICD-10-CM. Prints accuracy, size and speed of the main
network, of the auxiliary network and of a TF-IDF + LinearSVC pipeline; draws them in
``quickstart.png``.
"""

import pickle
import time

import matplotlib.pyplot as plt
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from skdistill import DistilledTextClassifier
from skdistill.datasets import load_icd10_chapters


def measure(classifier, texts, labels):
    """Return accuracy, pickled bytes, and microseconds per document, all at once (best of 3) and alone (median)."""
    bulk, alone = [], []
    for _ in range(3):
        began = time.perf_counter()
        predicted = classifier.predict(texts)
        bulk.append((time.perf_counter() - began) / len(texts))
    for text in texts[:500]:
        began = time.perf_counter()
        classifier.predict([text])
        alone.append(time.perf_counter() - began)
    size = len(pickle.dumps(classifier))
    return np.mean(predicted == labels), size, 1e6 * min(bulk), 1e6 * np.median(alone)


icd = load_icd10_chapters()
print(f"{len(icd.data):,} training phrases, {len(icd.data_test):,} test phrases, {len(icd.target_names)} chapters")

baseline = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LinearSVC())
baseline.fit(icd.data, icd.target)
began = time.perf_counter()
pair = DistilledTextClassifier(auxiliary_units=16, random_state=0).fit(icd.data, icd.target)
print(f"trained main and auxiliary together in {time.perf_counter() - began:.0f} s\n")

classifiers = {
    "main, 64 units": pair.extract("main"),
    "auxiliary, 16 units": pair.extract("auxiliary"),
    "TF-IDF + LinearSVC": baseline,
}
print(f"{'':22}{'accuracy':>9}{'bytes':>13}{'µs in bulk':>12}{'µs alone':>10}")
rows = {name: measure(classifier, icd.data_test, icd.target_test) for name, classifier in classifiers.items()}
for name, (accuracy, size, bulk, alone) in rows.items():
    print(f"{name:22}{accuracy:9.3f}{size:13,}{bulk:12.1f}{alone:10.0f}")

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
colors = ["tab:blue", "tab:cyan", "tab:gray"]
epochs = range(1, pair.n_iter_ + 1)
for role, color in zip(("main", "auxiliary"), colors):
    left.plot(epochs, pair.history_[f"{role}_loss"], color=color, label=f"{role}: labels")
    left.plot(epochs, pair.history_[f"{role}_transfer"], color=color, ls=":", label=f"{role}: distillation")
left.set(xlabel="epoch", ylabel="loss", yscale="log", title="Training")
left.legend()
for (name, (accuracy, size, _, alone)), color, above in zip(rows.items(), colors, (True, False, True)):
    right.scatter(alone, accuracy, s=size / 5e4, color=color, alpha=0.6)
    offset = (0, 26 if above else -34)
    label = f"{name}\n{size / 1e6:.1f} MB"
    right.annotate(label, (alone, accuracy), xytext=offset, textcoords="offset points", ha="center", fontsize=9)
right.set(
    xscale="log", xlabel="µs to predict one document", ylabel="test accuracy", title="Accuracy, speed and size (area)"
)
right.margins(0.35, 0.6)
figure.savefig("quickstart.png", dpi=110)

# sphinx_gallery_thumbnail_path = "pictures/quickstart.png"
