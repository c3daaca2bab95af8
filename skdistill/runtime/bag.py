"""The bag of words, n-grams and character n-grams: what it reads and what it computes.

Owns the features of a document and the forward pass in numpy. It must not know
how the weights came about.

Conventions
-----------
A document has several *groups* of features: its tokens, its n-grams for each n,
and the character n-grams of its words. Row 0 of every table is a zero vector and
stands for a feature that training did not see. With ``c[g]`` the number of seen
features in group g and ``G`` the number of groups with any::

    pooled = sum over g of (sum of the rows of group g) / sqrt(c[g] * G)
"""

from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np
import scipy.sparse

from .keys import KeyIndex, ngram_keys
from .sequences import PADDING, UNKNOWN, offsets_of, spans

# Mark the two ends of a word: noncharacters, which Unicode keeps for a program's own use.
_WORD_START, _WORD_END = "\ufdd0", "\ufdd1"


@dataclass(frozen=True)
class BagVocabulary:
    """The features that training saw.

    Attributes
    ----------
    ngrams : int
        The longest run of tokens that is a feature; 1 for single tokens alone.
    subwords : tuple of int
        Lengths of the character n-grams inside words.
    seen : ndarray of shape (n_tokens,), bool
        Which token ids occurred.
    spellings : list of str
        The text of the ids from 2 on; empty without ``subwords``.
    ngram_index, subword_index : KeyIndex
        The n-grams and character n-grams.
    """

    ngrams: int
    subwords: tuple
    seen: np.ndarray
    spellings: list
    ngram_index: KeyIndex
    subword_index: KeyIndex

    @classmethod
    def learn(cls, sequences, n_tokens, spellings, *, ngrams, subwords, max_features):
        """Read which features some documents have.

        Of the n-grams and character n-grams the ``max_features`` most frequent stay.
        """
        seen = np.bincount(sequences.ids, minlength=n_tokens) > 0
        ngram, ngram_counts = _count_ngrams(sequences, ngrams)
        subword, subword_counts = _count_subwords(sequences, spellings, subwords)
        frequency = -np.concatenate([ngram_counts, subword_counts])
        kept = np.zeros(len(frequency), dtype=bool)
        kept[np.argsort(frequency, kind="stable")[:max_features]] = True
        ngram_index = KeyIndex(np.unique(ngram[kept[: len(ngram)]]))
        subword_index = KeyIndex(subword[kept[len(ngram) :]])
        return cls(ngrams, subwords, seen, list(spellings) if subwords else [], ngram_index, subword_index)

    @property
    def n_rows(self):
        """Rows of a table over all features: tokens, n-grams, character n-grams."""
        return len(self.seen) + len(self.ngram_index) + len(self.subword_index)

    @property
    def n_groups(self):
        """How many groups of features a document has."""
        return self.ngrams + bool(self.subwords)

    @cached_property
    def token_rows(self):
        """The table row of each token id: an id that training did not see is an unknown token."""
        rows = np.where(self.seen, np.arange(len(self.seen)), UNKNOWN * self.seen[UNKNOWN])
        rows[PADDING] = 0
        return rows.astype(np.int32)

    def ngram_rows(self, sequences):
        """The rows in ``ngram_index`` of the runs that begin at each token, for n = 2, 3, ...

        A run that would leave its document has row 0.
        """
        for n, keys in enumerate(ngram_keys(sequences.ids, self.ngrams), 1):
            if n > 1:
                rows = self.ngram_index.rows(keys)
                if len(sequences) > 1:
                    rows[_crossing(sequences.offsets, n)] = 0
                yield rows

    def subword_rows(self, words):
        """The rows in ``subword_index`` that the words have, and how many each word has."""
        keys, owners = subword_keys(words, self.subwords)
        rows = self.subword_index.rows(keys)
        order = np.argsort(owners, kind="stable")
        order = order[rows[order] > 0]
        return rows[order], np.bincount(owners[order], minlength=len(words))

    @cached_property
    def known_subwords(self):
        """``subword_rows`` of the vocabulary's own tokens, by id."""
        return self.subword_rows(["", "", *self.spellings])

    def __getstate__(self):
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def group_rows(self, sequences):
        """All features of all documents.

        Returns
        -------
        rows : ndarray of shape (n_features_in_all_documents,), int32
            Rows of a table with ``n_rows`` rows; a document's features are
            neighbours, and in it those of a group.
        counts : ndarray of shape (n_documents, n_groups), int32
        """
        tokens = np.repeat(np.arange(len(sequences)), np.diff(sequences.offsets))
        groups = [(self.token_rows[sequences.ids], tokens)]
        first = len(self.seen) - 1
        for rows in self.ngram_rows(sequences):
            groups.append((np.where(rows, rows + first, 0), tokens[: len(rows)]))
        if self.subwords:
            first += len(self.ngram_index)
            rows, lengths = self._token_subwords(sequences)
            groups.append((rows + first, np.repeat(tokens, lengths)))
        return _interleave(groups, len(sequences))

    def _token_subwords(self, sequences):
        known, known_lengths = self.known_subwords
        unknown, unknown_lengths = self.subword_rows(sequences.words)
        words = sequences.ids.astype(np.int64)
        words[sequences.unknown] = len(known_lengths) + np.arange(len(sequences.unknown))
        lengths = np.concatenate([known_lengths, unknown_lengths])
        starts = offsets_of(lengths)[:-1]
        return np.concatenate([known, unknown])[spans(starts[words], lengths[words])], lengths[words]


