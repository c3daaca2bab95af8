"""TextTokenizer through its public face: cutting, the vocabulary, ids, what it accepts and refuses."""

import pickle
import tracemalloc

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils._param_validation import InvalidParameterError

from skdistill import TextTokenizer
from skdistill.runtime import TokenSequences
from skdistill.runtime.segmentation import BETWEEN, split_characters, split_words
from skdistill.text.lookup import token_batches
from skdistill.text.tokens import Tokens


def tokens_of(text, **parameters):
    """The tokens of one document under a vocabulary that holds them all."""
    tokenizer = TextTokenizer(max_tokens=10**6, sequence_length=1000, **parameters).fit([text])
    return tokenizer.inverse_transform(tokenizer.transform([text]))[0]


def split_on_commas(text):
    return text.split(",")


# How text is cut.


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Is it? It is.", ["is", "it", "?", "it", "is", "."]),
        ("don't", ["don", "'", "t"]),
        ("!!", ["!", "!"]),
        ("3.14", ["3", ".", "14"]),
        ("snake_case", ["snake", "_", "case"]),
        ("a\tb\nc\u00a0d\u3000e", ["a", "b", "c", "d", "e"]),
        ("Café CRÈME", ["café", "crème"]),
        ("cafe\u0301 noir", ["cafe\u0301", "noir"]),
        ("हिन्दी में, लिखो।", ["हिन्दी", "में", ",", "लिखो", "।"]),
        ("क्\u200dष", ["क्\u200dष"]),
        ("so 😀😀 good", ["so", "😀", "😀", "good"]),
        ("“quoted”…", ["“", "quoted", "”", "…"]),
        ("我爱你，中国", ["我爱你", "，", "中国"]),
        ("ΟΔΟΣ.", ["οδος", "."]),
        ("", []),
        (" \t\n", []),
    ],
)
def test_words_and_marks(text, tokens):
    assert tokens_of(f"{text} x")[:-1] == tokens


def test_many_different_marks_are_cut_like_few():
    marks = [chr(i) for i in range(0x2190, 0x2300)]
    assert tokens_of("a".join(marks)) == [token for mark in marks for token in (mark, "a")][:-1]


def test_char_analyzer_takes_each_visible_character():
    assert tokens_of("我 爱\n你, Ok!", analyzer="char") == ["我", "爱", "你", ",", "o", "k", "!"]


def test_callable_analyzer_gets_lower_cased_text():
    assert tokens_of("New York,Über uns", analyzer=split_on_commas) == ["new york", "über uns"]


def test_callable_analyzer_gets_the_text_as_it_is_without_lowercase():
    assert tokens_of("New York,Rome", analyzer=split_on_commas, lowercase=False) == ["New York", "Rome"]


def test_callable_analyzer_may_return_any_iterable():
    assert tokens_of("a,b", analyzer=lambda text: iter(text.split(","))) == ["a", "b"]


@pytest.mark.parametrize("analyzer", ["word", "char"])
def test_without_lowercase_case_tells_tokens_apart(analyzer):
    assert tokens_of("B b", analyzer=analyzer, lowercase=False) == ["B", "b"]


def test_nul_separates_words():
    tokenizer = TextTokenizer(sequence_length=3).fit(["a\0b", "\0", "c\0\0c"])
    assert tokenizer.inverse_transform(tokenizer.transform(["a\0b", "\0", "c\0\0c"])) == [["a", "b"], [], ["c", "c"]]


def test_callable_analyzer_may_return_nul():
    documents = ["a,\0,b", "\0", "b"]
    tokenizer = TextTokenizer(sequence_length=3, analyzer=split_on_commas).fit(documents)
    last = tokenizer.transform(documents)[-1]
    np.testing.assert_array_equal(last, tokenizer.transform(["b"])[0])


def test_control_characters_are_cut_the_same_in_any_company():
    tokenizer = TextTokenizer(sequence_length=5).fit(["a b"])
    alone = tokenizer.transform(["a\x01b"])[0]
    np.testing.assert_array_equal(tokenizer.transform(["a\x01b", "é"])[0], alone)


# What a callable analyzer returns.


class Encoding:
    """What the tokenizers package returns."""

    def __init__(self, text):
        self.tokens = text.split()


class Token:
    """A token of spaCy."""

    text = "a"


def generator_of_ids(text):
    yield from range(len(text))


