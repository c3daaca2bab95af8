"""Teachers that are used as they are: those inside ``FrozenEstimator``, and the adapters of trained models."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.frozen import FrozenEstimator

from .._notebook import LinksToPage


class TrainedTeacher(LinksToPage, ClassifierMixin, BaseEstimator):
    """The base of adapters of trained models: as if inside ``FrozenEstimator``, never cloned or fitted.

    A subclass has ``classes_`` and ``predict_proba``. A row of NaN stands for a document that the
    model has not answered.
    """

    def fit(self, X=None, y=None):
        """Return the teacher as it is.

        Parameters
        ----------
        X, y : object
            Ignored.

        Returns
        -------
        self : object
            The same object.

        See Also
        --------
        predict : Predicts with the trained model.
        """
        return self

    def predict(self, X):
        """Return the most probable class of each document; None for one without an answer.

        Parameters
        ----------
        X : list of str
            The documents.

        Returns
        -------
        labels : ndarray of shape (n_documents,)
            An array of objects if there is a None.

        See Also
        --------
        predict_proba : The probabilities of the classes.

        Examples
        --------
        >>> from skdistill.teachers import FunctionTeacher
        >>> teacher = FunctionTeacher(lambda text: "pos" if "good" in text else "neg", ["neg", "pos"])
        >>> teacher.predict(["good food", "a bad film"]).tolist()
        ['pos', 'neg']
        """
        probabilities = self.predict_proba(X)
        labels = np.asarray(self.classes_)[probabilities.argmax(axis=1)]
        unanswered = np.isnan(probabilities).all(axis=1)
        if unanswered.any():
            labels = labels.astype(object)
            labels[unanswered] = None
        return labels

    def __sklearn_clone__(self):
        return self

    def __sklearn_is_fitted__(self):
        return True

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.two_d_array = True, False
        return tags


class TrainedModel(TrainedTeacher):
    """The base of adapters of models that may be multilabel: each column is then a label by itself."""

    _is_multilabel = False

    def predict(self, X):
        """Return the most probable class of each text; of a multilabel model, the indicators of its labels.

        Parameters
        ----------
        X : list of str
            The texts.

        Returns
        -------
        labels : ndarray of shape (n_texts,), or indicators of shape (n_texts, n_labels)
            A label has the indicator 1 if its probability is above 0.5.

        See Also
        --------
        predict_proba : The probabilities of the classes or labels.
        """
        return (self.predict_proba(X) > 0.5).astype(int) if self._is_multilabel else super().predict(X)


def is_frozen(teacher):
    """Return whether a teacher is used as it is, instead of being cloned and fitted."""
    return isinstance(teacher, (FrozenEstimator, TrainedTeacher))
