"""The training loop: one fit, from token sequences to trained networks.

Owns epochs and history. It must not know scikit-learn estimators: labels are class
indices here and every decision is in the ``Plan``.
"""

import math
import warnings

import numpy as np
from tqdm.auto import tqdm

from ..runtime import BagVocabulary, TrainedBag
from .batches import Reader, calls
from .cache import borrow_step
from .monitor import Monitor
from .step import Part, Settings, Structure

# N-grams and character n-grams that a bag keeps.
MAX_FEATURES = 200_000


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
    vocabularies, parts = _share_readers(plan, training.sequences)
    monitor = _monitor(plan, vocabularies, parts, validation) if validation else None
    groups = tuple(vocabulary.n_groups for vocabulary, _ in vocabularies)
    transfer = plan.transfer if len(parts) == 2 else "none"
    structure = Structure(groups, tuple(parts.values()), plan.n_classes, transfer)
    *network_seeds, batch_seed = plan.seed.spawn(3)
    with borrow_step(structure) as step:
        step.reset(*_initial_parameters(vocabularies, structure.parts, step.shapes, network_seeds))
        epochs = _Epochs(plan, training, vocabularies, np.random.default_rng(batch_seed))
        _run_until_done(epochs, step, monitor)
        parameters = _parameters(plan, step)
    if monitor is not None:
        parameters = {role: monitor.best[role][2] for role in parameters}
    networks = {role: _trained(vocabularies[parts[role].reader][0], *arrays) for role, arrays in parameters.items()}
    return networks, epochs.history, monitor.best_epoch if monitor else len(epochs)


class _Epochs:
    """Runs one epoch after the other and records what they measured."""

    def __init__(self, plan, training, vocabularies, generator):
        self.plan, self.training, self.generator = plan, training, generator
        self.readers = [Reader(*v.group_rows(training.sequences), dropout) for v, dropout in vocabularies]
        self.lengths = sum(reader.lengths for reader in self.readers)
        self.history = {}

    def run(self, step):
        """Move the networks by one pass over the training rows."""
        order = self.generator.permutation(len(self.training.labels))
        settings, sums = self._settings(), 0.0
        for documents in calls(order, self.lengths, self.plan.batch_size):
            features = tuple(reader.gather(documents, self.generator) for reader in self.readers)
            targets = np.eye(self.plan.n_classes, dtype=np.float32)[self.training.labels[documents]]
            weights = self.training.weights[documents].astype(np.float32)
            sums += step.run(features, targets, weights, self.plan.batch_size, settings).numpy()
        means = (sums / len(order)).tolist()
        return dict(zip(_TERMS, means + [math.nan] * (len(_TERMS) - len(means))))

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

    def _settings(self):
        plan = self.plan
        steps = plan.max_iter * math.ceil(len(self.training.labels) / plan.batch_size)
        return Settings(
            auxiliary_weight=np.float32(plan.auxiliary_weight),
            transfer_weight=np.float32(plan.transfer_weight),
            temperature=np.float32(plan.temperature),
            learning_rate=np.float32(plan.learning_rate_init),
            total_steps=np.float32(steps if plan.learning_rate == "linear" else math.inf),
            # An untrained peer is noise: the transfer grows over the first fifth.
            ramp_steps=np.float32(max(steps / 5, 1)),
        )


# In the order in which the compiled step returns them.
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


def _share_readers(plan, sequences):
    """Vocabularies with their dropout, and each network's part: equal readers are one."""
    places, parts, widths = {}, {}, []
    for role, network in plan.networks.items():
        key = (network.ngrams, tuple(network.subwords or ()), network.token_dropout)
        reader = places.setdefault(key, len(places))
        widths += [0] * (len(places) - len(widths))
        parts[role] = Part(reader, widths[reader], network.units, tuple(network.hidden))
        widths[reader] += network.units
    vocabularies = [
        (
            BagVocabulary.learn(
                sequences, plan.n_tokens, plan.spellings, ngrams=ngrams, subwords=subwords, max_features=MAX_FEATURES
            ),
            dropout,
        )
        for ngrams, subwords, dropout in places
    ]
    return vocabularies, parts


def _monitor(plan, vocabularies, parts, validation):
    rows = [vocabulary.group_rows(validation.sequences) for vocabulary, _ in vocabularies]
    features = {role: rows[part.reader] for role, part in parts.items()}
    return Monitor(validation, features, plan.predict_with, plan.n_iter_no_change, plan.tol)


def _parameters(plan, step):
    return dict(zip(plan.networks, step.parameters()))


def _initial_parameters(vocabularies, parts, shapes, seeds):
    """Tables and dense arrays, drawn network by network, each from a seed of its own."""
    tables, dense = [[] for _ in vocabularies], []
    for part, network_shapes, seed in zip(parts, shapes, seeds):
        generator = np.random.default_rng(seed)
        size = (vocabularies[part.reader][0].n_rows, part.units)
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