@pytest.mark.parametrize(
    ("analyzer", "words"),
    [
        (str.lower, "a str .*return a list of tokens; for single characters, use analyzer='char'"),
        (str.encode, "a bytes"),
        (lambda text: None, "None"),
        (len, "an int"),
        (lambda text: dict.fromkeys(text.split()), "a dict"),
        (Encoding, r"an Encoding .*return its tokens, as encode\(text\).tokens"),
        (lambda text: list(map(len, text.split())), r"a list with an int in it .*encode\(text\).tokens"),
        (generator_of_ids, "a generator with an int in it"),
        (lambda text: np.arange(len(text)), "a ndarray with an int64 in it .*not their ids"),
        (lambda text: [(text, text)], "a list with a tuple in it .*join"),
        (lambda text: [text.encode()], "a list with a bytes in it .*decode"),
        (lambda text: ["a", None], "a list with None in it"),
        (lambda text: [Token()], r"\[token.text for token in doc\]"),
        (lambda text: ["a", float("nan")], "a float in it"),
    ],
)
def test_an_analyzer_that_returns_no_tokens_is_named_with_the_row(analyzer, words):
    documents = [""] * 600 + ["A b"]  # more than are split together

    def mostly(text):
        return analyzer(text) if text else []

    tokenizer = TextTokenizer(analyzer=mostly, sequence_length=3)
    with pytest.raises(TypeError, match=f"analyzer must return a list of str.* Got .*{words}") as error:
        tokenizer.fit(documents)
    assert "for row 600 of X, 'a b'" in str(error.value)
    tokenizer.fit([""])
    with pytest.raises(TypeError, match="for row 600 of X, 'a b'"):
        tokenizer.transform(documents)


@pytest.mark.parametrize("analyzer", [lambda text: text.no_method(), lambda text: (1 / 0 for _ in text)])
def test_an_error_of_an_analyzer_passes_through_and_says_in_which_row(analyzer):
    with pytest.raises((AttributeError, ZeroDivisionError)) as error:
        TextTokenizer(analyzer=analyzer).fit(["b"])
    assert error.value.__notes__ == ["Raised by analyzer for row 0 of X, 'b'."]


def test_subclasses_of_str_are_tokens():
    tokenizer = TextTokenizer(analyzer=lambda text: np.array(text.split())).fit(["a b"])
    assert set(map(type, tokenizer.vocabulary_)) == {str}


# The vocabulary.


def test_ids_follow_frequency_and_ties_the_alphabet():
    tokenizer = TextTokenizer().fit(["c b a", "c b d", "c"])
    assert tokenizer.vocabulary_ == {"c": 2, "b": 3, "a": 4, "d": 5}
    assert list(tokenizer.vocabulary_) == ["c", "b", "a", "d"]


@pytest.mark.parametrize("analyzer", ["word", "char"])
def test_tokens_are_counted_across_internal_batches(analyzer):
    documents = ["b a a " * 100_000, "c b a " * 100_000, "b b c " * 100_000]
    assert TextTokenizer(analyzer=analyzer).fit(documents).vocabulary_ == {"b": 2, "a": 3, "c": 4}


def test_max_tokens_counts_padding_and_unknown():
    tokenizer = TextTokenizer(max_tokens=4, sequence_length=4).fit(["c b a", "c b d", "c"])
    assert tokenizer.vocabulary_ == {"c": 2, "b": 3}
    assert Tokens.of_tokenizer(tokenizer).n_tokens == 4
    np.testing.assert_array_equal(tokenizer.transform(["a b c zzz"]), [[1, 3, 2, 1]])


@pytest.mark.parametrize(
    ("min_df", "kept"),
    [(1, "abcd"), (2, "abc"), (3, "ab"), (4, "a"), (5, ""), (0.0, "abcd"), (0.5, "abc"), (0.75, "ab"), (1.0, "a")],
)
@pytest.mark.parametrize("analyzer", ["word", "char", str.split])
def test_min_df_counts_documents_not_occurrences(min_df, kept, analyzer):
    documents = ["a b c", "a b c", "a b", "a d d d d d"]
    assert sorted(TextTokenizer(min_df=min_df, analyzer=analyzer).fit(documents).vocabulary_) == list(kept)


