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
        ``predict_with`` says whose accuracy decides; log loss breaks ties. Training is
        stale after ``n_iter_no_change`` epochs without ``tol`` more accuracy.
    rows : Rows
        The validation rows.
    readers : list of FeatureReader or TokenReader
    parts : list of Part
        Of each network.
    """

    def __init__(self, plan, rows, readers, parts):
        self.rows, self.watched = rows, plan.predict_with
        self.patience, self.tol = plan.n_iter_no_change, plan.tol
        scorers = [reader.scorer(rows.sequences) for reader in readers]
        self._score = {role: partial(scorers[part.reader], part.body) for role, part in zip(plan.networks, parts)}
        self.best = {}
        self._reference, self._waited = -np.inf, 0

    def look(self, epoch, parameters):
        """Score the networks, keep what is better than before, and return the numbers.

        Parameters
        ----------
        epoch : int
        parameters : dict of str to (table, dense arrays)

        Returns
        -------
        scores : dict of str to float
        """
        logs = {role: log_softmax(self._score[role](*own).astype(np.float64)) for role, own in parameters.items()}
        logs["ensemble"] = np.log(np.mean([np.exp(log) for log in logs.values()], axis=0))
        numbers = {}
        for role, log in logs.items():
            accuracy, loss = self._scores(log)
            numbers |= {f"{role}_validation_score": accuracy, f"{role}_validation_loss": loss}
            if role not in self.best or (accuracy, -loss) > self.best[role][0]:
                self.best[role] = (accuracy, -loss), epoch, parameters.get(role)
        self._wait(numbers[f"{self.watched}_validation_score"])
        return numbers

    @property
    def is_stale(self):
        """Whether the watched score has stayed for ``patience`` epochs."""
        return self._waited >= self.patience

    @property
    def best_epoch(self):
        """The epoch with the best watched score."""
        return self.best[self.watched][1]

    def _wait(self, score):
        self._waited += 1
        if score > self._reference + self.tol:
            self._reference, self._waited = score, 0

    def _scores(self, log):
        labels, weights = self.rows.labels, self.rows.weights
        hits = log.argmax(axis=1) == labels
        own = log[np.arange(len(labels)), labels]
        return float(np.average(hits, weights=weights)), float(-np.average(own, weights=weights))
