"""A classifier of sentence embeddings, which is fitted like any other but embeds each text once."""

import copy
import os
from numbers import Integral

import numpy as np
from joblib import Memory
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from .._input.documents import check_texts
from .._notebook import LinksToPage
from .._sklearn import Interval
from ._embeddings import EmbeddingCache
from ._loaded import instead_of
from ._teacher import weight_parameters


def _classifier_has(name):
    """Return a check of whether the classifier has a method."""

    def check(teacher):
        classifier = teacher.classifier_ if hasattr(teacher, "classifier_") else teacher._new_classifier()
        return hasattr(classifier, name)

    return check


class SentenceTransformerTeacher(LinksToPage, ClassifierMixin, BaseEstimator):
    """A classifier of the embeddings of texts, as a teacher that is fitted on the labelled rows.

    Clones share the model and the embeddings of the texts seen so far, in memory up to 512 MiB:
    the folds of a fit, the fit on all rows, unlabelled text and the candidates of a grid search
    embed each text once. The embeddings are not pickled.

    Parameters
    ----------
    model : object with ``encode``
        ``encode`` takes a list of str and returns one vector per text, as that of a
        ``SentenceTransformer`` or of a ``StaticModel`` of model2vec. If you train the model
        further, make a new teacher.
    classifier : classifier or None, default=None
        Cloned and fitted on the embeddings. If None, ``LogisticRegression(C=10,
        max_iter=1000)``, for a multilabel y one per label.
    memory : str, path, joblib.Memory or None, default=None
        A folder on a local disk, where embeddings are kept for other processes, such as the
        workers of ``n_jobs=2``, and for later runs. Each model has a file of its own there.
    batch_size : int or None, default=None
        Texts per batch of the model; passed to an ``encode`` that takes it. If None, its
        default.

    Attributes
    ----------
    classifier_ : classifier
        The fitted classifier.
    classes_ : ndarray of shape (n_classes,)
        The classes of the columns of ``predict_proba``.

    See Also
    --------
    SetFitTeacher : A trained model of SetFit.
    HuggingFaceTeacher : A pipeline of transformers.

    Examples
    --------
    >>> import numpy as np
    >>> from skdistill.teachers import SentenceTransformerTeacher
    >>> class Encoder:  # stands in for SentenceTransformer("all-MiniLM-L6-v2")
    ...     def encode(self, texts):
    ...         return np.array([[text.count("good"), text.count("bad")] for text in texts])
    >>> texts, labels = ["good food", "a bad film", "good day", "bad"], ["pos", "neg", "pos", "neg"]
    >>> teacher = SentenceTransformerTeacher(Encoder()).fit(texts, labels)
    >>> teacher.predict(["a good film", "bad food"])
    array(['pos', 'neg'], dtype='<U3')
    >>> teacher.predict_proba(["a good film"]).shape, bool(teacher.decision_function(["a good film"]) > 0)
    ((1, 2), True)
    """

    _parameter_constraints = {
        "model": "no_validation",  # checked by ``_embed``
        "classifier": "no_validation",  # checked by ``clone``
        "memory": [str, os.PathLike, Memory, None],
        "batch_size": [Interval(Integral, 1, None, closed="left"), None],
    }

    def __init__(self, model, classifier=None, *, memory=None, batch_size=None):
        self.model = model
        self.classifier = classifier
        self.memory = memory
        self.batch_size = batch_size

    def fit(self, X, y, sample_weight=None):
        """Fit the classifier on the embeddings of texts.

        Parameters
        ----------
        X : list of str
            The texts.
        y : array-like of shape (n_texts,), or indicators of shape (n_texts, n_labels)
            Their classes.
        sample_weight : array-like of shape (n_texts,) or None, default=None
            Their weights, for a classifier whose ``fit`` takes them.

        Returns
        -------
        self : SentenceTransformerTeacher
            The fitted teacher.

        Raises
        ------
        TypeError
            If the model has no ``encode``.
        ValueError
            If ``encode`` does not return one vector of finite numbers per text, a text is
            not a str, or ``memory`` is not a folder or has a damaged file.

        See Also
        --------
        predict_proba : The probabilities that the networks learn.
        """
        self._validate_params()
        classifier = self._new_classifier(n_dimensions=np.ndim(y))
        weights = {} if sample_weight is None else dict.fromkeys(weight_parameters(classifier), sample_weight)
        self.classifier_ = classifier.fit(self._embed(X), y, **weights)
        self.classes_ = self.classifier_.classes_
        return self

    @available_if(_classifier_has("predict_proba"))
    def predict_proba(self, X):
        """Return the probabilities of the classes.

        Parameters
        ----------
        X : list of str
            The texts.

        Returns
        -------
        probabilities : ndarray of shape (n_texts, n_classes)
            What ``predict_proba`` of the classifier returns.

        See Also
        --------
        predict : The most probable classes.
        """
        return self._ask("predict_proba", X)

    @available_if(_classifier_has("decision_function"))
    def decision_function(self, X):
        """Return the scores of the classes.

        Parameters
        ----------
        X : list of str
            The texts.

        Returns
        -------
        scores : ndarray of shape (n_texts,) or (n_texts, n_classes)
            What ``decision_function`` of the classifier returns.

        See Also
        --------
        predict_proba : The probabilities of the classes.
        """
        return self._ask("decision_function", X)

    def predict(self, X):
        """Return the most probable classes.

        Parameters
        ----------
        X : list of str
            The texts.

        Returns
        -------
        labels : ndarray of shape (n_texts,) or (n_texts, n_labels)
            What ``predict`` of the classifier returns.

        See Also
        --------
        predict_proba : The probabilities of the classes.
        """
        return self._ask("predict", X)

    def _hashed_state(self):
        """Return what the predictions depend on, for ``teacher_memory``."""
        left_out = {"model", "memory", "batch_size"}
        state = {name: value for name, value in self.__getstate__().items() if name not in left_out}
        return self._shared_cache().hash_of_model, state

    def _ask(self, method, X):
        check_is_fitted(self)
        return getattr(self.classifier_, method)(self._embed(X))

    def _embed(self, X):
        if isinstance(self.model, (str, type)) or not callable(getattr(self.model, "encode", None)):
            got = instead_of("sentence_transformers.SentenceTransformer({})", self.model)
            raise TypeError(
                f"model must be an object with encode(list of str), such as a SentenceTransformer. Got {got}."
            )
        folder = getattr(self.memory, "location", self.memory)  # of a joblib.Memory
        return self._shared_cache().embed(check_texts(X), memory=folder, batch_size=self.batch_size)

    def _new_classifier(self, n_dimensions=1):
        if self.classifier is not None:
            return clone(self.classifier)
        from sklearn.linear_model import LogisticRegression  # slow to import
        from sklearn.multiclass import OneVsRestClassifier

        classifier = LogisticRegression(C=10, max_iter=1000)
        return OneVsRestClassifier(classifier) if n_dimensions > 1 else classifier

    def _shared_cache(self):
        if getattr(self, "_cache", None) is None or self._cache.model is not self.model:
            self._cache = EmbeddingCache(self.model)
        return self._cache

    def __sklearn_clone__(self):
        parameters = self.get_params(deep=False)
        model = parameters.pop("model")
        cloned = type(self)(model, **{name: clone(value, safe=False) for name, value in parameters.items()})
        if hasattr(self, "_metadata_request"):
            cloned._metadata_request = copy.deepcopy(self._metadata_request)
        cloned._cache = self._shared_cache()
        return cloned

    def __getstate__(self):
        return {name: value for name, value in super().__getstate__().items() if name != "_cache"}

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.two_d_array = True, False
        return tags
