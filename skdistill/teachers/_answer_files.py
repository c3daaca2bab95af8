"""Files of texts with a model's answers: JSON Lines, compressed or not, and Parquet."""

import gzip
import json
import os
import warnings
import zlib
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from .._input.classes import in_short
from .._input.documents import check_texts
from .._input.soft_targets import check_probabilities
from ..runtime.containers import is_missing
from ._answers import Labels, from_logprobs, from_probabilities

if TYPE_CHECKING:
    import pandas

_FORMS = ("probabilities", "logprobs", "label")  # the first that a line has is read
_DAMAGE = (EOFError, gzip.BadGzipFile, zlib.error)
_GZIP = b"\x1f\x8b"  # how a file of gzip begins


def read_answers(
    path: str | os.PathLike[str], classes: Sequence | np.ndarray | None = None
) -> tuple[list[str], "pandas.DataFrame"]:
    r"""Read texts and a model's answers as soft targets.

    Parameters
    ----------
    path : str or path-like
        A file of JSON Lines, compressed if its name ends with ``.gz``; or a Parquet file, if it
        ends with ``.parquet``. A line has ``text`` and one of:

        - ``label``, with ``confidence`` between 0 and 1 or without, which means 1;
        - ``probabilities``, a dict of labels to probabilities;
        - ``logprobs``, a dict of tokens to log-probabilities or a list of dicts with ``token``
          and ``logprob``, for which ``classes`` must be given.

        Lines may differ in form. If a line has several, ``probabilities`` take precedence,
        then ``logprobs``. If all are null, the text has no answer. Other keys are ignored.
    classes : list, default=None
        The labels of the columns, in their order; None for the sorted labels of the file.

    Returns
    -------
    texts : list of str
        The texts, in the order of the file.
    soft_targets : pandas.DataFrame of shape (n_texts, n_classes)
        The probabilities, one column per class, as ``DistilledTextClassifier.fit`` takes them.
        NaN in the rows of texts that have no answer.

    Raises
    ------
    ImportError
        If pandas is not installed, or pyarrow for a Parquet file.
    ValueError
        If a line is malformed or its answer does not fit the classes; or, without ``classes``,
        if the file has fewer than two labels or has log-probabilities.

    See Also
    --------
    write_answers : Writes such a file.
    FunctionTeacher : Asks a function for the answers; its ``memory`` is such a file.

    Notes
    -----
    An answer becomes probabilities as described for ``FunctionTeacher``.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skdistill.teachers import read_answers
    >>> lines = '''{"text": "good food", "label": "pos", "confidence": 0.9}
    ... {"text": "a bad film", "probabilities": {"neg": 0.75, "pos": 0.25}}'''
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "answers.jsonl"
    ...     _ = path.write_text(lines)
    ...     texts, soft_targets = read_answers(path)
    >>> texts
    ['good food', 'a bad film']
    >>> soft_targets
        neg   pos
    0  0.10  0.90
    1  0.75  0.25
    """
    make_frame = _imported("pandas", "read_answers returns a DataFrame").DataFrame
    answers = [(name, *_text_and_answer(record, name)) for name, record in _records(path)]
    labels = Labels.of(_labels_found(answers, path) if classes is None else classes)
    rows = [_row(form, answer, labels, name) for name, _, form, answer in answers]
    values = np.array(rows, dtype=np.float64).reshape(len(rows), len(labels.classes))
    return [text for _, text, _, _ in answers], make_frame(values, columns=labels.classes)


