"""A fit that fails or is interrupted: callbacks end, and what an earlier fit or epoch learned stays usable."""

import signal
import subprocess
import sys
import threading
from importlib.util import find_spec

import numpy as np
import pytest
from factory import fit

pytest.importorskip("tensorflow")

TEXTS, LABELS = ["good food", "a good film", "bad food", "a bad film"] * 5, ["pos", "pos", "neg", "neg"] * 5

FAILURES = '''
import sys, threading
from sklearn.callback import ProgressBar
from sklearn.model_selection import GridSearchCV
from skdistill import DistilledTextClassifier

texts, labels = ["good food", "a good film", "bad food", "a bad film"] * 5, ["pos", "pos", "neg", "neg"] * 5


class Waiting:
    """A callback with a thread that waits for ``teardown``, as that of a progress bar does."""

    def __init__(self, fail=None):
        self.fail = fail

    def setup(self, estimator, context):
        self.ended = threading.Event()
        threading.Thread(target=self.ended.wait).start()

    def teardown(self, estimator, context):
        self.ended.set()

    def on_fit_task_begin(self, estimator, context):
        if self.fail is not None and context.task_name == "epoch":
            raise self.fail

    def on_fit_task_end(self, estimator, context):
        pass


def progress_bar():
    try:
        return [ProgressBar()]
    except ImportError:  # without rich
        return []


def diverging():
    return DistilledTextClassifier(learning_rate_init=1e30, max_iter=2)


def attempt(name, estimator, *callbacks):
    try:
        estimator.set_callbacks(*callbacks, *progress_bar()).fit(texts, labels)
    except BaseException as error:  # KeyboardInterrupt too: its type is compared below
        alive = [thread.name for thread in threading.enumerate() if not thread.daemon]
        print(name, type(error).__name__, *alive, file=sys.stderr)


attempt("diverges", diverging(), Waiting())
attempt("interrupted", DistilledTextClassifier(max_iter=2), Waiting(KeyboardInterrupt()))
attempt("callback", DistilledTextClassifier(max_iter=2), Waiting(OSError("no space left")))
search = GridSearchCV(diverging(), {"temperature": [1.0, 2.0]}, cv=2, error_score=float("nan"))
attempt("search", search)
'''


INTERRUPTED = """
# An interrupt may be ignored where the tests run in the background.
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
import warnings
from skdistill import DistilledTextClassifier
texts, labels = ["good food", "a good film", "bad food", "a bad film"] * 5, [1, 1, 0, 0] * 5
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always", UserWarning)
    classifier = DistilledTextClassifier(max_iter=100_000, verbose=1, random_state=0).fit(texts, labels)
print([str(w.message) for w in caught if w.category is UserWarning])
print(0 < classifier.n_iter_ == classifier.best_iter_ < 100_000, classifier.predict(["good", "bad"]))
"""


@pytest.fixture(scope="module")
def process():
    """A process that ended after an interrupted fit and, where scikit-learn has callbacks, fits that failed."""
    code = INTERRUPTED + (FAILURES if find_spec("sklearn.callback") else "")
    command = [sys.executable, "-W", "ignore", "-u", "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0) as process:
        watchdog = threading.Timer(150, process.kill)
        watchdog.start()
        seen = b""
        while b"main=" not in seen:  # the bar of a finished epoch
            piece = process.stderr.read(1)
            assert piece, seen.decode()
            seen += piece
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate()
        watchdog.cancel()
    return subprocess.CompletedProcess(command, process.returncode, stdout.decode(), stderr.decode())


needs_signals = pytest.mark.skipif(sys.platform == "win32", reason="send_signal(SIGINT) does not work on Windows")


@pytest.mark.slow
@needs_signals
def test_an_interrupted_fit_keeps_what_it_learned(process):
    assert process.returncode == 0, process.stderr
    warned, predicted, *_ = process.stdout.splitlines()
    assert "Training was interrupted after" in warned
    assert predicted == "True [1 0]"


@pytest.mark.slow
@needs_signals
def test_the_threads_of_callbacks_end_and_the_interpreter_exits(process):
    pytest.importorskip("sklearn.callback")
    assert process.returncode == 0, process.stderr
    expected = ["diverges ValueError", "interrupted KeyboardInterrupt", "callback OSError", "search ValueError"]
    written = [line for line in process.stderr.splitlines() if line.endswith("MainThread")]
    assert written == [f"{line} MainThread" for line in expected]


@pytest.mark.core
def test_the_earlier_fit_stays_usable_and_the_attributes_are_those_of_before():
    classifier = fit(TEXTS, LABELS, max_iter=1)
    before, expected = dict(vars(classifier)), classifier.predict_proba(TEXTS)
    classifier.set_params(learning_rate_init=1e30, max_iter=2)
    with pytest.raises(ValueError, match="lower learning_rate_init"):
        classifier.fit([text + " indeed" for text in TEXTS], ["a", "b", "c", "d"] * 5)
    classifier.set_params(learning_rate_init=before["learning_rate_init"], max_iter=1)
    assert vars(classifier) == before
    np.testing.assert_array_equal(classifier.predict_proba(TEXTS), expected)


@pytest.mark.core
def test_a_fit_on_text_forgets_the_columns_of_an_earlier_one_on_token_ids():
    ids = np.random.default_rng(0).integers(2, 9, (20, 3))
    classifier = fit(ids, LABELS, tokenizer="precomputed", max_iter=1)
    assert classifier.n_features_in_ == 3
    classifier.set_params(tokenizer=None).fit(TEXTS, LABELS)
    assert not hasattr(classifier, "n_features_in_")
