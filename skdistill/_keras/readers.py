"""What the compiled step reads, document by document: features or tokens.

Owns the token dropout and the scale of each group of features. Numpy only; it must not know the step.

Conventions
-----------
A reader's ``gather`` gives the arrays of some documents in the order given, as the
input of the same kind takes them (``inputs``), and how many entries each document
has in them. ``cost`` is about how long a step over an entry takes, in those of a bag.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from .._storage import Growing, is_on_disk
from ..networks import TextBag
from ..runtime import BagVocabulary
from ..runtime.bag import pool_rows
from ..runtime.dense import dense_layers
from ..runtime.sequences import TokenSequences, spans
from ..runtime.vocabulary import count_tokens, token_rows
from .custom import CustomBody
from .inputs import FeatureInput, PaddedInput, TokenInput

# N-grams and character n-grams that a bag keeps.
MAX_FEATURES = 200_000
# Documents whose features are looked up at a time.
_CHUNK = 20_000


@dataclass(frozen=True)
class FeatureReader:
    """The features of all training documents, for bags.

    Attributes
    ----------
    vocabulary : BagVocabulary
    rows : ndarray of shape (n_features_in_all_documents,), int32
    counts : ndarray of shape (n_documents, n_groups), int32
        As ``BagVocabulary.group_rows`` gives them.
    dropout : float
        Share of the features left out.
    """

    vocabulary: BagVocabulary
    rows: np.ndarray
    counts: np.ndarray
    dropout: float
    cost = 1

    @property
    def input(self):
        """What takes the arrays of ``gather``."""
        return FeatureInput(self.counts.shape[1])

    @property
    def n_rows(self):
        """Rows of the table."""
        return self.vocabulary.n_rows

    @cached_property
    def lengths(self):
        """Features of each document."""
        return self.counts.sum(axis=1)

    @cached_property
    def _starts(self):
        return np.cumsum(self.lengths) - self.lengths

    def gather(self, documents, batch_size, generator):
        """The features of some documents.

        Returns
        -------
        arrays : (rows, segments, scales)
            ``rows``, ``segments`` of shape (n_features,), int32: the row of each feature, and
            (document in its batch) * n_groups + group; ``scales`` of shape (n_documents,
            n_groups), float32: by what the sum of each group is multiplied.
        lengths : ndarray of shape (n_documents,)
        """
        counts = self.counts[documents]
        rows = self.rows[spans(self._starts[documents], self.lengths[documents])]
        places = np.repeat(np.arange(counts.size, dtype=np.int32), counts.ravel())
        kept = counts
        if self.dropout:
            keep = generator.random(len(rows), dtype=np.float32) >= self.dropout
            rows, places = rows[keep], places[keep]
            kept = np.bincount(places, minlength=counts.size).reshape(counts.shape)
        scales = 1 / np.sqrt(np.maximum(counts, 1))
        scales /= np.sqrt(np.maximum((kept * scales**2).sum(axis=1, keepdims=True), 1e-6))
        segments = places % np.int32(batch_size * counts.shape[1])
        return (rows, segments, scales.astype(np.float32)), kept.sum(axis=1)

    def scorer(self, sequences):
        """A function from (body, table, dense arrays) to the logits of other documents."""
        rows, counts = self.vocabulary.group_rows(sequences)

        def logits(body, table, dense):
            return dense_layers(pool_rows(table, rows, counts), list(zip(dense[::2], dense[1::2])))

        return logits


@dataclass(frozen=True)
class TokenReader:
    """The tokens of all training documents in order, for networks that read them so.

    Attributes
    ----------
    seen : ndarray of shape (n_tokens,), bool
        Which ids occur.
    sequences : TokenSequences
    """

    seen: np.ndarray
    sequences: TokenSequences
    cost = 1

    @property
    def input(self):
        """What takes the arrays of ``gather``."""
        return TokenInput()

    @property
    def n_rows(self):
        """Rows of the table."""
        return len(self.seen)

    @cached_property
    def lengths(self):
        """Tokens of each document."""
        return np.diff(self.sequences.offsets)

    def gather(self, documents, batch_size, generator):
        """The tokens of some documents.

        Returns
        -------
        arrays : (rows, lengths)
            ``rows`` of shape (n_tokens,), int32; ``lengths`` of shape (n_documents, 1), int32.
        lengths : ndarray of shape (n_documents,)
        """
        lengths = self.lengths[documents]
        rows = self.sequences.ids[spans(self.sequences.offsets[:-1][documents], lengths)]
        return (rows, lengths[:, None].astype(np.int32)), lengths

    def scorer(self, sequences):
        """A function from (body, table, dense arrays) to the logits of other documents."""
        return lambda body, table, dense: body.trained(self, table, dense).predictor.logits(sequences)


class PaddedReader(TokenReader):
    """The same, for custom networks, which read padded ids."""

    cost = 50

    @property
    def input(self):
        """What takes the arrays of ``gather``."""
        return PaddedInput()


def make_readers(plan, sequences):
    """Read the documents for each network; for both at once where they share the embedding.

    Bags with token dropout leave out features of their own: what they teach each other
    is then worth more, as with the two masks of Liang et al. 2021, R-Drop:
    Regularized Dropout for Neural Networks, section 2. And two narrow tables are moved
    faster than one wide one, see ``step``.

    Parameters
    ----------
    plan : Plan
    sequences : TokenSequences

    Returns
    -------
    readers : list of FeatureReader, TokenReader or PaddedReader
        Of main and auxiliary, or the one of both.
    """
    learned = {}
    roles = ["main"] if plan.share_embedding else plan.networks
    return [_read(plan, role, sequences, learned) for role in roles]


def _read(plan, role, sequences, learned):
    network, before = plan.networks[role], plan.initial.get(role)
    if isinstance(network, CustomBody):
        return PaddedReader(count_tokens(sequences, plan.n_tokens) > 0, sequences)
    if not isinstance(network, TextBag):
        seen = before.seen if before else count_tokens(sequences, plan.n_tokens) > 0
        return TokenReader(seen, replace(sequences, ids=token_rows(seen)[sequences.ids]) if before else sequences)
    features = {"ngrams": network.ngrams, "subwords": network.subwords}
    key = tuple(features.values())
    if key not in learned:
        vocabulary = (
            before.vocabulary
            if before
            else BagVocabulary.learn(sequences, plan.n_tokens, plan.spellings, **features, max_features=MAX_FEATURES)
        )
        learned[key] = vocabulary, *_features(vocabulary, sequences)
    return FeatureReader(*learned[key], network.token_dropout)


def _features(vocabulary, sequences):
    """``vocabulary.group_rows`` of many documents, on disk where they are."""
    rows, counts = (Growing(is_on_disk(sequences.ids)) for _ in range(2))
    for part in sequences.chunks(_CHUNK):
        own_rows, own_counts = vocabulary.group_rows(part)
        rows.append(own_rows)
        counts.append(own_counts)
    return rows.whole(), counts.whole()
