"""A function as the teacher: of a language model's server, or of any other model."""

import os
import reprlib
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import closing, nullcontext
from functools import partial
from inspect import iscoroutinefunction
from itertools import islice
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np

from .._input.classes import as_classes
from .._input.documents import check_texts
from .._progress import progress_bar
from .._sklearn import Interval, StrOptions
from ._answer_memory import AnswerMemory
from ._answers import Labels, probabilities_of
from ._frozen import TrainedTeacher

_ATTEMPTS = {"raise": 1, "skip": 3}


class FunctionTeacher(TrainedTeacher):
    """A function from texts to answers as a teacher, such as one that asks a language model.

    It is used as it is, without ``FrozenEstimator``. Equal texts are asked once. With
    ``memory`` the answers are kept in a file as they arrive, so that labelling goes on where
    it was interrupted.

    Parameters
    ----------
    function : callable
        Called with a text, or with a list of texts if ``batch_size`` is above 1; it returns an
        answer, or a list with one answer per text. An answer is one of:

        - a label, which then has the probability 1;
        - a tuple of a label and its probability;
        - a dict of labels to probabilities;
        - a dict of tokens to log-probabilities: one in which no value is above 0;
        - a list of objects or dicts with ``token`` and ``logprob``, as ``top_logprobs`` of
          servers with OpenAI's interface.
    classes : list
        The labels of the columns, in their order.
    batch_size : int, default=1
        The largest number of texts per call. With 1 the function gets a str.
    n_threads : int, default=1
        The largest number of simultaneous calls. Use more than one for functions that wait,
        for example for a server; the function must then be thread-safe.
    memory : str or path-like, default=None
        A file to which answers are appended, and in which texts are looked up first: JSON
        Lines, which ``read_answers`` reads. If the function changes, pass another file.
    on_error : {"raise", "skip"}, default="raise"
        If the function raises an exception or its answer cannot be read. "raise": the error is
        raised. "skip": the call is repeated twice at once; then the rows of its texts are NaN,
        which means that networks learn them from their labels alone.
    verbose : int, default=0
        Whether a progress bar counts the texts.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The classes.

    See Also
    --------
    read_answers : Reads answers that were collected elsewhere.
    sklearn.frozen.FrozenEstimator : For trained models with ``predict_proba``.

    Notes
    -----
    A probability that is missing from a sum of 1 is spread evenly over the classes that the answer does not name.
    Among log-probabilities, tokens that are not classes are left out, and the others are divided by their sum.

    White space around labels and tokens is ignored. A label that is not spelt like any
    class stands for the one class, if any, that differs from it only in case. Tokens are
    compared as a whole: choose classes that are single tokens of the language model, such
    as words or letters.

    Examples
    --------
    >>> from skdistill.teachers import FunctionTeacher
    >>> def ask(text):  # a language model would do better
    ...     return ("positive", 0.9) if "good" in text else "negative"
    >>> teacher = FunctionTeacher(ask, ["negative", "positive"])
    >>> teacher.predict_proba(["good food", "a bad film"]).round(2)
    array([[0.1, 0.9],
           [1. , 0. ]])
    """

    _parameter_constraints = {
        "function": [callable],
        "classes": "no_validation",  # checked by ``Labels``
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "n_threads": [Interval(Integral, 1, None, closed="left")],
        "memory": [str, os.PathLike, None],
        "on_error": [StrOptions({"raise", "skip"})],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        function: Callable,
        classes: Sequence | np.ndarray,
        *,
        batch_size: int = 1,
        n_threads: int = 1,
        memory: str | os.PathLike[str] | None = None,
        on_error: str = "raise",
        verbose: int = 0,
    ) -> None:
        self.function = function
        self.classes = classes
        self.batch_size = batch_size
        self.n_threads = n_threads
        self.memory = memory
        self.on_error = on_error
        self.verbose = verbose

    @property
    def classes_(self) -> np.ndarray:
        """The classes, in the order of the columns."""
        return as_classes(Labels.of(self.classes).classes)

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probabilities that the function's answers give.

        Parameters
        ----------
        X : list of str
            The texts.

        Returns
        -------
        probabilities : ndarray of shape (n_texts, n_classes), float64
            With ``on_error="skip"``, NaN in the rows of texts that have no answer.

        Raises
        ------
        TypeError
            If an answer is of a wrong type.
        ValueError
            If an answer names something that is not a class, or its numbers are not
            probabilities; if ``memory`` is not a file of answers for these classes.
        Exception
            Whatever the function raises, with a note that names the text.

        Warns
        -----
        UserWarning
            With ``on_error="skip"``, if some texts have no answer.

        See Also
        --------
        predict : The most probable classes.
        """
        self._validate_params()
        _check_function(self.function)
        texts, labels = check_texts(X, least=0), Labels.of(self.classes)
        numbers = {}  # of each different text, its first row
        for number, text in enumerate(texts):
            numbers.setdefault(text, number)
        memory = self._opened_memory(labels)
        rows = {} if memory is None else memory.find(numbers)
        self._ask({text: number for text, number in numbers.items() if text not in rows}, rows, labels, memory)
        no_answer = [np.nan] * len(labels.classes)
        return np.array([rows.get(text, no_answer) for text in texts]).reshape(len(texts), len(labels.classes))

    def _ask(self, questions, rows, labels, memory):
        """Add the rows of new texts to ``rows`` and to the memory; ``questions`` are texts and their numbers."""
        if not questions:
            return
        call = partial(_ask, self.function, labels=labels, one=self.batch_size == 1, attempts=_ATTEMPTS[self.on_error])
        appending = nullcontext(lambda new: None) if memory is None else memory.appending()
        bar = progress_bar(total=len(questions), desc="Answers", unit="text", disable=not self.verbose)
        results = _in_threads(call, _batches(questions, self.batch_size), self.n_threads)
        n_answered, last_error = 0, None
        with appending as append, bar, closing(results):
            for result in results:
                append(result.rows)
                rows |= result.rows
                if result.error is not None and self.on_error == "raise":
                    raise result.error
                bar.update(result.n_texts)
                n_answered, last_error = n_answered + len(result.rows), result.error or last_error
        if n_answered < len(questions):
            _warn_of_missing(len(questions) - n_answered, len(questions), last_error)

    def _opened_memory(self, labels):
        """Return the memory, with what was read of it before."""
        if self.memory is None:
            return None
        opened, new = getattr(self, "_opened", None), AnswerMemory(self.memory, labels)
        if opened is None or (opened.path, opened.labels) != (new.path, new.labels):
            opened = self._opened = new
        return opened

    def __getstate__(self):
        return {name: value for name, value in super().__getstate__().items() if name != "_opened"}


def _check_function(function):
    """Raise a TypeError for a coroutine function, which would not return answers."""
    if iscoroutinefunction(function) or iscoroutinefunction(type(function).__call__):
        name = getattr(function, "__name__", type(function).__name__)
        raise TypeError(
            f"function must return answers. Got the coroutine function {name}: pass "
            f"lambda text: asyncio.run({name}(text))."
        )


class _Result(NamedTuple):
    """The outcome of the calls for a batch.

    Attributes
    ----------
    rows : dict of str to list of float
        The probabilities of the texts that have an answer.
    n_texts : int
    error : Exception or None
        The last error, if some texts have no answer.
    """

    rows: dict
    n_texts: int
    error: Exception | None


def _batches(questions, batch_size):
    questions = iter(questions.items())
    while batch := dict(islice(questions, batch_size)):
        yield batch


def _in_threads(call, batches, n_threads):
    """Yield the result of each batch as it arrives, with at most ``n_threads`` calls at a time."""
    if n_threads == 1:
        yield from map(call, batches)
        return
    executor = ThreadPoolExecutor(n_threads)
    try:
        running = {executor.submit(call, batch) for batch in islice(batches, n_threads)}
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            # Errors and interrupts last: they may end the loop, and the other results are to be kept.
            interrupted = {future for future in done if future.exception() is not None}
            results = (future.result() for future in done - interrupted)
            yield from sorted(results, key=lambda result: result.error is not None)
            for future in interrupted:
                future.result()  # raises
            running |= {executor.submit(call, batch) for batch in islice(batches, len(done))}
    finally:
        executor.shutdown(wait=False)  # what still runs is not waited for


def _ask(function, questions, labels, one, attempts):
    """Call the function for a batch, and again for texts without an answer; return the result."""
    rows, error = {}, None
    for _ in range(attempts):
        missing = {text: number for text, number in questions.items() if text not in rows}
        new, error = _ask_once(function, missing, labels, one)
        rows |= new
        if error is None:
            break
    return _Result(rows, len(questions), error)


def _ask_once(function, questions, labels, one):
    """Return the rows of the texts that have an answer, and the last error or None."""
    rows, error = {}, None
    try:
        answers = [function(text) for text in questions] if one else _answers_of_batch(function, list(questions))
    except Exception as raised:  # any error of the user's function: raised again or counted, with a note
        raised.add_note(f"Raised by the function of FunctionTeacher for {_named(questions)}.")
        return rows, raised
    for (text, number), answer in zip(questions.items(), answers):
        try:
            rows[text] = probabilities_of(answer, labels)
        except (TypeError, ValueError) as raised:
            kind = TypeError if isinstance(raised, TypeError) else ValueError
            error = kind(f"Function's answer to {_named({text: number})}: {raised}")
    return rows, error


def _answers_of_batch(function, texts):
    answers = function(texts)
    if isinstance(answers, (str, Mapping, Set)) or not isinstance(answers, Iterable):
        raise TypeError(
            f"function must return a list of answers if batch_size is above 1. Got {reprlib.repr(answers)}."
        )
    answers = list(answers)
    if len(answers) != len(texts):
        raise ValueError(f"function must return one answer for each of {len(texts)} texts. Got {len(answers)}.")
    return answers


def _named(questions):
    """Return the name of some texts for messages."""
    text, number = next(iter(questions.items()))
    name = f"text {number} ({reprlib.repr(text)})"
    return name if len(questions) == 1 else f"{len(questions)} texts, the first of which is {name}"


def _warn_of_missing(n_missing, n_texts, error):
    warnings.warn(
        f"FunctionTeacher got no answer for {n_missing} of {n_texts} texts: their rows are NaN. The last error was "
        f"{type(error).__name__}: {error}",
        UserWarning,
        stacklevel=4,
    )
