"""Validation during training: scores, the best weights, and when a phase ends."""

import numpy as np

from ..runtime.ops import log_softmax


class ValidationMonitor:
    """Scores the networks on validation rows after each epoch, and says when a phase is done.

    The monitored score is the accuracy of the network (or ensemble) that ``plan.predict_with``
    names; in a phase that does not train it, that of the network that the phase trains. With
    ``early_stopping`` a phase is done after ``n_iter_no_change`` epochs without an improvement
    above ``tol``, and each network keeps the weights of its best epoch: that with the highest
    accuracy and, among equal ones, the lowest log loss. With or without it, a phase is done
    when the predicting network reaches ``target_score``.

    With multilabel targets, accuracy is subset accuracy, and log loss the mean over the labels.

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
        logs = {
            role: self._log_probabilities(self.predict[role](*parameters[role]).astype(np.float64))
            for role in self._trained
        }
        if len(logs) == 2:  # the log of the mean of both, without underflow
            logs["ensemble"] = np.logaddexp.reduce(list(logs.values())) - np.log(2)
        scores = {}
        for role, log in logs.items():
            accuracy, loss = self._accuracy_and_loss(log)
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

    def _log_probabilities(self, logits):
        """Return log probabilities of shape (n_rows, n_classes), or (n_rows, n_labels, 2) with sigmoid outputs.

        The last axis is then absence and presence of a label.
        """
        if self.plan.out_activation == "sigmoid":
            # sigmoid(z) is the softmax of (0, z).
            logits = np.stack([np.zeros_like(logits), logits], axis=-1)
        return log_softmax(logits)

    def _accuracy_and_loss(self, log_probabilities):
        """Return the weighted accuracy and log loss of the validation rows."""
        labels, weights = self.rows.labels, self.rows.weights
        hits = log_probabilities.argmax(axis=-1) == labels  # (n_rows,) or (n_rows, n_labels)
        of_labels = np.take_along_axis(log_probabilities, labels[..., None], axis=-1)[..., 0]
        if self.plan.out_activation == "sigmoid":
            hits, of_labels = hits.all(axis=1), of_labels.mean(axis=1)
        return float(np.average(hits, weights=weights)), float(-np.average(of_labels, weights=weights))

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
