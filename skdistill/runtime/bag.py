"""The bag of words, n-grams and character n-grams: its forward pass in numpy.

Owns what a trained bag computes. It must not know how its weights came about.

Conventions
-----------
Row 0 of every table is a zero vector. With ``c[g]`` the number of a document's seen
features in group g and ``G`` the number of groups with any::

    pooled = sum over g of (sum of the rows of group g) / sqrt(c[g] * G)
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from .dense import dense_layers, layers_of
from .keys import ngram_keys
from .sequences import offsets_of
from .summary import summarize_network, summarize_weights
from .vocabulary import BagVocabulary


@dataclass(frozen=True, repr=False)
class TrainedBag:
    """A trained bag: its vocabulary and its weights by name.

    Attributes
    ----------
    vocabulary : BagVocabulary
    weights : dict of ndarray
        ``"tokens"``, ``"ngrams"`` and ``"subwords"``, each with ``units`` columns;
        ``"kernel_0"``, ``"bias_0"``, ... of the dense layers, the last of which
        gives the logits.
    """

    vocabulary: BagVocabulary
    weights: dict

    def __repr__(self):
        return summarize_weights(self, len(self.vocabulary.seen), "tokens", self.vocabulary.nbytes)

    @property
    def layers(self):
        """(kernel, bias) of each dense layer, first to last."""
        return layers_of(self.weights)

    @cached_property
    def predictor(self):
        """The same network arranged for fast prediction."""
        return BagPredictor.from_trained(self)

    def __getstate__(self):
        return {"vocabulary": self.vocabulary, "weights": self.weights}


@dataclass(frozen=True, repr=False)
class BagPredictor:
    """A trained bag arranged for prediction.

    The character n-grams of each known token are summed beforehand. Where there
    is no hidden layer and fewer classes than units, the tables are multiplied by
    the output layer: a linear map of a sum is the sum of the linear maps.
    The last columns of a table are ones, so that one sum gives a group's count too.

    Attributes
    ----------
    vocabulary : BagVocabulary
        Without ``spellings``: they were needed for the sums only.
    tokens : ndarray of shape (n_tokens, width + 1) or (n_tokens, 2 * width + 2)
    ngrams, subwords : ndarray of shape (n_features + 1, width + 1)
    n_units : int
        Columns of the tables before a fold.
    layers : list of (kernel, bias)
        What is left of the dense layers.
    bias : ndarray
        Of a folded output layer; zeros otherwise.
    """

    vocabulary: BagVocabulary
    tokens: np.ndarray
    ngrams: np.ndarray
    subwords: np.ndarray
    n_units: int
    layers: list
    bias: np.ndarray

    @classmethod
    def from_trained(cls, trained, fold=True):
        """Arrange the weights of a ``TrainedBag``; without ``fold`` leave its layers apart."""
        vocabulary, weights, layers = trained.vocabulary, trained.weights, trained.layers
        kernel, bias = layers[0]
        width = n_units = kernel.shape[0]
        fold = fold and len(layers) == 1 and kernel.shape[1] < width
        if fold:
            width, layers = kernel.shape[1], []
        tables = {
            name: _with_count((weights[name].astype(np.float64) @ kernel) if fold else weights[name], mask)
            for name, mask in (("tokens", vocabulary.seen), ("ngrams", None), ("subwords", None))
        }
        tables["tokens"] = tables["tokens"][vocabulary.token_rows]
        if vocabulary.subwords:
            rows, lengths = vocabulary.known_subwords
            summed = sum_rows(tables["subwords"], rows, offsets_of(lengths))
            tables["tokens"] = np.hstack([tables["tokens"], summed])
        tables = {name: table.astype(np.float32) for name, table in tables.items()}
        slim = replace(vocabulary, spellings=[])
        return cls(slim, **tables, n_units=n_units, layers=layers, bias=bias if fold else np.zeros(width, np.float32))

    @property
    def n_tokens(self):
        """How many token ids there are."""
        return len(self.vocabulary.seen)

    @property
    def spelled(self):
        """Whether the text of unknown tokens is read."""
        return bool(self.vocabulary.subwords)

    @property
    def n_classes(self):
        """How many logits there are."""
        return len(self.layers[-1][1] if self.layers else self.bias)

    @property
    def nbytes(self):
        """Bytes of all arrays."""
        arrays = [
            self.tokens,
            self.ngrams,
            self.subwords,
            self.bias,
            *(array for layer in self.layers for array in layer),
        ]
        return sum(array.nbytes for array in arrays) + self.vocabulary.nbytes

    def __repr__(self):
        return summarize_network(self, self.n_tokens, self.n_units, self.n_classes, self.nbytes)

    def logits(self, sequences):
        """Return logits of shape (n_documents, n_classes), float32."""
        groups = list(self._group_sums(sequences))
        pooled = _pool_one(groups) if len(sequences) == 1 else _pool(groups)
        return dense_layers(pooled + self.bias, self.layers)

    def _group_sums(self, sequences):
        """For each group: the sum of its rows, and in the last column its count."""
        width = self.subwords.shape[1]
        sums = sum_rows(self.tokens, sequences.ids, sequences.offsets)
        yield sums[:, :width]
        for rows in self.vocabulary.ngram_rows(sequences):
            yield sum_rows(self.ngrams, rows, sequences.offsets)
        if self.vocabulary.subwords:
            sums = sums[:, width:]
            yield sums + self._unknown_subwords(sequences) if len(sequences.unknown) else sums

    def _unknown_subwords(self, sequences):
        """The sums over the unknown words' character n-grams.

        All words are cut as one text. A run across two words holds the end mark of
        one before the start mark of the next, and a whole word has both of its marks:
        training saw neither, so that both have row 0.
        """
        sizes, index = self.vocabulary.subwords, self.vocabulary.subword_index
        keys = [keys for n, keys in enumerate(ngram_keys(sequences.letters, max(sizes)), 1) if n in sizes]
        rows = index.rows(np.concatenate(keys))
        if len(sequences) == 1:
            return sum_rows(self.subwords, rows, sequences.offsets)
        words = np.searchsorted(sequences.unknown, sequences.offsets)
        offsets = sequences.letter_offsets[words]
        ends = np.cumsum([len(part) for part in keys])
        return sum(sum_rows(self.subwords, part, offsets) for part in np.split(rows, ends[:-1]))


def _pool(groups):
    """Scale and add the groups' sums, whose last column counts."""
    counts = np.array([group[:, -1:] for group in groups])
    scales = 1 / np.sqrt(np.maximum(counts, 1) * np.maximum((counts > 0).sum(axis=0, dtype=np.float32), 1))
    return sum(group[:, :-1] * scale for group, scale in zip(groups, scales))


