"""Texts become tokens by a rule alone, without a vocabulary."""

from typing import NamedTuple

import numpy as np

from .segmentation import (
    BETWEEN,
    Segments,
    code_points,
    is_long,
    is_visible,
    join_texts,
    map_characters,
    segment,
    shorten,
    split_characters,
    split_words,
    token_offsets,
)
from .sequences import offsets_of, spans

#: Tokens kept per text if the ``sequence_length`` of a tokenizer is None.
SEQUENCE_LENGTH = 400


class SplittingRule(NamedTuple):
    """How a text is split: parameters of ``TextTokenizer``.

    Attributes
    ----------
    analyzer : {"word", "char"}
    lowercase : bool
    sequence_length : int
        Tokens that are kept.
    truncating : {"pre", "post"}
        Where the others are dropped.
    """

    analyzer: str
    lowercase: bool
    sequence_length: int
    truncating: str

    def split(self, text):
        """Return the tokens of a text, as a list of str."""
        text = shorten(text, self.sequence_length, self.truncating).replace(BETWEEN, " ")
        text = text.lower() if self.lowercase else text
        tokens = split_words(text) if self.analyzer == "word" else split_characters(text)
        length = self.sequence_length
        return tokens[:length] if self.truncating == "post" else tokens[-length:]

    def split_all(self, texts):
        """Return the tokens of several texts, as ``Segments``."""
        text = join_texts(self.shorten(texts), BETWEEN, self.lowercase)
        return self._truncate(segment(text) if self.analyzer == "word" else _segment_characters(text))

    def shorten(self, texts):
        """Return texts without parts that hold none of the tokens that stay, if one of them is long."""
        if not is_long(texts, self.sequence_length):
            return texts
        return [shorten(text, self.sequence_length, self.truncating) for text in texts]

    def _truncate(self, segments):
        codes, starts, ends, offsets = segments
        lengths = np.diff(offsets)
        if lengths.max(initial=0) <= self.sequence_length:
            return segments
        kept = np.minimum(lengths, self.sequence_length)
        places = spans(offsets[:-1] if self.truncating == "post" else offsets[1:] - kept, kept)
        return Segments(codes, starts[places], ends[places], offsets_of(kept))


def _segment_characters(text):
    codes = code_points(text)
    starts = np.flatnonzero(map_characters(codes, is_visible, bool))
    return Segments(codes, starts, starts + 1, token_offsets(codes, starts))
