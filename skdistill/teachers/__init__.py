"""Teachers: classifiers of any kind, and what they answer for documents.

Owns who may teach, who is asked about which rows out of fold, and the mean of the answers.
It must not know networks, tokens or the classifier that learns from them.
"""

from ._checks import check_teachers, frozen_classes
from ._ensemble import Teachers

__all__ = ["Teachers", "check_teachers", "frozen_classes"]
