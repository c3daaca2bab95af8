"""The classes of a fit, and labels as indices into them."""

import warnings

import numpy as np


def as_classes(labels):
    """Return labels as an array in which each keeps its type.

    Parameters
    ----------
    labels : list

    Returns
    -------
    labels : ndarray of shape (n_labels,)
        An array of objects if there are several types: numpy would convert 1 to "1" if
        another label is a str.
    """
    return np.array(labels, dtype=None if len(set(map(type, labels))) == 1 else object)


def types_of(labels):
    """Return the sorted names of the labels' types, without repetitions; a numpy.str_ is a str."""
    return sorted({_python_type(kind).__name__ for kind in set(map(type, labels))})


def _python_type(kind):
    """Return the Python type that a scalar type of numpy is a subclass of, if there is one; else the type itself."""
    is_numpy = issubclass(kind, np.generic)
    return next((base for base in (str, bytes, float, complex) if is_numpy and issubclass(kind, base)), kind)


def learn_classes(y, others=()):
    """Return the sorted union of the labels and of the classes of teachers and soft targets.

    Parameters
    ----------
    y : ndarray of shape (n_labelled,)
        As ``check_labels`` returns it, of the rows with a weight above 0.
    others : sequence of ndarray, default=()
        The classes that teachers and soft targets name, an array each.

    Returns
    -------
    classes : ndarray of shape (n_classes,)

    Raises
    ------
    TypeError
        If some classes are str and others are not.
    ValueError
        If there are fewer than 2 classes.
    """
    sources = [source for source in (np.unique(y), *others) if len(source)]
    types = types_of(label for source in sources for label in source.tolist())
    if "str" in types and len(types) > 1:
        raise TypeError(
            f"The classes of y and those of teachers and soft_targets must be of one type. Got {' and '.join(types)}: "
            "make them all str. Inside VotingClassifier and similar estimators, which encode the labels as integers, "
            "pass teachers that are not fitted."
        )
    kinds = {source.dtype.kind for source in sources}
    if len(kinds) < 2 and "T" not in kinds:  # numpy's StringDType, which scikit-learn does not take, becomes str
        classes = np.unique(np.concatenate([*sources, np.zeros(0, sources[0].dtype if sources else float)]))
    else:
        # Through Python's numbers, since numpy converts int64 and uint64 together to floats. If values of
        # several types are equal, such as 1 and 1.0, the first stays: that of the labels.
        classes = np.array(sorted(dict.fromkeys(label for source in sources for label in source.tolist())))
    if len(classes) < 2:
        got = f"one class: {classes.tolist()[0]!r}" if len(classes) else "no label at all"
        raise ValueError(f"y must have at least 2 classes in rows of weight above 0. Got {got}.")
    return classes


def indices_of(labels, classes):
    """Return the index of each label among the classes.

    Parameters
    ----------
    labels : ndarray of shape (n_labels,)
    classes : ndarray of shape (n_classes,)

    Returns
    -------
    indices : ndarray of shape (n_labels,), int64
        -1 for a label that is not a class. Labels are equal if their values are, whatever
        the types: 1 and 1.0 are, 1 and "1" are not.
    """
    index_of = {label: index for index, label in enumerate(classes.tolist())}
    return np.array([index_of.get(label, -1) for label in labels.tolist()], dtype=np.int64)


def encode_labels(y, classes, is_counted, name="y"):
    """Return labels as indices into the classes, and multilabel indicators as they are.

    Parameters
    ----------
    y : ndarray of shape (n_rows,) or (n_rows, n_labels)
        As ``check_labels`` returns it.
    classes : ndarray of shape (n_classes,)
    is_counted : ndarray of shape (n_rows,), bool
        Whether each row has a weight above 0. Other rows may have any label and get index 0.
    name : str, default="y"
        What messages call the labels.

    Returns
    -------
    codes : ndarray of shape (n_rows,), int64, or of shape (n_rows, n_labels), int8
        Indices or indicators.

    Raises
    ------
    ValueError
        If a counted row has a label that is not a class, or there is not one column per label.
    """
    if y.ndim == 2:
        if y.shape[1] != len(classes):
            raise ValueError(
                f"{name} must have one column for each of the {len(classes)} labels of fit. Got {y.shape[1]}."
            )
        return y
    codes = indices_of(y, classes)
    unknown = is_counted & (codes < 0)
    if unknown.any():
        label = y[unknown].tolist()[0]
        raise ValueError(f"{name} must be among the classes of fit, {in_short(classes.tolist())}. Got {label!r}.")
    return np.where(is_counted, codes, 0)


def encode_known_labels(y, classes, is_counted, name):
    """Return what ``encode_labels`` does, but -1 for a label that is not a class, with a warning.

    A fold's training rows may lack a class that the validation rows have.

    Parameters
    ----------
    y, classes, is_counted, name : object
        As for ``encode_labels``.

    Returns
    -------
    codes : ndarray of shape (n_rows,), int64, or of shape (n_rows, n_labels), int8

    Raises
    ------
    ValueError
        If no counted row has a label that is a class, or there is not one column per label.

    Warns
    -----
    UserWarning
        If some counted rows have a label that is not a class.
    """
    if y.ndim == 2:
        return encode_labels(y, classes, is_counted, name)
    is_unknown = is_counted & (indices_of(y, classes) < 0)
    if not is_unknown.any() or is_unknown[is_counted].all():
        return encode_labels(y, classes, is_counted, name)
    unknown = list(dict.fromkeys(y[is_unknown].tolist()))
    warnings.warn(
        f"{np.count_nonzero(is_unknown)} of {len(y)} rows of {name} have no class of fit. Got {in_short(unknown)}: "
        "these rows count as misclassified in the validation score and are left out of the validation loss.",
        UserWarning,
        stacklevel=2,
    )
    return np.where(is_unknown, -1, encode_labels(y, classes, is_counted & ~is_unknown, name))


def in_short(labels, most=10):
    """Return the first labels, and how many more there are, for a message."""
    shown = ", ".join(map(repr, labels[:most]))
    return f"{shown} and {len(labels) - most} more" if len(labels) > most else shown
