"""Training and validation rows: token sequences with labels, weights and teacher logits."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .._input.chunks import are_on_disk, document_chunks
from .._input.classes import as_classes, encode_known_labels, indices_of
from .._input.documents import are_tokenized, take
from .._input.labels import check_labels
from .._input.soft_targets import as_logits
from .._input.unlabeled import check_pool
from .._input.weights import check_weights
from ..runtime import TokenSequences
from ..teachers._ensemble import TeacherEnsemble
from ..text.augmentation import TransferSet, copies_for_fit
from .buffers import Growing, GrowingSequences, is_on_disk

# Probabilities that become logits at a time.
_CELLS = 2**20


@dataclass(frozen=True)
class Rows:
    """Documents as token sequences with labels, weights and teacher logits; labelled training rows come first.

    Attributes
    ----------
    sequences : TokenSequences
    labels : ndarray of shape (n_rows,) or (n_rows, n_labels)
        Class indices, or multilabel indicators; -1 in rows without label.
    weights : ndarray of shape (n_rows,)
    teacher_logits : ndarray of shape (n_rows, n_classes), float32, or None
        The logits of the probabilities that teachers predict and of precomputed soft targets; NaN in
        rows without any.
    """

    sequences: TokenSequences
    labels: np.ndarray
    weights: np.ndarray
    teacher_logits: np.ndarray | None = None

    @cached_property
    def is_labelled(self):
        """Whether each row has a label, of shape (n_rows,)."""
        return (self.labels.reshape(len(self.labels), -1) >= 0).all(axis=1)

    @cached_property
    def parts(self):
        """The numbers of the labelled rows and of the others; empty parts are left out."""
        parts = np.flatnonzero(self.is_labelled), np.flatnonzero(~self.is_labelled)
        return [part for part in parts if len(part)]

    @cached_property
    def has_teacher(self):
        """Whether each row has teacher logits, of shape (n_rows,)."""
        if self.teacher_logits is None:
            return np.zeros(len(self.labels), dtype=bool)
        return ~np.isnan(self.teacher_logits[:, 0])

    @cached_property
    def teacher_agreement(self):
        """The fraction of rows with a label and teacher logits whose most probable class is the label.

        With multilabel targets all labels must be right. None if there is no such row.
        """
        if self.teacher_logits is None:
            return None
        labelled = slice(np.count_nonzero(self.is_labelled))  # a view: the logits may be large, or in a file
        logits, labels = self.teacher_logits[labelled], self.labels[labelled]
        agrees = ((logits > 0) == labels).all(axis=1) if labels.ndim == 2 else logits.argmax(axis=1) == labels
        agrees = agrees[~np.isnan(logits[:, 0])]
        return float(agrees.mean()) if len(agrees) else None

    @property
    def are_on_disk(self):
        """Whether the tokens are in temporary files."""
        return is_on_disk(self.sequences.ids)

    @property
    def is_taught(self):
        """Whether there are teacher logits, or rows without label."""
        return self.teacher_logits is not None or not self.is_labelled.all()


def make_pool(X_unlabeled, documents, *, analyzer, n_positions, seed):
    """Check the documents of ``X_unlabeled``, or generate them if it is a ``TransferSet``.

    Parameters
    ----------
    X_unlabeled : object
        As ``fit`` takes it.
    documents : list of str, ndarray of shape (n_rows, n_positions) or TextsOnDisk
        The training rows, without those held out: a TransferSet generates texts from them.
    analyzer : {"word", "char", "precomputed"} or callable
    n_positions : int or None
        Number of token ids per row; None for texts.
    seed : numpy.random.SeedSequence

    Returns
    -------
    pool : Pool or None
        None without ``X_unlabeled``.
    """
    if X_unlabeled is None:
        return None
    texts = not isinstance(documents, np.ndarray)
    if isinstance(X_unlabeled, TransferSet):
        if not texts:
            raise TypeError("X_unlabeled must be token ids, as X is. Got a TransferSet, which generates texts.")
        X_unlabeled = copies_for_fit(X_unlabeled, documents, analyzer, seed)
    return check_pool(X_unlabeled, texts, n_positions, tokenized=are_tokenized(documents))


def make_teachers(teachers, data, *, cv, memory, progress):
    """Return the teachers of the labelled rows, fitted when their probabilities are first needed; None without any.

    Parameters
    ----------
    teachers : list of classifier
        As ``check_teachers`` returns them.
    data : FitData
        Without the rows held out.
    cv, memory : object
        The parameters ``teacher_cv`` and ``teacher_memory`` of the classifier.
    progress : callable or None
        Wraps the batches that a teacher predicts, see ``TeacherEnsemble``.
    """
    if not teachers:
        return None
    labelled = np.flatnonzero(data.is_labelled)
    labels = data.labels[labelled]
    return TeacherEnsemble(
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


def training_rows(data, pool, tokens, teachers):
    """Read the training rows, and let the teachers predict them.

    The labelled rows come first, then the rows of X without label, then the pool. If X is on disk or
    the pool is a stream, tokens and teacher logits are kept in temporary files.

    Parameters
    ----------
    data : FitData
        Without the rows held out.
    pool : Pool or None
    tokens : Tokens
    teachers : TeacherEnsemble or None

    Returns
    -------
    rows : Rows

    Raises
    ------
    ValueError
        If no row has a label or teacher probabilities.
    """
    labelled = data.is_labelled
    if not labelled.all():
        data = data.take(np.argsort(~labelled, kind="stable"))
    on_disk = are_on_disk(data.documents) or (pool is not None and pool.is_stream)
    sequences, logits, n_pool = GrowingSequences(on_disk), Growing(on_disk), 0
    is_taught = teachers is not None or data.soft_targets is not None
    for documents, first_row in document_chunks(data.documents):
        sequences.append(tokens.sequences(documents, first_row=first_row))
    if is_taught:
        _append_logits(logits, _teacher_probabilities(data, teachers), data.target_type)
    for documents in () if pool is None else pool.chunks():
        n_pool += len(documents)
        sequences.append(tokens.sequences(documents))
        if is_taught:
            logits.append(as_logits(_pool_probabilities(documents, data, teachers), data.target_type))
    labels = np.concatenate([data.labels, np.full((n_pool, *data.labels.shape[1:]), -1, data.labels.dtype)])
    weights = np.concatenate([data.weights, np.ones(n_pool)])
    rows = Rows(sequences.whole(), labels, weights, logits.whole() if is_taught else None)
    if not rows.is_labelled.any() and np.isnan(rows.teacher_logits[:, 0]).all():
        raise ValueError(
            "At least one row must have a label, teacher probabilities or a soft target. Got none: the teachers "
            f"returned no probabilities for any of {len(labels)} documents."
            if teachers is not None
            else "At least one row must have a label or a soft target. Got soft_targets that are all NaN."
        )
    return rows


def _append_logits(logits, probabilities, target_type):
    """Append the logits of probabilities, part by part: they take several arrays of float64."""
    step = max(1, _CELLS // probabilities.shape[1])
    for start in range(0, len(probabilities), step):
        logits.append(as_logits(probabilities[start : start + step], target_type))


def _teacher_probabilities(data, teachers):
    """Return probabilities for the rows of X, the labelled first: the mean of teachers and soft targets.

    NaN in rows that have neither.
    """
    if teachers is None:
        return data.soft_targets
    n_labelled = np.count_nonzero(data.is_labelled)
    others = take(data.documents, np.arange(n_labelled, len(data.labels)))
    parts = [teachers.training_probabilities()] if n_labelled else []
    parts += [teachers.predict_proba(others)] if len(others) else []
    taught = np.concatenate(parts)
    if data.soft_targets is None:
        return taught
    soft = data.soft_targets
    return np.where(np.isnan(soft), taught, np.where(np.isnan(taught), soft, (soft + taught) / 2))


def _pool_probabilities(documents, data, teachers):
    """Return the teachers' probabilities for documents of the pool; NaN without teachers."""
    if teachers is None:
        return np.full((len(documents), len(data.classes)), np.nan)
    return teachers.predict_proba(documents)


