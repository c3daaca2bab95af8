"""Labels, weights and teacher logits of the rows of a call, as arrays for the compiled step."""

from typing import Any, NamedTuple

import numpy as np


class RowArrays(NamedTuple):
    """Rows that all have a label, without a teacher.

    Attributes
    ----------
    targets : array of shape (n_rows, n_classes), float32
        Target probabilities: one-hot for class indices, or multilabel indicators; zeros in rows
        without label.
    weights : array of shape (n_rows, 1), float32
    """

    targets: Any
    weights: Any


class TaughtRowArrays(NamedTuple):
    """Rows with a teacher, or some of which have no label.

    Attributes
    ----------
    targets, weights : array
        As in ``RowArrays``.
    teacher_logits : array of shape (n_rows, n_classes), float32
        Zeros in rows without teacher logits.
    factors : array of shape (n_rows, 3), float32
        The ``TeachingFactors`` of each row, side by side.
    """

    targets: Any
    weights: Any
    teacher_logits: Any
    factors: Any


class TeachingFactors(NamedTuple):
    """The factors of the loss terms of each row, see ``objectives.Teaching``.

    Attributes
    ----------
    labelled : array of shape (n_rows,)
        The factor of the cross-entropy with the label: 0 for a row without label.
    taught : array of shape (n_rows,)
        1 for a row with teacher logits, 0 for others.
    teacher_weight : array of shape (n_rows,)
        The weight of the divergence from the teacher, between 0 and 1. That of the cross-entropy
        with the label is 1 minus this.
    """

    labelled: Any
    taught: Any
    teacher_weight: Any


def row_arrays(rows, documents, n_classes, teacher_weight):
    """Return the arrays of some rows.

    Parameters
    ----------
    rows : Rows
    documents : ndarray of int
        The numbers of the rows, in order.
    n_classes : int
    teacher_weight : float
        The teacher's weight in rows with both a label and teacher logits. It is 1 in rows with
        teacher logits alone and 0 in rows without any.

    Returns
    -------
    arrays : RowArrays or TaughtRowArrays
    """
    targets = _targets(rows.labels[documents], n_classes)
    weights = rows.weights[documents, None].astype(np.float32)
    if not rows.is_taught:
        return RowArrays(targets, weights)
    is_labelled = rows.is_labelled[documents]
    logits, is_taught = _teacher_logits(rows, documents, n_classes)
    factors = TeachingFactors(
        # Each part (``Rows.parts``) has the same number of rows in a batch. Times the number of parts,
        # a mean over all rows of a batch is a mean over its labelled rows.
        labelled=len(rows.parts) * is_labelled,
        taught=is_taught,
        teacher_weight=is_taught * np.where(is_labelled, teacher_weight, 1),
    )
    return TaughtRowArrays(targets, weights, logits, np.stack(factors, axis=1).astype(np.float32))


def _targets(labels, n_classes):
    """Return target probabilities of shape (n_rows, n_classes): zeros in rows without label, which have -1."""
    if labels.ndim == 2:
        return np.maximum(labels, 0).astype(np.float32)
    targets = np.zeros((len(labels), n_classes), np.float32)
    labelled = np.flatnonzero(labels >= 0)
    targets[labelled, labels[labelled]] = 1
    return targets


def _teacher_logits(rows, documents, n_classes):
    """Return the teacher logits, with zeros in place of NaN, and whether each row has some."""
    if rows.teacher_logits is None:
        return np.zeros((len(documents), n_classes), np.float32), np.zeros(len(documents))
    logits = rows.teacher_logits[documents]
    is_taught = ~np.isnan(logits[:, 0])
    return np.where(is_taught[:, None], logits, np.float32(0)), is_taught
