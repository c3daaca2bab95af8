"""A function as the teacher: what it is asked, what is kept of its answers, and what its errors do."""

import json
import math
import pickle
import threading
import urllib.request
import warnings
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from conftest import GOOD
from factory import fit
from sklearn.base import clone
from sklearn.utils import check_random_state

from skdistill.teachers import FunctionTeacher, read_answers

CLASSES = ["bad", "good"]
TEXTS = [f"{word} film {number}" for number, word in enumerate(["good", "bad", "lovely", "good", "poor"] * 4)]


def answer(text):
    """The answer about a review, which depends on its length too, so that rows differ."""
    label = "good" if any(word in text for word in GOOD) else "bad"
    return label, 1 - len(text) / 1000


def answers(texts):
    return [answer(text) for text in texts]


class Counting:
    """Counts how often each text is asked, and raises ``error`` where ``fails`` says so."""

    def __init__(self, error=None, fails=lambda text, count: False):
        self.asked, self.error, self.fails, self.lock = [], error, fails, threading.Lock()

    def __call__(self, text):
        with self.lock:
            self.asked.append(text)
        if self.fails(text, self.asked.count(text)):
            raise self.error
        return answer(text)

    def batch(self, texts):
        return list(map(self, texts))


EXPECTED = FunctionTeacher(answer, CLASSES).predict_proba(TEXTS)


@pytest.mark.core
def test_rows_are_those_of_the_answers():
    good = [1 - len(text) / 1000 if answer(text)[0] == "good" else len(text) / 1000 for text in TEXTS]
    np.testing.assert_allclose(EXPECTED, np.column_stack([np.subtract(1, good), good]))
    assert FunctionTeacher(answer, CLASSES).predict(TEXTS).tolist() == [answer(text)[0] for text in TEXTS]
    assert FunctionTeacher(answer, CLASSES).predict_proba([]).shape == (0, 2)


@pytest.mark.core
@pytest.mark.parametrize("n_threads", [1, 3])
@pytest.mark.parametrize("batch_size", [2, 7, 100])
def test_batches_and_threads_change_nothing(batch_size, n_threads):
    sizes = []

    def function(texts):
        sizes.append(len(texts))
        return np.array(["good"] * len(texts)) if texts == ["never"] else answers(texts)

    teacher = FunctionTeacher(function, CLASSES, batch_size=batch_size, n_threads=n_threads)
    np.testing.assert_array_equal(teacher.predict_proba(np.array(TEXTS)), EXPECTED)
    assert sum(sizes) == len(TEXTS)
    assert max(sizes) == min(batch_size, len(TEXTS))
    assert len(sizes) == math.ceil(len(TEXTS) / batch_size)


@pytest.mark.core
@pytest.mark.parametrize("batch_size", [1, 4])
def test_equal_texts_are_asked_once(batch_size):
    function = Counting()
    asked = function if batch_size == 1 else function.batch
    teacher = FunctionTeacher(asked, CLASSES, batch_size=batch_size)
    np.testing.assert_array_equal(teacher.predict_proba(TEXTS * 3), np.tile(EXPECTED, (3, 1)))
    assert function.asked == TEXTS


@pytest.mark.core
def test_threads_call_at_once_but_no_more_than_there_are_and_keep_the_order():
    together = threading.Barrier(4, timeout=60)  # nobody passes before four calls are there
    lock, running, most = threading.Lock(), 0, 0

    def function(text):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        together.wait()
        with lock:
            running -= 1
        return answer(text)

    np.testing.assert_array_equal(FunctionTeacher(function, CLASSES, n_threads=4).predict_proba(TEXTS), EXPECTED)
    assert most == 4


@pytest.mark.core
@pytest.mark.parametrize("n_threads", [1, 4])
def test_a_memory_is_read_instead_of_asking(tmp_path, n_threads):
    path = tmp_path / "answers.jsonl"
    first, second = Counting(), Counting()
    teacher = FunctionTeacher(first, CLASSES, memory=path, n_threads=n_threads)
    np.testing.assert_array_equal(teacher.predict_proba(TEXTS[:12]), EXPECTED[:12])
    np.testing.assert_array_equal(teacher.predict_proba(TEXTS[:12]), EXPECTED[:12])
    assert sorted(first.asked) == sorted(TEXTS[:12])
    other = FunctionTeacher(second, CLASSES[::-1], memory=str(path))
    np.testing.assert_array_equal(other.predict_proba(TEXTS), np.fliplr(EXPECTED))
    assert second.asked == TEXTS[12:]
    np.testing.assert_array_equal(teacher.predict_proba(TEXTS), EXPECTED)  # what another has appended
    assert len(first.asked) == 12
    path.unlink()
    teacher.predict_proba(TEXTS[:2])
    assert len(first.asked) == 14


