"""Looking at trained networks: which words decide, and what a student leaves to its teacher."""

from ._deferral import DeferralCurve, deferral_curve
from ._explain import explain
from ._explanation import Explanation

__all__ = ["DeferralCurve", "Explanation", "deferral_curve", "explain"]
