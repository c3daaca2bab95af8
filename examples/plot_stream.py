"""A stream: unlabelled text that need not fit into memory
========================================================

A file has a document per line. ``TextStream`` reads it when it is needed, as often as it is needed, and what a fit
computes of the lines is kept in temporary files until it is over. Passed as a list, the same lines, and all that is
computed of them, stay in memory.

Prints accuracy, seconds and memory of both fits, each in a process of its own; draws the memory over time in
``stream.png``: with the list it grows with the number of lines, with the stream it hardly does. It is the memory that
a process cannot give back to the system, as Linux counts it (``RssAnon``), without what TensorFlow took before.
"""

import json
import subprocess
import sys
import tempfile
import threading
import time
from itertools import islice
from pathlib import Path

import matplotlib.pyplot as plt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skdistill import DistilledTextClassifier, TextStream, TransferSet
from skdistill.datasets import load_icd10_chapters

N_LINES = 150_000


def megabytes():
    """Return the anonymous memory of this process."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("RssAnon:")[2].split()[0]) / 1000


def fit(kind, path):
    """Fit with the lines of a file as unlabelled text; print accuracy, seconds and megabytes as JSON."""
    icd = load_icd10_chapters()
    few, labels = icd.data[::20], icd.target[::20]
    teacher = make_pipeline(TfidfVectorizer(sublinear_tf=True), LogisticRegression(C=10, max_iter=300))
    classifier = DistilledTextClassifier(auxiliary=None, teacher=teacher, teacher_cv=2, max_iter=1, random_state=0)
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
    lines = TransferSet(8, random_state=0).generate(load_icd10_chapters().data)
    path.write_text("\n".join(islice(lines, N_LINES)))
    print(f"{N_LINES:,} lines, {path.stat().st_size / 1e6:.0f} MB")
    for kind, style in (("list", "--"), ("stream", "-")):
        command = [sys.executable, __file__, kind, str(path)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        accuracy, times, memory = json.loads(done.stdout)
        print(f"{kind:7} accuracy {accuracy:.3f}, {times[-1]:.0f} s, at most {max(memory):.0f} MB more than before")
        axes.plot(times, memory, style, label={"list": "a list", "stream": "TextStream"}[kind])
axes.set(xlabel="seconds since the fit began", ylabel="MB more than before", title=f"{N_LINES:,} lines without labels")
axes.set_ylim(bottom=0)
axes.legend()
figure.savefig("stream.png", dpi=110)