def test_a_memory_is_a_file_of_answers(tmp_path):
    pytest.importorskip("pandas")
    strange = ["", "a\nb", "\u2028 好", '"', "\ud800"]
    FunctionTeacher(answer, CLASSES, memory=tmp_path / "answers.jsonl").predict_proba(strange)
    assert "好".encode() in (tmp_path / "answers.jsonl").read_bytes()  # people read it too
    texts, soft_targets = read_answers(tmp_path / "answers.jsonl")
    assert texts == strange
    np.testing.assert_array_equal(soft_targets, FunctionTeacher(answer, CLASSES).predict_proba(strange))


@pytest.mark.core
@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("no connection"), SystemExit()])
@pytest.mark.parametrize("n_threads", [1, 4])
def test_an_interrupted_labelling_goes_on_where_it_stopped(tmp_path, error, n_threads):
    path = tmp_path / "answers.jsonl"
    broken, working = Counting(error, lambda text, count: text == TEXTS[10]), Counting()
    with pytest.raises(type(error)) as raised:
        FunctionTeacher(broken, CLASSES, memory=path, n_threads=n_threads).predict_proba(TEXTS)
    if isinstance(error, Exception):
        assert any("text 10 ('good film 10')" in note for note in raised.value.__notes__)
    n_kept = len(path.read_text().splitlines())
    assert n_kept > 10 - n_threads  # of the ten texts before, those that other threads are asking may be missing
    assert len(broken.asked) <= n_kept + n_threads
    teacher = FunctionTeacher(working, CLASSES, memory=path)
    np.testing.assert_array_equal(teacher.predict_proba(TEXTS), EXPECTED)
    assert len(working.asked) == len(TEXTS) - n_kept


@pytest.mark.core
def test_good_answers_of_a_batch_are_kept_when_another_is_an_error(tmp_path):
    path = tmp_path / "answers.jsonl"
    teacher = FunctionTeacher(lambda texts: ["good", "fine", "bad"], CLASSES, batch_size=3, memory=path)
    with pytest.raises(ValueError, match="text 1 .'b'.: the answer must be one of .* Got 'fine'"):
        teacher.predict_proba(["a", "b", "c"])
    assert [json.loads(line)["text"] for line in path.read_text().splitlines()] == ["a", "c"]


@pytest.mark.core
def test_each_answer_is_in_the_file_before_the_next_is_asked(tmp_path):
    path = tmp_path / "answers.jsonl"

    def function(text):
        assert len(path.read_text().splitlines()) == TEXTS.index(text)
        return answer(text)

    FunctionTeacher(function, CLASSES, memory=path).predict_proba(TEXTS)


@pytest.mark.core
@pytest.mark.parametrize("n_bytes", [1, 2, 9, 12, 20, 60, 200])
def test_a_memory_may_end_inside_a_line(tmp_path, n_bytes):
    path, function = tmp_path / "answers.jsonl", Counting()
    FunctionTeacher(answer, CLASSES, memory=path).predict_proba(TEXTS)
    path.write_bytes(path.read_bytes()[:-n_bytes])
    teacher = FunctionTeacher(function, CLASSES, memory=path)
    for _ in range(2):
        np.testing.assert_array_equal(teacher.predict_proba(TEXTS), EXPECTED)
    assert 1 <= len(function.asked) <= 3
    lines = [json.loads(line)["text"] for line in path.read_text().splitlines()]
    assert sorted(lines) == sorted(TEXTS)


def test_a_line_that_another_process_left_without_an_end_is_cut_off_while_it_asks(tmp_path):
    path = tmp_path / "answers.jsonl"

    def function(text):
        if text == TEXTS[3]:  # another process begins a line, and is killed
            with path.open("ab") as file:
                file.write(b'{"text": "good fi')
        return answer(text)

    FunctionTeacher(function, CLASSES, memory=path).predict_proba(TEXTS)
    assert [json.loads(line)["text"] for line in path.read_text().splitlines()] == TEXTS


