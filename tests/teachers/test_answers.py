"""What an answer says about the classes, and files of answers."""

import gzip
import json
import math
from types import SimpleNamespace

import numpy as np
import pytest
from factory import fit
from hypothesis import given
from hypothesis import strategies as st

from skdistill.teachers import FunctionTeacher, read_answers, write_answers

CLASSES = ["neg", "neutral", "pos"]


def row(answer, classes=CLASSES):
    """The probabilities that an answer gives."""
    return FunctionTeacher(lambda text: answer, classes).predict_proba(["a text"])[0]


def distributions(n):
    return st.lists(st.floats(0.01, 1), min_size=n, max_size=n).map(lambda p: np.array(p) / np.sum(p))


@pytest.mark.core
def test_a_label_is_certain_and_a_confidence_leaves_the_rest_to_the_other_classes():
    np.testing.assert_array_equal(row("neutral"), [0, 1, 0])
    np.testing.assert_allclose(row(("pos", 0.8)), [0.1, 0.1, 0.8])
    np.testing.assert_allclose(row(("pos", 0.1)), [0.45, 0.45, 0.1])


@pytest.mark.core
@given(distributions(3), st.permutations(range(3)))
def test_a_distribution_is_taken_as_it_is_whatever_its_order(p, order):
    np.testing.assert_allclose(row({CLASSES[i]: p[i] for i in order}), p)
    np.testing.assert_allclose(row({CLASSES[i]: math.log(p[i]) for i in order}), p)


@given(distributions(5), st.integers(1, 4))
def test_what_is_missing_is_spread_evenly_and_the_same_for_logarithms(p, n_named):
    classes = list("ABCDE")
    named = {label: float(value) for label, value in zip(classes, p[:n_named])}
    expected = [*p[:n_named], *[p[n_named:].sum() / (5 - n_named)] * (5 - n_named)]
    np.testing.assert_allclose(row(named, classes), expected)
    np.testing.assert_allclose(row({k: math.log(v) for k, v in named.items()}, classes), expected)


@given(distributions(4))
def test_tokens_that_are_no_class_leave_the_distribution_of_the_others(p):
    tokens = dict(zip([*CLASSES, "The"], np.log(p).tolist()))
    np.testing.assert_allclose(row(tokens), p[:3] / p[:3].sum())


@pytest.mark.core
def test_forms_of_log_probabilities_say_the_same():
    logprobs = {" Pos": math.log(0.6), "pos": math.log(0.1), "NEG\n": math.log(0.2), "<eos>": math.log(0.05)}
    entries = [{"token": token, "logprob": value} for token, value in logprobs.items()]
    objects = [SimpleNamespace(**entry) for entry in entries]
    expected = np.array([0.2, 0.05, 0.7]) / 0.95  # 0.05 is missing, and belongs to "neutral"
    for answer in (logprobs, entries, objects):
        np.testing.assert_allclose(row(answer), expected)


@pytest.mark.core
def test_zero_alone_is_the_logarithm_of_certainty():
    np.testing.assert_array_equal(row({"pos": 0.0}), [0, 0, 1])
    np.testing.assert_array_equal(row({"pos": 0.0, "neg": -math.inf}), [0, 0, 1])
    np.testing.assert_array_equal(row({"pos": 0.0, "neg": 1.0}), [1, 0, 0])


@pytest.mark.core
def test_spelling_is_exact_first_and_then_without_case():
    assert row("Pos ").tolist() == [0, 0, 1]
    assert row("us", ["US", "us"]).tolist() == [0, 1]
    with pytest.raises(ValueError, match="must be one of the classes 'US', 'us'. Got 'Us'"):
        row("Us", ["US", "us"])


@pytest.mark.core
def test_classes_that_are_numbers_are_found_as_tokens_too():
    assert row(1, [0, 1]).tolist() == row(np.int64(1), [0, 1]).tolist() == row("1", [0, 1]).tolist() == [0, 1]
    np.testing.assert_allclose(row({" 1": math.log(0.75)}, [0, 1]), [0.25, 0.75])
    assert FunctionTeacher(str.upper, np.array([3, 1])).classes_.tolist() == [3, 1]


