"""Bags that are trained without TensorFlow, to compress: linear classifiers of their features."""

import numpy as np
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from skdistill import TextTokenizer
from skdistill._extracted import ExtractedClassifier
from skdistill._training.features import document_frequencies, learn_vocabulary, pooling_matrix, read_features
from skdistill.runtime import TrainedBag
from skdistill.text.tokens import Tokens

SYLLABLES = ["ka", "lo", "mi", "nu", "pe", "ri", "so", "tu", "va", "ze", "bri", "dro"]


def documents(n_rows=500, n_classes=4, seed=0, n_words=300):
    """Texts of twelve words, of which four are of their class, and their classes."""
    words = np.array(["".join(np.random.default_rng([1, i]).choice(SYLLABLES, 3)) for i in range(n_words)])
    generator = np.random.default_rng(seed)
    labels = np.arange(n_rows) % n_classes
    of_class = generator.integers(0, n_words // n_classes, (n_rows, 4)) * n_classes + labels[:, None]
    plain = generator.integers(0, n_words, (n_rows, 8))
    return [" ".join(generator.permutation(row)) for row in words[np.hstack([of_class, plain])]], labels


def linear_classifier(texts, y, *, subwords=(3,), ngrams=2, out_activation="softmax", units=None, **tokenizer):
    """Return an ExtractedClassifier of a bag whose tables are the coefficients of a logistic regression.

    ``units``: columns of the tables; None: one per class, so that the kernel is the identity.
    """
    tokenizer = TextTokenizer(sequence_length=50, **tokenizer).fit(texts)
    tokens = Tokens.of_tokenizer(tokenizer)
    sequences, spellings = tokens.sequences(texts), list(tokenizer.vocabulary_)
    kinds = {"ngrams": ngrams, "subwords": subwords, "max_features": 10**6}
    vocabulary = learn_vocabulary(sequences, tokens.n_tokens, spellings, **kinds)
    features = read_features(vocabulary, sequences)
    vocabulary.__dict__["frequencies"] = document_frequencies(*features, vocabulary.n_rows)
    matrix = pooling_matrix(*features, vocabulary.n_rows)
    regression = OneVsRestClassifier(LogisticRegression(C=100, max_iter=1000)).fit(matrix, y)
    coefficients = np.vstack([one.coef_ for one in regression.estimators_]).T
    bias = np.array([one.intercept_[0] for one in regression.estimators_])
    if len(bias) == 1:  # scikit-learn keeps one estimator for two classes
        coefficients, bias = np.hstack([-coefficients, coefficients]) / 2, np.array([-bias[0], bias[0]]) / 2
    kernel = np.eye(len(bias))
    if units is not None:
        kernel = np.linalg.qr(np.random.default_rng(0).normal(size=(units, len(bias))))[0]
        coefficients = coefficients @ kernel.T
    ends = np.cumsum([len(vocabulary.seen), len(vocabulary.ngram_index)])
    tables = dict(zip(("tokens", "ngrams", "subwords"), np.split(coefficients, ends)))
    weights = {name: np.float32(array) for name, array in (tables | {"kernel_0": kernel, "bias_0": bias}).items()}
    classes = np.arange(len(bias)) if y.ndim == 2 else np.unique(y)
    return ExtractedClassifier.from_predictor(
        TrainedBag(vocabulary, weights).predictor, classes, tokenizer=tokenizer, out_activation=out_activation
    )


class Biased:
    """A teacher that is certain of one class."""

    def __init__(self, label, classes):
        self.label, self.classes_ = label, classes

    def predict_proba(self, texts):
        return np.tile(expit(np.where(self.classes_ == self.label, 50, -50)), (len(texts), 1))
