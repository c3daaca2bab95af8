"""The training loop: one fit, from token sequences to trained networks.

Owns epochs and history. It must not know scikit-learn estimators: labels are class
indices here and every decision is in the ``Plan``.
"""

import math
import warnings

import numpy as np
from tqdm.auto import tqdm

from ..runtime import TrainedBag
from .batches import calls, cut
from .cache import borrow_step
from .monitor import Monitor
from .paces import paces_of_epoch
from .readers import share_readers
from .step import Part, Structure


def train(plan, training, validation=None):
    """Train the networks of a plan together.

    Parameters
    ----------
    plan : Plan
    training : Rows
    validation : Rows or None
        With them, each network keeps the weights of its best epoch, and training
        stops when the watched score stays.

    Returns
    -------
    networks : dict of str to TrainedBag
    history : dict of str to list of float
    best_epoch : int
        Counted from 1: whose weights the watched network has.
    """
    readers, reader_of = share_readers(plan.networks, training.sequences, plan.n_tokens, plan.spellings)
    vocabularies = {role: readers[place].vocabulary for role, place in reader_of.items()}
    monitor = Monitor(plan, validation, vocabularies) if validation else None
    structure = _structure(plan, readers, reader_of)
    *network_seeds, batch_seed = plan.seed.spawn(3)
    with borrow_step(structure) as step:
        step.reset(*_initial_parameters(readers, structure.parts, step.shapes, network_seeds))
        epochs = _Epochs(plan, training, readers, np.random.default_rng(batch_seed))
        _run_until_done(epochs, step, monitor)
        parameters = _parameters(plan, step)
    if monitor is not None:
        parameters = {role: monitor.best[role][2] for role in parameters}
    networks = {role: _trained(vocabularies[role], *arrays) for role, arrays in parameters.items()}
    return networks, epochs.history, monitor.best_epoch if monitor else len(epochs)


class _Epochs:
    """Runs one epoch after the other and records what they measured."""

    def __init__(self, plan, training, readers, generator):
        self.plan, self.training, self.readers, self.generator = plan, training, readers, generator
        self.lengths = sum(reader.lengths for reader in readers)
        self.label_weights = np.float32([1, plan.auxiliary_weight][: len(plan.networks)])
        self.history = {}

    def run(self, step):
        """Move the networks by one pass over the training rows."""
        order = self.generator.permutation(len(self.training.labels))
        paces = paces_of_epoch(self.plan, len(order), len(self))
        sums, done = 0.0, 0
        for documents in calls(order, self.lengths, self.plan.batch_size):
            *data, cuts = self._gather(documents)
            pace = paces[done : done + len(cuts)]
            sums += step.run(*data, cuts, pace, self.label_weights, np.float32(self.plan.temperature)).numpy()
            done += len(cuts)
        return self._name((sums[:, 0] / len(order)).tolist())

    def record(self, numbers):
        """Add a finished epoch to the history, or stop where the loss is lost."""
        if not math.isfinite(numbers["loss"]):
            raise ValueError(
                f"The loss became {numbers['loss']} in epoch {len(self) + 1}: "
                f"lower learning_rate_init, which is {self.plan.learning_rate_init}."
            )
        for name, number in numbers.items():
            self.history.setdefault(name, []).append(number)

    def __len__(self):
        return len(self.history.get("loss", ()))

    def _gather(self, documents):
        batch_size = self.plan.batch_size
        gathered = [reader.gather(documents, batch_size, self.generator) for reader in self.readers]
        features = tuple((rows, segments, scales) for rows, segments, scales, _ in gathered)
        targets = np.eye(self.plan.n_classes, dtype=np.float32)[self.training.labels[documents]]
        weights = self.training.weights[documents, None].astype(np.float32)
        return features, targets, weights, cut(len(documents), [lengths for *_, lengths in gathered], batch_size)

    def _name(self, means):
        """The terms by name: 0 for a transfer that is not, NaN for a network that is not."""
        roles = list(self.plan.networks)
        names = ["loss", *(f"{role}_{term}" for term in ("loss", "transfer") for role in roles)]
        numbers = dict.fromkeys(_TERMS, math.nan) | dict.fromkeys(names, 0.0) | dict(zip(names, means))
        if len(roles) == 1:
            numbers["main_transfer"] = math.nan
        return numbers


_TERMS = ("loss", "main_loss", "auxiliary_loss", "main_transfer", "auxiliary_transfer")


def _run_until_done(epochs, step, monitor):
    plan = epochs.plan
    with tqdm(total=plan.max_iter, desc="Epochs", unit="epoch", disable=not plan.verbose) as bar:
        try:
            for epoch in range(1, plan.max_iter + 1):
                numbers = epochs.run(step)
                shown = {"loss": numbers["loss"]}
                if monitor is not None and math.isfinite(numbers["loss"]):
                    numbers |= monitor.look(epoch, _parameters(plan, step))
                    shown["score"] = numbers[f"{monitor.watched}_validation_score"]
                epochs.record(numbers)
                bar.set_postfix(shown, refresh=False)
                bar.update()
                if monitor is not None and monitor.is_stale:
                    return
        except KeyboardInterrupt:
            _keep_what_there_is(epochs)


def _keep_what_there_is(epochs):
    if not len(epochs):
        raise  # the interrupt that is being handled
    warnings.warn(
        f"Training was interrupted after {len(epochs)} finished epochs: the best weights so far are kept.",
        UserWarning,
        stacklevel=2,
    )


def _structure(plan, readers, reader_of):
    """Where each network lies: side by side in the table of its reader."""
    widths, parts = [0] * len(readers), []
    for role, network in plan.networks.items():
        reader = reader_of[role]
        parts.append(Part(reader, widths[reader], network.units, tuple(network.hidden)))
        widths[reader] += network.units
    transfer = plan.transfer if len(parts) == 2 else "none"
    return Structure(tuple(reader.n_groups for reader in readers), tuple(parts), plan.n_classes, transfer)


def _parameters(plan, step):
    return dict(zip(plan.networks, step.parameters()))


def _initial_parameters(readers, parts, shapes, seeds):
    """Tables and dense arrays, drawn network by network, each from a seed of its own."""
    tables, dense = [[] for _ in readers], []
    for part, network_shapes, seed in zip(parts, shapes, seeds):
        generator = np.random.default_rng(seed)
        size = (readers[part.reader].vocabulary.n_rows, part.units)
        tables[part.reader].append(generator.random(size, dtype=np.float32) * np.float32(0.1) - np.float32(0.05))
        dense.append([_glorot(generator, shape) for shape in network_shapes])
    return [np.hstack(columns) for columns in tables], dense


def _glorot(generator, shape):
    # Glorot and Bengio 2010, Understanding the difficulty of training deep feedforward
    # neural networks, equation 16; biases begin at 0.
    if len(shape) == 1:
        return np.zeros(shape, np.float32)
    limit = math.sqrt(6 / sum(shape))
    return generator.uniform(-limit, limit, shape).astype(np.float32)


def _trained(vocabulary, table, dense):
    n_tokens, n_ngrams = len(vocabulary.seen), len(vocabulary.ngram_index)
    tokens, ngrams, subwords = np.split(table, [n_tokens, n_tokens + n_ngrams])
    weights = {"tokens": tokens, "ngrams": ngrams, "subwords": subwords}
    for i, (kernel, bias) in enumerate(zip(dense[::2], dense[1::2])):
        weights |= {f"kernel_{i}": kernel, f"bias_{i}": bias}
    return TrainedBag(vocabulary, weights)