def test_min_df_counts_across_internal_batches():
    documents = ["rare common"] * 2 + ["common"] * 1200 + ["rare"]
    assert set(TextTokenizer(min_df=4).fit(documents).vocabulary_) == {"common"}
    assert set(TextTokenizer(min_df=3).fit(documents).vocabulary_) == {"common", "rare"}


def test_a_corpus_without_tokens_has_an_empty_vocabulary():
    tokenizer = TextTokenizer(sequence_length=2).fit(["", " "])
    assert tokenizer.vocabulary_ == {}
    np.testing.assert_array_equal(tokenizer.transform(["a", ""]), [[1, 0], [0, 0]])


def test_fit_again_forgets_the_old_vocabulary():
    assert set(TextTokenizer().fit(["a"]).fit(["b"]).vocabulary_) == {"b"}


# Rows of ids.


@pytest.mark.parametrize(
    ("padding", "truncating", "short", "long"),
    [
        ("post", "post", [2, 3, 0], [2, 3, 4]),
        ("pre", "post", [0, 2, 3], [2, 3, 4]),
        ("post", "pre", [2, 3, 0], [3, 4, 5]),
        ("pre", "pre", [0, 2, 3], [3, 4, 5]),
    ],
)
def test_padding_and_truncating_sides(padding, truncating, short, long):
    tokenizer = TextTokenizer(sequence_length=3, padding=padding, truncating=truncating).fit(["a b c d"])
    ids = tokenizer.transform(["a b", "", "a b c d"])
    np.testing.assert_array_equal(ids, [short, [0, 0, 0], long])
    assert ids.dtype == np.int32


def test_fit_transform_is_fit_then_transform():
    documents = ["a b", "b"]
    tokenizer = TextTokenizer(sequence_length=3)
    np.testing.assert_array_equal(tokenizer.fit_transform(documents), tokenizer.fit(documents).transform(documents))


def test_inverse_transform_names_tokens_and_drops_padding():
    tokenizer = TextTokenizer(sequence_length=3).fit(["a b"])
    assert tokenizer.inverse_transform([[2, 1, 0], [0, 0, 3]]) == [["a", "[UNK]"], ["b"]]


@pytest.mark.parametrize("bad", [-1, 4, 2**40])
def test_inverse_transform_refuses_ids_out_of_range(bad):
    with pytest.raises(ValueError, match=f"between 0 and 3.*{bad}"):
        TextTokenizer().fit(["a b"]).inverse_transform([[2, bad]])


def test_names_of_the_positions():
    tokenizer = TextTokenizer(sequence_length=2).fit(["a b"])
    assert tokenizer.get_feature_names_out().tolist() == ["position0", "position1"]


def test_pandas_output():
    tokenizer = TextTokenizer(sequence_length=2).set_output(transform="pandas").fit(["a b"])
    frame = tokenizer.transform(pd.Series(["b", "a b"], index=[7, 9]))
    assert isinstance(frame, pd.DataFrame)
    assert list(frame.columns) == ["position0", "position1"]
    np.testing.assert_array_equal(frame.to_numpy(), [[3, 0], [2, 3]])


# Size.


def test_more_documents_than_an_internal_batch_are_read_like_few():
    documents = [f"w{i % 7} é{'!' * (i % 3)}" if i % 5 else "" for i in range(1537)]
    tokenizer = TextTokenizer(sequence_length=4).fit(documents)
    alone = np.vstack([tokenizer.transform([document]) for document in documents])
    np.testing.assert_array_equal(tokenizer.transform(documents), alone)


@pytest.mark.parametrize("n_documents", [511, 512, 513, 1024, 1025])
@pytest.mark.parametrize("analyzer", ["word", "char", str.split])
def test_a_row_for_each_document_at_the_edges_of_a_batch(n_documents, analyzer):
    tokenizer = TextTokenizer(sequence_length=2, analyzer=analyzer).fit(["a"])
    np.testing.assert_array_equal(tokenizer.transform(["a"] * n_documents), [[2, 0]] * n_documents)
    np.testing.assert_array_equal(tokenizer.transform([""] * n_documents), [[0, 0]] * n_documents)


def test_a_document_of_a_million_characters():
    document = "abcd, " * 166_667
    tokenizer = TextTokenizer(sequence_length=3, truncating="pre").fit([document])
    np.testing.assert_array_equal(tokenizer.transform([document, "abcd"]), [[2, 3, 2], [3, 0, 0]])


