"""Compiled steps that wait for the next fit.

Owns the one piece of module state: tracing a step takes most of a second, and the
fits of a grid search share a few structures. A step belongs to one fit at a time.
"""

import threading
from collections import deque
from contextlib import contextmanager

from .step import JointStep

_MOST_IDLE = 8
_idle = deque()  # the most recently used last
_lock = threading.Lock()


@contextmanager
def borrow_step(structure):
    """A ``JointStep`` of this structure, for this fit alone."""
    if not structure.is_shared:
        yield JointStep(structure)
        return
    step = _take(structure) or JointStep(structure)
    try:
        yield step
    finally:
        step.clear()
        with _lock:
            _idle.append(step)
            while len(_idle) > _MOST_IDLE:
                _idle.popleft()


def _take(structure):
    with _lock:
        for step in _idle:
            if step.structure == structure:
                _idle.remove(step)
                return step
    return None
