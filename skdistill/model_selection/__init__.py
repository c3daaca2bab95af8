"""Cross-validation where some rows have no label."""

from ._split import LabeledStratifiedKFold

__all__ = ["LabeledStratifiedKFold"]
