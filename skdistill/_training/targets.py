"""Labels, weights and teacher logits of the rows of a call, as arrays for the compiled step."""

from typing import Any, NamedTuple

import numpy as np


class RowArrays(NamedTuple):
    """Rows that all have a label, without a teacher.

    Attributes
    ----------
    labels : array of shape (n_rows, 1), int32, or (n_rows, n_labels), int8
        Class indices, -1 in rows without label; or multilabel indicators, 0 in rows without label.
        The step makes targets of them, batch by batch.
    weights : array of shape (n_rows, 1), float32
    """

    labels: Any
    weights: Any


class TaughtRowArrays(NamedTuple):
    """Rows with a teacher, or some of which have no label.

    Attributes
    ----------
    labels, weights : array
        As in ``RowArrays``.
    teacher_logits : array of shape (n_rows, n_classes), float32
        Zeros in rows without teacher logits.
    factors : array of shape (n_rows, 3), float32
        The ``TeachingFactors`` of each row, side by side.
    """

    labels: Any
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


def dense_width(rows, n_classes):
    """Return how many indicators and teacher logits a row has: the numbers that grow with the classes."""
    return n_classes * ((rows.labels.ndim == 2) + rows.is_taught)


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
    labels = _labels(rows.labels[documents])
    weights = rows.weights[documents, None].astype(np.float32)
    if not rows.is_taught:
        return RowArrays(labels, weights)
    is_labelled = rows.is_labelled[documents]
    logits, is_taught = _teacher_logits(rows, documents, n_classes)
    factors = TeachingFactors(
        # Each part (``Rows.parts``) has the same number of rows in a batch. Times the number of parts,
        # a mean over all rows of a batch is a mean over its labelled rows.
        labelled=len(rows.parts) * is_labelled,
        taught=is_taught,
        teacher_weight=is_taught * np.where(is_labelled, teacher_weight, 1),
    )
    return TaughtRowArrays(labels, weights, logits, np.stack(factors, axis=1).astype(np.float32))


def _labels(labels):
    """Return labels as in ``RowArrays``. Those of ``Rows`` have indicators of -1 in rows without label."""
    if labels.ndim == 2:
        return np.maximum(labels.astype(np.int8), 0)
    return labels[:, None].astype(np.int32)


def _teacher_logits(rows, documents, n_classes):
    """Return the teacher logits, with zeros in place of NaN, and whether each row has some."""
    if rows.teacher_logits is None:
        return np.zeros((len(documents), n_classes), np.float32), np.zeros(len(documents))
    logits = rows.teacher_logits[documents]  # a copy, which may be changed
    is_taught = ~np.isnan(logits[:, 0])
    logits[~is_taught] = 0
    return logits, is_taught
