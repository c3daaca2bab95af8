"""How small can a student be? Test accuracy against the bytes of its saved file.
==============================================================================

A third of the medical phrases of ICD-10-CM are classified by their chapters. The student is saved as it is, and
compressed to several budgets: it is retrained on the same phrases without labels, taught by the main network. Each
file is loaded by ``skdistill.runtime``, which needs numpy alone, before its accuracy is measured.

Prints bytes and test accuracy of each file and of a pickled TF-IDF + LinearSVC pipeline; draws them in
``ship.png``. Takes about a minute on two cores.

::

    pip install 'skdistill[examples]'
"""

import pickle
import tempfile
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from skdistill import DistilledTextClassifier, runtime
from skdistill.datasets import load_icd10_chapters

BUDGETS = (10_000, 25_000, 50_000, 100_000)

icd = load_icd10_chapters()
X, y = icd.data[::3], icd.target[::3]
clf = DistilledTextClassifier(random_state=0).fit(X, y)


def size_and_accuracy(student):
    """Return the bytes of a student's file, and the test accuracy of what is loaded from it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "student.skd")
        student.save(path)
        predicted = runtime.load(path).predict(icd.data_test)
        return path.stat().st_size, np.mean(np.array(predicted) == icd.target_test)


warnings.filterwarnings("ignore", message="The compressed network agrees")  # at small budgets, as the table shows
compressed = [size_and_accuracy(clf.extract("auxiliary", max_bytes=n, X=X)) for n in BUDGETS]
linear = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LinearSVC()).fit(X, y)
others = {
    "student, not compressed": size_and_accuracy(clf.extract("auxiliary")),
    "TF-IDF + LinearSVC": (len(pickle.dumps(linear)), linear.score(icd.data_test, icd.target_test)),
}

print(f"{'':26}{'bytes':>11}{'accuracy':>10}")
for budget, (size, accuracy) in zip(BUDGETS, compressed):
    print(f"{f'at most {budget:,} bytes':26}{size:11,}{accuracy:10.3f}")
for name, (size, accuracy) in others.items():
    print(f"{name:26}{size:11,}{accuracy:10.3f}")

figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
axes.plot(*np.transpose(compressed) * [[1e-3], [100]], "o-", label="student, compressed")
for (name, (size, accuracy)), marker, color in zip(others.items(), "D^", ("tab:green", "tab:gray")):
    axes.plot(size / 1e3, 100 * accuracy, marker, ms=9, color=color)
    label, style = f"{name}\n{size / 1e6:.1f} MB", {"textcoords": "offset points", "ha": "right", "va": "center"}
    axes.annotate(label, (size / 1e3, 100 * accuracy), (-9, 0), **style)
axes.set(
    xscale="log",
    xlabel="size of the saved file (log scale)",
    ylabel="test accuracy, %",
    title="ICD-10, 8,876 phrases: accuracy against bytes",
)
axes.set_xticks([10, 100, 1000], ["10 kB", "100 kB", "1 MB"])
axes.margins(0.1)
axes.grid(alpha=0.25)
axes.legend(loc="lower right")
figure.savefig("ship.png", dpi=110)

# sphinx_gallery_thumbnail_path = "pictures/ship.png"
