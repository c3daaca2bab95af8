"""Whether one variant is better than another: the corrected resampled t-test over splits.

The training parts of cross-validation overlap, so that the scores of its splits are not independent, and a plain
t-test finds differences where there are none. Nadeau and Bengio 2003 (Inference for the Generalization Error,
section on the corrected resampled t-test) enlarge the variance of the mean difference. With J splits, the
differences d_j, their mean d and sample variance s^2 (with the divisor J - 1), and n_1 training and n_2 test rows::

    t = d / sqrt((1 / J + n_2 / n_1) * s^2),   with J - 1 degrees of freedom
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

# Differences that are equal but for rounding have no variance.
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Verdict:
    """Whether a variant is better than its baseline.

    Attributes
    ----------
    variant, baseline : str
        The names of the variants that are compared.
    metric : str
        The score that is compared; larger is better.
    effect : float
        The mean over the splits of the variant's score minus that of the baseline.
    interval : (float, float)
        The 95 % interval of the effect; NaN if all splits have the same difference, other than 0.
    p_value : float
        The p-value of the two-sided test of no effect; NaN if the interval is.
    n_splits : int
        Splits in which both were fitted.
    """

    variant: str
    baseline: str
    metric: str
    effect: float
    interval: tuple[float, float]
    p_value: float
    n_splits: int

    @property
    def word(self) -> str:
        """``"HELPS"`` if the interval lies above 0, ``"HURTS"`` if below, else ``"NO DIFFERENCE"``."""
        low, high = self.interval
        return "HELPS" if low > 0 else "HURTS" if high < 0 else "NO DIFFERENCE"

    def __str__(self):
        low, high = self.interval
        return (
            f"{self.word}: {self.metric} {self.effect:+.4f}, 95 % interval {low:+.4f} to {high:+.4f} "
            f"({self.variant} against {self.baseline.replace('_', ' ')}, {self.n_splits} splits)"
        )


def compare(variant, baseline, metric, differences, test_ratio, confidence=0.95):
    """Return the verdict of the corrected resampled t-test.

    Parameters
    ----------
    variant, baseline, metric : str
        As in ``Verdict``.
    differences : array-like of shape (n_splits,)
        Score of the variant minus that of the baseline; NaN where either is missing.
    test_ratio : float
        Test rows per training row: n_2 / n_1.
    confidence : float, default=0.95
        Of the interval.

    Returns
    -------
    verdict : Verdict or None
        None if fewer than 2 splits have a difference.
    """
    differences = np.asarray(differences, dtype=np.float64)
    differences = differences[~np.isnan(differences)]
    n_splits = len(differences)
    if n_splits < 2:
        return None
    effect = float(differences.mean())
    if np.ptp(differences) < _ROUNDING:
        # No variance: no effect if all are 0, and otherwise no basis for a test.
        is_zero = abs(effect) < _ROUNDING
        interval, p_value = ((0.0, 0.0), 1.0) if is_zero else ((math.nan, math.nan), math.nan)
        return Verdict(variant, baseline, metric, effect, interval, p_value, n_splits)
    error = math.sqrt((1 / n_splits + test_ratio) * differences.var(ddof=1))
    half = float(stats.t.ppf((1 + confidence) / 2, n_splits - 1)) * error
    p_value = float(2 * stats.t.sf(abs(effect) / error, n_splits - 1))
    return Verdict(variant, baseline, metric, effect, (effect - half, effect + half), p_value, n_splits)
