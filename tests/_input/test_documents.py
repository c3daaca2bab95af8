"""Documents: the containers that hold a column of text, lists of tokens, and what is refused."""

import re
from collections import UserList, deque
from collections.abc import Sequence

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skdistill import TextTokenizer
from skdistill._input.documents import check_texts, document_batches
from skdistill._input.unlabeled import check_pool

pytestmark = pytest.mark.core

TEXTS = ["Is it?", "", "It is late, é."]
TOKENS = [["New", "York"], [], ["is", "is", "it"]]


class Column:
    """A column of a data set: it has a length and can be indexed, and no more."""

    def __init__(self, values):
        self.values = values

    def __len__(self):
        return len(self.values)

    def __getitem__(self, row):
        return self.values[row]


class LazyColumn(Sequence):
    """A column as those of the library datasets: single rows are slow, a slice is a list."""

    def __init__(self, values):
        self.values = values

    def __len__(self):
        return len(self.values)

    def __getitem__(self, row):
        assert row == 0 or isinstance(row, slice), "rows must be read at once"
        return self.values[row]


class ArrowColumn(Column):
    """Its elements are no str, as those of pyarrow's arrays."""

    def __getitem__(self, row):
        return object()

    def to_pylist(self):
        return self.values


class Table:
    """A table of named columns, as pyarrow's and those of datasets: ``columns`` are no names."""

    def __init__(self, **columns):
        self.data = columns
        self.column_names, self.columns = list(columns), list(columns.values())
        self.shape = len(self.columns[0]), len(columns)

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, name):
        return self.data[name] if isinstance(name, str) else {key: column[name] for key, column in self.data.items()}


def read_only(texts):
    array = np.array(texts)
    array.flags.writeable = False
    return array


COLUMNS = {
    "array (n, 1) of objects": lambda texts: np.array(texts, dtype=object)[:, None],
    "array (n, 1) of str": lambda texts: read_only(texts)[:, None],
    "DataFrame": lambda texts: pd.DataFrame({"text": texts}, index=[7, 7, 9]),
    "DataFrame of categories": lambda texts: pd.DataFrame({0: texts}).astype("category"),
    "DataFrame of polars": lambda texts: pl.DataFrame({"text": texts}),
    "nested lists": lambda texts: [[text] for text in texts],
    "rows of a cursor": lambda texts: [(text,) for text in texts],
    "rows of an array": lambda texts: list(np.array(texts, dtype=object)[:, None]),
    "column": Column,
    "lazy column": LazyColumn,
    "deque": deque,
    "UserList": UserList,
    "chunked array": ArrowColumn,
    "table": lambda texts: Table(text=ArrowColumn(texts)),
}
if hasattr(np.dtypes, "StringDType"):  # from numpy 2 on
    COLUMNS["array of StringDType"] = lambda texts: np.array(texts, dtype=np.dtypes.StringDType())
    COLUMNS["array (n, 1) of StringDType"] = lambda texts: COLUMNS["array of StringDType"](texts)[:, None]


@pytest.mark.parametrize("kind", COLUMNS)
def test_one_column_of_text_is_read_as_its_texts(kind):
    X = COLUMNS[kind](TEXTS)
    expected = TextTokenizer(sequence_length=6).fit(TEXTS)
    tokenizer = TextTokenizer(sequence_length=6).fit(X)
    assert tokenizer.vocabulary_ == expected.vocabulary_
    np.testing.assert_array_equal(tokenizer.transform(X), expected.transform(TEXTS))
    for pool in (X, [X], (X, X)):
        chunks = list(check_pool(pool, texts=True).chunks())
        assert chunks == [TEXTS * (2 if isinstance(pool, tuple) else 1)]


@pytest.mark.parametrize(
    "kind", ["array (n, 1) of objects", "DataFrame", "DataFrame of polars", "nested lists", "table", "chunked array"]
)
def test_a_missing_text_of_a_column_is_named_by_its_row(kind):
    with pytest.raises(ValueError, match="Row 1 of X is missing"):
        TextTokenizer().fit(COLUMNS[kind](["a", None, "b"]))


