"""Epochs: passes over the training rows, and what they measured.

Owns the order of the rows and the history. It must not know when training ends.
"""

import math

import numpy as np

from .batches import calls, cut, order_of_epoch
from .paces import paces_of_epoch
from .readers import TokenReader

_TERMS = ("loss", "main_loss", "auxiliary_loss", "main_transfer", "auxiliary_transfer")
_TAUGHT_TERMS = ("main_teacher_loss", "auxiliary_teacher_loss")


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
        numbers = dict.fromkeys(_TERMS + _TAUGHT_TERMS * self.training.is_taught, math.nan)
        losses = []
        for own in phase.passes:
            loss, *terms = self._run(step, own, phase, epoch)
            losses.append(loss)
            numbers |= self._name(terms, own, list(step.structure.present(own)))
        return numbers | {"loss": sum(losses)}

    def _run(self, step, own, phase, epoch):
        """The means over the rows of the loss of a pass and of its terms."""
        readers = [self.readers[reader] for reader in step.structure.readers(own)]
        sides = self.training.sides
        order = order_of_epoch(sides, _bucketed_by(readers), self.plan.batch_size, self.generator)
        batch_size = len(sides) * self.plan.batch_size
        paces = paces_of_epoch(self.plan, len(order), batch_size, epoch, phase.ramp)
        weights = np.float32([self._weights(role, own) for role in step.structure.present(own)]).T
        sums, done = 0.0, 0
        for documents in calls(order, sum(reader.lengths * reader.cost for reader in readers), batch_size):
            *data, cuts = self._gather(readers, documents, batch_size)
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

    def _gather(self, readers, documents, batch_size):
        gathered = [reader.gather(documents, batch_size, self.generator) for reader in readers]
        arrays, lengths = zip(*gathered)
        cuts = cut(len(documents), lengths, batch_size, self.dropout_generator)
        return arrays, self._gather_rows(documents), cuts

    def _gather_rows(self, documents):
        """What the rows have to teach, see ``JointStep``."""
        labels, weights = self.training.labels[documents], self.training.weights[documents, None]
        rows = [_targets(labels, self.plan.n_classes), weights.astype(np.float32)]
        if self.training.is_taught:
            is_labelled = self.training.is_labelled[documents]
            answers, answered = self._answers(documents)
            # Of each batch every side is the same part: the mean over all rows becomes that over the labelled.
            labelled = len(self.training.sides) * is_labelled
            shares = answered * np.where(is_labelled, self.plan.teacher_weight, 1)
            rows += [answers, np.stack([labelled, answered, shares], axis=1).astype(np.float32)]
        return rows

    def _answers(self, documents):
        if self.training.answers is None:
            return np.zeros((len(documents), self.plan.n_classes), np.float32), np.zeros(len(documents))
        answers = self.training.answers[documents]
        answered = ~np.isnan(answers[:, 0])
        return np.where(answered[:, None], answers, np.float32(0)), answered

    def _weights(self, role, own):
        """The weight of a network's own loss in a pass, and whether it learns: 0 for one that only teaches."""
        if role not in own.learners:
            return 0, 0
        return 1 if role == "main" else self.plan.auxiliary_weight, 1

    def _name(self, terms, own, present):
        """The terms of a pass by name; a network that learns from nobody has a transfer of 0."""
        kinds = ["loss"] + ["transfer"] * (own.transfer != "none") + ["teacher_loss"] * self.training.is_taught
        values = dict(zip([f"{role}_{kind}" for kind in kinds for role in present], terms))
        if not self.training.is_labelled.any():
            values |= {f"{role}_loss": math.nan for role in present}
        pair = len(self.plan.networks) == 2
        defaults = {f"{role}_transfer": 0.0 for role in own.learners if pair}
        return defaults | {name: value for name, value in values.items() if name.split("_")[0] in own.learners}


def _targets(labels, n_classes):
    """Probabilities of shape (n_rows, n_classes): class indices one-hot, indicators as they are; else zeros."""
    if labels.ndim == 2:
        return np.maximum(labels, 0).astype(np.float32)
    targets = np.zeros((len(labels), n_classes), np.float32)
    rows = np.flatnonzero(labels >= 0)
    targets[rows, labels[rows]] = 1
    return targets


def _bucketed_by(readers):
    tokens = [reader.lengths for reader in readers if isinstance(reader, TokenReader)]
    return tokens[0] if tokens else None
