"""Network specifications: plain parameters that say what to build.

``skdistill._keras`` trains a specified network and ``skdistill.runtime`` predicts with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from numbers import Integral, Real
from os import PathLike
from types import MappingProxyType
from typing import Any

from ._sklearn import HasMethods, Interval, StrOptions, validate_parameter_constraints
from ._specification import Specification

__all__ = ["NETWORKS", "TextBag", "TextCNN", "TextGRU"]

#: Units of a network that does not set its own, as in the source article.
DEFAULT_UNITS = {"main": 64, "auxiliary": 32}


@dataclass(frozen=True)
class _Sizes:
    """The constraints on a parameter that holds several sizes.

    Attributes
    ----------
    least : int
        How many sizes there must be.
    distinct : bool
        Whether all must differ.
    """

    least: int = 0
    distinct: bool = False

    def check(self, values, name, role):
        """Return the sizes as a tuple of int, or raise a ValueError that names the parameter and the role."""
        sizes = () if values is None else tuple(values)
        if not all(isinstance(size, Integral) and size >= 1 for size in sizes):
            raise ValueError(f"{name!r} of {role} must hold integers of at least 1. Got {sizes!r} instead.")
        if len(sizes) < self.least:
            raise ValueError(f"{name!r} of {role} must not be empty.")
        if self.distinct and len(set(sizes)) < len(sizes):
            raise ValueError(f"{name!r} of {role} must hold different sizes. Got {sizes!r} instead.")
        return tuple(map(int, sizes))


# The reader of the embeddings checks them, because it can say more precisely what is wrong.
_EMBEDDINGS = {"embeddings": "no_validation", "trainable": ["boolean"]}


class _Network(Specification):
    """A network specification: parameters, and what is allowed in them."""

    #: What the parameters that hold several sizes may hold.
    _sizes = {}
    #: The parameters that say which features are read.
    _reading_parameters = ()
    #: Parameters of what each fit computes again; a warm start may change them.
    _refitted_parameters = ()

    def _for_tokens(self, analyzer):
        """Return the parameters that depend on where the tokens come from, filled in."""
        return {}


class TextBag(_Network):
    """A bag of words, n-grams and character n-grams.

    Every feature has a vector of ``units`` numbers. Within a document each group of
    features (tokens, n-grams of each length, character n-grams) is summed and
    divided by the square root of its size, so that the many character n-grams do not
    outweigh the words; the groups are added and divided by the square root of their
    number; dense layers follow. With ``ngrams=1`` and no subwords it is the continuous bag
    of words of Iyyer et al. 2015 (Deep Unordered Composition Rivals Syntactic
    Methods for Text Classification, section 3), up to the scale; character n-grams
    as features are from Bojanowski et al. 2017 (Enriching Word Vectors with Subword
    Information, section 3.2).

    Parameters
    ----------
    units : int or None, default=None
        Embedding dimension: numbers in the vector of a feature. If None, 64 in a main
        network and 32 in an auxiliary one.
    ngrams : int or None, default=None
        The longest run of tokens that is a feature. If None, 2 for words, 3 for characters.
    subwords : sequence of int or None, default=(3, 4)
        Lengths of the character n-grams inside words. If None, there are none; nor are
        there any if tokens are single characters or precomputed ids.
    hidden : sequence of int, default=()
        Widths of relu layers between the pooled vector and the logits.
    token_dropout : float, default=0.3
        Fraction of a document's features dropped at random in each epoch.
    linear_weight : float or "auto", default="auto"
        Weight of a *linear path* beside the bag: linear support vector machines over the same
        features, whose scores are added to the logits. They raise the accuracy, most of all on long
        text with few classes. Without hidden layers they become part of the tables, so that
        prediction takes no longer, except with ``embeddings``. 0: no path. "auto": 6 if there are no
        more classes than units or if there are ``embeddings``, and 0 otherwise, because a path makes
        the tables grow to a column per class. There is no path if a teacher labels unlabelled rows.
        The path is fitted to the rows of a fit before its first epoch, also in a warm start.
        Validation scores contain it; the losses and the transfer between the networks do not.
    embeddings : mapping, str, path-like or None, default=None
        Word vectors that the linear path reads in addition to the features, pooled per document: a dict,
        keyed vectors of gensim, the path of a text file, or what
        ``skdistill.text.embeddings.minilm_input_vectors`` returns. They raise the accuracy most if
        predicted documents have words that training did not see: such words have a vector if they are
        among the first 100,000 words of the source that are not in the vocabulary. A word is found as
        ``skdistill.text.embeddings.read_vectors`` finds it. A trained network keeps 8 bytes and a number
        per class and one more for each word, instead of its vector. A large dict is copied by each
        ``clone``, as in a grid search; a path is not. Needs a ``linear_weight`` above 0. A warm start
        whose rows lack a class keeps the path, and with it the vectors, of the earlier fit.

    See Also
    --------
    TextCNN, TextGRU : Networks that read tokens in order.
    skdistill.text.embeddings.minilm_input_vectors : Word vectors for ``embeddings``.

    Examples
    --------
    >>> from skdistill import TextBag
    >>> TextBag(units=32, ngrams=1, subwords=None, hidden=(32,), token_dropout=0)
    TextBag(hidden=(32,), ngrams=1, subwords=None, token_dropout=0, units=32)
    """

    _parameter_constraints = {
        "units": [Interval(Integral, 1, None, closed="left"), None],
        "ngrams": [Interval(Integral, 1, None, closed="left"), None],
        "subwords": ["array-like", None],
        "hidden": ["array-like"],
        "token_dropout": [Interval(Real, 0, 1, closed="left")],
        "linear_weight": [Interval(Real, 0, None, closed="left"), StrOptions({"auto"})],
        "embeddings": "no_validation",
    }
    _sizes = {"subwords": _Sizes(), "hidden": _Sizes()}
    _reading_parameters = ("ngrams", "subwords", "token_dropout")
    _refitted_parameters = ("linear_weight", "embeddings")

    def __init__(
        self,
        units: int | None = None,
        *,
        ngrams: int | None = None,
        subwords: Sequence[int] | None = (3, 4),
        hidden: Sequence[int] = (),
        token_dropout: float = 0.3,
        linear_weight: float | str = "auto",
        embeddings: Mapping[str, Any] | str | PathLike | None = None,
    ):
        self.units = units
        self.ngrams = ngrams
        self.subwords = subwords
        self.hidden = hidden
        self.token_dropout = token_dropout
        self.linear_weight = linear_weight
        self.embeddings = embeddings

    def _for_tokens(self, analyzer):
        longest = 3 if analyzer == "char" else 2
        spelled = analyzer not in ("char", "precomputed")
        return {
            "ngrams": longest if self.ngrams is None else self.ngrams,
            "subwords": self.subwords if spelled else (),
        }


class TextCNN(_Network):
    """Convolutions over the tokens and their maximum over time.

    Every token has a vector of ``units`` numbers. Filters are convolved with a few
    neighbouring vectors at a time; the largest value of each filter in a document goes
    through a relu, and a dense layer gives the logits: Kim 2014 (Convolutional Neural
    Networks for Sentence Classification, section 2). A window begins at each token, and
    past the end of the document it sees zeros, so that documents shorter than the
    windows are read too.

    Parameters
    ----------
    units : int or None, default=None
        Embedding dimension: numbers in the vector of a token. If None, 64 in a main network
        and 32 in an auxiliary one.
    filters : int, default=64
        Filters of each window.
    windows : sequence of int, default=(3, 4, 5)
        Tokens that a filter sees: a size for each group of filters, all different.
    dropout : float, default=0.5
        Fraction of the largest values dropped at random in each step.
    embeddings : mapping, str, path-like or None, default=None
        Word vectors that the tokens' vectors start from: a dict, keyed vectors of gensim
        or the path of a text file, as ``skdistill.text.embeddings.read_vectors`` takes them and
        fits them to ``units``. Other tokens start at random, and words that training
        does not see stay unknown. A large dict is copied by each ``clone``, as in a grid
        search; a path costs nothing.
    trainable : bool, default=True
        Whether the numbers that came from ``embeddings`` are trained. If False they stay as
        they are, and all others are trained. A warm start may change it.

    See Also
    --------
    TextBag : The fastest network, and the usual choice.
    TextGRU : Reads tokens in order, with a state.

    Examples
    --------
    >>> from skdistill import TextCNN
    >>> TextCNN(units=32, filters=16, windows=(2, 3), dropout=0)
    TextCNN(dropout=0, filters=16, units=32, windows=(2, 3))
    """

    _parameter_constraints = {
        "units": [Interval(Integral, 1, None, closed="left"), None],
        "filters": [Interval(Integral, 1, None, closed="left")],
        "windows": ["array-like"],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        **_EMBEDDINGS,
    }
    # The weights of a window are named by its size.
    _sizes = {"windows": _Sizes(least=1, distinct=True)}

    def __init__(
        self,
        units: int | None = None,
        *,
        filters: int = 64,
        windows: Sequence[int] = (3, 4, 5),
        dropout: float = 0.5,
        embeddings: Mapping[str, Any] | str | PathLike | None = None,
        trainable: bool = True,
    ):
        self.units = units
        self.filters = filters
        self.windows = windows
        self.dropout = dropout
        self.embeddings = embeddings
        self.trainable = trainable


class TextGRU(_Network):
    """Gated recurrent units that read the tokens both ways.

    Every token has a vector of ``units`` numbers. One state of ``units`` numbers reads
    the document from its first token to its last, another from its last to its first,
    each through gates that decide what to keep: Cho et al. 2014 (Learning Phrase
    Representations using RNN Encoder-Decoder for Statistical Machine Translation,
    section 2.3) and Schuster and Paliwal 1997 (Bidirectional Recurrent Neural Networks).
    A dense layer takes both final states to the logits.

    Parameters
    ----------
    units : int or None, default=None
        Numbers in the vector of a token, and in the state of each direction. If None, 64 in
        a main network and 32 in an auxiliary one.
    dropout : float, default=0.5
        Fraction of the final states dropped at random in each step.
    embeddings : mapping, str, path-like or None, default=None
        Word vectors that the tokens' vectors start from: a dict, keyed vectors of gensim
        or the path of a text file, as ``skdistill.text.embeddings.read_vectors`` takes them and
        fits them to ``units``. Other tokens start at random, and words that training
        does not see stay unknown. A large dict is copied by each ``clone``, as in a grid
        search; a path costs nothing.
    trainable : bool, default=True
        Whether the numbers that came from ``embeddings`` are trained. If False they stay as
        they are, and all others are trained. A warm start may change it.

    See Also
    --------
    TextBag : The fastest network, and the usual choice.
    TextCNN : Reads a few neighbouring tokens at a time.

    Examples
    --------
    >>> from skdistill import TextGRU
    >>> TextGRU(units=32, dropout=0)
    TextGRU(dropout=0, units=32)
    """

    _parameter_constraints = {
        "units": [Interval(Integral, 1, None, closed="left"), None],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        **_EMBEDDINGS,
    }

    def __init__(
        self,
        units: int | None = None,
        *,
        dropout: float = 0.5,
        embeddings: Mapping[str, Any] | str | PathLike | None = None,
        trainable: bool = True,
    ):
        self.units = units
        self.dropout = dropout
        self.embeddings = embeddings
        self.trainable = trainable


#: The kinds of network by name.
NETWORKS = MappingProxyType({"bag": TextBag, "cnn": TextCNN, "gru": TextGRU})


class NetworkBuilder(HasMethods):
    """Any callable except the classes of the specifications: an instance of these is meant."""

    def __init__(self):
        super().__init__("__call__")

    def is_satisfied_by(self, val):
        """Whether ``val`` may build a network."""
        return callable(val) and val not in NETWORKS.values()

    def __str__(self):
        return "a callable (n_tokens, n_classes, seed) -> keras.Model"


def parameters_of(network):
    """Return the parameters of a built-in network by name; a subclass need not take any of them."""
    return {name: getattr(network, name) for name in network._parameter_constraints}


def _replace(network, values):
    """Return a copy of a network in which some parameters have other values."""
    copied = copy(network)
    vars(copied).update(values)
    return copied


def resolve_network(network, units, role):
    """Return the specification to train.

    Parameters
    ----------
    network : str, TextBag, TextCNN, TextGRU or callable
    units : int or None
        The units of a network that does not set its own. If None, 64 for the main network and 32
        for the auxiliary.
    role : {"main", "auxiliary"}

    Returns
    -------
    specification : TextBag, TextCNN, TextGRU or callable
        A validated copy, whose parameters that hold several sizes are tuples of int; a
        callable as it is.
    """
    if callable(network):
        return network
    if isinstance(network, str):
        network = NETWORKS[network]()
    parameters = parameters_of(network)
    validate_parameter_constraints(network._parameter_constraints, parameters, type(network).__name__)
    values = {name: sizes.check(parameters[name], name, role) for name, sizes in network._sizes.items()}
    if network.units is None:
        values["units"] = DEFAULT_UNITS[role] if units is None else units
    return _replace(network, values)


def fit_to_tokens(network, analyzer):
    """Return the specification with what depends on the tokens filled in.

    Parameters
    ----------
    network : TextBag, TextCNN, TextGRU or callable
    analyzer : {"word", "char", "precomputed"} or callable
        Where the tokens come from.

    Returns
    -------
    network : specification of the same kind
        A bag has ``ngrams`` as an int and ``subwords`` as a tuple.
    """
    if callable(network):
        return network
    return _replace(network, network._for_tokens(analyzer))
