"""What each parameter of the classifier may be, which exclude each other, and which need data.

``PARAMETER_CONSTRAINTS`` is what scikit-learn checks before a fit, parameter by parameter.
The functions take the parameters as a namespace and raise errors that name them.
"""

from numbers import Integral, Real

from ._sklearn import HasMethods, Interval, StrOptions
from ._training.phases import SCHEDULES, is_possible
from .networks import NETWORKS, NetworkBuilder
from .objectives import TRANSFERS
from .text.tokenizer import TextTokenizer
from .text.tokens import MOST_TOKENS

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
    "teacher": "no_validation",  # ``teachers.check_teachers`` has more to say
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


def is_precomputed(tokenizer):
    """Whether the parameter ``tokenizer`` says that documents are rows of token ids, not texts."""
    return isinstance(tokenizer, str) and tokenizer == "precomputed"


def check_combinations(parameters):
    """Raise a ValueError that names the parameters that do not go together.

    Parameters
    ----------
    parameters : namespace
        The parameters of the classifier by name.
    """
    _check_tokens(parameters)
    _check_units(parameters)
    for function in parameters.callbacks or ():
        if not callable(function):
            raise TypeError(f"callbacks must hold functions of a dict of numbers. Got {type(function).__name__}.")
    if parameters.auxiliary is None:
        _check_alone(parameters)
    else:
        _check_pair(parameters)


def _check_tokens(parameters):
    precomputed = is_precomputed(parameters.tokenizer)
    if not precomputed and parameters.n_tokens is not None:
        raise ValueError("n_tokens belongs to tokenizer='precomputed': limit max_tokens of the tokenizer instead.")
    for role in ("main", "auxiliary"):
        if precomputed and _has_embeddings(getattr(parameters, role)):
            raise ValueError(f"embeddings of {role} need words. Got tokenizer='precomputed': ids have no spelling.")


def _has_embeddings(network):
    return getattr(network, "embeddings", None) is not None


def _check_units(parameters):
    for role in ("main", "auxiliary"):
        units = getattr(parameters, f"{role}_units")
        if callable(getattr(parameters, role)) and units is not None:
            raise ValueError(f"{role}_units={units} does not reach a callable {role}: choose the size inside it.")


def _check_alone(parameters):
    for name in ("predict_with", "auxiliary_units", "share_embedding"):
        value = getattr(parameters, name)
        if value not in ("main", None, False):
            raise ValueError(f"{name}={value!r} needs an auxiliary network. Got auxiliary=None.")


def _check_pair(parameters):
    main, auxiliary, schedule = parameters.main, parameters.auxiliary, parameters.schedule
    if not is_possible(schedule, parameters.transfer):
        raise ValueError(
            f"schedule={schedule!r} cannot have transfer={parameters.transfer!r}: a frozen network does "
            "not learn. Choose schedule='joint' or another transfer."
        )
    if not parameters.share_embedding:
        return
    if _has_embeddings(auxiliary):
        raise ValueError(
            "embeddings of auxiliary cannot go with share_embedding=True, which takes the main network's vectors: "
            "give them to the main network."
        )
    if callable(main) or callable(auxiliary):
        raise ValueError("share_embedding=True needs built-in networks: a callable has embeddings of its own.")
    if schedule != "joint":
        raise ValueError(
            f"share_embedding=True needs schedule='joint': vectors in common move with both networks. Got "
            f"schedule={schedule!r}."
        )


def check_validation(parameters, X_val, y_val, sample_weight_val):
    """Raise a ValueError where validation rows are incomplete, or parameters need some and there are none."""
    if (X_val is None) != (y_val is None):
        raise ValueError("X_val and y_val go together: give both or neither.")
    if X_val is None and sample_weight_val is not None:
        raise ValueError("sample_weight_val needs X_val and y_val.")
    if parameters.target_score is not None and not parameters.early_stopping and X_val is None:
        raise ValueError(
            f"target_score={parameters.target_score} needs validation rows: set early_stopping=True or pass X_val "
            "and y_val."
        )


def check_sources(parameters, is_labelled, has_soft_targets, has_pool):
    """Raise a ValueError where rows without label teach nothing, or the auxiliary network learns nothing.

    Parameters
    ----------
    parameters : namespace
    is_labelled, has_soft_targets : ndarray of shape (n_rows,), bool
        Of the rows of X that are trained on.
    has_pool : bool
        Whether there are documents beside them, none of which has a label.
    """
    has_unlabelled = has_pool or not is_labelled.all()
    has_teacher, has_auxiliary = parameters.teacher is not None, parameters.auxiliary is not None
    transfers = parameters.transfer_weight > 0 and parameters.transfer != "none"
    if has_auxiliary:
        from_labels = parameters.auxiliary_weight > 0
        from_main = TRANSFERS[parameters.transfer][1] is not None and transfers
        from_teacher = (has_teacher or has_soft_targets.any()) and (parameters.teacher_weight > 0 or has_unlabelled)
        if not (from_labels or from_main or from_teacher):
            raise ValueError(
                f"auxiliary_weight=0 with transfer={parameters.transfer!r}, "
                f"transfer_weight={parameters.transfer_weight} leaves the auxiliary network nothing to learn from: "
                "raise auxiliary_weight, choose another transfer or give a teacher and a teacher_weight above 0. "
                f"Got teacher_weight={parameters.teacher_weight}."
            )
    if has_teacher or (has_auxiliary and transfers):
        return
    if has_pool or not (is_labelled | has_soft_targets).all():
        raise ValueError(
            "Nothing can be learned from rows without label: give a teacher, soft_targets for them, or two networks "
            f"with a transfer. Got teacher=None, transfer={parameters.transfer!r}, transfer_weight="
            f"{parameters.transfer_weight} and auxiliary={parameters.auxiliary!r}."
        )
