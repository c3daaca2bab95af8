"""Epochs: passes over the training rows, and the loss and its terms that they measure."""

import math

import numpy as np
import tensorflow as tf

from .._training.batches import WINDOW, batch_bounds, order_of_epoch, split_into_calls
from .._training.buffers import release
from .._training.rates import rates_of_epoch
from .._training.targets import dense_width, row_arrays
from .signature import NetworkWeights

_TERMS = ("loss", "main_loss", "auxiliary_loss", "main_transfer", "auxiliary_transfer")
_TAUGHT_TERMS = ("main_teacher_loss", "auxiliary_teacher_loss")


class Epochs:
    """Runs one epoch after the other and records its loss and scores.

    Parameters
    ----------
    plan : Plan
    training : Rows
    readers : list of FeatureReader, TokenReader or PaddedReader
    seeds : pair of numpy.random.SeedSequence
        The first for the order of rows and the token dropout, the second for the dropout inside
        networks.

    Attributes
    ----------
    history : dict of str to list of float
        One number per finished epoch for each name.
    """

    def __init__(self, plan, training, readers, seeds):
        self.plan, self.training, self.readers = plan, training, readers
        self.generator, self.dropout_generator = map(np.random.default_rng, seeds)
        self.history = {}

    def __len__(self):
        return len(self.history.get("loss", ()))

    def run_epoch(self, step, phase, epoch):
        """Make each pass of a phase once, and return the loss and its terms by name.

        Parameters
        ----------
        step : JointStep
        phase : Phase
        epoch : int
            The number of the epoch in its phase, counted from 0.

        Returns
        -------
        numbers : dict of str to float
            NaN for a network that the phase does not train.
        """
        numbers = dict.fromkeys(_TERMS + _TAUGHT_TERMS * self.training.is_taught, math.nan)
        losses = []
        for pass_ in phase.passes:
            means = self._run_pass(step, pass_, phase, epoch)
            losses.append(means.pop("loss"))
            numbers |= self._of_learners(means, pass_)
        return numbers | {"loss": sum(losses)}

    def _run_pass(self, step, pass_, phase, epoch):
        """Train the networks of a pass on all rows, and return the means of the loss and its terms."""
        plan, signature = self.plan, step.signature
        readers = [self.readers[reader] for reader in signature.readers_of(pass_)]
        parts = self.training.parts
        window = WINDOW if self.training.are_on_disk else None
        order = order_of_epoch(parts, _lengths_to_sort_by(readers), plan.batch_size, self.generator, window)
        batch_size = len(parts) * plan.batch_size
        rates = rates_of_epoch(plan, len(order), batch_size, epoch, phase.ramp)
        weights = self._network_weights(pass_, list(signature.networks_of(pass_)))
        sums, n_done = 0.0, 0  # n_done: batches of the calls before
        for documents in self._split(order, readers, batch_size):
            tensors, lengths = zip(*(self._gather(reader, documents, batch_size) for reader in readers))
            bounds = batch_bounds(len(documents), lengths, batch_size, self.dropout_generator)
            rows = row_arrays(self.training, documents, plan.n_classes, plan.teacher_weight)
            rates_of_call = rates[n_done : n_done + len(bounds)]
            temperature = np.float32(plan.temperature)
            sums += step.run(pass_, tensors, rows, bounds, rates_of_call, weights, temperature).numpy()
            n_done += len(bounds)
            del tensors  # before the next ones are gathered: those of long documents are large
            release(self.training.teacher_logits, *(array for reader in readers for array in reader.large_arrays))
        return dict(zip(signature.terms_of(pass_), (sums[:, 0] / len(order)).tolist()))

    def _gather(self, reader, documents, batch_size):
        """Return what a reader gathers, as tensors: those of long documents are large, and this frees the arrays."""
        arrays, lengths = reader.gather(documents, batch_size, self.generator)
        return type(arrays)(*map(tf.constant, arrays)), lengths

    def _split(self, order, readers, batch_size):
        """Return the rows of each call of the compiled step."""
        lengths = sum(reader.lengths * reader.cost for reader in readers)
        return split_into_calls(order, lengths, dense_width(self.training, self.plan.n_classes), batch_size)

    def _network_weights(self, pass_, roles):
        """Return the ``NetworkWeights`` of a pass; both are 0 for a network that only teaches in it."""
        learns = [role in pass_.learners for role in roles]
        label_weights = [1 if role == "main" else self.plan.auxiliary_weight for role in roles]
        return NetworkWeights(np.float32(label_weights) * np.float32(learns), np.float32(learns))

    def _of_learners(self, means, pass_):
        """Return the terms of the networks that the pass trains.

        A network that no other teaches has a distillation loss of 0, and where no row has a label
        the cross-entropies are NaN.
        """
        if not self.training.is_labelled.any():
            means |= {name: math.nan for name in ("main_loss", "auxiliary_loss") if name in means}
        pair = len(self.plan.networks) == 2
        defaults = {f"{role}_transfer": 0.0 for role in pass_.learners if pair}
        return defaults | {name: mean for name, mean in means.items() if name.split("_")[0] in pass_.learners}

    def record(self, numbers):
        """Add a finished epoch to the history, or raise a ValueError if its loss is not finite."""
        if not math.isfinite(numbers["loss"]):
            raise ValueError(
                f"The loss became {numbers['loss']} in epoch {len(self) + 1}: "
                f"lower learning_rate_init. Got {self.plan.learning_rate_init}."
            )
        n_before = len(self)
        # A name that is new has NaN in all epochs before, and one that is missing has NaN in this one.
        for name in dict.fromkeys([*self.history, *numbers]):
            self.history.setdefault(name, [math.nan] * n_before).append(numbers.get(name, math.nan))


def _lengths_to_sort_by(readers):
    """Return the lengths of the documents if a reader pads them to the longest of a batch, else None."""
    return next((reader.lengths for reader in readers if reader.pads), None)
