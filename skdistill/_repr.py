"""Short representations of estimators that hold large mappings, such as word vectors.

scikit-learn writes out every parameter in full before it shortens the text. With the
vectors of 400,000 words that takes minutes, whenever a notebook shows the estimator.
"""

from collections.abc import Mapping

from sklearn.base import BaseEstimator

from ._sklearn import EstimatorPrettyPrinter

# As many elements of a sequence as scikit-learn shows.
_MAX_ELEMENTS = 30


class PrintsShortly:
    """Mixin for estimators: mappings of more than 30 elements are represented by their size."""

    def __repr__(self, N_CHAR_MAX=700):
        printer = _Printer(compact=True, indent=1, indent_at_name=True, n_max_elements_to_show=_MAX_ELEMENTS)
        text = printer.pformat(short(self))
        if len("".join(text.split())) <= N_CHAR_MAX:
            return text
        return f"{text[: N_CHAR_MAX // 2]}...{text[-N_CHAR_MAX // 2 :]}"


class _Printer(EstimatorPrettyPrinter):
    """Scikit-learn's printer, which wraps the lines of a type by its ``__repr__``: here by ours, too."""

    _dispatch = EstimatorPrettyPrinter._dispatch | {
        PrintsShortly.__repr__: EstimatorPrettyPrinter._dispatch[BaseEstimator.__repr__]
    }


class _Size:
    """The size of a mapping, shown in its place."""

    def __init__(self, mapping):
        self._text = f"<{type(mapping).__name__} of {len(mapping)}>"

    def __repr__(self):
        return self._text


def short(value):
    """Return a substitute that is represented shortly, or the value itself if it is short.

    Parameters
    ----------
    value : object
        A mapping of more than 30 elements is replaced by its size; an estimator of this
        package by an unfitted one, whose parameters are shortened.

    Returns
    -------
    value : object
    """
    if isinstance(value, PrintsShortly):
        parameters = value.get_params(deep=False)
        return type(value)(**{name: short(parameter) for name, parameter in parameters.items()})
    return _Size(value) if isinstance(value, Mapping) and len(value) > _MAX_ELEMENTS else value
