"""Measure the memory of fits and transforms that are large in one direction.

    python benchmarks/memory.py [CASE ...]

Long documents: 300 of 320 kB, beside scikit-learn's CountVectorizer. Many classes: 100,000 titles
of three words in 2 and in 5,000 classes. Many structures: what 30 fits of networks of new sizes
leave behind, after the first 10. Each case has a process of its own. Linux only.
"""

import gc
import os
import resource
import sys

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from timing import run_python, versions

from skdistill import DistilledTextClassifier, TextBag, TextTokenizer


def peak():
    """Return the most memory that this process has had so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def current():
    """Return the memory that this process has now, in MB."""
    gc.collect()
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 2**20


def books():
    """Return 300 documents of 50,000 words, 97 MB in all."""
    generator = np.random.default_rng(0)
    words = np.array([f"w{i}" for i in range(20_000)])
    return [" ".join(words[generator.integers(20_000, size=50_000)]) for _ in range(300)]


def measure_long(what):
    """Print the peaks before and after reading long documents."""
    texts = books()
    before = peak()
    if what == "count":
        CountVectorizer(max_features=10_000).fit(texts).transform(texts)
    elif what == "tokenize":
        TextTokenizer().fit(texts).transform(texts)
    else:
        classifier = DistilledTextClassifier(max_iter=1, random_state=0)
        classifier.fit(texts, np.arange(300) % 2).predict(texts)
    print(f"{before} MB with the text, peak {peak()} MB")


def measure_classes(n_classes):
    """Print the peak of a fit of many short rows."""
    generator = np.random.default_rng(0)
    words = np.array([f"w{i}" for i in range(3000)])
    texts = [" ".join(row) for row in words[generator.integers(3000, size=(100_000, 3))]]
    bag = TextBag(units=16, subwords=None)
    classifier = DistilledTextClassifier(bag, auxiliary=None, max_iter=1, random_state=0)
    classifier.fit(texts, np.arange(100_000) % int(n_classes)).predict(texts)
    print(f"peak {peak()} MB")


def measure_structures(kind):
    """Print the memory after 10 and after 40 fits, each of another size."""
    texts, labels = ["good food", "a good film", "bad food", "a bad film"] * 6, ["pos", "pos", "neg", "neg"] * 6
    after = {}
    for n in range(1, 41):
        DistilledTextClassifier(kind, auxiliary=None, main_units=4 + n, max_iter=1, random_state=0).fit(texts, labels)
        after[n] = current() if n in (10, 40) else None
    print(f"{after[10]} MB after 10 fits, {after[40]} MB after 40")


CASES = {
    "long count": "Long documents, CountVectorizer",
    "long tokenize": "Long documents, TextTokenizer",
    "long classify": "Long documents, DistilledTextClassifier: fit and predict",
    "classes 2": "2 classes, fit and predict",
    "classes 5000": "5,000 classes, fit and predict",
    "structures bag": "Structures, bag",
    "structures cnn": "Structures, CNN",
    "structures gru": "Structures, GRU",
}
MEASURES = {"long": measure_long, "classes": measure_classes, "structures": measure_structures}


def main(names):
    print(versions())
    for name in names or CASES:
        _, output = run_python(__file__, "--measure", name)
        print(f"{CASES[name]}: {output.strip()}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure, argument = sys.argv[2].split()
        MEASURES[measure](argument)
    else:
        main(sys.argv[1:])
