"""Measure the peak memory of long documents: 300 of 300 kB, beside scikit-learn's CountVectorizer.

    python benchmarks/long_documents.py [CASE ...]

The documents are made of 100,000 words of random letters, as frequent as Zipf's law says: most words are rare, as in
books. Each case has a process of its own, whose peak (VmHWM) is read from /proc: Linux only. The peak
before, with the text and the imports, is printed beside it.
"""

import sys
import time
from pathlib import Path

import numpy as np
from timing import run_python, versions

_DOCUMENTS, _CHARACTERS, _WORDS = 300, 300_000, 100_000


def peak():
    """Return the most memory that this process has had so far, in MB."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) // 1024


def books(n_documents=_DOCUMENTS):
    """Return long documents of random words."""
    generator = np.random.default_rng(0)
    letters = generator.choice(list("etaoinshrdlcumwfgypbvkjxqz"), size=(_WORDS, 10))
    words = ["".join(row[:length]) for row, length in zip(letters, generator.integers(2, 11, size=_WORDS).tolist())]
    chances = np.cumsum(1 / (np.arange(_WORDS) + 2.7))
    texts = []
    for _ in range(n_documents):
        drawn = np.searchsorted(chances, generator.random(_CHARACTERS // 6) * chances[-1])
        texts.append(" ".join(map(words.__getitem__, drawn.tolist()))[:_CHARACTERS])
    return texts


def count(texts):
    """Count words with scikit-learn."""
    from sklearn.feature_extraction.text import CountVectorizer

    yield
    CountVectorizer(max_features=10_000).fit(texts).transform(texts)


def tokenize(texts):
    """Learn a vocabulary, and look up the tokens."""
    from skdistill import TextTokenizer

    yield
    TextTokenizer().fit(texts).transform(texts)


def classify(texts, **tokenizer):
    """Fit a classifier, and predict; first a small fit, which imports TensorFlow and compiles the step."""
    from skdistill import DistilledTextClassifier, TextTokenizer

    labels = np.arange(len(texts)) % 2
    classifier = DistilledTextClassifier(max_iter=1, tokenizer=TextTokenizer(**tokenizer), random_state=0)
    classifier.fit(["good food", "bad food"] * 10, [0, 1] * 10)
    yield
    classifier.fit(texts, labels)
    yield
    classifier.predict_proba(texts)


def explain(texts):
    """Explain a document."""
    from skdistill import DistilledTextClassifier
    from skdistill.inspection import explain

    labels = np.arange(len(texts)) % 2
    classifier = DistilledTextClassifier(max_iter=1, random_state=0).fit([text[:1000] for text in texts], labels)
    yield
    explain(classifier, texts[0])


CASES = {
    "count": ("CountVectorizer, fit and transform", count),
    "tokenize": ("TextTokenizer, fit and transform", tokenize),
    "classify": ("DistilledTextClassifier, fit; predict_proba", classify),
    "whole": ("100 of them, read as a whole", lambda texts: classify(texts[:100], sequence_length=60_000)),
    "explain": ("explain", explain),
}


def measure(name):
    """Print the peaks before and after each step of a case."""
    texts = books()
    began, found = time.perf_counter(), []
    for _ in CASES[name][1](texts):
        found.append(f"{peak()} MB after {time.perf_counter() - began:.1f} s")
    print("; ".join([*found, f"{peak()} MB after {time.perf_counter() - began:.1f} s"]))


def main(names):
    print(versions())
    for name in names or CASES:
        _, output = run_python(__file__, "--measure", name)
        print(f"{CASES[name][0]}: {output.strip()}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(sys.argv[2])
    else:
        main(sys.argv[1:])
