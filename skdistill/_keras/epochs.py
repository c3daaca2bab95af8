"""Epochs: passes over the training rows, and what they measured.

Owns the order of the rows and the history. It must not know when training ends.
"""

import math

import numpy as np

from .batches import calls, cut, order_of_epoch
from .paces import paces_of_epoch
from .readers import TokenReader

_TERMS = ("loss", "main_loss", "auxiliary_loss", "main_transfer", "auxiliary_transfer")


class Epochs:
    """Runs one epoch after the other and records what they measured.

    Parameters
    ----------
    plan : Plan
    training : Rows
    readers : list of FeatureReader or TokenReader
    seeds : pair of numpy.random.SeedSequence
        For the order of rows and the token dropout, and for the dropout in networks.
    """

    def __init__(self, plan, training, readers, seeds):
        self.plan, self.training, self.readers = plan, training, readers
        self.generator, self.dropout_generator = map(np.random.default_rng, seeds)
        self.history = {}

    def run(self, step, phase, epoch):
        """Make the passes of a phase once, in its epoch number ``epoch``; the numbers by name."""
        numbers = dict.fromkeys(_TERMS, math.nan)
        losses = []
        for own in phase.passes:
            loss, *terms = self._run(step, own, phase, epoch)
            losses.append(loss)
            numbers |= self._name(terms, own, list(step.structure.present(own)))
        return numbers | {"loss": sum(losses)}

    def _run(self, step, own, phase, epoch):
        """The means over the rows of the loss of a pass and of its terms."""
        readers = [self.readers[reader] for reader in step.structure.readers(own)]
        order = order_of_epoch(len(self.training.labels), _bucketed_by(readers), self.plan.batch_size, self.generator)
        paces = paces_of_epoch(self.plan, len(order), epoch, phase.ramp)
        weights = np.float32([self._label_weight(role, own) for role in step.structure.present(own)])
        sums, done = 0.0, 0
        for documents in calls(order, sum(reader.lengths * reader.cost for reader in readers), self.plan.batch_size):
            *data, cuts = self._gather(readers, documents)
            pace = paces[done : done + len(cuts)]
            sums += step.run(own, *data, cuts, pace, weights, np.float32(self.plan.temperature)).numpy()
            done += len(cuts)
        return (sums[:, 0] / len(order)).tolist()

    def record(self, numbers):
        """Add a finished epoch to the history, or stop where the loss is lost."""
        if not math.isfinite(numbers["loss"]):
            raise ValueError(
                f"The loss became {numbers['loss']} in epoch {len(self) + 1}: "
                f"lower learning_rate_init, which is {self.plan.learning_rate_init}."
            )
        n_before = len(self)
        for name in dict.fromkeys([*self.history, *numbers]):
            self.history.setdefault(name, [math.nan] * n_before).append(numbers.get(name, math.nan))

    def __len__(self):
        return len(self.history.get("loss", ()))

    def _gather(self, readers, documents):
        batch_size = self.plan.batch_size
        gathered = [reader.gather(documents, batch_size, self.generator) for reader in readers]
        arrays, lengths = zip(*gathered)
        targets = _targets(self.training.labels[documents], self.plan.n_classes)
        weights = self.training.weights[documents, None].astype(np.float32)
        return arrays, targets, weights, cut(len(documents), lengths, batch_size, self.dropout_generator)

    def _label_weight(self, role, own):
        """Of a network's own loss in a pass: 0 for one that only teaches."""
        if role not in own.learners:
            return 0
        return 1 if role == "main" else self.plan.auxiliary_weight

    def _name(self, terms, own, present):
        """The terms of a pass by name; a network that learns from nobody has a transfer of 0."""
        values = dict(zip([f"{role}_{term}" for term in ("loss", "transfer") for role in present], terms))
        pair = len(self.plan.networks) == 2
        defaults = {f"{role}_transfer": 0.0 for role in own.learners if pair}
        return defaults | {name: value for name, value in values.items() if name.split("_")[0] in own.learners}


def _targets(labels, n_classes):
    """Probabilities of shape (n_rows, n_classes): class indices one-hot, indicators as they are."""
    return labels.astype(np.float32) if labels.ndim == 2 else np.eye(n_classes, dtype=np.float32)[labels]


def _bucketed_by(readers):
    tokens = [reader.lengths for reader in readers if isinstance(reader, TokenReader)]
    return tokens[0] if tokens else None
