"""The learning rate and the weight of the distillation loss in each step."""

from typing import NamedTuple

import numpy as np

#: Decay rates of the first and the second moment (Kingma and Ba 2015, Adam, algorithm 1).
BETA_1, BETA_2 = 0.9, 0.999
# The weight of the distillation loss grows from 0 over this fraction of all steps, because the
# predictions of an untrained peer are noise.
_RAMP = 0.2


class Rates(NamedTuple):
    """The numbers of one step, in the order of the columns of ``rates_of_epoch``.

    Attributes
    ----------
    learning_rate : float
        With Adam's bias corrections.
    transfer_weight : float
        The weight of the distillation loss.
    row_weight : float
        1 / the number of rows of the batch, because the loss is a mean.
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
        Rows of the epoch.
    batch_size : int
        Rows of a batch, labelled and unlabelled together.
    epoch : int
        The number of the epoch in its phase, counted from 0.
    ramp : bool
        Whether the weight of the distillation loss grows over the first steps.

    Returns
    -------
    rates : ndarray of shape (n_batches, 3), float32
    """
    starts = np.arange(0, n_rows, batch_size)
    n_steps = plan.max_iter * len(starts)
    step = epoch * len(starts) + np.arange(1, len(starts) + 1)
    # Kingma and Ba 2015, Adam, end of section 2: alpha_t = alpha * sqrt(1 - beta_2**t) / (1 - beta_1**t).
    correction = np.sqrt(1 - BETA_2**step) / (1 - BETA_1**step)
    # Linear decay from the full rate in the first step to 0 in the step after the last.
    decay = 1 - (step - 1) / n_steps if plan.learning_rate == "linear" else 1.0
    grown = np.minimum(step / max(_RAMP * n_steps, 1), 1) if ramp else np.ones(len(step))
    rates = Rates(
        learning_rate=plan.learning_rate_init * decay * correction,
        transfer_weight=plan.transfer_weight * grown,
        row_weight=1 / np.minimum(n_rows - starts, batch_size),
    )
    return np.stack(rates, axis=1).astype(np.float32)
