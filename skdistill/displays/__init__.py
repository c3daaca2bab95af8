"""Pictures."""

from ._reliability import ReliabilityDisplay
from ._soft_targets import SoftTargetDisplay
from ._training import TrainingDisplay

__all__ = ["ReliabilityDisplay", "SoftTargetDisplay", "TrainingDisplay"]
