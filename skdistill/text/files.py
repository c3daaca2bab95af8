"""Files of texts: Parquet, CSV and JSON Lines, whose column of texts pyarrow reads batch by batch.

pyarrow is imported when a file is opened.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from ..runtime.sequences import offsets_of

#: The formats of pyarrow by the ending of a file.
READ = {".parquet": "parquet", ".csv": "csv", ".jsonl": "json"}
# Texts that are read together, and bytes of a Parquet file.
_ROWS, _BUFFER = 4096, 2**20


def import_arrow():
    """Raise an ImportError that says what to install if pyarrow is missing."""
    if find_spec("pyarrow") is None:
        raise ImportError("Parquet, CSV and JSON Lines need pyarrow. Install it with: pip install 'skdistill[arrow]'")


def csv_of_texts(source):
    """Return the format of a CSV file whose columns all stay as they are written: "007" is a text."""
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.dataset as ds

    parse = pyarrow.csv.ParseOptions(newlines_in_values=True)
    with pyarrow.csv.open_csv(source, parse_options=parse) as reader:
        types = dict.fromkeys(reader.schema.names, pa.string())
    return ds.CsvFileFormat(parse, convert_options=pyarrow.csv.ConvertOptions(column_types=types))


def check_column(schema, column, source):
    """Raise a ValueError unless a schema of pyarrow has a column of texts."""
    import pyarrow as pa

    if column not in schema.names:
        raise ValueError(f"There is no column {column!r} in {os.fspath(source)!r}. Its columns: {schema.names}.")
    kind = schema.field(column).type
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)):
        raise ValueError(f"The column {column!r} of {os.fspath(source)!r} must hold texts. It holds {kind}.")


def find_files(path, format=None):
    """Return the paths of files in order, and their format.

    Parameters
    ----------
    path : str or list of str
        A file, a folder or files.
    format : {"parquet", "csv", "json"} or None, default=None
        If None, the ending of the names tells it.

    Returns
    -------
    paths : list of str
        Those of a folder and of the folders in it are sorted; names that begin with "." or "_" are left out.
    format : str

    Raises
    ------
    FileNotFoundError
        If there is no such file or folder.
    ValueError
        If the format is not known, there are no files, or their endings differ.
    """
    endings = {ending for ending, name in READ.items() if format in (None, name)}
    if not endings:
        raise ValueError(f"format must be one of {sorted(READ.values())}, or None. Got {format!r}.")
    is_folder = isinstance(path, str) and os.path.isdir(path)
    paths = _files_in(path, endings) if is_folder else [path] if isinstance(path, str) else list(path)
    if not paths:
        where = f"in the folder {path!r}" if is_folder else "in an empty list"
        raise ValueError(f"path must be or hold files that end in {', '.join(sorted(endings))}. Found none {where}.")
    for name in paths:
        os.stat(name)  # a FileNotFoundError that names it
    if format is not None:
        return paths, format
    found = {Path(name).suffix.lower() for name in paths}
    if len(found) > 1 or not found <= endings:
        raise ValueError(
            f"The files must have one ending of {', '.join(READ)}. Got {', '.join(sorted(found))}: pass files of one "
            "kind, or format."
        )
    return paths, READ[found.pop()]


def _files_in(folder, endings):
    """Return the sorted paths of the files in a folder, and in the folders in it, that have one of the endings."""
    paths = Path(folder).rglob("*")
    parts = [(path, path.relative_to(folder).parts) for path in paths if path.suffix.lower() in endings]
    return sorted(str(path) for path, names in parts if path.is_file() and not any(n[0] in "._" for n in names))


@dataclass(frozen=True)
class TextFile:
    """A file of texts.

    Attributes
    ----------
    path, format, column : str
    n_rows : int
    size, time : int
        Bytes, and when it was changed (ns), both at the time when it was opened.
    """

    path: str
    format: str
    column: str
    n_rows: int
    size: int
    time: int

    @classmethod
    def open(cls, path, format, column, n_rows=None):
        """Return a file, after a look at its columns; its rows are counted unless their number is known."""
        import pyarrow as pa

        status = os.stat(path)
        try:
            fragment, schema = _fragment(path, format, column)
            check_column(schema, column, path)
            n_rows = fragment.count_rows() if n_rows is None else n_rows
        except pa.ArrowInvalid as error:
            raise ValueError(f"{path!r} cannot be read: {_first_line(error)}") from error
        return cls(path, format, column, n_rows, status.st_size, status.st_mtime_ns)

    def read(self, rows):
        """Yield the texts of ascending rows, as lists.

        Parameters
        ----------
        rows : range or ndarray of int
            Rows may be repeated.

        Raises
        ------
        ValueError
            If a text is missing or is not UTF-8, or the file is damaged or has changed.
        """
        import pyarrow as pa

        self._check_unchanged()
        n_read = 0
        try:
            for texts in self._arrays(rows):
                if texts.null_count:
                    self._raise_for_missing(rows[n_read + texts.is_null().to_numpy(zero_copy_only=False).argmax()])
                n_read += len(texts)
                yield texts.to_numpy(zero_copy_only=False).tolist()  # a fifth of the time of to_pylist
        except (pa.ArrowInvalid, UnicodeDecodeError) as error:
            self._check_unchanged()  # the more likely cause
            raise ValueError(f"{self.path!r} cannot be read: {_first_line(error)}") from error
        self._check_unchanged()
        if n_read != len(rows):
            raise ValueError(f"{self.path!r} must have {self.n_rows} rows, which were counted. Fewer were read.")

    def _arrays(self, rows):
        """Yield arrays of pyarrow with the texts of ascending rows."""
        is_whole = isinstance(rows, range) and len(rows) == self.n_rows
        places = None if is_whole else np.asarray(rows)
        if self.format == "parquet":
            arrays, places = _read_parquet(self.path, self.column, places)
        else:
            arrays = _read_lines(self.path, self.format, self.column)
        first = 0
        for texts in map(_plain, arrays):
            if is_whole:
                yield texts
            else:
                start, stop = np.searchsorted(places, [first, first + len(texts)])
                if stop > start:
                    yield texts.take(_indices(places[start:stop] - first))
                if stop == len(places):
                    return
            first += len(texts)

    def _check_unchanged(self):
        """Raise an error if the file is gone, or another one than when it was opened."""
        try:
            status = os.stat(self.path)
        except FileNotFoundError as error:
            raise FileNotFoundError(
                error.errno, "The file was there when the texts were opened, and is gone", self.path
            ) from error
        if (status.st_size, status.st_mtime_ns) != (self.size, self.time):
            raise ValueError(
                f"{self.path!r} has changed since the texts were opened, so that rows and labels may no longer belong "
                "together: open it again, and leave it as it is meanwhile."
            )

    def _raise_for_missing(self, row):
        raise ValueError(
            f"Row {row} of {self.path!r} is missing (null in the column {self.column!r}): drop it or replace it by an "
            "empty string."
        )


def _read_parquet(path, column, rows):
    """Return arrays of the texts of the groups that hold some rows, and the places of the rows in them.

    A dataset of pyarrow would decode all of a group at once, and a group may be as large as the file.
    """
    import pyarrow.parquet

    file = pyarrow.parquet.ParquetFile(path, buffer_size=_BUFFER, pre_buffer=False)
    sizes = np.array(
        [file.metadata.row_group(i).num_rows for i in range(file.metadata.num_row_groups)], dtype=np.int64
    )
    groups = np.arange(len(sizes))
    if rows is not None:
        starts = offsets_of(sizes)
        group = np.searchsorted(starts, rows, side="right") - 1
        groups, number = np.unique(group, return_inverse=True)
        rows = rows - starts[group] + offsets_of(sizes[groups])[number]

    def arrays():
        with file:
            options = {"row_groups": groups.tolist(), "columns": [column], "use_threads": False}
            for batch in file.iter_batches(_ROWS, **options):
                yield batch.column(0)

    return arrays(), rows


def _read_lines(path, format, column):
    """Yield arrays of the texts of a CSV or JSON Lines file."""
    import pyarrow.dataset as ds

    fragment, _ = _fragment(path, format, column)
    # One batch in work, and the one that is read meanwhile.
    ahead = {"batch_readahead": 1, "fragment_readahead": 1, "use_threads": False}
    for batch in ds.Scanner.from_fragment(fragment, columns=[column], batch_size=_ROWS, **ahead).to_batches():
        yield batch.column(0)


def _fragment(path, format, column):
    """Return a file as a fragment of a dataset of pyarrow, and its columns; JSON is read as text in the column."""
    import pyarrow as pa
    import pyarrow.dataset as ds

    if format != "json":
        dataset = ds.dataset(path, format=csv_of_texts(path) if format == "csv" else format)
        return next(dataset.get_fragments()), dataset.schema
    from pyarrow import json

    found = ds.dataset(path, format="json").schema
    if column in found.names and pa.types.is_timestamp(found.field(column).type):  # texts that look like dates
        found = found.set(found.get_field_index(column), pa.field(column, pa.string()))
    schema = pa.schema([pa.field(column, pa.string())])
    parse = json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
    dataset = ds.dataset(path, schema=schema, format=ds.JsonFileFormat(parse_options=parse))
    return next(dataset.get_fragments()), found


def _indices(places):
    import pyarrow as pa

    return pa.array(places, pa.int64())


def _plain(texts):
    """Return an array of pyarrow as one of type string or large_string."""
    import pyarrow as pa

    if pa.types.is_dictionary(texts.type):
        texts = texts.dictionary_decode()
    return texts.cast(pa.large_string()) if pa.types.is_string_view(texts.type) else texts


def _first_line(error):
    return str(error).splitlines()[0]


def as_paths(path):
    """Return a path as a str, or paths as a list of str, all absolute: other processes may be in another folder."""
    if isinstance(path, (str, os.PathLike)):
        return os.path.abspath(os.fspath(path))
    if not isinstance(path, Sequence):
        raise TypeError(f"path must be a file, a folder or a list of files. Got {type(path).__name__}.")
    return [os.path.abspath(os.fspath(name)) for name in path]
