"""Compiled steps that are kept for later fits.

Tracing a step takes most of a second, and the fits of a grid search share a few
signatures. A step has the variables of its networks, so that only one fit uses it at a
time: a fit that finds none idle makes its own, and leaves it here when it ends.
"""

import threading
from collections import deque
from contextlib import contextmanager

from .step import JointStep

_MAX_IDLE = 8
_idle = deque()  # of JointStep; the most recently used last
_lock = threading.Lock()


@contextmanager
def borrow_step(signature):
    """Yield a ``JointStep`` of this signature, which no other fit has until the context ends."""
    if not signature.is_shared:  # a custom model belongs to its fit
        yield JointStep(signature)
        return
    step = _take(signature) or JointStep(signature)
    try:
        yield step
    finally:
        step.clear()
        with _lock:
            _idle.append(step)
            while len(_idle) > _MAX_IDLE:
                _idle.popleft()


def idle_steps():
    """Return the idle steps, the most recently used last."""
    with _lock:
        return list(_idle)


def clear():
    """Discard all idle steps: the next fit compiles its own."""
    with _lock:
        _idle.clear()


def _take(signature):
    """Remove an idle step of this signature and return it, or None if there is none."""
    with _lock:
        for step in _idle:
            if step.signature == signature:
                _idle.remove(step)
                return step
    return None
