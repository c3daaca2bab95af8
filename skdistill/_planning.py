"""From the parameters of a classifier to what the training loop is asked for.

Owns how descriptions of networks and parameters become a plan. It must not know how
a plan is carried out.
"""

from dataclasses import fields

from ._pretrained import read_embeddings
from .networks import check_shareable, check_unchanged, fit_to_tokens, resolve_network


def describe(classifier, before=None):
    """What the networks are, by role, with all that depends on the tokens.

    Parameters
    ----------
    classifier : DistilledTextClassifier
        With its tokenizer fitted.
    before : dict or None
        What they were in the fit that a warm start goes on from.

    Returns
    -------
    networks : dict of str to description
    """
    networks = {"main": resolve_network(classifier.main, classifier.main_units, "main")}
    if classifier.auxiliary is not None:
        networks["auxiliary"] = resolve_network(classifier.auxiliary, classifier.auxiliary_units, "auxiliary")
    analyzer = "precomputed" if classifier.tokenizer_ is None else classifier.tokenizer_.analyzer
    networks = {role: fit_to_tokens(network, analyzer) for role, network in networks.items()}
    if classifier.share_embedding:
        check_shareable(**networks)
    if before is not None:
        check_unchanged(before, networks)
    return networks


def make_plan(classifier, plan_class, before, seed):
    """The plan of a fit.

    Parameters
    ----------
    classifier : DistilledTextClassifier
        With tokenizer, classes and described networks.
    plan_class : type
        Its fields that are no names below are parameters of the classifier.
    before : dict of str to trained network
        Where a warm start goes on; else empty.
    seed : numpy.random.SeedSequence

    Returns
    -------
    plan : Plan
    """
    vocabulary = {} if classifier.tokenizer_ is None else classifier.tokenizer_.vocabulary_
    networks = classifier._networks
    given = {
        "networks": networks,
        "n_classes": len(classifier.classes_),
        "output": classifier._output,
        "n_tokens": classifier._n_tokens,
        "spellings": list(vocabulary),
        "start": before,
        "vectors": read_embeddings(networks, vocabulary),
        "seed": seed,
    }
    parameters = {f.name: getattr(classifier, f.name) for f in fields(plan_class) if f.name not in given}
    return plan_class(**given, **parameters)
