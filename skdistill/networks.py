"""Descriptions of networks: plain parameters that say what to build.

Owns the public descriptions, their names and their defaults. It must not know
any framework: ``skdistill.runtime`` predicts with a described network and
``skdistill._keras`` trains it.
"""

from numbers import Integral, Real

from sklearn.base import BaseEstimator

from ._sklearn import Interval, validate_parameter_constraints

#: Units of a network that is given by its name, as in the source article.
DEFAULT_UNITS = {"main": 64, "auxiliary": 32}


class TextBag(BaseEstimator):
    """A bag of words, n-grams and character n-grams.

    Every feature has a vector of ``units`` numbers. Within a document each group of
    features (tokens, n-grams of each length, character n-grams) is summed and
    divided by the root of its size, so that the many character n-grams do not
    drown the words; the groups are added and divided by the root of their number;
    dense layers follow. With ``ngrams=1`` and no subwords it is the continuous bag
    of words of Iyyer et al. 2015 (Deep Unordered Composition Rivals Syntactic
    Methods for Text Classification, section 3), up to the scale; character n-grams
    as features are from Bojanowski et al. 2017 (Enriching Word Vectors with Subword
    Information, section 3.2).

    Parameters
    ----------
    units : int, default=64
        Numbers in a vector.
    ngrams : int or None, default=None
        The longest run of tokens that is a feature. None: 2 for words, 3 for
        characters.
    subwords : sequence of int or None, default=(3, 4)
        Lengths of the character n-grams inside words. None: no such features; nor
        are there any where tokens are single characters or precomputed ids.
    hidden : sequence of int, default=()
        Widths of relu layers between the pooled vector and the logits.
    token_dropout : float, default=0.5
        Share of a document's features that training leaves out, anew each epoch.

    Examples
    --------
    >>> from skdistill import TextBag
    >>> TextBag(units=32, ngrams=1, subwords=None, hidden=(32,), token_dropout=0)
    TextBag(hidden=(32,), ngrams=1, subwords=None, token_dropout=0, units=32)
    """

    _parameter_constraints = {
        "units": [Interval(Integral, 1, None, closed="left")],
        "ngrams": [Interval(Integral, 1, None, closed="left"), None],
        "subwords": ["array-like", None],
        "hidden": ["array-like"],
        "token_dropout": [Interval(Real, 0, 1, closed="left")],
    }

    def __init__(self, units=64, ngrams=None, subwords=(3, 4), hidden=(), token_dropout=0.5):
        self.units = units
        self.ngrams = ngrams
        self.subwords = subwords
        self.hidden = hidden
        self.token_dropout = token_dropout


#: The kinds of network by name.
NETWORKS = {"bag": TextBag}


def resolve_network(network, units, role):
    """The description to train: a name becomes one, ``units`` replaces its own.

    Parameters
    ----------
    network : str or description
    units : int or None
    role : {"main", "auxiliary"}

    Returns
    -------
    description : TextBag
        A validated copy, with ``subwords`` and ``hidden`` as tuples of int.
    """
    if isinstance(network, str):
        network = NETWORKS[network](units=DEFAULT_UNITS[role])
    parameters = network.get_params(deep=False)
    if units is not None:
        parameters["units"] = units
    resolved = type(network)(**parameters)
    validate_parameter_constraints(resolved._parameter_constraints, parameters, type(network).__name__)
    for name in ("subwords", "hidden"):
        sizes = () if parameters[name] is None else tuple(parameters[name])
        if not all(isinstance(size, Integral) and size >= 1 for size in sizes):
            raise ValueError(f"{name!r} of {role} must hold integers of at least 1. Got {sizes!r} instead.")
        setattr(resolved, name, tuple(map(int, sizes)))
    return resolved


def fit_to_tokens(network, analyzer):
    """The description with what depends on the tokens filled in.

    Parameters
    ----------
    network : TextBag
    analyzer : {"word", "char", "precomputed"} or callable
        Where the tokens come from.

    Returns
    -------
    network : TextBag
        With ``ngrams`` an int and ``subwords`` a tuple.
    """
    parameters = network.get_params(deep=False)
    if parameters["ngrams"] is None:
        parameters["ngrams"] = 3 if analyzer == "char" else 2
    spelled = analyzer not in ("char", "precomputed")
    parameters["subwords"] = parameters["subwords"] if spelled else ()
    return type(network)(**parameters)
