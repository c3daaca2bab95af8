"""The training loop: one fit, from token sequences to trained networks.

Owns the order of phases and epochs. It must not know scikit-learn estimators: labels
are class indices or indicators here and every decision is in the ``Plan``.
"""

import math
import warnings

from tqdm.auto import tqdm

from ..schedules import phases_of
from .bodies import body_of
from .cache import borrow_step
from .custom import build_custom
from .epochs import Epochs
from .monitor import Monitor
from .readers import make_readers
from .start import initial_parameters
from .step import Part, Structure


def train(plan, training, validation, observer):
    """Train the networks of a plan.

    Parameters
    ----------
    plan : Plan
    training : Rows
    validation : Rows or None
        Scored after each epoch. With ``plan.early_stopping`` each network keeps the
        weights of its best epoch, and a phase ends when the watched score stays.
    observer : Observer
        Told of each epoch; may end the training.

    Returns
    -------
    networks : dict of str to TrainedBag, TrainedCNN, TrainedGRU or CustomNetwork
    history : dict of str to list of float
    best_epoch : int
        Counted from 1: whose weights the predicting network has.
    """
    phases = phases_of(plan.schedule, plan.transfer, plan.networks)
    main_seed, auxiliary_seed, *epoch_seeds = plan.seed.spawn(4)
    plan = build_custom(plan, (main_seed, auxiliary_seed))
    readers = make_readers(plan, training.sequences)
    structure = _structure(plan, readers, training.is_taught)
    monitor = Monitor(plan, validation, readers, structure.parts) if validation else None
    with borrow_step(structure) as step:
        step.reset(*initial_parameters(plan, readers, structure.parts, (main_seed, auxiliary_seed)))
        epochs = Epochs(plan, training, readers, epoch_seeds)
        observer.begin(plan.max_iter * len(phases))
        _Run(epochs, step, monitor, observer, readers).phases(phases)
        parameters = step.parameters()
    best_epoch = len(epochs)
    if monitor is not None:
        parameters |= monitor.best_parameters
        best_epoch = monitor.best_epoch or best_epoch
    return _trained(structure, readers, parameters), epochs.history, best_epoch


def progress(iterable, total, desc):
    """The same iterable, with a progress bar."""
    return tqdm(iterable, desc=desc, total=total, unit="batch", leave=False)


class _Run:
    """A fit while it goes on: phases of epochs, and when each ends."""

    def __init__(self, epochs, step, monitor, observer, readers):
        self.epochs, self.step, self.monitor = epochs, step, monitor
        self.observer, self.readers = observer, readers
        self.stopped = False

    def phases(self, phases):
        """Run all phases, or until somebody stops them."""
        plan = self.epochs.plan
        total = plan.max_iter * len(phases)
        with tqdm(total=total, desc="Epochs", unit="epoch", disable=not plan.verbose) as bar:
            try:
                for phase in phases:
                    self._phase(phase, bar)
                    if self.stopped:
                        return
                    if self.monitor is not None and phase is not phases[-1]:
                        self.step.restore(self.monitor.best_parameters)  # the best weights teach
            except KeyboardInterrupt:
                _keep_what_there_is(self.epochs)

    def _phase(self, phase, bar):
        if self.monitor is not None:
            self.monitor.begin(phase.learners)
        for epoch in range(self.epochs.plan.max_iter):
            self.observer.begin_epoch()
            numbers, shown = self._epoch(phase, epoch)
            bar.set_postfix(shown, refresh=False)
            bar.update()
            self.stopped = self.observer.end_epoch({"epoch": len(self.epochs), **numbers}, self._networks)
            if self.stopped or (self.monitor is not None and self.monitor.is_done):
                return

    def _epoch(self, phase, epoch):
        numbers = self.epochs.run(self.step, phase, epoch)
        shown = {"loss": numbers["loss"]}
        if self.monitor is not None and math.isfinite(numbers["loss"]):
            numbers |= self.monitor.look(len(self.epochs) + 1, self.step.parameters())
            shown["score"] = numbers[f"{self.monitor.watched}_validation_score"]
        self.epochs.record(numbers)
        return numbers, shown

    def _networks(self):
        return _trained(self.step.structure, self.readers, self.step.parameters())


def _trained(structure, readers, parameters):
    return {role: part.body.trained(readers[part.reader], *parameters[role]) for role, part in structure.parts.items()}


def _keep_what_there_is(epochs):
    if not len(epochs):
        raise  # the interrupt that is being handled
    warnings.warn(
        f"Training was interrupted after {len(epochs)} finished epochs: the best weights so far are kept.",
        UserWarning,
        stacklevel=2,
    )


def _structure(plan, readers, taught):
    """Where each network lies: in the table of its own reader, or of the only one."""
    parts = {}
    for place, (role, network) in enumerate(plan.networks.items()):
        has_frozen = role in plan.vectors and not network.trainable
        parts[role] = Part(min(place, len(readers) - 1), body_of(network, plan.n_classes), has_frozen)
    inputs, together = tuple(reader.input for reader in readers), plan.schedule == "joint"
    return Structure(inputs, parts, plan.n_classes, together, plan.out_activation, taught)
