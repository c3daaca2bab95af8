"""Cross-validation where some rows have no label, and the choice of a small network by a search."""

from ._choice import one_standard_error, pareto_front, smallest_within
from ._split import LabeledStratifiedKFold

__all__ = ["LabeledStratifiedKFold", "one_standard_error", "pareto_front", "smallest_within"]
