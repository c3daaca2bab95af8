"""Synthetic documents for a teacher to label.

Owns how new documents are made of old ones. It must not know labels, vocabularies or
networks: what the documents are worth, only their teacher says.
"""

import copy
import re
from dataclasses import dataclass
from itertools import pairwise
from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state

from .._input.unlabeled import Pool, check_pool
from .._sklearn import Interval, StrOptions, validate_parameter_constraints
from ..runtime.sequences import offsets_of, spans

# Copies made at once: arrays of their tokens stay small.
_AT_ONCE = 5000
# A visible character and the white space before it, so that the text can be put together again.
_CHARACTER = re.compile(r"\s*\S")


class TransferSet(BaseEstimator):
    """Synthetic documents, made of those of the training part, for a teacher to label.

    To be passed as ``X_unlabeled`` where few texts, and no unlabelled ones, are at hand:
    distillation needs texts on which the student can see what the teacher thinks, and they
    need not make sense to a reader. Each document is copied several times. A copy is a short
    run of the document (n-gram sampling), or a run of it followed by a run of another document
    (recombination), or the whole; in each of these, tokens are masked.

    Masking and n-gram sampling are those of Tang et al. 2019 (Distilling Task-Specific
    Knowledge from BERT into Simple Neural Networks, arXiv:1903.12136, section 3.3), with their
    probabilities and number of copies. Their third rule, the replacement of words by others of
    the same part of speech, is left out, for it needs a tagger. Recombination is ours; it
    resembles the instance crossover of Luque 2019 (Atalaya at TASS 2019, arXiv:1909.11241),
    which joins halves of two tweets of the same class. Here a teacher gives the label, so the
    two documents may be of any class, and the runs of any length.

    Parameters
    ----------
    n_copies : int, default=20
        The most copies of a document. Copies that are empty, equal to their document or to an
        earlier copy of it are left out, so short documents have fewer.
    texts : collection of str, TextStream or None, default=None
        Documents to copy. None: the training rows of the fit, so that in cross-validation no
        test row is among them.
    p_mask : float, default=0.1
        Probability that a token is masked.
    p_ngram : float, default=0.25
        Probability that a copy is a short run of its document.
    p_recombine : float, default=0.1
        Probability that a copy is two runs, of its document and of a random one of the same
        20,000 documents. Together with ``p_ngram`` at most 1.
    max_ngram : int, default=5
        The most tokens of a short run; each length up to it is as likely.
    mask_token : str or None, default=None
        What stands for a masked token, such as ``"[MASK]"`` for a teacher who knows it. None:
        the token is left out.
    analyzer : {"word", "char"}, callable or None, default=None
        What a token is. ``"word"``: what stands between white space, as it is written; copies
        are joined by spaces. ``"char"``: each visible character, for Chinese and other text
        without spaces. A callable: what it returns for a document, joined by spaces. None: the
        analyzer of the classifier's tokenizer; without a classifier ``"word"``.
    random_state : int, RandomState instance or None, default=None
        Fixes the copies. None: they differ from fit to fit, but not within a fit, which reads
        them several times.

    Notes
    -----
    Nothing is kept in memory: copies are made while they are read, again each time. An
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
        n_copies=20,
        *,
        texts=None,
        p_mask=0.1,
        p_ngram=0.25,
        p_recombine=0.1,
        max_ngram=5,
        mask_token=None,
        analyzer=None,
        random_state=None,
    ):
        self.n_copies = n_copies
        self.texts = texts
        self.p_mask = p_mask
        self.p_ngram = p_ngram
        self.p_recombine = p_recombine
        self.max_ngram = max_ngram
        self.mask_token = mask_token
        self.analyzer = analyzer
        self.random_state = random_state

    def generate(self, texts, analyzer=None):
        """Copies of documents, one after the other.

        Parameters
        ----------
        texts : collection of str, TextStream or other re-iterable of str
            The documents; ``self.texts`` is not looked at.
        analyzer : {"word", "char"}, callable or None, default=None
            What a token is where the parameter of that name is None.

        Returns
        -------
        copies : iterator of str

        Raises
        ------
        ValueError
            A parameter out of its range, or no documents.
        """
        return iter(_copies(self, texts, "texts", analyzer, None))

    def _check(self):
        parameters = self.get_params(deep=False)
        validate_parameter_constraints(self._parameter_constraints, parameters, "TransferSet")
        total = self.p_ngram + self.p_recombine
        if total > 1:
            raise ValueError(f"p_ngram and p_recombine must be at most 1 together. Got {total}.")
        if not total and not self.p_mask:
            raise ValueError(
                "One of p_mask, p_ngram and p_recombine must be above 0: else copies are no new documents."
            )


def copies_for_fit(transfer_set, documents, analyzer=None, seed=None):
    """Return what a fit reads of a TransferSet: the same copies each time it is iterated.

    Parameters
    ----------
    transfer_set : TransferSet
    documents : list of str
        The training rows; copied unless ``transfer_set.texts`` says what to copy.
    analyzer : {"word", "char"}, callable or None, default=None
        That of the classifier's tokenizer.
    seed : int, SeedSequence or None, default=None
        Decides the copies where ``random_state`` is None.

    Returns
    -------
    copies : iterable of str

    Raises
    ------
    ValueError
        A parameter out of its range, or no documents.
    """
    if transfer_set.texts is None:
        return _copies(transfer_set, documents, "documents", analyzer, seed)
    return _copies(transfer_set, transfer_set.texts, "texts of TransferSet", analyzer, seed)


def _copies(transfer_set, texts, name, analyzer, seed):
    transfer_set._check()
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
    """Copies of the documents of a pool, made anew each time.

    Attributes
    ----------
    recipe : TransferSet
        Validated.
    pool : Pool
    seed : int or SeedSequence
    """

    recipe: TransferSet
    pool: Pool
    seed: object

    def __iter__(self):
        generator = np.random.default_rng(self.seed)
        step = max(1, _AT_ONCE // self.recipe.n_copies)
        for chunk in self.pool.chunks():
            for start in range(0, len(chunk), step):
                yield from _copy(chunk[start : start + step], chunk, self.recipe, generator)


def _copy(sources, others, recipe, generator):
    """Copies of some documents, each recombined with one of the others."""
    cut, glue = _cutter(recipe.analyzer)
    kind = generator.random(len(sources) * recipe.n_copies)
    is_short = kind < recipe.p_ngram
    is_mixed = ~is_short & (kind < recipe.p_ngram + recipe.p_recombine)
    partners = generator.integers(len(others), size=np.count_nonzero(is_mixed)).tolist()
    documents = [cut(text) for text in sources] + [cut(others[partner]) for partner in partners]
    runs = _draw_runs(list(map(len, documents)), is_short, is_mixed, recipe, generator)
    tokens = [token for document in documents for token in document]
    copies = [glue.join(words).strip() for words in _take(tokens, runs, len(kind), recipe, generator)]
    for i, document in enumerate(documents[: len(sources)]):
        own = dict.fromkeys(copies[i * recipe.n_copies : (i + 1) * recipe.n_copies])
        own.pop(glue.join(document).strip(), None)
        yield from filter(None, own if document else ())


def _cutter(analyzer):
    """What makes tokens of a text, and what joins them again."""
    if analyzer == "char":
        return _CHARACTER.findall, ""
    return (str.split, " ") if analyzer == "word" else (lambda text: list(analyzer(text)), " ")


def _draw_runs(lengths, is_short, is_mixed, recipe, generator):
    """Which tokens make up the copies.

    Parameters
    ----------
    lengths : list of int
        Tokens of each source, then of the second document of each mixed copy.
    is_short, is_mixed : ndarray of shape (n_sources * n_copies,), bool
    recipe : TransferSet
    generator : numpy.random.Generator

    Returns
    -------
    copies, starts, lengths : ndarray of shape (n_runs,)
        Each run's copy, in order, its first token and how many it has.
    """
    lengths = np.array(lengths)
    begins = offsets_of(lengths)[:-1]
    mixed = np.flatnonzero(is_mixed)
    n_copies, n_sources = len(is_short), len(lengths) - len(mixed)
    copies = np.concatenate([np.arange(n_copies), mixed])
    documents = np.concatenate([np.repeat(np.arange(n_sources), recipe.n_copies), np.arange(n_sources, len(lengths))])
    most = lengths[documents]
    most[:n_copies][is_short] = np.minimum(most[:n_copies][is_short], recipe.max_ngram)
    taken = np.minimum(generator.integers(1, np.maximum(most, 1) + 1), most)
    is_whole = np.append(~(is_short | is_mixed), np.zeros(len(mixed), bool))
    taken[is_whole] = most[is_whole]
    starts = begins[documents] + generator.integers(0, lengths[documents] - taken + 1)
    order = np.argsort(copies, kind="stable")
    return copies[order], starts[order], taken[order]


def _take(tokens, runs, n_copies, recipe, generator):
    """The tokens of each copy, some of them masked."""
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
