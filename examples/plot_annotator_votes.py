"""Soft targets from annotators' votes, against the label of the majority.
=======================================================================

Medical phrases of ICD-10-CM are labelled by several simulated annotators: the longer a
phrase, the more often they err, mostly towards one of two chapters that are confused with
the true one. Usually the majority's label is kept and the other votes are dropped. Passed as
``soft_targets``, all votes are learned: that a phrase is ambiguous, and between which
chapters. The example prints the accuracy of the students, and the log loss of their
probabilities for what another annotator says of the test phrases; it draws both in
``annotator_votes.png``.

The more annotators there are, the better their votes predict what people say; a student of
majority labels never learns that. If only the true label matters, the majority's label is as
good a target, because it already corrects most of the annotators' errors. The votes of a
single annotator are labels, and have no advantage over labels.
"""

import matplotlib.pyplot as plt
import numpy as np

from skdistill import DistilledTextClassifier, TextBag
from skdistill.datasets import load_icd10_chapters

N_PHRASES, N_TESTED = 4000, 4000
ANNOTATORS = [1, 3, 5, 9]

icd = load_icd10_chapters()
generator = np.random.default_rng(0)
chosen = generator.permutation(len(icd.data))[:N_PHRASES]
phrases = [icd.data[row] for row in chosen]
classes, truth = np.unique(icd.target[chosen], return_inverse=True)
tested = np.isin(icd.target_test, classes).nonzero()[0]
tested = generator.permutation(tested)[:N_TESTED]
X_test, y_test = [icd.data_test[row] for row in tested], icd.target_test[tested]

truth_test = np.searchsorted(classes, y_test)
order = generator.permutation(len(classes))
confused = np.empty((len(classes), 2), dtype=int)
confused[order] = np.stack([np.roll(order, 1), np.roll(order, 2)], axis=1)


def vote(phrases, truth):
    """Return one annotator's chapter of each phrase, as indicators."""
    difficulty = np.clip([0.06 * len(phrase.split()) for phrase in phrases], 0.1, 0.6)
    similar = confused[truth, generator.integers(2, size=len(truth))]
    anything = generator.integers(len(classes), size=len(truth))
    wrong = np.where(generator.random(len(truth)) < 0.2, anything, similar)
    return np.eye(len(classes))[np.where(generator.random(len(truth)) < difficulty, wrong, truth)]


def log_loss(student):
    """Return the log loss for what one more annotator says of the test phrases."""
    return -(votes_test * student.predict_log_proba(X_test)).sum(axis=1).mean()


votes = np.stack([vote(phrases, truth) for _ in range(max(ANNOTATORS))])
votes_test = vote(X_test, truth_test)
right = votes[:, np.arange(N_PHRASES), truth].mean()
print(f"{N_PHRASES:,} phrases, {len(classes)} chapters; an annotator is right for {right:.0%} of them\n")
ways = {"majority's label": [], "all votes, as soft targets": []}
print(f"{'annotators':>10}  {'way':28}{'accuracy':>9}{'log loss':>10}")
for n_annotators in ANNOTATORS:
    fractions = votes[:n_annotators].mean(axis=0)
    ties = generator.random(fractions.shape) * 1e-6  # decides between chapters with equally many votes
    majority = classes[(fractions + ties).argmax(axis=1)]
    # At temperature 1 the fractions are learned as they are. A linear path learns labels only, and is switched
    # off so that both ways train the same networks. The labels are noisy: ten epochs are enough.
    classifier = DistilledTextClassifier(
        TextBag(64, linear_weight=0), TextBag(16, linear_weight=0), temperature=1, max_iter=10, random_state=0
    )
    students = [
        classifier.fit(phrases, majority).extract("main"),
        classifier.fit(phrases, None, soft_targets=fractions, soft_target_classes=classes).extract("main"),
    ]
    for (way, scores), student in zip(ways.items(), students):
        scores.append((student.score(X_test, y_test), log_loss(student)))
        print(f"{n_annotators:10}  {way:28}{scores[-1][0]:9.3f}{scores[-1][1]:10.2f}")

figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
for axis, name, column in zip(axes, ("accuracy: the true chapter", "log loss: an annotator's chapter"), (0, 1)):
    for (way, scores), color in zip(ways.items(), ("tab:gray", "tab:blue")):
        axis.plot(ANNOTATORS, [score[column] for score in scores], "o-", color=color, label=way)
    axis.set(xlabel="annotators per phrase", ylabel=name, xticks=ANNOTATORS)
axes[0].legend()
figure.savefig("annotator_votes.png", dpi=110)

# sphinx_gallery_thumbnail_path = "pictures/annotator_votes.png"
