"""Scorers of single networks, of their size and their time; agreement of two networks, and calibration."""

from ._comparison import agreement, churn, expected_calibration_error, fidelity
from ._scorers import auxiliary_scorer, bytes_scorer, ensemble_scorer, latency_scorer

__all__ = [
    "agreement",
    "auxiliary_scorer",
    "bytes_scorer",
    "churn",
    "ensemble_scorer",
    "expected_calibration_error",
    "fidelity",
    "latency_scorer",
]
