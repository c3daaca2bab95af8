"""Embeddings of texts by one model, each computed once: kept in memory, and in a file that processes share."""

import inspect
import reprlib
import sqlite3
from contextlib import closing
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from threading import Lock

import numpy as np

from ._hashing import hash_of, state_of_model
from ._loaded import well_formed

CAPACITY = 2**29  # bytes of embeddings in memory: 350,000 texts in 384 dimensions
_TEXTS_PER_CALL = 2048  # so that an interrupted run leaves what it has computed in the file
_SECONDS_TO_WAIT = 86_400  # for another process that embeds; if it ends, for whatever reason, its lock is gone


class EmbeddingCache:
    """The embeddings of texts that a model has embedded in this process, up to ``CAPACITY``.

    Embeddings are never replaced: the first texts of a fit, those with labels, are the ones
    that its folds need again.

    Parameters
    ----------
    model : object with ``encode``
        It must stay as it is.
    """

    def __init__(self, model):
        self.model = model
        self._vectors, self._n_bytes = {}, 0
        self._lock = Lock()  # threads that need the same texts wait for them

    def embed(self, texts, *, memory=None, batch_size=None):
        """Return the embeddings of texts.

        Parameters
        ----------
        texts : list of str
        memory : str, path or None, default=None
            A folder, where embeddings are kept in a file.
        batch_size : int or None, default=None
            Passed to an ``encode`` that takes it. If None, the default of ``encode``.

        Returns
        -------
        embeddings : ndarray of shape (n_texts, n_dimensions), float32
        """
        keys = [blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest() for text in texts]
        unique = dict(zip(keys, texts))
        with self._lock:
            found = {key: self._vectors[key] for key in unique if key in self._vectors}
            missing = [key for key in unique if key not in found]
            for start in range(0, len(missing), _TEXTS_PER_CALL):
                part = {key: unique[key] for key in missing[start : start + _TEXTS_PER_CALL]}
                new = self._compute(part, memory, batch_size)
                found |= new
                self._keep(new)
        _check_lengths(found.values(), self.model)
        return np.stack([found[key] for key in keys])

    def _compute(self, texts, memory, batch_size):
        """Return the embeddings of a dict of texts, from the file if there is one."""

        def encode(texts):
            return encode_with(self.model, texts, batch_size)

        if memory is None:
            return dict(zip(texts, encode(list(texts.values()))))
        path = Path(memory) / f"embeddings-{self.hash_of_model}.sqlite"
        return read_or_add(path, texts, encode)

    def _keep(self, new):
        for key, vector in new.items():
            if self._n_bytes + vector.nbytes <= CAPACITY:
                self._vectors[key] = vector
                self._n_bytes += vector.nbytes

    @cached_property
    def hash_of_model(self):
        """A hash of the model, the same in other processes."""
        return hash_of(state_of_model(self.model))


def encode_with(model, texts, batch_size):
    """Return the embeddings of texts by a model, of shape (n_texts, n_dimensions), float32."""
    taken = inspect.signature(model.encode).parameters
    options = {"show_progress_bar": False} | ({} if batch_size is None else {"batch_size": batch_size})
    found = model.encode(well_formed(texts), **{name: value for name, value in options.items() if name in taken})
    target = f"encode of the model {type(model).__name__} must return one vector per text: shape ({len(texts)}, "
    try:
        embeddings = np.asarray(found, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{target}n_dimensions), of numbers. Got {type(found).__name__}: {error}.") from error
    if embeddings.ndim != 2 or len(embeddings) != len(texts):
        raise ValueError(f"{target}n_dimensions). Got {embeddings.shape}.")
    is_finite = np.isfinite(embeddings).all(axis=1)
    if not is_finite.all():
        text = texts[is_finite.argmin()]
        raise ValueError(
            f"encode of the model {type(model).__name__} must return finite numbers. Got others for the text "
            f"{reprlib.repr(text)}."
        )
    return embeddings


def _check_lengths(vectors, model):
    """Raise a ValueError unless all vectors have one length."""
    lengths = sorted({len(vector) for vector in vectors})
    if len(lengths) > 1:
        raise ValueError(
            f"encode of the model {type(model).__name__} must return vectors of one length for all texts. Got lengths "
            f"{lengths}."
        )


def read_or_add(path, texts, encode):
    """Return the embeddings of texts from an SQLite file, once those that it lacks are added.

    The file is locked while texts are embedded, so that two processes do not embed the same
    text.

    Parameters
    ----------
    path : Path
    texts : dict of bytes to str
        The texts by their keys.
    encode : callable
        Returns the embeddings of a list of str.

    Returns
    -------
    embeddings : dict of bytes to ndarray of shape (n_dimensions,), float32
    """
    if path.parent.exists() and not path.parent.is_dir():
        raise ValueError(f"memory must be a folder. Got the file {path.parent}.")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _read_or_add(path, texts, encode)
    except sqlite3.DatabaseError as error:
        if not isinstance(error, sqlite3.OperationalError):  # such as a full disk: the file is sound
            raise ValueError(f"memory has a damaged file, {path}: {error}. Delete it.") from error
        error.add_note(f"Raised by the file of embeddings {path}.")
        raise


def _read_or_add(path, texts, encode):
    with closing(sqlite3.connect(path, timeout=_SECONDS_TO_WAIT, isolation_level=None)) as file:
        file.execute("CREATE TABLE IF NOT EXISTS embeddings (key BLOB PRIMARY KEY, vector BLOB)")
        found = _read(file, texts)
        if len(found) < len(texts):
            with file:  # commits; after an error, rolls back
                file.execute("BEGIN IMMEDIATE")
                found = _read(file, texts)  # another process may have added some before the lock was ours
                missing = {key: text for key, text in texts.items() if key not in found}
                new = dict(zip(missing, encode(list(missing.values())))) if missing else {}
                rows = [(key, vector.tobytes()) for key, vector in new.items()]
                file.executemany("INSERT INTO embeddings VALUES (?, ?)", rows)
                found |= new
    return found


def _read(file, keys):
    found = {}
    for key in keys:
        for (vector,) in file.execute("SELECT vector FROM embeddings WHERE key = ?", (key,)).fetchall():
            found[key] = np.frombuffer(vector, dtype=np.float32)
    return found
