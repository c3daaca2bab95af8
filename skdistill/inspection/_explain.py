"""Which words of a text speak for which class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from .._classifier import DistilledTextClassifier
from .._extracted import NetworkClassifier
from .._holders import unwrap
from .._input.documents import check_texts, with_article
from ..runtime.contributions import contributions_of, is_additive
from ..runtime.keyed_bag import KeyedBag
from ..text.tokens import Tokens
from ._explanation import Explanation
from ._positions import locate_tokens

# Tokens of the copies of a document, each without one token, that are predicted at a time.
_BATCH_TOKENS = 200_000


def explain(estimator: Any, text: str | Sequence[str], *, target: Any = None) -> Explanation:
    """Return what each word of a text adds to the logits of the classes.

    For a bag without hidden layers the contributions are exact, and with the intercept they sum to
    the logits. For all other networks they are measured by occlusion.

    Parameters
    ----------
    estimator : ExtractedClassifier, DistilledTextClassifier, or a Pipeline or search that ends in one
        Fitted; also ``main_`` or ``auxiliary_``. For a classifier of two networks, the one
        of ``predict_with`` is explained. The earlier steps of a Pipeline transform the text.
    text : str, or list of str
        One document. With a callable ``analyzer`` of the tokenizer it may be a list, tuple or
        one-dimensional array of its tokens.
    target : object, default=None
        The class, one of ``classes_``, towards which the words are shown. If None, the one with
        the highest logit.

    Returns
    -------
    explanation : Explanation
        With ``tokens``, ``positions``, ``contributions`` of shape (n_features, n_classes) and the
        ``method``, "exact" or "occlusion". It prints as a table, and in notebooks as the text with its words
        highlighted.

    Raises
    ------
    TypeError
        If ``text`` is not one document, or the estimator is none of the above.
    ValueError
        If ``target`` is not a class, the classifier predicts with "ensemble", or it reads token
        ids.
    NotFittedError
        If the estimator is not fitted.

    See Also
    --------
    Explanation : What it returns.
    deferral_curve : Which documents to leave to the teacher.

    Notes
    -----
    Adding the same number to all logits of a document changes no probability. Where classes exclude each other, a
    word is therefore shown by its contribution to the target minus the mean of its contributions to the other
    classes; for two classes, this is what it adds to ``decision_function``.

    N-grams are features of a bag, too: in "not good", the bigram may count against the class that "good"
    counts for. Occlusion removes one token at a time: if two words say the same, it shows neither.

    Examples
    --------
    >>> from skdistill import DistilledTextClassifier, TextBag
    >>> from skdistill.inspection import explain
    >>> texts = ["good food", "a good film", "bad food", "a bad film"] * 5
    >>> classifier = DistilledTextClassifier(TextBag(ngrams=1), random_state=0)
    >>> classifier.fit(texts, ["pos", "pos", "neg", "neg"] * 5)
    DistilledTextClassifier(main=TextBag(ngrams=1), random_state=0)
    >>> explanation = explain(classifier, "a good day")
    >>> explanation.method, explanation.tokens
    ('exact', ['a', 'good', 'day'])
    >>> explanation.token_contributions[:, 1].argmax()
    np.int64(1)
    >>> total = explanation.intercept + explanation.contributions.sum(axis=0)
    >>> float(total[1] - total[0]) - classifier.decision_function(["a good day"])[0] < 1e-5
    np.True_
    """
    if not isinstance(text, (str, list, tuple, np.ndarray)):
        raise _not_one_text(text)
    inner, texts = unwrap(estimator, [text])
    network = _network_of(inner)
    if network.tokenizer_ is None:
        raise ValueError(
            "The network reads token ids, whose words it does not know. Fit the classifier on texts, with "
            "tokenizer=TextTokenizer(...), instead of tokenizer='precomputed'."
        )
    if isinstance(network.predictor_, KeyedBag):
        raise ValueError("A compressed network cannot be explained: explain the original one.")
    is_split_by_function = callable(network.tokenizer_.analyzer)
    if not (isinstance(text, str) or is_split_by_function):
        raise _not_one_text(text)
    (document,) = check_texts(texts, tokenized=is_split_by_function)
    target = None if target is None else _place_of(target, network.classes_)
    return _explanation(network, document, target)


def _not_one_text(text):
    return TypeError(
        f"text must be a str. Got {with_article(type(text).__name__)}: explain several documents one by one."
    )


def _network_of(estimator):
    """Return the network that a classifier predicts with, as a classifier."""
    if isinstance(estimator, NetworkClassifier):
        check_is_fitted(estimator)
        return estimator
    if not isinstance(estimator, DistilledTextClassifier):
        raise TypeError(
            "explain takes a DistilledTextClassifier, an ExtractedClassifier, or a Pipeline or fitted search that "
            f"ends in one. Got {type(estimator).__name__}."
        )
    if len(estimator._predictors()) > 1:  # which also checks that it is fitted and has the network
        raise ValueError(
            "The classifier predicts with 'ensemble', which is two networks: explain its main_ or its auxiliary_."
        )
    return getattr(estimator, f"{estimator.predict_with}_")


def _place_of(target, classes):
    places = np.flatnonzero(classes == target)
    if len(places) != 1:
        raise ValueError(f"target must be one of the classes {classes.tolist()!r}. Got {target!r}.")
    return int(places[0])


def _explanation(network, document, target):
    """Return the explanation of a text, or of a list of tokens, by one network."""
    predictor, tokenizer = network.predictor_, network.tokenizer_
    sequences = Tokens(tokenizer, predictor.n_tokens).sequences([document], predictor.spelled)
    text = document if isinstance(document, str) else " ".join(document)
    tokens, positions, n_dropped = locate_tokens(tokenizer, document, text)
    logits = predictor.logits(sequences)[0].astype(np.float64)
    spans, intercept = np.column_stack([np.arange(len(tokens)), np.arange(1, len(tokens) + 1)]), None
    if is_additive(predictor):
        exact = contributions_of(predictor, sequences)
        spans, intercept = np.vstack([spans, exact.spans]), exact.intercept
        contributions = np.vstack([exact.tokens, exact.ngrams])
    else:
        contributions = _by_occlusion(predictor, sequences, logits)
    between = "" if tokenizer.analyzer == "char" else " "
    return Explanation(
        text=text,
        method="occlusion" if intercept is None else "exact",
        tokens=tokens,
        positions=positions,
        features=[between.join(tokens[start:stop]) for start, stop in spans.tolist()],
        spans=spans,
        contributions=contributions,
        intercept=intercept,
        logits=logits,
        classes=network.classes_,
        target=int(logits.argmax()) if target is None else target,
        are_exclusive=network.out_activation_ == "softmax",
        n_dropped=n_dropped,
    )


def _by_occlusion(predictor, sequences, logits):
    """Return the logits minus those without each token, of shape (n_tokens, n_classes)."""
    n_tokens = len(sequences.ids)
    size = max(1, _BATCH_TOKENS // max(n_tokens, 1))
    starts = range(0, n_tokens, size)
    parts = [predictor.logits(sequences.without_each(start, min(start + size, n_tokens))) for start in starts]
    return logits - np.vstack([np.zeros((0, len(logits))), *parts])
