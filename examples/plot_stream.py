"""A stream: unlabelled text that need not fit into memory
========================================================

A file has a document per line. ``TextStream`` reads it when it is needed, as often as it is needed, and what a fit
computes of the lines is kept in temporary files until it is over. Passed as a list, the same lines, and all that is
computed of them, stay in memory.

Prints accuracy, seconds and memory of both fits, each in a process of its own; draws the memory over time in
``stream.png``. The level part at the end is training: with the list, the lines and their features are in memory; with
the stream it is little more than the network. The peaks before it are features that are counted, 20,000 lines at a
time. It is the memory that a process cannot give back to the system, as Linux counts it (``RssAnon``), without what
TensorFlow took before.
"""

import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

from skdistill import DistilledTextClassifier, TextBag, TextStream
from skdistill.datasets import load_icd10_chapters

N_LINES, PHRASES_PER_LINE = 50_000, 4


def megabytes():
    """Return the anonymous memory of this process."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("RssAnon:")[2].split()[0]) / 1000


def fit(kind, path):
    """Fit with the lines of a file as unlabelled text; print accuracy, seconds and megabytes as JSON."""
    icd = load_icd10_chapters()
    few, labels = icd.data[::20], icd.target[::20]
    teacher = make_pipeline(TfidfVectorizer(sublinear_tf=True), MultinomialNB(alpha=0.1))
    network, settings = TextBag(units=8), {"teacher": teacher, "teacher_cv": 2, "max_iter": 1, "random_state": 0}
    classifier = DistilledTextClassifier(network, auxiliary=None, **settings)
    classifier.fit(few, labels, X_unlabeled=[icd.data[1::20]])  # imports TensorFlow, and compiles the training step

    times, memory, is_over = [], [], threading.Event()
    began, before = time.perf_counter(), megabytes()

    def watch():
        while not is_over.wait(0.1):
            times.append(time.perf_counter() - began)
            memory.append(megabytes() - before)

    threading.Thread(target=watch).start()
    more = TextStream(path) if kind == "stream" else [Path(path).read_text().splitlines()]
    classifier.fit(few, labels, X_unlabeled=more)
    is_over.set()
    print(json.dumps([classifier.score(icd.data_test, icd.target_test), times, memory]))


if len(sys.argv) > 1:  # the process of one fit
    fit(*sys.argv[1:])
    sys.exit()

figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder, "more.txt")
    phrases = np.random.default_rng(0).choice(load_icd10_chapters().data, (N_LINES, PHRASES_PER_LINE))
    path.write_text("\n".join("; ".join(line) for line in phrases))
    print(f"{N_LINES:,} lines, {path.stat().st_size / 1e6:.0f} MB")
    for kind, label, style in (("list", "a list", "--"), ("stream", "TextStream", "-")):
        command = [sys.executable, __file__, kind, str(path)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        accuracy, times, memory = json.loads(done.stdout)
        print(f"{kind:7} accuracy {accuracy:.3f}, {times[-1]:.0f} s, at most {max(memory):.0f} MB more than before")
        axes.plot(100 * np.array(times) / times[-1], memory, style, label=label)
axes.set(xlabel="time, % of the fit", ylabel="MB more than before the fit", title=f"{N_LINES:,} lines without labels")
axes.set_ylim(bottom=0)
axes.legend()
figure.savefig("stream.png", dpi=110)

# sphinx_gallery_thumbnail_path = "pictures/stream.png"
