"""What the adapters of other libraries' models have in common: their texts, and the error for a missing model."""

import os


def instead_of(loader, got):
    """Return what messages say about something that is not a loaded model.

    Parameters
    ----------
    loader : str
        How a model is loaded by its name, with ``{}`` for the name.
    got : object
        What was passed.
    """
    if isinstance(got, (str, os.PathLike)):
        name = repr(str(got))
        return f"{name}: load it first, by {loader.format(name)} (pip install 'skdistill[teachers]')"
    return f"the class {got.__name__}" if isinstance(got, type) else type(got).__name__


def well_formed(texts):
    """Return texts with U+FFFD for lone surrogates, which tokenizers refuse."""
    return [
        text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        for text in texts
    ]
