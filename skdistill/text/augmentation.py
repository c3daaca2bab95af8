"""TransferSet: synthetic documents, made from other documents, for a teacher to label.

The copies of a batch of documents are drawn together. Their tokens stay in one list; a
*run*, consecutive tokens of one document, is given by its first token and its length.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from numbers import Integral, Real
from typing import Literal

import numpy as np
from sklearn.utils import check_random_state

from .._input.documents import are_tokenized
from .._input.unlabeled import Pool, check_pool
from .._sklearn import Interval, StrOptions, validate_parameter_constraints
from .._specification import Specification
from ..runtime.sequences import offsets_of, spans
from .analyzers import analyze

# Number of copies that are drawn together, to bound the memory of their tokens.
_BATCH = 5000
# A visible character and the white space before it: joined, the tokens are the text again.
_CHARACTER = re.compile(r"\s*\S")


class TransferSet(Specification):
    """Synthetic documents, made from the training documents, for a teacher to label.

    Pass it as ``X_unlabeled`` if there are few texts and no unlabelled ones: distillation
    needs texts on which the student can imitate the teacher, and they need not make sense to
    a reader. Each document is copied several times. A copy is a short run of the document's
    tokens (n-gram sampling), or a run of them followed by a run of another document's
    (recombination), or the whole document; then some of its tokens are masked.

    Masking and n-gram sampling follow Tang et al. 2019 (Distilling Task-Specific Knowledge
    from BERT into Simple Neural Networks, arXiv:1903.12136, section 3.3), with their
    probabilities and number of copies. Their third rule, which replaces words by others of
    the same part of speech, is left out because it needs a tagger. Recombination is an
    addition; it resembles the instance crossover of Luque 2019 (Atalaya at TASS 2019,
    arXiv:1909.11241), which joins halves of two tweets of the same class. Here a teacher
    labels the copy, so that the documents may be of any class, and the runs of any length.

    Parameters
    ----------
    n_copies : int, default=20
        The largest number of copies per document. Copies that are empty or equal to their
        document or to an earlier copy of it are left out, so that short documents have fewer.
    texts : collection of str, TextStream or None, default=None
        Documents to copy. If None, the training documents of the fit, which in
        cross-validation are those of the training folds.
    p_mask : float, default=0.1
        Probability that a token is masked; below 1.
    p_ngram : float, default=0.25
        Probability that a copy is a short run of its document.
    p_recombine : float, default=0.1
        Probability that a copy is two runs, of its document and of a random one of the same
        chunk of 20,000 documents. The sum with ``p_ngram`` must be at most 1.
    max_ngram : int, default=5
        The largest number of tokens in a short run. All lengths from 1 to this one are equally
        likely.
    mask_token : str or None, default=None
        The token that replaces a masked one, such as ``"[MASK]"`` for a teacher that knows it.
        If None, masked tokens are left out.
    analyzer : {"word", "char"}, callable or None, default=None
        What a token is. ``"word"``: text between white space, unchanged; tokens are joined by
        spaces. ``"char"``: each visible character, for Chinese and other text without spaces.
        A callable: what it returns for a document, joined by spaces. None: the analyzer of the
        classifier's tokenizer, or ``"word"`` without a classifier.
    random_state : int, RandomState instance or None, default=None
        Determines the copies. If None, they differ from fit to fit, but not within a fit,
        which reads them several times.

    See Also
    --------
    DistilledTextClassifier.fit : Takes a transfer set as ``X_unlabeled``.
    TextStream : Documents of a file, which may be the ``texts``.

    Notes
    -----
    Copies are not kept in memory: they are made while they are read, in each iteration. An
    empty document has no copies.

    Examples
    --------
    >>> from skdistill import TransferSet
    >>> made = TransferSet(n_copies=4, random_state=0)
    >>> for text in made.generate(["a film of rare charm", "the plot was thin and slow"]):
    ...     print(text)
    rare charm thin
    a of rare charm
    the plot thin and slow
    was thin and slow film rare
    """

    _parameter_constraints = {
        "n_copies": [Interval(Integral, 1, None, closed="left")],
        "texts": "no_validation",
        "p_mask": [Interval(Real, 0, 1, closed="left")],
        "p_ngram": [Interval(Real, 0, 1, closed="both")],
        "p_recombine": [Interval(Real, 0, 1, closed="both")],
        "max_ngram": [Interval(Integral, 1, None, closed="left")],
        "mask_token": [str, None],
        "analyzer": [StrOptions({"word", "char"}), callable, None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        n_copies: int = 20,
        *,
        texts: Iterable[str] | None = None,
        p_mask: float = 0.1,
        p_ngram: float = 0.25,
        p_recombine: float = 0.1,
        max_ngram: int = 5,
        mask_token: str | None = None,
        analyzer: Literal["word", "char"] | Callable[[str], Iterable[str]] | None = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.n_copies = n_copies
        self.texts = texts
        self.p_mask = p_mask
        self.p_ngram = p_ngram
        self.p_recombine = p_recombine
        self.max_ngram = max_ngram
        self.mask_token = mask_token
        self.analyzer = analyzer
        self.random_state = random_state

    def generate(
        self,
        texts: Iterable[str],
        analyzer: Literal["word", "char"] | Callable[[str], Iterable[str]] | None = None,
    ) -> Iterator[str]:
        """Return an iterator over the copies of documents.

        Parameters
        ----------
        texts : collection of str, TextStream or other re-iterable of str
            The documents. The parameter ``texts`` of the transfer set is ignored.
        analyzer : {"word", "char"}, callable or None, default=None
            What a token is, if the parameter ``analyzer`` of the transfer set is None.

        Returns
        -------
        copies : iterator of str
            The copies of the first document, of the second, and so on.

        Raises
        ------
        TypeError
            If the texts are not a collection, such as a single str, or can be read only
            once.
        ValueError
            If a parameter is out of its range, there are no documents, or one is not a str.
            The documents of a stream are checked while the copies are read.

        See Also
        --------
        skdistill.DistilledTextClassifier.fit : Generates the copies itself, from a ``TransferSet`` as ``X_unlabeled``.
        """
        return iter(_copies(self, texts, "texts", analyzer, None))

    def _check(self):
        """Raise a ValueError for parameters out of their range."""
        parameters = self.get_params(deep=False)
        validate_parameter_constraints(self._parameter_constraints, parameters, "TransferSet")
        total = self.p_ngram + self.p_recombine
        if total > 1:
            raise ValueError(f"p_ngram and p_recombine must be at most 1 together. Got {total}.")
        if not total and not self.p_mask:
            raise ValueError(
                "One of p_mask, p_ngram and p_recombine must be above 0. Got 0 for all: each copy would equal its "
                "document."
            )


def copies_for_fit(transfer_set, documents, analyzer=None, seed=None):
    """Return an iterable over the copies that a fit reads: the same ones in each iteration.

    Parameters
    ----------
    transfer_set : TransferSet
    documents : list
        The training documents, copied if ``transfer_set.texts`` is None.
    analyzer : {"word", "char"}, callable or None, default=None
        The analyzer of the classifier's tokenizer.
    seed : int, SeedSequence or None, default=None
        Determines the copies if ``transfer_set.random_state`` is None.

    Returns
    -------
    copies : iterable of str

    Raises
    ------
    TypeError, ValueError
        As ``TransferSet.generate`` does, or if the training documents are not texts.
    """
    if transfer_set.texts is None and are_tokenized(documents):
        raise TypeError(
            "X must be texts if X_unlabeled is a TransferSet, which makes copies of them. Got lists of tokens: join "
            "the tokens, or pass TransferSet(texts=...)."
        )
    if transfer_set.texts is None:
        return _copies(transfer_set, documents, "documents", analyzer, seed)
    return _copies(transfer_set, transfer_set.texts, "texts of TransferSet", analyzer, seed)


def _copies(transfer_set, texts, name, analyzer, seed):
    """Return the copies of texts, which messages call ``name``."""
    transfer_set._check()
    # A copy of the parameters: later changes of the transfer set do not reach a fit.
    recipe = copy.copy(transfer_set)
    recipe.texts = None
    recipe.analyzer = transfer_set.analyzer or analyzer or "word"
    if transfer_set.random_state is not None:
        seed = check_random_state(transfer_set.random_state).randint(2**31)
    elif seed is None:
        seed = np.random.SeedSequence()
    return _Copies(recipe, check_pool(texts, texts=True, name=name), seed)


@dataclass(frozen=True)
class _Copies:
    """The copies of the documents of a pool, made in each iteration.

    Attributes
    ----------
    recipe : TransferSet
        With valid parameters and an analyzer.
    pool : Pool
        The documents.
    seed : int or SeedSequence
        Makes the copies the same in each iteration.
    """

    recipe: TransferSet
    pool: Pool
    seed: object

    def __iter__(self):
        generator = np.random.default_rng(self.seed)
        step = max(1, _BATCH // self.recipe.n_copies)
        for chunk in self.pool.chunks():
            for start in range(0, len(chunk), step):
                yield from _copy(chunk[start : start + step], chunk, self.recipe, generator)


def _copy(sources, others, recipe, generator):
    """Yield the copies of documents.

    Parameters
    ----------
    sources : list of str
        The documents.
    others : list of str
        The documents with which they are recombined, themselves among them.
    recipe : TransferSet
    generator : numpy.random.Generator

    Yields
    ------
    copy : str
    """
    split, glue = _splitter(recipe.analyzer)
    # One uniform number per copy decides its kind: a short run, two runs, or the whole document.
    kind = generator.random(len(sources) * recipe.n_copies)
    is_short = kind < recipe.p_ngram
    is_mixed = ~is_short & (kind < recipe.p_ngram + recipe.p_recombine)
    partners = generator.integers(len(others), size=np.count_nonzero(is_mixed)).tolist()
    documents = [split(text) for text in sources] + [split(others[partner]) for partner in partners]
    runs = _draw_runs(list(map(len, documents)), is_short, is_mixed, recipe, generator)
    tokens = [token for document in documents for token in document]
    copies = [glue.join(words).strip() for words in _take(tokens, runs, len(kind), recipe, generator)]
    for i, document in enumerate(documents[: len(sources)]):
        # The keys of a dict: without repetitions, in the order of their first occurrence.
        distinct = dict.fromkeys(copies[i * recipe.n_copies : (i + 1) * recipe.n_copies])
        distinct.pop(glue.join(document).strip(), None)
        # An empty document has no copies, though a recombined one would hold a run of its partner.
        yield from filter(None, distinct if document else ())


def _splitter(analyzer):
    """Return the function that splits a text into tokens, and the str that joins them again."""
    if analyzer == "char":
        return _CHARACTER.findall, ""
    return (str.split, " ") if analyzer == "word" else (lambda text: analyze(analyzer, text), " ")


def _draw_runs(lengths, is_short, is_mixed, recipe, generator):
    """Draw the runs of tokens that make up the copies.

    Parameters
    ----------
    lengths : list of int
        Number of tokens of each source, then of the second document of each recombined copy.
    is_short, is_mixed : ndarray of shape (n_sources * n_copies,), bool
        Whether each copy is a short run, or recombined.
    recipe : TransferSet
    generator : numpy.random.Generator

    Returns
    -------
    copies, starts, lengths : ndarray of shape (n_runs,)
        The copy to which each run belongs, in order; the place of its first token among the
        tokens of all documents; its number of tokens.
    """
    lengths = np.array(lengths)
    begins = offsets_of(lengths)[:-1]
    mixed = np.flatnonzero(is_mixed)
    n_copies, n_sources = len(is_short), len(lengths) - len(mixed)
    # Each copy has a run of its source; then the recombined ones have a run of their second document.
    copies = np.concatenate([np.arange(n_copies), mixed])
    documents = np.concatenate([np.repeat(np.arange(n_sources), recipe.n_copies), np.arange(n_sources, len(lengths))])
    most = lengths[documents]
    most[:n_copies][is_short] = np.minimum(most[:n_copies][is_short], recipe.max_ngram)
    # From 1 to ``most`` tokens, and 0 of an empty document; each length and then each place is equally likely.
    taken = np.minimum(generator.integers(1, np.maximum(most, 1) + 1), most)
    is_whole = np.append(~(is_short | is_mixed), np.zeros(len(mixed), bool))
    taken[is_whole] = most[is_whole]
    starts = begins[documents] + generator.integers(0, lengths[documents] - taken + 1)
    order = np.argsort(copies, kind="stable")
    return copies[order], starts[order], taken[order]


def _take(tokens, runs, n_copies, recipe, generator):
    """Yield the tokens of each copy, some of them masked.

    Parameters
    ----------
    tokens : list of str
        The tokens of all documents, one after the other.
    runs : tuple of ndarray
        As ``_draw_runs`` returns them.
    n_copies : int
    recipe : TransferSet
    generator : numpy.random.Generator

    Yields
    ------
    words : list of str
    """
    copies, starts, lengths = runs
    places = spans(starts, lengths)
    owners = np.repeat(copies, lengths)
    masked = generator.random(len(places)) < recipe.p_mask
    if recipe.mask_token is None:
        places, owners = places[~masked], owners[~masked]
    else:
        places[masked] = len(tokens)
        tokens = [*tokens, recipe.mask_token]
    words = list(map(tokens.__getitem__, places.tolist()))
    for start, end in pairwise(offsets_of(np.bincount(owners, minlength=n_copies)).tolist()):
        yield words[start:end]
