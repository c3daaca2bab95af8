"""What the rows of a call have to teach, as the arrays that go into the compiled step."""

from typing import NamedTuple

import numpy as np


class RowArrays(NamedTuple):
    """Rows with labels alone.

    Attributes
    ----------
    targets : array of shape (n_rows, n_classes), float32
        Probabilities: class indices one-hot, indicators as they are, zeros without label.
    weights : array of shape (n_rows, 1), float32
    """

    targets: object
    weights: object


class TaughtRowArrays(NamedTuple):
    """Rows with a teacher, or of which some have no label.

    Attributes
    ----------
    targets, weights : array
        As in ``RowArrays``.
    teacher_logits : array of shape (n_rows, n_classes), float32
        Zeros in rows without.
    factors : array of shape (n_rows, 3), float32
        The ``TeachingFactors`` of each row, side by side.
    """

    targets: object
    weights: object
    teacher_logits: object
    factors: object


class TeachingFactors(NamedTuple):
    """How a row's terms are weighed, see ``objectives.Teaching``.

    Attributes
    ----------
    labelled : array of shape (n_rows,)
        What the term of the labels is multiplied by: 0 for a row without label.
    taught : array of shape (n_rows,)
        1 for a row with teacher logits, 0 for others.
    teacher_weight : array of shape (n_rows,)
        The teacher's weight, in [0, 1]; the label has the rest.
    """

    labelled: object
    taught: object
    teacher_weight: object


def row_arrays(rows, documents, n_classes, teacher_weight):
    """Return the arrays of some rows.

    Parameters
    ----------
    rows : Rows
    documents : ndarray of int
        Which rows, in order.
    n_classes : int
    teacher_weight : float
        That of a row with a label and teacher logits.

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
        # Each part (``Rows.parts``) has the same number of rows in a batch: multiplied by the number of
        # parts, the mean over all rows of a batch becomes the mean over its labelled rows.
        labelled=len(rows.parts) * is_labelled,
        taught=is_taught,
        teacher_weight=is_taught * np.where(is_labelled, teacher_weight, 1),
    )
    return TaughtRowArrays(targets, weights, logits, np.stack(factors, axis=1).astype(np.float32))


def _targets(labels, n_classes):
    if labels.ndim == 2:
        return np.maximum(labels, 0).astype(np.float32)
    targets = np.zeros((len(labels), n_classes), np.float32)
    labelled = np.flatnonzero(labels >= 0)
    targets[labelled, labels[labelled]] = 1
    return targets


def _teacher_logits(rows, documents, n_classes):
    """The teacher's logits, and which rows have some."""
    if rows.teacher_logits is None:
        return np.zeros((len(documents), n_classes), np.float32), np.zeros(len(documents))
    logits = rows.teacher_logits[documents]
    is_taught = ~np.isnan(logits[:, 0])
    return np.where(is_taught[:, None], logits, np.float32(0)), is_taught
