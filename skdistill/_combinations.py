"""Parameters of the classifier that contradict each other.

Owns the combinations that are errors, and their words; each parameter alone is
checked by its constraint. It must not know data.
"""

from .schedules import is_possible


def reads_text(tokenizer):
    """Whether documents are texts, not rows of token ids, by a classifier's parameter ``tokenizer``."""
    return not (isinstance(tokenizer, str) and tokenizer == "precomputed")


def check_combinations(classifier):
    """Raise a ValueError that names the parameters that do not go together.

    Parameters
    ----------
    classifier : DistilledTextClassifier
    """
    _check_tokens(classifier)
    _check_units(classifier)
    for function in classifier.callbacks or ():
        if not callable(function):
            raise TypeError(f"callbacks must hold functions of a dict of numbers. Got {type(function).__name__}.")
    if classifier.auxiliary is None:
        _check_alone(classifier)
    else:
        _check_pair(classifier)


def check_validation(classifier, X_val, y_val, sample_weight_val):
    """The same for validation rows that ``fit`` is given, and what needs some."""
    if (X_val is None) != (y_val is None):
        raise ValueError("X_val and y_val go together: give both or neither.")
    if X_val is None and sample_weight_val is not None:
        raise ValueError("sample_weight_val needs X_val and y_val.")
    if classifier.target_score is not None and not classifier.early_stopping and X_val is None:
        raise ValueError(
            f"target_score={classifier.target_score} needs validation rows: set early_stopping=True or pass X_val "
            "and y_val."
        )


def _check_tokens(classifier):
    if reads_text(classifier.tokenizer) and classifier.n_tokens is not None:
        raise ValueError("n_tokens belongs to tokenizer='precomputed': limit max_tokens of the tokenizer instead.")
    for role in ("main", "auxiliary"):
        if _brings_embeddings(getattr(classifier, role)) and not reads_text(classifier.tokenizer):
            raise ValueError(f"embeddings of {role} need words. Got tokenizer='precomputed': ids have no spelling.")


def _brings_embeddings(network):
    return getattr(network, "embeddings", None) is not None


def _check_units(classifier):
    for role in ("main", "auxiliary"):
        units = getattr(classifier, f"{role}_units")
        if callable(getattr(classifier, role)) and units is not None:
            raise ValueError(f"{role}_units={units} does not reach a callable {role}: choose the size inside it.")


def _check_alone(classifier):
    for name in ("predict_with", "auxiliary_units", "share_embedding"):
        value = getattr(classifier, name)
        if value not in ("main", None, False):
            raise ValueError(f"{name}={value!r} needs an auxiliary network. Got auxiliary=None.")


def _check_pair(classifier):
    if not is_possible(classifier.schedule, classifier.transfer):
        raise ValueError(
            f"schedule={classifier.schedule!r} cannot have transfer={classifier.transfer!r}: a frozen network does "
            "not learn. Choose schedule='joint' or another transfer."
        )
    if classifier.share_embedding and _brings_embeddings(classifier.auxiliary):
        raise ValueError(
            "embeddings of auxiliary cannot go with share_embedding=True, which takes the main network's vectors: "
            "give them to the main network."
        )
    if classifier.share_embedding and (callable(classifier.main) or callable(classifier.auxiliary)):
        raise ValueError("share_embedding=True needs built-in networks: a callable has embeddings of its own.")
    if classifier.share_embedding and classifier.schedule != "joint":
        raise ValueError(
            f"share_embedding=True needs schedule='joint': vectors in common move with both networks. Got "
            f"schedule={classifier.schedule!r}."
        )