@pytest.mark.parametrize(
    ("X", "words"),
    [
        (np.array([["a", "b"], ["c", "d"]]), r"\(2, 2\): pass one column, such as X\[:, 0\]"),
        (np.array([["a", "b", "c"]]), r"\(1, 3\): pass one column"),
        (np.array("a"), r"shape \(\): pass \[text\]"),
        (np.array([[["a"]]]), r"\(1, 1, 1\): pass one column"),
        (pd.DataFrame({"id": [1], "text": ["a"]}), r"\['id', 'text'\]: pass one of them, such as X\['text'\]"),
        (pl.DataFrame({"a": ["1"], "b": ["c"]}), r"\['a', 'b'\]: pass one of them, such as X\['a'\]"),
        (pd.DataFrame([["a", "b"]], columns=["text", "text"]), r"such as X.iloc\[:, 0\]"),
        (pd.DataFrame(index=[0, 1]), r"Got shape \(2, 0\)"),
        (pd.DataFrame({"text": []}), "Found 0 documents in X"),
        (Table(a=["1"], b=["c"]), r"\['a', 'b'\]: pass one of them"),
        (np.array([[2, 3], [4, 0]]), r"\(2, 2\) of numbers: for token ids, use tokenizer='precomputed'"),
        (np.array([[2.0], [4.0]]), r"\(2, 1\) of numbers: for token ids, use"),
        (pd.DataFrame({"a": [2, 3], "b": [2, 3]}), "of numbers: for token ids, use"),
        ([[2, 3], [4]], "Row 0 of X is a list of numbers: for token ids, use"),
        ([["a", "b"], ["c"]], r"Row 0 of X is a list: .*Join its tokens, or pass TextTokenizer\(analyzer="),
        (np.array([b"a"]), "Row 0 of X is a bytes: decode it"),
    ],
)
def test_what_is_not_one_column_of_text_says_what_to_pass(X, words):
    with pytest.raises(ValueError, match=words):
        TextTokenizer().fit(X)


SEVERAL = {"id": [1, 2], "title": ["New", "Old"], "kind": ["x", "x"], "text": ["York is big .", "films"]}
TABLES = {
    "DataFrame": lambda columns: pd.DataFrame(columns, index=[7, 7]).astype({"kind": "category"}),
    "DataFrame of polars": lambda columns: pl.DataFrame(columns).cast({"kind": pl.Categorical}),
    "DataFrame without names": lambda columns: pd.DataFrame([columns["title"], columns["text"]]).T,
    "array of objects": lambda columns: np.array([columns["title"], columns["text"]], dtype=object).T,
    "array of str": lambda columns: np.array([columns["title"], columns["text"]]).T,
    "table": lambda columns: Table(id=columns["id"], title=columns["title"], text=columns["text"]),
    "table of pyarrow": lambda columns: pytest.importorskip("pyarrow").table(
        {name: columns[name] for name in ("id", "title", "text")}
    ),
}


def message_of(function, X):
    with pytest.raises(ValueError, match="pass one") as caught:
        function(X)
    return str(caught.value)


@pytest.mark.parametrize("kind", TABLES)
def test_the_message_about_several_columns_of_text_shows_the_step_that_joins_them(kind):
    X = TABLES[kind](SEVERAL)
    code = re.search(r"such as (FunctionTransformer\(.*\))\.$", message_of(TextTokenizer().fit, X))[1]
    step = eval(code, {"FunctionTransformer": FunctionTransformer})
    pipeline = make_pipeline(step, TextTokenizer(sequence_length=5)).fit(X)
    joined = ["New York is big .", "Old films"]
    np.testing.assert_array_equal(pipeline.transform(X), TextTokenizer(sequence_length=5).fit_transform(joined))


@pytest.mark.parametrize("kind", TABLES)
def test_for_unlabelled_text_the_message_shows_the_joined_text_itself(kind):
    X_unlabeled = TABLES[kind](SEVERAL)
    message = message_of(lambda X: check_pool(X, texts=True), X_unlabeled)
    joined = eval(re.search(r"join them: (.*)\.$", message)[1])
    assert list(joined) == ["New York is big .", "Old films"]


@pytest.mark.parametrize(
    "X",
    [
        pd.DataFrame({"id": [1], "text": ["a"]}),
        pd.DataFrame([["a", "b"]], columns=["text"] * 2),
        Table(a=[1], b=["c"]),
    ],
)
def test_without_several_columns_of_text_there_is_nothing_to_join(X):
    assert "join" not in message_of(TextTokenizer().fit, X)


def test_the_advice_stays_short():
    message = message_of(TextTokenizer().fit, pd.DataFrame([["a"] * 100], columns=[f"c{i}" for i in range(100)]))
    assert "lambda frame: frame['c0'] + ' ' + frame['c1'] + ' ' + frame['c2'] + ' ' + frame['c3'])" in message