def test_a_word_of_a_million_characters():
    tokenizer = TextTokenizer(sequence_length=1).fit(["é" * 1_000_000])
    np.testing.assert_array_equal(tokenizer.transform(["é" * 1_000_000, "é"]), [[2], [1]])


LETTERS = "aBΣσİ é,!\x1c\u2028\u0301我  "
# Of these, whatever the length in the test below, all are shortened before they are split.
LONG = st.text(LETTERS, min_size=41, max_size=120)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(LONG | st.text(LETTERS + "\0", max_size=120), min_size=1, max_size=4),
    st.integers(1, 4),
    st.sampled_from(["pre", "post"]),
    st.sampled_from(["word", "char"]),
    st.booleans(),
)
@example(["\0 " * 20 + "a"], 2, "post", "word", True)
def test_of_a_long_text_the_same_tokens_stay_as_of_the_whole(documents, length, side, analyzer, lowercase):
    """However much of it is read: the tokens of the whole, cut to the length."""
    parameters = {"analyzer": analyzer, "lowercase": lowercase, "truncating": side}
    whole = TextTokenizer(sequence_length=200, **parameters).fit(documents)
    tokenizer = TextTokenizer(sequence_length=length, **parameters).fit(documents)
    assert tokenizer.vocabulary_ == whole.vocabulary_
    rows = [[i for i in row if i] for row in whole.transform(documents).tolist()]
    expected = [row[:length] if side == "post" else row[-length:] for row in rows]
    assert [[i for i in row if i] for row in tokenizer.transform(documents).tolist()] == expected


def test_long_documents_take_memory_for_a_few_of_them_at_a_time():
    documents = ["a " * 100_000] * 40
    tokenizer = TextTokenizer(sequence_length=20_000).fit(["a"])
    tracemalloc.start()
    ids = tokenizer.transform(documents)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (ids == 2).all()
    assert peak < 6 * 8_000_000  # bytes per character
    # In ``fit``, five of them have a million characters.
    assert [len(tokens) for tokens in token_batches(documents, "word", True)] == [5 * 100_000 + 4] * 8


# What counts as documents.

DOCUMENTS = ["Is it?", "", "It is late, é."]


def polars_series(documents):
    return pytest.importorskip("polars").Series(documents)


CONTAINERS = {
    "tuple": tuple,
    "object array": lambda documents: np.array(documents, dtype=object),
    "str array": np.array,
    "strided array": lambda documents: np.array([documents, documents]).T[:, 1],
    "list of numpy.str_": lambda documents: [np.str_(document) for document in documents],
    "pandas object": lambda documents: pd.Series(documents, dtype=object, index=[5, 3, 5]),
    "pandas string": lambda documents: pd.Series(documents, dtype="string"),
    "pandas category": lambda documents: pd.Series(documents, dtype="category"),
    "pandas index": pd.Index,
    "polars": polars_series,
}


@pytest.mark.parametrize("container", CONTAINERS)
def test_containers_give_the_ids_of_a_list(container):
    documents = CONTAINERS[container](DOCUMENTS)
    expected = TextTokenizer(sequence_length=6).fit(DOCUMENTS)
    tokenizer = TextTokenizer(sequence_length=6).fit(documents)
    assert tokenizer.vocabulary_ == expected.vocabulary_
    np.testing.assert_array_equal(tokenizer.transform(documents), expected.transform(DOCUMENTS))


@pytest.mark.parametrize("analyzer", ["word", split_on_commas])
def test_documents_are_left_as_they_were(analyzer):
    documents = ["B,\0a", "C"]
    TextTokenizer(analyzer=analyzer).fit(documents).transform(documents)
    assert documents == ["B,\0a", "C"]


def assert_refused(documents, error, match):
    fitted = TextTokenizer().fit(["a"])
    for method in (TextTokenizer().fit, TextTokenizer().fit_transform, fitted.transform):
        with pytest.raises(error, match=match):
            method(documents() if callable(documents) else documents)


