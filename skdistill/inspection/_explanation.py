"""What ``explain`` returns: contributions of words, as a table of text and as highlighted HTML."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Below this, a word counts as adding nothing: occlusion leaves rounding errors of float32.
_NOTHING = 1e-5
# Of a screen of 24 lines; the longest bar, and how much of a text or a list of words is printed.
_MOST_ROWS, _BAR, _SHOWN = 16, 20, 80
# Blue and red, for and against. In grey the lines below tell them apart: solid, dotted.
_COLORS = {True: "33, 102, 172", False: "178, 24, 43"}
_LINES = {True: "solid", False: "dotted"}


@dataclass(frozen=True, repr=False)
class Explanation:
    """What each word of a text adds to the logits of the classes.

    ``explain`` makes it. It prints as a table of one screen, and in notebooks as the text with its words
    highlighted.

    Parameters
    ----------
    text : str
        The text, as the classifier was given it: after the steps of a Pipeline before it. Tokens are
        joined by spaces.
    method : {"exact", "occlusion"}
        Whether contributions sum to the logits, or each is the difference that a token makes.
    tokens : list of str
        What the network reads.
    positions : ndarray of shape (n_tokens, 2), int
        Token i is ``text[positions[i, 0]:positions[i, 1]]``, up to the case; -1 for a token of a
        callable analyzer that is not in the text.
    features : list of str
        The tokens and then, if exact, the n-grams that training saw.
    spans : ndarray of shape (n_features, 2), int
        The first token of each feature, and the one after its last.
    contributions : ndarray of shape (n_features, n_classes)
        To the logits. Exact: those of a word with its character n-grams and its word vector. By
        occlusion: the logits minus those without the token.
    intercept : ndarray of shape (n_classes,) or None
        Exact: ``intercept + contributions.sum(axis=0)`` is ``logits``. None by occlusion.
    logits : ndarray of shape (n_classes,)
        The logits of the network: two for two classes, whose difference is ``decision_function``.
    classes : ndarray of shape (n_classes,)
        As ``classes_`` of the classifier.
    target : int
        The index of the class towards which words are shown.
    are_exclusive : bool
        Whether a document has exactly one class. False for multilabel targets.
    n_dropped : int
        Tokens beyond the tokenizer's ``sequence_length``, which are not read.

    See Also
    --------
    explain : Makes it.

    Examples
    --------
    >>> from skdistill import DistilledTextClassifier
    >>> from skdistill.inspection import explain
    >>> texts, labels = ["good food", "bad food"] * 10, ["pos", "neg"] * 10
    >>> explanation = explain(DistilledTextClassifier(random_state=0).fit(texts, labels), "Good music")
    >>> explanation.tokens, explanation.features, explanation.positions.tolist()
    (['good', 'music'], ['good', 'music'], [[0, 4], [5, 10]])
    """

    text: str
    method: str
    tokens: list[str]
    positions: NDArray[np.integer]
    features: list[str]
    spans: NDArray[np.integer]
    contributions: NDArray[np.floating]
    intercept: NDArray[np.floating] | None
    logits: NDArray[np.floating]
    classes: NDArray[Any]
    target: int
    are_exclusive: bool
    n_dropped: int

    @property
    def token_contributions(self) -> NDArray[np.floating]:
        """Contributions of shape (n_tokens, n_classes); those of n-grams are divided equally among their tokens."""
        found = self.contributions[: len(self.tokens)].copy()
        for (start, stop), contribution in zip(self.spans[len(self.tokens) :], self.contributions[len(self.tokens) :]):
            found[start:stop] += contribution / (stop - start)
        return found

    def _towards_target(self, values):
        """Return what values of shape (..., n_classes) are to the target, compared with the other classes."""
        to_target = values[..., self.target]
        n_others = values.shape[-1] - 1
        if not (self.are_exclusive and n_others):
            return to_target
        return to_target - (values.sum(axis=-1) - to_target) / n_others

    @property
    def _adds_nothing(self):
        """Whether each token adds nothing to any logit, of shape (n_tokens,)."""
        return (np.abs(self.token_contributions) < _NOTHING).all(axis=1)

    def __repr__(self):
        return "\n".join([*self._heading(), *self._rows(), *self._footing()])

    def _heading(self):
        name, others = self.classes[self.target], np.delete(self.classes, self.target)
        compared = ""
        if self.are_exclusive and len(others):
            compared = (
                f" minus that of {_clip(str(others[0]))!r}" if len(others) == 1 else " minus the mean of the others"
            )
        kind = "sums to the logits" if self.method == "exact" else "logits minus those without the token"
        yield f"Explanation of {_clip(repr(self.text))}"
        yield f"by the method {self.method!r} ({kind})"
        yield f"Logit of {_clip(str(name))!r}{compared}: {self._towards_target(self.logits):+.3f}"

    def _rows(self):
        values = self._towards_target(self.contributions)
        order = np.argsort(-np.abs(values), kind="stable")
        order = order[np.abs(values[order]) >= _NOTHING]
        longest = max(np.abs(values).max(initial=0), _NOTHING)
        if self.intercept is not None:
            yield f"{self._towards_target(self.intercept):+8.3f}  {'':{_BAR}}  (intercept)"
        for place in order[:_MOST_ROWS].tolist():
            bar = ("█" if values[place] > 0 else "░") * round(_BAR * abs(values[place]) / longest)
            yield f"{values[place]:+8.3f}  {bar:{_BAR}}  {_clip(self.features[place])}"
        rest = order[_MOST_ROWS:]
        if len(rest):
            together = f", together {values[rest].sum():+.3f}" if self.method == "exact" else ""
            yield f"({len(rest):,} more{together})"

    def _footing(self):
        nothing = [token for token, is_empty in zip(self.tokens, self._adds_nothing) if is_empty]
        if not self.tokens:
            yield "The text has no tokens."
        if nothing:
            why = "Not seen in training, adds nothing" if self.method == "exact" else "Makes no difference"
            yield f"{why}: {_clip(' '.join(dict.fromkeys(nothing)))}"
        if self.n_dropped:
            yield f"Not read: {self.n_dropped:,} more tokens."

    def _repr_html_(self):
        colors = (
            "Blue with a solid line: for it. Red with a dotted line: against it. Pale: adds nothing, or is not read."
        )
        lines = "<br>".join(map(escape, [*self._heading(), colors, *self._footing()]))
        return (
            '<div style="white-space: pre-wrap; line-height: 1.9">'
            f"{''.join(self._spans_of_html())}</div>"
            f'<div style="font-size: 80%; opacity: 0.8">{lines}</div>'
        )

    def _spans_of_html(self):
        """Yield the text from its begin to its end, with its tokens highlighted."""
        values, adds_nothing = self._towards_target(self.token_contributions), self._adds_nothing
        longest = max(np.abs(values).max(initial=0), _NOTHING)
        if (self.positions < 0).any():  # the tokens instead of the text
            for token, value, is_empty in zip(self.tokens, values, adds_nothing):
                yield _highlight(token, value, longest, is_empty) + " "
            return
        end = 0
        for (start, stop), value, is_empty in zip(self.positions.tolist(), values, adds_nothing):
            start = max(start, end)  # the lower case of one character may be two tokens
            yield _pale(self.text[end:start]) + _highlight(self.text[start:stop], value, longest, is_empty)
            end = stop
        yield _pale(self.text[end:])


def _highlight(token, value, longest, is_empty):
    """Return a token as HTML, the more coloured and underlined the larger its value is."""
    if is_empty:
        return _pale(token, "adds nothing")
    strength, is_for = abs(value) / longest, bool(value > 0)
    style = (
        f"background: rgba({_COLORS[is_for]}, {0.5 * strength:.2f}); "
        f"border-bottom: {1 + 3 * strength:.1f}px {_LINES[is_for]} rgb({_COLORS[is_for]})"
    )
    return f'<span style="{style}" title="{value:+.3f}">{escape(token)}</span>'


def _pale(text, title="not read"):
    """Return what is between tokens, or adds nothing, as HTML."""
    if not text.strip():
        return escape(text)
    return f'<span style="opacity: 0.5" title="{title}">{escape(text)}</span>'


def _clip(text):
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
