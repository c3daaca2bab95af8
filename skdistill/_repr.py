"""Short representations of estimators and networks that hold large things, such as word vectors.

scikit-learn writes out every parameter in full before it shortens the text. With the
vectors of 400,000 words that takes minutes, whenever a notebook shows the estimator.
"""

from collections.abc import Mapping
from copy import copy
from functools import partial

import numpy as np
from sklearn.base import BaseEstimator

from ._sklearn import EstimatorPrettyPrinter

# As many elements of a sequence as scikit-learn shows.
_MAX_ELEMENTS = 30
# Characters that are shown of any other parameter.
_MAX_CHARACTERS = 200


class PrintsShortly:
    """Mixin for estimators: kind and size stand for a large parameter, also of a nested estimator."""

    def __repr__(self, N_CHAR_MAX=700):
        printer = _Printer(compact=True, indent=1, indent_at_name=True, n_max_elements_to_show=_MAX_ELEMENTS)
        text = printer.pformat(_with_short_parameters(self))
        if len("".join(text.split())) <= N_CHAR_MAX:
            return text
        return f"{text[: N_CHAR_MAX // 2]}...{text[-N_CHAR_MAX // 2 :]}"

    def _get_params_html(self, *args, **kwargs):  # the table of parameters in notebooks, from scikit-learn 1.7 on
        return super(PrintsShortly, _with_short_parameters(self))._get_params_html(*args, **kwargs)


class _Printer(EstimatorPrettyPrinter):
    """Scikit-learn's printer, which chooses how to wrap lines by a type's ``__repr__``, and knows ours here."""

    _dispatch = EstimatorPrettyPrinter._dispatch | {
        PrintsShortly.__repr__: EstimatorPrettyPrinter._dispatch[BaseEstimator.__repr__]
    }


class _Text:
    """A text that stands for a value."""

    def __init__(self, text):
        self._text = text

    def __repr__(self):
        return self._text


def short(value):
    """Return a value with a short representation: the value itself, or what stands for it.

    Parameters
    ----------
    value : object
        Kind and size stand for a mapping, sequence, set or array of more than 30 elements.
        Smaller ones are searched for such values, and so are the parameters of estimators.

    Returns
    -------
    value : object
    """
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return _clip(value)
    if isinstance(value, np.ndarray):
        return value if value.size <= _MAX_ELEMENTS else _Text(f"<ndarray of shape {value.shape}>")
    if isinstance(value, (Mapping, list, tuple, set, frozenset)) and len(value) > _MAX_ELEMENTS:
        return _Text(f"<{type(value).__name__} of {len(value):,}>")
    if type(value) is dict:
        return {short(key): short(element) for key, element in value.items()}
    if type(value) in (list, tuple):
        return type(value)(map(short, value))
    if isinstance(value, partial):
        return _Text(f"partial({getattr(value.func, '__name__', type(value.func).__name__)}, ...)")
    if isinstance(value, BaseEstimator) and type(value).__repr__ in (PrintsShortly.__repr__, BaseEstimator.__repr__):
        return _with_short_parameters(value)
    return _Text(_clip(repr(value)))


def _clip(text):
    return text if len(text) <= _MAX_CHARACTERS else f"{text[:_MAX_CHARACTERS]}..."


def _with_short_parameters(estimator):
    """Return a shallow copy of an estimator, whose parameters have short representations."""
    copied = copy(estimator)
    vars(copied).update({name: short(value) for name, value in estimator.get_params(deep=False).items()})
    return copied
