"""The containers that texts come in."""

import numpy as np
from sklearn.model_selection import cross_val_score

from .given import FRAME, LABELS, NEW_FRAME, TEXTS, equal, right


def reads(clf, texts):
    """Assert that a container works as X in fit, predict and cross-validation."""
    right(clf.fit(texts, LABELS).predict(texts[:2]))
    equal(cross_val_score(clf, texts, LABELS, cv=3).mean(), 1)


def pandas_column(clf):
    for dtype in (object, "str", "string", "category"):
        reads(clf, FRAME["text"].astype(dtype))


def polars_column(clf):
    import polars

    reads(clf, polars.Series(TEXTS))


def arrow_column(clf):
    import pyarrow

    reads(clf, pyarrow.array(TEXTS))
    reads(clf, pyarrow.table({"text": TEXTS})["text"])  # a ChunkedArray


def datasets_column(clf):
    from datasets import Dataset

    reads(clf, Dataset.from_dict({"text": TEXTS})["text"])


def numpy_strings(clf):
    for dtype in (object, str, np.dtypes.StringDType()):
        reads(clf, np.array(TEXTS, dtype=dtype))


def one_column_frames(clf):
    import polars

    reads(clf, FRAME[["text"]])
    reads(clf, polars.DataFrame({"text": TEXTS}))


def skrub_data_ops(clf):
    import skrub

    predicted = skrub.X(FRAME)["text"].skb.apply(clf, y=skrub.y(FRAME["stars"]))
    equal(predicted.skb.cross_validate(cv=3)["test_score"].mean(), 1)
    right(predicted.skb.make_learner().fit({"X": FRAME, "y": LABELS}).predict({"X": NEW_FRAME}))
