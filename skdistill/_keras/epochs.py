"""Epochs: passes over the training rows, and what they measured."""

import math

import numpy as np

from .._training.batches import batch_bounds, order_of_epoch, split_into_calls
from .._training.rates import rates_of_epoch
from .._training.targets import row_arrays
from .step import NetworkWeights

_TERMS = ("loss", "main_loss", "auxiliary_loss", "main_transfer", "auxiliary_transfer")
_TAUGHT_TERMS = ("main_teacher_loss", "auxiliary_teacher_loss")


class Epochs:
    """Runs one epoch after the other and records what they measured.

    Parameters
    ----------
    plan : Plan
    training : Rows
    readers : list of FeatureReader, TokenReader or PaddedReader
    seeds : pair of numpy.random.SeedSequence
        For the order of rows and the token dropout, and for the dropout in networks.
    """

    def __init__(self, plan, training, readers, seeds):
        self.plan, self.training, self.readers = plan, training, readers
        self.generator, self.dropout_generator = map(np.random.default_rng, seeds)
        self.history = {}

    def __len__(self):
        return len(self.history.get("loss", ()))

    def run_epoch(self, step, phase, epoch):
        """Make the passes of a phase once, and return what they measured by name.

        Parameters
        ----------
        step : JointStep
        phase : Phase
        epoch : int
            The number of the epoch in its phase, from 0 on.
        """
        numbers = dict.fromkeys(_TERMS + _TAUGHT_TERMS * self.training.is_taught, math.nan)
        losses = []
        for pass_ in phase.passes:
            means = self._run_pass(step, pass_, phase, epoch)
            losses.append(means.pop("loss"))
            numbers |= self._of_learners(means, pass_)
        return numbers | {"loss": sum(losses)}

    def _run_pass(self, step, pass_, phase, epoch):
        """Move the networks of a pass over all rows, and return the means of the loss and its terms."""
        plan, signature = self.plan, step.signature
        readers = [self.readers[reader] for reader in signature.readers_of(pass_)]
        parts = self.training.parts
        order = order_of_epoch(parts, _lengths_to_sort_by(readers), plan.batch_size, self.generator)
        batch_size = len(parts) * plan.batch_size
        rates = rates_of_epoch(plan, len(order), batch_size, epoch, phase.ramp)
        weights = self._network_weights(pass_, list(signature.networks_of(pass_)))
        sums, n_done = 0.0, 0
        for documents in split_into_calls(order, sum(reader.lengths * reader.cost for reader in readers), batch_size):
            arrays, lengths = zip(*(reader.gather(documents, batch_size, self.generator) for reader in readers))
            bounds = batch_bounds(len(documents), lengths, batch_size, self.dropout_generator)
            rows = row_arrays(self.training, documents, plan.n_classes, plan.teacher_weight)
            rates_of_call = rates[n_done : n_done + len(bounds)]
            temperature = np.float32(plan.temperature)
            sums += step.run(pass_, arrays, rows, bounds, rates_of_call, weights, temperature).numpy()
            n_done += len(bounds)
        return dict(zip(signature.terms_of(pass_), (sums[:, 0] / len(order)).tolist()))

    def _network_weights(self, pass_, roles):
        """The weight of each network's own loss in a pass, and whether it learns: not one that only teaches."""
        learns = [role in pass_.learners for role in roles]
        own = [1 if role == "main" else self.plan.auxiliary_weight for role in roles]
        return NetworkWeights(np.float32(own) * np.float32(learns), np.float32(learns))

    def _of_learners(self, means, pass_):
        """The terms of the networks that learn; a network that learns from no other has a transfer of 0."""
        if not self.training.is_labelled.any():
            means |= {name: math.nan for name in ("main_loss", "auxiliary_loss") if name in means}
        pair = len(self.plan.networks) == 2
        defaults = {f"{role}_transfer": 0.0 for role in pass_.learners if pair}
        return defaults | {name: mean for name, mean in means.items() if name.split("_")[0] in pass_.learners}

    def record(self, numbers):
        """Add a finished epoch to the history, or raise a ValueError where the loss is not finite."""
        if not math.isfinite(numbers["loss"]):
            raise ValueError(
                f"The loss became {numbers['loss']} in epoch {len(self) + 1}: "
                f"lower learning_rate_init, which is {self.plan.learning_rate_init}."
            )
        n_before = len(self)
        for name in dict.fromkeys([*self.history, *numbers]):
            self.history.setdefault(name, [math.nan] * n_before).append(numbers.get(name, math.nan))


def _lengths_to_sort_by(readers):
    """The lengths of documents that are padded to the longest of their batch; None where none are."""
    return next((reader.lengths for reader in readers if reader.pads), None)
