"""From what a user hands to ``fit`` to the rows that are trained on.

The labelled rows come first, then the rows of X without a label, then the documents of
``X_unlabeled``.
"""

from dataclasses import dataclass, replace

import numpy as np
from sklearn.frozen import FrozenEstimator

from ._input.documents import take
from ._input.labels import check_labels, find_labelled, take_labels, target_type_of
from ._input.pools import check_pool
from ._input.soft_targets import align, as_logits, check_soft_targets
from ._input.weighing import as_classes, encode_labels, split_validation, weigh_rows
from ._storage import Growing, GrowingSequences
from .augmentation import TransferSet
from .teachers import Teachers, frozen_classes

#: What the logits of a network go through, by the kind of target; as in ``MLPClassifier``.
OUT_ACTIVATIONS = {"multiclass": "softmax", "multilabel": "sigmoid"}
TARGET_TYPES = {activation: target_type for target_type, activation in OUT_ACTIVATIONS.items()}


@dataclass(frozen=True)
class FitData:
    """The rows of X that count, and what is known of them.

    Attributes
    ----------
    documents : list of str or ndarray of shape (n_rows, n_positions)
    labels : ndarray of shape (n_rows,) or (n_rows, n_labels)
        Class indices, -1 without label; or indicators.
    weights : ndarray of shape (n_rows,)
    soft_targets : ndarray of shape (n_rows, n_classes) or None
        Precomputed probabilities, NaN in rows without; None: none at all.
    classes : ndarray of shape (n_classes,)
    target_type : {"multiclass", "multilabel"}
    """

    documents: object
    labels: np.ndarray
    weights: np.ndarray
    soft_targets: np.ndarray | None
    classes: np.ndarray
    target_type: str

    def take(self, rows):
        """Return some of the rows."""
        return replace(
            self,
            documents=take(self.documents, rows),
            labels=self.labels[rows],
            weights=self.weights[rows],
            soft_targets=None if self.soft_targets is None else self.soft_targets[rows],
        )

    @property
    def out_activation(self):
        """What the logits of a network go through."""
        return OUT_ACTIVATIONS[self.target_type]

    @property
    def is_labelled(self):
        """Which rows have a label."""
        if self.target_type == "multilabel":
            return np.ones(len(self.labels), dtype=bool)
        return self.labels >= 0

    @property
    def has_soft_targets(self):
        """Which rows have precomputed probabilities."""
        if self.soft_targets is None:
            return np.zeros(len(self.labels), dtype=bool)
        return ~np.isnan(self.soft_targets[:, 0])


def make_fit_data(
    documents,
    y,
    sample_weight,
    soft_targets,
    soft_target_classes,
    *,
    teachers,
    class_weight=None,
    unlabeled_label=None,
    earlier=None,
):
    """Check and encode labels, weights and soft targets, and leave out rows of weight 0.

    Parameters
    ----------
    documents : list of str or ndarray
        Checked.
    y, sample_weight, soft_targets, soft_target_classes : object
        As ``fit`` takes them.
    teachers : list of classifier
        As ``check_teachers`` returns them.
    class_weight, unlabeled_label : object
        The parameters of the classifier.
    earlier : (ndarray, str) or None
        The classes and the target type of the fit that a warm start continues.

    Returns
    -------
    data : FitData
    """
    n_samples = len(documents)
    if y is None and not teachers and soft_targets is None:
        check_labels(y, n_samples)
    labelled = find_labelled(y, n_samples, unlabeled_label)
    if not labelled.any() and not all(isinstance(teacher, FrozenEstimator) for teacher in teachers):
        raise ValueError(
            "A teacher is cloned and fitted on labelled rows, and y has none: fit it before and wrap it in "
            "sklearn.frozen.FrozenEstimator."
        )
    labels = np.zeros(0)
    if labelled.any():
        labels = check_labels(take_labels(y, labelled), np.count_nonzero(labelled), earlier and earlier[1])
    target_type = target_type_of(labels)
    names = list(getattr(y, "columns", range(labels.shape[1]))) if target_type == "multilabel" else None
    probabilities, columns = check_soft_targets(soft_targets, soft_target_classes, n_samples, target_type, names)
    others = frozen_classes(teachers) if target_type == "multiclass" else []
    others += [as_classes(columns)] if columns is not None else []
    classes, labels, weights = weigh_rows(
        labels, labelled, sample_weight, class_weight, earlier and earlier[0], others
    )
    if columns is not None:
        probabilities = align(probabilities, columns, classes, "soft_targets")
    data = FitData(documents, labels, weights, probabilities, classes, target_type)
    used = np.flatnonzero(weights)
    return data if len(used) == n_samples else data.take(used)


def hold_out(data, fraction, generator):
    """Split off validation rows, which have labels.

    Returns
    -------
    training, validation : FitData
    """
    return [data.take(part) for part in split_validation(data.labels, fraction, generator)]


