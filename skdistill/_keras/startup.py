"""Keras and TensorFlow are found and imported, quietly, or the error says what to install.

While TensorFlow starts, it writes to file descriptor 2: which instructions it was built
for, that there is no GPU, that its log is not set up yet. Python cannot turn that off, and a
library must not write the environment variable that can. So what is written meanwhile goes
to a file, and all of it that is not TensorFlow's own is shown afterwards.
"""

import os
import re
import subprocess
import sys
import tempfile
import threading
from contextlib import ExitStack, contextmanager, suppress
from importlib.util import find_spec

_MISSING = (
    "Training and to_keras() need TensorFlow, which could not be imported; prediction does not. "
    "Install it with: pip install 'skdistill[train]'"
)
# What TensorFlow writes when it starts, by the beginning of the line. Any other line
# is shown, and so are the fatal ones ("F"), which have the same shape.
_NOISE = re.compile(
    rb"[IWE]\d{4} \d\d:\d\d:[\d.]+ +\d+ [\w.-]+:\d+\] "  # of absl
    rb"|\d{4}-\d\d-\d\d \d\d:\d\d:[\d.]+: [IWE] (tensorflow|external|xla)/"  # of older versions
    rb"|WARNING: All log messages before absl::InitializeLog\(\) is called are written to STDERR"
    rb"|To enable the following instructions: .*, rebuild TensorFlow "
    rb"|Skipping registering GPU devices\.\.\."
)

# Waits for a line. When none comes, this process has died, and the file is shown.
_WATCHER = 'read -r line || { cat "$0" >&2; rm -f "$0"; }'

# Descriptor 2 belongs to the whole process: two threads must not take turns with it.
_LOCK = threading.RLock()


def check_installed():
    """Raise an ImportError where Keras or TensorFlow is missing, without importing them.

    So nobody waits for a teacher before they learn that nothing can be trained.
    """
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    if backend != "tensorflow":
        raise ImportError(f"Training needs Keras on its TensorFlow backend. Got KERAS_BACKEND={backend!r}: unset it.")
    if not (_is_installed("keras") and _is_installed("tensorflow")):
        raise ImportError(_MISSING)


def _is_installed(name):
    try:
        return find_spec(name) is not None
    except ValueError:  # in sys.modules without a spec, or as None
        return False


def import_keras():
    """Import Keras and TensorFlow without the lines that TensorFlow writes when it starts.

    Nothing is hidden where TensorFlow is imported already, where the environment has a
    variable for its log (``TF_CPP_MIN_LOG_LEVEL`` and the others that start with
    ``TF_CPP_``), where descriptor 2 is closed, and where there is no ``/bin/sh``, as on
    Windows. Everything is shown if the import fails or the process dies.

    What other threads write to descriptor 2 meanwhile is shown when the import is over.
    A process that another thread starts meanwhile keeps writing to the file: what it
    writes after the import is lost.

    Raises
    ------
    ImportError
        If one of them cannot be imported, or Keras runs on another backend.
    """
    check_installed()
    with _LOCK, ExitStack() as stack:
        is_quiet = not (
            "tensorflow" in sys.modules
            or any(name.startswith("TF_CPP_") for name in os.environ)
            or sys.__stderr__ is None  # started without it: descriptor 2 may be a file of the user
        )
        if is_quiet:
            # Descriptor 2 may be closed; there may be no room for a file, or no shell. Then there is noise.
            with suppress(OSError):
                stack.enter_context(_shown_afterwards())
        try:
            import keras
            import tensorflow as tf
        except ImportError as error:
            raise ImportError(_MISSING) from error
        if is_quiet:
            # The search for GPUs is the last that is loud, and would come with the first
            # operation. Unlike the latter it leaves threads and devices to be configured.
            tf.config.list_physical_devices()
    if keras.backend.backend() != "tensorflow":
        raise ImportError(
            f"Training needs Keras on its TensorFlow backend. Got {keras.backend.backend()!r}: "
            "set KERAS_BACKEND=tensorflow before Keras is imported."
        )


@contextmanager
def _shown_afterwards():
    """Keep what is written to descriptor 2, and show it at the end: without the noise if all went well.

    A file cannot fill up. A pipe could: TensorFlow would wait for a reader in Python,
    which would wait for the global interpreter lock that TensorFlow holds. A process
    that TensorFlow aborts, for instance because its processor has no AVX, runs no Python
    any more, in no thread. That is why another process watches.

    Raises
    ------
    OSError
        If that is not possible. Then nothing has been redirected.
    """
    with (
        open(os.dup(2), "wb", buffering=0) as stderr,  # unbuffered: lines of threads stay whole
        tempfile.NamedTemporaryFile() as log,
        subprocess.Popen(["/bin/sh", "-c", _WATCHER, log.name], stdin=subprocess.PIPE) as watcher,
    ):
        noise = None
        # ``sys.stderr`` need not be flushed: what it holds back is written later, wherever
        # descriptor 2 leads then, and both places are shown.
        os.dup2(log.fileno(), 2)
        try:
            yield
            noise = _NOISE
        finally:
            os.dup2(stderr.fileno(), 2)
            # Opened anew, because ``log`` shares its position with whoever still writes.
            with suppress(OSError), open(log.name, "rb") as lines:  # perhaps nobody reads stderr any more
                stderr.writelines(line for line in lines if not (noise and noise.match(line)))
            watcher.communicate(b"\n")
