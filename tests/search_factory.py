"""Fitted searches whose scores are known: what a search has, without its fits."""

import numpy as np


class Search:
    """A fitted search over all combinations of some values.

    Parameters
    ----------
    grid : dict of str to list
    metrics : dict of str to callable
        From a candidate's parameters to its mean test score.
    """

    def __init__(self, grid, metrics, refit=None, scoring=None):
        places = np.ndindex(*(len(values) for values in grid.values()))
        candidates = [{name: grid[name][i] for name, i in zip(grid, place)} for place in places]
        self.refit, self.scoring = refit or next(iter(metrics)), scoring
        self.cv_results_ = {"params": candidates}
        for name in grid:
            column = np.empty(len(candidates), dtype=object)
            column[:] = [candidate[name] for candidate in candidates]
            self.cv_results_[f"param_{name}"] = np.ma.array(column)
        for name, score in metrics.items():
            means = np.array([score(candidate) for candidate in candidates], dtype=float)
            self.cv_results_ |= {f"mean_test_{name}": means, f"std_test_{name}": np.abs(means) / 10}
        self.best_index_ = int(np.nanargmax(self.cv_results_[f"mean_test_{self.refit}"]))
