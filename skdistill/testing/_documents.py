"""Checks of documents that are unusual, missing or none at all."""

import re
from unittest import SkipTest

import numpy as np

from ._models import (
    assert_predictable,
    assert_reads_on,
    assert_same,
    attempt,
    fit,
    fitted,
    instead,
    outputs,
    refusal,
    skip_refused,
)
from ._task import EXAMPLE


def check_empty_documents(name, estimator, task=EXAMPLE):
    """Check that documents without a word get finite predictions, because the mean of no words divides by zero.

    References
    ----------
    MinishLab/model2vec#114, lda-project/lda#65
    """
    assert_predictable(fitted(estimator, task), task, ["", " ", " \t\u3000", "!?…"])


def check_unknown_documents(name, estimator, task=EXAMPLE):
    """Check that documents of unknown words get finite predictions, because new texts usually have new words.

    References
    ----------
    andreekeberg/ml-classify-text-js#5, lda-project/lda#65
    """
    assert_predictable(fitted(estimator, task), task, ["qzxv jwkq", "ⴰⴱⵓ ⵜⴰⵎⴰⵣ", "0 00 000", "qzxv" * 50])


def check_long_documents(name, estimator, task=EXAMPLE):
    """Check a document of 300 kB and a word of 20 kB, because positions beyond the last known one are an error.

    References
    ----------
    huggingface/transformers#2446, chartbeat-labs/textacy#154, explosion/spacy-transformers#48
    """
    text = task.texts[0]
    assert_predictable(fitted(estimator, task), task, [f"{text} " * (300_000 // (len(text) + 1)), "x" * 20_000])


def check_line_ends(name, estimator, task=EXAMPLE):
    """Check that what follows a line end still counts, because tools that read files take it for a new document.

    References
    ----------
    facebookresearch/fastText#435
    """
    model = fitted(estimator, task)
    assert_reads_on(model, task, ("\n", "\r\n", "\r", "\u2028"))
    assert_predictable(model, task, [f"\n{task.texts[0]}", f"{task.texts[0]}\n", f"\r\n{task.texts[0]}\r\n"])


def check_documents_as_bytes(name, estimator, task=EXAMPLE):
    """Check that bytes are decoded or refused, because ``str(b"…")`` is another text.

    References
    ----------
    cmusatyalab/openface#356
    """
    model = fitted(estimator, task)
    found, error = attempt(outputs, model, [text.encode() for text in task.texts])
    if error is not None:
        skip_refused({"bytes": error}, "documents")
    assert_same(found, outputs(model, task.texts), "documents as bytes")


def check_a_single_text(name, estimator, task=EXAMPLE):
    """Check that a str instead of a list is refused, because its characters are not documents.

    References
    ----------
    scikit-learn/scikit-learn#7507
    """
    model = fitted(estimator, task)
    error = refusal(model.predict, task.texts[0])
    assert isinstance(error, (TypeError, ValueError)), instead(error, "predict of one str", "TypeError or ValueError")


def check_no_documents(name, estimator, task=EXAMPLE):
    """Check that an empty list gives no prediction or an error, because a stream may pause.

    References
    ----------
    MinishLab/model2vec#114
    """
    model = fitted(estimator, task)
    found, error = attempt(model.predict, [])
    if error is None:
        assert len(found) == 0, f"predict of no documents returns {len(found)} rows"


def check_missing_documents(name, estimator, task=EXAMPLE):
    """Check that None and NaN among documents are errors, because ``str(None)`` is a word that nobody wrote.

    References
    ----------
    scikit-learn/scikit-learn#15588, alteryx/evalml#1492, pandas-dev/pandas#24681
    """
    model = fitted(estimator, task)
    for missing in (None, np.nan):
        texts = [*task.texts[:3], missing, *task.texts[3:5]]
        assert refusal(model.predict, texts) is not None, f"predict takes {missing} for a document"


def check_errors_name_the_row(name, estimator, task=EXAMPLE):
    """Check that the error about a missing document names its row, because a million rows are not read by eye.

    An error that names no row skips the check; one that names another row fails it.

    References
    ----------
    AdrienGuille/TOM#9, alteryx/evalml#1492
    """
    model = fitted(estimator, task)
    row = min(5, len(task.texts) - 1)
    texts = [*task.texts[:row], None, *task.texts[row + 1 :]]
    message = str(refusal(model.predict, texts))
    named = re.findall(r"(?i)\b(?:row|document|index|position|line|sample|item)s?\b\D{0,5}(\d+)", message)
    if not named:
        raise SkipTest(f"the error names no row: {message[:80]}")
    assert str(row) in named, f"the missing document is in row {row}, and the error says: {message[:200]}"


def check_fit_on_unusual_documents(name, estimator, task=EXAMPLE):
    """Check that empty, long and repeated documents can be among those of fit, because real text has them.

    References
    ----------
    chartbeat-labs/textacy#154, scikit-learn/scikit-learn#1208
    """
    texts = list(task.texts)
    texts[0], texts[1], texts[2] = "", f"{texts[1]} " * 500, texts[3]
    model = fit(estimator, task._replace(texts=texts))
    assert_predictable(model, task, texts[:4])


def check_fit_refuses_a_single_text(name, estimator, task=EXAMPLE):
    """Check that fit refuses a str instead of a list, also with as many labels as it has characters.

    References
    ----------
    scikit-learn/scikit-learn#7507
    """
    text = (task.texts[0] * len(task.texts))[: len(task.texts)]
    error = refusal(fit, estimator, task._replace(texts=text))
    assert isinstance(error, (TypeError, ValueError)), instead(error, "fit of one str", "TypeError or ValueError")


def check_fit_refuses_missing_documents(name, estimator, task=EXAMPLE):
    """Check that fit refuses None and NaN among the documents, because the word "nan" would be learned.

    References
    ----------
    AdrienGuille/TOM#9, pandas-dev/pandas#24681
    """
    for missing in (None, np.nan):
        texts = [*task.texts[:-1], missing]
        error = refusal(fit, estimator, task._replace(texts=texts))
        assert error is not None, f"fit takes {missing} for a document"


def check_fit_refuses_no_documents(name, estimator, task=EXAMPLE):
    """Check that fit on an empty list raises a ValueError, because a filter may leave no document.

    References
    ----------
    scikit-learn/scikit-learn#1208
    """
    labels = np.asarray(task.labels)[:0]
    error = refusal(fit, estimator, task._replace(texts=[], labels=labels))
    assert isinstance(error, ValueError), instead(error, "fit on no documents", "a ValueError")
