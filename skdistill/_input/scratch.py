"""Temporary files: what to do when their disk is full."""

import tempfile
from contextlib import contextmanager


@contextmanager
def named_when_full():
    """Raise the OSError of a write to a temporary file again, with the folder and with what to do."""
    try:
        yield
    except OSError as error:
        raise OSError(
            error.errno,
            f"A temporary file could not be written to {tempfile.gettempdir()} ({error.strerror or error}): free "
            "space there, or set the environment variable TMPDIR to a folder on a larger disk",
        ) from error
