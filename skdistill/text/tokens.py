"""Documents become token sequences: texts by a tokenizer, padded rows of token ids without their zeros."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from sklearn.base import clone
from sklearn.utils.validation import validate_data

from .._input.chunks import are_on_disk, document_chunks
from .._input.documents import check_ids, check_texts
from ..runtime import TokenSequences
from ..runtime.sequences import MOST_TOKENS, UNKNOWN
from .tokenizer import TextTokenizer


def check_documents(estimator, X, analyzer, reset, name="X"):
    """Return documents as a list of texts or lists of tokens, as an array of numbers, or as texts on disk.

    Texts on disk are checked while they are read. Whether the numbers are ids is checked later, by
    ``learn_tokens`` and ``Tokens.sequences``: in fit, errors in the labels come first.

    Parameters
    ----------
    estimator : estimator
        Its ``n_features_in_`` is set or checked if the documents are ids.
    X : collection or array-like
    analyzer : {"word", "char", "precomputed"} or callable
        "precomputed": the documents are rows of ids. With a callable they may be lists of tokens.
    reset : bool
        Whether to set the number of positions, as in fit, or to check it.
    name : str, default="X"
        What messages call texts.

    Returns
    -------
    documents : list, ndarray of shape (n_samples, n_positions), or TextsOnDisk
    """
    if are_on_disk(X):
        return _check_on_disk(X, analyzer, name)
    if isinstance(analyzer, str) and analyzer == "precomputed":
        return validate_data(estimator, X, reset=reset, dtype="numeric")
    return check_texts(X, name, tokenized=callable(analyzer))


def _check_on_disk(texts, analyzer, name):
    """Return texts on disk, or raise an error if there are none, or token ids are needed."""
    if isinstance(analyzer, str) and analyzer == "precomputed":
        raise TypeError(
            f"{name} must be token ids with tokenizer='precomputed'. Got {type(texts).__name__}, which holds texts."
        )
    if not len(texts):
        raise ValueError(f"Found 0 documents in {name} while a minimum of 1 is required. Got {texts!r}.")
    return texts


@dataclass(frozen=True)
class Corpus:
    """All documents of a fit, labelled and unlabelled, in chunks; each iteration reads them again.

    Attributes
    ----------
    documents : list, ndarray of shape (n_samples, n_positions) or TextsOnDisk
        The documents of X: the first chunk, or chunks if they are on disk.
    pool : Pool or None, default=None
        Those of X_unlabeled: further chunks.
    """

    documents: object
    pool: object = None

    def __iter__(self):
        """Yield the documents of each chunk, the row of the first one, and what messages call them."""
        for documents, first_row in document_chunks(self.documents):
            yield documents, first_row, "X"
        first_row = 0
        for documents in () if self.pool is None else self.pool.chunks():
            yield documents, first_row, "X_unlabeled"
            first_row += len(documents)


class Tokens(NamedTuple):
    """The conversion of documents to token sequences.

    Attributes
    ----------
    tokenizer : TextTokenizer or None
        Fitted. If None, documents are rows of token ids.
    n_tokens : int
        Number of ids: one more than the largest.
    """

    tokenizer: TextTokenizer | None
    n_tokens: int

    @classmethod
    def of_tokenizer(cls, tokenizer):
        """Return the conversion by a fitted tokenizer."""
        return cls(tokenizer, tokenizer._n_tokens)

    @property
    def vocabulary(self):
        """Tokens and their ids, as a dict; empty if documents are ids."""
        return {} if self.tokenizer is None else self.tokenizer.vocabulary_

    def sequences(self, documents, spellings=True, first_row=0, name="X"):
        """Return the token sequences of documents.

        Parameters
        ----------
        documents : list or ndarray of shape (n_documents, n_positions)
            As ``check_documents`` returns them. Ids from ``n_tokens`` on become unknown tokens.
        spellings : bool, default=True
            Whether to keep the text of unknown tokens.
        first_row : int, default=0
            The number that messages give to the first document.
        name : str, default="X"
            What messages call the documents.

        Returns
        -------
        sequences : TokenSequences
        """
        if self.tokenizer is None:
            return TokenSequences.from_padded(check_ids(documents, name, first_row), self.n_tokens)
        return self.tokenizer._sequences(documents, spellings, first_row, name)


def learn_tokens(tokenizer, n_tokens, corpus, sequence_length=None):
    """Fit a clone of a tokenizer to texts, or determine the number of ids in rows of ids.

    Parameters
    ----------
    tokenizer : TextTokenizer, "precomputed" or None
        If None, a ``TextTokenizer`` with default parameters. "precomputed": documents are
        ids.
    n_tokens : int or None
        The number of ids. If None, one more than the largest in the corpus. Ignored for
        texts.
    corpus : Corpus
    sequence_length : int or None, default=None
        That of the clone, if the tokenizer's is None.

    Returns
    -------
    tokens : Tokens

    Raises
    ------
    ValueError
        If an id is not below ``n_tokens``, is negative, or is not a whole number.
    """
    if not isinstance(corpus.documents, np.ndarray):
        tokenizer = TextTokenizer() if tokenizer is None else clone(tokenizer)
        if tokenizer.sequence_length is None:
            tokenizer.sequence_length = sequence_length
        return Tokens.of_tokenizer(tokenizer._fit_chunks(corpus))
    # At least UNKNOWN: its id exists even if all documents are empty.
    largest = max(int(check_ids(chunk).max(initial=UNKNOWN)) for chunk, *_ in corpus)
    limit = MOST_TOKENS if n_tokens is None else n_tokens
    if largest >= limit:
        raise ValueError(f"X and X_unlabeled must hold token ids below n_tokens={limit}. Got {largest}.")
    return Tokens(None, n_tokens or largest + 1)
