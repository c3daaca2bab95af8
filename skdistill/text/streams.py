"""TextStream: the documents of a file, read as they are needed."""

from __future__ import annotations

import gzip
import io
import os
import zlib
from collections.abc import Iterator

# Errors of reading a damaged or truncated gzip file.
_DAMAGE = (EOFError, gzip.BadGzipFile, zlib.error)
# The first bytes of a gzip file (RFC 1952, section 2.3.1).
_GZIP = b"\x1f\x8b"


class TextStream:
    r"""The documents of a text file, one per line, read from the file in each iteration.

    A stream is for text that need not fit into memory: each iteration opens the file and
    reads it once, from the beginning. The stream itself holds only the path, so that it is
    cheap to copy, to clone or to send to another process. It has no length and no rows, so
    that scikit-learn never slices it in cross-validation.

    Parameters
    ----------
    path : str or path-like
        The file. It is decompressed if its name ends with ``.gz``, in upper or lower case.
    encoding : str, default="utf-8"
        The file's encoding. ``"utf-8-sig"`` is UTF-8 with a byte order mark, which is left out.

    Attributes
    ----------
    path : str or path-like
        The parameter.
    encoding : str
        The parameter.

    Raises
    ------
    TypeError
        If the path is neither a str nor path-like.
    LookupError
        If Python does not know the encoding.
    FileNotFoundError
        While iterating, if there is no such file.
    ValueError
        While iterating, if a line is not in this encoding or a gzip file is damaged.

    See Also
    --------
    DistilledTextClassifier.fit : Takes streams as ``X_unlabeled``.
    TransferSet : Makes synthetic documents from those of a stream.
    skdistill.ParquetTexts : The texts of Parquet, CSV or JSON Lines files, also as X.

    Notes
    -----
    Lines end with ``"\n"`` or ``"\r\n"``, which is not part of the document. Unicode's other
    line separators are part of a document. An empty line is an empty document.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skdistill import TextStream
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "reviews.txt"
    ...     _ = path.write_text("a lovely film\nthe plot was dull\n")
    ...     stream = TextStream(path)
    ...     print(list(stream) == list(stream), list(stream))
    True ['a lovely film', 'the plot was dull']
    """

    def __init__(self, path: str | os.PathLike[str], encoding: str = "utf-8") -> None:
        os.fspath(path)  # raises the TypeError
        "".encode(encoding)  # raises the LookupError
        self.path = path
        self.encoding = encoding

    def __repr__(self) -> str:
        encoding = "" if self.encoding == "utf-8" else f", encoding={self.encoding!r}"
        return f"TextStream({os.fspath(self.path)!r}{encoding})"

    def __iter__(self) -> Iterator[str]:
        n_lines = 0
        with self._open() as file:
            try:
                for line in file:
                    n_lines += 1
                    yield line.removesuffix("\n").removesuffix("\r")
            except (UnicodeError, *_DAMAGE) as error:
                raise ValueError(self._message(error, n_lines)) from error

    def _open(self):
        """Open the file for reading text; closing the returned object closes all that it wraps."""
        compressed = os.fsdecode(self.path).lower().endswith(".gz")
        file = gzip.open(self.path) if compressed else open(self.path, "rb")  # noqa: SIM115 (the caller closes it)
        # With newline="\n" only "\n" ends a line, and no line end is translated.
        return io.TextIOWrapper(file, encoding=self.encoding, newline="\n")

    def _message(self, error, n_lines):
        """Return the message for an error of reading, after ``n_lines`` lines were read."""
        path = os.fsdecode(self.path)
        if not isinstance(error, UnicodeError):
            return f"{path}, line {n_lines + 1}: the gzip file is damaged or incomplete ({error}): fetch it again."
        if not isinstance(error, UnicodeDecodeError):
            return f"{path}, line {n_lines + 1}: {error}, read as {self.encoding}: pass the encoding of the file."
        if error.object.startswith(_GZIP):
            return f"{path} is a gzip file: give it a name that ends with .gz."
        # A file is decoded block by block, and the error discards the lines of this block that come
        # before the bad byte: they are counted here.
        n_lines += error.object[: error.start].decode(error.encoding, "replace").count("\n")
        return (
            f"{path}, line {n_lines + 1}: byte 0x{error.object[error.start]:02x} cannot be read as {self.encoding} "
            f"({error.reason}): pass the encoding of the file, as in TextStream(path, encoding='cp1252')."
        )
