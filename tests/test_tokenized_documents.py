"""Documents that are tokens already: all that takes texts takes them, with the results of their joined tokens."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from factory import small
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

from skdistill import TextTokenizer
from skdistill._scored_rows import ScoredRows

TEXTS = ["good food", "a Good film", "bad food here", "a bad film"] * 6
TOKENS = [text.split() for text in TEXTS]
LABELS = ["pos", "pos", "neg", "neg"] * 6
MORE = ["good day", "bad day today"] * 3


class Column(Sequence):
    """Texts of which only slices are read."""

    def __len__(self):
        return len(TEXTS)

    def __getitem__(self, rows):
        assert isinstance(rows, slice)
        return TEXTS[rows]


class Again:
    """Documents that can be iterated and not indexed."""

    def __init__(self, documents):
        self.documents = documents

    def __iter__(self):
        return iter(self.documents)


def of_tokens(**parameters):
    pytest.importorskip("tensorflow")
    return small(tokenizer=TextTokenizer(analyzer=list), **parameters)


def probabilities_of_texts(y, **data):
    return small(tokenizer=TextTokenizer()).fit(TEXTS, y, **data).predict_proba(TEXTS)


def test_the_rows_of_a_comparison_are_read_at_once():
    assert ScoredRows.check(Column(), LABELS, None, None, None, None, None).X == TEXTS


@pytest.mark.parametrize("y", [LABELS, np.array([[1, 0], [1, 1], [0, 1], [0, 0]] * 6)], ids=["classes", "multilabel"])
@pytest.mark.parametrize("pool", [None, Again, lambda more: [more]], ids=["alone", "stream", "pool"])
def test_a_fit_is_that_of_the_joined_tokens(y, pool):
    classifier = of_tokens()
    given = [{}, {}] if pool is None else [{"X_unlabeled": pool(more)} for more in ([m.split() for m in MORE], MORE)]
    classifier.fit(TOKENS, y, **given[0])
    np.testing.assert_array_equal(classifier.predict_proba(TOKENS), probabilities_of_texts(y, **given[1]))


@pytest.mark.parametrize("form", [list, pd.Series, lambda tokens: pd.Series(tokens).to_numpy()])
def test_cross_validation_and_a_teacher_take_tokens(form):
    teacher = make_pipeline(TfidfVectorizer(analyzer=list), LogisticRegression())
    scores = cross_val_score(of_tokens(teacher=teacher), form(TOKENS), LABELS, cv=2, error_score="raise")
    assert scores.shape == (2,)


def test_what_holds_no_function_refuses_and_says_what_to_do(tmp_path):
    student = of_tokens().fit(TOKENS, LABELS).extract()
    with pytest.raises(TypeError, match="or use pickle"):
        student.save(tmp_path / "student.skd")
    with pytest.raises(ValueError, match="join their tokens by spaces"):
        student.compress(None)
