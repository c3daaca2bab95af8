"""Compiled steps: kept for later fits of the same structure, freed when they leave the cache."""

import gc
import weakref

import pytest
from factory import fit

from skdistill import TextBag, TextCNN, TextGRU

pytest.importorskip("tensorflow")

NETWORKS = {"bag": TextBag(units=3), "cnn": TextCNN(units=3, filters=2, windows=(1, 2)), "gru": TextGRU(units=3)}


@pytest.mark.parametrize("kind", NETWORKS)
def test_a_compiled_step_that_leaves_the_cache_is_freed(kind, reviews):
    from skdistill._keras import cache

    fit(*reviews, main=NETWORKS[kind], auxiliary=None, max_iter=1)
    step = cache.idle_steps()[-1]
    assert len(step._compiled) == 1
    graphs = [weakref.ref(compiled.graph) for compiled in step._compiled.values()]
    del step
    cache.clear()
    gc.collect()
    assert [graph() for graph in graphs] == [None]
