"""Checks for classifiers that take text: anybody's, with scikit-learn's interface or a part of it.

A check is a function ``check_...(name, estimator)`` that raises an error where the estimator fails it, and
``unittest.SkipTest`` where the estimator does not have what the check is about. ``PREDICTION_CHECKS`` are about
a fitted estimator, and fit one where they get an unfitted one; ``FIT_CHECKS`` are about the fit.
"""

from ._suite import FIT_CHECKS, PREDICTION_CHECKS, check_text_classifier, parametrize_with_text_checks

__all__ = ["FIT_CHECKS", "PREDICTION_CHECKS", "check_text_classifier", "parametrize_with_text_checks"]
