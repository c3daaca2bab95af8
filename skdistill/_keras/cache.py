"""Compiled steps that wait for the next fit.

Tracing a step takes most of a second, and the fits of a grid search share a few
signatures. A step belongs to one fit at a time.
"""

import threading
from collections import deque
from contextlib import contextmanager

from .step import JointStep

_MOST_IDLE = 8
_idle = deque()  # the most recently used last
_lock = threading.Lock()


@contextmanager
def borrow_step(signature):
    """Lend a ``JointStep`` of this signature to one fit."""
    if not signature.is_shared:
        yield JointStep(signature)
        return
    step = _take(signature) or JointStep(signature)
    try:
        yield step
    finally:
        step.clear()
        with _lock:
            _idle.append(step)
            while len(_idle) > _MOST_IDLE:
                _idle.popleft()


def idle_steps():
    """Return the steps that wait, the most recently used last."""
    with _lock:
        return list(_idle)


def clear():
    """Forget all steps that wait: the next fit compiles its own."""
    with _lock:
        _idle.clear()


def _take(signature):
    with _lock:
        for step in _idle:
            if step.signature == signature:
                _idle.remove(step)
                return step
    return None
