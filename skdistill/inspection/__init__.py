"""What the auxiliary network and a teacher contribute."""

from ._report import distillation_report
from ._result import DistillationReport

__all__ = ["DistillationReport", "distillation_report"]
