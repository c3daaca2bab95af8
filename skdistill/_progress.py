"""Progress bars, by tqdm where it is installed; without it there are none."""


class _NoBar:
    """Stands for a progress bar that is not shown.

    Parameters
    ----------
    iterable : iterable or None
        What the bar would count.
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
    """Return a progress bar, as ``tqdm.tqdm`` makes it, over an iterable or a total.

    Parameters
    ----------
    iterable : iterable, default=None
        What to count; None: ``update`` is called instead.
    total : int, default=None
        How many there will be.
    desc, unit : str
        What the bar says.
    disable : bool, default=False
        Whether to show nothing; tqdm is then not imported.

    Returns
    -------
    bar : iterable and context manager
    """
    if disable:
        return _NoBar(iterable)
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return _NoBar(iterable)
    return tqdm(iterable, total=total, desc=desc, unit=unit)
