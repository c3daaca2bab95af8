"""The steps of a compression, in order."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from .._training.features import document_frequencies
from ..runtime.feature_keys import FeatureKeys
from ..runtime.keyed_bag import KeyedBag
from .budget import rows_within
from .documents import read_documents
from .quantization import by_row, coarse_step, round_rows
from .rotation import centre, rotate, scale_to
from .selection import EXACT_BITS, EXTRA_BITS, cut_keys, key_bits, usefulness
from .training import LEARNING_RATE, ROUNDED_LEARNING_RATE, Weights, train

# The standard deviation of rows before they are retrained, about that of a table after training.
_DEVIATION = 0.15


class Corpus(NamedTuple):
    """Texts and what a teacher says of them.

    Attributes
    ----------
    texts : list of str
    targets : ndarray of shape (n_texts, n_classes), float32
        Tempered probabilities.
    """

    texts: list
    targets: np.ndarray


class Pruned(NamedTuple):
    """The rows that are kept.

    Attributes
    ----------
    reader : FeatureKeys
        With short keys.
    weights : Weights
    frequencies : ndarray of shape (n_rows,)
    """

    reader: FeatureKeys
    weights: Weights
    frequencies: np.ndarray

    def take(self, rows):
        """Return some of the rows, in the order of their keys."""
        reader = replace(self.reader, keys=self.reader.keys[rows])
        return Pruned(reader, self.weights._replace(rows=self.weights.rows[rows]), self.frequencies[rows])


def compress(bag, max_bytes, size_of, corpus, settings, *, max_iter, generator, progress):
    """Return a bag whose file is not larger than ``max_bytes``.

    Parameters
    ----------
    bag : LinearBag
    max_bytes : int
    size_of : callable
        From a KeyedBag to the bytes of its file.
    corpus : Corpus or None
        What it is retrained on. None: it is not.
    settings : Settings
    max_iter : int
        Epochs with exact rows; half as many with rounded ones follow.
    generator : numpy.random.Generator
    progress : object with update()

    Returns
    -------
    compressed : KeyedBag
    """
    is_softmax, n_classes = settings.activation == "softmax", len(bag.bias)
    kernel, bias = centre(bag.kernel, bag.bias) if is_softmax else (bag.kernel, bag.bias)
    n_columns = max(1, min(bag.n_units, n_classes - is_softmax))
    frequencies, energies = (bag.frequencies,) * 2 if corpus is None else _measure(bag.reader, corpus.texts)
    useful = usefulness(bag.rows, kernel, frequencies)
    order = np.argsort(-useful, kind="stable")[: np.count_nonzero(useful)]

    def prune(n_rows):
        reader, kept = cut_keys(bag.reader, order[:n_rows], key_bits(n_rows, EXTRA_BITS))
        rows, narrow = rotate(bag.rows[kept], kernel, energies[kept], n_columns)
        weights = Weights(*scale_to(rows, narrow, _DEVIATION), bias.astype(np.float32))
        return Pruned(reader, weights, frequencies[kept])

    n_rows = rows_within(max_bytes, lambda n: size_of(rounded(prune(n))), len(order))
    pruned = prune(n_rows)
    step = None
    if corpus is not None and max_iter:
        step = _retrain(pruned, corpus, settings, max_iter, generator, progress)
    return _within(pruned, step, max_bytes, size_of)


def keep_all(bag, settings):
    """Return a bag with all rows, of which each has a step: almost the same logits in a quarter of the bytes."""
    is_softmax, n_classes = settings.activation == "softmax", len(bag.bias)
    kernel, bias = centre(bag.kernel, bag.bias) if is_softmax else (bag.kernel, bag.bias)
    kept = np.flatnonzero(bag.frequencies)
    n_columns = max(1, min(len(kernel), n_classes - is_softmax))
    reader, kept = cut_keys(bag.reader, kept, key_bits(len(kept), EXACT_BITS))
    rows, kernel = rotate(bag.rows[kept], kernel, bag.frequencies[kept], n_columns)
    return _keyed_bag(reader, *by_row(rows), kernel, bias)


def rounded(pruned, step=None):
    """Return the bag of rounded rows."""
    rows, kernel, bias = pruned.weights
    step = coarse_step(rows) if step is None else step
    return _keyed_bag(
        pruned.reader, round_rows(rows, step).astype(np.int8), np.array([step], np.float32), kernel, bias
    )


def _measure(reader, texts):
    """Return in how many texts each feature occurs, and the sum of the squares of its scales."""
    documents = read_documents(reader, texts)
    frequencies = document_frequencies(documents.rows, documents.counts, documents.n_rows)
    return frequencies.astype(np.float64), documents.matrix().power(2).sum(axis=0)


def _retrain(pruned, corpus, settings, max_iter, generator, progress):
    """Train the rows, first as they are, then rounded; return their step."""
    # Through the short keys: training sees which features read the row of another.
    documents = read_documents(pruned.reader, corpus.texts)
    common = {"generator": generator, "progress": progress}
    arrays = pruned.weights, documents, corpus.targets, settings
    train(*arrays, n_epochs=max_iter, rate=LEARNING_RATE, step=None, **common)
    step = coarse_step(pruned.weights.rows)
    train(*arrays, n_epochs=_rounded_epochs(max_iter), rate=ROUNDED_LEARNING_RATE, step=step, **common)
    return step


def n_epochs(corpus, max_iter):
    """Return the number of epochs, of which the last third is with rounded rows."""
    return 0 if corpus is None else max_iter + _rounded_epochs(max_iter)


def _rounded_epochs(max_iter):
    return -(-max_iter // 2)


def _within(pruned, step, max_bytes, size_of):
    """Return the bag of rounded rows, without the least useful ones if its file would be too large."""
    step = coarse_step(pruned.weights.rows) if step is None else step
    useful = usefulness(round_rows(pruned.weights.rows, step), pruned.weights.kernel, pruned.frequencies)
    order = np.argsort(-useful, kind="stable")
    n_rows = len(order)
    while (size := size_of(bag := rounded(pruned.take(np.sort(order[:n_rows])), step))) > max_bytes and n_rows > 1:
        n_rows = min(n_rows - 1, int(n_rows * max_bytes / size))
    return bag


def _keyed_bag(reader, codes, steps, kernel, bias):
    kernel_codes, kernel_steps = by_row(kernel)
    return KeyedBag(reader, codes, steps, kernel_codes, kernel_steps, bias.astype(np.float16))
