"""Texts of a file in any order of the rows, though the file is read from its beginning to its end.

Texts in another order are written once to a temporary file, by the part of the result that they
belong to, and read back part by part: memory holds one part, and the time grows with the number of
texts, not with its square.
"""

import pickle
import tempfile
from itertools import chain

import numpy as np

from .._input.chunks import parts_of_chunks
from .._input.scratch import named_when_full

# Texts of a part of the result, which memory holds: at least so many.
_PART = 20_000
# Rows that ascend in so few runs are read run by run.
_MOST_RUNS = 4


def ascending_runs(rows):
    """Return rows as a list of parts that ascend, if there are few; otherwise None.

    Parameters
    ----------
    rows : range or ndarray of int
    """
    if isinstance(rows, range):
        if rows.step > 0 or len(rows) < 2:
            return [rows]
        rows = np.asarray(rows)
    starts = np.flatnonzero(rows[1:] < rows[:-1]) + 1
    return np.split(rows, starts) if len(starts) < _MOST_RUNS else None


def in_any_order(rows, read):
    """Yield the texts of rows in their order, as lists.

    Parameters
    ----------
    rows : ndarray of int
        In any order, repeated or not.
    read : callable
        From ascending rows to lists of their texts.
    """
    order = np.argsort(rows, kind="stable")  # the place in the result of each text that is read
    n, read_texts = len(rows), read(rows[order])
    # There is a piece for each part of what is read and each part of the result: n / 100 of them at most.
    size = max(_PART, int(10 * np.sqrt(n)))
    if n <= size:
        yield _placed([(order, list(chain.from_iterable(read_texts)))], n)
        return
    with tempfile.TemporaryFile() as file:
        pieces = _write_pieces(file, order, read_texts, size)
        for first, starts in zip(range(0, n, size), pieces):
            yield _placed([_read_piece(file, start, first) for start in starts], min(size, n - first))


def _write_pieces(file, order, read_texts, size):
    """Write texts with their places in the result, and return where the pieces of each part begin in the file."""
    starts = [[] for _ in range(-(-len(order) // size))]
    texts, n_read = [], 0
    for batch, is_full in parts_of_chunks(read_texts, size):
        texts += batch
        n_read += len(batch)
        if not is_full and n_read < len(order):
            continue
        places = order[n_read - len(texts) : n_read]
        by_part = np.argsort(places // size, kind="stable")
        parts, firsts = np.unique(places[by_part] // size, return_index=True)
        with named_when_full():
            for part, chosen in zip(parts.tolist(), np.split(by_part, firsts[1:])):
                starts[part].append(file.tell())
                pickle.dump((places[chosen], [texts[i] for i in chosen.tolist()]), file, protocol=5)
            file.flush()
        texts = []
    return starts


def _read_piece(file, start, first):
    """Return the places in their part and the texts of a piece; ``first`` is the first place of the part."""
    file.seek(start)
    places, texts = pickle.load(file)
    return places - first, texts


def _placed(found, n_texts):
    """Return texts in the order of their places."""
    placed = [None] * n_texts
    for places, texts in found:
        for place, text in zip(places.tolist(), texts):
            placed[place] = text
    return placed
