"""Figures are closed after each test, because matplotlib warns of many open ones."""

import pytest


@pytest.fixture(autouse=True)
def _closed_figures():
    yield
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pyplot.close("all")
