"""Pipelines of transformers as teachers."""

from collections import Counter
from collections.abc import Hashable
from numbers import Integral

import numpy as np

from .._input.classes import as_classes
from .._input.documents import check_texts, is_collection
from .._sklearn import Interval
from ..runtime.containers import is_missing
from ._frozen import TrainedModel
from ._hashing import state_of_model
from ._loaded import instead_of, well_formed

_UNLIMITED = 1_000_000  # tokenizers that were saved without a limit have one of 10**30


class HuggingFaceTeacher(TrainedModel):
    """A text-classification or zero-shot pipeline of transformers, used as it is.

    Texts are truncated to what the model can read. The classes are the labels of the model, in
    the order of its ids, or the candidate labels, unless ``class_names`` renames them. A model
    whose ``problem_type`` is "multi_label_classification", and a zero-shot pipeline that was
    made with ``multi_label=True``, are for a multilabel y with its columns in the same order.

    Parameters
    ----------
    pipeline : transformers.Pipeline
        ``pipeline("text-classification", ...)`` or ``pipeline("zero-shot-classification", ...)``.
        ``predict_proba`` puts its model into evaluation mode.
    class_names : dict, list or None, default=None
        Your classes: a dict from the model's labels, such as ``{"POSITIVE": "pos"}``, or a list
        in their order. If None, the labels themselves.
    batch_size : int, default=32
        Texts per batch of the model; for zero-shot, pairs of a text and a candidate label.
    candidate_labels : list of str or None, default=None
        The labels between which a zero-shot pipeline chooses. Phrases work best: name the classes
        by ``class_names``.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The classes of the columns of ``predict_proba``. Accessing them may raise the errors
        below.

    Raises
    ------
    TypeError
        When it is used, if the pipeline has another task.
    ValueError
        When it is used, if ``class_names`` does not give each label one class of its own,
        ``candidate_labels`` are missing, or the model has a single output.

    See Also
    --------
    SetFitTeacher : A trained model of SetFit.
    SentenceTransformerTeacher : A classifier of sentence embeddings, which is fitted.

    Examples
    --------
    >>> from skdistill.teachers import HuggingFaceTeacher
    >>> from transformers import pipeline  # doctest: +SKIP
    >>> teacher = HuggingFaceTeacher(
    ...     pipeline("text-classification", "distilbert-base-uncased-finetuned-sst-2-english"),
    ...     class_names={"NEGATIVE": "neg", "POSITIVE": "pos"},
    ... )  # doctest: +SKIP
    >>> teacher.predict(["a lovely film"])  # doctest: +SKIP
    array(['pos'], dtype='<U3')
    >>> teacher.predict_proba(["a lovely film"]).shape  # doctest: +SKIP
    (1, 2)
    """

    _parameter_constraints = {
        "pipeline": "no_validation",  # these are checked by ``_labels`` and ``_name_classes``
        "class_names": "no_validation",
        "batch_size": [Interval(Integral, 1, None, closed="left"), None],
        "candidate_labels": "no_validation",
    }

    def __init__(self, pipeline, class_names=None, batch_size=32, *, candidate_labels=None):
        self.pipeline = pipeline
        self.class_names = class_names
        self.batch_size = batch_size
        self.candidate_labels = candidate_labels

    @property
    def classes_(self):
        """The classes of the columns of ``predict_proba``."""
        return as_classes(_name_classes(self._labels(), self.class_names))

    def predict_proba(self, X):
        """Return the softmax or, of a multilabel model, the sigmoid of the model's logits.

        Parameters
        ----------
        X : list of str
            The texts.

        Returns
        -------
        probabilities : ndarray of shape (n_texts, n_classes)
            One column per class, in the order of ``classes_``.

        See Also
        --------
        predict : The most probable classes.
        """
        self._validate_params()
        labels, texts = self._labels(), well_formed(check_texts(X))
        if hasattr(self.pipeline.model, "eval"):
            self.pipeline.model.eval()  # a model that comes from training would apply dropout
        # Texts of similar length share a batch, which takes less padding.
        rows = sorted(range(len(texts)), key=lambda row: -len(texts[row]))
        probabilities = np.empty((len(texts), len(labels)))
        for row, scores in zip(rows, self._scores([texts[row] for row in rows])):
            probabilities[row] = [scores[label] for label in labels]
        return probabilities

    def _labels(self):
        """Return the labels of the model in the order of its ids, or the candidate labels."""
        if self._is_zero_shot():
            labels = self._checked_candidates()
        elif self.candidate_labels is not None:
            raise ValueError("candidate_labels are for a zero-shot-classification pipeline: use class_names.")
        else:
            labels = _labels_of(self.pipeline.model.config)
        repeated = [label for label, count in Counter(labels).items() if count > 1]
        if repeated:
            raise ValueError(f"The labels of the pipeline must be unique. Got {repeated[0]!r} twice.")
        return labels

    def _is_zero_shot(self):
        kinds = {kind.__name__ for kind in type(self.pipeline).__mro__}
        if not kinds & {"TextClassificationPipeline", "ZeroShotClassificationPipeline"}:
            task = getattr(self.pipeline, "task", None)
            got = instead_of('transformers.pipeline("text-classification", {})', self.pipeline)
            raise TypeError(
                "pipeline must be a pipeline of transformers for text-classification or zero-shot-classification. Got "
                f"{got}{f' for {task}' if task else ''}."
            )
        return "ZeroShotClassificationPipeline" in kinds

    def _checked_candidates(self):
        if not isinstance(self.candidate_labels, (list, tuple)) or len(self.candidate_labels) < 2:
            raise ValueError(
                "candidate_labels must be a list of two or more labels for a zero-shot-classification pipeline. Got "
                f"{self.candidate_labels!r}."
            )
        return list(self.candidate_labels)

    def _scores(self, texts):
        """Yield a dict from labels to scores for each text."""
        if self._is_zero_shot():
            for found in self.pipeline(texts, candidate_labels=self.candidate_labels, batch_size=self.batch_size):
                yield dict(zip(found["labels"], found["scores"]))
        else:
            options = _limits(self.pipeline) | {"function_to_apply": "sigmoid" if self._is_multilabel else "softmax"}
            for found in self.pipeline(texts, top_k=None, truncation=True, batch_size=self.batch_size, **options):
                yield {entry["label"]: entry["score"] for entry in found}

    @property
    def _is_multilabel(self):
        if self._is_zero_shot():
            return bool(self.pipeline._postprocess_params.get("multi_label", False))
        return self.pipeline.model.config.problem_type == "multi_label_classification"

    def _hashed_state(self):
        given = self.pipeline._preprocess_params, self.pipeline._postprocess_params
        model = state_of_model(self.pipeline.model, self.pipeline.tokenizer)
        return self.classes_, self._labels(), given, model


