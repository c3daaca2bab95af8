"""Callbacks: functions of the user, and scikit-learn's own.

``sklearn.callback`` is experimental and exists from scikit-learn 1.9 on; with an older
version only the functions are called.
"""

try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:

    class CallbackSupportMixin:
        """Stands where the installed scikit-learn has no callbacks."""

    def with_callbacks(method):
        """Return the method unchanged."""
        return method


class Observer:
    """Calls the callbacks of a fit, and reports whether one of them wants it to stop.

    Parameters
    ----------
    estimator : DistilledTextClassifier
        With ``callbacks``: functions of a dict with the numbers of an epoch. It is the
        estimator that scikit-learn's hooks are called with.
    X, y, sample_weight : object
        What ``fit`` was given.
    fitted : dict of str to object
        Fitted attributes that are known before training. With the networks they make a
        copy of the estimator that can predict, which scikit-learn's callbacks are handed.
    """

    def __init__(self, estimator, X, y, sample_weight, fitted):
        self.estimator, self.fitted = estimator, fitted
        self.data = {"X": X, "y": y}
        if sample_weight is not None:
            self.data["metadata"] = {"sample_weight": sample_weight}
        self.fit_context = self.epoch_context = None

    def begin(self, most_epochs):
        """Announce the training, of ``most_epochs`` epochs at most."""
        if hasattr(self.estimator, "_init_callback_context"):
            self.fit_context = self.estimator._init_callback_context(max_subtasks=most_epochs)
            self._call(self.fit_context.call_on_fit_task_begin)

    def begin_epoch(self):
        """Announce an epoch."""
        if self.fit_context is not None:
            self.epoch_context = self.fit_context.subcontext(task_name="epoch")
            self._call(self.epoch_context.call_on_fit_task_begin)

    def end_epoch(self, numbers, networks):
        """Announce the end of an epoch.

        Parameters
        ----------
        numbers : dict of str to float
            What the epoch measured, as ``history_`` keeps it, and ``"epoch"``, from 1 on.
        networks : callable
            Returns the trained networks by role. It is called only where a callback wants
            to predict with them.

        Returns
        -------
        stop : bool
            Whether a callback asks for training to end.
        """
        requests = [bool(function(dict(numbers))) for function in self.estimator.callbacks or ()]
        if self.epoch_context is not None:
            hook = self.epoch_context.call_on_fit_task_end
            requests.append(self._call(hook, lambda: self.fitted | fitted_networks(networks())))
        return any(requests)

    def end(self, fitted):
        """Announce the end of the fit, which found all these fitted attributes."""
        if self.fit_context is not None:
            self._call(self.fit_context.call_on_fit_task_end, fitted)

    def _call(self, hook, attributes=None):
        extra = {} if attributes is None else {"reconstruction_attributes": attributes}
        return hook(estimator=self.estimator, **self.data, **extra)


def fitted_networks(networks):
    """Return the fitted attributes that hold the networks, which are given by role."""
    return {"main_": networks["main"], "auxiliary_": networks.get("auxiliary")}
