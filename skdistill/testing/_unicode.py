"""Checks of text in all of Unicode."""

import pickle

from ._models import assert_predictable, assert_reads_on, assert_same, fit, fitted, outputs
from ._task import EXAMPLE

_JOINED = {
    "joined emoji": "👩‍👩‍👧‍👦 👍🏽 🏳️‍🌈",
    "flags": "🇺🇦🇺",
    "joiners": "می‌خواهم क्‍ष",
    "combining marks": "e\u0301 n\u0303 Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334",
}
_DIRECTIONS = {
    "Arabic": "السلام عليكم",
    "Hebrew": "שָׁלוֹם עֲלֵיכֶם",
    "overrides": "\u202eabc\u202c \u2067שלום\u2069",
}
_SPECIAL = {
    "NUL": "one\x00two \x00",
    "control characters": "\x01\x07\x1b[31m \x7f\x85",
    "byte order mark": "\ufefftext \ufffe",
    "other spaces": "no\u00a0break thin\u2009space \u3000wide zero\u200bwidth",
    "line and paragraph separators": "one\u2028two\u2029three",
    "last code points": "\U0010ffff \uffff \ue000",
    "soft hyphen": "soft\u00adhyphen",
    "case that grows": "İSTANBUL ẞ ﬁ ŉ",
}
_SURROGATES = ["\ud800", "half \udc00 pair", "\udbc0x", "wrong \udc00\ud800 order"]


def check_scripts(name, estimator, task=EXAMPLE):
    """Check scripts without spaces, joined emoji and combining marks, because a character may be several code points.

    References
    ----------
    RasaHQ/rasa#1489, undertheseanlp/underthesea#161
    """
    assert_predictable(fitted(estimator, task), task, ["我喜欢面包和汤。", "ภาษาไทย", "日本語の文", *_JOINED.values()])


def check_right_to_left(name, estimator, task=EXAMPLE):
    """Check right-to-left text and its invisible controls, because copied text brings them along.

    References
    ----------
    google/sentencepiece#1331, Bookworm-project/BookwormDB#123
    """
    assert_predictable(fitted(estimator, task), task, list(_DIRECTIONS.values()))


def check_special_characters(name, estimator, task=EXAMPLE):
    """Check NUL, control characters and unusual spaces, because C strings end at NUL and line readers at U+2028.

    References
    ----------
    facebookresearch/fastText#435, openai/tiktoken#82
    """
    model = fitted(estimator, task)
    assert_predictable(model, task, list(_SPECIAL.values()))
    assert_reads_on(model, task, (" \x00 ", " \x1a ", "\u3000", " \ufeff "))


def check_lone_surrogates(name, estimator, task=EXAMPLE):
    """Check halves of surrogate pairs, because text from PDF files and JSON has them and UTF-8 does not.

    References
    ----------
    openai/tiktoken#82, huggingface/transformers#8886, nltk/nltk#2011
    """
    assert_predictable(fitted(estimator, task), task, _SURROGATES)


def check_fit_on_unicode(name, estimator, task=EXAMPLE):
    """Check that fit reads all of this too, and that the fitted estimator can be pickled, also with surrogates.

    References
    ----------
    openai/tiktoken#82, facebookresearch/fastText#435
    """
    unusual = [*_JOINED.values(), *_DIRECTIONS.values(), *_SPECIAL.values(), *_SURROGATES]
    texts = [f"{text} {unusual[row % len(unusual)]}" for row, text in enumerate(task.texts)]
    model = fit(estimator, task._replace(texts=texts))
    assert_predictable(model, task, unusual)
    assert_same(outputs(pickle.loads(pickle.dumps(model)), texts), outputs(model, texts), "a pickled copy")
