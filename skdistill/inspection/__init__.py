"""Looking at trained networks: what contributes to their accuracy, which words decide, and what a teacher keeps."""

from ._deferral import DeferralCurve, deferral_curve
from ._explain import explain
from ._explanation import Explanation
from ._report import distillation_report
from ._result import DistillationReport

__all__ = ["DeferralCurve", "DistillationReport", "Explanation", "deferral_curve", "distillation_report", "explain"]
