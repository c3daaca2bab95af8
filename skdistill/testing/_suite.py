"""All checks, and the two ways to run them: at once, and as tests of pytest."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Literal
from unittest import SkipTest

from sklearn import config_context
from sklearn.exceptions import EstimatorCheckFailedWarning, SkipTestWarning

from . import _composition as composition
from . import _containers as containers
from . import _documents as documents
from . import _environment as environment
from . import _invariances as invariances
from . import _label_containers as label_containers
from . import _labels as labels
from . import _parameters as parameters
from . import _probabilities as probabilities
from . import _state as state
from . import _unicode as unicode
from . import _weights as weights
from ._task import make_task

#: Checks of a fitted estimator.
PREDICTION_CHECKS = (
    containers.check_documents_in_arrays,
    containers.check_documents_in_a_list_of_numpy_str,
    containers.check_documents_in_numpy_string_dtype,
    containers.check_documents_in_tuples,
    containers.check_documents_in_pandas_series,
    containers.check_documents_in_typed_pandas_series,
    containers.check_documents_in_polars_series,
    containers.check_documents_in_arrow_arrays,
    containers.check_documents_in_datasets_columns,
    containers.check_documents_in_one_column_tables,
    documents.check_empty_documents,
    documents.check_unknown_documents,
    documents.check_long_documents,
    documents.check_line_ends,
    documents.check_documents_as_bytes,
    documents.check_a_single_text,
    documents.check_no_documents,
    documents.check_missing_documents,
    documents.check_errors_name_the_row,
    unicode.check_scripts,
    unicode.check_right_to_left,
    unicode.check_special_characters,
    unicode.check_lone_surrogates,
    invariances.check_one_document_at_a_time,
    invariances.check_subset_invariance,
    invariances.check_order_invariance,
    invariances.check_repeated_prediction,
    invariances.check_equal_documents,
    invariances.check_many_documents,
    probabilities.check_probabilities,
    probabilities.check_predictions_are_the_most_probable,
    probabilities.check_log_probabilities,
    probabilities.check_decision_function,
    probabilities.check_score,
    state.check_pickle,
    state.check_deepcopy,
    state.check_read_only_memory_map,
    state.check_threads,
    state.check_processes,
    state.check_prediction_changes_nothing,
    state.check_predict_keeps_its_input,
    environment.check_nothing_is_printed,
    environment.check_no_warnings,
    environment.check_warning_filters,
    environment.check_logging,
    environment.check_global_generators,
    environment.check_global_settings,
    environment.check_no_files,
    environment.check_no_threads_left,
    environment.check_representations,
)

#: Checks that fit the estimator.
FIT_CHECKS = (
    parameters.check_clone,
    parameters.check_set_params,
    parameters.check_unknown_parameters,
    parameters.check_fit_keeps_parameters,
    parameters.check_fit_returns_self,
    parameters.check_fitted_attributes,
    parameters.check_predict_before_fit,
    parameters.check_is_fitted_after_fit,
    parameters.check_is_classifier,
    parameters.check_fit_is_repeatable,
    parameters.check_refit_equals_fit,
    containers.check_fit_pairs_by_position,
    documents.check_fit_on_unusual_documents,
    documents.check_fit_refuses_a_single_text,
    documents.check_fit_refuses_missing_documents,
    documents.check_fit_refuses_no_documents,
    unicode.check_fit_on_unicode,
    labels.check_string_labels,
    labels.check_labels_with_spaces,
    labels.check_integer_labels,
    labels.check_classes_are_sorted,
    labels.check_two_classes,
    labels.check_a_class_of_one_row,
    labels.check_one_class,
    labels.check_no_labels,
    labels.check_numbers_of_documents_and_labels,
    labels.check_continuous_labels,
    label_containers.check_labels_in_pandas,
    label_containers.check_nullable_labels,
    label_containers.check_labels_in_polars_and_arrow,
    label_containers.check_labels_in_one_column,
    label_containers.check_missing_labels,
    label_containers.check_missing_labels_in_lists,
    weights.check_unit_weights,
    weights.check_weights_in_containers,
    weights.check_heavy_rows,
    weights.check_invalid_weights,
    weights.check_class_weights_of_absent_classes,
    probabilities.check_learning,
    state.check_fit_keeps_its_input,
    state.check_fit_reads_read_only_labels,
    composition.check_pipeline,
    composition.check_cross_validation,
    composition.check_grid_search,
    composition.check_ensemble,
    composition.check_global_configuration,
)


def check_text_classifier(
    estimator: Any,
    *,
    texts: Any = None,
    labels: Any = None,
    fitted: bool = False,
    expected_failed_checks: dict[str, str] | None = None,
    on_skip: Literal["warn"] | None = "warn",
    on_fail: Literal["raise", "warn"] | None = "raise",
    callback: Callable[..., Any] | None = None,
) -> list[dict[str, Any]]:
    """Check a classifier of text, as ``sklearn.utils.estimator_checks.check_estimator`` checks one of numbers.

    The estimator takes a list of str as X. Nothing else is asked of its inside, and what it does not have
    is skipped: a method, a parameter ``sample_weight``, a container that it refuses.

    Parameters
    ----------
    estimator : object
        An estimator, which stays as it is. Clones are fitted, with each ``random_state`` set to 0.
    texts : list of str or None, default=None
        Documents to fit and predict, all different, at least two per class; None: 24 short ones in several scripts.
    labels : array-like of shape (n_documents,) or (n_documents, n_labels) or None, default=None
        The classes of ``texts``, or a multilabel indicator matrix, for which checks of classes are skipped.
        Needed with ``texts`` unless ``fitted``; without ``texts`` those of the 24 documents.
    fitted : bool, default=False
        Whether the estimator is fitted already. Then it is only asked for predictions, as in ``PREDICTION_CHECKS``;
        pass ``texts`` of words that it knows.
    expected_failed_checks : dict or None, default=None
        Names of checks that may fail, and why.
    on_skip : {"warn", None}, default="warn"
        Whether a skipped check gives a ``SkipTestWarning`` with its reason.
    on_fail : {"raise", "warn", None}, default="raise"
        Whether the first check that fails ends the run with its exception, or whether each gives a
        warning, or none. Those that are expected to fail never end it.
    callback : callable or None, default=None
        Called with each result as keyword arguments.

    Returns
    -------
    results : list of dict
        For each check ``estimator``, ``check_name``, ``exception``, ``status`` ("passed", "failed",
        "skipped" or "xfail"), ``expected_to_fail`` and ``expected_to_fail_reason``.

    See Also
    --------
    parametrize_with_text_checks : The same as tests of pytest.

    Examples
    --------
    >>> from collections import Counter
    >>> from sklearn.feature_extraction.text import TfidfVectorizer
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from skdistill.testing import check_text_classifier
    >>> classifier = make_pipeline(TfidfVectorizer(), LogisticRegression())
    >>> results = check_text_classifier(classifier, on_skip=None)
    >>> {result["status"] for result in results} <= {"passed", "skipped"}
    True
    """
    _require_instance(estimator)
    task = make_task(texts, labels, fitted)
    expected = expected_failed_checks or {}
    results = []
    for check in _checks_of(task):
        result = _run(check, estimator, task, expected)
        if result["status"] == "failed" and on_fail == "raise":
            raise result["exception"]
        if result["status"] in ("failed", "xfail") and on_fail == "warn":
            warnings.warn(EstimatorCheckFailedWarning(**result), stacklevel=2)
        if result["status"] == "skipped" and on_skip == "warn":
            message = f"Skipping check {check.__name__} for {type(estimator).__name__}: {result['exception']}"
            warnings.warn(message, SkipTestWarning, stacklevel=2)
        if callback:
            callback(**result)
        results.append(result)
    return results


def parametrize_with_text_checks(
    estimators: Iterable[Any],
    *,
    texts: Any = None,
    labels: Any = None,
    fitted: bool = False,
    expected_failed_checks: Callable[[Any], dict[str, str]] | None = None,
    xfail_strict: bool | None = None,
) -> Any:
    """Make a test of each estimator and each check, for pytest.

    Parameters
    ----------
    estimators : list of objects
        Estimators, as for ``check_text_classifier``.
    texts : list of str or None, default=None
        As for ``check_text_classifier``.
    labels : array-like or None, default=None
        As for ``check_text_classifier``.
    fitted : bool, default=False
        As for ``check_text_classifier``.
    expected_failed_checks : callable or None, default=None
        Returns of an estimator the names of checks that may fail, and why, in a dict.
    xfail_strict : bool or None, default=None
        Whether a check that passes although it may fail fails its test; None: as pytest is set up.

    Returns
    -------
    decorator : pytest.MarkDecorator
        For a test function with the parameters ``estimator`` and ``check``, which calls ``check(estimator)``.

    See Also
    --------
    check_text_classifier : All checks in one call.

    Examples
    --------
    >>> from sklearn.feature_extraction.text import TfidfVectorizer
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from skdistill.testing import parametrize_with_text_checks
    >>> @parametrize_with_text_checks([make_pipeline(TfidfVectorizer(), LogisticRegression())])
    ... def test_text_classifier(estimator, check):
    ...     check(estimator)
    """
    import pytest

    task, parameters = make_task(texts, labels, fitted), []
    for estimator in estimators:
        _require_instance(estimator)
        expected = expected_failed_checks(estimator) if expected_failed_checks else {}
        for check in _checks_of(task):
            marks = []
            if check.__name__ in expected:
                strict = {} if xfail_strict is None else {"strict": xfail_strict}
                marks = [pytest.mark.xfail(reason=expected[check.__name__], **strict)]
            bound = partial(check, type(estimator).__name__, task=task)
            parameters.append(pytest.param(estimator, bound, marks=marks, id=_test_id(estimator, check)))
    return pytest.mark.parametrize(("estimator", "check"), parameters)


def _checks_of(task):
    """Return the checks that a task allows."""
    return PREDICTION_CHECKS if task.fitted else PREDICTION_CHECKS + FIT_CHECKS


def _run(check, estimator, task, expected):
    """Run one check, and return its result as scikit-learn's ``check_estimator`` does."""
    exception, status = None, "passed"
    try:
        check(type(estimator).__name__, estimator, task)
    except SkipTest as skip:
        exception, status = skip, "skipped"
    except Exception as error:  # a check fails by whatever the estimator raises
        exception, status = error, "xfail" if check.__name__ in expected else "failed"
    return {
        "estimator": estimator,
        "check_name": check.__name__,
        "exception": exception,
        "status": status,
        "expected_to_fail": check.__name__ in expected,
        "expected_to_fail_reason": expected.get(check.__name__),
    }


def _require_instance(estimator):
    """Raise a TypeError for a class."""
    if isinstance(estimator, type):
        raise TypeError(f"An instance is checked, not a class: pass {estimator.__name__}().")


def _test_id(estimator, check):
    """Return the name of a test: the estimator and the check."""
    with config_context(print_changed_only=True):
        shown = "".join(str(estimator).split())
    return f"{shown[:100]}-{check.__name__}"