def write_answers(
    path: str | os.PathLike[str], texts: Any, probabilities: Any, classes: Sequence | np.ndarray | None = None
) -> None:
    """Write texts and their probabilities to a file that ``read_answers`` reads.

    Parameters
    ----------
    path : str or path-like
        Its ending chooses the format: ``.parquet`` is Parquet, ``.gz`` is JSON Lines compressed
        by gzip, and any other ending is JSON Lines. A file that exists is replaced.
    texts : list of str
        The texts.
    probabilities : array-like of shape (n_texts, n_classes)
        Rows that sum to 1, or are all NaN for texts that have no answer.
    classes : list, default=None
        The labels of the columns; None for the columns of a DataFrame. In the file they are
        text: ``read_answers`` returns labels that are numbers if it is given ``classes``.

    Raises
    ------
    ImportError
        If pyarrow is not installed, for a Parquet file.
    ValueError
        If there is not one row per text and one column per class, or a row holds anything but
        probabilities or NaN.

    See Also
    --------
    read_answers : Reads such a file.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skdistill.teachers import write_answers
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "answers.jsonl"
    ...     write_answers(path, ["good food"], [[0.1, 0.9]], ["neg", "pos"])
    ...     print(path.read_text(), end="")
    {"text": "good food", "probabilities": {"neg": 0.1, "pos": 0.9}}
    """
    texts = check_texts(texts, "texts", least=0)
    classes = getattr(probabilities, "columns", None) if classes is None else classes
    if classes is None:
        raise ValueError("classes must be a list of labels. Got None: name them, or pass a DataFrame.")
    labels = Labels.of(classes)
    values = _checked(probabilities, (len(texts), len(labels.classes)))
    records = (record_of(text, row, labels) for text, row in zip(texts, values.tolist()))
    if _ending(path) == ".parquet":
        arrow = _imported("pyarrow", "Parquet files are written by pyarrow")
        _check_encoding(texts)
        _imported("pyarrow.parquet").write_table(arrow.Table.from_pylist(list(records), _schema(arrow, labels)), path)
        return
    with _open(path, "wb") as file:
        file.writelines(map(as_line, records))


def _check_encoding(texts):
    """Raise a ValueError for a text that Parquet cannot hold."""
    for row, text in enumerate(texts):
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise ValueError(
                f"Row {row} of texts has a lone surrogate, which Parquet cannot hold: write JSON Lines."
            ) from error


def record_of(text, row, labels):
    """Return a text and its probabilities as a line of a file; a row of NaN is None there."""
    known = dict(zip(map(str, labels.classes), row))
    return {"text": text, "probabilities": None if row[0] != row[0] else known}


def as_line(record):
    """Return a record as a line of JSON, in bytes."""
    return json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"


