"""How fast each step moves: the learning rate, and the weight of the transfer.

Owns what changes from step to step. Numpy only; it must not know networks.
"""

import numpy as np

from .step import BETA_1, BETA_2

# An untrained peer is noise: the transfer grows over this share of all steps.
_RAMP = 0.2


def paces_of_epoch(plan, n_rows, batch_size, epoch, ramp):
    """What the compiled step takes for each batch of an epoch.

    Parameters
    ----------
    plan : Plan
    n_rows : int
    batch_size : int
        Of all sides together.
    epoch : int
        Counted from 0.
    ramp : bool
        Whether the weight of the transfer grows.

    Returns
    -------
    paces : ndarray of shape (n_batches, 3), float32
        The learning rate with the bias corrections of Adam, the weight of the
        transfer, and 1 / the number of rows.
    """
    starts = np.arange(0, n_rows, batch_size)
    n_steps = plan.max_iter * len(starts)
    step = epoch * len(starts) + np.arange(1, len(starts) + 1)
    # Kingma and Ba 2015, Adam, end of section 2. The first step has the whole rate.
    correction = np.sqrt(1 - BETA_2**step) / (1 - BETA_1**step)
    decay = 1 - (step - 1) / n_steps if plan.learning_rate == "linear" else 1.0
    grown = np.minimum(step / max(_RAMP * n_steps, 1), 1) if ramp else np.ones(len(step))
    share = 1 / np.minimum(n_rows - starts, batch_size)
    paces = [plan.learning_rate_init * decay * correction, plan.transfer_weight * grown, share]
    return np.stack(paces, axis=1).astype(np.float32)
