"""The checks let a good classifier pass and find each fault; both ways to run them, as scikit-learn's."""

import logging
import warnings
from functools import partial
from pathlib import Path
from unittest import SkipTest

import numpy as np
import pytest
from broken_factory import BROKEN, Words
from sklearn.exceptions import EstimatorCheckFailedWarning, SkipTestWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skdistill.testing import (
    FIT_CHECKS,
    PREDICTION_CHECKS,
    check_text_classifier,
    parametrize_with_text_checks,
)
from skdistill.testing._task import EXAMPLE

CHECKS = {check.__name__: check for check in PREDICTION_CHECKS + FIT_CHECKS}


@pytest.fixture(autouse=True)
def _process(tmp_path, monkeypatch):
    """Undo what broken estimators do to the process."""
    monkeypatch.chdir(tmp_path)
    handlers, errors, state = list(logging.root.handlers), np.geterr(), np.random.get_state()
    with warnings.catch_warnings():
        yield
    logging.root.handlers[:] = handlers
    np.seterr(**errors)
    np.random.set_state(state)


def status_of(check, estimator):
    """What a check comes to, as a result of ``check_text_classifier`` says it."""
    try:
        check(type(estimator).__name__, estimator)
    except SkipTest:
        return "skipped"
    except Exception:  # a check fails by whatever an estimator raises
        return "failed"
    return "passed"


@pytest.mark.parametrize(("broken", "name"), [(cls, name) for cls, names in BROKEN.items() for name in names])
def test_a_fault_fails_its_check(broken, name):
    good = status_of(CHECKS[name], Words())
    if good == "skipped":
        pytest.skip("a package is not installed")
    assert (good, status_of(CHECKS[name], broken())) == ("passed", "failed")


def test_every_check_has_a_classifier_that_fails_it():
    assert {name for names in BROKEN.values() for name in names} == set(CHECKS)


def test_tf_idf_and_logistic_regression_pass():
    classifier = make_pipeline(TfidfVectorizer(), LogisticRegression())
    results = check_text_classifier(classifier, on_skip=None)
    skipped = {result["check_name"] for result in results if result["status"] == "skipped"}
    assert len(results) == len(CHECKS)
    assert skipped <= {
        "check_documents_in_polars_series",  # where polars is not installed
        "check_documents_in_arrow_arrays",
        "check_documents_in_datasets_columns",
        "check_documents_in_one_column_tables",
        "check_errors_name_the_row",
        "check_missing_labels_in_lists",
        "check_labels_in_polars_and_arrow",
        "check_unit_weights",
        "check_weights_in_containers",
        "check_heavy_rows",
        "check_invalid_weights",
    }


def test_every_check_says_what_it_asks_and_who_reported_it():
    for check in CHECKS.values():
        first, _, rest = check.__doc__.partition("\n")
        assert first.startswith("Check "), check
        assert first.endswith("."), check
        assert "References\n" in rest, check
        assert "#" in rest, check


def test_checks_are_listed_once():
    assert len(CHECKS) == len(PREDICTION_CHECKS) + len(FIT_CHECKS)


class Mute:
    """Fitted, with nothing but ``predict``: not scikit-learn's interface."""

    def predict(self, X):
        if isinstance(X, str):
            raise TypeError
        return np.array(["long" if len(text) > 30 else "short" for text in X])


def test_a_fitted_classifier_without_scikit_learns_interface_is_checked_by_its_predictions():
    results = check_text_classifier(Mute(), texts=EXAMPLE.texts, fitted=True, on_skip=None, on_fail=None)
    assert len(results) == len(PREDICTION_CHECKS)
    failed = {result["check_name"] for result in results if result["status"] == "failed"}
    assert "check_one_document_at_a_time" not in failed
    assert "check_documents_in_one_column_tables" in failed  # it iterates over the columns of a frame


