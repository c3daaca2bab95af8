"""How documents become token sequences: texts through a tokenizer, rows of token ids as they are."""

from dataclasses import dataclass
from typing import NamedTuple

from sklearn.base import clone
from sklearn.utils.validation import validate_data

from .._input.documents import check_ids, check_texts
from ..runtime import TokenSequences
from ..runtime.sequences import UNKNOWN
from .tokenizer import TextTokenizer

MOST_TOKENS = 2**31 - 1  # ids are int32


def check_documents(estimator, X, texts, reset):
    """Documents as a list of str, or as an array of shape (n_samples, n_positions).

    Whether the numbers are ids is checked by ``learn_tokens`` and ``Tokens``: in fit, after the labels.

    Parameters
    ----------
    estimator : estimator
    X : collection of str or array-like
    texts : bool
        Whether the documents are texts, not ids.
    reset : bool
        Whether to learn the number of positions, not to check it.

    Returns
    -------
    documents : list of str or ndarray
    """
    if texts:
        return check_texts(X)
    return validate_data(estimator, X, reset=reset, dtype="numeric")


@dataclass(frozen=True)
class Corpus:
    """All documents that a fit may learn the tokens of, read again whenever it is iterated.

    Attributes
    ----------
    documents : list of str or ndarray of shape (n_samples, n_positions)
    pool : Pool or None
        Documents beside them.
    """

    documents: object
    pool: object = None

    def __iter__(self):
        yield self.documents
        if self.pool is not None:
            yield from self.pool.chunks()


class Tokens(NamedTuple):
    """How documents become token sequences.

    Attributes
    ----------
    tokenizer : TextTokenizer or None
        Fitted; None: documents are rows of token ids.
    n_tokens : int
        One more than the largest id.
    """

    tokenizer: TextTokenizer | None
    n_tokens: int

    @classmethod
    def of_tokenizer(cls, tokenizer):
        """Return the tokens of a fitted tokenizer."""
        return cls(tokenizer, tokenizer._n_tokens)

    @property
    def vocabulary(self):
        """Tokens and their ids; empty where documents are ids."""
        return {} if self.tokenizer is None else self.tokenizer.vocabulary_

    def sequences(self, documents, spellings=True):
        """Return the token sequences of documents; ids from ``n_tokens`` on are unknown."""
        if self.tokenizer is None:
            return TokenSequences.from_padded(check_ids(documents), self.n_tokens)
        return self.tokenizer._sequences(documents, spellings)


def learn_tokens(tokenizer, n_tokens, corpus):
    """Fit a tokenizer, or find out how many ids there are.

    Parameters
    ----------
    tokenizer : TextTokenizer, "precomputed" or None
    n_tokens : int or None
    corpus : Corpus

    Returns
    -------
    tokens : Tokens
    """
    if isinstance(corpus.documents, list):
        tokenizer = TextTokenizer() if tokenizer is None else clone(tokenizer)
        return Tokens.of_tokenizer(tokenizer._fit_chunks(corpus))
    largest = max(int(check_ids(chunk).max(initial=UNKNOWN)) for chunk in corpus)
    limit = MOST_TOKENS if n_tokens is None else n_tokens
    if largest >= limit:
        raise ValueError(f"X and X_unlabeled must hold token ids below n_tokens={limit}. Got {largest}.")
    return Tokens(None, n_tokens or largest + 1)
