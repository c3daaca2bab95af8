"""In which order the networks are trained: schedules as data.

A fit is a list of phases, an epoch of a phase is one or several passes over the rows, and a
pass moves one or both networks.
"""

from typing import NamedTuple

from ..objectives import TRANSFERS

SCHEDULES = ("joint", "alternating", "sequential")
# A frozen network can teach but not learn, and the mean of two is not frozen where they are not.
_IMPOSSIBLE = {("alternating", "ensemble"), ("sequential", "mutual"), ("sequential", "ensemble")}


class Pass(NamedTuple):
    """One pass over the training rows.

    Attributes
    ----------
    learners : tuple of str
        The networks that it moves.
    transfer : str
        Which way knowledge flows in it, a name in ``TRANSFERS``.
    """

    learners: tuple
    transfer: str


class Phase(NamedTuple):
    """Epochs of the same passes, until the monitored network stops improving.

    Attributes
    ----------
    passes : tuple of Pass
    ramp : bool
        Whether the weight of the transfer grows: not where a trained network teaches.
    """

    passes: tuple
    ramp: bool

    @property
    def learners(self):
        """All networks that the phase moves."""
        return tuple(role for pass_ in self.passes for role in pass_.learners)


def is_possible(schedule, transfer):
    """Whether a schedule can have a transfer."""
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
    # The network that is taught comes last: the source article trains the auxiliary, then the main towards it.
    order = sorted(teacher_of, key=lambda role: teacher_of[role] is not None)
    passes = [Pass((role,), f"to_{role}" if teacher_of[role] else "none") for role in order]
    if schedule == "alternating":
        return [Phase(tuple(passes), ramp=True)]
    return [Phase((pass_,), ramp=False) for pass_ in passes]
