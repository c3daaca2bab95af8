"""Measure the memory of fits and transforms that are large in one direction, and of many in one process.

    python benchmarks/memory.py [CASE ...]

Many classes: 100,000 titles of three words in 2 and in 5,000 classes. Many structures: what 30 fits of
networks of new sizes leave behind, after the first 10; and what 180 fits leave behind, of which each compiles
a step. Many fits: what 190 fits of data of other sizes leave behind, after the first 10. Threads: 8 that
predict with the same object for 30 s, whose probabilities must be those of one thread. Each case has a process of its
own. Linux only. Long documents have a script of their own, ``long_documents.py``.
"""

import ctypes
import gc
import os
import resource
import sys
import tempfile
import threading
import time

import numpy as np
from timing import run_python, versions

from skdistill import DistilledTextClassifier, TextBag, runtime

_THREADS, _SECONDS = 8, 30


def peak():
    """Return the most memory that this process has had so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def current():
    """Return the memory that this process has now, in MB."""
    gc.collect()
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 2**20


def print_current(n):
    """Print the memory after the nth fit, and what is left once the C library has returned pages kept for later."""
    print(f"\n  fit {n}: {current()} MB", end="", flush=True)
    ctypes.CDLL(None).malloc_trim(0)
    print(f", {current()} MB after malloc_trim", end="", flush=True)


def measure_classes(n_classes):
    """Print the peak of a fit of many short rows."""
    generator = np.random.default_rng(0)
    words = np.array([f"w{i}" for i in range(3000)])
    texts = [" ".join(row) for row in words[generator.integers(3000, size=(100_000, 3))]]
    bag = TextBag(units=16, subwords=None)
    classifier = DistilledTextClassifier(bag, auxiliary=None, max_iter=1, random_state=0)
    classifier.fit(texts, np.arange(100_000) % int(n_classes)).predict(texts)
    print(f"peak {peak()} MB")


def fit_network(kind, units):
    """Fit a network of that size on few texts."""
    texts, labels = ["good food", "a good film", "bad food", "a bad film"] * 6, ["pos", "pos", "neg", "neg"] * 6
    DistilledTextClassifier(kind, auxiliary=None, main_units=units, max_iter=1, random_state=0).fit(texts, labels)


def measure_structures(kind):
    """Print the memory after 10 and after 40 fits, each of another size."""
    after = {}
    for n in range(1, 41):
        fit_network(kind, 4 + n)
        after[n] = current() if n in (10, 40) else None
    print(f"{after[10]} MB after 10 fits, {after[40]} MB after 40")


def measure_recompiled(kind):
    """Print the memory after every 45 fits of nine sizes in turn: eight steps are kept, so each fit compiles one."""
    for n in range(1, 226):
        fit_network(kind, 5 + n % 9)
        if n % 45 == 0:
            print_current(n)
    print()


def random_rows(generator, n_rows, n_classes, n_words):
    """Return texts of random words, and labels of which each occurs."""
    words = np.array([f"w{i}" for i in range(n_words)])
    lengths = generator.integers(1, 30, size=n_rows)
    texts = [" ".join(words[generator.integers(n_words, size=length)]) for length in lengths]
    return texts, generator.permutation(np.arange(n_rows) % n_classes)


def measure_fits(kind):
    """Print the memory after the 10th and after every 20 of 200 fits of data of random sizes."""
    generator = np.random.default_rng(0)
    for n in range(1, 201):
        is_measured = n == 10 or n % 20 == 0  # the same size each time, since pages that it needed are kept
        n_rows, n_classes, n_words = (
            (1000, 5, 2000) if is_measured else map(int, generator.integers((40, 2, 20), (1500, 12, 4000)))
        )
        texts, labels = random_rows(generator, n_rows, n_classes, n_words)
        classifier = DistilledTextClassifier(kind, max_iter=1 + n % 2, random_state=n)
        classifier.fit(texts, labels).predict(texts[:100])
        if is_measured:
            print_current(n)
    print()


def predictor_of(kind, generator):
    """Return a bag that is extracted or compressed, or one of both after it was saved and loaded by the runtime."""
    texts, labels = random_rows(generator, 3000, 5, 3000)
    student = DistilledTextClassifier(max_iter=2, random_state=0).fit(texts, labels).extract("auxiliary")
    student = student.compress(None) if "compressed" in kind else student
    if not kind.endswith("loaded"):
        return student
    with tempfile.TemporaryDirectory() as folder:
        student.save(f"{folder}/model.skd")
        return runtime.load(f"{folder}/model.skd")


def measure_threads(kind):
    """Print what 8 threads predict differently from one, in calls of all sizes, and the memory on the way."""
    generator = np.random.default_rng(0)
    predictor = predictor_of(kind, generator)
    texts, _ = random_rows(generator, 2000, 2, 6000)  # half of the words are unknown
    parts = [texts[:1], texts[1:2], texts[:7], texts[100:400], texts]
    expected = [predictor.predict_proba(part) for part in parts]
    ends, calls, wrong = time.monotonic() + _SECONDS, [0] * _THREADS, []

    def predict(thread):
        while time.monotonic() < ends:
            place = (thread + calls[thread]) % len(parts)
            if not np.array_equal(predictor.predict_proba(parts[place]), expected[place]):
                wrong.append(place)
            calls[thread] += 1

    threads = [threading.Thread(target=predict, args=(thread,)) for thread in range(_THREADS)]
    for thread in threads:
        thread.start()
    curve = []
    while any(thread.is_alive() for thread in threads):
        time.sleep(5)
        curve.append(current())
    print(f"{sum(calls):,} calls, {len(wrong)} that differ; MB every 5 s: {', '.join(map(str, curve))}")


CASES = {
    "classes 2": "2 classes, fit and predict",
    "classes 5000": "5,000 classes, fit and predict",
    "structures bag": "Structures, bag",
    "structures cnn": "Structures, CNN",
    "structures gru": "Structures, GRU",
    "recompiled bag": "Structures that are compiled again and again, bag",
    "fits bag": "200 fits of data of other sizes, bags",
    "threads extracted": "8 threads, an extracted bag",
    "threads compressed": "8 threads, a compressed bag",
    "threads extracted-loaded": "8 threads, an extracted bag loaded by the runtime",
    "threads compressed-loaded": "8 threads, a compressed bag loaded by the runtime",
}
MEASURES = {
    "classes": measure_classes,
    "structures": measure_structures,
    "recompiled": measure_recompiled,
    "fits": measure_fits,
    "threads": measure_threads,
}


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
