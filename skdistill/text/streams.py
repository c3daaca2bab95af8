"""Documents that are read from a file as they are needed.

Owns how a text file becomes documents. It must not know tokens, labels or what
the documents are used for.
"""

import gzip
import io
import os
import zlib

# What reading a damaged or truncated gzip file raises.
_DAMAGE = (EOFError, gzip.BadGzipFile, zlib.error)
# What a gzip file begins with (RFC 1952, section 2.3.1).
_GZIP = b"\x1f\x8b"


class TextStream:
    r"""The documents of a text file, one a line, read anew each time.

    For text that need not fit into memory: each iteration opens the file and goes
    through it once. The stream itself holds the path alone, so it costs nothing to copy,
    to clone or to send to another process. It has no length and no rows, so that
    scikit-learn never slices it in cross-validation.

    Parameters
    ----------
    path : str or path-like
        The file. One whose name ends with ``.gz``, in letters of any case, is decompressed.
    encoding : str, default="utf-8"
        How the file spells characters. ``"utf-8-sig"`` leaves out a byte order mark.

    Raises
    ------
    TypeError
        A path that is neither a str nor path-like.
    LookupError
        An encoding that Python does not know.
    FileNotFoundError
        While iterating: no such file.
    ValueError
        While iterating: a line that is not in this encoding, or a damaged gzip file.

    Notes
    -----
    Lines end with ``"\n"`` or ``"\r\n"``, and documents come without it. Other
    separators of Unicode are part of a document. An empty line is an empty document.

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

    def __init__(self, path, encoding="utf-8"):
        os.fspath(path)
        "".encode(encoding)
        self.path = path
        self.encoding = encoding

    def __repr__(self):
        encoding = "" if self.encoding == "utf-8" else f", encoding={self.encoding!r}"
        return f"TextStream({os.fspath(self.path)!r}{encoding})"

    def __iter__(self):
        n_lines = 0
        with self._open() as file:
            try:
                for line in file:
                    n_lines += 1
                    yield line.removesuffix("\n").removesuffix("\r")
            except (UnicodeError, *_DAMAGE) as error:
                raise ValueError(self._what_is_wrong(error, n_lines)) from error

    def _open(self):
        compressed = os.fsdecode(self.path).lower().endswith(".gz")
        file = gzip.open(self.path) if compressed else open(self.path, "rb")  # noqa: SIM115
        # With newline="\n" nothing else ends a line, and no line end is translated.
        return io.TextIOWrapper(file, encoding=self.encoding, newline="\n")

    def _what_is_wrong(self, error, n_lines):
        path = os.fsdecode(self.path)
        if not isinstance(error, UnicodeError):
            return f"{path}, line {n_lines + 1}: the gzip file is damaged or incomplete ({error}): fetch it again."
        if not isinstance(error, UnicodeDecodeError):
            return f"{path}, line {n_lines + 1}: {error}, read as {self.encoding}: pass the encoding of the file."
        if error.object.startswith(_GZIP):
            return f"{path} is a gzip file: give it a name that ends with .gz."
        # A file is decoded in blocks: lines of this one were still to come, up to the bad byte.
        n_lines += error.object[: error.start].decode(error.encoding, "replace").count("\n")
        return (
            f"{path}, line {n_lines + 1}: byte 0x{error.object[error.start]:02x} cannot be read as {self.encoding} "
            f"({error.reason}): pass the encoding of the file, as in TextStream(path, encoding='cp1252')."
        )
