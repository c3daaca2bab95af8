"""Training rows: what is read from a stream lies on disk, the rest in memory."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skdistill import TextStream, TextTokenizer
from skdistill._training.buffers import is_on_disk
from skdistill._training.fit_data import make_fit_data
from skdistill._training.rows import make_pool, make_teachers, training_rows
from skdistill.text.tokens import Tokens

pytestmark = pytest.mark.core


def rows_of(X, y, X_unlabeled=None, teachers=()):
    """The training rows of some documents, read with a tokenizer that was fitted on X."""
    data = make_fit_data(X, y, None, None, None, teachers=list(teachers))
    asked = make_teachers(list(teachers), data, cv=5, memory=None, progress=None)
    pool = make_pool(X_unlabeled, X, analyzer="word", n_positions=None, seed=np.random.SeedSequence(0))
    return training_rows(data, pool, Tokens.of_tokenizer(TextTokenizer().fit(X)), asked)


@pytest.fixture
def stream(three_classes, tmp_path):
    path = tmp_path / "pool.txt"
    path.write_text("\n".join(three_classes[0][30:]) + "\n")
    return TextStream(path)


def test_what_is_read_from_a_stream_lies_on_disk(three_classes, stream):
    X, y = three_classes
    teacher = make_pipeline(TfidfVectorizer(), LogisticRegression())
    for more, expected in ((stream, True), (X[30:], False)):
        rows = rows_of(X, y, more, [teacher])
        assert is_on_disk(rows.sequences.ids) == is_on_disk(rows.teacher_logits) == expected


def test_labelled_rows_come_first_then_those_of_X_without_label_then_the_pool(three_classes, stream):
    X, y = three_classes
    y = y.astype(object)
    y[::2] = None
    rows = rows_of(X, y, stream)
    known = [text for text, label in zip(X, y) if label is not None]
    unknown = [text for text, label in zip(X, y) if label is None]
    expected = Tokens.of_tokenizer(TextTokenizer().fit(X)).sequences([*known, *unknown, *X[30:]])
    np.testing.assert_array_equal(rows.sequences.ids, expected.ids)
    np.testing.assert_array_equal(rows.sequences.offsets, expected.offsets)
    assert [part.tolist() for part in rows.parts] == [[*range(60)], [*range(60, 210)]]
    assert (rows.labels[60:] == -1).all()
    assert rows.is_taught


def test_rows_with_labels_alone_are_one_part_without_a_teacher(three_classes):
    rows = rows_of(*three_classes)
    (part,) = rows.parts
    assert len(part) == 120
    assert not rows.is_taught
