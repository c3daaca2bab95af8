"""Measure students of a teacher that is often wrong, without any labels.

    python benchmarks/noisy_teacher.py [--folder FOLDER] [--data icd10] [--rounds 3] [--rows 8000] [--correct 0.7]
        [--errors uniform confusion text] [--answers bare confidence distribution] [--set "" "temperature=1"]
        [--held-out]

The teacher is a ``FunctionTeacher`` that gives the label of a text with the probability ``--correct`` and
otherwise another class, always the same one for the same text. Its errors are drawn

- ``uniform``: from all other classes alike;
- ``confusion``: from the confusion matrix of a weak classifier, TF-IDF and logistic regression trained on 20
  other texts per class, whose errors are made rarer or more frequent by one factor;
- ``text``: they are that classifier's own answers, of whose errors some are corrected, drawn at random, so
  that ``--correct`` holds for the texts that are taught.

Its answers are ``bare`` labels; labels with the ``confidence`` that ``--correct`` says; or the ``distribution``
of the label given the answer, by Bayes' rule from the classes' frequencies and the confusion matrix.

Each round draws ``--rows`` training texts, the answers and the seed of the student, which is fitted on these
texts alone. Prints a markdown row per kind of error and answer and per ``--set`` of the student's settings:
accuracy in percent, of the teacher on the texts it teaches and on the test texts, and of both networks on the
test texts, and the seconds of the fit, with means and standard errors over the rounds. With ``--held-out``,
for choosing settings, other training texts are used instead of the test texts.
"""

from functools import partial
from itertools import product

import numpy as np
from data import draw
from few_labels import mean
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix
from sklearn.pipeline import make_pipeline
from timing import load_one, parser, seconds, versions

import skdistill
from skdistill import DistilledTextClassifier
from skdistill.teachers import FunctionTeacher

PER_CLASS = 20  # labelled texts of the weak classifier
ERRORS, ANSWERS = ("uniform", "confusion", "text"), ("bare", "confidence", "distribution")
COLUMNS = ("errors", "answers", "settings", "teacher, its texts", "teacher, test", "main", "auxiliary", "seconds")


def split(data, n_rows, seed, held_out):
    """Return the rows of the weak classifier, those that are taught and those that are tested, and all data."""
    texts, labels, texts_test, labels_test = data
    weak, others = draw(labels, PER_CLASS, seed)
    others = np.random.default_rng(seed).permutation(others)
    taught, rest = others[:n_rows], others[n_rows : 2 * n_rows]
    tested = rest if held_out else np.arange(len(texts), len(texts) + len(texts_test))
    return weak, taught, tested, np.array([*texts, *texts_test], dtype=object), np.concatenate([labels, labels_test])


def transitions(true, predicted, n_classes, correct):
    """Return P(answer | class), with the diagonal such that ``correct`` of the answers are right."""
    counts = confusion_matrix(true, predicted, labels=np.arange(n_classes))
    frequencies = counts / counts.sum(axis=1, keepdims=True)
    wrong = frequencies * (1 - np.eye(n_classes)) * (1 - correct) / np.mean(true != predicted)
    wrong /= np.maximum(wrong.sum(axis=1, keepdims=True), 1)
    return wrong + np.diag(1 - wrong.sum(axis=1))


def uniform_transitions(n_classes, correct):
    """Return P(answer | class) with all errors alike."""
    return np.where(np.eye(n_classes, dtype=bool), correct, (1 - correct) / (n_classes - 1))


def answer_codes(errors, codes, weak_codes, n_taught, matrix, correct, generator):
    """Return the teacher's answer about each text, as the number of a class."""
    if errors == "text":
        is_wrong = np.mean((codes != weak_codes)[:n_taught])
        chance = 1 - (1 - correct) / is_wrong  # of an error to be corrected
        return np.where(generator.random(len(codes)) < chance, codes, weak_codes)
    return np.array([generator.choice(len(matrix), p=matrix[code]) for code in codes])


def as_answers(form, answered, matrix, frequencies, classes, correct):
    """Return what the function returns for each text."""
    names = classes[answered].tolist()
    if form == "bare":
        return names
    if form == "confidence":
        return [(name, correct) for name in names]
    joint = matrix * frequencies[:, None]
    rows = (joint / joint.sum(axis=0)).T[answered]  # P(class | answer)
    return [dict(zip(classes.tolist(), row)) for row in rows.tolist()]


def one_round(data, seed, errors, form, settings, arguments):
    """Return the numbers of a table's row."""
    weak, taught, tested, texts, labels = split(data, arguments.rows, seed, arguments.held_out)
    classes, codes = np.unique(labels, return_inverse=True)
    classifier = make_pipeline(TfidfVectorizer(sublinear_tf=True), LogisticRegression(C=10, max_iter=1000))
    rows = np.concatenate([taught, tested])
    weak_codes = classifier.fit(texts[weak], codes[weak]).predict(texts[rows])
    of_taught = codes[taught], weak_codes[: len(taught)]
    matrix = uniform_transitions(len(classes), arguments.correct)
    if errors != "uniform":
        matrix = transitions(*of_taught, len(classes), arguments.correct)
    generator = np.random.default_rng([seed, 1])
    answered = answer_codes(errors, codes[rows], weak_codes, len(taught), matrix, arguments.correct, generator)
    frequencies = np.bincount(codes[taught], minlength=len(classes)) / len(taught)
    answers = as_answers(form, answered, matrix, frequencies, classes, arguments.correct)
    teacher = FunctionTeacher(dict(zip(texts[rows].tolist(), answers)).__getitem__, classes.tolist())
    student = DistilledTextClassifier(teacher=teacher, random_state=seed, **settings)
    taken = seconds(partial(student.fit, texts[taught].tolist(), None))
    parts = [(teacher, taught), (teacher, tested), (student.extract("main"), tested)]
    parts.append((student.extract("auxiliary"), tested))
    scores = [100 * np.mean(model.predict(texts[part].tolist()) == labels[part]) for model, part in parts]
    return *scores, taken


def main():
    made = parser(__doc__, rounds=3)
    made.add_argument("--rows", type=int, default=8000)
    made.add_argument("--correct", type=float, default=0.7)
    made.add_argument("--errors", nargs="*", choices=ERRORS, default=ERRORS)
    made.add_argument("--answers", nargs="*", choices=ANSWERS, default=ANSWERS[:1])
    made.add_argument("--set", nargs="*", default=[""], metavar="SETTINGS")
    made.add_argument("--held-out", action="store_true")
    arguments = made.parse_args()
    data = load_one(arguments)
    print(f"{versions()}\n{arguments.data}, {arguments.rows} texts, {arguments.rounds} rounds\n")
    print("|", " | ".join(COLUMNS), f"|\n|{'---|' * len(COLUMNS)}")
    for errors, form, given in product(arguments.errors, arguments.answers, arguments.set):
        settings = eval(f"dict({given})", vars(skdistill))
        rounds = [one_round(data, seed, errors, form, settings, arguments) for seed in range(arguments.rounds)]
        *scores, taken = np.transpose(rounds)
        cells = [errors, form, given or "defaults", *map(mean, scores), f"{np.mean(taken):.1f}"]
        print("|", " | ".join(cells), "|", flush=True)


if __name__ == "__main__":
    main()
