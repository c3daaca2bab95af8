"""Cells and points are the best mean test scores over the other parameters."""

from itertools import pairwise

import numpy as np
import pytest
from search_factory import Search
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skdistill.displays import LambdaDisplay

pytest.importorskip("matplotlib").use("Agg")

WEIGHTS, UNITS = [0.1, 1, 3], [16, 8]
GRID = {"auxiliary_weight": WEIGHTS, "auxiliary__units": UNITS, "transfer": ["none", "mutual"]}


def score(candidate):
    bonus = {"none": 0, "mutual": 0.01}[candidate["transfer"]]
    return 0.8 - 0.1 * abs(np.log10(candidate["auxiliary_weight"])) + candidate["auxiliary__units"] / 1000 + bonus


EXPECTED = [
    [score({"auxiliary_weight": w, "auxiliary__units": u, "transfer": "mutual"}) for w in WEIGHTS] for u in (8, 16)
]


def test_a_cell_is_the_best_over_the_other_parameters():
    display = LambdaDisplay.from_search(Search(GRID, {"score": score}, scoring="accuracy"))
    np.testing.assert_allclose(display.scores, EXPECTED)
    np.testing.assert_allclose(display.deviations, np.array(EXPECTED) / 10)
    assert (display.x_values, display.y_values) == (WEIGHTS, [8, 16])
    assert display.chosen == (1, 1)
    np.testing.assert_allclose(display.ax_.images[0].get_array(), EXPECTED)
    assert display.ax_.get_title() == "Mean test accuracy\nbest over transfer; framed: chosen by the search"
    assert [label.get_text() for label in display.ax_.get_yticklabels()] == ["8", "16"]
    assert {text.get_text() for text in display.ax_.texts} == {f"{x:.3f}"[1:] for row in EXPECTED for x in row}
    frame = display.ax_.patches[-1]
    assert (frame.get_x() + frame.get_width() / 2, frame.get_y() + frame.get_height() / 2) == (1, 1)


def test_a_path_has_the_deviation_of_the_best_candidate_at_each_place():
    display = LambdaDisplay.from_search(Search(GRID, {"score": score}), param_y=None)
    np.testing.assert_allclose(display.scores, EXPECTED[1])
    line, *_ = display.ax_.lines
    np.testing.assert_allclose(line.get_ydata(), EXPECTED[1])
    bars = display.ax_.collections[0].get_segments()
    np.testing.assert_allclose([np.diff(bar[:, 1])[0] for bar in bars], np.array(EXPECTED[1]) / 5)
    assert display.best_over == ["auxiliary__units", "transfer"]
    assert display.chosen == (1,)


@pytest.mark.filterwarnings("ignore")  # min_df=200 leaves no word, so that these fits fail
def test_a_fitted_grid_search_over_any_two_parameters_is_drawn(reviews):
    grid = {"logisticregression__C": [0.1, 1], "countvectorizer__min_df": [1, 200], "countvectorizer__binary": [True]}
    pipeline = make_pipeline(CountVectorizer(), LogisticRegression())
    search = GridSearchCV(pipeline, grid, cv=2, error_score=np.nan)
    search.fit(*reviews)
    display = LambdaDisplay.from_search(search, "C", "min_df")
    assert np.isnan(display.scores).tolist() == [[False, False], [True, True]]
    np.testing.assert_array_equal(display.scores[0], search.cv_results_["mean_test_score"][:2])
    assert display.best_over == []
    del search.cv_results_, search.best_estimator_
    np.testing.assert_array_equal(display.plot().ax_.images[0].get_array()[0], display.scores[0])


def test_auxiliary_units_and_those_of_the_object_are_one_size():
    search = Search({"clf__auxiliary_weight": [1, 2], "clf__auxiliary_units": [4, 8]}, {"score": len})
    assert LambdaDisplay.from_search(search).y_name == "clf__auxiliary_units"


def test_of_lists_of_grids_only_candidates_with_both_parameters_are_drawn():
    search = Search(
        {"auxiliary_weight": [1, 2], "auxiliary__units": [4, 8]}, {"score": lambda c: c["auxiliary_weight"]}
    )
    search.cv_results_["param_auxiliary__units"][0] = np.ma.masked
    display = LambdaDisplay.from_search(search)
    np.testing.assert_array_equal(display.scores, [[np.nan, 2], [1, 2]])


def test_values_that_are_no_numbers_keep_their_order():
    grid = {"auxiliary_weight": [1], "transfer": ["none", "mutual", None], "temperature": [2, 1]}
    display = LambdaDisplay.from_search(Search(grid, {"score": len}), "transfer", "temperature")
    assert display.x_values == ["none", "mutual", None]
    assert display.y_values == [1, 2]


def test_of_several_metrics_that_of_refit_is_drawn():
    metrics = {"f1": lambda c: 0.2, "accuracy": lambda c: 0.4}
    search = Search(GRID, metrics, refit="accuracy")
    assert LambdaDisplay.from_search(search).scores.max() == 0.4
    assert LambdaDisplay.from_search(search, metric="f1").scores.max() == 0.2
    search.refit = False
    with pytest.raises(ValueError, match="choose one of 'f1', 'accuracy'"):
        LambdaDisplay.from_search(search)


def test_sizes_are_no_scores():
    search = Search(GRID, {"neg_bytes": lambda c: -1, "accuracy": lambda c: 0.4})
    assert LambdaDisplay.from_search(search).score_name == "accuracy"


def test_many_cells_have_no_numbers_and_no_two_names_overlap():
    grid = {"auxiliary_weight": np.geomspace(0.01, 10, 40).tolist(), "auxiliary__units": list(range(1000, 1077))}
    display = LambdaDisplay.from_search(Search(grid, {"score": score_of_two}))
    assert not display.ax_.texts
    display.figure_.canvas.draw()
    for axis in (display.ax_.xaxis, display.ax_.yaxis):
        boxes = [label.get_window_extent() for label in axis.get_ticklabels()]
        assert len(boxes) > 3
        assert not any(box.overlaps(other) for box, other in pairwise(boxes))


def score_of_two(candidate):
    return candidate["auxiliary_weight"] + candidate["auxiliary__units"]


def test_what_is_no_fitted_search_is_refused():
    with pytest.raises(NotFittedError):
        LambdaDisplay.from_search(GridSearchCV(LogisticRegression(), {"C": [1]}))
    with pytest.raises(TypeError, match="Got LogisticRegression"):
        LambdaDisplay.from_search(LogisticRegression().fit([[0], [1]], [0, 1]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"param_x": "temperature"}, "one of 'auxiliary_weight', 'auxiliary__units', 'transfer'. Got 'temperature'"),
        ({"param_y": "units_"}, "Got 'units_'"),
        ({"metric": "f1"}, "one of 'score'. Got 'f1'"),
    ],
)
def test_what_the_search_has_not_recorded_is_named(options, message):
    with pytest.raises(ValueError, match=message):
        LambdaDisplay.from_search(Search(GRID, {"score": score}), **options)