def test_a_line_that_another_process_is_writing_stays(tmp_path, monkeypatch):
    path = tmp_path / "answers.jsonl"
    FunctionTeacher(answer, CLASSES, memory=path).predict_proba(TEXTS)
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])

    def wait(seconds):
        with path.open("ab") as file:
            file.write(whole[-20:])

    monkeypatch.setattr("skdistill.teachers._answer_memory.time.sleep", wait)
    np.testing.assert_array_equal(FunctionTeacher(answer, CLASSES, memory=path).predict_proba(TEXTS), EXPECTED)
    assert path.read_bytes().startswith(whole)


@pytest.mark.core
@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("text,label\na,good\n", "Line 1 of memory .* must be a JSON object on one line"),
        ("my notes", "memory must be a file of answers"),
        ('{"text": "a", "label": "good"}\n', "Line 1 .* must have the probabilities of the classes"),
        ('{"text": "a", "probabilities": {"good": 1, "bad": 0, "?": 0}}\n', "Line 1 .* pass another file"),
        ('{"text": "a", "probabilities": {"good": 1}}\n', "Line 1 .* pass another file"),
        ('{"text": "a", "probabilities": {"good": 1, "bad": 1}}\n', "Line 1 .* sum to 1. Got a sum of 2"),
    ],
)
def test_another_file_is_no_memory_and_stays_as_it_is(tmp_path, content, message):
    path = tmp_path / "file"
    path.write_text(content)
    with pytest.raises(ValueError, match=f"(?s){message}"):
        FunctionTeacher(pytest.fail, CLASSES, memory=path).predict_proba(["b"])
    assert path.read_text() == content
    with pytest.raises(ValueError, match="memory must be a file of JSON Lines that is not compressed"):
        FunctionTeacher(pytest.fail, CLASSES, memory=tmp_path / "a.jsonl.gz").predict_proba(["b"])
    with pytest.raises(ValueError, match="memory must be a file of JSON Lines. Got the folder .*: pass a file in it"):
        FunctionTeacher(pytest.fail, CLASSES, memory=tmp_path).predict_proba(["b"])
    with pytest.raises(FileNotFoundError):  # before anything is asked
        FunctionTeacher(pytest.fail, CLASSES, memory=tmp_path / "missing" / "a.jsonl").predict_proba(["b"])


@pytest.mark.core
@pytest.mark.parametrize("batch_size", [1, 4])
@pytest.mark.parametrize("n_threads", [1, 3])
def test_errors_are_skipped_after_three_calls_with_one_warning(tmp_path, batch_size, n_threads):
    path, function = tmp_path / "answers.jsonl", Counting(OSError("timed out"), lambda text, count: "poor" in text)
    asked = function if batch_size == 1 else function.batch
    teacher = FunctionTeacher(asked, CLASSES, batch_size=batch_size, n_threads=n_threads, memory=path, on_error="skip")
    failed = np.array(["poor" in text for text in TEXTS])
    if batch_size == 4:  # the call for a batch fails as a whole
        failed = np.repeat([failed[start : start + 4].any() for start in range(0, 20, 4)], 4)
    message = f"no answer for {failed.sum()} of 20 texts: their rows are NaN. The last error was OSError: timed out"
    with pytest.warns(UserWarning, match=message) as caught:
        probabilities = teacher.predict_proba(TEXTS)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    np.testing.assert_array_equal(probabilities, np.where(failed[:, None], np.nan, EXPECTED))
    assert max(map(function.asked.count, TEXTS)) == function.asked.count(TEXTS[4]) == 3
    assert len(path.read_text().splitlines()) == 20 - failed.sum()
    with pytest.warns(UserWarning, match="no answer"):
        labels = teacher.predict(TEXTS)
    assert [label is None for label in labels] == failed.tolist()


@pytest.mark.core
def test_a_call_that_works_the_third_time_is_no_error():
    function = Counting(OSError("busy"), lambda text, count: "bad" in text and count < 3)
    teacher = FunctionTeacher(function, CLASSES, on_error="skip")
    np.testing.assert_array_equal(teacher.predict_proba(TEXTS), EXPECTED)
    assert [function.asked.count(text) for text in TEXTS] == [3 if "bad" in text else 1 for text in TEXTS]


