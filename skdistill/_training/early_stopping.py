"""Validation during training: scores, the best weights, and when a phase ends."""

import numpy as np

from ..runtime.ops import log_softmax

# Rows times classes that are scored at once: bounds the memory of several arrays of float64.
_CELLS = 2**20


class ValidationMonitor:
    """Scores the networks on validation rows after each epoch, and says when a phase is done.

    The monitored score is the accuracy of the network (or ensemble) that ``plan.predict_with``
    names; in a phase that does not train it, that of the network that the phase trains. With
    ``early_stopping`` a phase is done after ``n_iter_no_change`` epochs without an improvement
    above ``tol``, and each network keeps the weights of its best epoch: that with the highest
    accuracy and, among equal ones, the lowest log loss. With or without it, a phase is done
    when the predicting network reaches ``target_score``.

    With multilabel targets, accuracy is subset accuracy, and log loss the mean over the labels.
    A row with the label -1, whose class the networks do not learn, counts as misclassified and is
    left out of the log loss.

    Parameters
    ----------
    plan : Plan
    rows : Rows
        The validation rows.
    predict : dict of str to callable
        For each network a function from (table, dense arrays) to the logits of the
        validation rows, of shape (n_rows, n_classes).

    Attributes
    ----------
    monitored : {"main", "auxiliary", "ensemble"}
        Whose score is monitored in the current phase.
    """

    def __init__(self, plan, rows, predict):
        self.plan, self.rows, self.predict = plan, rows, predict
        self._best, self._trained = {}, []

    def begin_phase(self, learners):
        """Begin a phase that trains these networks."""
        self._trained += [role for role in learners if role not in self._trained]
        self._learners = learners
        names = [*learners, "ensemble"] if len(self._trained) == 2 else learners
        self.monitored = self.plan.predict_with if self.plan.predict_with in names else learners[-1]
        self._last, self._reference, self._waited = -np.inf, -np.inf, 0

    def end_epoch(self, epoch, parameters):
        """Score the networks trained so far, and keep the weights of those that have improved.

        Parameters
        ----------
        epoch : int
            Counted from 1 over all phases.
        parameters : dict of str to (table, dense arrays)
            By role; see ``JointStep.parameters``.

        Returns
        -------
        scores : dict of str to float
            ``..._validation_score`` and ``..._validation_loss`` of each network, and of the ensemble
            when both are trained.
        """
        logits = {role: self.predict[role](*parameters[role]) for role in self._trained}
        scores = {}
        for role, (accuracy, loss) in self._accuracies_and_losses(logits).items():
            scores |= {f"{role}_validation_score": accuracy, f"{role}_validation_loss": loss}
            improves = role not in self._best or (accuracy, -loss) > self._best[role][0]
            if improves and role in (*self._learners, "ensemble"):
                self._best[role] = (accuracy, -loss), epoch, parameters.get(role)
        self._wait(scores[f"{self.monitored}_validation_score"])
        return scores

    def _wait(self, score):
        """Count the epochs since the monitored score last improved by more than ``tol``."""
        self._last = score
        self._waited += 1
        if score > self._reference + self.plan.tol:
            self._reference, self._waited = score, 0

    def _accuracies_and_losses(self, logits):
        """Return the weighted accuracy and log loss of each network, and of the ensemble of two, by name."""
        labels, weights, is_known = self.rows.labels, self.rows.weights, self.rows.is_labelled
        n_rows, n_classes = next(iter(logits.values())).shape
        step = max(1, _CELLS // n_classes)
        parts = []
        for rows in (slice(start, start + step) for start in range(0, n_rows, step)):
            of_rows = {role: z[rows] for role, z in logits.items()}
            parts.append(_score_rows(of_rows, labels[rows], self.plan.out_activation))
        weights_of_known = weights[is_known]
        found = {}
        for name in parts[0]:
            hits, logs = (np.concatenate(arrays) for arrays in zip(*[part[name] for part in parts]))
            accuracy = np.average(hits, weights=weights)
            found[name] = float(accuracy), float(-np.average(logs[is_known], weights=weights_of_known))
        return found

    @property
    def is_done(self):
        """Whether the current phase should end."""
        plan = self.plan
        if plan.target_score is not None and self.monitored == plan.predict_with and self._last >= plan.target_score:
            return True
        return plan.early_stopping and self._waited >= plan.n_iter_no_change

    @property
    def best_epoch(self):
        """The epoch with the best score of the predicting network; None if the last weights are kept."""
        if not self.plan.early_stopping or self.plan.predict_with not in self._best:
            return None
        return self._best[self.plan.predict_with][1]

    @property
    def best_parameters(self):
        """The weights of the best epoch of each network, by role; empty if the last weights are kept."""
        if not self.plan.early_stopping:
            return {}
        return {role: parameters for role, (_, _, parameters) in self._best.items() if role != "ensemble"}


def _score_rows(logits, labels, out_activation):
    """Return whether each row is right, and the log probability of its label, by network.

    Parameters
    ----------
    logits : dict of str to ndarray of shape (n_rows, n_classes)
        By role. If there are two, the ensemble is scored too.
    labels : ndarray of shape (n_rows,) or (n_rows, n_labels)
        Where a label is -1, the log probability means nothing.
    out_activation : {"softmax", "sigmoid"}

    Returns
    -------
    scores : dict of str to (ndarray of shape (n_rows,), bool, ndarray of shape (n_rows,))
        With sigmoid outputs, a row is right if all its labels are, and its log probability is their mean.
    """
    logs = {role: _log_probabilities(z.astype(np.float64), out_activation) for role, z in logits.items()}
    if len(logs) == 2:  # the log of the mean of both, without underflow
        logs["ensemble"] = np.logaddexp.reduce(list(logs.values())) - np.log(2)
    scores = {}
    for name, log in logs.items():
        hits = log.argmax(axis=-1) == labels  # (n_rows,) or (n_rows, n_labels)
        of_labels = np.take_along_axis(log, labels[..., None], axis=-1)[..., 0]
        is_multilabel = out_activation == "sigmoid"
        scores[name] = (hits.all(axis=1), of_labels.mean(axis=1)) if is_multilabel else (hits, of_labels)
    return scores


def _log_probabilities(logits, out_activation):
    """Return log probabilities of shape (n_rows, n_classes), or (n_rows, n_labels, 2) with sigmoid outputs.

    The last axis is then absence and presence of a label.
    """
    if out_activation == "sigmoid":
        # sigmoid(z) is the softmax of (0, z).
        logits = np.stack([np.zeros_like(logits), logits], axis=-1)
    return log_softmax(logits)
