"""Fewer columns: the directions of the logits that matter, and the dense layer that reads them."""

import numpy as np


def centre(kernel, bias):
    """Return a dense layer by name without what it adds to all classes alike, which does not change the softmax."""
    return {"kernel": kernel - kernel.mean(axis=1, keepdims=True), "bias": bias - bias.mean()}


def rotate(rows, kernel, weights, n_columns):
    """Return rows of fewer columns, and their kernel: ``rows @ kernel`` as well as it can be kept.

    With E the diagonal of the weights, M = rows @ kernel and the singular value decomposition
    E^(1/2) M = U S V^T, the rows become M V and the kernel V^T, both without their last columns: the best
    approximation of E^(1/2) M of this rank (Eckart and Young 1936, The Approximation of One Matrix by
    Another of Lower Rank).

    Parameters
    ----------
    rows : ndarray of shape (n_features, n_in), float32
    kernel : ndarray of shape (n_in, n_classes)
    weights : ndarray of shape (n_features,)
        How much a feature counts: the sum of its squared scales over documents, or their number.
    n_columns : int

    Returns
    -------
    rows : ndarray of shape (n_features, n_columns), float32
    kernel : ndarray of shape (n_columns, n_classes), float32
    """
    kernel = kernel.astype(np.float64)
    # M^T E M = V S^2 V^T, of which M need not be computed.
    energy = kernel.T @ ((rows * weights[:, None].astype(np.float32)).T.astype(np.float64) @ rows) @ kernel
    _, vectors = np.linalg.eigh(energy)
    directions = vectors[:, ::-1][:, :n_columns]  # the largest singular values first
    return rows @ (kernel @ directions).astype(np.float32), directions.T.astype(np.float32)


def scale_to(rows, kernel, deviation):
    """Rescale rows to a standard deviation that suits Adam's steps, and the kernel so that the product stays."""
    factor = np.float32(deviation / max(float(rows.std()), 1e-12))
    return rows * factor, kernel / factor
