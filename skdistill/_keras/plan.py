"""What a fit asks of the training loop, as plain data.

Owns no behaviour. It must not know Keras.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..runtime import TokenSequences


@dataclass(frozen=True)
class Rows:
    """Documents with what is known of them.

    Attributes
    ----------
    sequences : TokenSequences
    labels : ndarray of shape (n_rows,) or (n_rows, n_labels)
        Class indices, or indicators; -1 in rows without label.
    weights : ndarray of shape (n_rows,)
    answers : ndarray of shape (n_rows, n_classes), float32, or None
        A teacher's logits; NaN in rows without an answer.
    """

    sequences: TokenSequences
    labels: np.ndarray
    weights: np.ndarray
    answers: np.ndarray | None = None

    @cached_property
    def is_labelled(self):
        """Which rows have labels, of shape (n_rows,)."""
        return (self.labels.reshape(len(self.labels), -1) >= 0).all(axis=1)

    @cached_property
    def sides(self):
        """The labelled rows and the others; those that there are."""
        sides = np.flatnonzero(self.is_labelled), np.flatnonzero(~self.is_labelled)
        return [side for side in sides if len(side)]

    @property
    def is_taught(self):
        """Whether anything but the labels of all rows is to be learned."""
        return self.answers is not None or not self.is_labelled.all()


@dataclass(frozen=True)
class Plan:
    """What to train and how; most names are those of ``DistilledTextClassifier``.

    Attributes
    ----------
    networks : dict of str to description or callable
        ``"main"``, and ``"auxiliary"`` if there is one, with what depends on the tokens
        filled in.
    out_activation : {"softmax", "sigmoid"}
        Classes that exclude each other, or labels that do not.
    n_tokens : int
        One more than the largest token id.
    spellings : list of str
        The tokens of the ids from 2 on.
    initial : dict of str to TrainedBag, TrainedCNN, TrainedGRU or CustomNetwork
        The networks of the fit before, where it goes on, and those that callables built.
    vectors : dict of str to WordVectors
        By role: what the tokens of the networks that bring embeddings start from.
    seed : numpy.random.SeedSequence
    """

    networks: dict
    n_classes: int
    out_activation: str
    n_tokens: int
    spellings: list
    initial: dict
    vectors: dict
    schedule: str
    share_embedding: bool
    auxiliary_weight: float
    transfer: str
    transfer_weight: float
    temperature: float
    teacher_weight: float
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
