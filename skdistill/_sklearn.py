"""The private names of scikit-learn that this package uses.

Only this file imports them, so that a change in scikit-learn is met in one place.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from sklearn.base import _fit_context
from sklearn.utils import _safe_indexing as safe_indexing
from sklearn.utils._param_validation import (
    HasMethods,
    Interval,
    StrOptions,
    validate_parameter_constraints,
)
from sklearn.utils._pprint import _EstimatorPrettyPrinter as EstimatorPrettyPrinter
from sklearn.utils.validation import _check_sample_weight as check_sample_weight

try:
    from sklearn.utils._repr_html.estimator import _VisualBlock as VisualBlock
except ImportError:  # before scikit-learn 1.7
    from sklearn.utils._estimator_html_repr import _VisualBlock as VisualBlock

if TYPE_CHECKING:
    Method = TypeVar("Method", bound=Callable)

    def fit_context(*, prefer_skip_nested_validation: bool) -> Callable[[Method], Method]:
        """Return a decorator that keeps the signature: scikit-learn's own has no annotations."""

else:
    fit_context = _fit_context

__all__ = [
    "EstimatorPrettyPrinter",
    "HasMethods",
    "Interval",
    "StrOptions",
    "VisualBlock",
    "check_sample_weight",
    "fit_context",
    "safe_indexing",
    "validate_parameter_constraints",
]
