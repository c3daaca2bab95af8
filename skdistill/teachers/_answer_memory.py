"""The answers of a function in a file of JSON Lines, to which they are appended as they arrive."""

import os
import time
from contextlib import contextmanager
from hashlib import blake2b

from .._input.classes import in_short
from ._answer_files import as_line, as_record, record_of
from ._answers import from_probabilities

# How a line begins, as ``as_line`` writes it.
_BEGINNING = b'{"text": "'
# After this time, a line without an end is not one that another process is writing.
_SECONDS_TO_WRITE = 0.1


class AnswerMemory:
    """The answers in a file that this process and others append to.

    Parameters
    ----------
    path : str or path-like
        The file, in the format of ``write_answers``. It need not exist.
    labels : Labels
        The classes of the answers.
    """

    def __init__(self, path, labels):
        self.path, self.labels = os.path.abspath(path), labels
        if self.path.lower().endswith((".gz", ".parquet")):
            raise ValueError(f"memory must be a file of JSON Lines that is not compressed. Got {self.path}.")
        if os.path.isdir(self.path):
            raise ValueError(f"memory must be a file of JSON Lines. Got the folder {self.path}: pass a file in it.")
        self._forget()

    def find(self, texts):
        """Return the probabilities of those texts that are in the file, as a dict."""
        self._read()
        keys = {text: _key(text) for text in texts}
        return {text: self._rows[key] for text, key in keys.items() if key in self._rows}

    @contextmanager
    def appending(self):
        """Yield a function that appends a dict of texts and their probabilities to the file."""
        with open(self.path, "ab") as file:
            self._drop_incomplete_line(file)

            def append(rows):
                self._drop_incomplete_line(file)  # of another process that ended since
                file.write(b"".join(as_line(record_of(text, row, self.labels)) for text, row in rows.items()))
                file.flush()

            yield append

    def _forget(self):
        # The number of bytes and lines that were read, and what they hold: digests take less memory than texts.
        self._offset, self._n_lines, self._rows = 0, 0, {}

    def _read(self):
        """Read the lines that were appended since the last time; one without an end is left out."""
        size = os.path.getsize(self.path) if os.path.exists(self.path) else 0
        if size < self._offset:  # deleted or replaced, so that texts are asked again
            self._forget()
        if size == self._offset:
            return
        offset, n_lines = self._offset, self._n_lines
        with open(self.path, "rb") as file:
            file.seek(offset)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                offset, n_lines = offset + len(line), n_lines + 1
                self._add(line, f"Line {n_lines} of memory {self.path}")
        self._offset, self._n_lines = offset, n_lines  # once, since another thread may read at the same time

    def _add(self, line, name):
        record = as_record(line, name)
        answer = record.get("probabilities")
        if not isinstance(answer, dict) or set(answer) != set(map(str, self.labels.classes)):
            raise ValueError(
                f"{name} must have the probabilities of the classes {in_short(self.labels.classes)}. Got {answer!r}: "
                "pass another file."
            )
        try:
            self._rows[_key(record["text"])] = tuple(from_probabilities(answer.items(), self.labels))
        except (TypeError, ValueError) as error:
            raise ValueError(f"{name}: {error}") from error

    def _drop_incomplete_line(self, file):
        """Cut off a last line without an end, which an interruption leaves behind."""
        line, size = self._incomplete_line()
        if not line:
            return
        if not line.startswith(_BEGINNING[: len(line)]):
            raise ValueError(f"memory must be a file of answers. Got {self.path}, whose last line is none.")
        time.sleep(_SECONDS_TO_WRITE)
        if self._incomplete_line() == (line, size):
            file.truncate(size - len(line))

    def _incomplete_line(self):
        """Return the bytes after the last line end of the file, and the file's size."""
        with open(self.path, "rb") as whole:
            size = whole.seek(0, os.SEEK_END)
            if size <= self._offset:
                return b"", size
            whole.seek(size - 1)
            if whole.read(1) == b"\n":
                return b"", size
            whole.seek(self._offset)
            rest = whole.read(size - self._offset)
        return rest[rest.rfind(b"\n") + 1 :], size


def _key(text):
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
