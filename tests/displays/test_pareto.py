"""The front holds the candidates that no other beats in score and size."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from search_factory import Search
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skdistill.displays import ParetoDisplay
from skdistill.displays._pareto import _front

pytest.importorskip("matplotlib").use("Agg")

GRID = {"auxiliary_weight": [0.1, 1], "auxiliary__units": [8, 16]}
ACCURACY = {(0.1, 8): 0.7, (0.1, 16): 0.65, (1, 8): 0.6, (1, 16): 0.8}


def accuracy(candidate):
    return ACCURACY[tuple(candidate.values())]


def negative_bytes(candidate):
    return -1000 * candidate["auxiliary__units"]


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=12))
def test_the_front_is_what_no_candidate_beats(pairs):
    sizes, scores = np.array(pairs, dtype=float).T
    front = _front(sizes, scores)

    def beaten(size, score):
        return any((s <= size and a >= score) and (s, a) != (size, score) for s, a in pairs)

    expected = sorted({pair for pair in pairs if not beaten(*pair)})
    assert [(sizes[i], scores[i]) for i in front] == expected


def test_candidates_whose_fits_failed_are_not_on_the_front():
    assert _front(np.array([1.0, np.nan, 3.0]), np.array([np.nan, 1.0, 0.5])).tolist() == [2]


@pytest.mark.parametrize("name", ["bytes", "neg_bytes"])
@pytest.mark.parametrize("recorded", ["bytes", "neg_bytes"])
def test_negative_sizes_are_shown_as_positive(name, recorded):
    display = ParetoDisplay.from_search(Search(GRID, {"accuracy": accuracy, recorded: negative_bytes}), size=name)
    np.testing.assert_array_equal(display.sizes, [8000, 16000, 8000, 16000])
    np.testing.assert_array_equal(display.front, [0, 3])
    assert display.labels == ["λ=0.1, units=8", "λ=0.1, units=16", "λ=1, units=8", "λ=1, units=16"]
    assert display.score_name == "accuracy"
    others, front, chosen = display.ax_.lines
    np.testing.assert_array_equal(others.get_xydata(), [[16000, 0.65], [8000, 0.6]])
    np.testing.assert_array_equal(front.get_xydata(), [[8000, 0.7], [16000, 0.8]])
    np.testing.assert_array_equal(chosen.get_xydata(), [[16000, 0.8]])


def test_negated_losses_are_shown_as_losses_on_an_axis_that_points_down():
    search = Search(GRID, {"neg_log_loss": lambda c: accuracy(c) - 1, "bytes": negative_bytes})
    display = ParetoDisplay.from_search(search)
    np.testing.assert_allclose(display.scores, [0.3, 0.35, 0.4, 0.2])
    np.testing.assert_array_equal(display.front, [0, 3])
    assert display.ax_.get_ylabel() == "mean test log_loss"
    assert display.ax_.yaxis_inverted()


def test_a_search_whose_fits_all_failed_has_no_front():
    search = Search(GRID, {"accuracy": accuracy, "bytes": negative_bytes})
    search.cv_results_["mean_test_accuracy"][:] = np.nan
    with pytest.raises(ValueError, match="all of their fits failed"):
        ParetoDisplay.from_search(search)


def test_the_legend_lists_the_front_with_its_numbers():
    display = ParetoDisplay.from_search(Search(GRID, {"accuracy": accuracy, "bytes": negative_bytes}))
    assert [number.get_text() for number in display.numbers_] == ["1", "2"]
    texts = [text.get_text() for text in display.figure_.legends[0].get_texts()]
    assert texts[-2:] == ["1: λ=0.1, units=8", "2: λ=1, units=16"]


def test_a_fitted_search_that_records_bytes_is_drawn(reviews):
    def neg_bytes(pipeline, X, y):
        return -pipeline[-1].coef_.nbytes

    search = GridSearchCV(
        make_pipeline(CountVectorizer(), LogisticRegression()),
        {"countvectorizer__min_df": [1, 5, 20]},
        scoring={"accuracy": "accuracy", "neg_bytes": neg_bytes},
        refit="accuracy",
        cv=2,
    ).fit(*reviews)
    display = ParetoDisplay.from_search(search)
    results = search.cv_results_
    np.testing.assert_array_equal(display.sizes, -results["mean_test_neg_bytes"])
    np.testing.assert_array_equal(display.scores, results["mean_test_accuracy"])
    drawn = [line.get_xydata() for line in display.ax_.lines]
    del search.cv_results_, search.best_estimator_
    for line, before in zip(display.plot().ax_.lines, drawn):
        np.testing.assert_array_equal(line.get_xydata(), before)
    times = ParetoDisplay.from_search(
        Search(GRID, {"score": accuracy, "us": negative_bytes}), size="us", metric="score"
    )
    assert times.size_name == "us"


def test_columns_of_seconds_are_sizes_too():
    search = Search(GRID, {"score": accuracy}, scoring="accuracy")
    search.cv_results_["mean_score_time"] = np.arange(4.0) + 1
    display = ParetoDisplay.from_search(search, size="mean_score_time")
    assert (display.size_name, display.score_name) == ("mean_score_time (s)", "accuracy")
    np.testing.assert_array_equal(display.front, [0, 3])


def test_numbers_of_close_candidates_do_not_overlap():
    sizes, scores = np.append(1000 + np.arange(25.0), 5000), np.append(0.8 + 0.0001 * np.arange(25), 0.9)
    display = ParetoDisplay(sizes, scores, np.arange(26), labels=[f"candidate {i}" for i in range(26)]).plot()
    display.figure_.canvas.draw()
    boxes = [extent_without_arrow(number) for number in display.numbers_]
    assert 2 < len(boxes) < 26
    assert not any(box.overlaps(other) for i, box in enumerate(boxes) for other in boxes[:i])


def extent_without_arrow(number):
    return pytest.importorskip("matplotlib.text").Text.get_window_extent(number)


def test_what_is_no_fitted_search_is_refused():
    with pytest.raises(NotFittedError):
        ParetoDisplay.from_search(GridSearchCV(LogisticRegression(), {"C": [1]}))
    with pytest.raises(TypeError, match="search must be a fitted GridSearchCV"):
        ParetoDisplay.from_search({"mean_test_score": [1]})


def test_a_search_without_sizes_is_told_how_to_record_them():
    with pytest.raises(ValueError, match=r"one of 'score', .*Got 'bytes': record it by scoring=\{'accuracy'"):
        ParetoDisplay.from_search(Search(GRID, {"score": accuracy}))


def test_several_scores_without_refit_are_ambiguous():
    search = Search(GRID, {"accuracy": accuracy, "f1": accuracy, "neg_bytes": negative_bytes}, refit="neg_bytes")
    with pytest.raises(ValueError, match="metric must be a metric of the search"):
        ParetoDisplay.from_search(search)
    assert ParetoDisplay.from_search(search, metric="f1").score_name == "f1"
