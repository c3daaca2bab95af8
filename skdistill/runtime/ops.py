"""The few array functions that the loss terms need, for numpy arrays.

They have the names and signatures of ``keras.ops``, so that ``skdistill.objectives``
computes with either module.
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
    """Return the logarithm of the softmax of ``x`` along ``axis``, without overflow."""
    # softmax(x) = softmax(x - c) for any c; with the maximum as c no exponent is above 0.
    shifted = x - np.max(x, axis=axis, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


def softmax(x, axis=-1):
    """Return the softmax of ``x`` along ``axis``; it sums to 1 in the precision of ``x``."""
    odds = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return odds / np.sum(odds, axis=axis, keepdims=True)


def softplus(x):
    """Return log(1 + exp(x)), without overflow."""
    return np.logaddexp(0, x)


def sigmoid(x):
    """Return 1 / (1 + exp(-x)), without overflow."""
    # log(sigmoid(x)) = -log(1 + exp(-x)) = -softplus(-x), which is at most 0.
    return np.exp(-softplus(-x))


def log_sigmoid(x):
    """Return the logarithm of the sigmoid of ``x``, without overflow."""
    return -softplus(-x)
