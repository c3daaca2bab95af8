"""The variants of an estimator that a report compares: what each learns from, and what is measured of it.

All variants of a split have the same rows, seed, epochs and batch size.
"""

from collections import defaultdict
from copy import copy
from functools import partial
from itertools import combinations
from time import perf_counter

import numpy as np
from sklearn.base import clone

from .._input.classes import learn_classes
from .._input.soft_targets import align
from .._parameters import is_precomputed, object_of
from .._training.plan import longest_sequence
from ..networks import resolve_network
from ..text.tokens import Tokens, check_documents
from ._measures import measure_network, measure_teacher, score_probabilities
from ._rows import SplitRows
from ._weight_changes import initial_weights, layer_changes, most_moved

_N_MOVED = 20
# Which networks are compared: the second learns from the first, or is the first trained with
# others.
_PAIRS = [
    ("main", "auxiliary"),
    ("teacher", "main"),
    ("teacher", "auxiliary"),
    ("main_alone", "main"),
    ("auxiliary_alone", "auxiliary"),
]


def network_alone(classifier, role):
    """Return an unfitted classifier of one network of an estimator, which learns from labels alone.

    Parameters
    ----------
    classifier : DistilledTextClassifier
    role : {"main", "auxiliary"}

    Returns
    -------
    alone : DistilledTextClassifier
        Without auxiliary network and teacher. It starts from the same weights as in the estimator.
    """
    networks = {"main": resolve_network(classifier.main, classifier.main_units, "main")}
    if classifier.auxiliary is not None:
        networks["auxiliary"] = resolve_network(classifier.auxiliary, classifier.auxiliary_units, "auxiliary")
    alone = copy(classifier)  # not a clone: the constructor of a subclass need not take all parameters
    alone.main, alone.main_units, alone.auxiliary, alone.auxiliary_units = networks[role], None, None, None
    alone._drawn_as = (role,)
    alone.teacher, alone.teacher_weight, alone.unlabeled_label = None, "auto", None
    alone.transfer, alone.schedule, alone.share_embedding, alone.predict_with = "none", "joint", False, "main"
    if not is_precomputed(alone.tokenizer):
        tokenizer = clone(object_of("tokenizer", alone.tokenizer))
        if tokenizer.sequence_length is None:
            tokenizer.sequence_length = longest_sequence(networks)
        alone.tokenizer = tokenizer
    return alone


def names_of_variants(classifier, has_soft_targets):
    """Return the rows of a report, in order."""
    has_auxiliary, is_taught = classifier.auxiliary is not None, classifier.teacher is not None or has_soft_targets
    names = ["main_alone", *["auxiliary_alone"] * has_auxiliary, "label_smoothing", "main"]
    return names + ["auxiliary", "ensemble"] * has_auxiliary + ["teacher"] * is_taught


def measure_split(classifier, before, data, split, seeds, scorers, smoothing, advance=None):
    """Fit and measure all variants on a split, with each seed.

    Parameters
    ----------
    classifier : DistilledTextClassifier
    before : Pipeline or None
        The steps before the classifier.
    data : ScoredRows
    split : pair of ndarray
        The training and the test rows.
    seeds : list of int
    scorers : dict of str to callable
    smoothing : float
    advance : callable or None, default=None
        Called after each fit.

    Returns
    -------
    repeats : list of dict
        For each seed a dict with ``variants`` (numbers by name), ``errors`` (messages by name), ``pairs``,
        ``layers`` and ``moved``.
    between_seeds : dict of str to list of (float, float, float)
        Agreement, fidelity and churn of a network between seeds.
    """
    rows = SplitRows(before, data, *split)
    found = [
        SplitFit(classifier, rows, seed, scorers, smoothing, advance).run(find_moved=seed == seeds[0])
        for seed in seeds
    ]
    between = defaultdict(list)
    for one, other in combinations([result.pop("probabilities") for result in found], 2):
        for name in filter(other.__contains__, one):
            between[name].append(rows.compare(one[name], other[name]))
    return found, dict(between)


