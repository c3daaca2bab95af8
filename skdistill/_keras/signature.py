"""What the compiled graphs of a step depend on: the networks, where they are, and what goes in."""

from typing import Any, NamedTuple

import tensorflow as tf

from .._training.batches import BatchBounds
from .._training.rates import Rates
from .._training.targets import RowArrays, TaughtRowArrays, TeachingFactors


class NetworkSlot(NamedTuple):
    """A network: its graph, and its place in the first ``graph.units`` columns of a reader's table.

    Attributes
    ----------
    reader : int
        The number of the reader.
    graph : TrainingGraph
    has_frozen : bool
        Whether some values in its columns are never updated.
    """

    reader: int
    graph: Any
    has_frozen: bool = False

    def columns_of(self, table):
        """Return the columns of the network; ``table`` has those of all networks of the reader."""
        return table if self.graph.units == table.shape[-1] else table[..., : self.graph.units]


class NetworkWeights(NamedTuple):
    """Factors of each network of a pass.

    Attributes
    ----------
    label : array of shape (n_networks,), float32
        The weight of each network's cross-entropy with the labels.
    learns : array of shape (n_networks,), float32
        1 for a network that the pass trains, 0 for one that only teaches.
    """

    label: Any
    learns: Any


class StepSignature(NamedTuple):
    """What the compiled graphs depend on; everything else is data.

    Attributes
    ----------
    inputs : tuple of FeatureInput, TokenInput or PaddedInput
        One for each reader.
    slots : dict of str to NetworkSlot
        By role: the main network, then the auxiliary if there is one.
    n_classes : int
    learns_together : bool
        Whether every pass trains all networks.
    out_activation : {"softmax", "sigmoid"}
    is_taught : bool
        Whether there is a teacher, or rows without label.
    in_pieces : bool
        Whether tables are updated a few rows at a time, as batches of long documents need it.
    """

    inputs: tuple
    slots: dict
    n_classes: int
    learns_together: bool
    out_activation: str
    is_taught: bool = False
    in_pieces: bool = False

    @property
    def is_shared(self):
        """Whether a later fit with an equal signature may use the compiled step again."""
        return all(slot.graph.is_shared for slot in self.slots.values())

    def width(self, reader):
        """Return the number of columns of a reader's table."""
        return max(slot.graph.units for slot in self.slots.values() if slot.reader == reader)

    def has_frozen(self, reader):
        """Whether some values in a reader's table are never updated."""
        return any(slot.has_frozen for slot in self.slots.values() if slot.reader == reader)

    def networks_of(self, pass_):
        """Return the networks that a pass needs, by role: those that it trains, and those that teach them."""
        return self.slots if pass_.transfer != "none" else {role: self.slots[role] for role in pass_.learners}

    def readers_of(self, pass_):
        """Return the numbers of the readers that a pass needs."""
        return sorted({slot.reader for slot in self.networks_of(pass_).values()})

    def terms_of(self, pass_):
        """Return the names of the values that a pass sums up, in the order of ``objectives.joint_loss``."""
        kinds = ["loss"] + ["transfer"] * (pass_.transfer != "none") + ["teacher_loss"] * self.is_taught
        return ["loss", *(f"{role}_{kind}" for kind in kinds for role in self.networks_of(pass_))]

    def tensors_of(self, pass_):
        """Return the types and shapes of what the compiled pass takes, see ``JointStep.run``."""
        readers, n_networks = self.readers_of(pass_), len(self.networks_of(pass_))
        is_multilabel = self.out_activation == "sigmoid"
        label = (self.n_classes, tf.int8) if is_multilabel else (1, tf.int32)
        rows = {"labels": label, "weights": (1, tf.float32)}
        if self.is_taught:
            rows |= {
                "teacher_logits": (self.n_classes, tf.float32),
                "factors": (len(TeachingFactors._fields), tf.float32),
            }
        kind = TaughtRowArrays if self.is_taught else RowArrays
        return [
            tuple(self.inputs[reader].signature for reader in readers),
            kind(**{name: tf.TensorSpec([None, width], dtype) for name, (width, dtype) in rows.items()}),
            tf.TensorSpec([None, sum(BatchBounds.widths(len(readers)))], tf.int32),
            tf.TensorSpec([None, len(Rates._fields)], tf.float32),
            NetworkWeights(*[tf.TensorSpec([n_networks], tf.float32)] * 2),
            tf.TensorSpec([], tf.float32),
        ]
