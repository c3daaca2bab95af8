"""Checks of the containers that labels come in, and of labels that are missing."""

import warnings
from unittest import SkipTest

import numpy as np
from sklearn.exceptions import DataConversionWarning

from ._models import assert_same_fit, attempt, fit, import_or_skip, is_installed, outputs, refusal, skip_refused
from ._task import EXAMPLE


def check_labels_in_pandas(name, estimator, task=EXAMPLE):
    """Check categorical and string Series with an index of their own, because pandas reads labels as these.

    References
    ----------
    scikit-learn/scikit-learn#25953, scikit-learn/scikit-learn#19889
    """
    pandas = import_or_skip("pandas")
    task = task.named([f"label {number}" for number in range(len(task.classes))])
    index = np.arange(len(task.texts))[::-1]
    objects = pandas.Series(task.labels, index=index, dtype=object)
    categories = [*task.classes[::-1], "of no row"]
    for what, labels in {
        "a Series of objects": objects,
        "a Series of strings": objects.astype("string"),
        "a categorical Series": objects.astype(pandas.CategoricalDtype(categories)),
    }.items():
        _assert_read(estimator, task, labels, what)


def check_nullable_labels(name, estimator, task=EXAMPLE):
    """Check nullable integer and boolean Series without missing values, because they are not numpy arrays.

    References
    ----------
    scikit-learn/scikit-learn#24355, scikit-learn/scikit-learn#25953
    """
    pandas = import_or_skip("pandas")
    numbers = task.numbered()
    for dtype, labels in {"Int64": numbers, "boolean": numbers > 0}.items():
        _assert_read(estimator, task._replace(labels=labels), pandas.Series(labels, dtype=dtype), f"dtype {dtype}")


def check_labels_in_polars_and_arrow(name, estimator, task=EXAMPLE):
    """Check polars' and Arrow's columns of labels, which may be refused, but not misread.

    References
    ----------
    scikit-learn/scikit-learn#25953, huggingface/course#1181
    """
    task = task.named([f"label {number}" for number in range(len(task.classes))])
    containers = {}
    if is_installed("polars"):
        polars = import_or_skip("polars")
        series = polars.Series(task.labels)
        containers |= {"a polars Series": series, "polars' Enum": series.cast(polars.Enum(task.classes[::-1]))}
    if is_installed("pyarrow"):
        containers["an Arrow Array"] = import_or_skip("pyarrow").array(task.labels)
    if is_installed("datasets"):
        data = import_or_skip("datasets").Dataset.from_dict({"label": task.labels})
        containers["a datasets Column"] = data["label"]
    if not containers:
        raise SkipTest("neither polars nor pyarrow is installed")
    _assert_read_or_refused(estimator, task, containers)


def check_labels_in_one_column(name, estimator, task=EXAMPLE):
    """Check labels of shape (n, 1), because ``frame[["label"]]`` has it; a DataConversionWarning is welcome.

    References
    ----------
    scikit-learn/scikit-learn#19889, scikit-learn/scikit-learn#34603
    """
    task.numbered()
    containers = {"an array of shape (n, 1)": np.array(task.labels, dtype=object)[:, None]}
    if is_installed("pandas"):
        containers["a DataFrame"] = import_or_skip("pandas").DataFrame({"label": task.labels})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataConversionWarning)
        _assert_read_or_refused(estimator, task, containers)


def check_missing_labels(name, estimator, task=EXAMPLE):
    """Check that missing labels of any dtype are errors, because a class "nan" must neither appear nor vanish.

    References
    ----------
    huggingface/datasets#4467, pandas-dev/pandas#24681
    """
    numbers = task.numbered()
    missing = np.arange(len(numbers)) == len(numbers) - 1
    containers = {"floats with NaN": np.where(missing, np.nan, numbers)}
    if is_installed("pandas"):
        pandas = import_or_skip("pandas")
        names = pandas.Series([f"label {number}" for number in numbers], dtype=object)
        containers |= {
            "a Series of objects with NaN": names.mask(missing, np.nan),
            "a Series of strings": names.astype("string").mask(missing),
            "a categorical Series": names.mask(missing).astype("category"),
            "nullable integers": pandas.Series(numbers, dtype="Int64").mask(missing),
        }
    for what, labels in containers.items():
        error = refusal(fit, estimator, task._replace(labels=labels))
        assert error is not None, f"fit accepts a missing label in {what}"


def check_missing_labels_in_lists(name, estimator, task=EXAMPLE):
    """Check that NaN in a list of str is not a class "nan", which numpy makes of it where nobody looks.

    Estimators that hand the list to numpy at once cannot know; for these the check is skipped. None may mean
    "no label", but neither may be predicted.

    References
    ----------
    huggingface/datasets#4467, scikit-learn/scikit-learn#11682
    """
    task = task.named([f"label {number}" for number in range(len(task.classes))])
    for missing in (None, np.nan):
        model, error = attempt(fit, estimator, task._replace(labels=[*task.labels[:-1], missing]))
        if error is None:
            classes = np.asarray(model.classes_).tolist()
            if "nan" in classes:
                raise SkipTest('NaN in a list of str becomes the class "nan", as numpy makes of it')
            assert classes == task.classes, f"with {missing} among the labels classes_ are {classes}"


def _assert_read(estimator, task, labels, what):
    """Assert that a fit on labels in a container equals that on the task's own."""
    found = outputs(fit(estimator, task._replace(labels=labels)), task.texts)
    assert_same_fit(estimator, task, found, outputs(fit(estimator, task), task.texts), f"a fit on {what}")


def _assert_read_or_refused(estimator, task, containers):
    """Assert the same of the containers that are not refused, and skip the check if some are."""
    refused, read = {}, {}
    for what, labels in containers.items():
        model, error = attempt(fit, estimator, task._replace(labels=labels))
        if error is None:
            read[what] = outputs(model, task.texts)
        else:
            refused[what] = error
    for what, found in read.items():
        assert_same_fit(estimator, task, found, outputs(fit(estimator, task), task.texts), f"a fit on {what}")
    skip_refused(refused, "labels")
