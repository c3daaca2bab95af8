"""Features that are gathered, and rows that are updated, in pieces: batches of long documents take little memory."""

import numpy as np
import pytest
from factory import small

pytest.importorskip("tensorflow")

from skdistill import TextBag, TextCNN, TextGRU
from skdistill._keras import adam, cache, loop, readers
from skdistill._training import linear_paths

TEXTS = ["a good film , not bad", "", "bad food " * 30, "good"] * 8
LABELS = ["pos", "pos", "neg", "pos"] * 8


VECTORS = {word: np.full(4, i / 9, np.float32) for i, word in enumerate(["good", "bad", "food", "film"])}


@pytest.fixture
def in_pieces(monkeypatch):
    """Return a function from which on all tables are updated seven rows at a time."""

    def begin():
        monkeypatch.setattr(loop, "_ENTRIES_AT_ONCE", 0)
        monkeypatch.setattr(adam, "_ROWS_PER_PIECE", 7)

    return begin


@pytest.mark.parametrize("dropout", [0, 0.3])
def test_the_size_of_the_pieces_changes_no_fit(dropout, monkeypatch, in_pieces):
    bag = TextBag(units=8, token_dropout=dropout, linear_weight=1)
    whole = small(main=bag).fit(TEXTS, LABELS).predict_proba(TEXTS)
    for module, name in ((readers, "_FEATURES_PER_PIECE"), (linear_paths, "_AT_A_TIME")):
        monkeypatch.setattr(module, name, 7)
    in_pieces()
    pieces = small(main=bag).fit(TEXTS, LABELS).predict_proba(TEXTS)
    assert any(step.signature.in_pieces for step in cache.idle_steps())
    np.testing.assert_array_equal(pieces, whole)


@pytest.mark.parametrize(
    "parameters",
    [
        {"main": TextCNN(units=4)},
        {"main": TextGRU(units=4)},
        {"main": TextCNN(units=4), "auxiliary": TextCNN(units=4), "share_embedding": True},
        {"main": TextCNN(units=4, embeddings=VECTORS, trainable=False)},
    ],
    ids=["cnn", "gru", "shared embedding", "frozen vectors"],
)
def test_tables_of_other_networks_are_updated_in_pieces_alike(parameters, in_pieces):
    whole = small(**parameters, max_iter=2).fit(TEXTS, LABELS).predict_proba(TEXTS)
    in_pieces()
    pieces = small(**parameters, max_iter=2).fit(TEXTS, LABELS).predict_proba(TEXTS)
    np.testing.assert_allclose(pieces, whole, rtol=1e-5)
