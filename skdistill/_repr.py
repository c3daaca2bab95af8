"""How an estimator prints when it holds a large mapping.

Owns the short form alone. It must not know what the parameters mean.

scikit-learn writes out every parameter in full before it shortens the text. For the
vectors of 400,000 words that takes minutes, whenever a notebook shows the estimator.
"""

from collections.abc import Mapping

from sklearn.base import BaseEstimator

# scikit-learn shows as many elements of a sequence.
_MOST_ELEMENTS = 30


class PrintsShortly:
    """Mixin: mappings of more than 30 elements print as their size."""

    def __repr__(self, N_CHAR_MAX=700):
        return BaseEstimator.__repr__(_stand_in(self), N_CHAR_MAX)


class _Size:
    def __init__(self, mapping):
        self._text = f"<{type(mapping).__name__} of {len(mapping)}>"

    def __repr__(self):
        return self._text


def _stand_in(estimator):
    """What scikit-learn prints like the estimator, but for large mappings."""
    kind = type(estimator)
    # Lines are wrapped only where __repr__ is scikit-learn's own.
    stand_in = object.__new__(type(kind.__name__, (BaseEstimator,), {"__init__": kind.__init__}))
    vars(stand_in).update({name: short(value) for name, value in estimator.get_params(deep=False).items()})
    return stand_in


def short(value):
    """The value, or what prints in its place."""
    if isinstance(value, PrintsShortly):
        return _stand_in(value)
    return _Size(value) if isinstance(value, Mapping) and len(value) > _MOST_ELEMENTS else value
