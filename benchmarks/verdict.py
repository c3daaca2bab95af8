"""Whether the auxiliary network and a teacher help, and how far the verdicts can be trusted.

    python benchmarks/verdict.py pair       # ICD-10: the default classifier, every 13th training phrase
    python benchmarks/verdict.py teacher    # a teacher of the other phrases, 500 labelled and 1,500 unlabelled rows
    python benchmarks/verdict.py guesses    # a teacher that guesses, with a weight of 0.9, every 13th training phrase
    python benchmarks/verdict.py data --folder FOLDER --data trec6 sst2   # training rows, the default classifier
    python benchmarks/verdict.py same [--runs 200]      # verdicts where only the seed differs
    python benchmarks/verdict.py built-in [--repeats 1]  # verdicts where a teacher knows the labels of more rows

The first three print a report, those of docs/guide/verdict.md; the fourth prints a row per data set and network, and
what Holm's correction leaves of the verdicts; the last two count the words of many reports of tiny networks on
synthetic texts, new ones for each run.
"""

import argparse
from collections import Counter
from time import perf_counter

import numpy as np
from data import is_chinese, load
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import RepeatedStratifiedKFold
from sklearn.pipeline import make_pipeline

from skdistill import DistilledTextClassifier, TextBag, TextTokenizer
from skdistill.datasets import load_icd10_chapters
from skdistill.inspection import distillation_report
from skdistill.inspection._verdict import compare

TINY = TextBag(4, ngrams=1, subwords=None, linear_weight=0)


def report_of_pair():
    """Return the report of the default classifier on ICD-10."""
    icd = load_icd10_chapters()
    return distillation_report(DistilledTextClassifier(random_state=0), icd.data[::13], icd.target[::13], cv=5)


def report_of_teacher():
    """Return the report of a student of a good teacher, with few labels."""
    icd = load_icd10_chapters()
    order = np.random.default_rng(0).permutation(len(icd.data))
    texts, labels = [icd.data[row] for row in order], icd.target[order]
    teacher = make_pipeline(TfidfVectorizer(sublinear_tf=True), LogisticRegression(C=10, max_iter=300))
    teacher.fit(texts[3000:], labels[3000:])
    classifier = DistilledTextClassifier(teacher=FrozenEstimator(teacher), random_state=0)
    return distillation_report(classifier, texts[:500], labels[:500], X_unlabeled=texts[500:2000], cv=5)


def report_of_guesses():
    """Return the report of bags without linear paths whose teacher guesses, and weighs more than the labels."""
    icd = load_icd10_chapters()
    teacher = DummyClassifier(strategy="stratified", random_state=0)  # confident of random classes
    bags = TextBag(64, linear_weight=0), TextBag(32, linear_weight=0)
    classifier = DistilledTextClassifier(*bags, teacher=teacher, teacher_weight=0.9, random_state=0)
    return distillation_report(classifier, icd.data[::13], icd.target[::13], cv=5)


def reports_of_data(folder, names):
    """Yield (name, report) of the default classifier on the training rows of data sets; 20,000 random ones of NSMC."""
    for name, texts, labels, *_ in load(folder, names):
        if name == "nsmc_ko":
            rows = np.random.default_rng(0).choice(len(texts), 20_000, replace=False)
            texts, labels = [texts[row] for row in rows], labels[rows]
        tokenizer = TextTokenizer(analyzer="char") if is_chinese(name) else None
        classifier = DistilledTextClassifier(tokenizer=tokenizer, random_state=0)
        yield name, distillation_report(classifier, texts, labels, cv=5, verbose=1)


