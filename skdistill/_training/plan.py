"""The plan of a fit, which the training loop carries out, and how parameters become one."""

import os
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from .._repr import short
from ..networks import TextBag, fit_to_tokens, parameters_of, resolve_network
from ..runtime.splitting import SEQUENCE_LENGTH
from ..text.embeddings import read_vectors, read_words
from ..text.tokenizer import BAG_LENGTH
from .budget import choose_batch_size, choose_max_iter
from .distillation import choose_teacher_weight
from .linear_paths import path_weights
from .phases import phases_of


@dataclass(frozen=True)
class Plan:
    """What to train and how.

    Attributes that are not listed are the parameters of ``DistilledTextClassifier``.

    Attributes
    ----------
    networks : dict of str to TextBag, TextCNN, TextGRU or callable
        ``"main"``, and ``"auxiliary"`` if there is one, as ``resolve_networks`` returns them.
    n_classes : int
    out_activation : {"softmax", "sigmoid"}
        The activation of the output layer.
    n_tokens : int
        One more than the largest token id.
    spellings : list of str
        The tokens of the ids from 2 on.
    initial : dict of str to TrainedBag, TrainedCNN, TrainedGRU or CustomNetwork
        By role: the networks of the fit that a warm start continues, and those that callables have
        built.
    vectors : dict of str to WordVectors
        By role: the word vectors that CNNs and GRUs with ``embeddings`` start from.
    path_vectors : dict of str to Words
        By role: the word vectors that the linear paths of bags with ``embeddings`` read.
    seed : numpy.random.SeedSequence
    drawn_as : sequence of {"main", "auxiliary"}
        For each network the role in which its initial weights are drawn, see ``split_seed``.
    """

    networks: dict
    n_classes: int
    out_activation: str
    n_tokens: int
    spellings: list
    initial: dict
    vectors: dict
    path_vectors: dict
    seed: np.random.SeedSequence
    drawn_as: tuple
    schedule: str
    share_embedding: bool
    auxiliary_weight: float
    transfer: str
    transfer_weight: float
    temperature: float
    teacher_weight: float | str
    predict_with: str
    max_iter: int | str
    batch_size: int | str
    learning_rate_init: float
    learning_rate: str
    early_stopping: bool
    n_iter_no_change: int
    tol: float
    target_score: float | None
    verbose: int

    @cached_property
    def phases(self):
        """The phases of the fit, in order; see ``phases_of``."""
        return phases_of(self.schedule, self.transfer, list(self.networks))

    @property
    def embedding_coverage(self):
        """By role, the fraction of the vocabulary that has a vector in ``embeddings``."""
        return {role: found.coverage for role, found in (self.vectors | self.path_vectors).items()}

    @property
    def most_epochs(self):
        """The number of epochs of a fit that nothing stops before."""
        return self.max_iter * len(self.phases)

    @property
    def chosen(self):
        """The values of the parameters that may be "auto", by name."""
        return {name: getattr(self, name) for name in ("max_iter", "batch_size", "teacher_weight")}

    def for_rows(self, rows):
        """Return the plan with the values that "auto" stands for.

        Parameters
        ----------
        rows : Rows
            The training rows.
        """
        n_rows = max(map(len, rows.parts))  # an epoch is one pass over the larger part
        n_classes = self.n_classes if self.out_activation == "softmax" else 1
        have_paths = path_weights(self.networks, self.n_classes, rows).keys() == self.networks.keys()
        return replace(
            self,
            max_iter=choose_max_iter(self.max_iter, n_rows, n_classes, have_paths),
            batch_size=choose_batch_size(self.batch_size, n_rows),
            teacher_weight=choose_teacher_weight(self.teacher_weight, rows),
        )


