"""Looking at trained networks: which words decide, and what a student leaves to its teacher."""

from ._deferral import deferral_curve
from ._explain import explain

__all__ = ["deferral_curve", "explain"]
