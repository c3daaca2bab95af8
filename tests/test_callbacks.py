"""Callbacks: which numbers of each epoch they get, and how they stop training."""

import numpy as np
import pytest
import scipy.sparse
from factory import small
from sklearn.base import clone
from sklearn.metrics import f1_score, log_loss
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skdistill import TextBag

pytestmark = pytest.mark.core

pytest.importorskip("tensorflow")


# Functions.


def test_functions_get_the_numbers_of_each_epoch(reviews):
    recorded = []
    classifier = small(callbacks=[recorded.append]).fit(*reviews)
    assert [numbers.pop("epoch") for numbers in recorded] == [1, 2, 3, 4]
    assert {name: [numbers[name] for numbers in recorded] for name in recorded[0]} == classifier.history_


def test_a_function_stops_training(reviews):
    stopped = small(max_iter=9, callbacks=[lambda numbers: numbers["epoch"] == 2]).fit(*reviews)
    assert stopped.n_iter_ == len(stopped.history_["loss"]) == stopped.best_iter_ == 2


def test_a_function_that_returns_nothing_changes_nothing(reviews):
    texts, _ = reviews
    plain, recorded = (small(callbacks=callbacks).fit(*reviews) for callbacks in (None, [lambda numbers: None]))
    np.testing.assert_array_equal(plain.predict_proba(texts), recorded.predict_proba(texts))


def test_a_stop_in_the_first_phase_ends_the_fit(reviews):
    parameters = {"schedule": "sequential", "transfer": "to_main"}
    classifier = small(callbacks=[lambda numbers: True], **parameters).fit(*reviews)
    assert classifier.n_iter_ == 1
    assert np.isfinite(classifier.predict_proba(reviews[0])).all()


def test_a_function_that_fails_fails_the_fit_and_the_next_fit_works(reviews):
    def fail(numbers):
        raise RuntimeError("no space left")

    with pytest.raises(RuntimeError, match="no space left"):
        small(callbacks=[fail]).fit(*reviews)
    assert small(max_iter=15).fit(*reviews).score(*reviews) > 0.9


def test_what_is_no_function_is_refused(reviews):
    with pytest.raises(TypeError, match="callbacks must hold functions of a dict of numbers. Got str"):
        small(callbacks=["tensorboard"]).fit(*reviews)


# Scikit-learn's callbacks.


@pytest.fixture
def sklearn_callback():
    return pytest.importorskip("sklearn.callback")


class Recorder:
    """Counts the hooks of a fit; stops after ``last`` epochs."""

    def __init__(self, last=None):
        self.last, self.tasks, self.scores = last, [], []

    def setup(self, estimator, context):
        self.tasks.append("setup")

    def teardown(self, estimator, context):
        self.tasks.append("teardown")

    def on_fit_task_begin(self, estimator, context):
        self.tasks.append(f"begin {context.task_name}")

    def on_fit_task_end(self, estimator, context, *, X, y, fitted_estimator):
        self.tasks.append(f"end {context.task_name}")
        self.scores.append(fitted_estimator.score(X, y))
        return self.last is not None and context.task_name == "epoch" and context.task_id + 1 == self.last


def test_hooks_come_in_order_with_a_fitted_estimator(sklearn_callback, reviews):
    recorder = Recorder()
    classifier = small(max_iter=2).set_callbacks(recorder).fit(*reviews)
    epoch = ["begin epoch", "end epoch"]
    assert recorder.tasks == ["setup", "begin fit", *epoch, *epoch, "end fit", "teardown"]
    assert recorder.scores[-1] == recorder.scores[-2] == classifier.score(*reviews)


def test_a_callback_stops_training(sklearn_callback, reviews):
    assert small(max_iter=9).set_callbacks(Recorder(last=3)).fit(*reviews).n_iter_ == 3


def test_callbacks_survive_clone(sklearn_callback, reviews):
    recorder = Recorder()
    clone(small(max_iter=1).set_callbacks(recorder)).fit(*reviews)
    assert "end epoch" in recorder.tasks


def epochs_of(monitor):
    """The rows of a ScoringMonitor's logs that are of epochs."""
    logs = monitor.get_logs()
    rows = [row for log in (logs if isinstance(logs, list) else [logs]) for row in log.data]
    return [row for row in rows if row["task_name"] == "epoch"]


def test_every_candidate_fold_and_epoch_is_in_one_table(sklearn_callback, reviews):
    pytest.importorskip("pandas")
    monitor = sklearn_callback.ScoringMonitor(scoring="accuracy")
    pipeline = make_pipeline(FunctionTransformer(), small(max_iter=3).set_callbacks(monitor))
    search = GridSearchCV(pipeline, {"distilledtextclassifier__auxiliary__units": [2, 3]}, cv=2, refit=False)
    search.fit(*reviews)
    epochs = epochs_of(monitor)
    assert len(epochs) == 2 * 2 * 3
    assert all(0 <= row["accuracy"] <= 1 for row in epochs)


@pytest.mark.parametrize("make", [np.asarray, scipy.sparse.csr_array])
def test_multilabel_scores_are_monitored(make, sklearn_callback, reviews):
    texts, classes = reviews
    named = np.array([["film" in text, "music" in text] for text in texts])
    y = make(np.column_stack([classes == "good", named]).astype(int))
    monitor = sklearn_callback.ScoringMonitor(scoring=["accuracy", "f1_micro"])
    bag = TextBag(8, token_dropout=0, linear_weight=0)
    classifier = small(main=bag, learning_rate_init=0.02).set_callbacks(monitor).fit(texts, y)
    recorded = epochs_of(monitor)
    assert len(recorded) == 4
    assert 0 < recorded[0]["accuracy"] < recorded[-1]["accuracy"] == classifier.score(texts, y)
    assert recorded[-1]["f1_micro"] == f1_score(y, classifier.predict(texts), average="micro")


def test_monitored_networks_have_their_linear_paths(sklearn_callback, reviews):
    monitor = sklearn_callback.ScoringMonitor(scoring="neg_log_loss")
    classifier = small().set_callbacks(monitor).fit(*reviews)
    assert classifier.linear_weight_["main"] > 0
    expected = -log_loss(reviews[1], classifier.predict_proba(reviews[0]))
    assert epochs_of(monitor)[-1]["neg_log_loss"] == pytest.approx(expected, abs=1e-6)


def test_progress_bars_are_nested(sklearn_callback, reviews, capsys):
    pytest.importorskip("rich")
    pipeline = make_pipeline(small(max_iter=2))
    search = GridSearchCV(pipeline, {"distilledtextclassifier__auxiliary__units": [2, 3]}, cv=2)
    search.set_callbacks(sklearn_callback.ProgressBar(max_propagation_depth=None)).fit(*reviews)
    out = "".join(capsys.readouterr())
    assert "GridSearchCV" in out
    assert "DistilledTextClassifier - fit" in out  # its bar counts the epochs
