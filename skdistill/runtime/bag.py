"""The bag of words, n-grams and character n-grams: its forward pass in numpy.

A linear classifier on the pooled vectors of a document's features, like fastText (Joulin
et al. 2017, Bag of Tricks for Efficient Text Classification, section 2), with optional
hidden layers, and with an optional linear path beside it (``runtime.linear_path``).

Conventions
-----------
The features come in groups (see ``runtime.vocabulary``), and row 0 of every table is a
zero vector. With ``c[g]`` the number of features of a document in group g that training
saw, and ``G`` the number of groups with any::

    pooled = sum over g of (sum of the rows of group g) / sqrt(c[g] * G)

fastText takes the mean of all features. Here each group counts alike, however many
features it has, and the divisor is a root: the sum of n independent vectors has about
sqrt(n) times the norm of one of them, so that short and long documents have pooled vectors
of about the same norm.
"""

from dataclasses import dataclass, replace

import numpy as np

from .archive import LARGEST
from .dense import dense_layers, layers_from_state, weights_of
from .keys import ngram_keys
from .pooled_vectors import PooledVectors
from .sequences import MOST_TOKENS, offsets_of
from .state import array_of, arrays_under, integer_of, optional_values_under, under, values_under
from .summary import summarize_network
from .sums import sum_rows
from .vocabulary import BagVocabulary

#: Dense layers of a saved bag.
MOST_LAYERS = 1000


