"""Lists of texts as bytes, for files: UTF-8, a text on each line."""

import numpy as np


def pack_texts(texts):
    """Return texts as bytes.

    Parameters
    ----------
    texts : list of str
        Without line ends. Lone surrogates are encoded like other characters ("surrogatepass").

    Returns
    -------
    packed : ndarray of uint8
        Each text followed by a line end.
    """
    strange = next((text for text in texts if "\n" in text), None)
    if strange is not None:
        raise ValueError(f"A token with a line end cannot be saved. Got {strange!r:.80}.")
    return np.frombuffer("".join(f"{text}\n" for text in texts).encode("utf-8", "surrogatepass"), np.uint8)


def unpack_texts(packed, n):
    """Return the ``n`` texts that ``pack_texts`` made bytes of, or raise a ValueError of one sentence."""
    if np.count_nonzero(packed == ord("\n")) != n:
        raise ValueError(f"There must be {n} texts, each followed by a line end")
    *texts, rest = packed.tobytes().decode("utf-8", "surrogatepass").split("\n")
    if rest:
        raise ValueError("The last text must be followed by a line end")
    return texts
