"""What changes from step to step: the learning rate and the weight of the transfer."""

from typing import NamedTuple

import numpy as np

#: Kingma and Ba 2015 (Adam), algorithm 1: decay of the first and of the second moment.
BETA_1, BETA_2 = 0.9, 0.999
# An untrained peer is noise: the weight of the transfer grows over this part of all steps.
_RAMP = 0.2


class Rates(NamedTuple):
    """The numbers of one step, in the order of the columns of ``rates_of_epoch``.

    Attributes
    ----------
    learning_rate : float
        With Adam's bias corrections.
    transfer_weight : float
    row_weight : float
        1 / the number of rows, because the loss is a mean.
    """

    learning_rate: float
    transfer_weight: float
    row_weight: float


def rates_of_epoch(plan, n_rows, batch_size, epoch, ramp):
    """Return the ``Rates`` of each step of an epoch.

    Parameters
    ----------
    plan : Plan
    n_rows : int
    batch_size : int
        Labelled and unlabelled rows together.
    epoch : int
        Counted from 0.
    ramp : bool
        Whether the weight of the transfer grows.

    Returns
    -------
    rates : ndarray of shape (n_batches, 3), float32
    """
    starts = np.arange(0, n_rows, batch_size)
    n_steps = plan.max_iter * len(starts)
    step = epoch * len(starts) + np.arange(1, len(starts) + 1)
    # Kingma and Ba 2015, Adam, end of section 2: rate * sqrt(1 - beta_2**t) / (1 - beta_1**t).
    correction = np.sqrt(1 - BETA_2**step) / (1 - BETA_1**step)
    # The first step has the whole rate, and a step after the last one would have 0.
    decay = 1 - (step - 1) / n_steps if plan.learning_rate == "linear" else 1.0
    grown = np.minimum(step / max(_RAMP * n_steps, 1), 1) if ramp else np.ones(len(step))
    rates = Rates(
        learning_rate=plan.learning_rate_init * decay * correction,
        transfer_weight=plan.transfer_weight * grown,
        row_weight=1 / np.minimum(n_rows - starts, batch_size),
    )
    return np.stack(rates, axis=1).astype(np.float32)
