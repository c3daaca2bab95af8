"""An estimator whose fit failed is as it was before.

Owns that, and nothing else.
"""

from contextlib import contextmanager


@contextmanager
def left_as_before(estimator):
    """Give an estimator its attributes back where an error leaves the block.

    Parameters
    ----------
    estimator : object
    """
    before = dict(vars(estimator))
    try:
        yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        raise