def validation_rows(tokens, data, held_out, X_val, y_val, sample_weight_val, unlabeled_label=None):
    """Read the validation rows: those held out, or those that were passed to ``fit``.

    Parameters
    ----------
    tokens : Tokens
    data : FitData
        The training rows.
    held_out : FitData or None
    X_val : list of str, ndarray, TextsOnDisk or None
        As ``check_documents`` returns them.
    y_val, sample_weight_val : object
        As ``fit`` takes them.
    unlabeled_label : object, default=None
        The parameter of the classifier.

    Returns
    -------
    rows : Rows or None
        None if no rows are held out and ``X_val`` is None. Rows of ``y_val`` whose class the
        training rows lack have the label -1.
    """
    if held_out is not None:
        return Rows(_sequences_of(held_out.documents, tokens, "X"), held_out.labels, held_out.weights)
    if X_val is None:
        return None
    labels = check_labels(y_val, len(X_val), data.target_type, "y_val")
    if unlabeled_label is not None:
        _check_all_labelled(labels, unlabeled_label)
    weights = check_weights(sample_weight_val, len(X_val), "sample_weight_val")
    codes = encode_known_labels(labels, data.classes, weights > 0, "y_val")
    return Rows(_sequences_of(X_val, tokens, "X_val"), codes, weights)


def _sequences_of(documents, tokens, name):
    """Return the token sequences of documents, in temporary files if the documents are on disk."""
    sequences = GrowingSequences(are_on_disk(documents))
    for chunk, first_row in document_chunks(documents):
        sequences.append(tokens.sequences(chunk, first_row=first_row, name=name))
    return sequences.whole()


def _check_all_labelled(labels, unlabeled_label):
    """Raise a ValueError if a validation row has no label: it could not be scored."""
    unlabelled = np.flatnonzero(indices_of(labels, as_classes([unlabeled_label])) >= 0)
    if len(unlabelled):
        raise ValueError(
            f"y_val must hold labels. Got unlabeled_label={unlabeled_label!r} in row {unlabelled[0]}: leave it out."
        )
