"""Loading a saved model to predict with: texts in, labels out, with numpy alone."""

import numpy as np

from .model import read_model
from .outputs import by_batches, labels_of, logits_of_networks, probabilities_of
from .summary import count, summarize


class Predictor:
    """A saved model that predicts; ``load`` makes it.

    It is frozen: threads and forked processes can share it.

    Parameters
    ----------
    model : Model

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels.
    metadata : dict
        What the file says about the model: version, date, and what was given to ``save``.

    Examples
    --------
    >>> from skdistill import runtime
    >>> predictor = runtime.load("model.skd")  # doctest: +SKIP
    >>> predictor.predict(["good food"])  # doctest: +SKIP
    array(['pos'], dtype='<U3')
    """

    def __init__(self, model):
        self.classes_, self.metadata = model.classes, model.metadata
        self._reader, self._networks, self._out_activation = model.reader, model.predictors, model.out_activation

    def __repr__(self):
        networks = ", ".join(map(repr, self._networks))
        return summarize(self, networks, count(len(self.classes_), "class"))

    def describe(self):
        """Return what is known about the model, as plain values by name."""
        rule = getattr(self._reader, "rule", None)
        return {
            **self.metadata,
            "networks": list(map(repr, self._networks)),
            "reads": "rows of token ids" if rule is None else rule._asdict(),
            "classes": self.classes_.tolist(),
            "multilabel": self._out_activation == "sigmoid",
        }

    def predict(self, X):
        """Return the most probable class of each document, or all labels with a probability above 0.5.

        Parameters
        ----------
        X : list, tuple, array or Series of str, or ids of shape (n_samples, n_positions)
            The documents.

        Returns
        -------
        labels : ndarray of shape (n_samples,) or (n_samples, n_labels)
            Multilabel: an indicator matrix of 0 and 1.
        """
        return self._by_batches(X, lambda logits: labels_of(logits, self.classes_, self._out_activation))

    def predict_proba(self, X):
        """Return the probabilities of the classes.

        Parameters
        ----------
        X : list, tuple, array or Series of str, or ids of shape (n_samples, n_positions)
            The documents.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes), float64
            In the order of ``classes_``.
        """
        return self._by_batches(X, lambda logits: probabilities_of(logits, self._out_activation))

    def _by_batches(self, X, function):
        documents = self._reader.check(X)
        if not len(documents):
            return function(np.zeros((0, len(self.classes_)), np.float32))
        offsets_of, n_classes = self._reader.offsets, len(self.classes_)
        return by_batches(documents, offsets_of, n_classes, lambda part, row: function(self._logits(part)))

    def _logits(self, documents):
        return logits_of_networks(self._networks, documents, self._reader.sequences, self._out_activation)


def load(path):
    """Return the model of a file that ``save`` wrote, to predict with.

    Nothing in the file is executed; see SECURITY.md for what a file from elsewhere can do.

    Parameters
    ----------
    path : str, path-like or binary file object

    Returns
    -------
    predictor : Predictor

    Raises
    ------
    LoadError
        If the file is damaged, incomplete, of a newer version, or not a saved model.

    Examples
    --------
    >>> from skdistill import runtime
    >>> runtime.load("model.skd").predict(["good food"])  # doctest: +SKIP
    array(['pos'], dtype='<U3')
    """
    return Predictor(read_model(path))
