"""Calling callbacks: functions of the user, and those of scikit-learn.

``sklearn.callback`` is experimental and exists from scikit-learn 1.9 on. With an older
version only the functions are called.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    Method = TypeVar("Method", bound=Callable)

    class CallbackSupportMixin:
        """What type checkers see: scikit-learn's has no annotations, and exists from 1.9 on."""

    def with_callbacks(method: Method) -> Method:
        """Return the method with its signature."""

else:
    try:
        from sklearn.callback import CallbackSupportMixin, with_callbacks
    except ImportError:

        class CallbackSupportMixin:
            """Replaces the mixin of scikit-learn in versions that have no callbacks."""

        def with_callbacks(method):
            """Return the method unchanged."""
            return method


class Observer:
    """Calls the callbacks of a fit, and reports whether one of them asks it to stop.

    Parameters
    ----------
    estimator : DistilledTextClassifier
        Its ``callbacks`` are functions of a dict with the numbers of an epoch; its callbacks of
        scikit-learn, if any, are set by ``set_callbacks``.
    X, y, sample_weight : object
        As passed to ``fit``.
    fitted : dict of str to object
        Fitted attributes that are known before training. From these and the networks,
        scikit-learn makes a copy of the estimator with which a callback can predict.
    """

    def __init__(self, estimator, X, y, sample_weight, fitted):
        self.estimator, self.fitted = estimator, fitted
        self.data = {"X": X, "y": y}
        if sample_weight is not None:
            self.data["metadata"] = {"sample_weight": sample_weight}
        self.fit_context = self.epoch_context = None

    def begin(self, most_epochs):
        """Announce the training, of at most ``most_epochs`` epochs."""
        if hasattr(self.estimator, "_init_callback_context"):
            self.fit_context = self.estimator._init_callback_context(max_subtasks=most_epochs)
            self._call(self.fit_context.call_on_fit_task_begin)

    def begin_epoch(self):
        """Announce the beginning of an epoch."""
        if self.fit_context is not None:
            self.epoch_context = self.fit_context.subcontext(task_name="epoch")
            self._call(self.epoch_context.call_on_fit_task_begin)

    def end_epoch(self, numbers, networks):
        """Announce the end of an epoch.

        Parameters
        ----------
        numbers : dict of str to float
            The numbers of the epoch, as in ``history_``, and ``"epoch"``, counted from 1.
        networks : callable
            Returns the trained networks by role. It is called only if a callback needs them to
            predict.

        Returns
        -------
        stop : bool
            Whether a callback asks to end the training.
        """
        requests = [bool(function(dict(numbers))) for function in self.estimator.callbacks or ()]
        if self.epoch_context is not None:
            hook = self.epoch_context.call_on_fit_task_end
            requests.append(self._call(hook, lambda: self.fitted | fitted_networks(networks())))
        return any(requests)

    def end(self, fitted):
        """Announce the end of the fit, with all fitted attributes."""
        if self.fit_context is not None:
            self._call(self.fit_context.call_on_fit_task_end, fitted)

    def _call(self, hook, attributes=None):
        """Call a hook of scikit-learn; ``attributes`` are the fitted copy's, or a function that returns them."""
        extra = {} if attributes is None else {"reconstruction_attributes": attributes}
        return hook(estimator=self.estimator, **self.data, **extra)


def fitted_networks(networks):
    """Return the fitted attributes that are made from the networks.

    Parameters
    ----------
    networks : dict of str to trained network
        By role.
    """
    paths = {role: getattr(network, "path", None) for role, network in networks.items()}
    return {
        "_networks": networks,
        "linear_weight_": {role: 0.0 if path is None else path.weight for role, path in paths.items()},
    }
