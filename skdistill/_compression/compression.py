"""The steps of a compression, in order."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from .._progress import progress_bar
from .._training.features import document_frequencies
from ..runtime.feature_keys import FeatureKeys
from ..runtime.keyed_bag import KeyedBag
from .budget import rows_within
from .documents import read_documents
from .linear_bag import LinearBag
from .quantization import by_row, coarse_step, round_rows
from .rotation import centre, rotate, scale_to
from .selection import EXACT_BITS, EXTRA_BITS, cut_keys, key_bits, usefulness
from .training import LEARNING_RATE, ROUNDED_LEARNING_RATE, Weights, dropout_for, train

# The standard deviation of rows before they are retrained, about that of a table after training.
_DEVIATION = 0.15


class Corpus(NamedTuple):
    """Texts and a teacher's probabilities for them.

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


class Ranking(NamedTuple):
    """The features by their usefulness.

    Attributes
    ----------
    bag : LinearBag
    order : ndarray of shape (n_useful,), int
        The features, the most useful first.
    frequencies, energies : ndarray of shape (n_features,)
        In how many documents each feature occurs, and the sum of the squares of its scales in them.
    n_columns : int
        The columns that rows are rotated to.
    """

    bag: LinearBag
    order: np.ndarray
    frequencies: np.ndarray
    energies: np.ndarray
    n_columns: int

    @classmethod
    def of_bag(cls, bag, documents, n_columns):
        """Return the ranking; without documents the frequencies are those of training, and stand for energies."""
        frequencies, energies = (bag.frequencies,) * 2 if documents is None else _measure(documents)
        useful = usefulness(bag.rows, bag.kernel, frequencies)
        order = np.argsort(-useful, kind="stable")[: np.count_nonzero(useful)]
        return cls(bag, order, frequencies, energies, n_columns)

    def prune(self, n_rows):
        """Return about ``n_rows`` of the most useful rows: features with the same short key share one."""
        bag = self.bag
        reader, kept = cut_keys(bag.reader, self.order[:n_rows], key_bits(n_rows, EXTRA_BITS))
        rows, kernel = rotate(bag.rows[kept], bag.kernel, self.energies[kept], self.n_columns)
        weights = Weights(*scale_to(rows, kernel, _DEVIATION), bag.bias.astype(np.float32))
        return Pruned(reader, weights, self.frequencies[kept])


def compress(bag, max_bytes, size_of, corpus, settings, *, max_iter, generator):
    """Return a bag whose file is not larger than ``max_bytes``; with None, and if it fits, one with all rows.

    Parameters
    ----------
    bag : LinearBag
    max_bytes : int or None
    size_of : callable
        From a KeyedBag to the bytes of its file.
    corpus : Corpus or None
        What it is retrained on. If None, it is only pruned and rounded.
    settings : Settings
    max_iter : int
        Epochs, at least 1; half as many with rounded rows follow.
    generator : numpy.random.Generator

    Returns
    -------
    compressed : KeyedBag
    """
    is_softmax, n_classes = settings.activation == "softmax", len(bag.bias)
    # One fewer than the classes: adding a number to all logits does not change their
    # softmax.
    most_columns = max(1, n_classes - is_softmax)
    if is_softmax:
        bag = bag._replace(**centre(bag.kernel, bag.bias))
    whole = _keep_all(bag, min(len(bag.kernel), most_columns))
    if max_bytes is None or size_of(whole) <= max_bytes:
        return whole
    documents = None if corpus is None else read_documents(bag.reader, corpus.texts)
    ranking = Ranking.of_bag(bag, documents, min(bag.n_units, most_columns))
    n_rows = rows_within(max_bytes, lambda n: size_of(_rounded(ranking.prune(n))), len(ranking.order))
    pruned = ranking.prune(n_rows)
    step = None
    if corpus is not None:
        dropout = dropout_for(documents)
        step = _retrain(pruned, corpus, settings, max_iter=max_iter, dropout=dropout, generator=generator)
    return _within(pruned, step, max_bytes, size_of)


def _keep_all(bag, n_columns):
    """Return a bag with all rows, each with its own step: almost the same logits in a quarter of the bytes."""
    n_features = len(bag.rows)
    reader, kept = cut_keys(bag.reader, np.arange(n_features), key_bits(n_features, EXACT_BITS))
    reader = replace(reader, has_unknown=True)
    rows, kernel = rotate(bag.rows[kept], bag.kernel, bag.frequencies[kept], n_columns)
    return _keyed_bag(reader, *by_row(rows), kernel, bag.bias)


def _rounded(pruned, step=None):
    """Return the bag of rounded rows."""
    rows, kernel, bias = pruned.weights
    step = coarse_step(rows) if step is None else step
    codes = round_rows(rows, step).astype(np.int8)
    return _keyed_bag(pruned.reader, codes, np.array([step], np.float32), kernel, bias)


def _measure(documents):
    """Return in how many documents each feature occurs, and the sum of the squares of its scales."""
    frequencies = document_frequencies(documents.rows, documents.counts, documents.n_rows)
    return frequencies.astype(np.float64), documents.matrix().power(2).sum(axis=0)


def _retrain(pruned, corpus, settings, *, max_iter, dropout, generator):
    """Train the rows, first as they are, then rounded; return their step."""
    # Through the short keys: training sees which features read the row of another.
    documents = read_documents(pruned.reader, corpus.texts)
    given, n_rounded = (pruned.weights, documents, corpus.targets, settings), -(-max_iter // 2)
    with progress_bar(total=max_iter + n_rounded, desc="compress", unit="epoch") as progress:
        common = {"dropout": dropout, "generator": generator, "progress": progress}
        train(*given, n_epochs=max_iter, rate=LEARNING_RATE, step=None, **common)
        step = coarse_step(pruned.weights.rows)
        train(*given, n_epochs=n_rounded, rate=ROUNDED_LEARNING_RATE, step=step, **common)
    return step


def _within(pruned, step, max_bytes, size_of):
    """Return the bag of rounded rows, without the least useful ones if its file would be too large."""
    step = coarse_step(pruned.weights.rows) if step is None else step
    useful = usefulness(round_rows(pruned.weights.rows, step), pruned.weights.kernel, pruned.frequencies)
    order = np.argsort(-useful, kind="stable")
    bag = _rounded(pruned, step)
    while (size := size_of(bag)) > max_bytes:
        order = order[: min(len(order) - 1, int(len(order) * max_bytes / size))]
        bag = _rounded(pruned.take(np.sort(order)), step)
    return bag


def _keyed_bag(reader, codes, steps, kernel, bias):
    kernel_codes, kernel_steps = by_row(kernel)
    return KeyedBag(reader, codes, steps, kernel_codes, kernel_steps, bias.astype(np.float16))
