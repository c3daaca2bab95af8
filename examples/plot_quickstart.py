"""Train two networks on medical phrases, and save the small one: as it is, and in at most 100 kB.
===============================================================================================

The classes are the chapters of ICD-10-CM. Prints accuracy, size and speed of the auxiliary network, of the
compressed one and of a TF-IDF + LinearSVC pipeline; draws them in ``quickstart.png``. Each is saved and loaded
first: sizes are those of the files. Takes one to two minutes on two cores. Speed alone is that of phrases whose words
were met before: the compressed student takes about 0.3 ms for a phrase with a new word.
"""

import pickle
import tempfile
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

import skdistill
from skdistill import DistilledTextClassifier
from skdistill.datasets import load_icd10_chapters


def measure(classifier, texts, labels):
    """Return accuracy, and microseconds per document, all at once and alone (median); each best of 3."""
    bulk, alone = np.empty(3), np.empty((3, 500))
    for number in range(3):
        began = time.perf_counter()
        predicted = classifier.predict(texts)
        bulk[number] = (time.perf_counter() - began) / len(texts)
        for row, text in enumerate(texts[:500]):
            began = time.perf_counter()
            classifier.predict([text])
            alone[number, row] = time.perf_counter() - began
    return np.mean(predicted == labels), 1e6 * bulk.min(), 1e6 * np.median(alone.min(axis=0))


icd = load_icd10_chapters()
print(f"{len(icd.data):,} training phrases, {len(icd.data_test):,} test phrases, {len(icd.target_names)} chapters")

linear = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LinearSVC())
linear.fit(icd.data, icd.target)
began = time.perf_counter()
clf = DistilledTextClassifier(random_state=0).fit(icd.data, icd.target)
print(f"trained main and auxiliary together in {time.perf_counter() - began:.0f} s")
began = time.perf_counter()
small = clf.extract("auxiliary", max_bytes=100_000, X=icd.data)  # retrained on texts, without labels
print(f"compressed in {time.perf_counter() - began:.0f} s: {small.compression_}\n")

print(f"{'':24}{'accuracy':>9}{'bytes':>12}{'µs in bulk':>12}{'µs alone':>10}")
rows = {}
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder, "student.skd")
    for name, student in {"student": clf.extract("auxiliary"), "student, compressed": small}.items():
        student.save(path)
        rows[name] = path.stat().st_size, *measure(skdistill.load(path), icd.data_test, icd.target_test)
    path.write_bytes(pickle.dumps(linear))
    rows["TF-IDF + LinearSVC"] = path.stat().st_size, *measure(linear, icd.data_test, icd.target_test)
for name, (size, accuracy, bulk, alone) in rows.items():
    print(f"{name:24}{accuracy:9.3f}{size:12,}{bulk:12.1f}{alone:10.0f}")

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
colors = ["tab:blue", "tab:cyan", "tab:gray"]
epochs = range(1, clf.n_iter_ + 1)
for role, color in zip(("main", "auxiliary"), colors):
    left.plot(epochs, clf.history_[f"{role}_loss"], color=color, label=f"{role}: labels")
    left.plot(epochs, clf.history_[f"{role}_transfer"], color=color, ls=":", label=f"{role}: distillation")
left.set(xlabel="epoch", ylabel="loss", yscale="log", title="Training")
left.set_xticks(epochs)
left.legend()
for (name, (size, accuracy, _, alone)), color, above in zip(rows.items(), colors, (True, False, True)):
    right.scatter(alone, accuracy, s=size / 2e4, color=color, alpha=0.8)
    label = f"{name}\n{size / 1e6:.1f} MB" if size > 1e5 else f"{name}\n{size / 1e3:.0f} kB"
    offset = (0, 12 if above else -12)
    style = {"ha": "center", "va": "bottom" if above else "top", "fontsize": 9}
    right.annotate(label, (alone, accuracy), xytext=offset, textcoords="offset points", **style)
right.set(
    xscale="log", xlabel="µs to predict one document", ylabel="test accuracy", title="Accuracy, speed and size (area)"
)
right.margins(0.35, 0.5)
figure.savefig("quickstart.png", dpi=110)

# sphinx_gallery_thumbnail_path = "pictures/quickstart.png"
