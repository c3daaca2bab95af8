"""What a fit asks of the training loop, as plain data.

Owns no behaviour. It must not know Keras.
"""

from dataclasses import dataclass

import numpy as np

from ..runtime import TokenSequences


@dataclass(frozen=True)
class Rows:
    """Documents with class indices, or a row of indicators each, and weights of mean 1."""

    sequences: TokenSequences
    labels: np.ndarray
    weights: np.ndarray

    def take(self, rows):
        """Some of the rows."""
        return Rows(self.sequences.take(rows), self.labels[rows], self.weights[rows])


@dataclass(frozen=True)
class Plan:
    """What to train and how; most names are those of ``DistilledTextClassifier``.

    Attributes
    ----------
    networks : dict of str to description or callable
        ``"main"``, and ``"auxiliary"`` if there is one, with what depends on the tokens
        filled in.
    output : {"softmax", "sigmoid"}
        Classes that exclude each other, or labels that do not.
    n_tokens : int
        One more than the largest token id.
    spellings : list of str
        The tokens of the ids from 2 on.
    start : dict of str to TrainedBag, TrainedCNN, TrainedGRU or CustomNetwork
        The networks of the fit before, where it goes on, and those that callables built.
    vectors : dict of str to WordVectors
        By role: what the tokens of the networks that bring embeddings start from.
    seed : numpy.random.SeedSequence
    """

    networks: dict
    n_classes: int
    output: str
    n_tokens: int
    spellings: list
    start: dict
    vectors: dict
    schedule: str
    share_embedding: bool
    auxiliary_weight: float
    transfer: str
    transfer_weight: float
    temperature: float
    predict_with: str
    max_iter: int
    batch_size: int
    learning_rate_init: float
    learning_rate: str
    early_stopping: bool
    n_iter_no_change: int
    tol: float
    target_score: float | None
    verbose: int
    seed: np.random.SeedSequence