@pytest.mark.core
@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        ("good", ValueError, "one of the classes 'neg', 'neutral', 'pos'. Got 'good'"),
        (7, ValueError, "one of the classes .* Got 7"),
        (None, TypeError, "a tuple .label, confidence., a dict .* Got a NoneType: None"),
        (("pos", 0.5, "sure"), TypeError, "Got a tuple"),
        (np.array([0.2, 0.8]), TypeError, "Got a ndarray"),
        ((["pos"], 0.5), TypeError, "Got a list"),
        (("pos", 1.5), ValueError, "between 0 and 1. Got 1.5 for 'pos'"),
        (("pos", math.nan), ValueError, "between 0 and 1. Got nan"),
        (("pos", "0.9"), TypeError, "must have numbers as probabilities. Got '0.9'"),
        (("pos", None), TypeError, "must have numbers as probabilities. Got None"),
        ({"pos": 0.9, "good": 0.1}, ValueError, "one of the classes .* Got 'good'"),
        ({"pos": 0.9, "neg": 0.9}, ValueError, "sum to 1. Got a sum of 1.8"),
        ({"pos": 0.5, "neg": 0.1, "neutral": 0.1}, ValueError, "sum to 1. Got a sum of 0.7"),
        ({"pos": 1.2, "neg": -0.2}, ValueError, "between 0 and 1. Got"),
        ({}, ValueError, "must have a token .* Got none"),
        ({"The": -0.1}, ValueError, "a token of probability above 0 that is one of .* Got 'The'"),
        ({"pos": -0.1, "neg": -0.1}, ValueError, "probabilities sum to at most 1. Got a sum of 1.8"),
        ([{"token": "pos", "logprob": 0.1}], ValueError, "at most 0. Got 0.1 for 'pos'"),
        ([{"token": "pos"}], TypeError, "entries with token and logprob. Got the entry {'token': 'pos'}"),
        (["pos", "neg"], TypeError, "entries with token and logprob. Got the entry 'pos'"),
        ([{"token": None, "logprob": -1}], TypeError, "tokens that are str. Got None"),
    ],
)
def test_other_answers_are_errors_that_name_the_text_and_show_the_answer(answer, error, message):
    teacher = FunctionTeacher(lambda text: answer if text == "c" else "pos", CLASSES)
    with pytest.raises(error, match=rf"(?s)text 2 \('c'\).*{message}"):
        teacher.predict_proba(["a", "b", "c"])


@pytest.mark.core
@pytest.mark.parametrize(
    ("classes", "message"),
    [
        ("ab", "must be a list of labels. Got 'ab'"),
        ({"a", "b"}, "must be a list of labels"),
        (["a"], "at least two labels. Got 'a'"),
        ([], "at least two labels. Got none"),
        (["a", "b", "a"], "must be different labels"),
        ([1, "1"], "must be different labels, as text too"),
        (["a", None], "none of them missing"),
        ([["a"], ["b"]], "must be labels"),
    ],
)
def test_classes_are_checked_before_anything_is_asked(classes, message):
    with pytest.raises(ValueError, match=message):
        FunctionTeacher(pytest.fail, classes).predict_proba(["a"])
    with pytest.raises(ValueError, match=message):
        _ = FunctionTeacher(pytest.fail, classes).classes_


LINES = [
    {"text": "label", "label": "pos"},
    {"text": "confidence", "label": "pos", "confidence": 0.8},
    {"text": "probabilities", "probabilities": {"neg": 0.25, "pos": 0.75}, "label": "neg"},
    {"text": "none", "label": None, "id": 7},
]
LOGPROBS = [
    {"text": "dict", "logprobs": {"pos": math.log(0.5), "neg": math.log(0.25)}},
    {"text": "list", "logprobs": [{"token": "Pos", "logprob": math.log(0.5)}], "probabilities": None},
]
ROWS = [[0, 1], [0.2, 0.8], [0.25, 0.75], [np.nan] * 2, [1 / 3, 2 / 3], [0.5, 0.5]]


