"""From what a user hands to ``fit`` to the rows that are trained on.

Owns which rows there are, in which order, and what is known of each: a label, a teacher's
answer, a weight. It must not know networks or how they are trained.
"""

from dataclasses import dataclass, replace

import numpy as np
from sklearn.frozen import FrozenEstimator

from ._input.documents import take
from ._input.labels import check_labels, find_labelled, output_of, take_labels
from ._input.pools import check_pool
from ._input.soft_targets import align, as_logits, check_soft_targets
from ._input.weighing import as_classes, encode_labels, split_validation, weigh_rows
from ._reading import check_documents, read
from ._storage import Growing, GrowingSequences
from .augmentation import TransferSet
from .objectives import TRANSFERS
from .teachers import Teachers, check_teachers, frozen_classes


@dataclass(frozen=True)
class Given:
    """The rows of X that count, and what is known of them.

    Attributes
    ----------
    documents : list of str or ndarray of shape (n_rows, n_positions)
    labels : ndarray of shape (n_rows,) or (n_rows, n_labels)
        Class indices, -1 without label; or indicators.
    weights : ndarray of shape (n_rows,)
    soft : ndarray of shape (n_rows, n_classes) or None
        Probabilities brought along, NaN in rows without; None: none at all.
    classes : ndarray of shape (n_classes,)
    output : {"softmax", "sigmoid"}
    """

    documents: object
    labels: np.ndarray
    weights: np.ndarray
    soft: np.ndarray | None
    classes: np.ndarray
    output: str

    def take(self, rows):
        """Some of the rows."""
        soft = None if self.soft is None else self.soft[rows]
        documents = take(self.documents, rows)
        return replace(self, documents=documents, labels=self.labels[rows], weights=self.weights[rows], soft=soft)

    @property
    def is_labelled(self):
        """Which rows have a label."""
        return self.labels >= 0 if self.labels.ndim == 1 else np.ones(len(self.labels), dtype=bool)


def check_rows(classifier, documents, y, sample_weight, soft_targets, soft_target_classes, before):
    """Check and encode labels, weights and soft targets; rows of weight 0 leave.

    Parameters
    ----------
    classifier : DistilledTextClassifier
    documents : list of str or ndarray
        Checked.
    y, sample_weight, soft_targets, soft_target_classes : object
        As ``fit`` takes them.
    before : ndarray or None
        The classes of the fit before, where a warm start goes on.

    Returns
    -------
    given : Given
    """
    n_samples = len(documents)
    teachers = check_teachers(classifier.teacher)
    if y is None and not teachers and soft_targets is None:
        check_labels(y, n_samples)
    labelled = find_labelled(y, n_samples, classifier.unlabeled_label)
    if not labelled.any() and not all(isinstance(teacher, FrozenEstimator) for teacher in teachers):
        raise ValueError(
            "A teacher is cloned and fitted on labelled rows, and y has none: fit it before and wrap it in "
            "sklearn.frozen.FrozenEstimator."
        )
    labels = _labels(y, labelled, classifier._output if before is not None else None)
    output = output_of(labels)
    names = _names_of(y, labels.shape[1]) if output == "sigmoid" else None
    soft, own = check_soft_targets(soft_targets, soft_target_classes, n_samples, output, names)
    others = frozen_classes(teachers) if output == "softmax" else []
    others += [as_classes(own)] if own is not None else []
    classes, labels, weights = weigh_rows(labels, labelled, sample_weight, classifier.class_weight, before, others)
    if own is not None:
        soft = align(soft, own, classes, "soft_targets")
    used = np.flatnonzero(weights)
    given = Given(documents, labels, weights, soft, classes, output)
    return given if len(used) == n_samples else given.take(used)


def _names_of(y, n_labels):
    return list(getattr(y, "columns", range(n_labels)))


def _labels(y, labelled, output):
    if not labelled.any():
        return np.zeros(0)
    return check_labels(take_labels(y, labelled), np.count_nonzero(labelled), output)


def hold_out(given, fraction, generator):
    """Split off validation rows, which have labels.

    Returns
    -------
    training, validation : Given
    """
    return [given.take(part) for part in split_validation(given.labels, fraction, generator)]


def make_pool(classifier, given, X_unlabeled, seed):
    """The documents beside the rows of X; None where there are none.

    Parameters
    ----------
    classifier : DistilledTextClassifier
    given : Given
        Without the rows held out, of which a TransferSet must not be made.
    X_unlabeled : object
        As ``fit`` takes it.
    seed : numpy.random.SeedSequence

    Returns
    -------
    pool : Pool or None
    """
    if X_unlabeled is None:
        return None
    texts = isinstance(given.documents, list)
    if isinstance(X_unlabeled, TransferSet):
        if not texts:
            raise TypeError("X_unlabeled must be token ids like X. Got a TransferSet, which makes text.")
        analyzer = getattr(classifier.tokenizer, "analyzer", "word")
        X_unlabeled = X_unlabeled.from_documents(given.documents, analyzer, seed)
    return check_pool(X_unlabeled, texts, getattr(classifier, "n_features_in_", None))