@pytest.mark.parametrize(
    ("documents", "match"),
    [
        ("text", "single str"),
        (b"text", "single bytes"),
        (lambda: (text for text in ["a"]), r"list\(X\)"),
        (lambda: iter(["a"]), r"list\(X\)"),
        ({"a": "b"}, "dict"),
        ({"a"}, "set"),
        (None, "NoneType"),
        (3, "int"),
        (scipy.sparse.csr_array(np.eye(2)), "sparse"),
        (scipy.sparse.csr_matrix(np.eye(2)), "sparse"),
    ],
)
def test_what_is_no_collection_of_documents_is_a_type_error(documents, match):
    assert_refused(documents, TypeError, match)


@pytest.mark.parametrize("row", [0, 2])
@pytest.mark.parametrize(
    ("bad", "match"),
    [
        (None, "missing"),
        (float("nan"), "missing"),
        (np.float64("nan"), "missing"),
        (pd.NA, "missing"),
        (pd.NaT, "missing"),
        (b"a", "decode"),
        (3, "an int"),
        (2.5, "a float"),
        (["a"], "a list"),
    ],
)
def test_a_bad_document_is_named_by_its_row(bad, match, row):
    documents = ["a", "b", "c"]
    documents[row] = bad
    assert_refused(documents, ValueError, f"Row {row} .*{match}")


@pytest.mark.parametrize("dtype", [object, "string"])
def test_a_missing_document_of_a_series_is_named_by_its_row(dtype):
    assert_refused(pd.Series(["a", None], dtype=dtype, index=[8, 9]), ValueError, "Row 1 .*missing")


def test_an_array_of_numbers_is_refused():
    assert_refused(np.arange(3), ValueError, "Row 0 .*int")


@pytest.mark.parametrize(
    "documents",
    [np.array([["a", "b"]]), np.array("a"), pd.DataFrame({"text": ["a", "b"], "id": ["c", "d"]})],
    ids=["columns", "scalar", "frame"],
)
def test_other_than_one_column_is_refused(documents):
    assert_refused(documents, ValueError, "one-dimensional")


@pytest.mark.parametrize("empty", [[], (), np.array([], dtype=str), pd.Series([], dtype="string")], ids=type)
def test_no_document_is_refused(empty):
    assert_refused(empty, ValueError, "0 documents")


# The estimator.


@pytest.mark.parametrize(
    ("parameter", "bad"),
    [
        ("max_tokens", 2),
        ("max_tokens", 10.0),
        ("sequence_length", 0),
        ("sequence_length", 2.5),
        ("lowercase", "yes"),
        ("analyzer", "sentence"),
        ("analyzer", None),
        ("min_df", -1),
        ("min_df", 1.5),
        ("min_df", -0.1),
        ("padding", "both"),
        ("truncating", "left"),
    ],
)
def test_parameters_out_of_range_are_refused(parameter, bad):
    with pytest.raises(InvalidParameterError, match=f"'{parameter}' parameter of TextTokenizer"):
        TextTokenizer(**{parameter: bad}).fit(["a"])


@pytest.mark.parametrize("method", ["transform", "inverse_transform", "get_feature_names_out"])
def test_before_fit_it_says_so(method):
    with pytest.raises(NotFittedError):
        getattr(TextTokenizer(), method)(["a"])


def test_clone_keeps_parameters_and_drops_the_vocabulary():
    tokenizer = TextTokenizer(max_tokens=7, min_df=0.5, padding="pre").fit(["a"])
    copy = clone(tokenizer)
    assert copy.get_params() == tokenizer.get_params()
    assert not hasattr(copy, "vocabulary_")


@pytest.mark.parametrize("analyzer", ["word", "char", split_on_commas])
def test_a_pickle_gives_the_same_ids(analyzer):
    tokenizer = TextTokenizer(sequence_length=6, analyzer=analyzer).fit(DOCUMENTS)
    copy = pickle.loads(pickle.dumps(tokenizer))
    np.testing.assert_array_equal(copy.transform(DOCUMENTS + ["new"]), tokenizer.transform(DOCUMENTS + ["new"]))


# Laws over any text.

# Text in which the characters with a part in tokenizing are frequent.
texts = st.one_of(st.text(), st.text(alphabet="aAbÉéΣσ!_?,\0\x01\x1c\x7f \n\u0301\u200dİß我😀"))
corpora = st.lists(texts, min_size=1, max_size=8)
analyzers = st.sampled_from(["word", "char", str.split])
any_text = settings(max_examples=100, deadline=None)


