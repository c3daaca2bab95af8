"""Measure how small a student can be: bytes and accuracy of compressed networks, and of other small classifiers.

    python benchmarks/compression.py [--folder FOLDER] [--data NAME ...] [--rows N] [--kilobytes 20 36] [--peers]

The default classifier is fitted with each seed. Its auxiliary network is extracted, compressed to each number
of kilobytes (1,000 bytes) without labels, saved, and loaded by ``skdistill.runtime``: bytes are those of the file,
accuracies those of the loaded model on the test texts. "pruned" is compressed without texts; "whole" is
``compress(None)``. Times are for all test texts at once and for one at a time, relative to the network before;
the latter for texts made at random of words of the test texts, all of which were read before.

``--peers`` adds, in the same run:

* TF-IDF + LinearSVC as it is, with the bytes of its pickle.
* The same, pruned: the features with the largest norm of coefficients times log(1 + document frequency) are
  kept and fitted again, and coefficients stored as int8 with a scale per feature, in the same coding of keys and
  with a byte per feature for its frequency. The number of features is the largest that fits.
* fastText, quantised, the best on the test texts of three cutoffs, if the package is installed.

``--two-labels``: on ICD-10 with two labels per text, its chapter and whether it has a digit; accuracies are then
subset accuracies.
"""

import argparse
import pickle
import re
import tempfile
import time
import warnings
from functools import partial
from pathlib import Path
from statistics import mean, median

import numpy as np
from accuracy import linear
from data import is_chinese, load
from sklearn.preprocessing import LabelBinarizer
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits
from timing import alternate, ratios, versions

from skdistill import DistilledTextClassifier, TextTokenizer, runtime
from skdistill._compression.budget import rows_within
from skdistill._compression.quantization import by_row
from skdistill._compression.selection import EXTRA_BITS, key_bits
from skdistill._serialization import to_bytes
from skdistill.runtime.packing import pack_codes, pack_keys

KILOBYTES = {
    "banking77": (20, 36),
    "ag_news_part": (26, 52),
    "icd10": (100,),
    "trec6": (12,),
    "sst2": (26,),
    "chnsenticorp_htl_zh": (100,),
}
OTHERS = 15, 30, 50, 100
CUTOFFS = 1000, 4000, 16_000


def accuracy(predict, texts, labels):
    """Return the fraction of texts of which the label, or all labels, are right."""
    same = np.asarray(predict(texts)) == labels
    return float((same if same.ndim == 1 else same.all(axis=1)).mean())


