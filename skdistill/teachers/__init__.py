"""Teachers: classifiers of any kind whose predicted probabilities the networks learn.

They see documents as the user passed them, before tokens and networks.
"""

from ._checks import check_teachers, frozen_classes
from ._ensemble import TeacherEnsemble

__all__ = ["TeacherEnsemble", "check_teachers", "frozen_classes"]
