"""Trained networks as frozen classifiers: the small one that ``extract`` returns, and its base."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_consistent_length, check_random_state
from sklearn.utils.validation import check_is_fitted

from ._compression.compression import Corpus, compress
from ._compression.inputs import check_parameters, teacher_probabilities, temperature_of
from ._compression.linear_bag import check_compressible, linear_bag
from ._compression.report import Compression, agreement, hold_out, warn_of_disagreement
from ._compression.training import Settings, tempered
from ._input.chunks import are_on_disk
from ._input.documents import take
from ._notebook import LinksToPage, network_block
from ._prediction import LogitsMixin
from ._serialization.atomic import write_atomically
from ._serialization.model import check_metadata, model_bytes
from ._sklearn import safe_indexing
from .runtime.model import network_from_state, network_state
from .text.tokenizer import TextTokenizer
from .text.tokens import check_documents


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
        training=None,
    ):
        """Return the classifier of a network; the parameters become its attributes."""
        classifier = cls()
        classifier.predictor_ = predictor
        classifier.classes_ = classes
        classifier.tokenizer_ = tokenizer
        classifier.out_activation_ = out_activation
        classifier._training = training
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

        See Also
        --------
        skdistill.DistilledTextClassifier.fit : Trains networks.
        """
        check_is_fitted(self, msg="%(name)s holds no network: DistilledTextClassifier.extract makes one that does.")
        return self

    def __repr__(self, N_CHAR_MAX=700):
        return f"{type(self).__name__}({self.predictor_ if self.__sklearn_is_fitted__() else ''})"

    def __sklearn_clone__(self):
        return self

    def __sklearn_is_fitted__(self):
        return hasattr(self, "predictor_")

    def _sk_visual_block_(self):
        self._predictors()  # raises without a network: then the diagram is a plain box
        return network_block(self.tokenizer_, self.predictor_)

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


