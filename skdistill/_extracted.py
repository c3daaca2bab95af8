"""Trained networks as frozen classifiers: the small one that ``extract`` returns, and its base."""

from __future__ import annotations

from typing import Any

from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from ._prediction import LogitsMixin
from .runtime.summary import network_facts, summarize


class NetworkClassifier(LogitsMixin, ClassifierMixin, BaseEstimator):
    """A trained network as a frozen classifier: ``fit`` changes nothing, and ``clone`` returns it as it is.

    Attributes
    ----------
    classes_, tokenizer_, predictor_, out_activation_, n_features_in_, feature_names_in_ : object
        As in ``ExtractedClassifier``; ``predictor_`` may also be a ``CustomNetwork``.
    """

    @classmethod
    def from_predictor(
        cls,
        predictor,
        classes,
        *,
        tokenizer=None,
        out_activation="softmax",
        n_features_in=None,
        feature_names_in=None,
    ):
        """Return the classifier of a network and what belongs to it; the parameters are its attributes."""
        classifier = cls()
        classifier.predictor_ = predictor
        classifier.classes_ = classes
        classifier.tokenizer_ = tokenizer
        classifier.out_activation_ = out_activation
        if n_features_in is not None:
            classifier.n_features_in_ = n_features_in
        if feature_names_in is not None:
            classifier.feature_names_in_ = feature_names_in
        return classifier

    def fit(self, X: Any, y: Any = None, sample_weight: ArrayLike | None = None) -> NetworkClassifier:
        """Return the classifier as it is.

        Parameters
        ----------
        X, y, sample_weight : object
            Ignored.

        Returns
        -------
        self : NetworkClassifier
            The same object.
        """
        check_is_fitted(self, msg="%(name)s holds no network: DistilledTextClassifier.extract makes one that does.")
        return self

    def __repr__(self, N_CHAR_MAX=700):
        return f"{type(self).__name__}({self.predictor_ if self.__sklearn_is_fitted__() else ''})"

    def __sklearn_clone__(self):
        return self

    def __sklearn_is_fitted__(self):
        return hasattr(self, "predictor_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        reads_text = getattr(self, "tokenizer_", None) is not None
        tags.input_tags.string, tags.input_tags.two_d_array = reads_text, not reads_text
        tags.classifier_tags.multi_label = getattr(self, "out_activation_", None) == "sigmoid"
        return tags

    def _predictors(self):
        if not self.__sklearn_is_fitted__():  # a twentieth of the time of check_is_fitted
            check_is_fitted(self)
        return [self.predictor_]


class ExtractedClassifier(NetworkClassifier):
    """A trained network of numpy arrays, without its training.

    ``DistilledTextClassifier.extract`` makes it. It is frozen: ``fit`` changes
    nothing and ``clone`` returns it as it is, so that it can stand in a Pipeline, a
    VotingClassifier or a CalibratedClassifierCV. It pickles small and predicts
    without TensorFlow.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels.
    tokenizer_ : TextTokenizer or None
        Fitted. None: documents are rows of token ids.
    predictor_ : BagPredictor, CNNPredictor or GRUPredictor
        The network.
    out_activation_ : {"softmax", "sigmoid"}
        What the logits go through; "sigmoid" for multilabel targets.
    n_features_in_ : int
        Positions per row of token ids; with ``tokenizer_=None`` only.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the positions; if it was trained on token ids in a DataFrame only.

    See Also
    --------
    DistilledTextClassifier : Trains networks, and extracts them.

    Examples
    --------
    >>> from skdistill import DistilledTextClassifier
    >>> texts = ["good food", "a good film", "bad food", "a bad film"] * 5
    >>> classifier = DistilledTextClassifier(random_state=0).fit(texts, ["pos", "pos", "neg", "neg"] * 5)
    >>> student = classifier.extract("auxiliary")
    >>> student
    ExtractedClassifier(bag, 7 tokens, 32 units, 2 classes, 908 bytes)
    >>> student.predict(["good"]).tolist()
    ['pos']
    """

    @property
    def nbytes(self) -> int:
        """Bytes of the network's arrays, without the tokenizer's vocabulary."""
        return self.predictor_.nbytes

    def __repr__(self, N_CHAR_MAX=700):
        if not self.__sklearn_is_fitted__():
            return super().__repr__()
        network = self.predictor_
        kind = type(network).__name__.removesuffix("Predictor").lower()
        facts = network_facts(network.n_tokens, network.n_units, network.n_classes)
        return summarize(self, kind, *facts, nbytes=network.nbytes)
