"""What a fit asks of the training loop, and how the parameters of a classifier become that."""

import os
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..networks import check_shareable, check_unchanged, fit_to_tokens, resolve_network
from ..text.embeddings import read_vectors
from .phases import phases_of


@dataclass(frozen=True)
class Plan:
    """What to train and how; most names are those of ``DistilledTextClassifier``.

    Attributes
    ----------
    networks : dict of str to TextBag, TextCNN, TextGRU or callable
        ``"main"``, and ``"auxiliary"`` if there is one, with what depends on the tokens
        filled in.
    n_classes : int
    out_activation : {"softmax", "sigmoid"}
        What the logits go through.
    n_tokens : int
        One more than the largest token id.
    spellings : list of str
        The tokens of the ids from 2 on.
    initial : dict of str to TrainedBag, TrainedCNN, TrainedGRU or CustomNetwork
        The networks of the fit that this one continues, and those that callables built.
    vectors : dict of str to WordVectors
        By role: what the tokens of the networks with ``embeddings`` start from.
    seed : numpy.random.SeedSequence
    """

    networks: dict
    n_classes: int
    out_activation: str
    n_tokens: int
    spellings: list
    initial: dict
    vectors: dict
    seed: np.random.SeedSequence
    schedule: str
    share_embedding: bool
    auxiliary_weight: float
    transfer: str
    transfer_weight: float
    temperature: float
    teacher_weight: float
    predict_with: str
    max_iter: int
    batch_size: int
    learning_rate_init: float
    learning_rate: str
    early_stopping: bool
    n_iter_no_change: int
    tol: float
    target_score: float | None
    verbose: int

    @cached_property
    def phases(self):
        """In which order the networks are trained; see ``phases_of``."""
        return phases_of(self.schedule, self.transfer, list(self.networks))

    @property
    def most_epochs(self):
        """How many epochs there are unless something stops them."""
        return self.max_iter * len(self.phases)


def make_plan(parameters, networks, tokens, data, *, initial, seed):
    """Return the plan of a fit.

    Parameters
    ----------
    parameters : namespace
        The parameters of the classifier.
    networks : dict of str to TextBag, TextCNN, TextGRU or callable
        As ``resolve_networks`` returns them.
    tokens : Tokens
    data : FitData
    initial : dict of str to trained network
        Those that a warm start continues; else empty.
    seed : numpy.random.SeedSequence

    Returns
    -------
    plan : Plan
    """
    vocabulary = tokens.vocabulary
    return Plan(
        networks=networks,
        n_classes=len(data.classes),
        out_activation=data.out_activation,
        n_tokens=tokens.n_tokens,
        spellings=list(vocabulary),
        initial=initial,
        vectors=_read_embeddings(networks, vocabulary),
        seed=seed,
        schedule=parameters.schedule,
        share_embedding=parameters.share_embedding,
        auxiliary_weight=parameters.auxiliary_weight,
        transfer=parameters.transfer,
        transfer_weight=parameters.transfer_weight,
        temperature=parameters.temperature,
        teacher_weight=parameters.teacher_weight,
        predict_with=parameters.predict_with,
        max_iter=parameters.max_iter,
        batch_size=parameters.batch_size,
        learning_rate_init=parameters.learning_rate_init,
        learning_rate=parameters.learning_rate,
        early_stopping=parameters.early_stopping,
        n_iter_no_change=parameters.n_iter_no_change,
        tol=parameters.tol,
        target_score=parameters.target_score,
        verbose=parameters.verbose,
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


def _read_embeddings(networks, vocabulary):
    """Read the word vectors of the networks that have some, each source once."""
    read, vectors = {}, {}
    for role, network in networks.items():
        source = getattr(network, "embeddings", None)  # a callable has none
        if source is None:
            continue
        key = os.fspath(source) if isinstance(source, (str, os.PathLike)) else id(source), network.units
        if key not in read:
            read[key] = read_vectors(source, vocabulary, network.units, name=f"embeddings of {role}")
        vectors[role] = read[key]
    return vectors