class ExtractedClassifier(LinksToPage, NetworkClassifier):
    """A trained network as numpy arrays, frozen and ready to predict.

    ``DistilledTextClassifier.extract`` makes it. It is frozen: ``fit`` changes nothing and
    ``clone`` returns it as it is, so that it can stand in a Pipeline, a VotingClassifier or
    a CalibratedClassifierCV. Its pickle is small, and it predicts without TensorFlow.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels.
    tokenizer_ : TextTokenizer or None
        Fitted; not fitted in a compressed classifier, which needs no vocabulary. If None, documents are rows
        of token ids.
    predictor_ : BagPredictor, CNNPredictor, GRUPredictor or KeyedBag
        The network.
    out_activation_ : {"softmax", "sigmoid"}
        The activation of the output layer; "sigmoid" for multilabel targets.
    compression_ : Compression
        What ``compress`` did, in numbers; only of a classifier that ``compress`` returned.
    n_features_in_ : int
        Positions per row of token ids; with ``tokenizer_=None`` only.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
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

    def __getstate__(self):
        # The parts as plain values and arrays: tools that load trusted types alone, such as skops, ask for this one.
        state = dict(super().__getstate__())
        if "predictor_" in state:
            state["predictor_"] = network_state(self.predictor_)
        if type(state.get("tokenizer_")) is TextTokenizer:
            state["tokenizer_"] = self.tokenizer_.__getstate__()
        if "compression_" in state:
            state["compression_"] = asdict(self.compression_)
        return state

    def __setstate__(self, state):
        super().__setstate__(state)
        if "predictor_" in state:
            self.predictor_ = network_from_state(*state["predictor_"])
        if isinstance(state.get("tokenizer_"), dict):
            self.tokenizer_ = TextTokenizer()
            self.tokenizer_.__setstate__(state["tokenizer_"])
        if "compression_" in state:
            self.compression_ = Compression(**state["compression_"])

    @property
    def nbytes(self) -> int:
        """Bytes of the network's arrays, without the tokenizer's vocabulary."""
        return self.predictor_.nbytes

    def __repr__(self, N_CHAR_MAX=700):
        if not self.__sklearn_is_fitted__():
            return super().__repr__()
        kind, facts = repr(self.predictor_).split("(", 1)
        kind = "keyed bag" if kind == "KeyedBag" else kind.removesuffix("Predictor").lower()
        return f"{type(self).__name__}({kind}, {facts}"

    def compress(
        self,
        max_bytes: int | None,
        *,
        X: Any = None,
        y: Any = None,
        teacher: Any = None,
        temperature: float | str = "auto",
        max_iter: int = 8,
        random_state: Any = None,
    ) -> ExtractedClassifier:
        """Return a classifier whose file is not larger than a number of bytes.

        A bag is large because of its many features, their keys and its vocabulary. The compressed one keeps
        the features that matter most, finds them by short keys of their text, and stores their vectors as
        small integers. Training on texts makes up for most of what this loses; it needs no labels, because
        the network learns what a teacher predicts.

        Parameters
        ----------
        max_bytes : int or None
            Size of the file that ``save`` writes. If None, all features are kept, with integers of 8
            bits, so that almost all documents get the same class as before.
        X : collection of str of length n_samples, default=None
            Texts to retrain on, such as the training texts; the more, the better. Those of a ``ParquetTexts`` are
            read into memory: pass a part of them, such as ``X[:200_000]``. If None, the network is
            only pruned and rounded. One in 20, and at most 500, are held out to measure ``agreement``. With
            ``max_bytes=None`` nothing is retrained; only the agreement is measured.
        y : array-like of shape (n_samples,) or (n_samples, n_labels), default=None
            Their labels, for the report only.
        teacher : object with predict_proba, default=None
            The network learns its predicted probabilities. It must know the same classes. If None,
            this network.
        temperature : float or "auto", default="auto"
            Divides the logits of both. Above 1, the probabilities of a document that the teacher is
            certain about also show which other classes are near. "auto": 2 for up to ten classes, and 1
            for more and for multilabel targets.
        max_iter : int, default=8
            Passes over X; half as many with rounded weights follow.
        random_state : int, RandomState instance or None, default=None
            Determines the order of the texts, and which features training drops.

        Returns
        -------
        classifier : ExtractedClassifier
            Frozen, with the attribute ``compression_``: bytes, features that were kept, bits per weight,
            agreement with this network on the held-out texts, and with y the accuracy before and after.

        Raises
        ------
        ValueError
            If ``max_bytes`` is too small, or the network cannot be compressed: only bags of words or
            characters without hidden layers and word vectors can.

        Warns
        -----
        UserWarning
            If the agreement is below 0.97.

        See Also
        --------
        DistilledTextClassifier.extract : Extracts and compresses in one step.

        Examples
        --------
        >>> from skdistill import DistilledTextClassifier
        >>> texts = ["good food", "a good film", "bad food", "a bad film"] * 5
        >>> classifier = DistilledTextClassifier(random_state=0).fit(texts, ["pos", "pos", "neg", "neg"] * 5)
        >>> small = classifier.extract("auxiliary").compress(2000, X=texts, random_state=0)
        >>> small.predict(["good"]).tolist()
        ['pos']
        >>> small.compression_.n_bytes <= 2000
        True
        """
        check_is_fitted(self)
        check_parameters(X, y, max_bytes=max_bytes, teacher=teacher, temperature=temperature, max_iter=max_iter)
        check_compressible(self.predictor_, self.tokenizer_)
        bag = linear_bag(self.predictor_, self.tokenizer_)
        activation = self.out_activation_
        settings = Settings(activation, temperature_of(temperature, len(self.classes_), activation))
        generator = np.random.default_rng(check_random_state(random_state).randint(2**31, size=4))
        corpus, texts, labels = None, None, None
        if X is not None:
            X = check_documents(self, X, self.tokenizer_.analyzer, reset=False)
            X = list(X) if are_on_disk(X) else X  # retraining holds all features in memory
            check_consistent_length(X, y)
            trained_on, held_out = hold_out(len(X), generator)
            texts, labels = take(X, held_out), None if y is None else safe_indexing(y, held_out)
            if max_bytes is not None and max_iter:
                corpus = self._corpus(take(X, trained_on), self if teacher is None else teacher, settings)
        predictor = compress(bag, max_bytes, self._file_size, corpus, settings, max_iter=max_iter, generator=generator)
        small = self._with_predictor(predictor)
        small.compression_ = self._compare(small, len(bag.rows), texts, labels)
        warn_of_disagreement(small.compression_)
        return small

    def save(self, path: str | PathLike, *, metadata: Mapping[str, Any] | str | None = None) -> None:
        """Write the classifier to a file, which ``skdistill.load`` and ``skdistill.runtime.load`` read.

        The file holds no code and no pickle. If the process dies while writing, an earlier file stays as it
        was.

        Parameters
        ----------
        path : str or path-like
            The file, such as "model.skd".
        metadata : mapping, str or None, default=None
            Facts about the model to store in the file, such as scores: values of JSON by name, or a note.

        Raises
        ------
        TypeError
            If the analyzer of the tokenizer is a function, or the classes are not all str, int, bool or float.

        See Also
        --------
        skdistill.load : Loads the classifier.
        skdistill.runtime.load : Loads it to predict with numpy alone.

        Examples
        --------
        >>> import skdistill
        >>> texts, labels = ["good food", "bad food"] * 10, ["pos", "neg"] * 10
        >>> student = skdistill.DistilledTextClassifier(random_state=0).fit(texts, labels).extract("auxiliary")
        >>> student.save("model.skd", metadata={"accuracy": 0.95})  # doctest: +SKIP
        >>> skdistill.load("model.skd").predict(["good"])  # doctest: +SKIP
        array(['pos'], dtype='<U3')
        """
        check_is_fitted(self)
        write_atomically(path, self._to_bytes(check_metadata(metadata)))

    def _to_bytes(self, metadata=None):
        """Return the bytes of the file."""
        training = getattr(self, "_training", None)
        return model_bytes(
            {"main": self.predictor_},
            self.classes_,
            self.out_activation_,
            self.tokenizer_,
            n_positions=getattr(self, "n_features_in_", None),
            position_names=getattr(self, "feature_names_in_", None),
            metadata=({} if training is None else {"training": training}) | (metadata or {}),
        )

    def _file_size(self, predictor):
        """Return the bytes of the file of this classifier with another network."""
        return len(self._with_predictor(predictor)._to_bytes())

    def _with_predictor(self, predictor):
        """Return this classifier with a network that reads texts by a rule, without a vocabulary."""
        tokenizer = TextTokenizer(**predictor.features.rule._asdict())
        return self.from_predictor(
            predictor,
            self.classes_,
            tokenizer=tokenizer,
            out_activation=self.out_activation_,
            training=getattr(self, "_training", None),
        )

    def _compare(self, small, n_rows_before, texts, labels):
        """Return what the compression to ``small`` did, measured on texts and their labels, if there are any."""
        n_bytes, n_rows = self._file_size(small.predictor_), len(small.predictor_.features)
        numbers = n_bytes, n_rows, n_rows_before, 8 * n_bytes / small.predictor_.codes.size
        if texts is None:
            return Compression(*numbers)
        measured = [agreement(small.predict(texts), self.predict(texts))]
        if labels is not None:
            measured += [self.score(texts, labels), small.score(texts, labels)]
        return Compression(*numbers, *measured)

    def _corpus(self, texts, teacher, settings):
        """Return texts with what a teacher predicts for them."""
        probabilities = teacher_probabilities(teacher, texts, self.classes_, self.out_activation_)
        return Corpus(texts, tempered(probabilities, settings))
