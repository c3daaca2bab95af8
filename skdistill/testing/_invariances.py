"""Checks that the prediction for a document depends on that document alone."""

import numpy as np

from ._models import assert_complete, assert_same, fitted, outputs, rows_of
from ._task import EXAMPLE


def check_one_document_at_a_time(name, estimator, task=EXAMPLE):
    """Check that a document alone gets what it gets among others, because servers ask for one at a time.

    References
    ----------
    huggingface/transformers#18047, oliverguhr/german-sentiment-lib#6, iesl/dilated-cnn-ner#30
    """
    model = fitted(estimator, task)
    expected = outputs(model, task.texts)
    for row, text in enumerate(task.texts[:8]):
        assert_same(outputs(model, [text]), rows_of(expected, [row]), f"document {row} alone")


def check_subset_invariance(name, estimator, task=EXAMPLE):
    """Check that batches of any size give the same, because padding and batch statistics must not leak.

    References
    ----------
    PaddlePaddle/ERNIE#351, allenai/allennlp#238, mindsdb/mindshub#7033
    """
    model = fitted(estimator, task)
    expected = outputs(model, task.texts)
    for size in (2, 5):
        for first in range(0, len(task.texts), size):
            rows = np.arange(first, min(first + size, len(task.texts)))
            found = outputs(model, [task.texts[row] for row in rows])
            assert_same(found, rows_of(expected, rows), f"documents {first} to {rows[-1]}")


def check_order_invariance(name, estimator, task=EXAMPLE):
    """Check that documents in another order get the same, because sorting by length must be undone.

    References
    ----------
    scikit-learn/scikit-learn#10631, huggingface/transformers#18047
    """
    model = fitted(estimator, task)
    # Lengths that rise and fall, so that sorting by length changes the order.
    texts = [text if row % 2 else f"{text} {text}" for row, text in enumerate(task.texts)]
    expected = outputs(model, texts)
    for what, order in {"reversed": slice(None, None, -1), "by halves": np.argsort(np.arange(len(texts)) % 2)}.items():
        ordered = np.array(texts, dtype=object)[order].tolist()
        assert_same(outputs(model, ordered), rows_of(expected, order), f"documents in another order ({what})")


def check_repeated_prediction(name, estimator, task=EXAMPLE):
    """Check that predicting twice gives the same, because dropout belongs to training alone.

    References
    ----------
    fastai/fastai#2228
    """
    model = fitted(estimator, task)
    assert_same(outputs(model, task.texts), outputs(model, task.texts), "a second call")


def check_equal_documents(name, estimator, task=EXAMPLE):
    """Check that equal documents of one call get the same, because duplicates must not be dropped.

    References
    ----------
    scikit-learn/scikit-learn#10631
    """
    model = fitted(estimator, task)
    expected = outputs(model, task.texts)
    rows = np.repeat(np.arange(len(task.texts)), 3)
    assert_same(outputs(model, [task.texts[row] for row in rows]), rows_of(expected, rows), "repeated documents")


def check_many_documents(name, estimator, task=EXAMPLE):
    """Check a few hundred documents in one call, because the last, smaller batch is easily lost.

    References
    ----------
    scikit-learn/scikit-learn#10631
    """
    model = fitted(estimator, task)
    n_documents = 301  # a prime number: no size of a batch divides it
    rows = np.arange(n_documents) % len(task.texts)
    found = outputs(model, [task.texts[row] for row in rows])
    assert_complete(found, n_documents, "many documents")
    assert_same(found, rows_of(outputs(model, task.texts), rows), "many documents")