@pytest.mark.core
def test_only_unusable_answers_of_a_batch_are_asked_again():
    asked = []

    def function(texts):
        asked.append(texts)
        return ["good" if text != "b" else "perhaps" for text in texts]

    teacher = FunctionTeacher(function, CLASSES, batch_size=3, on_error="skip")
    with pytest.warns(UserWarning, match="no answer for 1 of 3 texts.* text 1 .'b'.: .* Got 'perhaps'"):
        probabilities = teacher.predict_proba(["a", "b", "c"])
    np.testing.assert_array_equal(probabilities, [[0, 1], [np.nan] * 2, [0, 1]])
    assert asked == [["a", "b", "c"], ["b"], ["b"]]


@pytest.mark.core
@pytest.mark.parametrize(
    ("returned", "error", "message"),
    [
        (["good"], ValueError, "one answer for each of 2 texts. Got 1"),
        (["good"] * 3, ValueError, "one answer for each of 2 texts. Got 3"),
        ("good", TypeError, "must return a list of answers if batch_size is above 1. Got 'good'"),
        ({"good": 1}, TypeError, "must return a list of answers"),
        ({"good", "bad"}, TypeError, "must return a list of answers"),
        (None, TypeError, "must return a list of answers .* Got None"),
    ],
)
def test_a_batch_has_one_answer_per_text(returned, error, message):
    teacher = FunctionTeacher(lambda texts: returned, CLASSES, batch_size=2)
    with pytest.raises(error, match=message):
        teacher.predict_proba(["a", "b"])


@pytest.mark.core
@pytest.mark.parametrize(
    "parameters", [{"function": "ask"}, {"batch_size": 0}, {"n_threads": 0}, {"on_error": "ignore"}, {"memory": 3}]
)
def test_parameters_are_checked(parameters):
    (name,) = parameters
    with pytest.raises(ValueError, match=f"The '{name}' parameter of FunctionTeacher must be"):
        FunctionTeacher(**({"function": answer, "classes": CLASSES} | parameters)).predict_proba(["a"])


async def ask_later(text):
    return "good"


class AsksLater:
    async def __call__(self, text):
        return "good"


@pytest.mark.core
@pytest.mark.parametrize("function", [ask_later, partial(ask_later), AsksLater()])
@pytest.mark.parametrize("on_error", ["raise", "skip"])
def test_a_coroutine_function_is_refused_before_it_is_called(function, on_error):
    with pytest.raises(TypeError, match="Got the coroutine function .*: pass lambda text: asyncio.run"):
        FunctionTeacher(function, CLASSES, on_error=on_error).predict_proba(["a"])


@pytest.mark.core
@pytest.mark.parametrize(
    ("X", "error", "message"),
    [("a text", TypeError, r"pass \[text\]"), (["a", None], ValueError, "Row 1 of X is missing")],
)
def test_texts_are_checked_before_anything_is_asked(X, error, message):
    with pytest.raises(error, match=message):
        FunctionTeacher(pytest.fail, CLASSES).predict_proba(X)


@pytest.mark.core
def test_it_pickles_where_the_function_does(tmp_path):
    teacher = FunctionTeacher(answer, CLASSES, memory=tmp_path / "answers.jsonl", n_threads=2)
    size = len(pickle.dumps(teacher))
    teacher.predict_proba(TEXTS)
    assert len(pickle.dumps(teacher)) == size  # what was read of the memory stays here
    copy = pickle.loads(pickle.dumps(teacher))
    np.testing.assert_array_equal(copy.predict_proba(TEXTS), EXPECTED)
    assert copy.get_params() == teacher.get_params()
    assert clone(teacher) is teacher
    with pytest.raises((pickle.PicklingError, AttributeError), match="lambda"):
        pickle.dumps(FunctionTeacher(lambda text: "good", CLASSES))


def test_a_bar_counts_the_texts_that_are_asked(tmp_path, capsys):
    pytest.importorskip("tqdm")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tqdm, of notebooks
        teacher = FunctionTeacher(answer, CLASSES, memory=tmp_path / "answers.jsonl", verbose=1)
        teacher.predict_proba(TEXTS[:8])
        assert "8/8" in capsys.readouterr().err
        teacher.predict_proba(TEXTS)
        assert "12/12" in capsys.readouterr().err
    FunctionTeacher(answer, CLASSES).predict_proba(TEXTS)
    assert capsys.readouterr().err == ""