@dataclass(frozen=True, repr=False)
class BagPredictor:
    """A trained bag, rearranged for prediction.

    Three things are done once instead of in each prediction:

    * The tables are multiplied by the output layer, if there is no hidden layer and there
      are fewer classes than units or a linear path ("folded" below). Since the layer is linear
      and pooling is a weighted sum, ``(sum of w * row) @ kernel == sum of w * (row @ kernel)``.
      A row then has one number per class instead of one per unit, and the path's is added to it.
    * The character n-grams of each known token are summed and stand beside the token's
      vector, so that a look-up gives both.
    * Each vector ends with a 1, if training saw its feature: the sum of a group's rows ends
      with the group's count.

    Attributes
    ----------
    vocabulary : BagVocabulary
        Without ``spellings``: they were needed for the sums only.
    tokens : ndarray of shape (n_tokens, width + 1) or (n_tokens, 2 * width + 2), float32
        A token's vector and 1; with ``subwords``, then the sum of its character n-grams'
        vectors and their count. ``width`` is n_classes if folded; otherwise n_units, and
        n_classes more with a linear path.
    ngrams, subwords : ndarray of shape (n_features + 1, width + 1), float32
        Row 0 is zero, in the last column too: unseen features are not counted.
    n_units : int
        Columns of the tables of the trained bag.
    layers : list of (kernel, bias)
        The dense layers; empty if folded.
    bias : ndarray of shape (width,), float32
        The bias of the folded layer; zeros otherwise.
    vectors : PooledVectors or None, default=None
        What the word vectors of a linear path add to the logits.
    """

    vocabulary: BagVocabulary
    tokens: np.ndarray
    ngrams: np.ndarray
    subwords: np.ndarray
    n_units: int
    layers: list
    bias: np.ndarray
    vectors: PooledVectors | None = None

    reads_texts = False  # but token ids

    @classmethod
    def from_trained(cls, trained, fold=True):
        """Return the predictor of a trained bag.

        Parameters
        ----------
        trained : TrainedBag
        fold : bool, default=True
            Whether the output layer may be multiplied into the tables.

        Returns
        -------
        predictor : BagPredictor
        """
        vocabulary, (tables, layers) = trained.vocabulary, trained.with_path()
        (n_units, width), bias = layers[0][0].shape, layers[0][1]
        if fold and len(layers) == 1 and (trained.path is not None or width < n_units):
            # In double precision: only the finished tables are rounded to float32.
            tables = {name: _fold(table.astype(np.float64), layers[0][0]) for name, table in tables.items()}
            layers = []
        else:
            width = tables["tokens"].shape[1]
            bias = np.zeros(width, np.float32)
        tables = {
            name: _with_count(tables[name], mask)
            for name, mask in (("tokens", vocabulary.seen), ("ngrams", None), ("subwords", None))
        }
        tables["tokens"] = tables["tokens"][vocabulary.token_rows]
        if vocabulary.subwords:
            rows, lengths = vocabulary.known_subwords
            summed = sum_rows(tables["subwords"], rows, offsets_of(lengths))
            tables["tokens"] = np.hstack([tables["tokens"], summed])
        tables = {name: table.astype(np.float32) for name, table in tables.items()}
        slim = replace(vocabulary, spellings=[])
        vectors = None if trained.path is None else trained.path.scaled_vectors
        return cls(slim, **tables, n_units=n_units, layers=layers, bias=bias, vectors=vectors)

    def state(self):
        """Return plain values and arrays, from which ``from_state`` makes the predictor again."""
        vocabulary, of_vocabulary = self.vocabulary.state()
        vectors, of_vectors = (None, {}) if self.vectors is None else self.vectors.state()
        values = {
            "vocabulary": vocabulary,
            "vectors": vectors,
            "n_units": int(self.n_units),
            "n_layers": len(self.layers),
        }
        tables = {name: getattr(self, name) for name in ("tokens", "ngrams", "subwords", "bias")}
        parts = under("vocabulary", of_vocabulary) | under("vectors", of_vectors)
        return values, {**tables, **weights_of(self.layers), **parts}

    @classmethod
    def from_state(cls, values, arrays):
        """Return the predictor of a state, or raise a ValueError that says what is wrong with it."""
        vocabulary = BagVocabulary.from_state(values_under(values, "vocabulary"), arrays_under(arrays, "vocabulary"))
        bias = array_of(arrays, "bias", np.float32, None)
        n_layers, n_units = (
            integer_of(values, "n_layers", 0, MOST_LAYERS),
            integer_of(values, "n_units", 1, MOST_TOKENS),
        )
        layers = layers_from_state(arrays, n_layers, n_units, LARGEST * MOST_TOKENS)
        n_classes = len(layers[-1][1] if layers else bias)
        if layers and len(bias) not in (n_units, n_units + n_classes):
            raise ValueError(f"'bias' must have a number for each of {n_units} units. Got {len(bias)}")
        tables = _tables_from_state(arrays, vocabulary, len(bias))
        vectors = optional_values_under(values, "vectors")
        if vectors is not None:
            sizes = len(vocabulary.seen), n_classes
            vectors = PooledVectors.from_state(vectors, arrays_under(arrays, "vectors"), *sizes)
        return cls(vocabulary, **tables, n_units=n_units, layers=layers, bias=bias, vectors=vectors)

    @property
    def n_tokens(self):
        """Number of token ids, with padding and unknown."""
        return len(self.vocabulary.seen)

    @property
    def spelled(self):
        """Whether ``logits`` reads the text of unknown tokens."""
        return bool(self.vocabulary.subwords) or self.vectors is not None

    @property
    def n_classes(self):
        """Number of logits per document."""
        return len(self.layers[-1][1] if self.layers else self.bias)

    @property
    def nbytes(self):
        """Number of bytes of all arrays."""
        arrays = [
            self.tokens,
            self.ngrams,
            self.subwords,
            self.bias,
            *(array for layer in self.layers for array in layer),
        ]
        of_vectors = 0 if self.vectors is None else self.vectors.nbytes
        return sum(array.nbytes for array in arrays) + self.vocabulary.nbytes + of_vectors

    def __repr__(self):
        return summarize_network(self, self.n_tokens, self.n_units, self.n_classes, self.nbytes)

    def logits(self, sequences):
        """Return the logits of documents.

        Parameters
        ----------
        sequences : TokenSequences

        Returns
        -------
        logits : ndarray of shape (n_documents, n_classes), float32
            For a document without known features, the bias of a folded layer, or the output
            of the dense layers for zeros.
        """
        groups = list(self._group_sums(sequences))
        pooled = pool_one(groups) if len(sequences) == 1 else pool(groups)
        pooled += self.bias
        logits = pooled
        if self.layers:
            logits = dense_layers(pooled[:, : self.n_units], self.layers)
            if pooled.shape[1] > self.n_units:
                logits += pooled[:, self.n_units :]
        if self.vectors is not None:
            logits += self.vectors.pool(sequences)
        return logits

    def _group_sums(self, sequences):
        """Yield for each group an array of shape (n_documents, width + 1): the sums of its rows, and its counts."""
        width = self.subwords.shape[1]
        sums = sum_rows(self.tokens, sequences.ids, sequences.offsets)
        yield sums[:, :width]
        for rows in self.vocabulary.ngram_rows(sequences):
            yield sum_rows(self.ngrams, rows, sequences.offsets)
        if self.vocabulary.subwords:
            sums = sums[:, width:]
            yield sums + self._unknown_subwords(sequences) if len(sequences.unknown) else sums

    def _unknown_subwords(self, sequences):
        """Return the sums over the character n-grams of each document's unknown words.

        The words are read as one text, without looking at where each ends. The runs that do
        not count find row 0 by themselves, since training never saw their keys: a run across
        two words holds the end character of one before the start character of the next, and a
        whole word holds both of its boundary characters.

        Parameters
        ----------
        sequences : TokenSequences

        Returns
        -------
        sums : ndarray of shape (n_documents, width + 1)
        """
        sizes, index = self.vocabulary.subwords, self.vocabulary.subword_index
        keys = [keys for n, keys in enumerate(ngram_keys(sequences.letters, max(sizes)), 1) if n in sizes]
        rows = index.rows(np.concatenate(keys))
        if len(sequences) == 1:
            return sum_rows(self.subwords, rows, sequences.offsets)
        words = np.searchsorted(sequences.unknown, sequences.offsets)  # each document's first unknown word
        offsets = sequences.letter_offsets[words]  # and its first letter
        ends = np.cumsum([len(part) for part in keys])
        return sum(sum_rows(self.subwords, part, offsets) for part in np.split(rows, ends[:-1]))


