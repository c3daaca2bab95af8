"""Labels as indices into classes, and weights of rows.

Owns which classes there are, how much a row counts, and which rows are held out. It must
not know documents, nor how labels came to be checked.
"""

from numbers import Real

import numpy as np

from .._sklearn import check_sample_weight


def weigh_rows(y, labelled, sample_weight, class_weight, classes=None, others=()):
    """Encode labels and weigh rows.

    Parameters
    ----------
    y : ndarray of shape (n_labelled,) or (n_labelled, n_labels)
        As ``check_labels`` returns it.
    labelled : ndarray of shape (n_samples,), bool
        Which rows they are of.
    sample_weight : array-like of shape (n_samples,) or None
    class_weight : dict, "balanced" or None
        ``"balanced"``: in inverse proportion to the weight that a class has.
    classes : ndarray or None
        Those of a fit before; None: those of the rows and the ``others``.
    others : sequence of ndarray
        Classes that teachers know.

    Returns
    -------
    classes : ndarray of shape (n_classes,)
        Those of the rows that count; of indicators, the columns.
    labels : ndarray of shape (n_samples,), int64, or (n_samples, n_labels)
        Indices into ``classes``; of labelled rows without weight, any; -1 without label. Or the
        indicators.
    weights : ndarray of shape (n_samples,), float64
        0 for rows that do not count. Of the others those with labels have a mean of 1, whatever
        rows without label weigh beside them.
    """
    weights = _check_weights(sample_weight, len(labelled), "sample_weight")
    counts = weights[labelled] > 0
    if classes is None:
        classes = np.arange(y.shape[1]) if y.ndim == 2 else _unite([np.unique(y[counts]), *others])
    places = _places(classes, y, counts)
    if y.ndim == 2:
        if class_weight is not None:
            raise ValueError("class_weight is not supported with several labels a row: use sample_weight.")
        return classes, places, weights / weights[counts].mean()
    labels = np.full(len(labelled), -1)
    labels[labelled] = places
    if len(classes) < 2:
        raise ValueError(f"y must have at least 2 classes in rows of weight above 0. Got {_what_there_is(classes)}.")
    factors = _class_factors(class_weight, classes, places, weights[labelled])[places]
    return classes, labels, _normalize(weights, labelled, factors)


def _normalize(weights, labelled, factors):
    """Weights with those of the classes, which rows without label do not have: these keep theirs."""
    own = weights[labelled] * factors
    counts = own > 0
    scaled = weights.copy()
    scaled[labelled] = own
    if not scaled.any():
        raise ValueError("class_weight must be above 0 for the class of some row. Got 0 for all of them.")
    if not counts.any():
        return scaled / scaled[scaled > 0].mean()
    scaled /= weights[labelled][counts].mean()
    scaled[labelled] = own / own[counts].mean()
    return scaled


def as_classes(labels):
    """Labels as an array in which each keeps its kind: numpy would make "1" of a 1 beside a str."""
    return np.array(labels, dtype=None if len(set(map(type, labels))) == 1 else object)


def _unite(some):
    """The sorted union of several arrays of classes."""
    some = [classes for classes in some if len(classes)]
    kinds = sorted({type(label).__name__ for classes in some for label in classes.tolist()})
    if "str" in kinds and len(kinds) > 1:
        raise TypeError(
            f"The classes of y and of what teaches must be of one kind. Got {' and '.join(kinds)}: make them all str. "
            "Inside VotingClassifier and its like, which number the labels, teachers must be fitted there."
        )
    if len({classes.dtype.kind for classes in some}) < 2:
        return np.unique(np.concatenate([*some, np.zeros(0, some[0].dtype if some else float)]))
    # Of equal values the labels' own: numpy would make floats of int64 and uint64.
    return np.array(sorted(dict.fromkeys(label for classes in some for label in classes.tolist())))


def _what_there_is(classes):
    return f"one class: {classes.tolist()[0]!r}" if len(classes) else "no label at all"


def encode_labels(y, sample_weight, classes):
    """Indices into the classes, and weights, of validation rows."""
    weights = _check_weights(sample_weight, len(y), "sample_weight_val")
    return _places(classes, y, weights > 0, "y_val"), weights


def _check_weights(sample_weight, n_samples, name):
    like = np.empty((n_samples, 1))
    weights = check_sample_weight(sample_weight, like, dtype=np.float64, ensure_non_negative=True)
    if not weights.any():
        raise ValueError(f"{name} must be above 0 in some row. Got zeros only.")
    return weights


def _places(classes, y, counts, name="y"):
    """Where each label is among the classes; 0 for rows that do not count. Indicators as they are."""
    if y.ndim == 2:
        if y.shape[1] != len(classes):
            raise ValueError(
                f"{name} must have a column for each of the {len(classes)} labels of fit. Got {y.shape[1]}."
            )
        return y
    unknown = counts & ~np.isin(y, classes)
    if unknown.any():
        label = y[unknown].tolist()[0]
        raise ValueError(f"{name} must be among the classes of fit, {classes.tolist()}. Got {label!r}.")
    labels = np.searchsorted(classes, y)
    labels[~counts] = 0
    return labels


def _class_factors(class_weight, classes, labels, weights):
    if class_weight is None:
        return np.ones(len(classes))
    if isinstance(class_weight, str):  # "balanced"
        own = np.bincount(labels, weights, minlength=len(classes))  # 0 for classes that only teachers know
        return 1 / np.where(own, own, 1)
    unknown = set(class_weight) - set(classes.tolist())
    if unknown:
        raise ValueError(f"class_weight names classes that y does not have: {sorted(unknown, key=str)}.")
    factors = [class_weight.get(label, 1.0) for label in classes.tolist()]
    if not all(isinstance(factor, Real) and 0 <= factor < np.inf for factor in factors) or not any(factors):
        raise ValueError(f"class_weight must hold finite numbers of at least 0, one above 0. Got {class_weight}.")
    return np.array(factors, dtype=float)


def split_validation(labels, fraction, generator):
    """Hold out a stratified share of the rows; one of each class stays.

    Of indicators: a random share, for there may be as many combinations as rows.

    Returns
    -------
    training, validation : ndarray of int
        Sorted rows.
    """
    if labels.ndim == 2:
        strata = [np.arange(len(labels))]
    else:
        strata = [np.flatnonzero(labels == label) for label in range(labels.max(initial=-1) + 1)]
    held = []
    for stratum in strata:
        rows = generator.permutation(stratum)
        held.append(rows[: min(round(fraction * len(rows)), len(rows) - 1)])
    validation = np.sort(np.concatenate([*held, np.zeros(0, dtype=np.int64)]))
    if not len(validation):
        raise ValueError(
            f"early_stopping needs validation rows: validation_fraction={fraction} of {sum(map(len, strata))} rows "
            "with labels leaves none."
        )
    return np.setdiff1d(np.arange(len(labels)), validation), validation
