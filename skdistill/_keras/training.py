"""The training loop: one fit, from token sequences to trained networks.

Owns epochs and history. It must not know scikit-learn estimators: labels are class
indices here and every decision is in the ``Plan``.
"""

import math
import warnings

import numpy as np
from tqdm.auto import tqdm

from .batches import calls, cut, order_of_epoch
from .bodies import body_of
from .cache import borrow_step
from .monitor import Monitor
from .paces import paces_of_epoch
from .readers import TokenReader, share_readers
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
    networks : dict of str to TrainedBag, TrainedCNN or TrainedGRU
    history : dict of str to list of float
    best_epoch : int
        Counted from 1: whose weights the watched network has.
    """
    readers, reader_of = share_readers(plan.networks, training.sequences, plan.n_tokens, plan.spellings)
    structure = _structure(plan, readers, reader_of)
    monitor = Monitor(plan, validation, readers, structure.parts) if validation else None
    main_seed, auxiliary_seed, *epoch_seeds = plan.seed.spawn(4)
    with borrow_step(structure) as step:
        step.reset(*_initial_parameters(readers, structure.parts, (main_seed, auxiliary_seed)))
        epochs = _Epochs(plan, training, readers, epoch_seeds)
        _run_until_done(epochs, step, monitor)
        parameters = _parameters(plan, step)
    if monitor is not None:
        parameters = {role: monitor.best[role][2] for role in parameters}
    networks = {
        role: part.body.trained(readers[part.reader], *parameters[role])
        for role, part in zip(plan.networks, structure.parts)
    }
    return networks, epochs.history, monitor.best_epoch if monitor else len(epochs)


class _Epochs:
    """Runs one epoch after the other and records what they measured."""

    def __init__(self, plan, training, readers, seeds):
        self.plan, self.training, self.readers = plan, training, readers
        self.generator, self.dropout_generator = map(np.random.default_rng, seeds)
        self.lengths = sum(reader.lengths for reader in readers)
        tokens = [reader.lengths for reader in readers if isinstance(reader, TokenReader)]
        self.bucketed_by = tokens[0] if tokens else None
        self.label_weights = np.float32([1, plan.auxiliary_weight][: len(plan.networks)])
        self.history = {}

    def run(self, step):
        """Move the networks by one pass over the training rows."""
        order = order_of_epoch(len(self.training.labels), self.bucketed_by, self.plan.batch_size, self.generator)
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
        arrays, lengths = zip(*gathered)
        targets = np.eye(self.plan.n_classes, dtype=np.float32)[self.training.labels[documents]]
        weights = self.training.weights[documents, None].astype(np.float32)
        return arrays, targets, weights, cut(len(documents), lengths, batch_size, self.dropout_generator)

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
        parts.append(Part(reader, widths[reader], body_of(network, plan.n_classes)))
        widths[reader] += network.units
    transfer = plan.transfer if len(parts) == 2 else "none"
    return Structure(tuple(reader.input for reader in readers), tuple(parts), plan.n_classes, transfer)


def _parameters(plan, step):
    return dict(zip(plan.networks, step.parameters()))


def _initial_parameters(readers, parts, seeds):
    """Tables and dense arrays, drawn network by network, each from a seed of its own."""
    tables, dense = [[] for _ in readers], []
    for part, seed in zip(parts, seeds):
        generator = np.random.default_rng(seed)
        size = (readers[part.reader].n_rows, part.body.units)
        tables[part.reader].append(generator.random(size, dtype=np.float32) * np.float32(0.1) - np.float32(0.05))
        dense.append([_initial(generator, name, shape) for name, shape in part.body.shapes.items()])
    return [np.hstack(columns) for columns in tables], dense


def _initial(generator, name, shape):
    if "bias" in name:
        return np.zeros(shape, np.float32)
    if "recurrent" in name:
        return _orthogonal(generator, shape)
    # Glorot and Bengio 2010, Understanding the difficulty of training deep feedforward
    # neural networks, equation 16; a filter of a convolution sees all its window.
    window = math.prod(shape[:-2])
    limit = math.sqrt(6 / (window * (shape[-2] + shape[-1])))
    return generator.uniform(-limit, limit, shape).astype(np.float32)


def _orthogonal(generator, shape):
    # Saxe, McClelland and Ganguli 2014, Exact solutions to the nonlinear dynamics of learning
    # in deep linear neural networks, section 3: states neither grow nor fade.
    q, r = np.linalg.qr(generator.normal(size=shape[::-1]))
    return (q * np.sign(np.diag(r))).T.astype(np.float32)
