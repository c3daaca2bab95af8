"""Who is told of each epoch: functions of the user, and scikit-learn's callbacks.

Owns the support of ``sklearn.callback`` (experimental, from scikit-learn 1.9 on) where
the installed version has it. It must not know how an epoch is run.
"""

try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:

    class CallbackSupportMixin:
        """Stands where the installed scikit-learn has no callbacks."""

    def with_callbacks(method):
        """The method as it is."""
        return method


class Observer:
    """Tells of each epoch of a fit, and hears whether to stop.

    Parameters
    ----------
    estimator : DistilledTextClassifier
        With ``callbacks``: functions of a dict with the numbers of an epoch.
    X, y, sample_weight : object
        What ``fit`` was given.
    n_epochs : int
        The most there may be.
    """

    def __init__(self, estimator, X, y, sample_weight, n_epochs):
        self.estimator = estimator
        self.data = {"X": X, "y": y}
        if sample_weight is not None:
            self.data["metadata"] = {"sample_weight": sample_weight}
        self.context = self.epoch = None
        if hasattr(estimator, "_init_callback_context"):
            self.context = estimator._init_callback_context(max_subtasks=n_epochs)
            self._tell(self.context.call_on_fit_task_begin)

    def begin_epoch(self):
        """An epoch begins."""
        if self.context is not None:
            self.epoch = self.context.subcontext(task_name="epoch")
            self._tell(self.epoch.call_on_fit_task_begin)

    def end_epoch(self, numbers, networks):
        """An epoch has ended.

        Parameters
        ----------
        numbers : dict of str to float
            What it measured, as ``history_`` keeps it, and ``"epoch"``, from 1 on.
        networks : callable
            Returns the trained networks by role, for who wants to score them.

        Returns
        -------
        stop : bool
            Whether anybody wants training to end.
        """
        wishes = [bool(function(dict(numbers))) for function in self.estimator.callbacks or ()]
        if self.epoch is not None:
            wishes.append(self._tell(self.epoch.call_on_fit_task_end, lambda: _attributes(networks())))
        return any(wishes)

    def end(self):
        """The fit has ended; the estimator is fitted."""
        if self.context is not None:
            self._tell(self.context.call_on_fit_task_end, {})

    def _tell(self, hook, attributes=None):
        extra = {} if attributes is None else {"reconstruction_attributes": attributes}
        return hook(estimator=self.estimator, **self.data, **extra)


def _attributes(networks):
    return {"main_": networks["main"], "auxiliary_": networks.get("auxiliary")}