def test_results_say_what_failed_and_what_was_expected_to():
    broken = next(cls for cls, names in BROKEN.items() if names == ("check_probabilities",))()
    expected = {"check_probabilities": "they are powers", "check_pickle": "it passes all the same"}
    seen = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        results = check_text_classifier(
            broken,
            expected_failed_checks=expected,
            on_skip=None,
            on_fail="warn",
            callback=lambda **result: seen.append(result),
        )
    assert seen == results
    assert any(each.category is EstimatorCheckFailedWarning for each in caught)
    found = {result["check_name"]: result for result in results}
    assert found["check_probabilities"]["status"] == "xfail"
    assert found["check_probabilities"]["expected_to_fail_reason"] == "they are powers"
    assert isinstance(found["check_probabilities"]["exception"], AssertionError)
    assert found["check_pickle"]["status"] == "passed"
    assert found["check_pickle"]["expected_to_fail"]


def test_the_first_failure_is_raised_and_skips_are_warnings():
    broken = next(cls for cls, names in BROKEN.items() if names == ("check_unknown_documents",))()
    with pytest.raises(KeyError, match="no word is known"):
        check_text_classifier(broken, on_skip=None)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        check_text_classifier(Mute(), texts=EXAMPLE.texts[:4], fitted=True, on_fail=None)
    skips = [str(each.message) for each in caught if each.category is SkipTestWarning]
    assert any("check_score for Mute: there are no labels" in skip for skip in skips)


def test_a_class_is_refused():
    with pytest.raises(TypeError, match=r"pass Words\(\)"):
        check_text_classifier(Words)
    with pytest.raises(TypeError, match=r"pass Words\(\)"):
        parametrize_with_text_checks([Words])


def test_parametrize_makes_a_test_of_each_check_with_a_readable_name():
    mark = parametrize_with_text_checks(
        [Words(alpha=2), Words()],
        expected_failed_checks=lambda estimator: {"check_score": "a reason"} if estimator.alpha == 2 else {},
        xfail_strict=True,
    ).mark
    names, parameters = mark.args
    assert names == ("estimator", "check")
    assert len(parameters) == 2 * len(CHECKS)
    ids = [parameter.id for parameter in parameters]
    assert len(set(ids)) == len(ids)
    assert "Words(alpha=2)-check_score" in ids
    marked = [parameter for parameter in parameters if parameter.marks]
    assert [parameter.id for parameter in marked] == ["Words(alpha=2)-check_score"]
    assert marked[0].marks[0].kwargs == {"reason": "a reason", "strict": True}
    estimator, check = marked[0].values
    assert isinstance(check, partial)
    check(estimator)


@parametrize_with_text_checks([Words()])
def test_the_good_classifier(estimator, check):
    check(estimator)


def test_texts_of_users_replace_the_example_and_the_estimator_stays_as_it_is():
    texts = [f"{word} number {row}" for row in range(6) for word in ("left", "right")]
    estimator = Words(alpha=0.5)
    before = dict(vars(estimator))
    results = check_text_classifier(estimator, texts=texts, labels=[0, 1] * 6, on_skip=None)
    assert {result["status"] for result in results} <= {"passed", "skipped"}
    assert vars(estimator) == before


@pytest.mark.parametrize(
    ("given", "message"), [({"texts": ["a", "b"]}, "need labels"), ({"texts": ["a", "a"], "labels": [0, 1]}, "equal")]
)
def test_texts_that_cannot_be_checked_are_refused(given, message):
    with pytest.raises(ValueError, match=message):
        check_text_classifier(Words(), **given)


def test_the_page_lists_every_check():
    page = Path(__file__).parents[2] / "docs" / "guide" / "test_your_estimator.md"
    lines = page.read_text().splitlines()
    for name, check in CHECKS.items():
        sentence = check.__doc__.splitlines()[0].removeprefix("Check ").removesuffix(".").replace("``", "`")
        assert any(f"`{name}`" in line and sentence in line for line in lines), name
