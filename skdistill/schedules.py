"""In which order networks are trained, as data.

Owns the schedules: which networks a pass over the rows moves, and who teaches in it.
It must not know networks or how they are trained.
"""

from typing import NamedTuple

from .objectives import TRANSFERS

SCHEDULES = ("joint", "alternating", "sequential")
# A frozen network can teach but not learn, and a mean of two is frozen as little as they are.
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
    """Epochs of the same passes, until the watched network is done.

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
        return tuple(role for own in self.passes for role in own.learners)


def is_possible(schedule, transfer):
    """Whether a schedule can have a transfer."""
    return (schedule, transfer) not in _IMPOSSIBLE


def phases_of(schedule, transfer, roles):
    """What to do, one phase after the other.

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
    taught = dict(zip(("main", "auxiliary"), TRANSFERS[transfer]))
    # Who is taught comes last: the source article trains the auxiliary, then the main towards it.
    order = sorted(taught, key=lambda role: taught[role] is not None)
    passes = [Pass((role,), f"to_{role}" if taught[role] else "none") for role in order]
    if schedule == "alternating":
        return [Phase(tuple(passes), ramp=True)]
    return [Phase((own,), ramp=False) for own in passes]