def measure_file(student, texts, labels):
    """Return the bytes of a student's file, and the accuracy of what is loaded from it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "student.skd"
        student.save(path)
        return path.stat().st_size, accuracy(runtime.load(path).predict, texts, labels)


def students(name, texts, labels, kilobytes, seed):
    """Yield the extracted auxiliary network and its compressed forms, with their names."""
    tokenizer = TextTokenizer(analyzer="char") if is_chinese(name) else None
    classifier = DistilledTextClassifier(tokenizer=tokenizer, random_state=seed).fit(texts, labels)
    yield "before", classifier.extract("auxiliary")
    yield "whole", classifier.extract("auxiliary").compress(None)
    for number in kilobytes:
        for kind, X in (("pruned", None), ("compressed", texts)):
            yield f"{number} kB, {kind}", classifier.extract("auxiliary", max_bytes=1000 * number, X=X)


def time_ratios(before, small, texts, rounds=5):
    """Return the times of a compressed network relative to the one before: all texts at once, and one at a time."""
    generator, words = np.random.default_rng(0), [word for text in texts for word in text.split()]
    new = [" ".join(generator.choice(words, len(text.split()))) for text in texts[:300]]
    for text in texts:
        small.predict([text])  # its words are remembered
    networks = {"before": before, "small": small}
    found = []
    for calls in ([texts], [[text] for text in new]):
        functions = {name: partial(_seconds, network, calls) for name, network in networks.items()}
        found.append(median(ratios(alternate(functions, rounds), "small", "before")))
    return found


def _seconds(network, calls):
    began = time.perf_counter()
    for texts in calls:
        network.predict(texts)
    return time.perf_counter() - began


class PrunedLinear:
    """TF-IDF + LinearSVC of few features with int8 coefficients."""

    def __init__(self, texts, labels):
        self.pipeline = linear().fit(texts, labels)
        self.labels, vectorizer = labels, self.pipeline[0]
        self.matrix = vectorizer.transform(texts).tocsc()
        frequencies = np.diff(self.matrix.indptr)
        norms = np.linalg.norm(self.pipeline[-1].coef_, axis=0)
        self.order = np.argsort(-norms * np.log1p(frequencies), kind="stable")

    def pack(self, kept, svm):
        """Return the coefficients of the kept features, rounded to int8, and the bytes of the file."""
        n_features = len(kept)
        coefficients = svm.coef_.T if svm.coef_.shape[1] == n_features else svm.coef_.T[kept]
        codes, steps = by_row(coefficients)
        bits = key_bits(n_features, EXTRA_BITS)
        keys = np.sort(np.random.default_rng(0).choice(2**bits, n_features, replace=False)).astype(np.uint64)
        frequencies = np.log2(np.diff(self.matrix.indptr)[kept]).astype(np.uint8)
        arrays = {"keys": pack_keys(keys), "codes": pack_codes(codes), "steps": steps.astype(np.float16)}
        values = {"classes": np.unique(self.labels).tolist()}
        file = to_bytes(values, arrays | {"frequencies": frequencies, "bias": svm.intercept_.astype(np.float16)})
        return codes * steps[:, None], len(file)

    def within(self, max_bytes, texts, labels):
        """Return the bytes and the accuracy of the largest that fits."""
        full = self.pipeline[-1]
        n = rows_within(max_bytes, lambda n: self.pack(self.order[:n], full)[1], len(self.order))
        n_bytes = max_bytes + 1
        while n_bytes > max_bytes:
            kept = self.order[:n]
            svm = LinearSVC().fit(self.matrix[:, kept], self.labels)
            coefficients, n_bytes = self.pack(kept, svm)
            n -= 1 + n // 100
        scores = self.pipeline[0].transform(texts)[:, kept] @ coefficients + svm.intercept_
        places = (scores[:, 0] > 0).astype(int) if scores.shape[1] == 1 else scores.argmax(axis=1)
        return n_bytes, float(np.mean(svm.classes_[places] == labels))


def fasttext_results(texts, labels, test_texts, test_labels):
    """Yield (name, bytes, accuracy) of fastText quantised with each cutoff."""
    import fasttext

    names = {f"__label__{i}": label for i, label in enumerate(np.unique(labels))}
    of_label = {label: name for name, label in names.items()}
    lines = [f"{of_label[label]} {' '.join(text.lower().split())}\n" for text, label in zip(texts, labels)]
    for cutoff in CUTOFFS:
        with tempfile.TemporaryDirectory() as folder:
            train, path = Path(folder) / "train.txt", Path(folder) / "model.ftz"
            train.write_text("".join(lines), encoding="utf-8")
            model = fasttext.train_supervised(
                str(train), dim=16, wordNgrams=2, minn=3, maxn=4, epoch=25, lr=0.5, thread=1, verbose=0
            )
            model.quantize(str(train), cutoff=cutoff, retrain=True, qnorm=True, dsub=2, thread=1, epoch=25, verbose=0)
            model.save_model(str(path))
            found = [names[model.predict(" ".join(text.lower().split()))[0][0]] for text in test_texts]
            yield f"fastText, cutoff {cutoff}", path.stat().st_size, float(np.mean(np.array(found) == test_labels))


def peers(kilobytes, texts, labels, test_texts, test_labels):
    """Yield (name, bytes, accuracy) of other small classifiers."""
    pruned = PrunedLinear(texts, labels)
    score = accuracy(pruned.pipeline.predict, test_texts, test_labels)
    yield "TF-IDF + LinearSVC", len(pickle.dumps(pruned.pipeline)), score
    for number in kilobytes:
        yield (f"{number} kB, LinearSVC pruned", *pruned.within(1000 * number, test_texts, test_labels))
    try:
        yield from fasttext_results(texts, labels, test_texts, test_labels)
    except ImportError:
        print("  fastText is not installed")


def two_labels(data):
    """Return data with two labels per text: the chapter, and whether the text has a digit."""
    name, texts, labels, test_texts, test_labels = data
    binarizer = LabelBinarizer().fit(labels)

    def indicators(texts, labels):
        has_digit = [bool(re.search(r"\d", text)) for text in texts]
        return np.column_stack([binarizer.transform(labels), has_digit]).astype(int)

    return f"{name}, two labels", texts, indicators(texts, labels), test_texts, indicators(test_texts, test_labels)


def show(name, numbers):
    """Print the mean bytes and accuracies of the seeds."""
    sizes, accuracies = zip(*numbers)
    each = ", ".join(f"{value:.4f}" for value in accuracies)
    print(f"  {name:<28} {mean(sizes):>12,.0f} bytes  {mean(accuracies):.4f}  ({each})", flush=True)


def main():
    """Run the benchmark."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--folder", help="holds a folder per data set (default: ICD-10 alone)")
    options.add_argument("--data", nargs="+", default=["icd10"], help="names of data sets (default: icd10)")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seeds", type=int, default=3)
    options.add_argument("--kilobytes", type=int, nargs="+")
    options.add_argument("--rows", type=int, help="train on this many random rows (default: all)")
    options.add_argument("--peers", action="store_true")
    options.add_argument("--two-labels", action="store_true")
    arguments = options.parse_args()
    warnings.filterwarnings("ignore", message="The compressed network agrees")
    print(versions())
    for data in load(arguments.folder, arguments.data):
        if arguments.two_labels:
            data = two_labels(data)
        name, texts, labels, test_texts, test_labels = data
        if arguments.rows:
            rows = np.random.default_rng(0).permutation(len(texts))[: arguments.rows]
            texts, labels = [texts[row] for row in rows], labels[rows]
        kilobytes = arguments.kilobytes or KILOBYTES.get(name, OTHERS)
        print(f"\n{name}", flush=True)
        found, networks = {}, {}
        for seed in range(arguments.seeds):
            for kind, student in students(name, texts, labels, kilobytes, seed):
                networks[kind] = student
                n_bytes, score = measure_file(student, test_texts, test_labels)
                found.setdefault(kind, []).append((n_bytes, score))
        for kind, numbers in found.items():
            show(kind, numbers)
        for number in kilobytes:
            with threadpool_limits(1):
                small = networks[f"{number} kB, compressed"]
                bulk, alone = time_ratios(networks["before"], small, test_texts, arguments.rounds)
            print(f"  {number} kB: {bulk:.2f} of the time before in bulk, {alone:.2f} for one text", flush=True)
        if arguments.peers:
            for kind, *numbers in peers(kilobytes, texts, labels, test_texts, test_labels):
                show(kind, [numbers])


if __name__ == "__main__":
    main()