class SplitFit:
    """Fits all variants on the rows of a split with one seed, and measures them.

    Parameters
    ----------
    classifier : DistilledTextClassifier
    rows : SplitRows
    seed : int
    scorers, smoothing, advance : object
        As for ``measure_split``.
    """

    def __init__(self, classifier, rows, seed, scorers, smoothing, advance):
        self.rows, self.scorers, self.smoothing = rows, scorers, smoothing
        self.classifier = clone(classifier)
        self.classifier.random_state, self.classifier.warm_start = seed, False
        self.advance = advance or (lambda: None)
        self.variants, self.errors = {}, {}

    def run(self, find_moved):
        """Fit and measure; return plain numbers, see ``measure_split``."""
        rows, is_pair = self.rows, self.classifier.auxiliary is not None
        given = self._fit(["main", *["auxiliary", "ensemble"] * is_pair], rows.fit_as_given, self.classifier)
        budget = {} if given is None else _budget(given)
        alone = {
            role: self._fit_alone(f"{role}_alone", role, budget, rows.fit_labels)
            for role in ("main", *["auxiliary"] * is_pair)
        }
        smoothed = partial(rows.fit_labels, smoothing=self.smoothing)
        self._fit_alone("label_smoothing", "main", budget, smoothed, teacher_weight=1.0, temperature=1.0)
        if self.classifier.teacher is not None or rows.data.soft_targets is not None:
            self._ask_teacher()
        probabilities = self._score()
        pairs = {pair: rows.compare(*(probabilities[name] for name in pair)) for pair in _pairs(probabilities)}
        layers, moved = self._weight_changes(given, alone, find_moved)
        return {
            "variants": {name: variant.numbers for name, variant in self.variants.items()},
            "errors": self.errors,
            "probabilities": probabilities,
            "pairs": pairs,
            "layers": layers,
            "moved": moved,
        }

    def _fit_alone(self, name, role, budget, fit, **parameters):
        alone = network_alone(self.classifier, role)
        for parameter, value in {**budget, "callbacks": None, "verbose": 0, **parameters}.items():
            setattr(alone, parameter, value)
        return self._fit([name], fit, alone)

    def _fit(self, names, fit, classifier):
        """Fit a classifier and measure its networks; return None, and keep the message, where it fails."""
        try:
            start = perf_counter()
            classifier = fit(copy(classifier))
            seconds = perf_counter() - start
            for name in names:
                self.variants[name] = measure_network(classifier, name, self.rows.X_test, seconds)
        except Exception as error:  # any error of a fit: the other variants are still measured
            for name in names:
                self.variants.pop(name, None)
                self.errors[name] = f"{type(error).__name__}: {error}"
            classifier = None
        self.advance()
        return classifier

    def _ask_teacher(self):
        try:
            self.variants["teacher"] = measure_teacher(self.classifier, self.rows)
        except Exception as error:  # any error of the user's teacher, as above
            self.errors["teacher"] = f"{type(error).__name__}: {error}"
        self.advance()

    def _score(self):
        """Add the scores to the numbers of all variants, and return their probabilities with equal columns."""
        rows, data = self.rows, self.rows.data
        classifiers = [variant.classifier for variant in self.variants.values()]
        if data.is_multilabel:
            aligned = {name: variant.probabilities for name, variant in self.variants.items()}
            classes = None
        else:
            classes = learn_classes(data.labels, [classifier.classes_ for classifier in classifiers])
            aligned = {
                name: align(variant.probabilities, variant.classifier.classes_, classes, name)
                for name, variant in self.variants.items()
            }
        for name, variant in self.variants.items():
            variant.numbers |= score_probabilities(rows.y_test, aligned[name], classes, rows.w_test)
            for scorer_name, scorer in self.scorers.items():
                try:
                    variant.numbers[scorer_name] = float(scorer(variant.classifier, rows.X_test, rows.y_test))
                except Exception as error:  # any error of the user's scorer: the other scores stay
                    variant.numbers[scorer_name] = np.nan
                    self.errors[name] = f"{scorer_name}: {type(error).__name__}: {error}"
        return aligned

    def _weight_changes(self, given, alone, find_moved):
        """Return the changes of the layers by network, and the features that moved most."""
        layers, moved = {}, {}
        if given is None or given.share_embedding:
            return layers, moved
        for role, other in alone.items():
            if other is None or not hasattr(given._networks[role], "weights"):  # a callable's: there are no names
                continue
            layers[role] = layer_changes(given, role, other)
            if find_moved:
                analyzer = "precomputed" if given.tokenizer_ is None else given.tokenizer_.analyzer
                documents = check_documents(given, self.rows.X_train, analyzer, reset=False)
                sequences = Tokens(given.tokenizer_, given._n_tokens).sequences(documents)
                moved[role] = most_moved(given, role, initial_weights(given, role), sequences, _N_MOVED)
        return layers, moved


def _budget(given):
    """Return the epochs and the batch size with which labelled rows alone have as many steps as the estimator had."""
    epochs = round(given.max_iter_ * max(given._n_rows) / given._n_rows[0])
    return {"max_iter": epochs, "batch_size": given.batch_size_}


def _pairs(probabilities):
    return [pair for pair in _PAIRS if set(pair) <= probabilities.keys()]