def print_table(reports):
    """Print a row per data set and network, and the verdicts that hold after Holm's correction."""
    columns = (
        "data",
        "network",
        "alone",
        "in the pair",
        "smoothed",
        "verdict",
        "log loss alone / pair / smoothed",
        "p",
    )
    print("|", " | ".join(columns), "|\n" + "|---" * len(columns) + "|")
    p_values = {}
    for name, report in reports:
        for role in ("main", "auxiliary"):
            verdict = report.verdict_[role]
            variants = [report.arms_[variant] for variant in (f"{role}_alone", role, "label_smoothing")]
            low, high = verdict.interval
            found = f"{verdict.word}, {verdict.effect:+.4f}, {low:+.4f} to {high:+.4f}"
            losses = " / ".join(f"{variant['log_loss']:.3f}" for variant in variants)
            accuracies = " | ".join(f"{variant['accuracy']:.4f}" for variant in variants)
            print(f"| {name} | {role} | {accuracies} | {found} | {losses} | {verdict.p_value:.3f} |", flush=True)
            p_values[name, role, verdict.word] = verdict.p_value
    for (name, role, word), p_value in correct_by_holm(p_values).items():
        if p_value < 0.05:
            print(f"{word} after Holm's correction: {role} on {name}, p = {p_value:.3f}")
    print(f"{len(p_values)} verdicts; all others: NO DIFFERENCE after Holm's correction")


def correct_by_holm(p_values):
    """Return the corrected p-values: the k-th smallest of m times m - k, at least those before it.

    Holm 1979, A Simple Sequentially Rejective Multiple Test Procedure.
    """
    corrected, largest = {}, 0.0
    for k, (name, p_value) in enumerate(sorted(p_values.items(), key=lambda item: item[1])):
        largest = corrected[name] = max(largest, min(1.0, (len(p_values) - k) * p_value))
    return corrected


def draw_texts(n_texts, n_words, generator):
    """Return texts of random words and their classes, those of most words: with one label in ten wrong, and right."""
    words = generator.integers(n_words, size=(n_texts, 7))
    labels = (words < n_words // 2).sum(axis=1) > 3
    wrong = generator.random(n_texts) < 0.1
    texts = [" ".join(f"word{word}" for word in row) for row in words]
    return texts, np.where(labels != wrong, "first", "second"), np.where(labels, "first", "second")


def verdict_of_same(seed):
    """Return the word about a network and the same one with another seed."""
    texts, labels, _ = draw_texts(80, 40, np.random.default_rng(seed))
    classifier = DistilledTextClassifier(TINY, TINY, transfer="none", max_iter=4, random_state=seed)
    report = distillation_report(classifier, texts, labels, cv=5, n_repeats=2)
    scores = (report.scores_[name]["accuracy"] for name in ("main", "main_alone"))
    differences = next(scores)[:, 0] - next(scores)[:, 1]
    return compare("main", "main_alone", "accuracy", differences, test_ratio=1 / 4).word


def verdict_of_built_in(seed, n_repeats):
    """Return the word about a student whose teacher knows the labels of many more texts."""
    generator = np.random.default_rng(seed)
    texts, labels, _ = draw_texts(200, 40, generator)
    more, _, right = draw_texts(3000, 40, generator)
    teacher = make_pipeline(TfidfVectorizer(), LogisticRegression(C=10)).fit(more, right)
    classifier = DistilledTextClassifier(TINY, TINY, teacher=FrozenEstimator(teacher), max_iter=4, random_state=seed)
    cv = RepeatedStratifiedKFold(n_splits=5, n_repeats=n_repeats, random_state=0)
    report = distillation_report(classifier, texts, labels, X_unlabeled=more, cv=cv)
    return report.verdict_["main"].word


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", choices=["pair", "teacher", "guesses", "data", "same", "built-in"])
    parser.add_argument("--folder")
    parser.add_argument("--data", nargs="+", default=["trec6"])
    parser.add_argument("--runs", type=int)
    parser.add_argument("--repeats", type=int, default=1, help="of the 5 folds of built-in (default: 1)")
    arguments = parser.parse_args()
    start = perf_counter()
    if arguments.report == "same":
        print(Counter(map(verdict_of_same, range(arguments.runs or 200))))
    elif arguments.report == "built-in":
        print(Counter(verdict_of_built_in(seed, arguments.repeats) for seed in range(arguments.runs or 20)))
    elif arguments.report == "data":
        print_table(reports_of_data(arguments.folder, arguments.data))
    else:
        reports = {"pair": report_of_pair, "teacher": report_of_teacher, "guesses": report_of_guesses}
        print(reports[arguments.report]().to_markdown())
    print(f"{perf_counter() - start:.0f} seconds")


if __name__ == "__main__":
    main()
