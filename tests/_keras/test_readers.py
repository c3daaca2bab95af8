"""Features that are gathered, and rows that are updated, in pieces: batches of long documents take little memory."""

import numpy as np
import pytest
from factory import small

pytest.importorskip("tensorflow")

from skdistill import TextBag
from skdistill._keras import adam, cache, loop, readers
from skdistill._training import linear_paths

TEXTS = ["a good film , not bad", "", "bad food " * 30, "good"] * 8
LABELS = ["pos", "pos", "neg", "pos"] * 8


@pytest.mark.parametrize("dropout", [0, 0.3])
def test_the_size_of_the_pieces_changes_no_fit(dropout, monkeypatch):
    bag = TextBag(units=8, token_dropout=dropout, linear_weight=1)
    whole = small(main=bag).fit(TEXTS, LABELS).predict_proba(TEXTS)
    for module, name in ((readers, "_FEATURES_PER_PIECE"), (linear_paths, "_AT_A_TIME")):
        monkeypatch.setattr(module, name, 7)
    monkeypatch.setattr(loop, "_ENTRIES_AT_ONCE", 0)
    monkeypatch.setattr(adam, "_ROWS_PER_PIECE", 7)
    pieces = small(main=bag).fit(TEXTS, LABELS).predict_proba(TEXTS)
    assert any(step.signature.in_pieces for step in cache.idle_steps())
    np.testing.assert_array_equal(pieces, whole)
