"""What a teacher has done in a fit: documents, seconds, and how often it agrees with the labels."""

from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter

import numpy as np


@dataclass
class Tally:
    """The numbers of one teacher, summed over its clones and their calls.

    Attributes
    ----------
    name : str
    n_rows : int
        Rows whose probabilities it should have predicted.
    n_asked, n_predicted, n_answered : int
        Rows that it was asked about; those that it predicted, because they were not cached; and
        those with probabilities, predicted or cached.
    n_compared, n_agreeing : int
        Labelled rows with probabilities, and those whose most probable class is the label.
    fit_time, predict_time : float
        Seconds.
    """

    name: str
    n_rows: int = 0
    n_asked: int = 0
    n_predicted: int = 0
    n_answered: int = 0
    n_compared: int = 0
    n_agreeing: int = 0
    fit_time: float = 0.0
    predict_time: float = 0.0

    @contextmanager
    def timed(self, name):
        """Add the seconds that the block takes to the attribute ``name``."""
        start = perf_counter()
        yield
        setattr(self, name, getattr(self, name) + perf_counter() - start)

    def count(self, answered):
        """Count documents of which the teacher was asked, given whether each was answered."""
        self.n_asked += len(answered)
        self.n_answered += np.count_nonzero(answered)

    def compare(self, probabilities, labels, classes):
        """Count the rows whose most probable class is the label; multilabel: those whose labels are all correct.

        Parameters
        ----------
        probabilities : ndarray of shape (n_answered, n_classes)
        labels : ndarray of shape (n_answered,), or indicators of shape (n_answered, n_labels)
        classes : ndarray of shape (n_classes,)
            Those of the columns.
        """
        if labels.ndim == 2:
            agrees = ((probabilities > 0.5) == labels).all(axis=1)
        else:
            agrees = classes[probabilities.argmax(axis=1)] == labels
        self.n_compared += len(labels)
        self.n_agreeing += np.count_nonzero(agrees)

    def as_dict(self):
        """Return the numbers as they are reported in ``teacher_report_``."""
        return {
            "teacher": self.name,
            "n_documents": self.n_asked,
            "n_cached": self.n_asked - self.n_predicted,
            "n_unanswered": self.n_rows - self.n_answered,
            "fit_time": self.fit_time,
            "predict_time": self.predict_time,
            "agreement": self.n_agreeing / self.n_compared if self.n_compared else None,
        }