def test_it_teaches_as_its_probabilities_do(reviews, tmp_path):
    texts, labels = reviews
    function = Counting()
    teacher = FunctionTeacher(function, CLASSES, memory=tmp_path / "answers.jsonl", n_threads=2)
    taught = fit(texts[:40], labels[:40], X_unlabeled=[texts[40:]], teacher=teacher, teacher_weight=0.5)
    probabilities = FunctionTeacher(answer, CLASSES).predict_proba(texts)
    mixed = fit(
        texts,
        [*labels[:40].tolist(), *[None] * 80],
        soft_targets=probabilities,
        soft_target_classes=CLASSES,
        teacher_weight=0.5,
    )
    assert taught.history_ == mixed.history_
    without_labels = fit(texts, None, teacher=teacher)
    assert without_labels.classes_.tolist() == CLASSES
    assert np.mean(without_labels.predict(texts) == labels) > 0.9
    assert sorted(function.asked) == sorted(set(texts))  # once, in both fits


@pytest.mark.parametrize("more", [None, ["another text"]])
def test_a_fit_without_labels_needs_an_answer(more):
    teacher = FunctionTeacher(Counting(OSError("gone"), lambda text, count: True), CLASSES, on_error="skip")
    with (
        pytest.warns(UserWarning, match="no answer"),
        pytest.raises(
            ValueError,
            match=f"Got none: the teachers returned no probabilities for any of {20 + bool(more)} documents",
        ),
    ):
        fit(TEXTS, None, teacher=teacher, X_unlabeled=more)
    nothing = np.full((20, 2), np.nan)
    with pytest.raises(ValueError, match="have a label or a soft target. Got soft_targets that are all NaN"):
        fit(TEXTS, None, soft_targets=nothing, soft_target_classes=CLASSES)


def test_skipped_rows_are_learned_from_their_labels(reviews):
    texts, labels = reviews
    fails = check_random_state(0).permutation(texts)[:30].tolist()
    function = Counting(OSError("timed out"), lambda text, count: text in fails)
    with pytest.warns(UserWarning, match="no answer for 30 of"):
        taught = fit(texts, labels, teacher=FunctionTeacher(function, CLASSES, on_error="skip"))
    probabilities = FunctionTeacher(answer, CLASSES).predict_proba(texts)
    probabilities[[text in fails for text in texts]] = np.nan
    given = fit(texts, labels, soft_targets=probabilities, soft_target_classes=CLASSES)
    assert taught.history_ == given.history_


@contextmanager
def language_model():
    """A server on this machine with OpenAI's interface, which answers with the letters A (bad) and B (good)."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            assert self.path == "/v1/chat/completions"
            label, confidence = answer(request["messages"][-1]["content"])
            tokens = {"B" if label == "good" else "A": confidence * 0.9, "The": 0.1, "C": (1 - confidence) / 2}
            top = [{"token": token, "logprob": math.log(p), "bytes": None} for token, p in tokens.items()]
            body = {"choices": [{"logprobs": {"content": [{"token": top[0]["token"], "top_logprobs": top}]}}]}
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1/chat/completions"
        server.shutdown()


@pytest.mark.core
def test_a_server_with_openais_interface_is_a_teacher():
    with language_model() as address:

        def ask(text):
            messages = [{"role": "system", "content": "A (bad) or B (good)?"}, {"role": "user", "content": text}]
            request = {"messages": messages, "max_tokens": 1, "logprobs": True, "top_logprobs": 5}
            with urllib.request.urlopen(address, json.dumps(request).encode()) as response:
                choice = json.load(response)["choices"][0]
            return choice["logprobs"]["content"][0]["top_logprobs"]

        probabilities = FunctionTeacher(ask, ["A", "B"], n_threads=4).predict_proba(TEXTS)
    # Listed are 0.9 c of the class, 0.1 of another token and (1 - c) / 2 of "C"; the rest is the other class's.
    named = 0.9 * EXPECTED.max(axis=1)
    other = 1 - named - 0.1 - (1 - EXPECTED.max(axis=1)) / 2
    is_good = EXPECTED.argmax(axis=1) == 1
    expected = np.where(is_good, named, other) / (named + other)
    np.testing.assert_allclose(probabilities, np.column_stack([1 - expected, expected]))