def as_record(line, name):
    """Return a line of JSON as a dict, or raise a ValueError that names it."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:  # of JSON, or of the encoding
        what = f"{error.msg}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else error
        what = "the file is compressed, and its name must end with .gz" if line.startswith(_GZIP) else what
        raise ValueError(f"{name} must be a JSON object on one line: {what}. Got {_start_of(line)!r}.") from error
    if not (isinstance(record, dict) and isinstance(record.get("text"), str)):
        raise ValueError(f"{name} must be a JSON object with the key 'text' and a str. Got {_start_of(line)!r}.")
    return record


def _start_of(line):
    text = line.decode("utf-8", "replace").strip()
    return text if len(text) < 80 else f"{text[:80]}…"


def _ending(path):
    return os.path.splitext(os.fspath(path))[1].lower()


def _open(path, mode):
    return gzip.open(path, mode) if _ending(path) == ".gz" else open(path, mode)


def _imported(module, why=""):
    """Import pandas or pyarrow, which are needed by these functions only."""
    try:
        return import_module(module)
    except ImportError as error:
        raise ImportError(f"{why}. Install it with: pip install {module.partition('.')[0]}") from error


def _records(path):
    """Yield the name of each line for messages, and its content as a dict."""
    if _ending(path) == ".parquet":
        yield from _parquet_records(path)
        return
    with _open(path, "rb") as file:
        try:
            for number, line in enumerate(file, 1):
                if line.strip():
                    name = f"Line {number} of {path}"
                    yield name, as_record(line, name)
        except _DAMAGE as error:
            raise ValueError(
                f"{path} is damaged or incomplete, or its name should not end with .gz: {error}."
            ) from error


def _parquet_records(path):
    parquet = _imported("pyarrow.parquet", "Parquet files are read by pyarrow")
    try:
        opened = parquet.ParquetFile(path)
    except ValueError as error:  # ArrowInvalid
        raise ValueError(f"{path} is damaged, incomplete or not a Parquet file: {error}") from error
    with opened as file:
        columns = [name for name in ("text", "confidence", *_FORMS) if name in file.schema_arrow.names]
        records = (record for batch in file.iter_batches(columns=columns) for record in batch.to_pylist())
        for number, record in enumerate(records):
            if not isinstance(record.get("text"), str):
                raise ValueError(f"Row {number} of {path} must have a str as 'text'. Got {record.get('text')!r}.")
            yield f"Row {number} of {path}", {key: _without_nulls(value) for key, value in record.items()}


def _without_nulls(value):
    """Return a value of Parquet, where a dict is a struct with nulls, or a map: a list of pairs."""
    if isinstance(value, list) and value and all(isinstance(entry, tuple) for entry in value):
        value = dict(value)
    if isinstance(value, dict) and value:
        return {key: number for key, number in value.items() if number is not None} or None
    return value


def _schema(arrow, labels):
    struct = arrow.struct([(str(label), arrow.float64()) for label in labels.classes])
    return arrow.schema([("text", arrow.string()), ("probabilities", struct)])


def _text_and_answer(record, name):
    """Return the text of a line, the form of its answer and the answer; None without an answer."""
    there = [form for form in _FORMS if form in record]
    if not there:
        raise ValueError(f"{name} must have one of the keys {', '.join(_FORMS)}. Got {', '.join(record)}.")
    form = next((form for form in there if record[form] is not None), None)
    answer = record.get(form)
    if form == "probabilities" and not (isinstance(answer, dict) and answer):
        raise ValueError(f"{name} must have a dict of labels to probabilities, not empty. Got {answer!r}.")
    if form == "logprobs" and not isinstance(answer, (dict, list)):
        raise ValueError(f"{name} must have a dict or list of tokens and log-probabilities. Got {answer!r}.")
    if form == "label":
        if isinstance(answer, (dict, list)) or is_missing(answer) or not str(answer).strip():
            raise ValueError(f"{name} must have a single label, or null for no answer. Got {answer!r}.")
        confidence = record.get("confidence")
        answer = {answer: 1.0 if confidence is None else confidence}
    return record["text"], form, answer


def _row(form, answer, labels, name):
    if form is None:
        return [np.nan] * len(labels.classes)
    try:
        return from_logprobs(answer, labels) if form == "logprobs" else from_probabilities(answer.items(), labels)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}: {error}") from error


def _labels_found(answers, path):
    """Return the sorted labels of a file's answers."""
    found = {}
    for name, _, form, answer in answers:
        if form == "logprobs":
            raise ValueError(f"classes must be given for log-probabilities, whose tokens may be any. Got {name}.")
        found |= dict.fromkeys(answer or ())
    if len(found) < 2:
        got = in_short(list(found)) or "none"
        raise ValueError(f"classes must be at least two labels. Got {got} in {path}: pass classes.")
    try:
        found = sorted(found)
    except TypeError as error:
        raise ValueError(f"classes must be given for labels of several types. Got {list(found)} in {path}.") from error
    _warn_of_spellings(found, path)
    return found


def _warn_of_spellings(labels, path):
    """Warn of labels that differ only in case, which a language model may mean as one."""
    spellings = {}
    for label in map(str, labels):
        spellings.setdefault(label.casefold(), []).append(label)
    several = next((same for same in spellings.values() if len(same) > 1), None)
    if several:
        warnings.warn(
            f"Labels in {path} differ only in case, {in_short(several)}, and are read as different "
            "classes: pass classes to read them as one.",
            UserWarning,
            stacklevel=4,
        )


def _checked(probabilities, shape):
    try:
        values = np.asarray(probabilities, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"probabilities must be a table of numbers, with rows of one length: {error}.") from error
    if values.shape != shape:
        raise ValueError(f"probabilities must have the shape (n_texts, n_classes), {shape}. Got {values.shape}.")
    missing = np.isnan(values)
    partly = np.flatnonzero(missing.any(axis=1) & ~missing.all(axis=1))
    if len(partly):
        raise ValueError(f"Row {partly[0]} of probabilities is NaN in part: it must be whole, or all NaN.")
    check_probabilities(values, "multiclass", "probabilities")
    return values