def _pool_one(groups):
    """The same for one document, whose counts are best handled as plain numbers."""
    groups = np.concatenate(groups)
    counts = groups[:, -1].tolist()
    nonempty = sum(count > 0 for count in counts) or 1
    scales = np.array([[(max(count, 1) * nonempty) ** -0.5 for count in counts]], groups.dtype)
    return scales @ groups[:, :-1]


def sum_rows(table, rows, offsets):
    """Sum the table's rows named by ``rows[offsets[i]:offsets[i + 1]]`` for each i.

    Offsets may lead past the end of ``rows``; those of a single document are not read.

    Parameters
    ----------
    table : ndarray of shape (n_rows, n_columns)
    rows : ndarray of shape (n_entries,), int
    offsets : ndarray of shape (n_sums + 1,), int

    Returns
    -------
    sums : ndarray of shape (n_sums, n_columns)
    """
    if len(offsets) == 2:  # scipy's constructor takes longer than the sum of one document
        return np.add.reduce(table.take(rows, axis=0), axis=0, keepdims=True)
    offsets = np.minimum(offsets, len(rows))
    try:
        from scipy.sparse import csr_array
    except ImportError:  # slower by half, and equal up to rounding
        return _sum_rows_with_numpy(table, rows, offsets)
    ones = np.ones(len(rows), dtype=table.dtype)
    return csr_array((ones, rows, offsets), shape=(len(offsets) - 1, len(table))) @ table


def _sum_rows_with_numpy(table, rows, offsets):
    sums = np.zeros((len(offsets) - 1, table.shape[1]), dtype=table.dtype)
    filled = np.flatnonzero(np.diff(offsets))  # ``reduceat`` takes an empty sum for its first element
    if len(filled):
        sums[filled] = np.add.reduceat(table.take(rows[: offsets[-1]], axis=0), offsets[filled], axis=0)
    return sums


def _with_count(rows, seen):
    """Add a column of ones; unseen rows are zero. Without ``seen``, add row 0 for them."""
    if seen is None:
        rows, seen = np.vstack([np.zeros((1, rows.shape[1])), rows]), np.arange(len(rows) + 1) > 0
    return np.hstack([rows, np.ones((len(rows), 1))]) * seen[:, None]
