"""The checks of the classifier's parameters: one by one, in combination, and against the data of a fit.

scikit-learn checks each parameter against ``PARAMETER_CONSTRAINTS`` before a fit. The
functions take the parameters as a namespace and raise errors that name them.
"""

from numbers import Integral, Real

from ._sklearn import HasMethods, Interval, StrOptions
from ._training.phases import SCHEDULES, is_possible
from .networks import NETWORKS, NetworkBuilder, TextBag
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
    "teacher": "no_validation",  # checked by ``teachers.check_teachers``
    "teacher_weight": [Interval(Real, 0, 1, closed="both"), StrOptions({"auto"})],
    "teacher_cv": ["cv_object", StrOptions({"in_sample"})],
    "teacher_memory": [str, HasMethods(["cache"]), None],
    "unlabeled_label": "no_validation",
    "predict_with": [StrOptions({"main", "auxiliary", "ensemble"})],
    "max_iter": [_COUNT, StrOptions({"auto"})],
    "batch_size": [_COUNT, StrOptions({"auto"})],
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


def object_of(name, value):
    """Return the object that a parameter's value stands for, so that the object's own parameters can be set.

    Parameters
    ----------
    name : str
        A parameter of the classifier.
    value : object
        "bag", "cnn", "gru" stand for networks, and a tokenizer of None for ``TextTokenizer()``.

    Returns
    -------
    value : object
        An object with parameters.

    Raises
    ------
    ValueError
        If the value has no parameters.
    """
    if name == "tokenizer" and value is None:
        return TextTokenizer()
    if name in ("main", "auxiliary") and isinstance(value, str) and value in NETWORKS:
        return NETWORKS[value]()
    if not hasattr(value, "set_params"):
        raise ValueError(
            f"{name}__... are parameters of an object that is passed as {name}. Got {name}={value!r}, which has none."
        )
    return value


def is_precomputed(tokenizer):
    """Return whether documents are rows of token ids, not texts, by the parameter ``tokenizer``."""
    return isinstance(tokenizer, str) and tokenizer == "precomputed"


def check_combinations(parameters):
    """Check the parameters with each other, before there is data.

    Parameters
    ----------
    parameters : namespace
        The parameters of the classifier by name.

    Raises
    ------
    ValueError
        If some cannot be combined.
    TypeError
        If an element of ``callbacks`` is not callable.
    """
    _check_tokens(parameters)
    _check_paths(parameters)
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
        raise ValueError(
            "n_tokens needs tokenizer='precomputed': to limit a TextTokenizer, set its max_tokens instead."
        )
    for role in ("main", "auxiliary"):
        if precomputed and _has_embeddings(getattr(parameters, role)):
            raise ValueError(
                f"embeddings of {role} need words. Got tokenizer='precomputed': the words of token ids are unknown."
            )


def _check_paths(parameters):
    for role in ("main", "auxiliary"):
        network = getattr(parameters, role)
        if isinstance(network, TextBag) and network.embeddings is not None and network.linear_weight == 0:
            raise ValueError(
                f"embeddings of {role} are read by its linear path. Got linear_weight=0, which switches it off: "
                "set linear_weight='auto', or embeddings=None."
            )


def _has_embeddings(network):
    return getattr(network, "embeddings", None) is not None


def _check_units(parameters):
    for role in ("main", "auxiliary"):
        units = getattr(parameters, f"{role}_units")
        network = getattr(parameters, role)
        if units is None or network is None or isinstance(network, str) or getattr(network, "units", units) is None:
            continue
        if callable(network):
            raise ValueError(f"{role}_units={units} has no effect on a callable {role}: choose the size inside it.")
        raise ValueError(
            f"{role}_units={units} is the size of a network that does not set its own. Got {role}={network!r}, which "
            f"sets units: leave {role}_units=None and set {role}__units."
        )


def _check_alone(parameters):
    for name in ("predict_with", "auxiliary_units", "share_embedding"):
        value = getattr(parameters, name)
        if value not in ("main", None, False):
            raise ValueError(f"{name}={value!r} needs an auxiliary network. Got auxiliary=None.")


def _check_pair(parameters):
    main, auxiliary, schedule = parameters.main, parameters.auxiliary, parameters.schedule
    if not is_possible(schedule, parameters.transfer):
        raise ValueError(
            f"schedule={schedule!r} cannot have transfer={parameters.transfer!r}, because one "
            "network is frozen while the other is trained. Choose schedule='joint' or another transfer."
        )
    if not parameters.share_embedding:
        return
    # Only the linear path of a bag reads its embeddings: shared vectors do not conflict.
    if _has_embeddings(auxiliary) and not isinstance(auxiliary, TextBag):
        raise ValueError(
            "embeddings of auxiliary cannot be combined with share_embedding=True, which uses the main network's "
            "vectors: pass the embeddings to main."
        )
    if callable(main) or callable(auxiliary):
        raise ValueError(
            "share_embedding=True needs built-in networks: the embeddings of a callable cannot be shared."
        )
    if schedule != "joint":
        raise ValueError(
            "share_embedding=True needs schedule='joint', because both networks train the shared vectors. Got "
            f"schedule={schedule!r}."
        )


def check_validation(parameters, X_val, y_val, sample_weight_val):
    """Raise a ValueError if validation rows are incomplete, or if there are none and a parameter needs them."""
    if (X_val is None) != (y_val is None):
        raise ValueError("X_val and y_val go together: pass both or neither.")
    if X_val is None and sample_weight_val is not None:
        raise ValueError("sample_weight_val needs X_val and y_val.")
    if parameters.target_score is not None and not parameters.early_stopping and X_val is None:
        raise ValueError(
            f"target_score={parameters.target_score} needs validation rows: set early_stopping=True or pass X_val "
            "and y_val."
        )


def check_sources(parameters, is_labelled, has_soft_targets, has_pool):
    """Raise a ValueError if nothing is learned from unlabelled rows, or by the auxiliary network.

    Parameters
    ----------
    parameters : namespace
        The parameters of the classifier by name.
    is_labelled, has_soft_targets : ndarray of shape (n_rows,), bool
        For the rows of X that are trained on.
    has_pool : bool
        Whether there are further documents, from ``X_unlabeled``.
    """
    has_unlabelled = has_pool or not is_labelled.all()
    has_teacher, has_auxiliary = parameters.teacher is not None, parameters.auxiliary is not None
    transfers = parameters.transfer_weight > 0 and parameters.transfer != "none"
    if has_auxiliary:
        from_labels = parameters.auxiliary_weight > 0
        from_main = TRANSFERS[parameters.transfer][1] is not None and transfers
        from_teacher = (has_teacher or has_soft_targets.any()) and (parameters.teacher_weight != 0 or has_unlabelled)
        if not (from_labels or from_main or from_teacher):
            raise ValueError(
                f"auxiliary_weight=0 with transfer={parameters.transfer!r}, "
                f"transfer_weight={parameters.transfer_weight} leaves the auxiliary network nothing to learn from: "
                "raise auxiliary_weight, choose another transfer, or pass a teacher and a teacher_weight above 0. "
                f"Got teacher_weight={parameters.teacher_weight}."
            )
    if has_teacher or (has_auxiliary and transfers):
        return
    if has_pool or not (is_labelled | has_soft_targets).all():
        raise ValueError(
            "Nothing can be learned from the unlabelled rows: pass a teacher, soft_targets for them, or two networks "
            f"and a transfer. Got teacher=None, transfer={parameters.transfer!r}, transfer_weight="
            f"{parameters.transfer_weight} and auxiliary={parameters.auxiliary!r}."
        )