@dataclass(frozen=True)
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

    @property
    def layers(self):
        """(kernel, bias) of each dense layer, first to last."""
        count = sum(name.startswith("kernel_") for name in self.weights)
        return [(self.weights[f"kernel_{i}"], self.weights[f"bias_{i}"]) for i in range(count)]

    @cached_property
    def predictor(self):
        """The same network arranged for fast prediction."""
        return BagPredictor.from_trained(self)

    def __getstate__(self):
        return {"vocabulary": self.vocabulary, "weights": self.weights}


@dataclass(frozen=True)
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
    layers : list of (kernel, bias)
        What is left of the dense layers.
    bias : ndarray
        Of a folded output layer; zeros otherwise.
    """

    vocabulary: BagVocabulary
    tokens: np.ndarray
    ngrams: np.ndarray
    subwords: np.ndarray
    layers: list
    bias: np.ndarray

    @classmethod
    def from_trained(cls, trained, fold=True):
        """Arrange the weights of a ``TrainedBag``; without ``fold`` leave its layers apart."""
        vocabulary, weights, layers = trained.vocabulary, trained.weights, trained.layers
        kernel, bias = layers[0]
        width = kernel.shape[0]
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
        return cls(slim, **tables, layers=layers, bias=bias if fold else np.zeros(width, np.float32))

    def logits(self, sequences):
        """Logits of shape (n_documents, n_classes), float32."""
        groups = np.array(list(self._group_sums(sequences)))
        counts = groups[:, :, -1:]
        nonempty = np.maximum(np.add.reduce(counts > 0, axis=0, dtype=np.float32), 1)
        pooled = np.add.reduce(groups[:, :, :-1] / np.sqrt(np.maximum(counts, 1) * nonempty), axis=0)
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
            yield sums + self._unknown_subwords(sequences) if sequences.words else sums

    def _unknown_subwords(self, sequences):
        """The sums over the unknown words' character n-grams.

        All words are cut as one text. A run across two words holds the end mark of
        one before the start mark of the next, and a whole word has both of its marks:
        training saw neither, so that both have row 0.
        """
        sizes, index = self.vocabulary.subwords, self.vocabulary.subword_index
        keys = [keys for n, keys in enumerate(ngram_keys(_spell(sequences.words), max(sizes)), 1) if n in sizes]
        rows = index.rows(np.concatenate(keys))
        if len(sequences) == 1:
            return sum_rows(self.subwords, rows, sequences.offsets)
        words = np.searchsorted(sequences.unknown, sequences.offsets)
        offsets = offsets_of(_spelled_lengths(sequences.words))[words]
        ends = np.cumsum([len(part) for part in keys])
        return sum(sum_rows(self.subwords, part, offsets) for part in np.split(rows, ends[:-1]))


def _count_ngrams(sequences, longest):
    """Distinct keys of the runs of 2 to ``longest`` tokens, and how often each occurs."""
    counted = [(np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64))]
    for n, keys in enumerate(ngram_keys(sequences.ids, longest), 1):
        if n > 1:
            counted.append(np.unique(np.delete(keys, _crossing(sequences.offsets, n)), return_counts=True))
    return [np.concatenate(parts) for parts in zip(*counted)]


def _count_subwords(sequences, spellings, sizes):
    """Distinct sorted keys of the words' character n-grams, and how often each occurs."""
    words = ["", "", *spellings, *sequences.words]
    keys, owners = subword_keys(words, sizes)
    occurrences = np.bincount(sequences.ids, minlength=len(words))
    occurrences[len(spellings) + 2 :] = 1  # each unknown word stands there for itself
    keys, places = np.unique(keys, return_inverse=True)
    counts = np.bincount(places, occurrences[owners], minlength=len(keys)).astype(np.int64)
    return keys[counts > 0], counts[counts > 0]


