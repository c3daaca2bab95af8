"""Parameters of the classifier that contradict each other.

Owns the combinations that are errors, and their words; each parameter alone is
checked by its constraint. It must not know data.
"""


def reads_text(tokenizer):
    """Whether documents are texts, not rows of token ids."""
    return not (isinstance(tokenizer, str) and tokenizer == "precomputed")


def check_combinations(classifier):
    """Raise a ValueError that names the parameters that do not go together.

    Parameters
    ----------
    classifier : DistilledTextClassifier
    """
    _check_tokens(classifier)
    if classifier.auxiliary is None:
        _check_alone(classifier)
    else:
        _check_pair(classifier)


def _check_tokens(classifier):
    if reads_text(classifier.tokenizer) and classifier.n_tokens is not None:
        raise ValueError("n_tokens belongs to tokenizer='precomputed': limit max_tokens of the tokenizer instead.")


def _check_alone(classifier):
    for name in ("predict_with", "auxiliary_units"):
        value = getattr(classifier, name)
        if value not in ("main", None):
            raise ValueError(f"{name}={value!r} needs an auxiliary network. Got auxiliary=None.")


def _check_pair(classifier):
    if classifier.auxiliary_weight == 0 and classifier.transfer in ("none", "to_main"):
        raise ValueError(
            f"auxiliary_weight=0 with transfer={classifier.transfer!r} leaves the auxiliary network nothing to "
            "learn from: raise auxiliary_weight or choose another transfer."
        )
