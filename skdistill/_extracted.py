"""The small classifier that ``extract`` hands over.

Owns a network of arrays as a fitted scikit-learn classifier. It must not know
training.
"""

from sklearn.base import BaseEstimator, ClassifierMixin

from ._prediction import LogitsMixin, logits_of


class ExtractedClassifier(LogitsMixin, ClassifierMixin, BaseEstimator):
    """A trained network of numpy arrays, without its training.

    ``DistilledTextClassifier.extract`` makes it. It is frozen: ``fit`` changes
    nothing and ``clone`` returns it as it is, so that it can stand in a Pipeline, a
    VotingClassifier or a CalibratedClassifierCV. It pickles small and predicts
    without TensorFlow.

    Parameters
    ----------
    tokenizer : TextTokenizer or None
        Fitted. None: documents are rows of token ids.
    predictor : BagPredictor, CNNPredictor or GRUPredictor
        The network.
    classes : ndarray of shape (n_classes,)
        The labels.
    n_features_in : int or None
        Positions of a row of token ids.
    out_activation : {"softmax", "sigmoid"}, default="softmax"
        "sigmoid": each of the classes is a label that a document may have beside others.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels.
    n_features_in_ : int
        Positions of a row of token ids; with ``tokenizer=None`` only.

    Examples
    --------
    >>> from skdistill import DistilledTextClassifier
    >>> texts = ["good food", "a good film", "bad food", "a bad film"] * 5
    >>> classifier = DistilledTextClassifier(random_state=0).fit(texts, ["pos", "pos", "neg", "neg"] * 5)
    >>> student = classifier.extract("auxiliary")
    >>> student.predict(["good"]).tolist()
    ['pos']
    """

    def __init__(self, tokenizer, predictor, classes, n_features_in=None, out_activation="softmax"):
        self.tokenizer = tokenizer
        self.predictor = predictor
        self.classes = classes
        self.n_features_in = n_features_in
        self.out_activation = out_activation
        if n_features_in is not None:
            self.n_features_in_ = n_features_in

    @property
    def classes_(self):
        """The labels."""
        return self.classes

    def fit(self, X, y=None, sample_weight=None):
        """Return the classifier as it is.

        Parameters
        ----------
        X, y, sample_weight : object
            Ignored.

        Returns
        -------
        self : ExtractedClassifier
        """
        return self

    @property
    def nbytes(self):
        """Bytes of the arrays that prediction reads, without the tokenizer's vocabulary."""
        return self.predictor.nbytes

    def __sklearn_clone__(self):
        return self

    def __sklearn_is_fitted__(self):
        return True

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string = self.tokenizer is not None
        tags.input_tags.two_d_array = self.tokenizer is None
        tags.classifier_tags.multi_label = self.out_activation == "sigmoid"
        return tags

    @property
    def out_activation_(self):
        """What the logits go through."""
        return self.out_activation

    def _logits(self, X):
        return logits_of(self, X, self.tokenizer, [self.predictor])[0]
