"""Importing Keras and TensorFlow without TensorFlow's messages, or an error that says why they cannot be used.

The import also limits the number of TensorFlow's threads (``thread_limit``).

While TensorFlow starts, it writes to file descriptor 2 (the standard error of the process):
which instructions it was built for, that there is no GPU, that its log is not set up yet.
Python code cannot turn this off, and a library should not set the environment variable that
can. So descriptor 2 leads to a file during the import, and afterwards all lines of it are
shown but those of TensorFlow.
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
_FORKED = (
    "TensorFlow has run in the process that this one was forked from, and would wait here forever for threads that "
    "a fork does not copy. To train in several processes, use joblib's default backend 'loky', or multiprocessing "
    "with the start method 'spawn' or 'forkserver'. Or call fit, to_keras and the prediction of custom networks only "
    "in forked processes, not before. Classifiers that extract() returns predict in any process."
)
_NOT_EAGER = (
    "Training, to_keras() and custom networks need eager execution of TensorFlow, which is switched off here. Remove "
    "tf.compat.v1.disable_eager_execution() or disable_v2_behavior(), and call outside of any tf.function or tf.Graph."
)
# How the lines begin that TensorFlow writes when it starts. Any other line is shown. So are
# fatal errors ("F" in place of I, W or E).
_NOISE = re.compile(
    rb"[IWE]\d{4} \d\d:\d\d:[\d.]+ +\d+ [\w.-]+:\d+\] "  # absl's format
    rb"|\d{4}-\d\d-\d\d \d\d:\d\d:[\d.]+: [IWE] (tensorflow|external|xla)/"  # that of older versions
    rb"|WARNING: All log messages before absl::InitializeLog\(\) is called are written to STDERR"
    rb"|To enable the following instructions: .*, rebuild TensorFlow "
    rb"|Skipping registering GPU devices\.\.\."
)

# A shell script that reads a line from a pipe of this process. If the pipe is closed without one,
# this process has died, and the script shows the file.
_WATCHER = 'read -r line || { cat "$0" >&2; rm -f "$0"; }'

# Descriptor 2 belongs to the whole process: only one thread at a time may redirect it.
_LOCK = threading.RLock()

# The process that imported Keras here and then used it, or that turned out at a fork to have run TensorFlow; or None.
_process = None


def _note_fork():
    """Note in a forked process that TensorFlow has run in its parent, where only other code used it."""
    global _process
    context = getattr(sys.modules.get("tensorflow.python.eager.context"), "_context", None)
    if _process is None and getattr(context, "_initialized", False):
        _process = os.getppid()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_note_fork)


def check_available():
    """Raise an error if Keras or TensorFlow is missing or cannot run, without importing them.

    ``fit`` calls it before it fits a teacher, so that no such error comes after a long wait.

    Raises
    ------
    ImportError
        If one of them is missing, or Keras is set to another backend.
    RuntimeError
        If TensorFlow has been used before this process was forked, or executes nothing eagerly.
    """
    if _process not in (None, os.getpid()):
        raise RuntimeError(_FORKED)
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    if backend != "tensorflow":
        raise ImportError(f"Training needs Keras on its TensorFlow backend. Got KERAS_BACKEND={backend!r}: unset it.")
    if not (_is_installed("keras") and _is_installed("tensorflow")):
        raise ImportError(_MISSING)
    if "tensorflow" in sys.modules:
        import tensorflow as tf  # waits if another thread is importing it

        if not tf.executing_eagerly():
            raise RuntimeError(_NOT_EAGER)


def _is_installed(name):
    try:
        return find_spec(name) is not None
    except ValueError:  # in sys.modules without a spec, or as None
        return False


def import_keras():
    """Import Keras and TensorFlow without the lines that TensorFlow writes when it starts.

    Nothing is hidden if TensorFlow is already imported, if an environment variable sets its log
    level (``TF_CPP_MIN_LOG_LEVEL`` or another that starts with ``TF_CPP_``), if descriptor 2
    is closed, or if there is no ``/bin/sh``, as on Windows. Everything is shown if the import
    fails or the process dies.

    If TensorFlow was not imported before, its number of threads is limited, see ``thread_limit``.

    What other threads write to descriptor 2 during the import is shown after it. A process
    that another thread starts during the import keeps writing to the file: what it writes
    after the import is lost.

    Raises
    ------
    ImportError
        If one of them cannot be imported, or Keras runs on another backend.
    RuntimeError
        If TensorFlow cannot run in this process, see ``check_available``.
    """
    global _process
    check_available()
    with _LOCK, ExitStack() as stack:
        is_first = "tensorflow" not in sys.modules
        is_quiet = is_first and not (
            any(name.startswith("TF_CPP_") for name in os.environ)
            or sys.__stderr__ is None  # started without one: descriptor 2 may be any file of the user
        )
        if is_quiet:
            # If descriptor 2 is closed, the disk is full, or there is no shell, the lines are not hidden.
            with suppress(OSError):
                stack.enter_context(_shown_afterwards())
        try:
            import keras
            import tensorflow as tf
        except ImportError as error:
            raise ImportError(_MISSING) from error
        if is_quiet:
            # The search for GPUs, which the first operation would start, writes the last of these
            # lines. It is started here. Unlike an operation it does not fix the number of threads
            # and the devices, which the user may still configure.
            tf.config.list_physical_devices()
        if is_first and (n_threads := thread_limit(os.environ, os.cpu_count() or 1)):
            _limit_threads(tf.config.threading, n_threads)
    if keras.backend.backend() != "tensorflow":
        raise ImportError(
            f"Training needs Keras on its TensorFlow backend. Got {keras.backend.backend()!r}: "
            "set KERAS_BACKEND=tensorflow before Keras is imported."
        )
    _process = os.getpid()


def thread_limit(environment, n_cores):
    """Return how many threads ``OMP_NUM_THREADS`` allows TensorFlow, at most one per core; 0 if it says nothing.

    joblib (loky), dask, Ray and Spark set this variable in their workers, and users in their
    shells, so that the processes of a machine share its cores. BLAS and OpenMP follow it.
    TensorFlow does not: it starts two pools with a thread for each core in every process.
    TensorFlow's own two variables have precedence; it reads them itself.
    """
    if "TF_NUM_INTRAOP_THREADS" in environment or "TF_NUM_INTEROP_THREADS" in environment:
        return 0
    outermost = environment.get("OMP_NUM_THREADS", "").split(",")[0]  # "4,2": 2 threads within each of 4
    try:
        return min(max(int(outermost), 0), n_cores)
    except ValueError:
        return 0


def _limit_threads(threads, n_threads):
    """Set both numbers of ``tf.config.threading``, unless another thread of the user has configured or used it."""
    if threads.get_intra_op_parallelism_threads() or threads.get_inter_op_parallelism_threads():
        return
    with suppress(RuntimeError):  # TensorFlow has already started its threads
        threads.set_intra_op_parallelism_threads(n_threads)
        threads.set_inter_op_parallelism_threads(n_threads)


@contextmanager
def _shown_afterwards():
    """Redirect descriptor 2 to a file, and show its lines at the end: without TensorFlow's if no error came.

    It is a file and not a pipe, because a pipe can fill up: TensorFlow would wait for a reader
    in Python, which would wait for the global interpreter lock that TensorFlow holds. When
    TensorFlow aborts the process, for instance because the processor has no AVX, no Python code
    runs any more, in no thread. Another process then shows the file.

    Raises
    ------
    OSError
        If this is not possible. Then nothing has been redirected.
    """
    with (
        open(os.dup(2), "wb", buffering=0) as stderr,  # unbuffered: lines of threads stay whole
        tempfile.NamedTemporaryFile() as log,
        subprocess.Popen(["/bin/sh", "-c", _WATCHER, log.name], stdin=subprocess.PIPE) as watcher,
    ):
        noise = None
        # ``sys.stderr`` need not be flushed: what it has buffered is written to the file or, later, to
        # the restored descriptor, and both are shown.
        os.dup2(log.fileno(), 2)
        try:
            yield
            noise = _NOISE
        finally:
            os.dup2(stderr.fileno(), 2)
            # Opened a second time, because ``log`` shares its position with processes that still write.
            with suppress(OSError), open(log.name, "rb") as lines:  # stderr may be a closed pipe
                stderr.writelines(line for line in lines if not (noise and noise.match(line)))
            watcher.communicate(b"\n")
