"""TextTokenizer: documents of text become token ids, as padded rows or as ``TokenSequences``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import chain
from numbers import Integral, Real
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_array, check_is_fitted

from .._input.documents import check_ids, check_texts
from .._notebook import LinksToPage
from .._repr import PrintsShortly
from .._sklearn import Interval, StrOptions, fit_context
from ..runtime.lookup import TokenLookup
from ..runtime.segmentation import BETWEEN
from ..runtime.sequences import FIRST_ID, PADDING
from ..runtime.splitting import SEQUENCE_LENGTH, SplittingRule
from .lookup import count_occurrences, sequences_by_analyzer, token_batches

#: Tokens kept per document if ``sequence_length`` is None and all networks are bags. Networks that read tokens
#: in order take time that grows with the longest document of a batch; bags do not.
BAG_LENGTH = 2000


class TextTokenizer(PrintsShortly, LinksToPage, TransformerMixin, BaseEstimator):
    """Turn documents into rows of token ids.

    Id 0 is padding, 1 is a token that is not in the vocabulary, and the tokens of the
    vocabulary have the ids from 2 on. All parameters are keyword-only.

    Parameters
    ----------
    max_tokens : int, default=10_000
        The number of ids, with 0 and 1: the vocabulary holds at most ``max_tokens - 2`` tokens,
        the most frequent ones.
    sequence_length : int or None, default=None
        The number of ids in a row of ``transform``. Tokens of longer documents are dropped on the
        side that ``truncating`` names. If None, 400; in a classifier of bags alone, whose training
        takes little longer for long documents, 2,000.
    lowercase : bool, default=True
        Whether to lower-case the text first, or the tokens of documents that are lists.
    analyzer : {"word", "char"} or callable, default="word"
        How a document is split into tokens. ``"word"``: runs of letters, digits and combining
        marks of any script; each other visible character is a token of its own. ``"char"``:
        each character that is not white space, for Chinese and other text without spaces. A
        callable takes a document (lower-cased if ``lowercase``) and returns a list, or another
        iterable, of its tokens as str. With a callable, documents may be tokenized already, as
        lists, tuples or one-dimensional arrays of str.
    min_df : int or float, default=1
        The smallest number of documents in which a token of the vocabulary occurs; a float
        is a fraction of the documents.
    padding : {"post", "pre"}, default="post"
        Side on which ``transform`` adds zeros: after or before the tokens.
    truncating : {"post", "pre"}, default="post"
        Side on which tokens of long documents are dropped: at the end or at the beginning.

    Attributes
    ----------
    vocabulary_ : dict of str to int
        Tokens and their ids, the most frequent first; ties in the order of the tokens.

    See Also
    --------
    DistilledTextClassifier : Takes a tokenizer as its parameter ``tokenizer``.
    sklearn.feature_extraction.text.CountVectorizer : Counts tokens, without their order.

    Notes
    -----
    The character U+0000 separates tokens, like white space.

    Letters that look alike may be different characters, and then give different tokens, as in
    scikit-learn: "é" is one code point in Unicode's composed form (NFC) and two in the decomposed
    one (NFD), and a soft hyphen is part of a text. To treat them alike, normalize the texts for
    ``fit`` and prediction, for example by ``unicodedata.normalize("NFC", text)`` in a
    ``FunctionTransformer`` before the classifier or in a callable analyzer::

        def analyzer(text):
            return unicodedata.normalize("NFC", text).replace(chr(0xAD), "").split()

    Examples
    --------
    >>> from skdistill import TextTokenizer
    >>> tokenizer = TextTokenizer(sequence_length=5).fit(["What is it?", "It is late."])
    >>> tokenizer.transform(["Is it early?"])
    array([[2, 3, 1, 5, 0]], dtype=int32)
    >>> tokenizer.inverse_transform([[2, 3, 1, 5, 0]])
    [['is', 'it', '[UNK]', '?']]

    Documents that are tokenized already:

    >>> TextTokenizer(sequence_length=3, analyzer=list).fit_transform([["New", "York"], ["York"]])
    array([[3, 2, 0],
           [2, 0, 0]], dtype=int32)
    """

    _parameter_constraints = {
        "max_tokens": [Interval(Integral, 3, None, closed="left")],
        "sequence_length": [Interval(Integral, 1, None, closed="left"), None],
        "lowercase": ["boolean"],
        "analyzer": [StrOptions({"word", "char"}), callable],
        "min_df": [Interval(Integral, 1, None, closed="left"), Interval(Real, 0, 1, closed="both")],
        "padding": [StrOptions({"pre", "post"})],
        "truncating": [StrOptions({"pre", "post"})],
    }

    def __init__(
        self,
        *,
        max_tokens: int = 10_000,
        sequence_length: int | None = None,
        lowercase: bool = True,
        analyzer: Literal["word", "char"] | Callable[[str], Iterable[str]] = "word",
        min_df: int | float = 1,
        padding: Literal["post", "pre"] = "post",
        truncating: Literal["post", "pre"] = "post",
    ) -> None:
        self.max_tokens = max_tokens
        self.sequence_length = sequence_length
        self.lowercase = lowercase
        self.analyzer = analyzer
        self.min_df = min_df
        self.padding = padding
        self.truncating = truncating

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Learn the vocabulary.

        Parameters
        ----------
        X : list, tuple, array or Series of str, of length n_samples
            The documents; or one column of them, such as a DataFrame, of shape (n_samples, 1).
            With a callable ``analyzer`` a document may be a list of str, its tokens.
        y : None
            Ignored.

        Returns
        -------
        self : TextTokenizer
            The fitted tokenizer.

        Raises
        ------
        TypeError
            If X is not a collection, such as a single str or an iterator, or a callable ``analyzer``
            does not return a list of str.
        ValueError
            If a parameter is out of its range, X is empty or has several columns, or a document
            is not a str.

        See Also
        --------
        transform : Uses the vocabulary.
        """
        return self._fit_chunks([(check_texts(X, tokenized=callable(self.analyzer)), 0, "X")])

    @fit_context(prefer_skip_nested_validation=True)
    def _fit_chunks(self, chunks):
        """Learn the vocabulary of documents that are read chunk by chunk.

        Parameters
        ----------
        chunks : iterable of (list, int, str)
            Checked documents, the row of the first one, and what messages call them. Read twice if
            ``min_df`` is more than one document.

        Returns
        -------
        self : TextTokenizer
        """
        counts, n_documents = Counter(), 0
        for documents, *place in chunks:
            counts.update(count_occurrences(documents, *self._splitting, *place))
            n_documents += len(documents)
        self._drop_rare(counts, chunks, n_documents)
        frequent = sorted(sorted(counts), key=counts.get, reverse=True)  # a stable sort, also if reversed
        self._set_vocabulary({token: i for i, token in enumerate(frequent[: self.max_tokens - FIRST_ID], FIRST_ID)})
        return self

    def _set_vocabulary(self, vocabulary):
        """Set the tokens and their ids, as a fit does."""
        self.vocabulary_ = vocabulary
        self._lookup = TokenLookup(vocabulary)

    def __getstate__(self):
        # Without the look-up, which ``__setstate__`` builds again: a pickle holds the vocabulary once.
        return {name: value for name, value in super().__getstate__().items() if name != "_lookup"}

    def __setstate__(self, state):
        super().__setstate__(state)
        if hasattr(self, "vocabulary_"):
            self._lookup = TokenLookup(self.vocabulary_)

    def transform(self, X: ArrayLike) -> NDArray[np.int32]:
        """Return the token ids of each document, padded with 0.

        Parameters
        ----------
        X : list, tuple, array or Series of str, of length n_samples
            The documents; or one column of them, such as a DataFrame, of shape (n_samples, 1).
            With a callable ``analyzer`` a document may be a list of str, its tokens.

        Returns
        -------
        ids : ndarray of shape (n_samples, sequence_length), int32
            One row per document.

        Raises
        ------
        NotFittedError
            If the tokenizer is not fitted.
        TypeError
            If X is not a collection, such as a single str or an iterator, or a callable ``analyzer``
            does not return a list of str.
        ValueError
            If X is empty or has several columns, or a document is not a str.

        See Also
        --------
        inverse_transform : Returns the tokens of ids.
        """
        check_is_fitted(self)
        sequences = self._sequences(check_texts(X, tokenized=callable(self.analyzer)))
        lengths = np.diff(sequences.offsets)
        positions = np.arange(self._length)
        if self.padding == "pre":
            positions = positions[::-1]
        filled = positions < lengths[:, None]
        ids = np.full(filled.shape, PADDING, dtype=np.int32)
        ids[filled] = sequences.ids
        return ids

    def inverse_transform(self, X: ArrayLike) -> list[list[str]]:
        """Return the tokens of each row of ids, without padding.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_positions)
            Token ids.

        Returns
        -------
        tokens : list of list of str
            One list per row. Unknown tokens are ``"[UNK]"``.

        Raises
        ------
        NotFittedError
            If the tokenizer is not fitted.
        ValueError
            If X is not two-dimensional, or a number in it is not an id.

        See Also
        --------
        transform : Returns the ids of documents.
        """
        check_is_fitted(self)
        ids = check_array(X)
        names = ["", "[UNK]", *self.vocabulary_]
        if ids.min() < 0 or ids.max() >= len(names):
            raise ValueError(f"X must hold ids between 0 and {len(names) - 1}. Got {ids.min()} to {ids.max()}.")
        ids = check_ids(ids)
        return [[names[i] for i in row if i != PADDING] for row in ids.tolist()]

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the names of the positions: "position0", "position1", ...

        Parameters
        ----------
        input_features : None
            Ignored.

        Returns
        -------
        names : ndarray of shape (sequence_length,), object
            One str per position of a row.

        Raises
        ------
        NotFittedError
            If the tokenizer is not fitted.

        See Also
        --------
        transform : Returns the positions that have these names.

        Examples
        --------
        >>> from skdistill import TextTokenizer
        >>> TextTokenizer(sequence_length=2).fit(["good food"]).get_feature_names_out().tolist()
        ['position0', 'position1']
        """
        check_is_fitted(self)
        return np.array([f"position{i}" for i in range(self._length)], dtype=object)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.two_d_array = True, False
        return tags

    @property
    def _n_tokens(self):
        """Number of ids: one more than the largest."""
        return len(self.vocabulary_) + FIRST_ID

    @property
    def _length(self):
        """Tokens that are kept per document."""
        return SEQUENCE_LENGTH if self.sequence_length is None else self.sequence_length

    @property
    def _rule(self):
        """How texts are split, if no callable splits them."""
        return SplittingRule(self.analyzer, bool(self.lowercase), self._length, self.truncating)

    @property
    def _splitting(self):
        """How documents are split into tokens."""
        return self.analyzer, self.lowercase

    def _sequences(self, documents, spellings=False, first_row=0, name="X"):
        """Return the token ids of documents without padding.

        Parameters
        ----------
        documents : list
            Checked as in ``fit``.
        spellings : bool, default=False
            Whether to keep the text of unknown tokens.
        first_row : int, default=0
            The number that messages give to the first document.
        name : str, default="X"
            What messages call the documents.

        Returns
        -------
        sequences : TokenSequences
            At most ``sequence_length`` tokens per document.
        """
        if not callable(self.analyzer):
            return self._lookup.sequences(documents, self._rule, spellings)
        sequences = sequences_by_analyzer(self._lookup, documents, *self._splitting, spellings, first_row, name)
        return sequences.truncate(self._length, self.truncating)

    def _drop_rare(self, counts, chunks, n_documents):
        """Delete the tokens that occur in fewer than ``min_df`` documents from ``counts``."""
        least = self.min_df if isinstance(self.min_df, Integral) else self.min_df * n_documents
        if least <= 1:
            return
        frequency = Counter()
        batches = (token_batches(documents, *self._splitting, *place) for documents, *place in chunks)
        for tokens in chain.from_iterable(batches):
            ends = [i for i, token in enumerate(tokens) if token == BETWEEN] + [len(tokens)]
            for start, end in zip([0, *(e + 1 for e in ends)], ends):
                frequency.update(set(tokens[start:end]))
        for token in [token for token in counts if frequency[token] < least]:
            del counts[token]
