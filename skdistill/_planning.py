"""From the parameters of a classifier to what the training loop is asked for."""

from ._pretrained import read_embeddings
from .networks import check_shareable, check_unchanged, fit_to_tokens, resolve_network

# The parameters of the classifier that a plan hands on as they are.
_SETTINGS = (
    "schedule",
    "share_embedding",
    "auxiliary_weight",
    "transfer",
    "transfer_weight",
    "temperature",
    "teacher_weight",
    "predict_with",
    "max_iter",
    "batch_size",
    "learning_rate_init",
    "learning_rate",
    "early_stopping",
    "n_iter_no_change",
    "tol",
    "target_score",
    "verbose",
)


def resolve_networks(parameters, analyzer, earlier=None):
    """Return what the networks are, by role, with all that depends on the tokens filled in.

    Parameters
    ----------
    parameters : namespace
        The parameters of the classifier.
    analyzer : {"word", "char", "precomputed"} or callable
        Where the tokens come from.
    earlier : dict or None
        What they were in the fit that a warm start continues.

    Returns
    -------
    networks : dict of str to TextBag, TextCNN, TextGRU or callable
    """
    networks = {"main": resolve_network(parameters.main, parameters.main_units, "main")}
    if parameters.auxiliary is not None:
        networks["auxiliary"] = resolve_network(parameters.auxiliary, parameters.auxiliary_units, "auxiliary")
    networks = {role: fit_to_tokens(network, analyzer) for role, network in networks.items()}
    if parameters.share_embedding:
        check_shareable(**networks)
    if earlier is not None:
        check_unchanged(earlier, networks)
    return networks


def make_plan(plan_class, parameters, networks, tokens, data, initial, seed):
    """Return the plan of a fit; see ``Plan`` for what it holds."""
    vocabulary = tokens.vocabulary
    return plan_class(
        networks=networks,
        n_classes=len(data.classes),
        out_activation=data.out_activation,
        n_tokens=tokens.n_tokens,
        spellings=list(vocabulary),
        initial=initial,
        vectors=read_embeddings(networks, vocabulary),
        seed=seed,
        **{name: getattr(parameters, name) for name in _SETTINGS},
    )