def subword_keys(words, sizes):
    """Keys of the character n-grams strictly inside each word between its end marks.

    Returns
    -------
    keys : ndarray of uint64
    owners : ndarray of int64
        The word of each.
    """
    lengths = _spelled_lengths(words)
    starts = offsets_of(lengths)[:-1]
    found = [(np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64))]
    for n, keys in enumerate(ngram_keys(_spell(words), max(sizes, default=1)), 1):
        if n in sizes:
            counts = np.where(lengths > n, lengths - n + 1, 0)
            found.append((keys[spans(starts, counts)], np.repeat(np.arange(len(words)), counts)))
    return [np.concatenate(parts) for parts in zip(*found)]


def _spell(words):
    """Code points of all words between their end marks; none for ""."""
    text = "".join([f"{_WORD_START}{word}{_WORD_END}" if word else "" for word in words])
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def _spelled_lengths(words):
    """How many code points each word has there."""
    lengths = np.fromiter(map(len, words), np.int64, len(words))
    return lengths + 2 * (lengths > 0)


def sum_rows(table, rows, offsets):
    """Sum the table's rows named by ``rows[offsets[i]:offsets[i + 1]]`` for each i.

    Offsets may lead past the end of ``rows``; those of a single document are not read.
    """
    if len(offsets) == 2:  # scipy's constructor takes longer than the sum of one document
        return np.add.reduce(table.take(rows, axis=0), axis=0, keepdims=True)
    ones = np.ones(len(rows), dtype=table.dtype)
    offsets = np.minimum(offsets, len(rows))
    return scipy.sparse.csr_array((ones, rows, offsets), shape=(len(offsets) - 1, len(table))) @ table


def pool_rows(table, rows, counts):
    """Pool what ``BagVocabulary.group_rows`` gives: one table, all groups.

    Returns
    -------
    pooled : ndarray of shape (n_documents, table.shape[1])
    """
    nonempty = np.maximum((counts > 0).sum(axis=1, keepdims=True), 1)
    scales = 1 / np.sqrt(np.maximum(counts, 1) * nonempty)
    weights = np.repeat(scales.ravel(), counts.ravel()).astype(np.float32)
    offsets = offsets_of(counts.sum(axis=1))
    return scipy.sparse.csr_array((weights, rows, offsets), shape=(len(counts), len(table))) @ table


def dense_layers(x, layers):
    """Dense layers with relu between them; ``x`` itself where there is none."""
    for kernel, bias in layers[:-1]:
        x = np.maximum(x @ kernel + bias, 0)
    for kernel, bias in layers[-1:]:
        x = x @ kernel + bias
    return x


def _with_count(rows, seen):
    """Add a column of ones; unseen rows are zero. Without ``seen``, add row 0 for them."""
    if seen is None:
        rows, seen = np.vstack([np.zeros((1, rows.shape[1])), rows]), np.arange(len(rows) + 1) > 0
    return np.hstack([rows, np.ones((len(rows), 1))]) * seen[:, None]


def _crossing(offsets, n):
    """Where a run of ``n`` tokens begins in one document and ends in another."""
    starts = (offsets[1:-1, None] - np.arange(1, n)).ravel()
    return starts[(starts >= 0) & (starts <= offsets[-1] - n)]


def _interleave(groups, n_documents):
    """Lay the groups' rows document by document; rows of 0 leave."""
    groups = [(rows[rows > 0], owners[rows > 0]) for rows, owners in groups]
    counts = np.stack([np.bincount(owners, minlength=n_documents) for _, owners in groups], axis=1)
    out = np.empty(counts.sum(), dtype=np.int32)
    starts = offsets_of(counts.ravel())[:-1].reshape(counts.shape)
    for (rows, _), start, count in zip(groups, starts.T, counts.T):
        out[spans(start, count)] = rows
    return out, counts.astype(np.int32)
