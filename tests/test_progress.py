"""Progress bars: by tqdm where it is installed, none without it, and always the same iteration."""

import sys

import pytest
from factory import fit

from skdistill._progress import progress_bar

pytestmark = pytest.mark.core


@pytest.mark.parametrize("disable", [False, True])
def test_a_bar_iterates_and_is_shown_unless_it_is_disabled(disable, capsys):
    pytest.importorskip("tqdm")
    assert list(progress_bar("abc", desc="Letters", disable=disable)) == ["a", "b", "c"]
    assert ("Letters" in capsys.readouterr().err) != disable


def test_without_tqdm_there_is_no_bar_and_the_iteration_is_the_same(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
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
        assert "loss=" in shown
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    assert fit(*reviews, max_iter=2, verbose=1).n_iter_ == 2
    assert "2/2" not in capsys.readouterr().err


def test_without_a_standard_error_stream_there_is_no_bar(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)  # as in a program without a console
    with progress_bar([1, 2]) as bar:
        assert list(bar) == [1, 2]
