"""What is prepared before training; fits on the same rows with other settings share most of it."""

from dataclasses import dataclass, field, replace
from typing import Any

from .fit_data import FitData
from .plan import Plan, make_plan, resolve_networks
from .rows import Rows


@dataclass(frozen=True)
class SharedWork:
    """What is computed once for all fits on the same rows.

    Each dict is filled by the first fit that needs an entry. The keys name all that an entry depends on,
    apart from the rows.

    Attributes
    ----------
    embeddings : dict
        Word vectors, see ``plan.make_plan``.
    features : dict
        Vocabularies and features of bags, see ``_keras.kinds.make_readers``.
    paths : dict
        Linear paths, see ``linear_paths.fit_paths``.
    """

    embeddings: dict = field(default_factory=dict)
    features: dict = field(default_factory=dict)
    paths: dict = field(default_factory=dict)


@dataclass(frozen=True)
class PreparedFit:
    """A fit whose rows are read and whose teachers have predicted.

    Attributes
    ----------
    plan : Plan
    rows : Rows
        The training rows.
    validation : Rows or None
    tokens : Tokens
    data : FitData
        Without the rows held out.
    shared : SharedWork
    fitted : dict of str to object
        The fitted attributes of the classifier that are known before training.
    analyzer : {"word", "char", "precomputed"} or callable
        That of the tokenizer.
    """

    plan: Plan
    rows: Rows
    validation: Rows | None
    tokens: Any
    data: FitData
    shared: SharedWork
    fitted: dict
    analyzer: Any

    def with_settings(self, parameters):
        """Return the fit, from scratch, with other network sizes or training hyperparameters.

        Parameters
        ----------
        parameters : namespace
            The parameters of the classifier. Those that decide the rows, the tokens and the teacher are as before.

        Returns
        -------
        prepared : PreparedFit
        """
        before, networks = self.plan, resolve_networks(parameters, self.analyzer)
        plan = make_plan(
            parameters,
            networks,
            self.tokens,
            self.data,
            initial={},
            seed=before.seed,
            drawn_as=before.drawn_as,
            read=self.shared.embeddings,
        )
        fitted = self.fitted | {"embedding_coverage_": plan.embedding_coverage, "_specifications": networks}
        return replace(self, plan=plan.for_rows(self.rows), fitted=fitted)
