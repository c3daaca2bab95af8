"""What each parameter of the classifier may be by itself.

Owns the constraints that scikit-learn checks before a fit; what parameters must not be
together is in ``_combinations``.
"""

from numbers import Integral, Real

from ._reading import MOST_TOKENS
from ._sklearn import HasMethods, Interval, StrOptions
from .networks import NETWORKS, NetworkBuilder
from .objectives import TRANSFERS
from .schedules import SCHEDULES
from .tokenization import TextTokenizer

_POSITIVE = Interval(Real, 0, None, closed="neither")
_NOT_NEGATIVE = Interval(Real, 0, None, closed="left")
_COUNT = Interval(Integral, 1, None, closed="left")

PARAMETER_CONSTRAINTS = {
    "main": [StrOptions(set(NETWORKS)), *NETWORKS.values(), NetworkBuilder()],
    "auxiliary": [StrOptions(set(NETWORKS)), *NETWORKS.values(), NetworkBuilder(), None],
    "main_units": [_COUNT, None],
    "auxiliary_units": [_COUNT, None],
    "tokenizer": [TextTokenizer, StrOptions({"precomputed"}), None],
    "n_tokens": [Interval(Integral, 2, MOST_TOKENS, closed="both"), None],
    "auxiliary_weight": [_NOT_NEGATIVE],
    "transfer": [StrOptions(set(TRANSFERS))],
    "transfer_weight": [_NOT_NEGATIVE],
    "temperature": [_POSITIVE],
    "schedule": [StrOptions(set(SCHEDULES))],
    "share_embedding": ["boolean"],
    "teacher": "no_validation",  # told apart by ``teachers.check_teachers``
    "teacher_weight": [Interval(Real, 0, 1, closed="both")],
    "teacher_cv": ["cv_object", StrOptions({"in_sample"})],
    "teacher_memory": [str, HasMethods(["cache"]), None],
    "unlabeled_label": "no_validation",
    "predict_with": [StrOptions({"main", "auxiliary", "ensemble"})],
    "max_iter": [_COUNT],
    "batch_size": [_COUNT],
    "learning_rate_init": [_POSITIVE],
    "learning_rate": [StrOptions({"linear", "constant"})],
    "early_stopping": ["boolean"],
    "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
    "n_iter_no_change": [_COUNT],
    "tol": [_NOT_NEGATIVE],
    "target_score": [Interval(Real, 0, 1, closed="both"), None],
    "warm_start": ["boolean"],
    "class_weight": [StrOptions({"balanced"}), dict, None],
    "random_state": ["random_state"],
    "verbose": ["verbose"],
    "callbacks": [list, tuple, None],
}