def write_lines(path, lines):
    data = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.mark.parametrize("name", ["answers.jsonl", "answers.jsonl.gz", "answers.txt"])
def test_every_line_may_have_its_own_form(tmp_path, name):
    pytest.importorskip("pandas")
    texts, soft_targets = read_answers(write_lines(tmp_path / name, LINES))
    assert texts == ["label", "confidence", "probabilities", "none"]
    assert soft_targets.columns.tolist() == ["neg", "pos"]
    np.testing.assert_allclose(soft_targets, ROWS[:4])


def test_classes_may_be_given_in_their_order(tmp_path):
    pytest.importorskip("pandas")
    path = write_lines(tmp_path / "answers.jsonl", LINES + LOGPROBS)
    _, soft_targets = read_answers(path, ["pos", "neg"])
    assert soft_targets.columns.tolist() == ["pos", "neg"]
    np.testing.assert_allclose(soft_targets, np.fliplr([*ROWS[:4], [1 / 3, 2 / 3], [0.5, 0.5]]), rtol=1e-12)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"text": "a", "label": ', r"must be a JSON object on one line: .* Got '\{\"text\": \"a\""),
        ("[1]", "the key 'text' and a str"),
        ('{"text": 3, "label": "pos"}', "the key 'text' and a str"),
        ('{"text": "a"}', "one of the keys probabilities, logprobs, label. Got text"),
        ('{"text": "a", "label": "good"}', "one of the classes 'neg', 'pos'. Got 'good'"),
        ('{"text": "a", "label": ["pos"]}', "must have a single label"),
        ('{"text": "a", "label": "pos", "confidence": 2}', "between 0 and 1. Got 2"),
        ('{"text": "a", "probabilities": [0.5, 0.5]}', "must have a dict of labels"),
        ('{"text": "a", "probabilities": {"pos": -1}}', "between 0 and 1. Got -1"),
        ('{"text": "a", "logprobs": {"pos": 0.5}}', "at most 0. Got 0.5"),
        ('{"text": "a", "logprobs": "pos"}', "must have a dict or list of tokens"),
        ('{"text": "\xff", "label": "pos"}', "must be a JSON object on one line"),
        ('{"text": "a", "label": ' + "[" * 20_000, "must be a JSON object on one line"),
        ('{"text": "a", "probabilities": {}}', "must have a dict of labels to probabilities, not empty"),
        ('{"text": "a", "probabilities": {"pos": 1' + "0" * 400 + "}}", "between 0 and 1. Got int too large"),
        ('{"text": "a", "label": NaN}', "must have a single label, or null for no answer. Got nan"),
        ('{"text": "a", "label": " "}', "must have a single label, or null for no answer. Got ' '"),
    ],
)
def test_a_malformed_line_is_named(tmp_path, line, message):
    pytest.importorskip("pandas")
    path = tmp_path / "answers.jsonl"
    path.write_bytes(b'{"text": "a", "label": "pos"}\n\n' + line.encode("latin-1") + b"\n")
    with pytest.raises(ValueError, match=f"(?s)Line 3 of .*answers.jsonl.*{message}"):
        read_answers(path, ["neg", "pos"])


def test_what_a_file_lacks_to_find_its_classes_is_said(tmp_path):
    pytest.importorskip("pandas")
    for lines, message in [
        (LINES[:2], "at least two labels. Got 'pos'"),
        (LINES + LOGPROBS, "classes must be given for log-probabilities.* Line 5"),
        ([{"text": "a", "label": 1}, {"text": "a", "label": "b"}], "given for labels of several types. Got .1, 'b'."),
        ([], "at least two labels. Got none in .*answers.jsonl: pass classes"),
    ]:
        with pytest.raises(ValueError, match=message):
            read_answers(write_lines(tmp_path / "answers.jsonl", lines))
    whole = write_lines(tmp_path / "answers.jsonl.gz", LINES)
    whole.write_bytes(whole.read_bytes()[:-9])
    with pytest.raises(ValueError, match="answers.jsonl.gz is damaged or incomplete"):
        read_answers(whole)


