"""The training loop: from a plan and token sequences to trained networks.

Labels are class indices or indicators here. All that the user has chosen is in the ``Plan``.
"""

import math
import warnings
from dataclasses import replace

from .._progress import progress_bar, show_lines
from .._training.early_stopping import ValidationMonitor
from .._training.initialization import initial_parameters, split_seed
from .._training.linear_paths import fit_paths
from .._training.summary import fit_summary
from .cache import borrow_step
from .custom_graph import build_custom
from .epochs import Epochs
from .kinds import graph_of, make_readers
from .signature import NetworkSlot, StepSignature

# Features or tokens of an average batch, above which tables are updated in pieces.
_ENTRIES_AT_ONCE = 100_000


def train(plan, training, validation, observer, shared):
    """Train the networks of a plan.

    Parameters
    ----------
    plan : Plan
    training : Rows
    validation : Rows or None
        Scored after each epoch. With ``plan.early_stopping`` each network keeps the
        weights of its best epoch, and a phase ends when the monitored score no longer improves.
    observer : Observer
        Called before and after each epoch; may end the training.
    shared : SharedWork
        What earlier fits on the same rows have computed; it is added to.

    Returns
    -------
    networks : dict of str to TrainedBag, TrainedCNN, TrainedGRU or CustomNetwork
    history : dict of str to list of float
        One number per epoch.
    best_epoch : int
        The epoch whose weights the predicting network has, counted from 1.
    """
    seeds = split_seed(plan.seed, plan.drawn_as)
    plan = build_custom(plan, seeds.networks)
    readers = make_readers(plan, training.sequences, shared.features)
    signature = _signature(plan, readers, training.is_taught)
    readers_by_role = {role: readers[slot.reader] for role, slot in signature.slots.items()}
    if plan.verbose:
        show_lines(_summary(plan, training, validation, readers_by_role))
    paths = fit_paths(plan, readers_by_role, training, seeds.path, shared.paths)
    monitor = None
    if validation is not None:
        scorers = {
            role: reader.scorer(validation.sequences, signature.slots[role].graph, paths.get(role))
            for role, reader in readers_by_role.items()
        }
        monitor = ValidationMonitor(plan, validation, scorers)
    with borrow_step(signature) as step:
        step.reset(*initial_parameters(plan, readers, signature.slots, seeds.networks))
        epochs = Epochs(plan, training, readers, seeds.epochs)
        observer.begin(plan.most_epochs)
        FitLoop(epochs, step, monitor, observer, paths).run()
        step.free_moments()  # before the tables are copied
        parameters = step.parameters()
    best_epoch = len(epochs)
    if monitor is not None:
        parameters |= monitor.best_parameters
        best_epoch = monitor.best_epoch or best_epoch
    return _trained(signature, readers, parameters, paths), epochs.history, best_epoch


def _signature(plan, readers, is_taught):
    """Return what the compiled step depends on; each network uses its own reader, or the only one."""
    slots = {}
    for place, (role, network) in enumerate(plan.networks.items()):
        has_frozen = role in plan.vectors and not network.trainable
        slots[role] = NetworkSlot(min(place, len(readers) - 1), graph_of(network, plan.n_classes), has_frozen)
    return StepSignature(
        inputs=tuple(reader.input for reader in readers),
        slots=slots,
        n_classes=plan.n_classes,
        learns_together=plan.schedule == "joint",
        out_activation=plan.out_activation,
        is_taught=is_taught,
        in_pieces=max(reader.lengths.mean() for reader in readers) * plan.batch_size > _ENTRIES_AT_ONCE,
    )


def _summary(plan, training, validation, readers):
    """Return the lines that are printed before training."""
    n_labelled = int(training.is_labelled.sum())
    return fit_summary(
        rows={
            "labelled": n_labelled,
            "unlabelled": len(training.labels) - n_labelled,
            "with teacher probabilities": int(training.has_teacher.sum()),
            "for validation": 0 if validation is None else len(validation.labels),
        },
        n_classes=plan.n_classes,
        agreement=training.teacher_agreement,
        features={role: reader.facts for role, reader in readers.items()},
        chosen=plan.chosen,
    )


def _trained(signature, readers, parameters, paths):
    """Return the networks for prediction, with their linear paths, by role."""
    networks = {
        role: slot.graph.trained(readers[slot.reader], *parameters[role]) for role, slot in signature.slots.items()
    }
    return networks | {role: replace(networks[role], path=path) for role, path in paths.items()}


class FitLoop:
    """Runs the phases of a fit, epoch by epoch, until each is done.

    Parameters
    ----------
    epochs : Epochs
    step : JointStep
    monitor : ValidationMonitor or None
    observer : Observer
    paths : dict of str to LinearPath
        By role; for the networks that the observer asks for.
    """

    def __init__(self, epochs, step, monitor, observer, paths):
        self.epochs, self.step, self.monitor, self.observer, self.paths = epochs, step, monitor, observer, paths
        self.is_stopped = False

    def run(self):
        """Run all phases, unless a callback or Ctrl-C stops them."""
        plan = self.epochs.plan
        with progress_bar(total=plan.most_epochs, desc="Epochs", unit="epoch", disable=not plan.verbose) as bar:
            try:
                for phase in plan.phases:
                    self._run_phase(phase, bar)
                    if self.is_stopped:
                        return
                    if self.monitor is not None and phase is not plan.phases[-1]:
                        # In later phases a network teaches with its best weights.
                        self.step.restore(self.monitor.best_parameters)
            except KeyboardInterrupt:
                if not len(self.epochs):
                    raise
                warnings.warn(
                    f"Training was interrupted after {len(self.epochs)} finished epochs: the best weights so far "
                    "are kept.",
                    UserWarning,
                    stacklevel=2,
                )

    def _run_phase(self, phase, bar):
        if self.monitor is not None:
            self.monitor.begin_phase(phase.learners)
        for epoch in range(self.epochs.plan.max_iter):
            self.observer.begin_epoch()
            numbers = self._run_epoch(phase, epoch)
            bar.set_postfix(_shown(numbers, self.epochs.plan), refresh=False)
            bar.update()
            self.is_stopped = self.observer.end_epoch({"epoch": len(self.epochs), **numbers}, self._networks)
            if self.is_stopped or (self.monitor is not None and self.monitor.is_done):
                return

    def _run_epoch(self, phase, epoch):
        """Run an epoch and score it; return its numbers."""
        numbers = self.epochs.run_epoch(self.step, phase, epoch)
        if self.monitor is not None and math.isfinite(numbers["loss"]):
            numbers |= self.monitor.end_epoch(len(self.epochs) + 1, self.step.parameters())
        self.epochs.record(numbers)
        return numbers

    def _networks(self):
        return _trained(self.step.signature, self.epochs.readers, self.step.parameters(), self.paths)


def _shown(numbers, plan):
    """Return what the progress bar shows of an epoch: loss and validation score of each network that has them."""
    # Where no row has a label, the loss is that between network and teacher.
    losses = {
        role: [numbers.get(f"{role}_{name}", math.nan) for name in ("loss", "teacher_loss")] for role in plan.networks
    }
    shown = {role: next(filter(math.isfinite, found), math.nan) for role, found in losses.items()}
    scored = [*plan.networks, *(["ensemble"] if plan.predict_with == "ensemble" else [])]
    shown |= {f"{name}_score": numbers.get(f"{name}_validation_score", math.nan) for name in scored}
    return {name: number for name, number in shown.items() if math.isfinite(number)}
