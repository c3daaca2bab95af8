"""Retraining of the kept rows on a teacher's probabilities, with Adam, in numpy.

The loss is T^2 times the Kullback-Leibler divergence of the student's tempered probabilities from the
teacher's (Hinton et al. 2015, Distilling the Knowledge in a Neural Network, section 2), and the cross-entropy
per label where the targets are multilabel.
"""

from typing import NamedTuple

import numpy as np

from ..runtime import ops
from .quantization import round_rows

_BATCH_SIZE = 128
# Adam's learning rates for batches of this size: at first, and while rows are rounded.
LEARNING_RATE, ROUNDED_LEARNING_RATE = 3e-3, 1.4e-3
# More features are dropped from long documents: about this many stay of the unpruned ones, within the bounds.
_FEATURES_LEFT, _LEAST_DROPOUT, _MOST_DROPOUT = 130, 0.3, 0.6
_BETA_1, _BETA_2, _EPSILON = 0.9, 0.999, 1e-7


class Weights(NamedTuple):
    """What is trained; all are changed in place.

    Attributes
    ----------
    rows : ndarray of shape (n_rows, n_columns), float32
    kernel : ndarray of shape (n_columns, n_classes), float32
    bias : ndarray of shape (n_classes,), float32
    """

    rows: np.ndarray
    kernel: np.ndarray
    bias: np.ndarray


class Settings(NamedTuple):
    """How to train.

    Attributes
    ----------
    activation : {"softmax", "sigmoid"}
    temperature : float
    """

    activation: str
    temperature: float


class Adam:
    """Adam (Kingma and Ba 2015, section 2, in the faster order at its end) on arrays that are changed in place."""

    def __init__(self, arrays):
        self.arrays = arrays
        self.means = [np.zeros_like(array) for array in arrays]
        self.squares = [np.zeros_like(array) for array in arrays]
        self.buffers = [np.empty_like(array) for array in arrays]
        self.n_steps = 0

    def step(self, gradients, rate):
        """Change the arrays by one step."""
        self.n_steps += 1
        rate = np.float32(rate * np.sqrt(1 - _BETA_2**self.n_steps) / (1 - _BETA_1**self.n_steps))
        for array, gradient, mean, square, buffer in zip(
            self.arrays, gradients, self.means, self.squares, self.buffers
        ):
            # In place: new arrays of this size would take longer than the arithmetic.
            np.subtract(gradient, mean, out=buffer)
            buffer *= 1 - _BETA_1
            mean += buffer
            np.multiply(gradient, gradient, out=buffer)
            buffer -= square
            buffer *= 1 - _BETA_2
            square += buffer
            np.sqrt(square, out=buffer)
            buffer += _EPSILON
            np.divide(mean, buffer, out=buffer)
            buffer *= rate
            array -= buffer


def train(weights, documents, targets, settings, *, n_epochs, rate, step, dropout, generator, progress):
    """Train in place, at a rate that falls to 0.

    Parameters
    ----------
    weights : Weights
    documents : Documents
    targets : ndarray of shape (n_documents, n_classes), float32
        The teacher's probabilities, tempered.
    settings : Settings
    n_epochs : int
    rate : float
    step : float or None
        That of the rows, which are rounded in the forward pass; the gradient goes straight through the
        rounding (Bengio et al. 2013, Estimating or Propagating Gradients Through Stochastic Neurons). None:
        they are not rounded.
    dropout : float
        The probability that a feature is left out.
    generator : numpy.random.Generator
    progress : object with update()
        Called after each epoch.
    """
    adam = Adam(weights)
    n_steps, done = n_epochs * -(-len(documents) // _BATCH_SIZE), 0
    for _ in range(n_epochs):
        order = generator.permutation(len(documents))
        matrix = documents.matrix_with_dropout(dropout, generator)[order]
        for start in range(0, len(order), _BATCH_SIZE):
            batch = slice(start, start + _BATCH_SIZE)
            gradients = _gradients(weights, matrix[batch], targets[order[batch]], settings, step)
            adam.step(gradients, rate * (1 - done / n_steps))
            done += 1
        progress.update()


def dropout_for(documents):
    """Return the probability that a feature is dropped, for documents before features are pruned."""
    mean = max(1, len(documents.rows) / len(documents))
    return min(max(1 - _FEATURES_LEFT / mean, _LEAST_DROPOUT), _MOST_DROPOUT)


def _gradients(weights, matrix, targets, settings, step):
    """Return the gradients of the mean loss of some documents, in the order of ``Weights``."""
    rows = weights.rows if step is None else round_rows(weights.rows, step) * step
    pooled = matrix @ rows
    logits = pooled @ weights.kernel + weights.bias
    probabilities = temper(logits, settings)
    # Of T^2 * KL with respect to the logits: T * (student - teacher).
    errors = (probabilities - targets) * np.float32(settings.temperature / len(targets))
    return matrix.T @ (errors @ weights.kernel.T), pooled.T @ errors, errors.sum(axis=0)


def temper(logits, settings):
    """Return the probabilities of logits at the temperature."""
    function = ops.softmax if settings.activation == "softmax" else ops.sigmoid
    return function(logits / settings.temperature)


def tempered(probabilities, settings):
    """Return probabilities at the temperature, as float32."""
    if settings.temperature == 1:
        return probabilities.astype(np.float32)
    clipped = np.clip(probabilities, 1e-7, 1 - 1e-7)  # the logits of 0 and 1 are infinite
    logits = np.log(clipped) if settings.activation == "softmax" else np.log(clipped) - np.log1p(-clipped)
    return temper(logits, settings).astype(np.float32)