def test_an_ending_that_does_not_fit_the_file_is_said(tmp_path):
    pytest.importorskip("pandas")
    compressed, plain = tmp_path / "answers.jsonl", tmp_path / "answers.jsonl.gz"
    compressed.write_bytes(gzip.compress(b'{"text": "a", "label": "pos"}\n'))
    with pytest.raises(ValueError, match="Line 1 .* the file is compressed, and its name must end with .gz"):
        read_answers(compressed)
    plain.write_text('{"text": "a", "label": "pos"}\n')
    with pytest.raises(ValueError, match="or its name should not end with .gz"):
        read_answers(plain)
    pytest.importorskip("pyarrow")
    for content in (b"", plain.read_bytes()):
        (tmp_path / "answers.parquet").write_bytes(content)
        with pytest.raises(ValueError, match="answers.parquet is damaged, incomplete or not a Parquet file"):
            read_answers(tmp_path / "answers.parquet")


def test_spellings_of_one_label_are_said_where_no_classes_are_given(tmp_path):
    pytest.importorskip("pandas")
    lines = [{"text": label, "label": label} for label in ("pos", "neg", "Pos", "neg")]
    path = write_lines(tmp_path / "answers.jsonl", lines)
    with pytest.warns(UserWarning, match="differ only in case, 'Pos', 'pos', and are read") as caught:
        _, soft_targets = read_answers(path)
    assert soft_targets.columns.tolist() == ["Pos", "neg", "pos"]
    assert caught[0].filename == __file__
    _, soft_targets = read_answers(path, ["neg", "pos"])  # without a warning
    np.testing.assert_array_equal(soft_targets, [[0, 1], [1, 0], [0, 1], [1, 0]])


TEXTS = ["good food", "", "a\nb", "\u2028 naïve 好", "good food"] * 20


@pytest.mark.parametrize("ending", [".jsonl", ".jsonl.gz", ".parquet"])
@pytest.mark.parametrize("classes", [["b", "a", "c"], [1, 0, 2]])
def test_what_is_written_is_read_again_exactly(tmp_path, ending, classes):
    pandas = pytest.importorskip("pandas")
    if ending == ".parquet":
        pytest.importorskip("pyarrow")
    probabilities = np.random.default_rng(0).dirichlet([1, 1, 1], 100)
    probabilities[2] = np.nan
    path = tmp_path / f"answers{ending}"
    write_answers(path, np.array(TEXTS), probabilities, classes)
    texts, soft_targets = read_answers(path, classes)
    assert texts == TEXTS
    pandas.testing.assert_frame_equal(soft_targets, pandas.DataFrame(probabilities, columns=classes), check_exact=True)
    write_answers(path, texts, soft_targets)  # a DataFrame names its classes
    np.testing.assert_array_equal(read_answers(path, classes[::-1])[1], np.fliplr(probabilities))


def test_parquet_has_the_forms_of_lines(tmp_path):
    pytest.importorskip("pandas")
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    lines = [*LINES, LOGPROBS[1], {"text": "ragged", "probabilities": {"pos": 0.9}}]
    rows = [*ROWS[:4], [0.5, 0.5], [0.1, 0.9]]
    path = tmp_path / "answers.parquet"
    fields = ("text", "label", "confidence", "probabilities", "logprobs")
    columns = {name: [line.get(name) for line in lines] for name in fields}
    parquet.write_table(arrow.table(columns), path)
    np.testing.assert_allclose(read_answers(path, ["neg", "pos"])[1], rows)
    columns["probabilities"] = arrow.array(
        [list(p.items()) if (p := line.get("probabilities")) else None for line in lines],
        arrow.map_(arrow.string(), arrow.float64()),
    )
    parquet.write_table(arrow.table(columns), path)
    np.testing.assert_allclose(read_answers(path, ["neg", "pos"])[1], rows)
    with pytest.raises(ValueError, match="Row 0 of .*answers.parquet: the answer must be one of the classes 'a', 'b'"):
        read_answers(path, ["a", "b"])
    with pytest.raises(ValueError, match="Row 1 of texts has a lone surrogate, which Parquet cannot hold"):
        write_answers(path, ["a", "\ud800"], [[0, 1]] * 2, ["a", "b"])
    assert len(read_answers(path, ["neg", "pos"])[0]) == 6  # the file is as it was


