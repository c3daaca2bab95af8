"""The training loop: one fit, from token sequences to trained networks.

Owns the order of phases and epochs. It must not know scikit-learn estimators: labels
are class indices here and every decision is in the ``Plan``.
"""

import math
import warnings

from tqdm.auto import tqdm

from ..schedules import phases_of
from .bodies import body_of
from .cache import borrow_step
from .epochs import Epochs
from .monitor import Monitor
from .readers import share_readers
from .start import initial_parameters
from .step import Part, Structure


def train(plan, training, validation=None):
    """Train the networks of a plan.

    Parameters
    ----------
    plan : Plan
    training : Rows
    validation : Rows or None
        Scored after each epoch. With ``plan.early_stopping`` each network keeps the
        weights of its best epoch, and a phase ends when the watched score stays.

    Returns
    -------
    networks : dict of str to TrainedBag, TrainedCNN or TrainedGRU
    history : dict of str to list of float
    best_epoch : int
        Counted from 1: whose weights the predicting network has.
    """
    phases = phases_of(plan.schedule, plan.transfer, plan.networks)
    readers, reader_of = share_readers(plan, training.sequences)
    structure = _structure(plan, readers, reader_of)
    monitor = Monitor(plan, validation, readers, structure.parts) if validation else None
    main_seed, auxiliary_seed, *epoch_seeds = plan.seed.spawn(4)
    with borrow_step(structure) as step:
        step.reset(*initial_parameters(plan, readers, structure.parts, (main_seed, auxiliary_seed)))
        epochs = Epochs(plan, training, readers, epoch_seeds)
        _run_phases(phases, epochs, step, monitor)
        parameters = step.parameters()
    if monitor is not None:
        parameters |= monitor.best_parameters
    networks = {
        role: part.body.trained(readers[part.reader], *parameters[role]) for role, part in structure.parts.items()
    }
    return networks, epochs.history, monitor.best_epoch if monitor and monitor.best_epoch else len(epochs)


def _run_phases(phases, epochs, step, monitor):
    plan = epochs.plan
    total = plan.max_iter * len(phases)
    with tqdm(total=total, desc="Epochs", unit="epoch", disable=not plan.verbose) as bar:
        try:
            for phase in phases:
                _run_phase(phase, epochs, step, monitor, bar)
                if monitor is not None and phase is not phases[-1]:
                    step.restore(monitor.best_parameters)  # the best weights teach
        except KeyboardInterrupt:
            _keep_what_there_is(epochs)


def _run_phase(phase, epochs, step, monitor, bar):
    if monitor is not None:
        monitor.begin(phase.learners)
    for epoch in range(epochs.plan.max_iter):
        numbers = epochs.run(step, phase, epoch)
        shown = {"loss": numbers["loss"]}
        if monitor is not None and math.isfinite(numbers["loss"]):
            numbers |= monitor.look(len(epochs) + 1, step.parameters())
            shown["score"] = numbers[f"{monitor.watched}_validation_score"]
        epochs.record(numbers)
        bar.set_postfix(shown, refresh=False)
        bar.update()
        if monitor is not None and monitor.is_done:
            return


def _keep_what_there_is(epochs):
    if not len(epochs):
        raise  # the interrupt that is being handled
    warnings.warn(
        f"Training was interrupted after {len(epochs)} finished epochs: the best weights so far are kept.",
        UserWarning,
        stacklevel=2,
    )


def _structure(plan, readers, reader_of):
    """Where each network lies: side by side in the table of its reader, or all at its first column."""
    widths, parts = [0] * len(readers), {}
    for role, network in plan.networks.items():
        reader = reader_of[role]
        start = 0 if plan.share_embedding else widths[reader]
        has_frozen = role in plan.vectors and not network.trainable
        parts[role] = Part(reader, start, body_of(network, plan.n_classes), has_frozen)
        widths[reader] += network.units
    return Structure(tuple(reader.input for reader in readers), parts, plan.n_classes, plan.schedule == "joint")
