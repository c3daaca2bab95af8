"""The documents and labels that checks fit and predict."""

from typing import NamedTuple
from unittest import SkipTest

import numpy as np


class TextTask(NamedTuple):
    """Documents and labels for the checks.

    ``texts`` are at least two documents per class, no two of them equal; ``labels`` their classes or a multilabel
    indicator matrix, or None where nothing is fitted; ``fitted`` says whether the estimator is fitted already.
    """

    texts: list
    labels: list | np.ndarray | None = None
    fitted: bool = False

    @property
    def is_multilabel(self):
        """Whether the labels are an indicator matrix."""
        return self.labels is not None and np.ndim(self.labels) == 2

    @property
    def classes(self):
        """The classes, sorted; of multilabel targets the numbers of the columns."""
        if self.is_multilabel:
            return list(range(np.shape(self.labels)[1]))
        return sorted(set(np.asarray(self.labels).tolist()))

    def numbered(self):
        """Return the class of each document as its position among the classes."""
        if self.labels is None or self.is_multilabel:
            raise SkipTest("the task does not have one label per document")
        return np.searchsorted(self.classes, np.asarray(self.labels))

    def named(self, names):
        """Return this task with other classes, ``names``, in the order of the present ones."""
        return self._replace(labels=[names[number] for number in self.numbered()])

    def rows(self, rows):
        """Return this task with some of its documents."""
        labels = None if self.labels is None else np.asarray(self.labels)[rows]
        return self._replace(texts=[self.texts[row] for row in rows], labels=labels)


_FILLERS = ["about", "again", "since", "during", "several", "today", "often", "there"]
_WORDS = {
    "food": ["bread", "soup", "apple", "cheese", "борщ", "面包", "خبز", "ψωμί"],
    "sport": ["goal", "referee", "tennis", "coach", "гонка", "足球", "هدف", "αγώνας"],
    "travel": ["train", "harbour", "island", "ticket", "поезд", "旅行", "قطار", "τρένο"],
}


def _document(words, number):
    """Return three words of a class among two that say nothing."""
    first, second, third = (words[(number + step) % len(words)] for step in (0, 1, 3))
    before, between = (_FILLERS[(number + step) % len(_FILLERS)] for step in (0, 3))
    return f"{before} {first} {second} {between} {third}"


#: Eight short documents of each of three classes, with words of five scripts.
EXAMPLE = TextTask(
    [_document(words, number) for number in range(8) for words in _WORDS.values()],
    [label for _ in range(8) for label in _WORDS],
)


def make_task(texts=None, labels=None, fitted=False):
    """Return the task of a user: ``EXAMPLE`` or its documents with other labels, or documents of their own."""
    if texts is None:
        return EXAMPLE._replace(labels=EXAMPLE.labels if labels is None else labels, fitted=fitted)
    if labels is None and not fitted:
        raise ValueError("texts need labels unless fitted=True.")
    texts = list(texts)
    if len(set(texts)) < len(texts):
        raise ValueError("No two texts may be equal: checks tell rows apart by them.")
    return TextTask(texts, labels, fitted)
