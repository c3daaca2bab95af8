"""Writing a file at once or not at all."""

import os
import secrets
import shutil
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def replaced(path):
    """Yield the path of a temporary file, which takes the place of ``path`` if the block ends without an error.

    It is in the same folder. A process that is killed leaves it there; its name begins with ".skdistill-".

    Parameters
    ----------
    path : str or path-like
    """
    path = Path(os.path.realpath(path))  # of a link, the file that it leads to
    temporary = path.with_name(f".skdistill-{secrets.token_hex(8)}")
    try:
        yield temporary
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        with suppress(FileNotFoundError):
            shutil.copymode(path, temporary)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def write_atomically(path, data):
    """Write bytes to a path such that it holds either what it held before or all of them.

    Parameters
    ----------
    path : str or path-like
    data : bytes
    """
    with replaced(path) as temporary, open(temporary, "xb") as file:
        file.write(data)


def _sync_folder(folder):
    """Make the new name last a power failure, where a folder can be opened (not on Windows)."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