def make_pool(X_unlabeled, documents, *, analyzer, n_positions, seed):
    """Check the documents of ``X_unlabeled``.

    Parameters
    ----------
    X_unlabeled : object
        As ``fit`` takes it.
    documents : list of str or ndarray of shape (n_rows, n_positions)
        The training rows, of which a TransferSet makes its texts: without those held out.
    analyzer : {"word", "char"} or callable
        That of the tokenizer.
    n_positions : int or None
        Positions per row of token ids; None for texts.
    seed : numpy.random.SeedSequence

    Returns
    -------
    pool : Pool or None
        None without ``X_unlabeled``.
    """
    if X_unlabeled is None:
        return None
    texts = isinstance(documents, list)
    if isinstance(X_unlabeled, TransferSet):
        if not texts:
            raise TypeError("X_unlabeled must be token ids like X. Got a TransferSet, which makes text.")
        X_unlabeled = X_unlabeled.from_documents(documents, analyzer, seed)
    return check_pool(X_unlabeled, texts, n_positions)


def training_rows(data, pool, tokens, teachers):
    """Read the training rows, and ask the teachers about them.

    Parameters
    ----------
    data : FitData
        Without the rows held out.
    pool : Pool or None
    tokens : Tokens
    teachers : Teachers or None
        Fitted on the labelled rows of ``data`` when they are asked.

    Returns
    -------
    sequences : TokenSequences
    labels : ndarray of shape (n_rows,) or (n_rows, n_labels)
    weights : ndarray of shape (n_rows,)
    teacher_logits : ndarray of shape (n_rows, n_classes) or None
    """
    labelled = data.is_labelled
    if not labelled.all():
        data = data.take(np.argsort(~labelled, kind="stable"))
    on_disk = pool is not None and pool.is_stream
    sequences, logits, n_pool = GrowingSequences(on_disk), Growing(on_disk), 0
    is_taught = teachers is not None or data.soft_targets is not None
    sequences.append(tokens.sequences(data.documents))
    if is_taught:
        logits.append(as_logits(_teacher_probabilities(data, teachers), data.target_type))
    for documents in () if pool is None else pool.chunks():
        n_pool += len(documents)
        sequences.append(tokens.sequences(documents))
        if is_taught:
            logits.append(as_logits(_pool_probabilities(documents, data, teachers), data.target_type))
    labels = np.concatenate([data.labels, np.full((n_pool, *data.labels.shape[1:]), -1, data.labels.dtype)])
    weights = np.concatenate([data.weights, np.ones(n_pool)])
    return sequences.whole(), labels, weights, logits.whole() if is_taught else None


def make_teachers(teachers, data, *, cv, memory, progress):
    """Return the teachers of the labelled rows, which are fitted when they are asked; None without any."""
    if not teachers:
        return None
    labelled = np.flatnonzero(data.is_labelled)
    labels = data.labels[labelled]
    return Teachers(
        teachers,
        take(data.documents, labelled),
        labels if data.target_type == "multilabel" else data.classes[labels],
        data.weights[labelled],
        data.classes,
        cv=cv,
        memory=memory,
        target_type=data.target_type,
        progress=progress,
    )


def validation_rows(tokens, data, held_out, X_val, y_val, sample_weight_val):
    """Read the validation rows: those held out, or those that ``fit`` was given.

    Parameters
    ----------
    tokens : Tokens
    data : FitData
        The training rows.
    held_out : FitData or None
    X_val : list of str, ndarray or None
        Checked.
    y_val, sample_weight_val : object
        As ``fit`` takes them.

    Returns
    -------
    rows : tuple of TokenSequences, ndarray and ndarray, or None
        None without either.
    """
    if held_out is not None:
        return tokens.sequences(held_out.documents), held_out.labels, held_out.weights
    if X_val is None:
        return None
    labels = check_labels(y_val, len(X_val), data.target_type, "y_val")
    return tokens.sequences(X_val), *encode_labels(labels, sample_weight_val, data.classes)


def _teacher_probabilities(data, teachers):
    """Probabilities for the rows of X, the labelled first: the mean of teachers and soft targets."""
    if teachers is None:
        return data.soft_targets
    n_labelled = np.count_nonzero(data.is_labelled)
    others = take(data.documents, np.arange(n_labelled, len(data.labels)))
    parts = [teachers.own_answers()] if n_labelled else []
    parts += [teachers.answers(others)] if len(others) else []
    taught = np.concatenate(parts)
    if data.soft_targets is None:
        return taught
    soft = data.soft_targets
    return np.where(np.isnan(soft), taught, np.where(np.isnan(taught), soft, (soft + taught) / 2))


def _pool_probabilities(documents, data, teachers):
    if teachers is None:
        return np.full((len(documents), len(data.classes)), np.nan)
    return teachers.answers(documents)