def test_a_struct_of_nulls_in_parquet_is_no_answer(tmp_path):
    pytest.importorskip("pandas")
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    answers = [{"neg": 0.2, "pos": 0.8}, {"neg": None, "pos": None}, None]
    parquet.write_table(arrow.table({"text": ["a", "b", "c"], "probabilities": answers}), tmp_path / "a.parquet")
    np.testing.assert_array_equal(read_answers(tmp_path / "a.parquet")[1], [[0.2, 0.8], [np.nan] * 2, [np.nan] * 2])


@pytest.mark.core
@pytest.mark.parametrize(
    ("probabilities", "classes", "message"),
    [
        ([[0.5, 0.5]], ["a", "b"], r"shape \(n_texts, n_classes\), \(2, 2\). Got \(1, 2\)"),
        ([[0.5, 0.5], [0.9, 0.9]], ["a", "b"], "Row 1 of probabilities does not sum to 1"),
        ([[np.nan, np.nan], [np.nan, 1]], ["a", "b"], "Row 1 of probabilities is NaN in part"),
        ([[np.nan, np.nan], [2, -1]], ["a", "b"], "Row 1 of probabilities is negative in part"),
        ([[0.5, 0.5], [0.5, 0.5]], None, "classes must be a list of labels. Got None: name them"),
        ([[0.5, 0.5], [1]], ["a", "b"], "must be a table of numbers, with rows of one length"),
        ([[0.5, 0.5], ["x", 1]], ["a", "b"], "must be a table of numbers"),
        ([[0.5, 0.5], [0.5, 0.5]], ["a", "a"], "classes must be different labels"),
    ],
)
def test_only_probabilities_are_written(tmp_path, probabilities, classes, message):
    with pytest.raises(ValueError, match=message):
        write_answers(tmp_path / "answers.jsonl", ["a", "b"], probabilities, classes)
    assert not (tmp_path / "answers.jsonl").exists()


@pytest.mark.parametrize(("module", "name"), [("pandas", "a.jsonl"), ("pyarrow", "a.parquet")])
def test_a_missing_package_is_named(tmp_path, monkeypatch, module, name):
    monkeypatch.setitem(__import__("sys").modules, module, None)
    monkeypatch.setitem(__import__("sys").modules, "pyarrow.parquet", None)
    if module == "pyarrow":
        pytest.importorskip("pandas")
        with pytest.raises(ImportError, match="pip install pyarrow"):
            write_answers(tmp_path / name, ["a"], [[0, 1]], ["a", "b"])
    with pytest.raises(ImportError, match=f"pip install {module}"):
        read_answers(tmp_path / name)


def test_a_fit_learns_from_the_answers_of_a_file(reviews, tmp_path):
    pytest.importorskip("pandas")
    texts, labels = reviews
    probabilities = np.where(labels[:, None] == ["bad", "good"], 0.9, 0.1)
    probabilities[:5] = np.nan
    write_answers(tmp_path / "answers.jsonl", texts, probabilities, ["bad", "good"])
    read, soft_targets = read_answers(tmp_path / "answers.jsonl")
    given = fit(texts, labels, soft_targets=probabilities, soft_target_classes=["bad", "good"])
    assert fit(read, labels, soft_targets=soft_targets).history_ == given.history_
    assert fit(read[5:], None, soft_targets=soft_targets[5:]).classes_.tolist() == ["bad", "good"]