def pool(groups):
    """Scale and add the groups' sums.

    Parameters
    ----------
    groups : list of ndarray of shape (n_documents, width + 1)
        Sums, and counts in the last column.

    Returns
    -------
    pooled : ndarray of shape (n_documents, width)
    """
    counts = np.array([group[:, -1:] for group in groups])  # (n_groups, n_documents, 1)
    # 1 / sqrt(c[g] * G). Where either is 0 the sum is 0, and 1 stands for it to avoid 0 / 0.
    scales = 1 / np.sqrt(np.maximum(counts, 1) * np.maximum((counts > 0).sum(axis=0, dtype=np.float32), 1))
    return sum(group[:, :-1] * scale for group, scale in zip(groups, scales))


def pool_one(groups):
    """Scale and add the groups' sums of a single document, as ``pool`` does.

    A few Python numbers are faster than numpy's overhead per operation.

    Parameters
    ----------
    groups : list of ndarray of shape (1, width + 1)

    Returns
    -------
    pooled : ndarray of shape (1, width)
    """
    groups = np.concatenate(groups)  # (n_groups, width + 1)
    counts = groups[:, -1].tolist()
    nonempty = sum(count > 0 for count in counts) or 1
    scales = np.array([[(max(count, 1) * nonempty) ** -0.5 for count in counts]], groups.dtype)
    return scales @ groups[:, :-1]


def _tables_from_state(arrays, vocabulary, width):
    """Return the tables of a saved predictor, or raise a ValueError of one sentence."""
    n_groups = 2 if vocabulary.subwords else 1  # a token's vector, and that of its character n-grams
    heights = {"ngrams": len(vocabulary.ngram_index) + 1, "subwords": len(vocabulary.subword_index) + 1}
    tables = {name: array_of(arrays, name, np.float32, height, width + 1) for name, height in heights.items()}
    for name, table in tables.items():
        if table[0].any() or not (table[1:, -1] == 1).all():
            raise ValueError(f"The last column of {name!r} must be 1, and its row 0 must be 0")
    tokens = array_of(arrays, "tokens", np.float32, len(vocabulary.seen), n_groups * (width + 1))
    counts = tokens[:, width :: width + 1]
    if counts.min() < 0 or (counts != np.floor(counts)).any():
        raise ValueError("The counts in 'tokens' must be whole numbers")
    return {"tokens": tokens, **tables}


def _fold(table, kernel):
    """Return a table times the kernel of the output layer, plus its columns of a linear path."""
    n_units = len(kernel)
    folded = table[:, :n_units] @ kernel
    return folded + table[:, n_units:] if table.shape[1] > n_units else folded


def _with_count(rows, seen):
    """Return a table with a column of ones, and zero rows for unseen features.

    Parameters
    ----------
    rows : ndarray of shape (n_features, width)
    seen : ndarray of shape (n_features,), bool, or None
        Whether training saw each feature. If None, it saw all, and a row 0 for the others is
        put before them.

    Returns
    -------
    table : ndarray of shape (n_features, width + 1) or, without ``seen``, (n_features + 1, width + 1)
    """
    if seen is None:
        rows, seen = np.vstack([np.zeros((1, rows.shape[1])), rows]), np.arange(len(rows) + 1) > 0
    return np.hstack([rows, np.ones((len(rows), 1))]) * seen[:, None]
