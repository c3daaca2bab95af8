"""Looking at trained networks: what they leave to their teacher."""

from ._deferral import deferral_curve

__all__ = ["deferral_curve"]
