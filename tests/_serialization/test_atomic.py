"""A path holds what it held before, or all of what is written."""

import os
import signal
import subprocess
import sys

import pytest

from skdistill._serialization import write_atomically

#: Writes files of one letter in turn until it is killed.
WRITER = """
import sys
from skdistill._serialization import write_atomically
for i in range(10**6):
    write_atomically(sys.argv[1], bytes([65 + i % 26]) * 3_000_000)
    if i == 0:
        print(flush=True)
"""


def test_a_path_is_written_and_written_again(tmp_path):
    path = tmp_path / "model"
    for data in (b"one", b"", b"three"):
        write_atomically(path, data)
        assert path.read_bytes() == data
    assert os.listdir(tmp_path) == ["model"]


def test_the_mode_of_a_file_and_the_file_behind_a_link_stay(tmp_path):
    path, link = tmp_path / "model", tmp_path / "link"
    write_atomically(path, b"one")
    path.chmod(0o640)
    link.symlink_to(path)
    write_atomically(link, b"two")
    assert link.is_symlink()
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "model"
    write_atomically(path, b"one")
    with pytest.raises(TypeError):
        write_atomically(path, "no bytes")
    assert path.read_bytes() == b"one"
    assert os.listdir(tmp_path) == ["model"]
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "missing" / "model", b"one")


def test_a_process_that_is_killed_while_it_writes_leaves_a_whole_file(tmp_path):
    path = tmp_path / "model"
    for delay in (0.01, 0.02, 0.05):
        with subprocess.Popen([sys.executable, "-c", WRITER, path], stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(delay)
            process.send_signal(signal.SIGKILL)
        data = path.read_bytes()
        assert data == data[:1] * 3_000_000
