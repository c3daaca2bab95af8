"""Checks for classifiers that take text: anybody's, with scikit-learn's interface or a part of it.

A check is a function ``check_...(name, estimator, task=EXAMPLE)`` that raises an ``AssertionError``, or
``unittest.SkipTest`` where the estimator does not have what the check is about. ``PREDICTION_CHECKS`` need
a fitted estimator, and fit one where they get an unfitted one; ``FIT_CHECKS`` need one that can be fitted.
"""

from ._suite import FIT_CHECKS, PREDICTION_CHECKS, check_text_classifier, parametrize_with_text_checks
from ._task import EXAMPLE, TextTask

__all__ = [
    "EXAMPLE",
    "FIT_CHECKS",
    "PREDICTION_CHECKS",
    "TextTask",
    "check_text_classifier",
    "parametrize_with_text_checks",
]
