"""The kinds of network: the protocols of their forms, and the table of all kinds.

A user specifies a network (``skdistill.networks``). During training it is a *graph*
(``graphs``), whose input a *reader* (``readers``) makes from the documents; afterwards it
is a *trained* network, which predicts without Keras (``runtime``). A new kind needs a
specification with a name in ``skdistill.networks.NETWORKS``, these three forms, a row of
``KINDS``, and a Keras model (``export``).
"""

from typing import Any, NamedTuple, Protocol

from ..networks import TextBag, TextCNN, TextGRU
from ..runtime import TrainedBag, TrainedCNN, TrainedGRU
from .custom_graph import CustomGraph
from .custom_network import CustomNetwork
from .graphs import BagGraph, CNNGraph, GRUGraph
from .readers import FeatureReader, PaddedReader, TokenReader


class TrainingGraph(Protocol):
    """A network in training, without its table: from what is read to logits.

    Attributes
    ----------
    units : int
        Columns of the table that it reads.
    shapes : dict of str to tuple
        Shapes of its dense arrays by name, in order.
    state : sequence of ndarray
        Values that change in training without a gradient, such as moving means.
    is_shared : bool
        Whether a compiled step may be used again by a fit with an equal graph.
    """

    units: int
    shapes: dict
    state: Any
    is_shared: bool

    def logits(self, arrays, x, layout, seed):
        """Return logits of shape (n_documents, n_classes).

        ``arrays`` are the dense arrays by name; ``x`` and ``layout`` are what ``forward`` of the
        reader's input returns (``inputs``); ``seed`` is two integers that decide dropout.
        """

    def trained(self, reader, table, dense):
        """Return the network for prediction, from its columns of the table and its dense arrays."""

    def parameters(self, trained):
        """Return the table and the dense arrays of a trained network: the inverse of ``trained``."""

    def set_state(self, state):
        """Set the values of ``state``."""

    def as_teacher(self):
        """Return the graph for passes in which the network teaches and does not learn."""


class Reader(Protocol):
    """The training documents, as one kind of network reads them.

    Attributes
    ----------
    input : FeatureInput, TokenInput or PaddedInput
        What takes the arrays of ``gather`` inside the compiled step.
    n_rows : int
        Rows of the table.
    facts : list of str
        The numbers of features of each kind, with their nouns.
    lengths : ndarray of shape (n_documents,)
        Entries (features or tokens) of each document.
    cost : float
        Time of a training step per entry, relative to that of a bag.
    pads : bool
        Whether the documents of a batch are padded to the longest.
    large_arrays : tuple of ndarray
        What ``gather`` reads, which may be on disk.
    """

    input: Any
    n_rows: int
    facts: list
    lengths: Any
    cost: float
    pads: bool
    large_arrays: tuple

    def gather(self, documents, batch_size, generator):
        """Return the arrays of some documents, in the order given, and the number of entries of each."""

    def scorer(self, sequences, graph, path):
        """Return a function from (table, dense arrays) to the logits of other documents.

        ``path`` is the ``LinearPath`` beside the network, or None.
        """


class TrainedNetwork(Protocol):
    """A network for prediction.

    Attributes
    ----------
    predictor : object
        The same network arranged for fast prediction, with ``logits(sequences)``, ``n_tokens`` and
        ``spelled`` (whether it reads the text of unknown tokens). That of a built-in network also has
        ``n_units``, ``n_classes`` and ``nbytes``.
    """

    predictor: Any


class Kind(NamedTuple):
    """The classes of a kind of network."""

    graph: type
    reader: type
    trained: type


KINDS = {
    TextBag: Kind(BagGraph, FeatureReader, TrainedBag),
    TextCNN: Kind(CNNGraph, TokenReader, TrainedCNN),
    TextGRU: Kind(GRUGraph, TokenReader, TrainedGRU),
    CustomGraph: Kind(CustomGraph, PaddedReader, CustomNetwork),  # built from a callable by ``build_custom``
}


def kind_of(network):
    """Return the kind of a network specification, or of the graph of a custom network."""
    return next(KINDS[base] for base in type(network).__mro__ if base in KINDS)


def graph_of(network, n_classes):
    """Return the graph of a network specification; the graph of a custom network is returned as it is."""
    return kind_of(network).graph.of_network(network, n_classes)


def make_readers(plan, sequences, learned):
    """Return a reader for each network, or one for both if they share the embedding.

    With two readers, token dropout leaves out other features in each network. This makes
    mutual learning more useful, as do the two dropout masks of R-Drop (Liang et al. 2021,
    R-Drop: Regularized Dropout for Neural Networks, section 2). Two narrow tables are also
    updated faster than a wide one, see ``step``.

    Parameters
    ----------
    plan : Plan
        With a ``CustomGraph`` in place of each callable.
    sequences : TokenSequences
    learned : dict
        Vocabularies and features, which bags with the same features share; it is added to.

    Returns
    -------
    readers : list of FeatureReader, TokenReader or PaddedReader
        Of main and auxiliary, or the only one.
    """
    roles = ["main"] if plan.share_embedding else plan.networks
    return [
        kind_of(plan.networks[role]).reader.read(plan.networks[role], plan, sequences, plan.initial.get(role), learned)
        for role in roles
    ]
