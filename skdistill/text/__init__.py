"""From documents to token sequences: the tokenizer, streams, synthetic documents and word vectors.

Import from the modules. This package imports none of them, so that the word vectors can be
read without scikit-learn.
"""


def __getattr__(name):
    """Import ``ParquetTexts`` when it is first used (PEP 562)."""
    if name == "ParquetTexts":
        from .collections import ParquetTexts

        return ParquetTexts
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
