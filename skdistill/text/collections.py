"""ParquetTexts: the texts of files as a collection that stays on disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from numbers import Integral
from os import PathLike
from typing import Any

import numpy as np

from .._input.chunks import TextsOnDisk
from ..runtime.sequences import offsets_of
from .files import TextFile, as_paths, find_files, import_arrow
from .row_order import ascending_runs, in_any_order


class ParquetTexts(TextsOnDisk):
    r"""The texts of Parquet, CSV or JSON Lines files, which stay on disk and can be sliced like an array.

    It is for more texts than memory holds: ``fit``, ``predict`` and ``score`` read it in batches, in order, and
    keep what they need of it in temporary files. A slice, an array of row numbers or a mask gives another
    collection of the same files, so that ``train_test_split``, ``cross_val_score`` and ``GridSearchCV`` split it;
    they send a path and row numbers to their workers, not texts.

    Parameters
    ----------
    path : str, path-like, or list of these
        A file, a folder, or files in order. Of a folder all files with the ending of the format are read, in the
        order of their names, also those in the folders in it; not those whose names begin with "." or "_".
    column : str, default="text"
        The column of texts.
    format : {"parquet", "csv", "json"} or None, default=None
        "json" is one object per line. If None, the endings .parquet, .csv and .jsonl tell it.

    Attributes
    ----------
    path : str or list of str
        The parameter, as absolute paths.
    column : str
        The parameter.
    format : str
        The format of the files.
    shape : tuple
        ``(n_texts,)``.

    Raises
    ------
    ImportError
        If pyarrow is missing; the extra ``arrow`` installs it.
    FileNotFoundError
        If a file is missing, also while it is read.
    ValueError
        If there are no files, or one of them has no such column of texts. While texts are read: if one is
        missing (null), or a file has changed since the collection was made.

    See Also
    --------
    TextStream : The documents of a text file, one per line, for ``X_unlabeled``.
    DistilledTextClassifier.fit : Takes it as X, ``X_val`` and ``X_unlabeled``.

    Notes
    -----
    Making a collection of Parquet files reads their footers only. Files of CSV and JSON Lines are read once to
    count the rows.

    Rows in ascending order, such as those of the folds of ``KFold`` and ``StratifiedKFold``, are read in one pass
    over the files; groups of rows without any of them are skipped. In any other order, such as the shuffled
    one of ``train_test_split``, each pass writes the texts to a temporary file and reads them back, which takes about
    three times as long and as much disk as the texts: sort the row numbers where the order does not matter. A single
    row, ``texts[i]``, is found by reading its group of rows: iterate over the collection instead.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skdistill import ParquetTexts
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "reviews.csv"
    ...     _ = path.write_text("text,label\na lovely film,1\nthe plot was dull,0\n")
    ...     texts = ParquetTexts(path)
    ...     print(len(texts), texts[1], list(texts[[1, 0]]))
    2 the plot was dull ['the plot was dull', 'a lovely film']
    """

    def __init__(
        self,
        path: str | PathLike[str] | Sequence[str | PathLike[str]],
        column: str = "text",
        *,
        format: str | None = None,
    ) -> None:
        import_arrow()
        self.path, self.column = as_paths(path), column
        paths, self.format = find_files(self.path, format)
        self._opened = [TextFile.open(name, self.format, column) for name in paths]
        self._known = self._facts()
        self._rows = range(sum(file.n_rows for file in self._opened))

    @property
    def shape(self) -> tuple[int]:
        """The number of texts, as the shape of an array of one dimension."""
        return (len(self),)

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[str]:
        for texts in self._batches():
            yield from texts

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, tuple) and len(key) == 2 and key[1] is Ellipsis:  # scikit-learn's way to take rows
            key = key[0]
        if isinstance(key, Integral) and not isinstance(key, bool):
            row = self._rows[int(key)]
            return next(self._ascending(range(row, row + 1)))[0]
        view = type(self).__new__(type(self))  # not by copy, which would open the files again
        vars(view).update(vars(self), _rows=self._rows[key] if isinstance(key, slice) else _take(self._rows, key))
        return view

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """Return the texts as an array of objects, in memory."""
        if copy is False:
            raise ValueError("Texts on disk become an array by a copy only. Got copy=False.")
        texts = np.empty(len(self), dtype=object)
        texts[:] = list(self)
        return texts if dtype is None else texts.astype(dtype)

    def __repr__(self) -> str:
        n_texts = f"{len(self):,} texts"
        n_all = sum(n_rows for n_rows, *_ in self._known)
        of_all = "" if len(self) == n_all else f" of {n_all:,}"
        path = repr(self.path) if isinstance(self.path, str) else f"[{self.path[0]!r}, ...]"
        return f"ParquetTexts({path}, {self.column!r}: {n_texts}{of_all})"

    def __getstate__(self) -> dict:
        # Without what is known of the opened files: another process opens them when it reads.
        rows = self._rows
        if isinstance(rows, np.ndarray):
            rows = rows.astype(np.min_scalar_type(int(rows.max(initial=0))))
        return vars(self) | {"_opened": None, "_rows": rows}

    def __setstate__(self, state: dict) -> None:
        vars(self).update(state)
        if isinstance(self._rows, np.ndarray):
            self._rows = self._rows.astype(np.int64)

    def _facts(self):
        """Return the number of rows, the bytes and the time of each file."""
        return [(file.n_rows, file.size, file.time) for file in self._opened]

    def _files(self):
        """Return the files, opened again in another process, if they have the sizes that were pickled."""
        if self._opened is None:
            import_arrow()
            paths, _ = find_files(self.path, self.format)
            if len(paths) != len(self._known):
                raise ValueError(f"{self.path!r} had {len(self._known)} files before. Now it has {len(paths)}.")
            files = []
            for path, (n_rows, size, _) in zip(paths, self._known):
                files.append(TextFile.open(path, self.format, self.column, n_rows))
                if files[-1].size != size:
                    raise ValueError(f"{path!r} had {size} bytes before. Now it has {files[-1].size}.")
            self._opened = files
        return self._opened

    def _batches(self):
        """Yield all texts in order, as lists of bounded length."""
        runs = ascending_runs(self._rows)
        if runs is None:
            yield from in_any_order(np.asarray(self._rows), self._ascending)
            return
        for run in runs:
            yield from self._ascending(run)

    def _ascending(self, rows):
        """Yield the texts of ascending rows of all files, as lists."""
        files = self._files()
        starts = offsets_of([file.n_rows for file in files]).tolist()
        for file, start, stop in zip(files, starts, starts[1:]):
            part = _between(rows, start, stop)
            if len(part):
                yield from file.read(part)


def _between(rows, start, stop):
    """Return the ascending rows from ``start`` up to ``stop``, without it, counted from ``start``."""
    if isinstance(rows, range) and rows.step == 1:
        return range(max(rows.start, start) - start, max(min(rows.stop, stop), start) - start)
    rows = np.asarray(rows)
    return rows[slice(*np.searchsorted(rows, [start, stop]))] - start


def _take(rows, key):
    """Return the rows with the numbers or the mask ``key``; consecutive ones as a range."""
    key = np.asarray(None if isinstance(key, tuple) else key)  # numpy, too, takes a tuple for several dimensions
    if key.ndim != 1 or not (key.dtype.kind in "biu" or not key.size):
        raise IndexError(
            "Texts are taken by an int, a slice, or a one-dimensional array of row numbers or of bool. Got an array "
            f"of shape {key.shape} and type {key.dtype}."
        )
    if key.dtype.kind == "b":
        if len(key) != len(rows):
            raise IndexError(f"A mask must have one value for each of {len(rows)} texts. Got {len(key)}.")
        key = np.flatnonzero(key)
    key = key.astype(np.int64)
    if key.size and not -len(rows) <= key.min() <= key.max() < len(rows):
        raise IndexError(f"Rows must be below the number of texts, {len(rows)}. Got {key.min()} to {key.max()}.")
    key = np.where(key < 0, key + len(rows), key)
    taken = rows.start + rows.step * key if isinstance(rows, range) else rows[key]
    if taken.size and (np.diff(taken) == 1).all():
        return range(int(taken[0]), int(taken[-1]) + 1)
    return taken
