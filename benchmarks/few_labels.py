"""Few labels, a strong teacher and unlabelled text: how much of the teacher a bag keeps.

    python benchmarks/few_labels.py --folder FOLDER [--data banking77] [--rounds 3] [--per-class 10 30 0]
                                    [--only "labels alone" taught] [--set "temperature=2"]

The teacher is a logistic regression on ``minilm_embeddings.npz``, what a sentence encoder gives for the rows of
``train.csv`` and ``test.csv``; on tf-idf for data without that file. ``--per-class`` rows of each class
keep their label, drawn by the number of the round, and the others are unlabelled; 0 keeps all labels.
A markdown row for each arm: mean and standard error over the rounds of the test accuracy in percent,
of the share of the teacher's, the seconds of a fit, and of a student the bytes of the extracted network and
the microseconds that it takes for a document of the test set, all at once. ``--only`` chooses arms by name,
``--set`` passes settings to the taught students.
"""

import pickle
from functools import partial
from pathlib import Path

import numpy as np
from accuracy import linear
from data import draw
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from timing import load_one, parser, seconds, versions

import skdistill
from skdistill import DistilledTextClassifier

STUDENT = {"auxiliary_units": 16, "max_iter": 30}
# With few labels the teacher knows more than they do; with all of them they have more to add.
FEW, ALL = {"teacher_weight": 0.9, "temperature": 1.0}, {"teacher_weight": 0.5, "temperature": 1.0}
COLUMNS = ("labels a class", "arm", "accuracy", "share of the teacher's", "seconds", "bytes", "µs a document")


def make_teacher(folder, train, test):
    """A logistic regression on embeddings that it looks up by the text, or on tf-idf."""
    path = Path(folder) / "minilm_embeddings.npz"
    features = look_up_in(path, [*train, *test]) if path.exists() else TfidfVectorizer(sublinear_tf=True)
    return make_pipeline(features, LogisticRegression(C=10, max_iter=1000))


def look_up_in(path, texts):
    """A transformer from a text to its row of the arrays ``train`` and ``test``, one after the other."""
    arrays = np.load(path)
    embeddings = np.concatenate([arrays["train"], arrays["test"]]).astype(np.float32)
    places = {text: place for place, text in enumerate(texts)}
    return FunctionTransformer(lambda documents: embeddings[[places[text] for text in documents]])


def student(seed, **settings):
    """The student, not fitted."""
    return DistilledTextClassifier(**STUDENT | {"random_state": seed} | settings)


def alone(seed, n_labelled, n_others):
    """The student without a teacher, for as many steps as one that is taught."""
    return student(seed, max_iter=STUDENT["max_iter"] * max(1, -(-n_others // n_labelled)))


def arms(teacher, settings, seed, labelled, others):
    """By name: an estimator and the documents that it gets beside the labelled rows."""
    settings = (FEW if others else ALL) | settings
    return {
        "TF-IDF + LinearSVC": (linear(), None),
        "teacher": (teacher, None),
        "labels alone": (alone(seed, len(labelled), len(others)), None),
        "taught": (student(seed, teacher=teacher, **settings), others),
        "taught by in-sample answers": (student(seed, teacher=teacher, teacher_cv="in_sample", **settings), others),
    }


def measure(estimator, test):
    """Test accuracy in percent, bytes and microseconds by network; of other classifiers the accuracy under ""."""
    if not isinstance(estimator, DistilledTextClassifier):
        return {"": (100 * estimator.score(*test), 0, 0)}
    return {f", {role}": measure_network(estimator.extract(role), test) for role in ("main", "auxiliary")}


def measure_network(network, test):
    """Accuracy in percent, bytes, microseconds a document."""
    taken = min(seconds(lambda: network.predict(list(test[0]))) for _ in range(3))
    return 100 * network.score(*test), len(pickle.dumps(network)), 1e6 * taken / len(test[0])


def is_asked_for(name, only):
    """The teacher always is: the others are its share."""
    return not only or name in ("teacher", *only)


def one_round(data, teacher, per_class, seed, settings, only):
    """Accuracy, seconds, bytes and microseconds of each arm, by name."""
    texts, labels, *test = data
    kept, rest = draw(labels, per_class, seed)
    labelled, others = [texts[row] for row in kept], [texts[row] for row in rest]
    found = {}
    for name, (estimator, beside) in arms(teacher, settings, seed, labelled, others).items():
        if is_asked_for(name, only):
            fit = partial(estimator.fit, labelled, labels[kept], **{"X_unlabeled": beside} if beside else {})
            taken = seconds(fit)
            found |= {name + role: (own[0], taken, *own[1:]) for role, own in measure(estimator, test).items()}
    return found


def mean(values, digits=2):
    """Mean and standard error of some rounds."""
    error = f" ± {np.std(values, ddof=1) / len(values) ** 0.5:.{digits}f}" if len(values) > 1 else ""
    return f"{np.mean(values):.{digits}f}{error}"


def rows(per_class, rounds):
    """Print the rows of a table."""
    for name in rounds[0]:
        scores, taken, sizes, micro = np.transpose([found[name] for found in rounds])
        shares = [100 * found[name][0] / found["teacher"][0] for found in rounds]
        cells = [str(per_class or "all"), name, mean(scores), mean(shares, 1), f"{np.mean(taken):.1f}"]
        cells += [f"{np.mean(sizes):,.0f}", f"{np.mean(micro):.1f}"] if np.all(sizes) else ["", ""]
        print("|", " | ".join(cells), "|", flush=True)


def main():
    made = parser(__doc__, data="banking77", rounds=3)
    made.add_argument("--per-class", nargs="*", type=int, default=[10, 30, 0])
    made.add_argument("--only", nargs="*", metavar="ARM")
    made.add_argument("--set", default="", metavar="SETTINGS")
    arguments = made.parse_args()
    settings = eval(f"dict({arguments.set})", vars(skdistill))
    data = load_one(arguments)
    teacher = make_teacher(Path(arguments.folder or ".") / arguments.data, data[0], data[2])
    print(f"{versions()}\n{arguments.data}, {arguments.rounds} rounds, {arguments.set or 'settings as above'}\n")
    print("|", " | ".join(COLUMNS), f"|\n|{'---|' * len(COLUMNS)}")
    for per_class in arguments.per_class:
        rounds = range(arguments.rounds)
        rows(per_class, [one_round(data, teacher, per_class, seed, settings, arguments.only) for seed in rounds])


if __name__ == "__main__":
    main()
