"""Schedules: in which order the networks are trained.

A fit is a list of phases. Each epoch of a phase is one or several passes over the rows, and a
pass trains one or both networks.
"""

from typing import NamedTuple

from ..objectives import TRANSFERS

SCHEDULES = ("joint", "alternating", "sequential")
# A pass over one network holds its teacher fixed. The ensemble contains the network that learns, so
# that it is never fixed there. And in a sequential schedule the network that teaches is not trained
# again, so that learning cannot be mutual.
_IMPOSSIBLE = {("alternating", "ensemble"), ("sequential", "mutual"), ("sequential", "ensemble")}


class Pass(NamedTuple):
    """One pass over the training rows.

    Attributes
    ----------
    learners : tuple of str
        The roles of the networks that it trains.
    transfer : str
        Which network learns from which, a name in ``TRANSFERS``.
    """

    learners: tuple
    transfer: str


class Phase(NamedTuple):
    """Epochs of the same passes, until ``max_iter`` or until the monitored score stops improving.

    Attributes
    ----------
    passes : tuple of Pass
    ramp : bool
        Whether the weight of the distillation loss increases over the first steps. It does not if
        the network that teaches is already trained.
    """

    passes: tuple
    ramp: bool

    @property
    def learners(self):
        """The roles of all networks that the phase trains."""
        return tuple(role for pass_ in self.passes for role in pass_.learners)


def is_possible(schedule, transfer):
    """Whether a schedule can be combined with a transfer."""
    return (schedule, transfer) not in _IMPOSSIBLE


def phases_of(schedule, transfer, roles):
    """Return the phases of a fit, in order.

    Parameters
    ----------
    schedule : {"joint", "alternating", "sequential"}
    transfer : str
        A name in ``TRANSFERS``.
    roles : sequence of str
        ``"main"``, and ``"auxiliary"`` if there is one.

    Returns
    -------
    phases : list of Phase
    """
    if len(roles) == 1:
        return [Phase((Pass(("main",), "none"),), ramp=False)]
    if schedule == "joint":
        return [Phase((Pass(tuple(roles), transfer),), ramp=True)]
    teacher_of = dict(zip(("main", "auxiliary"), TRANSFERS[transfer]))
    # The network that learns from the other comes last: with "to_main", as in the source article, first
    # the auxiliary and then main. Where both or neither learn from the other, main comes first.
    order = sorted(teacher_of, key=lambda role: teacher_of[role] is not None)
    passes = [Pass((role,), f"to_{role}" if teacher_of[role] else "none") for role in order]
    if schedule == "alternating":
        return [Phase(tuple(passes), ramp=True)]
    return [Phase((pass_,), ramp=False) for pass_ in passes]
