"""Epochs and batches that the number of rows chooses."""

import numpy as np
import pytest
from factory import fit

from skdistill import TextBag
from skdistill._training import budget
from skdistill._training.budget import choose_batch_size, choose_max_iter

pytestmark = pytest.mark.core


@pytest.mark.parametrize(
    ("n_rows", "beside_path", "alone", "batch_size"),
    [
        (1, 40, 40, 32),
        (1_500, 40, 40, 32),
        (3_000, 20, 20, 32),
        (6_000, 10, 10, 32),
        (19_000, 5, 10, 32),
        (40_000, 2, 8, 64),
        (100_000, 1, 3, 128),
        (451_017, 1, 1, 512),
        (10_000_000, 1, 1, 1024),
    ],
)
def test_few_rows_have_many_epochs_and_many_rows_large_batches(n_rows, beside_path, alone, batch_size):
    assert choose_max_iter("auto", n_rows, 2, have_paths=True) == beside_path
    assert choose_max_iter("auto", n_rows, 2, have_paths=False) == alone
    assert choose_max_iter(7, n_rows, 2, have_paths=True) == 7
    assert choose_batch_size("auto", n_rows) == batch_size
    assert choose_batch_size(5, n_rows) == 5


def test_more_rows_never_mean_more_epochs_or_smaller_batches():
    sizes = np.geomspace(1, 2_000_000, 500).astype(int).tolist()
    for have_paths in (True, False):
        for n_classes in (2, 100):
            assert (np.diff([choose_max_iter("auto", n, n_classes, have_paths) for n in sizes]) <= 0).all()
    assert (np.diff([choose_batch_size("auto", n) for n in sizes]) >= 0).all()


@pytest.mark.parametrize(("n_classes", "epochs"), [(24, 10), (60, 15), (80, 20), (1_000, 30)])
def test_each_of_many_classes_is_read_often_enough(n_classes, epochs):
    assert choose_max_iter("auto", 10_000, n_classes, have_paths=False) == epochs
    assert choose_max_iter("auto", 10_000_000, n_classes, have_paths=False) == 1


def test_a_fit_tells_what_was_chosen(reviews):
    texts, labels = reviews
    chosen = fit(texts, labels, max_iter="auto", batch_size="auto")
    assert (chosen.max_iter_, chosen.batch_size_, chosen.n_iter_) == (40, 32, 40)
    given = fit(texts, labels, max_iter=2, batch_size=8)
    assert (given.max_iter_, given.batch_size_, given.n_iter_) == (2, 8, 2)


def test_rows_without_labels_count_where_they_are_more(reviews):
    texts, labels = reviews
    assert fit(texts, labels, X_unlabeled=texts * 25, max_iter="auto").max_iter_ == 20


def test_fewer_rows_are_read_only_where_each_network_has_a_path(reviews, monkeypatch):
    for name, n_read in {"_FEWEST_READ": 0, "_MOST_READ": 360, "_MOST_READ_BESIDE_PATHS": 120}.items():
        monkeypatch.setattr(budget, name, n_read)  # of 120 rows
    without = TextBag(8, token_dropout=0, linear_weight=0)
    assert fit(*reviews, max_iter="auto").max_iter_ == 1
    assert fit(*reviews, max_iter="auto", auxiliary=without).max_iter_ == 3
    assert fit(*reviews, max_iter="auto", main=without).max_iter_ == 3
    assert fit(*reviews, max_iter="auto", auxiliary=None).max_iter_ == 1


def test_automatically_is_as_with_these_numbers(reviews):
    chosen, given = (fit(*reviews, max_iter=n, batch_size=size) for n, size in (("auto", "auto"), (40, 32)))
    np.testing.assert_array_equal(chosen.predict_proba(reviews[0]), given.predict_proba(reviews[0]))
