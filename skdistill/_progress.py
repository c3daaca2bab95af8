"""Progress bars by tqdm, if it is installed, and lines of text beside them."""

import sys
from importlib.util import find_spec


class _NoBar:
    """A progress bar that shows nothing.

    Parameters
    ----------
    iterable : iterable or None, default=None
        The iterable that the bar would count.
    """

    def __init__(self, iterable=None):
        self.iterable = iterable

    def __iter__(self):
        return iter(self.iterable)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def update(self, n=1):
        """Do nothing."""

    def set_postfix(self, numbers, refresh=True):
        """Do nothing."""


def progress_bar(iterable=None, *, total=None, desc=None, unit="it", disable=False):
    """Return a progress bar of tqdm; one that shows nothing without tqdm or a standard error stream.

    Parameters
    ----------
    iterable : iterable or None, default=None
        The iterable to count. With None, the caller calls ``update``.
    total : int or None, default=None
        The number of iterations.
    desc : str or None, default=None
        The text in front of the bar.
    unit : str, default="it"
        The name of an iteration.
    disable : bool, default=False
        Whether to show nothing. tqdm is not imported then.

    Returns
    -------
    bar : iterable and context manager
    """
    if disable or sys.stderr is None:  # in a program that has no console
        return _NoBar(iterable)
    try:
        if find_spec("ipywidgets"):
            from tqdm.auto import tqdm
        else:  # tqdm.auto would warn in a notebook, and take the same bar
            from tqdm import tqdm
    except ImportError:
        return _NoBar(iterable)
    return tqdm(iterable, total=total, desc=desc, unit=unit)


def show_lines(lines):
    """Print lines where progress bars are shown: on the standard error stream, if there is one."""
    if sys.stderr is not None:
        print(*lines, sep="\n", file=sys.stderr, flush=True)
