"""A language model's stored answers as soft targets
=================================================

A language model was asked once for the chapter of many medical phrases, and its answers are a file of JSON lines, each
with a text, a label and a confidence. ``read_answers`` makes soft targets of them, and a student learns these without
any label. Here a linear classifier of other phrases, which answers with its most probable chapter, stands in for the
language model: nothing is downloaded.

Prints three answers, and the accuracies of "language model" and student on other phrases; draws confidence against
accuracy of both in ``llm_answers.png``.
"""

import json
import tempfile
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skdistill import DistilledTextClassifier
from skdistill.datasets import load_icd10_chapters
from skdistill.displays import ReliabilityDisplay
from skdistill.teachers import read_answers

icd = load_icd10_chapters()
model = make_pipeline(TfidfVectorizer(sublinear_tf=True), LogisticRegression(C=10, max_iter=300))
model.fit(icd.data[::20], icd.target[::20])

# %%
# The file, as a script that asked a server may have left it:

texts = icd.data[1::6]
probabilities = model.predict_proba(texts)
lines = [
    json.dumps({"text": text, "label": str(label), "confidence": round(float(confidence), 2)})
    for text, label, confidence in zip(texts, model.classes_[probabilities.argmax(axis=1)], probabilities.max(axis=1))
]
print(f"{len(lines):,} answers", *lines[:3], sep="\n")

# %%
# A student without labels:

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "answers.jsonl"
    path.write_text("\n".join(lines))
    answered, soft_targets = read_answers(path)
classifier = DistilledTextClassifier(auxiliary_units=16, max_iter=10, random_state=0)
classifier.fit(answered, None, soft_targets=soft_targets)

# %%
# What it learned: how often a prediction of a given confidence is right, on phrases of the same kind.

X_test, y_test = icd.data[2::6], icd.target[2::6]
for name, predictor in (("language model", model), ("student", classifier.auxiliary_)):
    print(f"{name:15}{predictor.score(X_test, y_test):.3f}")
display = ReliabilityDisplay.from_estimator(classifier, X_test, y_test, teacher=model)
display.figure_.savefig("llm_answers.png", dpi=110)
