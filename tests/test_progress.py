"""What a verbose fit shows; progress bars by tqdm where it is installed, and always the same iteration."""

import re
import sys
import warnings
from types import SimpleNamespace

import numpy as np
import pytest
from factory import fit

from skdistill import TextGRU
from skdistill._progress import progress_bar

pytestmark = pytest.mark.core


def forbid_tqdm(monkeypatch):
    for name in ("tqdm", "tqdm.auto"):
        monkeypatch.setitem(sys.modules, name, None)


@pytest.mark.parametrize("disable", [False, True])
def test_a_bar_iterates_and_is_shown_unless_it_is_disabled(disable, capsys):
    pytest.importorskip("tqdm")
    assert list(progress_bar("abc", desc="Letters", disable=disable)) == ["a", "b", "c"]
    assert ("Letters" in capsys.readouterr().err) != disable


def test_without_tqdm_there_is_no_bar_and_the_iteration_is_the_same(monkeypatch, capsys):
    forbid_tqdm(monkeypatch)
    assert list(progress_bar("abc", desc="Letters")) == ["a", "b", "c"]
    with progress_bar(total=2) as bar:
        bar.set_postfix({"loss": 1.0})
        bar.update()
    assert capsys.readouterr().err == ""


def test_a_verbose_fit_shows_epochs_and_loss_and_fits_without_tqdm_too(reviews, monkeypatch, capsys):
    fit(*reviews, max_iter=2, verbose=1)
    if "tqdm" in sys.modules:
        shown = capsys.readouterr().err
        assert "2/2" in shown
        assert "main=" in shown
    forbid_tqdm(monkeypatch)
    assert fit(*reviews, max_iter=2, verbose=1).n_iter_ == 2
    assert "2/2" not in capsys.readouterr().err


def test_a_notebook_without_widgets_gets_the_bar_without_a_warning(monkeypatch, capsys):
    pytest.importorskip("tqdm")
    for name in [name for name in sys.modules if name.startswith(("tqdm.auto", "tqdm.notebook"))]:
        monkeypatch.delitem(sys.modules, name)  # they look at their surroundings when they are imported
    for name in ("ipywidgets", "IPython.html"):
        monkeypatch.setitem(sys.modules, name, None)
    kernel = SimpleNamespace(get_ipython=lambda: SimpleNamespace(config={"IPKernelApp": {}}))
    monkeypatch.setitem(sys.modules, "IPython", kernel)
    monkeypatch.setitem(sys.modules, "ipykernel.zmqshell", SimpleNamespace())
    with warnings.catch_warnings(record=True) as caught:  # as an error, tqdm would catch it
        warnings.simplefilter("always")
        assert list(progress_bar("abc", desc="Letters")) == ["a", "b", "c"]
    assert not caught
    assert "Letters" in capsys.readouterr().err


def bars_of(capsys, *data, **parameters):
    """The lines before the bar of a verbose fit, and the last state of the bar."""
    classifier = fit(*data, verbose=1, **parameters)
    *lines, bar = [line for line in capsys.readouterr().err.split("\n") if line]
    return classifier, lines, bar.split("\r")[-1]


def test_a_verbose_fit_tells_once_what_it_works_with(reviews, capsys):
    pytest.importorskip("tqdm")
    texts, labels = reviews
    y = [*labels[:90], *[None] * 30]
    soft_targets = np.full((120, 2), np.nan)
    soft_targets[:40] = np.eye(2)[(labels[:40] == "good").astype(int)]
    soft_targets[0] = soft_targets[0, ::-1]  # one of 40 contradicts its label
    given = {
        "soft_targets": soft_targets,
        "soft_target_classes": ["bad", "good"],
        "X_val": texts[:7],
        "y_val": labels[:7],
    }
    classifier, lines, _ = bars_of(capsys, texts, y, auxiliary=TextGRU(4), max_iter="auto", batch_size="auto", **given)
    n_tokens = len(classifier.tokenizer_.vocabulary_) + 2
    assert lines[0] == (
        "Rows: 90 labelled, 30 unlabelled, 40 with teacher probabilities, 7 for validation; 2 classes; "
        "the teacher agrees with 98% of the labels"
    )
    assert re.fullmatch(
        rf"Features of main: {n_tokens} tokens, \d+ n-grams, \d+ character n-grams; auxiliary: {n_tokens} tokens; "
        rf"max_iter={classifier.max_iter_}, batch_size={classifier.batch_size_}, teacher_weight=0.1",
        lines[1],
    )
    assert len(lines) == 2


def test_what_a_fit_does_not_have_is_not_told(reviews, capsys):
    pytest.importorskip("tqdm")
    _, lines, bar = bars_of(capsys, *reviews, auxiliary=None)
    assert lines[0] == "Rows: 120 labelled; 2 classes"
    assert "auxiliary" not in lines[1] + bar


@pytest.mark.parametrize("predict_with", ["main", "ensemble"])
def test_the_bar_shows_loss_and_score_of_each_network(predict_with, reviews, capsys):
    pytest.importorskip("tqdm")
    classifier, _, bar = bars_of(capsys, *reviews, X_val=reviews[0], y_val=reviews[1], predict_with=predict_with)
    shown = dict(re.findall(r"(\w+)=([\d.e-]+)", bar))
    roles = ["main", "auxiliary"]
    scored = roles if predict_with == "main" else [*roles, "ensemble"]
    assert list(shown) == [*roles, *(f"{name}_score" for name in scored)]
    for role in roles:
        assert float(shown[role]) == pytest.approx(classifier.history_[f"{role}_loss"][-1], rel=0.01)
    for name in scored:
        score = classifier.history_[f"{name}_validation_score"][-1]
        assert float(shown[f"{name}_score"]) == pytest.approx(score, rel=0.01)


def test_networks_that_learn_from_a_teacher_alone_show_its_loss(reviews, capsys):
    pytest.importorskip("tqdm")
    texts, labels = reviews
    given = {"soft_targets": np.eye(2)[(labels == "good").astype(int)], "soft_target_classes": ["bad", "good"]}
    classifier, lines, bar = bars_of(capsys, texts, None, **given)
    assert lines[0] == "Rows: 120 unlabelled, 120 with teacher probabilities; 2 classes"
    assert f"main={classifier.history_['main_teacher_loss'][-1]:.3g}," in bar


def test_a_verbose_fit_without_a_standard_error_stream_prints_nothing(reviews, monkeypatch, capsys):
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", None)
        fit(*reviews, max_iter=1, verbose=1)
    assert capsys.readouterr() == ("", "")


def test_without_a_standard_error_stream_there_is_no_bar(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)  # as in a program without a console
    with progress_bar([1, 2]) as bar:
        assert list(bar) == [1, 2]
