"""Checks of the containers that documents come in.

Lists, arrays and Series must work. Another container may be refused, and the check is then skipped with
the error as its reason; what is not refused must be read as the documents that it holds.
"""

from unittest import SkipTest

import numpy as np

from ._models import assert_same, assert_same_fit, attempt, fit, import_or_skip, is_installed, outputs, skip_refused
from ._task import EXAMPLE


def check_documents_in_arrays(name, estimator, task=EXAMPLE):
    """Check arrays of objects and of str, read-only and reversed too, because splitters index lists as arrays.

    References
    ----------
    scikit-learn/scikit-learn#5956, dnouri/nolearn#7
    """
    read_only = np.array(task.texts, dtype=object)
    read_only.setflags(write=False)
    _must_read(
        estimator,
        task,
        {
            "an array of objects": np.array(task.texts, dtype=object),
            "an array of str": np.array(task.texts),
            "a read-only array": read_only,
            "a reversed view of an array": np.array(task.texts[::-1], dtype=object)[::-1],
        },
    )


def check_documents_in_a_list_of_numpy_str(name, estimator, task=EXAMPLE):
    """Check a list of ``numpy.str_``, because iterating over an array of str makes one.

    References
    ----------
    huggingface/transformers#13115
    """
    _must_read(estimator, task, {"a list of numpy.str_": list(np.array(task.texts))})


def check_documents_in_numpy_string_dtype(name, estimator, task=EXAMPLE):
    """Check arrays of numpy's StringDType, because they are neither arrays of objects nor of a fixed width.

    References
    ----------
    scikit-learn/scikit-learn#34946
    """
    if not hasattr(np.dtypes, "StringDType"):
        raise SkipTest("this numpy has no StringDType")
    _may_read(estimator, task, {"an array of StringDType": np.array(task.texts, dtype=np.dtypes.StringDType())})


def check_documents_in_tuples(name, estimator, task=EXAMPLE):
    """Check a tuple of documents, because it is as good a sequence as a list.

    References
    ----------
    huggingface/course#1072
    """
    _may_read(estimator, task, {"a tuple": tuple(task.texts)})


def check_documents_in_pandas_series(name, estimator, task=EXAMPLE):
    """Check pandas Series of objects and strings whose index is not a range, because a split leaves such an index.

    References
    ----------
    dnouri/nolearn#7, pandas-dev/pandas#24681
    """
    pandas = import_or_skip("pandas")
    index = np.arange(len(task.texts))[::-1] * 3
    series = pandas.Series(task.texts, index=index, dtype=object)
    _must_read(estimator, task, {"a Series of objects": series, "a Series of strings": series.astype("string")})


def check_documents_in_typed_pandas_series(name, estimator, task=EXAMPLE):
    """Check categorical and Arrow-backed Series, because ``read_csv`` and ``read_parquet`` can return them.

    References
    ----------
    scikit-learn-contrib/category_encoders#421
    """
    pandas = import_or_skip("pandas")
    containers = {"a categorical Series": pandas.Series(task.texts, dtype="category")}
    if is_installed("pyarrow"):
        containers["a Series of Arrow strings"] = pandas.Series(task.texts, dtype="string[pyarrow]")
    _may_read(estimator, task, containers)


def check_documents_in_polars_series(name, estimator, task=EXAMPLE):
    """Check polars Series, whose elements are not numpy objects.

    References
    ----------
    huggingface/course#1072, scikit-learn/scikit-learn#25953
    """
    polars = import_or_skip("polars")
    series = polars.Series("text", task.texts)
    _may_read(estimator, task, {"a polars Series": series, "a categorical one": series.cast(polars.Categorical)})


def check_documents_in_arrow_arrays(name, estimator, task=EXAMPLE):
    """Check Arrow arrays, plain and chunked, because iterating over them gives scalars that are not str.

    References
    ----------
    huggingface/course#1047
    """
    pyarrow = import_or_skip("pyarrow")
    half = len(task.texts) // 2
    chunked = pyarrow.chunked_array([task.texts[:half], task.texts[half:]])
    _may_read(estimator, task, {"an Array": pyarrow.array(task.texts), "a ChunkedArray": chunked})


def check_documents_in_datasets_columns(name, estimator, task=EXAMPLE):
    """Check a column of a Hugging Face data set, because since version 4 it is not a list.

    References
    ----------
    huggingface/course#1181, HandsOnLLM/Hands-On-Large-Language-Models#79
    """
    datasets = import_or_skip("datasets")
    data = datasets.Dataset.from_dict({"text": task.texts})
    _may_read(estimator, task, {"a Column": data["text"]})


def check_documents_in_one_column_tables(name, estimator, task=EXAMPLE):
    """Check tables of one column, because iterating over a frame gives the column's name instead of documents.

    References
    ----------
    scikit-learn/scikit-learn#16972, scikit-learn/scikit-learn#34603,
    scikit-learn-contrib/imbalanced-learn#396
    """
    tables = {"an array of shape (n, 1)": np.array(task.texts, dtype=object)[:, None]}
    for module in ("pandas", "polars"):
        if is_installed(module):
            tables[f"a {module} DataFrame"] = import_or_skip(module).DataFrame({"text": task.texts})
    if is_installed("pyarrow"):
        tables["an Arrow Table"] = import_or_skip("pyarrow").table({"text": task.texts})
    _may_read(estimator, task, tables)


def check_fit_pairs_by_position(name, estimator, task=EXAMPLE):
    """Check that fit pairs Series of documents and labels by position, because their indexes may disagree.

    References
    ----------
    dnouri/nolearn#7, alanarazi7/TabSTAR#25
    """
    pandas = import_or_skip("pandas")
    rows = np.arange(len(task.texts))
    # Pairing by index would give every document the label of another.
    texts, labels = pandas.Series(task.texts, index=rows, dtype=object), np.asarray(task.labels)
    shifted = np.roll(rows, 1)
    labels = pandas.DataFrame(labels, shifted) if task.is_multilabel else pandas.Series(labels, shifted)
    found = outputs(fit(estimator, task._replace(texts=texts, labels=labels)), task.texts)
    expected = outputs(fit(estimator, task), task.texts)
    assert_same_fit(estimator, task, found, expected, "a fit on Series whose indexes disagree")


def _must_read(estimator, task, containers):
    """Assert that each container, by name, is read as the list of documents that it holds."""
    for what, container in containers.items():
        assert_same(*_read(estimator, task, container), what)


def _may_read(estimator, task, containers):
    """Assert the same of containers that are not refused, and skip the check if some are."""
    refused, read = {}, {}
    for what, container in containers.items():
        found, error = attempt(_read, estimator, task, container)
        if error is None:
            read[what] = found
        else:
            refused[what] = error
    for what, (found, expected) in read.items():
        assert_same(found, expected, what)
    skip_refused(refused, "containers")


def _read(estimator, task, container):
    """Return a model's outputs for a container and for the list; the model was fitted on the container, if at all."""
    model = estimator if task.fitted else fit(estimator, task._replace(texts=container))
    return outputs(model, container), outputs(model, task.texts)
