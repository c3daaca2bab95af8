"""Validation during training: scores, the best weights, when to stop.

Owns what is measured after an epoch. It must not know how an epoch is run.
"""

from functools import partial

import numpy as np

from ..runtime.ops import log_softmax


class Monitor:
    """Scores the networks on validation rows after each epoch.

    Parameters
    ----------
    plan : Plan
        ``predict_with`` says whose accuracy is watched, or the network that learns
        where that one does not yet; log loss breaks ties. With ``early_stopping`` a
        phase is done after ``n_iter_no_change`` epochs without ``tol`` more accuracy;
        in any case when the predicting network reaches ``target_score``. With several
        labels a row, accuracy is the share of rows of which all are right, and log loss
        the mean of that of each label.
    rows : Rows
        The validation rows.
    readers : list of FeatureReader or TokenReader
    parts : dict of str to Part
    """

    def __init__(self, plan, rows, readers, parts):
        self.plan, self.rows = plan, rows
        scorers = [reader.scorer(rows.sequences) for reader in readers]
        self._score = {role: partial(scorers[part.reader], part.body) for role, part in parts.items()}
        self._best, self._trained = {}, []

    def begin(self, learners):
        """A phase begins that moves these networks."""
        self._trained += [role for role in learners if role not in self._trained]
        self._learners = learners
        names = [*learners, "ensemble"] if len(self._trained) == 2 else learners
        self.watched = self.plan.predict_with if self.plan.predict_with in names else learners[-1]
        self._last, self._reference, self._waited = -np.inf, -np.inf, 0

    def look(self, epoch, parameters):
        """Score the trained networks, keep what is better than before, and return the numbers.

        Parameters
        ----------
        epoch : int
        parameters : dict of str to (table, dense arrays)

        Returns
        -------
        scores : dict of str to float
        """
        logs = {role: self._logs(self._score[role](*parameters[role]).astype(np.float64)) for role in self._trained}
        if len(logs) == len(self._score):
            logs["ensemble"] = np.log(np.mean([np.exp(log) for log in logs.values()], axis=0))
        numbers = {}
        for role, log in logs.items():
            accuracy, loss = self._scores(log)
            numbers |= {f"{role}_validation_score": accuracy, f"{role}_validation_loss": loss}
            improves = role not in self._best or (accuracy, -loss) > self._best[role][0]
            if improves and role in (*self._learners, "ensemble"):
                self._best[role] = (accuracy, -loss), epoch, parameters.get(role)
        self._wait(numbers[f"{self.watched}_validation_score"])
        return numbers

    @property
    def is_done(self):
        """Whether the phase has nothing more to reach."""
        plan = self.plan
        if plan.target_score is not None and self.watched == plan.predict_with and self._last >= plan.target_score:
            return True
        return plan.early_stopping and self._waited >= plan.n_iter_no_change

    @property
    def best_epoch(self):
        """The epoch with the best score of the predicting network; None where that does not matter."""
        best = self._best.get(self.plan.predict_with) if self.plan.early_stopping else None
        return best and best[1]

    @property
    def best_parameters(self):
        """The weights of the best epoch of each network; none where the last are kept."""
        if not self.plan.early_stopping:
            return {}
        return {role: own for role, (_, _, own) in self._best.items() if role != "ensemble"}

    def _wait(self, score):
        self._last = score
        self._waited += 1
        if score > self._reference + self.plan.tol:
            self._reference, self._waited = score, 0

    def _logs(self, logits):
        """Log probabilities of the classes; of label by label: of 0 and 1, on one more axis."""
        if self.plan.out_activation == "sigmoid":
            logits = np.stack([np.zeros_like(logits), logits], axis=-1)
        return log_softmax(logits)

    def _scores(self, log):
        labels, weights = self.rows.labels, self.rows.weights
        hits = log.argmax(axis=-1) == labels
        own = np.take_along_axis(log, labels[..., None], axis=-1)[..., 0]
        if self.plan.out_activation == "sigmoid":
            hits, own = hits.all(axis=1), own.mean(axis=1)
        return float(np.average(hits, weights=weights)), float(-np.average(own, weights=weights))
