"""Predicting the texts of a file of rows: Parquet, CSV or JSON Lines, read and written in batches by pyarrow."""

import os
import sys
from contextlib import contextmanager
from pathlib import Path

from ._progress import progress_bar
from ._serialization.atomic import replaced
from .columns import TextPredictor
from .text.files import READ, check_column, csv_of_texts, import_arrow

WRITTEN = ".parquet", ".csv"
_ROWS = 8192  # that are read, predicted and written together


def predict_table(student, source, target, *, column, with_probabilities=False):
    """Write a file with the rows of another one and their predictions.

    The file appears when all rows are written; if that fails, an older one stays as it was. Memory holds some
    batches of rows only.

    Parameters
    ----------
    student : classifier
    source, target : str or path-like
        ``source`` ends in .parquet, .csv or .jsonl, ``target`` in .parquet or .csv.
    column : str
        Of the source: the texts, of which some may be missing.
    with_probabilities : bool, default=False
        Whether a column ``proba_<label>`` per class follows the column ``prediction``.

    Raises
    ------
    ImportError
        If pyarrow is not installed.
    ValueError
        If an ending is another, there is no such column or it holds no texts, or names would occur twice.
    """
    import_arrow()
    import pyarrow as pa

    rows = _open(source, column)
    predicts = [TextPredictor(student)]
    if with_probabilities:
        predicts.append(TextPredictor(student, "predict_proba"))
    empty = _with_predictions(rows.schema.empty_table(), column, predicts, student.classes_)
    total = rows.count_rows() if Path(source).suffix == ".parquet" else None  # other files would have to be read
    is_seen = sys.stderr is not None and sys.stderr.isatty()
    with (
        _written(target, empty.schema) as write,
        progress_bar(total=total, desc="Predicting", unit="row", disable=not is_seen) as bar,
    ):
        # Without readahead: a batch in work, and the one that is read meanwhile.
        for batch in rows.to_batches(batch_size=_ROWS, batch_readahead=1, fragment_readahead=1):
            write(_with_predictions(pa.table(batch), column, predicts, student.classes_))
            bar.update(len(batch))


def _open(source, column):
    """Return the dataset of a file, after a look at its column of texts."""
    import pyarrow as pa
    import pyarrow.dataset as ds

    suffix = Path(source).suffix
    if suffix not in READ:
        raise ValueError(f"The input must end in {', '.join(READ)}. Got {os.fspath(source)!r}.")
    os.stat(source)  # a FileNotFoundError that names it
    try:
        rows = ds.dataset(source, format=csv_of_texts(source) if suffix == ".csv" else READ[suffix])
    except pa.ArrowInvalid as error:
        raise ValueError(f"{os.fspath(source)!r} cannot be read: {str(error).splitlines()[0]}") from error
    check_column(rows.schema, column, source)
    return rows


def _with_predictions(table, column, predicts, classes):
    """Return a table with the columns of predictions."""
    texts, labels = table[column], [str(label) for label in classes.tolist()]
    found = predicts[0](texts)
    columns = [("prediction", found)]
    if hasattr(found.type, "list_size"):  # multilabel: a column per label
        columns = _by_class(found, "prediction", labels)
    for predict in predicts[1:]:
        columns += _by_class(predict(texts), "proba", labels)
    for name, values in columns:
        if name in table.column_names:
            raise ValueError(f"The input has a column {name!r} already: rename it.")
        table = table.append_column(name, values)
    return table


def _by_class(lists, prefix, labels):
    """Return a column per class, with its name, of an array of lists."""
    import pyarrow as pa

    numbers = lists.flatten().to_numpy(zero_copy_only=False).reshape(-1, len(labels))
    return [(f"{prefix}_{label}", pa.array(numbers[:, i])) for i, label in enumerate(labels)]


@contextmanager
def _written(target, schema):
    """Yield a function that writes tables to a file, which takes the place of an older one at the end."""
    import pyarrow.csv
    import pyarrow.parquet

    suffix = Path(target).suffix
    if suffix not in WRITTEN:
        raise ValueError(f"The output must end in {' or '.join(WRITTEN)}. Got {os.fspath(target)!r}.")
    writer = pyarrow.parquet.ParquetWriter if suffix == ".parquet" else pyarrow.csv.CSVWriter
    with replaced(target) as temporary, writer(temporary, schema) as file:
        yield file.write_table