def make_plan(parameters, networks, tokens, data, *, initial, seed, drawn_as=("main", "auxiliary"), read=None):
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
        Those that a warm start continues; empty without one.
    seed : numpy.random.SeedSequence
    drawn_as : sequence of {"main", "auxiliary"}, default=("main", "auxiliary")
        As in ``Plan``.
    read : dict or None, default=None
        Keeps the word vectors that are read, for other plans with the same tokens.

    Returns
    -------
    plan : Plan
    """
    vocabulary = tokens.vocabulary
    vectors, path_vectors = _read_embeddings(networks, vocabulary, {} if read is None else read)
    return Plan(
        networks=networks,
        n_classes=len(data.classes),
        out_activation=data.out_activation,
        n_tokens=tokens.n_tokens,
        spellings=list(vocabulary),
        initial=initial,
        vectors=vectors,
        path_vectors=path_vectors,
        seed=seed,
        drawn_as=drawn_as,
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
    """Return the network specifications by role, complete: with defaults that depend on the tokens.

    Parameters
    ----------
    parameters : namespace
        The parameters of the classifier.
    analyzer : {"word", "char", "precomputed"} or callable
        The tokenizer's analyzer, or "precomputed" for token ids.
    earlier : dict or None
        The specifications of the fit that a warm start continues.

    Returns
    -------
    networks : dict of str to TextBag, TextCNN, TextGRU or callable
    """
    networks = {"main": resolve_network(parameters.main, parameters.main_units, "main")}
    if parameters.auxiliary is not None:
        networks["auxiliary"] = resolve_network(parameters.auxiliary, parameters.auxiliary_units, "auxiliary")
    networks = {role: fit_to_tokens(network, analyzer) for role, network in networks.items()}
    if parameters.share_embedding:
        _check_shareable(**networks)
    if earlier is not None:
        _check_unchanged(earlier, networks)
    return networks


def longest_sequence(networks):
    """Return how many tokens of a document are read where ``sequence_length`` is None.

    On long film reviews a bag is more accurate the more it reads, up to about 1,000 tokens; few are longer than 2,000.
    """
    return BAG_LENGTH if all(isinstance(network, TextBag) for network in networks.values()) else SEQUENCE_LENGTH


def _check_shareable(main, auxiliary):
    """Raise a ValueError where two networks cannot have vectors in common."""
    if type(main) is not type(auxiliary):
        raise ValueError(
            "share_embedding=True needs two networks of the same kind. Got "
            f"{type(main).__name__} and {type(auxiliary).__name__}."
        )
    if main.units < auxiliary.units:
        raise ValueError(
            "share_embedding=True needs a main network at least as wide as the auxiliary. Got "
            f"units={main.units} and {auxiliary.units}."
        )
    for name in main._reading_parameters:
        if getattr(main, name) != getattr(auxiliary, name):
            raise ValueError(
                "share_embedding=True needs networks that read the same features. Got "
                f"{name}={getattr(main, name)!r} and {getattr(auxiliary, name)!r}."
            )


def _check_unchanged(before, now):
    """Raise a ValueError where a warm start would change what a network is, not only how it is trained."""
    if before.keys() != now.keys():
        raise ValueError(f"warm_start needs the networks of the previous fit, {list(before)}. Got {list(now)}.")
    for role, network in now.items():
        if callable(network) or callable(before[role]):
            if network != before[role]:
                raise ValueError(f"warm_start cannot change {role}: it was {before[role]!r}. Got {network!r}.")
            continue
        for name, value in parameters_of(network).items():
            old = getattr(before[role], name, None)
            may_change = "dropout" in name or name in ("trainable", *network._refitted_parameters)
            if not may_change and _differ(old, value):
                raise ValueError(
                    f"warm_start cannot change {name} of {role}: it was {short(old)!r}. Got {short(value)!r}."
                )


def _differ(old, new):
    try:
        return bool(old != new)
    except ValueError:  # other mappings of arrays, which have no plain equality
        return True


def _read_embeddings(networks, vocabulary, read):
    """Return what the ``embeddings`` of networks hold, by role, reading each source once per kind and size.

    ``read`` keeps what was read.

    Returns
    -------
    vectors, path_vectors : dict
        See ``Plan``.
    """
    vectors, path_vectors = {}, {}
    for role, network in networks.items():
        source = getattr(network, "embeddings", None)  # a callable has none
        if source is None:
            continue
        is_bag, name = isinstance(network, TextBag), f"embeddings of {role}"
        identity = os.fspath(source) if isinstance(source, (str, os.PathLike)) else id(source)
        key = identity, None if is_bag else network.units
        if key not in read and is_bag:
            read[key] = read_words(source, vocabulary, name=name)
        elif key not in read:
            read[key] = read_vectors(source, vocabulary, network.units, name=name)
        (path_vectors if is_bag else vectors)[role] = read[key]
    return vectors, path_vectors
