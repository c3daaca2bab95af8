"""The training documents as features or tokens, and the arrays of each call of the compiled step.

Token dropout is applied and the scale of each group of features computed here, in numpy. The
methods of a reader are documented in ``kinds.Reader``.

Shapes
------
With D the documents of a call, E their entries (features or tokens) that are kept, and G the
groups of features::

    rows                 (E,)     the table row of each entry, document by document
    counts, kept         (D, G)   features of each group, and those that dropout keeps
    scales               (D, G)
    lengths              (D,)     entries of each document that are kept
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from .._training.batches import WINDOW
from .._training.buffers import Growing, is_on_disk, release, released_chunks, take_spans
from .._training.features import (
    MAX_FEATURES,
    count_tokens,
    document_frequencies,
    learn_vocabulary,
    pooling_matrix,
    read_features,
)
from ..runtime import BagVocabulary
from ..runtime.dense import dense_layers
from ..runtime.sequences import TokenSequences, document_bounds, offsets_of
from ..runtime.summary import count
from ..runtime.vocabulary import token_rows
from .inputs import FeatureArrays, FeatureInput, PaddedInput, TokenArrays, TokenInput

# Features that are gathered at a time, which bounds the memory of batches of long documents.
_FEATURES_PER_PIECE = 2_000_000
# Tokens of validation documents on disk that are scored at a time.
_TOKENS_PER_SCORING = 3_000_000


@dataclass(frozen=True)
class FeatureReader:
    """The features of all training documents, for bags.

    Attributes
    ----------
    vocabulary : BagVocabulary
    rows : ndarray of shape (n_features_in_all_documents,), int32
    counts : ndarray of shape (n_documents, n_groups), int32
        As ``read_features`` returns them.
    dropout : float
        Probability that a feature is left out.
    """

    vocabulary: BagVocabulary
    rows: np.ndarray
    counts: np.ndarray
    dropout: float
    cost = 1
    pads = False

    @classmethod
    def read(cls, network, plan, sequences, trained, learned):
        """Read the documents for a ``TextBag``; ``trained`` is the network of a warm start, or None.

        ``learned`` keeps the vocabulary and the features for the other network, if it has the same
        kinds of features.
        """
        features = {"ngrams": network.ngrams, "subwords": network.subwords}
        key = cls, *features.values()
        if key not in learned:
            if trained is not None:
                vocabulary = trained.vocabulary
            else:
                vocabulary = learn_vocabulary(
                    sequences, plan.n_tokens, plan.spellings, **features, max_features=MAX_FEATURES
                )
            rows, counts = read_features(vocabulary, sequences)
            if vocabulary.frequencies is None:
                found = document_frequencies(rows, counts, vocabulary.n_rows)
                vocabulary = replace(vocabulary, frequencies=found)
            learned[key] = vocabulary, rows, counts
        return cls(*learned[key], network.token_dropout)

    @property
    def input(self):
        """The input that takes the arrays of ``gather``."""
        return FeatureInput(self.counts.shape[1])

    @property
    def n_rows(self):
        """Rows of the table."""
        return self.vocabulary.n_rows

    @property
    def facts(self):
        """The numbers of features of each kind, with their nouns."""
        return self.vocabulary.facts

    @cached_property
    def lengths(self):
        """Features of each document."""
        return self.counts.sum(axis=1)

    @property
    def large_arrays(self):
        """What ``gather`` reads, which may be on disk."""
        return self.rows, self.counts

    @cached_property
    def _starts(self):
        """Where each document begins in ``rows``."""
        return np.cumsum(self.lengths) - self.lengths

    def gather(self, documents, batch_size, generator):
        """Return the features of some documents; token dropout leaves out others in each call.

        Returns
        -------
        arrays : FeatureArrays
        lengths : ndarray of shape (n_documents,)
            Features of each document that are kept.
        """
        counts, offsets = self.counts[documents], offsets_of(self.lengths[documents])
        bounds = document_bounds(offsets, len(documents), _FEATURES_PER_PIECE)
        pieces = [self._gather(documents, start, stop, batch_size, generator) for start, stop in bounds]
        rows, segments, kept = pieces.pop() if len(pieces) == 1 else map(np.concatenate, zip(*pieces))
        # A group of c features, k of which are kept, has the scale 1 / sqrt(c * S), where S is the sum
        # of k / c over the groups. Without dropout S is the number of groups that are not empty: the
        # pooling of ``runtime.bag``. With dropout pooled vectors keep their expected size: the sum of k
        # independent features of norm 1 has a squared norm of k, and the sum of k / (c * S) is 1.
        scales = 1 / np.sqrt(np.maximum(counts, 1))
        scales /= np.sqrt(np.maximum((kept * scales**2).sum(axis=1, keepdims=True), 1e-6))
        return FeatureArrays(rows, segments, scales.astype(np.float32)), kept.sum(axis=1)

    def _gather(self, documents, start, stop, batch_size, generator):
        """Return rows, segments and the numbers of kept features of the documents from ``start`` to ``stop``."""
        documents = documents[start:stop]
        counts, n_groups = self.counts[documents], self.counts.shape[1]
        rows = take_spans(self.rows, self._starts[documents], self.lengths[documents])
        # places (E,): document * G + group of each feature, with documents counted in this piece.
        places = np.repeat(np.arange(counts.size, dtype=np.int32), counts.ravel())
        kept = counts
        if self.dropout:
            keep = generator.random(len(rows), dtype=np.float32) >= self.dropout
            rows, places = rows[keep], places[keep]
            kept = np.bincount(places, minlength=counts.size).reshape(counts.shape)
        places += np.int32(start * n_groups)
        places %= np.int32(batch_size * n_groups)  # documents counted in their batch
        return rows, places, kept

    def scorer(self, sequences, graph, path):
        """Return a function from (table, dense arrays) to the logits of other documents, in numpy."""
        rows, counts = read_features(self.vocabulary, sequences)
        offsets = offsets_of(counts.sum(axis=1))

        def parts():
            """Yield the pooling matrix of some documents, and the scores of the path, which do not change."""
            start = 0
            for part in released_chunks(sequences, WINDOW, _TOKENS_PER_SCORING) if on_disk else [sequences]:
                stop = start + len(part)
                features = rows[offsets[start] : offsets[stop]], counts[start:stop]
                pooling = pooling_matrix(*features, self.n_rows)
                yield pooling, None if path is None else _path_scores(path, pooling, part)
                release(rows, counts)
                start = stop

        def logits_of(pooling, scores, table, dense):
            logits = dense_layers(pooling @ table, list(zip(dense[::2], dense[1::2])))
            return logits if path is None else path.combine(logits, scores)

        on_disk = is_on_disk(rows)
        kept = None if on_disk else list(parts())

        def logits(table, dense):
            return np.concatenate([logits_of(*part, table, dense) for part in (parts() if on_disk else kept)])

        return logits


def _path_scores(path, pooling, sequences):
    """Return the scores of a linear path for documents, of shape (n_documents, n_classes)."""
    scores = pooling @ path.coefficients + path.intercepts
    if path.vectors is not None:
        scores += path.vectors.pool(sequences)
    return scores


@dataclass(frozen=True)
class TokenReader:
    """The tokens of all training documents, for networks that read them in order.

    Attributes
    ----------
    seen : ndarray of shape (n_tokens,), bool
        Whether each id occurs.
    sequences : TokenSequences
    """

    seen: np.ndarray
    sequences: TokenSequences
    cost = 1
    pads = True

    @classmethod
    def read(cls, network, plan, sequences, trained, learned):
        """Read the documents; ids that ``trained``, the network of a warm start, did not see become unknown."""
        if trained is None:
            return cls(count_tokens(sequences, plan.n_tokens) > 0, sequences)
        rows, ids = token_rows(trained.seen), Growing(is_on_disk(sequences.ids))
        for part in released_chunks(sequences):
            ids.append(rows[part.ids])
        return cls(trained.seen, replace(sequences, ids=ids.whole()))

    @property
    def input(self):
        """The input that takes the arrays of ``gather``."""
        return TokenInput()

    @property
    def n_rows(self):
        """Rows of the table."""
        return len(self.seen)

    @property
    def facts(self):
        """The number of token ids, with its noun."""
        return [count(len(self.seen), "token")]

    @property
    def large_arrays(self):
        """What ``gather`` reads, which may be on disk."""
        return (self.sequences.ids,)

    @cached_property
    def lengths(self):
        """Tokens of each document."""
        return np.diff(self.sequences.offsets)

    def gather(self, documents, batch_size, generator):
        """Return the tokens of some documents.

        Returns
        -------
        arrays : TokenArrays
        lengths : ndarray of shape (n_documents,)
        """
        lengths = self.lengths[documents]
        rows = take_spans(self.sequences.ids, self.sequences.offsets[:-1][documents], lengths)
        return TokenArrays(rows, lengths[:, None].astype(np.int32)), lengths

    def scorer(self, sequences, graph, path):
        """Return a function from (table, dense arrays) to the logits of other documents; there is no path."""
        return lambda table, dense: graph.trained(self, table, dense).predictor.logits(sequences)


class PaddedReader(TokenReader):
    """The tokens of all training documents, for custom networks, which read padded ids."""

    cost = 50

    @classmethod
    def read(cls, network, plan, sequences, trained, learned):
        """Read the documents; a custom network has embeddings for all ids, also in a warm start."""
        return cls(count_tokens(sequences, plan.n_tokens) > 0, sequences)

    @property
    def input(self):
        """The input that takes the arrays of ``gather``."""
        return PaddedInput()
