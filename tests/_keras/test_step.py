"""The compiled step and what the user's code has set or opened around a fit."""

import numpy as np
import pytest
from factory import fit

pytestmark = pytest.mark.core

tf = pytest.importorskip("tensorflow")


@pytest.fixture
def eager_functions():
    from skdistill._keras import cache

    cache.clear()  # the step of this fit is compiled in it
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)
    cache.clear()


def test_functions_that_run_eagerly_do_not_change_a_fit(eager_functions, reviews):
    texts = reviews[0]
    found = fit(*reviews, max_iter=2).predict_proba(texts)
    tf.config.run_functions_eagerly(False)
    np.testing.assert_array_equal(found, fit(*reviews, max_iter=2).predict_proba(texts))


def test_a_gradient_tape_does_not_watch_a_fit(reviews):
    from skdistill._keras import cache

    cache.clear()  # the variables of this fit are made in it
    with tf.GradientTape() as tape:
        fit(*reviews, max_iter=1)
    assert tape.watched_variables() == ()


def test_a_fit_inside_a_compiled_function_or_a_graph_is_refused(reviews):
    with pytest.raises(RuntimeError, match="need eager execution"):
        tf.function(lambda: fit(*reviews), autograph=False)()
    with tf.Graph().as_default(), pytest.raises(RuntimeError, match="need eager execution"):
        fit(*reviews)
