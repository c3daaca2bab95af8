"""Writing a file at once or not at all."""

import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path


def write_atomically(path, data):
    """Write bytes to a path such that it holds either what it held before or all of them.

    The bytes go to a temporary file in the same folder, which then takes the path's name. A process
    that is killed in between leaves the temporary file, whose name begins with ".skdistill-".

    Parameters
    ----------
    path : str or path-like
    data : bytes
    """
    path = Path(os.path.realpath(path))  # of a link, the file that it leads to
    temporary = path.with_name(f".skdistill-{secrets.token_hex(8)}")
    try:
        with open(temporary, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileNotFoundError):
            shutil.copymode(path, temporary)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder):
    """Make the new name last a power failure, where a folder can be opened (not on Windows)."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
