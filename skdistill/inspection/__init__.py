"""Inspection of trained networks: what contributes to accuracy, which words decide, what to leave to a teacher."""

from ._deferral import DeferralCurve, deferral_curve
from ._explain import explain
from ._explanation import Explanation
from ._report import distillation_report
from ._result import DistillationReport

__all__ = ["DeferralCurve", "DistillationReport", "Explanation", "deferral_curve", "distillation_report", "explain"]
