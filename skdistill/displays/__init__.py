"""Displays: plots of fits, soft targets, searches and effects.

They follow scikit-learn's displays: a method ``from_...`` computes once and draws, ``plot`` draws again without
computing, and the constructor takes plain arrays. They need matplotlib, which the extra ``plot`` installs.

TrainingDisplay
    Loss terms and validation scores per epoch.
SoftTargetDisplay
    Soft targets of a classifier at several temperatures.
ReliabilityDisplay
    Accuracy against confidence of both networks and of a teacher.
LambdaDisplay
    Scores of a search over the weight λ and the size of the auxiliary network.
ParetoDisplay
    Score against size or time of the candidates of a search.
ContributionDisplay
    Effects with their intervals.
WeightChangeDisplay
    How far training moved the weights of each layer, with and without transfer.
"""

from ._contribution import ContributionDisplay
from ._lambda import LambdaDisplay
from ._pareto import ParetoDisplay
from ._reliability import ReliabilityDisplay
from ._soft_targets import SoftTargetDisplay
from ._training import TrainingDisplay
from ._weight_changes import WeightChangeDisplay

__all__ = [
    "ContributionDisplay",
    "LambdaDisplay",
    "ParetoDisplay",
    "ReliabilityDisplay",
    "SoftTargetDisplay",
    "TrainingDisplay",
    "WeightChangeDisplay",
]
