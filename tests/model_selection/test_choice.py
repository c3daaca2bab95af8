"""Which candidate of a search is chosen by its score and its bytes."""

import pickle
from functools import partial

import numpy as np
import pandas as pd
import pytest
from factory import small
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skdistill.metrics import auxiliary_scorer, bytes_scorer, latency_scorer
from skdistill.model_selection import one_standard_error, pareto_front, smallest_within

#: Five candidates in three splits. The best mean is that of candidate 4: .88 (.84, .88, .92).
SPLITS = [[0.70, 0.80, 0.84, 0.87, 0.84], [0.72, 0.82, 0.86, 0.87, 0.88], [0.74, 0.84, 0.88, 0.87, 0.92]]
FOUND = {
    **{f"split{i}_test_accuracy": np.array(values) for i, values in enumerate(SPLITS)},
    "mean_test_accuracy": np.mean(SPLITS, axis=0),
    "mean_test_neg_bytes": -np.array([100.0, 200, 400, 300, 900]),
    "param_auxiliary__units": np.ma.array([1, 2, 4, 3, 9], dtype=object),
}

points = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=12)


def results(pairs):
    scores, sizes = np.array(pairs, dtype=float).T
    return {"mean_test_accuracy": scores, "mean_test_neg_bytes": -sizes}


@given(points)
def test_the_front_is_what_brute_force_finds(pairs):
    def is_beaten(score, size):
        return any(s >= score and b <= size and (s, b) != (score, size) for s, b in pairs)

    found = pareto_front(results(pairs)).tolist()
    assert sorted(found) == [i for i, pair in enumerate(pairs) if not is_beaten(*pair)]
    assert [pairs[i][1] for i in found] == sorted(pairs[i][1] for i in found)


@given(points, st.integers(0, 3))
def test_the_smallest_within_is_what_brute_force_finds(pairs, tolerance):
    best = max(score for score, _ in pairs)
    near = [(size, -score, i) for i, (score, size) in enumerate(pairs) if score >= best - tolerance]
    assert smallest_within(tolerance)(results(pairs)) == min(near)[2]


@pytest.mark.parametrize(("tolerance", "chosen"), [(0, 4), (0.01, 3), (0.02, 3), (0.06, 1), (0.16, 0)])
def test_the_smallest_within_a_tolerance_by_hand(tolerance, chosen):
    index = smallest_within(tolerance)(FOUND)
    assert index == chosen
    assert type(index) is int


def test_one_standard_error_by_hand():
    # The best, .88, has the standard deviation .04: the standard error .04 / sqrt(3) = .0231, so that .8569 and
    # more is within it: candidates 2 (.86, 400 bytes), 3 (.87, 300 bytes) and 4. With n instead of n - 1 it
    # would be .0189.
    assert one_standard_error(FOUND) == 3
    at_the_limit = FOUND | {"mean_test_neg_bytes": -np.array([100.0, 200, 250, 300, 900])}
    assert one_standard_error(at_the_limit) == 2


def test_a_column_and_a_renamed_metric_are_costs():
    assert smallest_within(0.02, cost="param_auxiliary__units")(FOUND) == 3
    assert smallest_within(0.02, cost="mean_test_neg_bytes")(FOUND) == 3
    single = {name.replace("accuracy", "score"): values for name, values in FOUND.items() if "bytes" not in name}
    assert one_standard_error(single, cost="param_auxiliary__units") == 3
    assert pareto_front(single, cost="param_auxiliary__units").tolist() == pareto_front(FOUND).tolist()


def test_candidates_that_failed_are_never_chosen():
    scores = FOUND["mean_test_accuracy"].copy()
    scores[[0, 4]] = np.nan
    failed = FOUND | {"mean_test_accuracy": scores}
    assert smallest_within(1)(failed) == 1
    assert pareto_front(failed).tolist() == [1, 3]
    none = FOUND | {"mean_test_accuracy": np.full(5, np.nan)}
    for choose in (smallest_within(1), one_standard_error):
        with pytest.raises(ValueError, match="No candidate has a score: all fits or scorers failed"):
            choose(none)


@pytest.mark.parametrize("choose", [smallest_within(0.1), one_standard_error, pareto_front])
def test_missing_columns_are_named(choose):
    without = {name: values for name, values in FOUND.items() if "bytes" not in name}
    with pytest.raises(ValueError, match=r"cost must be a metric of the search, \['accuracy'\].*neg_bytes.*scoring="):
        choose(without)
    several = FOUND | {"mean_test_f1": FOUND["mean_test_accuracy"]}
    with pytest.raises(ValueError, match=r"score must be one of the metrics.*\['accuracy', 'f1'\]. Got None"):
        choose(several)
    with pytest.raises(ValueError, match="must hold numbers"):
        choose(FOUND | {"mean_test_neg_bytes": np.array(["a"] * 5)})


def test_other_errors_say_what_to_do():
    with pytest.raises(ValueError, match="tolerance must be a number of at least 0. Got -1"):
        smallest_within(-1)
    one_split = {name: values for name, values in FOUND.items() if not name.startswith(("split1", "split2"))}
    with pytest.raises(ValueError, match="at least two splits. Got 1: use smallest_within"):
        one_standard_error(one_split)
    with pytest.raises(NotFittedError):
        pareto_front(GridSearchCV(LogisticRegression(), {"C": [1]}))


def strip(texts):
    return [text.strip() for text in texts]


def test_a_search_over_a_pipeline_refits_the_smallest(reviews):
    pytest.importorskip("tensorflow")
    scoring = {"accuracy": auxiliary_scorer(), "neg_bytes": bytes_scorer(), "neg_microseconds": latency_scorer()}
    search = GridSearchCV(
        make_pipeline(FunctionTransformer(strip), small(max_iter=2)),
        {"distilledtextclassifier__auxiliary__units": [1, 16]},
        scoring=scoring,
        refit=smallest_within(1),
        cv=2,
    )
    search = clone(search).fit(*reviews)
    assert search.best_params_ == {"distilledtextclassifier__auxiliary__units": 1}
    assert (search.cv_results_["mean_test_neg_microseconds"] < 0).all()
    assert pareto_front(search)[0] == 0
    assert len(pd.DataFrame(search.cv_results_).loc[pareto_front(search, cost="neg_microseconds")])
    chosen = bytes_scorer()(search, *reviews)
    assert chosen == -search.best_estimator_[-1].extract("auxiliary").nbytes


@pytest.mark.parametrize("choose", [smallest_within(0.02), partial(one_standard_error, score="accuracy")])
def test_what_chooses_pickles(choose):
    assert pickle.loads(pickle.dumps(choose))(FOUND) == 3
