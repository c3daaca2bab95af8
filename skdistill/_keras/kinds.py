"""The kinds of network: what each of their three forms must have, and the table of them.

A network has three forms. While it is trained it is a *graph* (``graphs``) over what a
*reader* (``readers``) reads of the documents; afterwards it is a *trained* network, which
predicts without Keras (``runtime``). A new kind is a description in ``skdistill.networks``
with a name in ``NETWORKS`` there, its forms, and a row of ``KINDS``.
"""

from typing import Any, NamedTuple, Protocol

from ..networks import TextBag, TextCNN, TextGRU
from ..runtime import TrainedBag, TrainedCNN, TrainedGRU
from .custom_graph import CustomGraph
from .custom_network import CustomNetwork
from .graphs import BagGraph, CNNGraph, GRUGraph
from .readers import FeatureReader, PaddedReader, TokenReader


class TrainingGraph(Protocol):
    """A network above its table, while it is trained.

    Attributes
    ----------
    units : int
        Columns of the table that it reads.
    shapes : dict of str to tuple
        Shapes of its dense arrays by name, in order.
    state : sequence of ndarray
        What else changes in training.
    is_shared : bool
        Whether an equal graph of another fit may be compiled with it.
    """

    units: int
    shapes: dict
    state: Any
    is_shared: bool

    def logits(self, arrays, x, layout, seed):
        """Return logits of shape (n_documents, n_classes).

        ``arrays`` are the dense arrays by name; ``x`` and ``layout`` what the input of its
        reader gives (``inputs``); ``seed`` two integers that decide dropout.
        """

    def trained(self, reader, table, dense):
        """Return the network for prediction, made of its columns of the table and its arrays."""

    def parameters(self, trained):
        """Return the table and the dense arrays of a trained network."""

    def set_state(self, state):
        """Give ``state`` other values."""

    def as_teacher(self):
        """Return the graph as it is where the network teaches and does not learn."""


class Reader(Protocol):
    """The training documents as a kind of network reads them.

    Attributes
    ----------
    input : FeatureInput, TokenInput or PaddedInput
        What takes the arrays of ``gather`` inside the compiled step.
    n_rows : int
        Rows of the table.
    lengths : ndarray of shape (n_documents,)
        Entries of each document.
    cost : float
        How long a step over an entry takes, in units of a bag's.
    pads : bool
        Whether the documents of a batch are padded to the longest.
    """

    input: Any
    n_rows: int
    lengths: Any
    cost: float
    pads: bool

    def gather(self, documents, batch_size, generator):
        """Return the arrays of some documents, in the order given, and the entries of each."""

    def scorer(self, sequences, graph):
        """Return a function from (table, dense arrays) to the logits of other documents."""


class TrainedNetwork(Protocol):
    """A network for prediction.

    Attributes
    ----------
    predictor : object
        The same network arranged for speed, with ``logits(sequences)``, ``n_tokens``,
        ``n_units``, ``n_classes``, ``nbytes`` and ``spelled`` (whether it reads the spelling
        of unknown tokens).
    """

    predictor: Any


class Kind(NamedTuple):
    """The three forms of a kind of network."""

    graph: type
    reader: type
    trained: type


KINDS = {
    TextBag: Kind(BagGraph, FeatureReader, TrainedBag),
    TextCNN: Kind(CNNGraph, TokenReader, TrainedCNN),
    TextGRU: Kind(GRUGraph, TokenReader, TrainedGRU),
    CustomGraph: Kind(CustomGraph, PaddedReader, CustomNetwork),  # made of a callable, by ``build_custom``
}


def kind_of(network):
    """Return the row of the table for a described network, or for the graph of a custom one."""
    return next(KINDS[base] for base in type(network).__mro__ if base in KINDS)


def graph_of(network, n_classes):
    """Return the graph of a described network, or that of a custom one as it is."""
    return kind_of(network).graph.of_network(network, n_classes)


def make_readers(plan, sequences):
    """Read the documents for each network; for both at once where they share the embedding.

    Bags with token dropout leave out features independently of each other: what they teach
    each other is then worth more, as with the two masks of Liang et al. 2021 (R-Drop:
    Regularized Dropout for Neural Networks, section 2). And two narrow tables are moved
    faster than one wide one, see ``step``.

    Parameters
    ----------
    plan : Plan
        With a ``CustomGraph`` in place of each callable.
    sequences : TokenSequences

    Returns
    -------
    readers : list of FeatureReader, TokenReader or PaddedReader
        Of main and auxiliary, or the one of both.
    """
    learned = {}  # what networks that read alike have in common
    roles = ["main"] if plan.share_embedding else plan.networks
    return [
        kind_of(plan.networks[role]).reader.read(plan.networks[role], plan, sequences, plan.initial.get(role), learned)
        for role in roles
    ]


def graph_of_trained(trained):
    """Return the graph of a trained network that reads tokens in order, without dropout."""
    return next(kind.graph for kind in KINDS.values() if kind.trained is type(trained)).of_trained(trained)
