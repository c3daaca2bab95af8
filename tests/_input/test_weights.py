"""Weights of classes: which keys of a dict are needed, and which are errors."""

import numpy as np
import pytest
from factory import small
from sklearn.model_selection import LeaveOneGroupOut, cross_val_score, learning_curve
from sklearn.utils.class_weight import compute_class_weight

from skdistill._input.weights import weigh_rows

pytestmark = pytest.mark.core

CODES = np.array([0, 1, 0, 0, 1])
CLASSES = np.array(["neg", "pos"])


def weigh(class_weight):
    return weigh_rows(np.ones(5), np.ones(5, dtype=bool), CODES, CLASSES, class_weight)


@pytest.mark.parametrize(
    "class_weight",
    [
        {"pos": 3, "neg": 1},
        {"pos": 3},
        {},
        {"pos": 3, "neg": 1, "rare": 7},
        {"pos": 0, "neg": 2, 7: 1},
        {"pos": 3, "ngetive": 5},
        {"rare": 7},
    ],
)
def test_a_dict_means_what_it_does_in_scikit_learn(class_weight):
    try:
        expected = compute_class_weight(class_weight, classes=CLASSES, y=CLASSES[CODES])[CODES]
    except ValueError:
        with pytest.raises(ValueError, match="class_weight has keys that are not classes of y"):
            weigh(class_weight)
    else:
        np.testing.assert_allclose(weigh(class_weight), expected / expected[expected > 0].mean())


def test_a_misspelt_class_is_named_beside_the_class_without_weight():
    with pytest.raises(ValueError, match="not classes of y, 'ngetive', and y has classes without a weight, 'neg':"):
        weigh({"pos": 1, "ngetive": 5})


@pytest.mark.parametrize("weight", [-1, np.nan, np.inf, "1"])
def test_every_weight_must_be_a_number_even_if_no_row_has_the_class(weight):
    with pytest.raises(ValueError, match="class_weight must hold finite numbers of at least 0"):
        weigh({"pos": 1, "neg": 1, "rare": weight})


def test_folds_may_lack_a_class_that_has_a_weight():
    pytest.importorskip("tensorflow")
    texts = ["good food", "bad food", "odd food", "a good film", "a bad film", "an odd film"] * 4
    labels = ["pos", "neg", "rare"] * 8
    authors = [9 if label == "rare" else row // 12 for row, label in enumerate(labels)]
    classifier = small(class_weight={"pos": 1, "neg": 1, "rare": 5}, max_iter=1)
    scores = cross_val_score(classifier, texts, labels, groups=authors, cv=LeaveOneGroupOut(), error_score="raise")
    assert len(scores) == 3
    order = np.argsort(labels, kind="stable")  # the first rows are of two classes
    texts, labels = np.array(texts)[order], np.array(labels)[order]
    curve = learning_curve(
        classifier, texts, labels, cv=[(np.arange(24), order)], train_sizes=[16, 24], error_score="raise"
    )
    assert np.isfinite(curve[2]).all()