def check_sources(classifier, given, pool):
    """Raise a ValueError where nothing is to be learned from rows without label, or by the auxiliary network."""
    labelled = given.is_labelled
    if classifier.auxiliary is not None:
        _check_auxiliary(classifier, given, has_others=pool is not None or not labelled.all())
    transfers = classifier.auxiliary is not None and classifier.transfer != "none" and classifier.transfer_weight > 0
    if classifier.teacher is not None or transfers:
        return
    answered = labelled if given.soft is None else labelled | ~np.isnan(given.soft[:, 0])
    if pool is not None or not answered.all():
        raise ValueError(
            "Rows without label have nothing to teach here: give a teacher, soft_targets for them, or two networks "
            f"with a transfer. Got teacher=None, transfer={classifier.transfer!r}, transfer_weight="
            f"{classifier.transfer_weight} and auxiliary={classifier.auxiliary!r}."
        )


def _check_auxiliary(classifier, given, has_others):
    """Raise where the auxiliary network would stay as it starts."""
    is_answered = classifier.teacher is not None or (given.soft is not None and not np.isnan(given.soft).all())
    by_teacher = is_answered and (classifier.teacher_weight > 0 or has_others)
    by_main = TRANSFERS[classifier.transfer][1] is not None and classifier.transfer_weight > 0
    if not (classifier.auxiliary_weight > 0 or by_main or by_teacher):
        raise ValueError(
            f"auxiliary_weight=0 with transfer={classifier.transfer!r}, transfer_weight={classifier.transfer_weight} "
            "leaves the auxiliary network nothing to learn from: raise auxiliary_weight, choose another transfer or "
            f"give a teacher and a teacher_weight above 0. Got teacher_weight={classifier.teacher_weight}."
        )


def training_rows(classifier, given, pool, progress):
    """What the training rows are made of: token sequences, labels, weights and a teacher's logits.

    The labelled rows come first, then the rows of X without label, then the pool.

    Parameters
    ----------
    classifier : DistilledTextClassifier
        With its tokens learned.
    given : Given
        Without the rows held out.
    pool : Pool or None
    progress : callable
        Wraps the batches that a teacher is asked.

    Returns
    -------
    rows : tuple of TokenSequences, ndarray, ndarray, and ndarray or None
    """
    labelled = given.is_labelled
    if not labelled.all():
        given = given.take(np.argsort(~labelled, kind="stable"))
    on_disk = pool is not None and pool.is_stream
    sequences, answers, n_pool = GrowingSequences(on_disk), Growing(on_disk), 0
    teachers = _teachers(classifier, given, progress)
    is_taught = teachers is not None or given.soft is not None
    sequences.append(_read(classifier, given.documents))
    if is_taught:
        answers.append(as_logits(_answers(given, teachers), given.output))
    for documents in () if pool is None else pool.chunks():
        n_pool += len(documents)
        sequences.append(_read(classifier, documents))
        if is_taught:
            own = _no_answers(documents, given) if teachers is None else teachers.answers(documents)
            answers.append(as_logits(own, given.output))
    labels = np.concatenate([given.labels, np.full((n_pool, *given.labels.shape[1:]), -1, given.labels.dtype)])
    weights = np.concatenate([given.weights, np.ones(n_pool)])
    return sequences.whole(), labels, weights, answers.whole() if is_taught else None


def validation_rows(classifier, held, X, y, sample_weight):
    """What the validation rows are made of: token sequences, labels and weights.

    Parameters
    ----------
    classifier : DistilledTextClassifier
        With its tokens learned.
    held : Given or None
        The rows held out.
    X, y, sample_weight : object
        Those brought along, where none are held out.

    Returns
    -------
    rows : tuple of TokenSequences, ndarray and ndarray, or None
        None without either.
    """
    if held is not None:
        return _read(classifier, held.documents), held.labels, held.weights
    if X is None:
        return None
    X = check_documents(classifier, X, classifier._reads_text, reset=False)
    y = check_labels(y, len(X), classifier._output, "y_val")
    return _read(classifier, X), *encode_labels(y, sample_weight, classifier.classes_)


def _read(classifier, documents):
    return read(documents, classifier.tokenizer_, classifier._n_tokens)


def _teachers(classifier, given, progress):
    estimators = check_teachers(classifier.teacher)
    if not estimators:
        return None
    labelled = np.flatnonzero(given.is_labelled)
    labels = given.labels[labelled]
    return Teachers(
        estimators,
        take(given.documents, labelled),
        labels if labels.ndim == 2 else given.classes[labels],
        given.weights[labelled],
        given.classes,
        cv=classifier.teacher_cv,
        memory=classifier.teacher_memory,
        output=given.output,
        progress=progress,
    )


def _answers(given, teachers):
    """Probabilities for the rows of X, the labelled first: the mean of teachers and soft targets."""
    sources = [] if given.soft is None else [given.soft]
    if teachers is not None:
        n_labelled = np.count_nonzero(given.is_labelled)
        others = take(given.documents, np.arange(n_labelled, len(given.labels)))
        own = [teachers.own_answers()] if n_labelled else []
        sources.append(np.concatenate([*own, *([teachers.answers(others)] if len(others) else [])]))
    if len(sources) == 1:
        return sources[0]
    return np.where(np.isnan(sources[0]), sources[1], np.where(np.isnan(sources[1]), sources[0], sum(sources) / 2))


def _no_answers(documents, given):
    return np.full((len(documents), len(given.classes)), np.nan)
