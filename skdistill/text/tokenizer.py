"""From text to token ids."""

from collections import Counter
from itertools import chain, repeat
from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_array, check_is_fitted

from .._input.documents import check_ids, check_texts
from .._sklearn import Interval, StrOptions, fit_context
from ..runtime.keys import KeyIndex
from ..runtime.segmentation import BETWEEN, cut, split_characters, split_words, token_keys, word_codes
from ..runtime.sequences import PADDING, UNKNOWN, TokenSequences, offsets_of
from ..runtime.spelling import mark_ends, spell

_BETWEEN_ID = -1
_BATCH = 512
_FIRST_ID = 2


class TextTokenizer(TransformerMixin, BaseEstimator):
    """Turn documents into rows of token ids.

    Id 0 is padding and 1 a token that is not in the vocabulary.

    Parameters
    ----------
    max_tokens : int, default=10_000
        Size of the vocabulary with the ids 0 and 1: the most frequent tokens stay.
    sequence_length : int, default=400
        Tokens a document keeps.
    lowercase : bool, default=True
        Whether to lower-case the text first.
    analyzer : {"word", "char"} or callable, default="word"
        ``"word"``: runs of letters, digits and combining marks of any script; each
        other visible character is a token of its own. ``"char"``: each character that
        is not white space, for Chinese and other text without spaces. A callable
        takes a document (lower-cased where ``lowercase``) and returns its tokens.
    min_df : int or float, default=1
        Documents in which a token must occur; a float is a share of the documents.
    padding : {"post", "pre"}, default="post"
        Side on which ``transform`` adds zeros.
    truncating : {"post", "pre"}, default="post"
        Side on which long documents are cut.

    Attributes
    ----------
    vocabulary_ : dict of str to int
        Tokens and their ids, the most frequent first.

    Examples
    --------
    >>> from skdistill import TextTokenizer
    >>> tokenizer = TextTokenizer(sequence_length=5).fit(["What is it?", "It is late."])
    >>> tokenizer.transform(["Is it early?"])
    array([[2, 3, 1, 5, 0]], dtype=int32)
    >>> tokenizer.inverse_transform([[2, 3, 1, 5, 0]])
    [['is', 'it', '[UNK]', '?']]
    """

    _parameter_constraints = {
        "max_tokens": [Interval(Integral, 3, None, closed="left")],
        "sequence_length": [Interval(Integral, 1, None, closed="left")],
        "lowercase": ["boolean"],
        "analyzer": [StrOptions({"word", "char"}), callable],
        "min_df": [Interval(Integral, 1, None, closed="left"), Interval(Real, 0, 1, closed="both")],
        "padding": [StrOptions({"pre", "post"})],
        "truncating": [StrOptions({"pre", "post"})],
    }

    def __init__(
        self,
        *,
        max_tokens=10_000,
        sequence_length=400,
        lowercase=True,
        analyzer="word",
        min_df=1,
        padding="post",
        truncating="post",
    ):
        self.max_tokens = max_tokens
        self.sequence_length = sequence_length
        self.lowercase = lowercase
        self.analyzer = analyzer
        self.min_df = min_df
        self.padding = padding
        self.truncating = truncating

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Learn the vocabulary.

        Parameters
        ----------
        X : list, tuple, array or Series of str, of length n_samples
            The documents.
        y : None
            Ignored.

        Returns
        -------
        self : TextTokenizer
        """
        return self._fit_chunks([check_texts(X)])

    @fit_context(prefer_skip_nested_validation=True)
    def _fit_chunks(self, chunks):
        """Learn the vocabulary of documents that are read piece by piece.

        Parameters
        ----------
        chunks : iterable of list of str
            Read twice where ``min_df`` is more than one document.

        Returns
        -------
        self : TextTokenizer
        """
        counts, n_texts = Counter(), 0
        for texts in chunks:
            counts.update(chain.from_iterable(self._token_batches(texts)))
            n_texts += len(texts)
        counts.pop(BETWEEN, None)
        self._drop_rare(counts, chunks, n_texts)
        frequent = sorted(counts, key=lambda token: (-counts[token], token))
        self.vocabulary_ = {token: i for i, token in enumerate(frequent[: self.max_tokens - _FIRST_ID], _FIRST_ID)}
        self._index_vocabulary()
        return self

    def _index_vocabulary(self):
        """Build from the vocabulary what finds a token, by its text and by its key."""
        self._lookup = {**self.vocabulary_, BETWEEN: _BETWEEN_ID}
        self._keyed = _index_by_keys(self.vocabulary_)

    def __getstate__(self):
        state = super().__getstate__()
        return {name: value for name, value in state.items() if name not in ("_lookup", "_keyed")}

    def __setstate__(self, state):
        super().__setstate__(state)
        if hasattr(self, "vocabulary_"):
            self._index_vocabulary()

    def transform(self, X):
        """Token ids of each document, padded with 0.

        Parameters
        ----------
        X : list, tuple, array or Series of str, of length n_samples
            The documents.

        Returns
        -------
        ids : ndarray of shape (n_samples, sequence_length), int32
        """
        check_is_fitted(self)
        sequences = self._sequences(check_texts(X))
        lengths = np.diff(sequences.offsets)
        positions = np.arange(self.sequence_length)
        if self.padding == "pre":
            positions = positions[::-1]
        filled = positions < lengths[:, None]
        ids = np.full(filled.shape, PADDING, dtype=np.int32)
        ids[filled] = sequences.ids
        return ids

    def inverse_transform(self, X):
        """The tokens of each row of ids, without padding; unknown ones are ``"[UNK]"``.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_positions)
            Token ids.

        Returns
        -------
        tokens : list of list of str
        """
        check_is_fitted(self)
        ids = check_array(X)
        names = ["", "[UNK]", *self.vocabulary_]
        if ids.min() < 0 or ids.max() >= len(names):
            raise ValueError(f"X must hold ids between 0 and {len(names) - 1}. Got {ids.min()} to {ids.max()}.")
        ids = check_ids(ids)
        return [[names[i] for i in row if i != PADDING] for row in ids.tolist()]

    def get_feature_names_out(self, input_features=None):
        """Names of the positions.

        Parameters
        ----------
        input_features : None
            Ignored.

        Returns
        -------
        names : ndarray of str, shape (sequence_length,)
        """
        check_is_fitted(self)
        return np.array([f"position{i}" for i in range(self.sequence_length)], dtype=object)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.two_d_array = True, False
        return tags

    @property
    def _n_tokens(self):
        """One more than the largest id."""
        return len(self.vocabulary_) + _FIRST_ID

    def _sequences(self, texts, spellings=False):
        """Token ids without padding.

        Parameters
        ----------
        texts : list of str
            The documents, as ``fit`` checks them.
        spellings : bool, default=False
            Whether to keep the text of unknown tokens.

        Returns
        -------
        sequences : TokenSequences
        """
        cut_at_once = len(texts) > 1 and not callable(self.analyzer)
        sequences = (self._sequences_by_keys if cut_at_once else self._sequences_by_lists)(texts, spellings)
        return sequences.truncate(self.sequence_length, self.truncating)

    def _sequences_by_lists(self, texts, spellings):
        """With a list of str in between: for one document, or an analyzer that returns lists."""
        alone = len(texts) == 1
        tokens = self._tokens(texts) if alone else list(chain.from_iterable(self._token_batches(texts)))
        ids = np.fromiter(map(self._lookup.get, tokens, repeat(UNKNOWN)), np.int32, len(tokens))
        offsets = np.array([0, len(ids)])
        if not alone:
            between = (ids == _BETWEEN_ID).nonzero()[0]
            offsets = offsets_of(np.diff(between, prepend=-1, append=len(ids)) - 1)
            ids = ids[ids != _BETWEEN_ID]
            tokens = [token for token in tokens if token != BETWEEN]
        unknown = (ids == UNKNOWN).nonzero()[0] if spellings else ()
        if not len(unknown):
            return TokenSequences(ids, offsets)
        return TokenSequences(ids, offsets, unknown, *spell([tokens[i] for i in unknown.tolist()]))

    def _sequences_by_keys(self, texts, spellings):
        """With arrays alone: a token is looked up by its 64-bit key."""
        batches = [texts[start : start + _BATCH] for start in range(0, len(texts), _BATCH)]
        return TokenSequences.concatenate([self._cut(batch, spellings) for batch in batches])

    def _cut(self, texts, spellings):
        cuts = cut(self._join(texts, BETWEEN), self.analyzer == "char")
        index, ids_of_rows = self._keyed
        ids = ids_of_rows.take(index.rows(token_keys(cuts)))
        if not spellings:
            return TokenSequences(ids, cuts.offsets)
        unknown = (ids == UNKNOWN).nonzero()[0]
        starts, ends = cuts.starts[unknown], cuts.ends[unknown]
        return TokenSequences(ids, cuts.offsets, unknown, *mark_ends(cuts.codes, starts, ends - starts))

    def _token_batches(self, texts):
        """Lists of tokens of some documents at a time, with a mark between any two documents."""
        for start in range(0, len(texts), _BATCH):
            tokens = self._tokens(texts[start : start + _BATCH])
            if start + _BATCH < len(texts):
                tokens.append(BETWEEN)
            yield tokens

    def _tokens(self, texts):
        if callable(self.analyzer):
            return _tokens_by(self.analyzer, [t.lower() for t in texts] if self.lowercase else texts)
        joined = self._join(texts, f" {BETWEEN} ")
        return split_words(joined) if self.analyzer == "word" else split_characters(joined)

    def _join(self, texts, between):
        joined = between.join(texts)
        if joined.count(BETWEEN) != len(texts) - 1:
            joined = between.join([text.replace(BETWEEN, " ") for text in texts])
        return joined.lower() if self.lowercase else joined

    def _drop_rare(self, counts, chunks, n_texts):
        least = self.min_df if isinstance(self.min_df, Integral) else self.min_df * n_texts
        if least <= 1:
            return
        frequency = Counter()
        for tokens in chain.from_iterable(map(self._token_batches, chunks)):
            ends = [i for i, token in enumerate(tokens) if token == BETWEEN] + [len(tokens)]
            for start, end in zip([0, *(e + 1 for e in ends)], ends):
                frequency.update(set(tokens[start:end]))
        for token in [token for token in counts if frequency[token] < least]:
            del counts[token]


def _tokens_by(analyzer, texts):
    tokens = []
    for text in texts:
        tokens += [token for token in analyzer(text) if token != BETWEEN]
        tokens.append(BETWEEN)
    return tokens[:-1]


def _index_by_keys(vocabulary):
    """Find the keys of the tokens; the ids of the rows found, 1 for none."""
    keys, places = np.unique(token_keys(word_codes(list(vocabulary))), return_index=True)
    return KeyIndex(keys), np.append(UNKNOWN, places + _FIRST_ID).astype(np.int32)
