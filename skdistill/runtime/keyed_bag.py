"""The bag of a compressed classifier: it reads texts, and its weights are small integers.

It computes what ``runtime.bag`` describes, with a pooled vector of few numbers and one dense layer. Its
features are found by short keys of their text (``runtime.feature_keys``). The rows of its table are codes,
multiplied by one step for all of them or by one for each::

    table = step * codes            logits = pooled @ (kernel_step * kernel_codes) + bias
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .bag import pool, pool_one
from .feature_keys import FeatureKeys
from .keys import ngram_keys
from .packing import pack_codes, unpack_codes
from .segmentation import Segments, token_keys
from .sequences import document_bounds, offsets_of
from .spelling import mark_ends, spell
from .state import array_of, integer_of
from .summary import count, summarize
from .sums import sum_rows
from .vocabulary import runs_across_documents, subword_runs
from .word_memory import WordMemory

_MOST_COLUMNS = 2**16
# Characters of texts that are read at a time.
_BATCH_SIZE = 1_000_000


@dataclass(frozen=True, repr=False, eq=False)
class KeyedBag:
    """A bag that reads texts.

    Attributes
    ----------
    features : FeatureKeys
        With a key for each row.
    codes : ndarray of shape (n_rows, n_columns), int8
    steps : ndarray of shape (1,) or (n_rows,), float32
    kernel_codes : ndarray of shape (n_columns, n_classes), int8
    kernel_steps : ndarray of shape (n_columns,), float32
    bias : ndarray of shape (n_classes,), float16
    """

    features: FeatureKeys
    codes: np.ndarray
    steps: np.ndarray
    kernel_codes: np.ndarray
    kernel_steps: np.ndarray
    bias: np.ndarray

    reads_texts = True  # instead of token ids

    @property
    def n_classes(self):
        """Number of logits per document."""
        return len(self.bias)

    @property
    def nbytes(self):
        """Number of bytes of all arrays that prediction reads."""
        return sum(array.nbytes for array in (self.features.keys, self._table, self._kernel, self._bias))

    def __repr__(self):
        numbers = zip(("row", "column", "class"), (*self.codes.shape, self.n_classes))
        return summarize(self, *(count(number, noun) for noun, number in numbers), nbytes=self.nbytes)

    def __reduce__(self):
        # Packed, without the cached properties and the remembered words.
        return KeyedBag.from_state, self.state()

    def state(self):
        """Return the bag as plain values and packed arrays, from which ``from_state`` makes it again.

        Returns
        -------
        values : dict
            Values of JSON by name.
        arrays : dict of str to ndarray
            ``"keys"`` and ``"codes"`` as ``runtime.packing`` packs them, and the other arrays.
        """
        values, arrays = self.features.state()
        others = {name: getattr(self, name) for name in ("steps", "kernel_codes", "kernel_steps", "bias")}
        return values | {"n_columns": self.codes.shape[1]}, {**arrays, "codes": pack_codes(self.codes), **others}

    @classmethod
    def from_state(cls, values, arrays):
        """Return the bag of a state, or raise a ValueError that says what is wrong with it.

        Parameters
        ----------
        values : dict
        arrays : dict of str to ndarray
            As ``state`` returns them. They may come from a file that is damaged or was made to do harm.

        Returns
        -------
        bag : KeyedBag
        """
        features, n_columns = FeatureKeys.from_state(values, arrays), integer_of(values, "n_columns", 1, _MOST_COLUMNS)
        codes = unpack_codes(array_of(arrays, "codes", np.uint8, None), len(features), n_columns)
        bias = array_of(arrays, "bias", np.float16, None)
        steps = array_of(arrays, "steps", np.float32, None)
        if len(steps) > 1:
            array_of(arrays, "steps", np.float32, len(features))
        kernel_codes = array_of(arrays, "kernel_codes", np.int8, n_columns, len(bias))
        kernel_steps = array_of(arrays, "kernel_steps", np.float32, n_columns)
        for name, array in {"steps": steps, "kernel_steps": kernel_steps, "bias": bias}.items():
            if not array.size or not np.isfinite(array).all():
                raise ValueError(f"The array {name!r} must hold finite numbers")
        return cls(features, codes, steps, kernel_codes, kernel_steps, bias)

    def logits(self, texts):
        """Return the logits of texts.

        Parameters
        ----------
        texts : list of str

        Returns
        -------
        logits : ndarray of shape (n_texts, n_classes), float32
            Those of a text without known features are the bias.
        """
        if len(texts) == 1:
            return pool_one(self._sums_of_one(texts[0])) @ self._kernel + self._bias
        bounds = document_bounds(offsets_of([len(text) for text in texts]), len(texts), _BATCH_SIZE)
        pooled = [pool(list(self._sums(texts[start:stop]))) for start, stop in bounds]
        return np.concatenate([np.zeros((0, self.codes.shape[1]), np.float32), *pooled]) @ self._kernel + self._bias

    def _sums(self, texts):
        """Yield for each group the sums of its rows and its counts, of shape (n_texts, n_columns + 1)."""
        segments = self.features.rule.split_all(texts)
        offsets, width = segments.offsets, self._table.shape[1]
        # Each distinct word is read once.
        keys, firsts, words = np.unique(token_keys(segments), return_index=True, return_inverse=True)
        distinct = Segments(segments.codes, segments.starts[firsts], segments.ends[firsts], np.array([0, len(keys)]))
        letters = mark_ends(distinct.codes, distinct.starts, distinct.ends - distinct.starts)
        vectors, symbols = self._read_words(keys, *letters)
        sums = sum_rows(vectors, words, offsets)
        yield sums[:, :width]
        yield from self._ngram_sums(symbols.take(words), offsets)
        if self.features.subwords:
            yield sums[:, width:]

    def _sums_of_one(self, text):
        """Return the list of what ``_sums`` yields for one text; its words are remembered."""
        words, width = self.features.rule.split(text), self._table.shape[1]
        if not words:
            return [np.zeros((1, width), np.float32)]
        vectors, symbols = self._known_words.read(words, self._read_distinct)
        sums = np.add.reduce(vectors, axis=0, keepdims=True)
        groups = [sums[:, :width], *self._ngram_sums(symbols, np.array([0, len(words)]))]
        return [*groups, sums[:, width:]] if self.features.subwords else groups

    def _read_distinct(self, words):
        """Return the vectors and the symbols of a list of different words, as ``_read_words`` returns them."""
        letters, offsets = spell(words)
        segments = Segments(letters, offsets[:-1] + 1, offsets[1:] - 1, np.array([0, len(words)]))
        return self._read_words(token_keys(segments), letters, offsets)

    def _read_words(self, keys, letters, offsets):
        """Return what words add to the sums of a document, and their symbols in the keys of n-grams.

        Parameters
        ----------
        keys : ndarray of shape (n_words,), uint64
        letters : ndarray of shape (n_letters,), uint32
        offsets : ndarray of shape (n_words + 1,), int64
            The words as ``runtime.spelling.spell`` returns them.

        Returns
        -------
        vectors : ndarray of shape (n_words, n_columns + 1) or, with subwords, (n_words, 2 * n_columns + 2)
            The word's row and a count, and the sum of those of its character n-grams.
        symbols : ndarray of shape (n_words,), uint64
        """
        rows, symbols = self.features.token_rows(keys)
        vectors = self._table.take(rows, axis=0)
        if self.features.subwords:
            vectors = np.hstack([vectors, self._subword_sums(letters, offsets)])
        return vectors, symbols

    def _subword_sums(self, letters, offsets):
        """Return the sums of the rows of the character n-grams of words, of shape (n_words, n_columns + 1)."""
        keys, counts = subword_runs(letters, offsets, self.features.subwords)
        sums = sum_rows(self._table, self.features.rows(keys, "subwords"), offsets_of(counts.ravel()))
        return np.add.reduce(sums.reshape(*counts.shape, self._table.shape[1]), axis=0)

    def _ngram_sums(self, symbols, offsets):
        """Yield the sums of the rows of the runs of n tokens, of shape (n_texts, n_columns + 1), for each n."""
        for n, keys in enumerate(ngram_keys(symbols, self.features.ngrams), 1):
            if n > 1:
                rows = self.features.rows(keys, "ngrams")
                if len(offsets) > 2:
                    rows[runs_across_documents(offsets, n)] = 0
                yield sum_rows(self._table, rows, offsets)

    @cached_property
    def _table(self):
        """The rows with a 1 at their end, below a row of zeros."""
        table = np.ones((len(self.codes) + 1, self.codes.shape[1] + 1), np.float32)
        table[0] = 0
        np.multiply(self.codes, self.steps[:, None], out=table[1:, :-1])
        return table

    @cached_property
    def _kernel(self):
        return self.kernel_codes * self.kernel_steps[:, None]

    @cached_property
    def _bias(self):
        return self.bias.astype(np.float32)

    @cached_property
    def _known_words(self):
        """The words that single texts have had."""
        return WordMemory(self._table.shape[1] * (2 if self.features.subwords else 1))