def test_something_that_can_be_iterated_but_not_indexed_is_a_list_away():
    with pytest.raises(TypeError, match=r"Got dict_values: pass list\(X\)"):
        check_texts({"a": "b"}.values())
    with pytest.raises(TypeError, match="single bytearray"):
        check_texts(bytearray(b"a"))


# Documents that are tokenized already.

TOKENIZED = {
    "lists": list,
    "tuples": lambda documents: list(map(tuple, documents)),
    "arrays": lambda documents: [np.array(tokens, dtype=str) for tokens in documents],
    "Series": lambda documents: pd.Series(documents, index=[4, 4, 2]),
    "array of lists": lambda documents: pd.Series(documents).to_numpy(),
    "polars": pl.Series,
}


@pytest.mark.parametrize("kind", TOKENIZED)
@pytest.mark.parametrize("lowercase", [True, False])
def test_tokenized_documents_have_the_ids_of_their_joined_tokens(kind, lowercase):
    X, joined = TOKENIZED[kind](TOKENS), [" ".join(tokens) for tokens in TOKENS]
    expected = TextTokenizer(sequence_length=4, lowercase=lowercase).fit(joined)
    tokenizer = TextTokenizer(sequence_length=4, lowercase=lowercase, analyzer=list).fit(X)
    assert tokenizer.vocabulary_ == expected.vocabulary_
    np.testing.assert_array_equal(tokenizer.transform(X), expected.transform(joined))
    assert tokenizer.transform([["it"]]).tolist() == expected.transform(["it"]).tolist()


def test_with_a_callable_analyzer_nested_lists_are_tokens_and_frames_are_columns():
    tokenizer = TextTokenizer(sequence_length=2, analyzer=lambda document: [f"<{document}>"], lowercase=False)
    assert set(tokenizer.fit([["a b"], ("c",)]).vocabulary_) == {"<['a b']>", "<('c',)>"}
    assert set(tokenizer.fit(pd.DataFrame({"text": ["a b", "c"]})).vocabulary_) == {"<a b>", "<c>"}


def test_tokens_are_lower_cased_one_by_one():
    # A sigma is final or not by the letters around it, which those of the next token are not.
    for tokens in (["ΟΔΟΣ", "ΣΑ", "İ", "ΑΣ"], ["A\0Σ", "B"], [""], []):
        tokenizer = TextTokenizer(analyzer=list).fit([tokens])
        assert set(tokenizer.vocabulary_) == {token.lower() for token in tokens}


@pytest.mark.parametrize(
    ("row", "words"),
    [(["a", None], "a NoneType"), (["a", ["b"]], "a list"), ([7], "numbers"), (["a", 7], "with an int in it")],
)
def test_a_token_that_is_no_str_is_named_by_its_row(row, words):
    with pytest.raises(ValueError, match=f"Row 2 of X is a list .*{words}"):
        TextTokenizer(analyzer=list).fit([["a"], [], row])


class Again:
    def __init__(self, items):
        self.items = items

    def __iter__(self):
        return iter(self.items)


@pytest.mark.parametrize(
    "form",
    [
        list,
        pd.Series,
        Again,
        lambda documents: [documents],
        lambda documents: [documents[:1], documents[1:]],
        lambda documents: Again([documents[:2], documents[2:]]),
        lambda documents: [Again(documents)],
    ],
)
def test_pools_of_tokenized_documents_are_nested_like_X(form):
    assert list(check_pool(form(TOKENS), texts=True, tokenized=True).chunks()) == [TOKENS]
    assert list(check_pool(form(TEXTS), texts=True).chunks()) == [TEXTS]


# Batches.


@pytest.mark.parametrize(
    "documents", [["a" * (i * 7 % 5) for i in range(40)], np.zeros((40, 3), int), [["a"] * 3] * 40]
)
@pytest.mark.parametrize("size", [1, 4, 10**9])
def test_a_batch_ends_with_the_document_that_fills_it(documents, size):
    bounds = list(document_batches(documents, 6, size))
    assert [i for start, stop in bounds for i in range(start, stop)] == list(range(40))
    for start, stop in bounds:
        sizes = list(map(len, documents[start:stop]))
        assert len(sizes) <= 6
        assert sum(sizes[:-1]) < size
        assert stop == 40 or len(sizes) == 6 or sum(sizes) >= size
