"""What a compression did, in numbers."""

import warnings
from dataclasses import dataclass

import numpy as np

#: Below this agreement there is a warning.
LEAST_AGREEMENT = 0.97
# Documents held out of retraining to measure the agreement: a fraction of X, and at most how many.
_HELD_OUT, _MOST_HELD_OUT = 0.05, 500


@dataclass(frozen=True)
class Compression:
    """What ``ExtractedClassifier.compress`` did.

    Attributes
    ----------
    n_bytes : int
        Of the file.
    n_rows, n_rows_before : int
        Features that have a row, and those of the network before.
    bits_per_weight : float
        Bits of the file per number of the table.
    agreement : float or None
        The fraction of documents of X, held out of retraining, to which the network gives the class that it
        gave before; multilabel: the same labels. None without X.
    accuracy_before, accuracy_after : float or None
        On these documents; multilabel: subset accuracy. None without y.
    """

    n_bytes: int
    n_rows: int
    n_rows_before: int
    bits_per_weight: float
    agreement: float | None = None
    accuracy_before: float | None = None
    accuracy_after: float | None = None


def hold_out(n_documents, generator):
    """Return the documents to retrain on, and those to measure the agreement on; a single one serves both."""
    n = min(_MOST_HELD_OUT, max(1, round(_HELD_OUT * n_documents)))
    order = generator.permutation(n_documents)
    return (order[n:] if n_documents > 1 else order), order[:n]


def agreement(labels, labels_before):
    """Return the fraction of documents with equal labels; multilabel: with all labels equal."""
    same = np.asarray(labels) == np.asarray(labels_before)
    return float((same if same.ndim == 1 else same.all(axis=1)).mean())


def warn_of_disagreement(compression):
    """Warn where the agreement is low."""
    if compression.agreement is not None and compression.agreement < LEAST_AGREEMENT:
        warnings.warn(
            f"The compressed network agrees with the original one on {compression.agreement:.1%} of the held-out "
            f"documents of X, less than {LEAST_AGREEMENT:.0%}. A larger max_bytes or more documents in X raise this.",
            UserWarning,
            stacklevel=4,
        )
