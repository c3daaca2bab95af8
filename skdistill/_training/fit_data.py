"""The rows of X with a weight above 0, and the label, weight and soft targets of each."""

from dataclasses import dataclass, replace

import numpy as np

from .._input.classes import as_classes, encode_labels, learn_classes
from .._input.documents import take
from .._input.labels import check_labels, find_labelled, take_labels, target_type_of
from .._input.soft_targets import align, check_soft_targets
from .._input.weights import check_weights, weigh_rows
from ..teachers._checks import frozen_classes
from ..teachers._frozen import is_frozen

#: The activation of the output layer by the type of target, as in ``MLPClassifier``.
OUT_ACTIVATIONS = {"multiclass": "softmax", "multilabel": "sigmoid"}
TARGET_TYPES = {activation: target_type for target_type, activation in OUT_ACTIVATIONS.items()}


@dataclass(frozen=True)
class FitData:
    """The rows of X with a weight above 0: documents, labels, weights and soft targets.

    Attributes
    ----------
    documents : list of str, ndarray of shape (n_rows, n_positions) or TextsOnDisk
    labels : ndarray of shape (n_rows,) or (n_rows, n_labels)
        Class indices, -1 for a row without label; or multilabel indicators.
    weights : ndarray of shape (n_rows,)
    soft_targets : ndarray of shape (n_rows, n_classes) or None
        Precomputed probabilities, NaN in rows without any; None if no row has some.
    classes : ndarray of shape (n_classes,)
        The classes, or for multilabel targets the numbers of the columns of y.
    target_type : {"multiclass", "multilabel"}
    """

    documents: object
    labels: np.ndarray
    weights: np.ndarray
    soft_targets: np.ndarray | None
    classes: np.ndarray
    target_type: str

    def take(self, rows):
        """Return some of the rows."""
        return replace(
            self,
            documents=take(self.documents, rows),
            labels=self.labels[rows],
            weights=self.weights[rows],
            soft_targets=None if self.soft_targets is None else self.soft_targets[rows],
        )

    @property
    def out_activation(self):
        """The activation of the output layer."""
        return OUT_ACTIVATIONS[self.target_type]

    @property
    def is_labelled(self):
        """Whether each row has a label, of shape (n_rows,)."""
        if self.target_type == "multilabel":
            return np.ones(len(self.labels), dtype=bool)
        return self.labels >= 0

    @property
    def has_soft_targets(self):
        """Whether each row has precomputed probabilities, of shape (n_rows,)."""
        if self.soft_targets is None:
            return np.zeros(len(self.labels), dtype=bool)
        return ~np.isnan(self.soft_targets[:, 0])


def make_fit_data(
    documents,
    y,
    sample_weight,
    soft_targets,
    soft_target_classes,
    *,
    teachers,
    class_weight=None,
    unlabeled_label=None,
    earlier=None,
):
    """Check and encode labels, weights and soft targets, and leave out rows of weight 0.

    Parameters
    ----------
    documents : list of str, ndarray or TextsOnDisk
        As ``check_documents`` returns them.
    y, sample_weight, soft_targets, soft_target_classes : object
        As ``fit`` takes them.
    teachers : list of classifier
        As ``check_teachers`` returns them.
    class_weight, unlabeled_label : object
        The parameters of the classifier.
    earlier : (ndarray, str) or None
        The classes and the target type of the fit that a warm start continues.

    Returns
    -------
    data : FitData
    """
    n_samples = len(documents)
    earlier_classes, earlier_type = earlier or (None, None)
    if y is None and not teachers and soft_targets is None:
        check_labels(y, n_samples)  # raises, because labels are needed then
    labelled = find_labelled(y, n_samples, unlabeled_label)
    if not labelled.any() and not all(is_frozen(teacher) for teacher in teachers):
        raise ValueError(
            "teacher is cloned and fitted on labelled rows, but y has none: pass a fitted teacher inside "
            "sklearn.frozen.FrozenEstimator."
        )
    labels = np.zeros(0)
    if labelled.any():
        labels = check_labels(take_labels(y, labelled), np.count_nonzero(labelled), earlier_type)
    target_type = target_type_of(labels)
    names = list(getattr(y, "columns", range(labels.shape[1]))) if target_type == "multilabel" else None
    probabilities, columns = check_soft_targets(soft_targets, soft_target_classes, n_samples, target_type, names)
    others = frozen_classes(teachers, labels) if target_type == "multiclass" else []
    others += [as_classes(columns)] if columns is not None else []
    weights = check_weights(sample_weight, n_samples)
    is_counted = weights[labelled] > 0
    if earlier_classes is not None:
        classes = earlier_classes
    elif target_type == "multilabel":
        classes = np.arange(labels.shape[1])
    else:
        classes = learn_classes(labels[is_counted], others)
    if columns is not None:
        probabilities = align(probabilities, columns, classes, "soft_targets")
    codes = encode_labels(labels, classes, is_counted)
    weights = weigh_rows(weights, labelled, codes, classes, class_weight)
    if target_type == "multiclass":
        codes_of_labelled, codes = codes, np.full(n_samples, -1)
        codes[labelled] = codes_of_labelled
    data = FitData(documents, codes, weights, probabilities, classes, target_type)
    used = np.flatnonzero(weights)
    return data if len(used) == n_samples else data.take(used)


def hold_out(data, fraction, generator):
    """Split off a stratified fraction of the labelled rows for validation.

    At least one row of each class stays in training. With multilabel targets the split is random,
    because each combination of labels may occur only once.

    Parameters
    ----------
    data : FitData
    fraction : float
        The fraction of the labelled rows that is held out.
    generator : numpy.random.Generator

    Returns
    -------
    training, validation : FitData
        Both in the order of ``data``.
    """
    if data.target_type == "multilabel":
        strata = [np.arange(len(data.labels))]
    else:
        strata = [np.flatnonzero(data.labels == label) for label in range(data.labels.max(initial=-1) + 1)]
    held_out = [np.zeros(0, dtype=np.int64)]
    for stratum in strata:
        rows = generator.permutation(stratum)
        held_out.append(rows[: min(round(fraction * len(rows)), len(rows) - 1)])
    validation = np.sort(np.concatenate(held_out))
    if not len(validation):
        raise ValueError(
            f"early_stopping needs validation rows: validation_fraction={fraction} of {sum(map(len, strata))} rows "
            "with labels leaves none. Increase it, or pass X_val and y_val."
        )
    return data.take(np.setdiff1d(np.arange(len(data.labels)), validation)), data.take(validation)