def _labels_of(config):
    """Return the labels of a model in the order of its ids."""
    if config.problem_type == "regression" or config.num_labels < 2:
        raise ValueError(
            "The model of the pipeline must have one output per class. Got a single output or a regression: write "
            "predict_proba yourself, in a class with classes_ that is wrapped in sklearn.frozen.FrozenEstimator."
        )
    return [config.id2label[number] for number in range(config.num_labels)]


def _name_classes(labels, class_names):
    """Return the user's class of each label, each of which must have one of its own."""
    if class_names is None:
        return labels
    if isinstance(class_names, dict):
        missing, unknown = [set(labels) - set(class_names), set(class_names) - set(labels)]
        if missing or unknown:
            raise ValueError(
                f"class_names must map each label of the model, {labels}, to a class. Got none for {sorted(missing)}, "
                f"and names that are not labels: {sorted(unknown, key=str)}."
            )
        classes = [class_names[label] for label in labels]
    else:
        if isinstance(class_names, str) or not is_collection(class_names) or len(class_names) != len(labels):
            raise ValueError(
                f"class_names must be a dict, or a list with one class for each label of the model, {labels}. Got "
                f"{class_names!r}."
            )
        classes = list(class_names)
    if any(is_missing(name) or not isinstance(name, Hashable) for name in classes):
        raise ValueError(f"class_names must be labels, none of them missing. Got {classes}.")
    repeated = [name for name, count in Counter(classes).items() if count > 1]
    if repeated:
        raise ValueError(f"class_names must give each label a class of its own. Got {repeated[0]!r} twice.")
    return classes


def _limits(pipeline):
    """Return ``max_length`` where neither the tokenizer nor the pipeline says how much the model can read."""
    longest = getattr(pipeline.model.config, "max_position_embeddings", None)
    if longest is None or pipeline.tokenizer.model_max_length < _UNLIMITED:
        return {}
    return {"max_length": pipeline._preprocess_params.get("max_length", longest)}
