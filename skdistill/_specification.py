"""Objects that only hold parameters, with scikit-learn's interface for them."""

from inspect import signature
from typing import Any, Self

from ._repr import short


class Specification:
    """The base of classes whose constructors only store parameters: networks, and sources of text.

    They are not estimators: scikit-learn writes out all parameters of a ``BaseEstimator`` inside
    another one in full, word vectors included. For other objects it uses the ``repr``. ``clone``,
    ``GridSearchCV`` and Pipelines need only these methods.
    """

    @classmethod
    def _defaults(cls):
        """Return the default of each parameter by name."""
        _, *parameters = signature(cls.__init__).parameters.values()  # without self
        return {parameter.name: parameter.default for parameter in parameters}

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters by name.

        Parameters
        ----------
        deep : bool, default=True
            Ignored: no parameter has parameters.

        Returns
        -------
        params : dict
            In the order of their names.

        See Also
        --------
        set_params : Set some of them.

        Examples
        --------
        >>> from skdistill import TextBag
        >>> TextBag(units=8).get_params()["units"]
        8
        """
        return {name: getattr(self, name) for name in sorted(self._defaults())}

    def set_params(self, **params: Any) -> Self:
        """Set some parameters.

        Parameters
        ----------
        **params : dict
            Values by name.

        Returns
        -------
        self : object
            The same object.

        Raises
        ------
        ValueError
            If there is no parameter with one of the names.

        See Also
        --------
        get_params : The parameters by name.

        Examples
        --------
        >>> from skdistill import TextBag
        >>> TextBag().set_params(units=8, ngrams=1)
        TextBag(ngrams=1, units=8)
        """
        for name, value in params.items():
            if name not in self._defaults():
                raise ValueError(
                    f"Invalid parameter {name!r} for {type(self).__name__}. Valid parameters are: "
                    f"{sorted(self._defaults())}."
                )
            setattr(self, name, value)
        return self

    def __repr__(self):
        defaults = self._defaults()
        shown = {name: repr(short(value)) for name, value in self.get_params().items()}
        changed = [f"{name}={text}" for name, text in shown.items() if text != repr(defaults[name])]
        return f"{type(self).__name__}({', '.join(changed)})"
