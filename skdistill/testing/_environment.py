"""Checks that fit and predict leave the process as it was: output, logging, warnings, generators, files.

They fit and predict, or predict alone where the estimator is fitted.
"""

import io
import locale
import logging
import os
import random
import signal
import sys
import tempfile
import threading
import warnings
from contextlib import contextmanager, redirect_stdout

import numpy as np
import sklearn
from sklearn.exceptions import ConvergenceWarning

from ._models import fitted, outputs
from ._task import EXAMPLE

#: Characters that a representation may have: two screens of a terminal; a page with scikit-learn's style sheet.
_LONGEST_REPR, _LONGEST_HTML = 4_000, 300_000


def check_nothing_is_printed(name, estimator, task=EXAMPLE):
    """Check that nothing is written to standard output, by Python or below it, because output may be a program's.

    References
    ----------
    keras-team/keras#16637, keras-team/keras#9177
    """
    with _standard_output() as written:
        _use(estimator, task)
    assert not written[0], f"standard output gets {written[0][:200]!r}"


def check_no_warnings(name, estimator, task=EXAMPLE):
    """Check that ordinary text gives no warnings but of convergence, because users of ``-W error`` are stopped.

    References
    ----------
    dynamicslab/pysindy#364, keras-team/keras#13166
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        _use(estimator, task)
    shown = [f"{each.category.__name__}: {str(each.message)[:150]}" for each in caught if _counts(each)]
    assert not shown, f"{len(shown)} warnings, first {shown[0]}"


def check_warning_filters(name, estimator, task=EXAMPLE):
    """Check that the filters of warnings stay as they are, because one "ignore" hides those of everybody.

    References
    ----------
    byu-dml/metalearn#144, dynamicslab/pysindy#414
    """
    before = list(warnings.filters)
    _use(estimator, task)
    added = [each for each in warnings.filters if each not in before]
    assert list(warnings.filters) == before, f"warnings.filters changed: {added or 'some were removed'}"


def check_logging(name, estimator, task=EXAMPLE):
    """Check that the root logger keeps its handlers and level, because they are the application's.

    References
    ----------
    Chaffelson/nipyapi#339, interpretml/DiCE#225, tensorflow/tensorflow#28147
    """
    root = logging.getLogger()
    before = list(root.handlers), root.level, logging.root.manager.disable
    _use(estimator, task)
    after = list(root.handlers), root.level, logging.root.manager.disable
    assert after == before, f"handlers, level and disabled level of the root logger: {before} became {after}"


def check_global_generators(name, estimator, task=EXAMPLE):
    """Check that the global generators of numpy and Python stay as they are, because others draw from them too.

    References
    ----------
    keras-team/keras#8906, glm-tools/pyglmnet#160
    """
    before = _generators()
    _use(estimator, task)
    changed = [which for which, state in _generators().items() if state != before[which]]
    assert not changed, f"the global generators of {' and '.join(changed)} are used or seeded"


def check_global_settings(name, estimator, task=EXAMPLE):
    """Check that settings of the process stay as they are, from ``numpy.seterr`` to environment variables.

    References
    ----------
    scikit-learn/scikit-learn#26253, tensorflow/tensorflow#28147
    """
    # Variables that are new are those of libraries imported by the first fit.
    before = _settings(os.environ)
    _use(estimator, task)
    after = _settings(before["environment"])
    changed = {key: (value, after[key]) for key, value in before.items() if value != after[key]}
    assert not changed, f"settings changed: {changed}"


def check_no_files(name, estimator, task=EXAMPLE):
    """Check that no file is left in the current folder, because it may be read-only or under version control.

    References
    ----------
    ThilinaRajapakse/simpletransformers#1385, neulab/prompt2model#302
    """
    before = set(os.listdir())
    _use(estimator, task)
    added = sorted(set(os.listdir()) - before)
    assert not added, f"the current folder gets {added}"


def check_no_threads_left(name, estimator, task=EXAMPLE):
    """Check that no thread is left that keeps the interpreter from exiting, as one of a failed progress bar does.

    References
    ----------
    keras-team/keras#1648, lincc-frameworks/hyrax#1011
    """
    before = set(threading.enumerate())
    _use(estimator, task)
    left = [thread.name for thread in set(threading.enumerate()) - before if not thread.daemon]
    assert not left, f"threads that are no daemons are left: {left}"


def check_representations(name, estimator, task=EXAMPLE):
    """Check that ``repr`` and HTML of a fitted model are short, because notebooks show whatever a cell returns.

    References
    ----------
    scikit-learn/scikit-learn#34203, scikit-learn/scikit-learn#9099
    """
    model = _use(estimator, task)
    shown = repr(model)
    assert len(shown) <= _LONGEST_REPR, f"repr has {len(shown)} characters"
    html = model._repr_html_() if hasattr(model, "_repr_html_") else ""
    assert len(html or "") <= _LONGEST_HTML, f"HTML has {len(html)} characters"


def _use(estimator, task):
    """Fit an estimator unless it is fitted, let it predict, and return it."""
    model = fitted(estimator, task)
    outputs(model, task.texts)
    return model


def _counts(caught):
    """Whether a warning is one that ordinary text must not give."""
    return not issubclass(caught.category, (ConvergenceWarning, ResourceWarning))


def _generators():
    """Return the states of global generators, in a form that can be compared."""
    kind, keys, *rest = np.random.get_state()
    return {"numpy": (kind, keys.tobytes(), *rest), "Python": random.getstate()}


def _settings(variables):
    """Return settings of the process, among them these environment variables."""
    return {
        "environment": {name: os.environ.get(name) for name in variables},
        "numpy.geterr": np.geterr(),
        "numpy.get_printoptions": {key: str(value) for key, value in np.get_printoptions().items()},
        "sklearn.get_config": sklearn.get_config(),
        "working directory": os.getcwd(),
        "recursion limit": sys.getrecursionlimit(),
        "locale": locale.setlocale(locale.LC_ALL),
        "SIGINT": signal.getsignal(signal.SIGINT),
        "sys.stdout": id(sys.stdout),
        "excepthook": id(sys.excepthook),
    }


@contextmanager
def _standard_output():
    """Collect what Python and libraries in C write to standard output, in a list that is filled at the end."""
    written, python = [], io.StringIO()
    sys.stdout.flush()
    with tempfile.TemporaryFile() as file:
        saved = os.dup(1)
        os.dup2(file.fileno(), 1)
        try:
            with redirect_stdout(python):
                yield written
        finally:
            os.dup2(saved, 1)
            os.close(saved)
            file.seek(0)
            written.append(python.getvalue() + file.read().decode(errors="replace"))
