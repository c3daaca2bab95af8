"""The bytes of saved models."""

import tempfile
from pathlib import Path


def saved_bytes(save):
    """Return the bytes of all files that ``save(path)`` writes, which may be a file or a folder."""
    with tempfile.TemporaryDirectory() as folder:
        save(Path(folder) / "model")
        return sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