@any_text
@given(corpora, corpora, analyzers, st.booleans(), st.sampled_from(["pre", "post"]))
def test_any_text_has_ids(training, documents, analyzer, lowercase, side):
    tokenizer = TextTokenizer(
        max_tokens=20,
        sequence_length=5,
        lowercase=lowercase,
        analyzer=analyzer,
        padding=side,
        truncating=side,
    ).fit(training)
    ids = tokenizer.transform(documents)
    assert ids.shape == (len(documents), 5)
    assert ids.min() >= 0
    assert ids.max() < Tokens.of_tokenizer(tokenizer).n_tokens <= 20


@any_text
@given(corpora, analyzers, st.booleans(), st.randoms(use_true_random=False))
@example(["a\x01b", "é"], "word", True, None)
def test_a_document_has_the_same_ids_alone_and_in_any_company(documents, analyzer, lowercase, random):
    tokenizer = TextTokenizer(sequence_length=50, lowercase=lowercase, analyzer=analyzer).fit(documents)
    together = tokenizer.transform(documents)
    np.testing.assert_array_equal(np.vstack([tokenizer.transform([document]) for document in documents]), together)
    order = list(range(len(documents)))
    if random is not None:
        random.shuffle(order)
    some = order[: len(order) // 2 + 1]
    np.testing.assert_array_equal(tokenizer.transform([documents[i] for i in some]), together[some])


@any_text
@given(corpora, analyzers, st.booleans())
def test_unknown_words_are_spelled_alike_alone_and_in_any_company(documents, analyzer, lowercase):
    tokenizer = TextTokenizer(max_tokens=3, lowercase=lowercase, analyzer=analyzer).fit(["a"])
    together = Tokens.of_tokenizer(tokenizer).sequences(documents)
    alone = TokenSequences.concatenate([Tokens.of_tokenizer(tokenizer).sequences([text]) for text in documents])
    for name in ("ids", "offsets", "unknown", "letters", "letter_offsets"):
        np.testing.assert_array_equal(getattr(together, name), getattr(alone, name))


@any_text
@given(corpora, analyzers, st.randoms(use_true_random=False))
def test_the_vocabulary_ignores_the_order_of_documents(documents, analyzer, random):
    shuffled = documents.copy()
    random.shuffle(shuffled)
    expected = TextTokenizer(analyzer=analyzer).fit(documents).vocabulary_
    assert list(TextTokenizer(analyzer=analyzer).fit(shuffled).vocabulary_.items()) == list(expected.items())


@any_text
@given(corpora, st.sampled_from([("word", split_words), ("char", split_characters)]), st.booleans())
def test_the_vocabulary_is_that_of_a_callable_that_splits_alike(documents, ways, lowercase):
    analyzer, split = ways
    learned = TextTokenizer(analyzer=analyzer, lowercase=lowercase).fit(documents)
    expected = TextTokenizer(analyzer=lambda text: split(text.replace(BETWEEN, " ")), lowercase=lowercase)
    assert list(learned.vocabulary_.items()) == list(expected.fit(documents).vocabulary_.items())


@any_text
@given(corpora, st.sampled_from(["word", "char"]), st.booleans())
def test_ids_survive_spelling_out_and_tokenizing_again(documents, analyzer, lowercase):
    tokenizer = TextTokenizer(max_tokens=10**6, lowercase=lowercase, analyzer=analyzer).fit(documents)
    ids = tokenizer.transform(documents)
    assert not (ids == 1).any()
    spelled = [" ".join(tokens) for tokens in tokenizer.inverse_transform(ids)]
    np.testing.assert_array_equal(tokenizer.transform(spelled), ids)


def test_a_pickle_holds_the_vocabulary_once_and_a_copy_reads_as_before(reviews):
    texts, _ = reviews
    words = [f"word{i}" for i in range(3000)]
    tokenizer = TextTokenizer().fit([*texts, " ".join(words)])
    data = pickle.dumps(tokenizer)
    assert len(data) < 1.2 * len(pickle.dumps(tokenizer.vocabulary_)) + 1000
    copy = pickle.loads(data)
    for documents in ([texts[0]], texts):  # one document is read in another way than several
        np.testing.assert_array_equal(copy.transform(documents), tokenizer.transform(documents))
    unfitted = pickle.loads(pickle.dumps(TextTokenizer(max_tokens=7)))
    assert (unfitted.max_tokens, hasattr(unfitted, "vocabulary_")) == (7, False)
