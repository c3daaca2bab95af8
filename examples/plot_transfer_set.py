"""A transfer set: more texts for the teacher, made of the training texts
=======================================================================

Few phrases are labelled, there is a good teacher, and there are no further texts that it could label. ``TransferSet``
makes some: a copy of a phrase lacks some of its words, or is a short run of them, or joins a run of the phrase and a
run of another one. The copies need not make sense to a reader; the student learns what the teacher says about them.

Prints two phrases and their copies; draws in ``transfer_set.png`` which words each copy has, and the test accuracy by
the number of copies. With a fixed number of epochs copies seem to help greatly, but they also make an epoch longer.
With as many steps they do not help here: first train longer, and look for real unlabelled texts, then try copies.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skdistill import DistilledTextClassifier, TransferSet
from skdistill.datasets import load_icd10_chapters

PAIR = ["Fracture of the left femur with delayed healing", "Viral infection that complicates pregnancy"]

icd = load_icd10_chapters()
copies = list(TransferSet(n_copies=8, random_state=31).generate(PAIR))
print(*PAIR, "", *copies, sep="\n")

# %%
# Accuracy of the auxiliary network by the number of copies. The teacher was fitted on other phrases.

COPIES = (0, 3, 10)
teacher = make_pipeline(TfidfVectorizer(sublinear_tf=True), LogisticRegression(C=10, max_iter=300))
teacher.fit(icd.data[::8], icd.target[::8])
few, labels, X_test, y_test = icd.data[1::80], icd.target[1::80], icd.data[2::10], icd.target[2::10]
classifier = DistilledTextClassifier(
    auxiliary_units=16, teacher=FrozenEstimator(teacher), predict_with="auxiliary", random_state=0
)
scores = {}
for name, epochs in {"10 epochs": (10, 10, 10), "about 600 steps": (60, 22, 7)}.items():
    scores[name] = []
    for n_copies, max_iter in zip(COPIES, epochs):
        made = TransferSet(n_copies, random_state=0) if n_copies else None
        classifier.set_params(max_iter=max_iter).fit(few, labels, X_unlabeled=made)
        scores[name].append(classifier.score(X_test, y_test))
        print(f"{n_copies:2} copies of each of {len(few)} phrases, {name}: {scores[name][-1]:.3f}")
print(f"the teacher: {teacher.score(X_test, y_test):.3f}")

# %%
# Each row is a copy, each column a word of one of the two phrases. A recombined copy has words of both.

words = [word for phrase in PAIR for word in phrase.split()]
rows = np.array([[word in copy.split() for word in words] for copy in [*PAIR, *copies]])
rows = rows * (1 + (np.arange(len(words)) >= len(PAIR[0].split())))  # 0: left out, 1 and 2: the phrase

figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.6), layout="constrained", width_ratios=[1.7, 1])
left.pcolormesh(rows, cmap=plt.matplotlib.colors.ListedColormap(["white", "tab:blue", "tab:orange"]), edgecolors="0.8")
left.axhline(2, color="black")
left.set_xticks(np.arange(len(words)) + 0.5, words, rotation=45, ha="right")
left.set_yticks([1, 2 + len(copies) / 2], ["phrases", "copies"])
left.invert_yaxis()
left.set_title("What copies of two phrases consist of")
for (name, values), style in zip(scores.items(), ("s--", "o-")):
    right.plot([str(n_copies) for n_copies in COPIES], values, style, label=f"student, {name}")
right.axhline(teacher.score(X_test, y_test), color="tab:gray", ls=":", label="teacher")
right.set(xlabel="copies per phrase", ylabel="test accuracy", title=f"{len(few)} labelled phrases, no others")
right.set_ylim(top=1.12)
right.legend()
figure.savefig("transfer_set.png", dpi=110)
