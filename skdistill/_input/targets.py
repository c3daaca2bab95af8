"""Labels and weights of rows.

Owns their checks, their encoding and the held-out part. It must not know documents.
"""

from numbers import Real

import numpy as np
import scipy.sparse
from sklearn.utils import assert_all_finite, column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length

from .._sklearn import check_sample_weight
from .documents import is_missing

_BINARIZER = "sklearn.preprocessing.MultiLabelBinarizer makes an indicator matrix of lists of labels"


def find_labelled(y, n_samples, unlabeled_label):
    """Which rows of a y of any kind have a label.

    Parameters
    ----------
    y : array-like, sparse matrix or None
    n_samples : int
    unlabeled_label : object
        Another value that stands for no label; None: there is none.

    Returns
    -------
    labelled : ndarray of shape (n_samples,), bool
    """
    if y is None:
        return np.zeros(n_samples, dtype=bool)
    if scipy.sparse.issparse(y) or _shape(y)[1:] not in ((), (1,)):
        if unlabeled_label is not None:
            raise ValueError("unlabeled_label is not supported with several labels a row: pass X_unlabeled.")
        return np.ones(n_samples, dtype=bool)
    check_consistent_length(y, np.empty(n_samples))
    return ~is_unlabelled(y, unlabeled_label)


def take_labels(y, labelled):
    """The labels of the rows that have some; those of an array of objects that are numbers as numbers."""
    if labelled.all():
        return plain_labels(y)
    if isinstance(y, np.ndarray):
        return plain_labels(np.ravel(y)[labelled])
    values = _values(y)
    labels = np.empty(np.count_nonzero(labelled), dtype=object)
    labels[:] = [values[row] for row in np.flatnonzero(labelled).tolist()]
    return plain_labels(labels)


def plain_labels(y):
    """An array of objects that are numbers as an array of numbers; anything else as it is."""
    if str(getattr(y, "dtype", None)) != "object" or np.ndim(y) != 1:
        return y
    values = list(y)
    return np.array(values) if all(isinstance(value, (Real, np.bool_)) for value in values) else y


def _values(y):
    """The labels as a list; numpy would make floats of a column of whole numbers and missing values."""
    column = y[y.columns[0]] if hasattr(y, "columns") else y
    for to_list in ("tolist", "to_list"):
        if hasattr(column, to_list):
            return np.ravel(np.array(getattr(column, to_list)(), dtype=object)).tolist()
    return np.ravel(np.asarray(column, dtype=object)).tolist()


def check_labels(y, n_samples, output=None, name="y"):
    """Return what is to be learned of ``n_samples`` documents, or say what is wrong with it.

    Parameters
    ----------
    y : array-like or sparse matrix
    n_samples : int
    output : {"softmax", "sigmoid"} or None
        What ``output_of`` said of the labels that these go with.
    name : str, default="y"
        What messages call them.

    Returns
    -------
    labels : ndarray of shape (n_samples,) or, for several labels a row, (n_samples, n_labels)
        The latter int8, of 0 and 1.
    """
    if y is None:
        raise ValueError("requires y to be passed, but the target y is None.")
    y = y.toarray() if scipy.sparse.issparse(y) else y
    check = _check_classes if _shape(y)[1:] in ((), (1,)) else _check_indicators
    y = check(y, name)
    check_consistent_length(y, np.empty(n_samples))
    if output not in (None, output_of(y)):
        expected = "indicators of several labels" if output == "sigmoid" else "one label a row"
        raise ValueError(f"{name} must be of the kind that fit was given, {expected}. Got shape {y.shape}.")
    return y


def is_unlabelled(y, unlabeled_label=None):
    """Which rows have no label.

    None stands for no label, and so do missing values in the types of pandas and polars, which
    keep no None. NaN elsewhere is an error of the data more often than a row that nobody has
    labelled.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
    unlabeled_label : object, default=None
        Another value that means no label. None: there is none.

    Returns
    -------
    unlabelled : ndarray of shape (n_samples,), bool
    """
    if np.ndim(unlabeled_label):
        raise ValueError(f"unlabeled_label must be one value of y, or None. Got {unlabeled_label!r}.")
    if _shape(y)[1:] not in ((), (1,)):
        return np.zeros(len(y), dtype=bool)
    stands_for_missing = unlabeled_label is not None and is_missing(unlabeled_label)
    other = None if stands_for_missing else unlabeled_label
    all_missing = stands_for_missing or not isinstance(_dtype(y), np.dtype)
    return np.array([_has_no_label(value, other, all_missing) for value in _values(y)], dtype=bool)


def _dtype(y):
    """That of an array or of the only column of a DataFrame; of lists, object."""
    column = y[y.columns[0]] if hasattr(y, "columns") else y
    return getattr(column, "dtype", np.dtype(object))


def _has_no_label(value, unlabeled_label, all_missing):
    if value is None:
        return True
    return all_missing if is_missing(value) else bool(value == unlabeled_label)


def output_of(y):
    """What a network's logits are to mean: "sigmoid" for indicators, "softmax" for classes."""
    return "sigmoid" if y.ndim == 2 else "softmax"


def _shape(y):
    try:
        return np.asarray(y).shape
    except ValueError as error:
        raise ValueError(f"Rows of y differ in length. {_BINARIZER}.") from error


def _check_classes(y, name):
    missing = np.flatnonzero([is_missing(label) for label in _values(y)])
    if len(missing):
        advice = "None marks a row without one, and so does unlabeled_label" if name == "y" else "leave the row out"
        raise ValueError(f"Input {name} contains NaN: row {missing[0]} has no label. Got a missing value: {advice}.")
    y = column_or_1d(_without_extension(plain_labels(y)), warn=True)
    assert_all_finite(y, input_name=name)
    kinds = sorted({type(label).__name__ for label in np.ravel(y).tolist()})
    if "str" in kinds and len(kinds) > 1:
        raise TypeError(f"{name} must hold labels of one kind. Got {' and '.join(kinds)}: make them all str.")
    collections = {"list", "tuple", "set", "ndarray"}.intersection(kinds)
    if collections:
        raise ValueError(f"{name} must hold one label a row. Got a {min(collections)}: {_BINARIZER}.")
    check_classification_targets(y)
    return y


def _check_indicators(y, name):
    values = np.asarray(y)
    if values.ndim != 2 or not values.shape[1]:
        raise ValueError(
            f"{name} must be one-dimensional, or of shape (n_samples, n_labels). Got shape {values.shape}."
        )
    if values.dtype.kind in "biuf":
        legal = (values == 0) | (values == 1)
    else:
        legal = np.reshape([_is_indicator(value) for value in values.ravel()], values.shape)
    if not legal.all():
        _tell_what_is_no_indicator(name, values, *np.argwhere(~legal)[0])
    return values.astype(np.int8)


def _is_indicator(value):
    return isinstance(value, (Real, np.bool_)) and value in (0, 1)


def _tell_what_is_no_indicator(name, values, row, column):
    value = values[row].tolist()[column]
    if is_missing(value):
        raise ValueError(f"Input {name} contains NaN: row {row} has no value in column {column}.")
    advice = f": {_BINARIZER}" if isinstance(value, str) else ""
    raise ValueError(
        f"{name} of several columns must hold 0 and 1 only. Got {value!r} in row {row}, column {column}{advice}."
    )


def _without_extension(y):
    """A Series of pandas' nullable integers or booleans as an array of the numpy type that it wraps."""
    wrapped = getattr(getattr(y, "dtype", None), "numpy_dtype", None)
    return y if wrapped is None or wrapped.kind not in "biu" else y.to_numpy(dtype=wrapped)


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
