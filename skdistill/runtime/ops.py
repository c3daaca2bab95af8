"""The few array functions that the loss terms need, for numpy arrays.

They carry the names of ``keras.ops``, so that ``skdistill.objectives`` runs over
either. Nothing else belongs here.
"""

import numpy as np

concatenate = np.concatenate
exp = np.exp
flip = np.flip
mean = np.mean
pad = np.pad
reshape = np.reshape
sum = np.sum


def log_softmax(x, axis=-1):
    """Logarithm of the softmax of ``x`` along ``axis``, without overflow."""
    shifted = x - np.max(x, axis=axis, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


def softmax(x, axis=-1):
    """Softmax of ``x`` along ``axis``; sums to 1 in the precision of ``x``."""
    odds = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return odds / np.sum(odds, axis=axis, keepdims=True)


def softplus(x):
    """Logarithm of 1 + exp(x), without overflow."""
    return np.logaddexp(0, x)


def sigmoid(x):
    """1 / (1 + exp(-x)), without overflow."""
    return np.exp(-softplus(-x))


def log_sigmoid(x):
    """Logarithm of the sigmoid of ``x``, without overflow."""
    return -softplus(-x)
