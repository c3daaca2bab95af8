"""The terms of the loss and their gradients, as pure functions of logits.

All arithmetic is done by ``ops``: ``keras.ops`` in the compiled training step, or
``skdistill.runtime.ops`` for numpy arrays, with which tests compute in float64. The caller
applies the weights of rows.

Conventions
-----------
Logits have shape (..., n_rows, n_classes), where networks are stacked in front, main first. A
term of the loss has a value of shape (..., n_rows), and a gradient by the logits of the
network that learns, which has their shape. No term has a gradient by the logits of the side
that teaches: these are constants, as in Hinton, Vinyals and Dean 2015 (Distilling the Knowledge
in a Neural Network, section 2).

Divergences at temperature T are multiplied by T squared. Otherwise their gradients would scale as
1 / T**2 (section 2 of the same paper).

``output`` is the activation of the output layer. With "softmax" a row has exactly one class.
With "sigmoid" each label is present or absent by itself (multilabel), and the terms are sums
over the labels.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, NamedTuple

__all__ = [
    "OUTPUTS",
    "TRANSFERS",
    "Teaching",
    "binary_cross_entropy",
    "binary_divergence",
    "cross_entropy",
    "divergence",
    "joint_loss",
    "transfer_terms",
]

#: For each ``transfer`` what the main and what the auxiliary network learns from: "main",
#: "auxiliary", "mean" (of both networks' logits), or None (nothing). "to_main" and "to_auxiliary"
#: are the distillation of Hinton et al. 2015, section 2; "mutual" is that of Zhang et al. 2018,
#: Deep Mutual Learning, section 2.2; "ensemble" that of Lan et al. 2018, Knowledge Distillation
#: by On-the-Fly Native Ensemble, section 3.2, with the mean in place of learned gates.
TRANSFERS = MappingProxyType(
    {
        "none": (None, None),
        "to_main": ("auxiliary", None),
        "to_auxiliary": (None, "main"),
        "mutual": ("auxiliary", "main"),
        "ensemble": ("mean", "mean"),
    }
)


def cross_entropy(ops: Any, targets: Any, logits: Any) -> tuple[Any, Any]:
    """Return the cross-entropy of target probabilities and logits, and its gradient.

    With the probabilities p = softmax(logits)::

        value    = -(sum over the classes of targets * log p)
        gradient = p * (sum over the classes of targets) - targets

    Parameters
    ----------
    ops : namespace
        ``keras.ops`` or ``skdistill.runtime.ops``.
    targets : array of shape (n_rows, n_classes)
        Probabilities. A row without label holds zeros: its value and gradient are 0.
    logits : array of shape (..., n_rows, n_classes)
        Of one network or of several.

    Returns
    -------
    value : array of shape (..., n_rows)
        The cross-entropy of each row.
    gradient : array of shape (..., n_rows, n_classes)
        Its gradient by ``logits``.

    See Also
    --------
    binary_cross_entropy : The same for multilabel targets.
    divergence : The loss with a teacher's logits as targets.

    Examples
    --------
    >>> import numpy as np
    >>> from skdistill.objectives import cross_entropy
    >>> from skdistill.runtime import ops
    >>> value, gradient = cross_entropy(ops, np.array([[1.0, 0.0]]), np.zeros((1, 2)))
    >>> value.round(3).tolist(), gradient.round(3).tolist()
    ([0.693], [[-0.5, 0.5]])
    """
    log_p = ops.log_softmax(logits, axis=-1)
    mass = ops.sum(targets, axis=-1, keepdims=True)  # usually 1, and 0 in a row without label
    return -ops.sum(targets * log_p, axis=-1), ops.exp(log_p) * mass - targets


def divergence(ops: Any, teaching: Any, learning: Any, temperature: float) -> tuple[Any, Any]:
    """Return the Kullback-Leibler divergence of two sets of logits, times T squared, and its gradient.

    With the probabilities t = softmax(teaching / T) and q = softmax(learning / T)::

        value    = T**2 * (sum over the classes of t * (log t - log q))
        gradient = T * (q - t)

    The gradient is that by ``learning`` (Hinton et al. 2015, section 2.1, equation 2, times T
    squared). A divergence differs from the cross-entropy of that paper by the entropy of t, which
    is constant: both have the same gradient.

    Parameters
    ----------
    ops : namespace
        ``keras.ops`` or ``skdistill.runtime.ops``.
    teaching, learning : array of shape (..., n_rows, n_classes)
        The logits of the side that teaches, and of the network that learns.
    temperature : float
        T, above 0.

    Returns
    -------
    value : array of shape (..., n_rows)
        The divergence of each row, times T squared.
    gradient : array of shape (..., n_rows, n_classes)
        Its gradient by ``learning``.

    See Also
    --------
    binary_divergence : The same for multilabel targets.
    cross_entropy : The loss with labels as targets.

    Examples
    --------
    >>> import numpy as np
    >>> from skdistill.objectives import divergence
    >>> from skdistill.runtime import ops
    >>> value, gradient = divergence(ops, np.array([[2.0, 0.0]]), np.zeros((1, 2)), 2.0)
    >>> value.round(3).tolist(), gradient.round(3).tolist()
    ([0.444], [[-0.462, 0.462]])
    """
    log_t = ops.log_softmax(teaching / temperature, axis=-1)
    log_q = ops.log_softmax(learning / temperature, axis=-1)
    t = ops.exp(log_t)
    return temperature**2 * ops.sum(t * (log_t - log_q), axis=-1), temperature * (ops.exp(log_q) - t)


def binary_cross_entropy(ops: Any, targets: Any, logits: Any) -> tuple[Any, Any]:
    """Return the cross-entropy for sigmoid outputs, summed over the labels, and its gradient.

    With the probabilities p = sigmoid(logits)::

        value    = -(sum over the labels of targets * log p + (1 - targets) * log(1 - p))
        gradient = p - targets

    Parameters
    ----------
    ops : namespace
        ``keras.ops`` or ``skdistill.runtime.ops``.
    targets : array of shape (n_rows, n_labels)
        Probabilities. Zeros say that all labels are absent, which is learned like any other target.
    logits : array of shape (..., n_rows, n_labels)
        Of one network or of several.

    Returns
    -------
    value : array of shape (..., n_rows)
        The cross-entropy of each row.
    gradient : array of shape (..., n_rows, n_labels)
        Its gradient by ``logits``.

    See Also
    --------
    cross_entropy : The same for classes.
    binary_divergence : The loss with a teacher's logits as targets.

    Examples
    --------
    >>> import numpy as np
    >>> from skdistill.objectives import binary_cross_entropy
    >>> from skdistill.runtime import ops
    >>> value, gradient = binary_cross_entropy(ops, np.array([[1.0, 0.0]]), np.zeros((1, 2)))
    >>> value.round(3).tolist(), gradient.round(3).tolist()
    ([1.386], [[-0.5, 0.5]])
    """
    # softplus(-z) and softplus(z) are -log p and -log(1 - p), without overflow.
    value = targets * ops.softplus(-logits) + (1 - targets) * ops.softplus(logits)
    return ops.sum(value, axis=-1), ops.sigmoid(logits) - targets


def binary_divergence(ops: Any, teaching: Any, learning: Any, temperature: float) -> tuple[Any, Any]:
    """Return the divergence for sigmoid outputs, times T squared and summed over the labels, and its gradient.

    With the probabilities t = sigmoid(teaching / T) and q = sigmoid(learning / T)::

        value    = T**2 * (sum over the labels of t * log(t / q) + (1 - t) * log((1 - t) / (1 - q)))
        gradient = T * (q - t)

    Parameters
    ----------
    ops : namespace
        ``keras.ops`` or ``skdistill.runtime.ops``.
    teaching, learning : array of shape (..., n_rows, n_labels)
        The logits of the side that teaches, and of the network that learns.
    temperature : float
        T, above 0.

    Returns
    -------
    value : array of shape (..., n_rows)
        The divergence of each row, times T squared.
    gradient : array of shape (..., n_rows, n_labels)
        Its gradient by ``learning``.

    See Also
    --------
    divergence : The same for classes.
    binary_cross_entropy : The loss with labels as targets.

    Examples
    --------
    >>> import numpy as np
    >>> from skdistill.objectives import binary_divergence
    >>> from skdistill.runtime import ops
    >>> value, gradient = binary_divergence(ops, np.array([[2.0, 0.0]]), np.zeros((1, 2)), 2.0)
    >>> value.round(3).tolist(), gradient.round(3).tolist()
    ([0.444], [[-0.462, 0.0]])
    """
    teaching, learning = teaching / temperature, learning / temperature
    t = ops.sigmoid(teaching)
    present = t * (ops.softplus(-learning) - ops.softplus(-teaching))
    # sigmoid(-x) and not 1 - t, which is 0 where t rounds to 1.
    absent = ops.sigmoid(-teaching) * (ops.softplus(learning) - ops.softplus(teaching))
    return temperature**2 * ops.sum(present + absent, axis=-1), temperature * (ops.sigmoid(learning) - t)


#: For each output activation the functions of the cross-entropy and of the divergence.
OUTPUTS = MappingProxyType(
    {
        "softmax": (cross_entropy, divergence),
        "sigmoid": (binary_cross_entropy, binary_divergence),
    }
)


def transfer_terms(
    ops: Any, logits: Any, transfer: str, temperature: float, output: str = "softmax"
) -> tuple[Any, Any]:
    """Return the distillation loss of each network, and its gradient.

    Parameters
    ----------
    ops : namespace
        ``keras.ops`` or ``skdistill.runtime.ops``.
    logits : array of shape (2, n_rows, n_classes)
        Of the main and of the auxiliary network.
    transfer : str
        A name in ``TRANSFERS``, but not "none".
    temperature : float
        Above 0.
    output : str, default="softmax"
        A name in ``OUTPUTS``.

    Returns
    -------
    value : array of shape (2, n_rows)
        Zeros for a network that learns from no other.
    gradient : array of shape (2, n_rows, n_classes)
        By the logits of each network; zeros likewise.

    See Also
    --------
    divergence : The divergence of a single network from a teacher.
    joint_loss : Adds these terms to the loss.

    Examples
    --------
    >>> import numpy as np
    >>> from skdistill.objectives import transfer_terms
    >>> from skdistill.runtime import ops
    >>> value, gradient = transfer_terms(ops, np.array([[[2.0, 0.0]], [[0.0, 0.0]]]), "to_main", 2.0)
    >>> value.round(3).tolist(), gradient.round(3).tolist()
    ([[0.48], [0.0]], [[[0.462, -0.462]], [[0.0, 0.0]]])
    """
    _, diverge = OUTPUTS[output]
    if transfer == "ensemble":
        return diverge(ops, ops.mean(logits, axis=0, keepdims=True), logits, temperature)
    if transfer == "mutual":
        return diverge(ops, ops.flip(logits, axis=0), logits, temperature)
    learner = 0 if TRANSFERS[transfer][0] else 1
    teacher = 1 - learner
    value, gradient = diverge(ops, logits[teacher], logits[learner], temperature)
    # Zeros in the place of the teacher: one in front if the learner is the second, else one behind.
    zeros = (learner, teacher)
    return ops.pad(value[None], [zeros, (0, 0)]), ops.pad(gradient[None], [zeros, (0, 0), (0, 0)])


class Teaching(NamedTuple):
    """The logits of a teacher, and which rows have labels.

    Parameters
    ----------
    answers : array of shape (n_rows, n_classes)
        The teacher's logits; any finite numbers in a row that has none.
    labelled : array of shape (n_rows,)
        The factor of the cross-entropy with the label: 0 for a row without label.
    answered : array of shape (n_rows,)
        1 for a row with the teacher's logits, 0 for others.
    shares : array of shape (n_rows,)
        The teacher's weight in each row, between 0 and 1, and 0 in a row without its logits. The
        weight of the label is 1 minus this.
    learning : array of shape (n_networks,)
        1 for a network that learns from the teacher, 0 for others.

    See Also
    --------
    joint_loss : Computes the loss with it.

    Examples
    --------
    The first of two rows has a label, half of whose weight the teacher gets; the second has no label.

    >>> import numpy as np
    >>> from skdistill.objectives import Teaching, joint_loss
    >>> from skdistill.runtime import ops
    >>> teaching = Teaching(
    ...     answers=np.array([[2.0, 0.0], [0.0, 2.0]]),
    ...     labelled=np.array([1.0, 0.0]),
    ...     answered=np.array([1.0, 1.0]),
    ...     shares=np.array([0.5, 1.0]),
    ...     learning=np.array([1.0]),
    ... )
    >>> targets, logits = np.array([[1.0, 0.0], [0.0, 0.0]]), np.zeros((1, 2, 2))
    >>> values, _ = joint_loss(ops, targets, logits, "none", np.ones(1), 0.0, 1.0, teaching=teaching)
    >>> values[0].round(2).tolist()  # the loss of each row
    [0.51, 0.33]
    """

    answers: Any
    labelled: Any
    answered: Any
    shares: Any
    learning: Any


def joint_loss(
    ops: Any,
    targets: Any,
    logits: Any,
    transfer: str,
    label_weights: Any,
    transfer_weight: float,
    temperature: float,
    output: str = "softmax",
    teaching: Teaching | None = None,
) -> tuple[Any, Any]:
    """Return the loss of each row and its terms, and the gradient of the loss.

    The loss is a sum over the networks, of::

        label_weight * cross-entropy + transfer_weight * distillation loss

    With a teacher, the first term is replaced by::

        (1 - share) * labelled * label_weight * cross-entropy + share * learning * divergence from the teacher

    as in Hinton et al. 2015, section 2, last paragraph.

    Parameters
    ----------
    ops : namespace
        ``keras.ops`` or ``skdistill.runtime.ops``.
    targets : array of shape (n_rows, n_classes)
        Target probabilities; zeros in a row without label.
    logits : array of shape (n_networks, n_rows, n_classes)
        Of the main network, then of the auxiliary if there is one.
    transfer : str
        A name in ``TRANSFERS``; "none" for one network.
    label_weights : array of shape (n_networks,)
        The weight of each network's cross-entropy.
    transfer_weight : float
        The weight of the distillation loss.
    temperature : float
        Above 0; of the distillation loss and of the divergence from the teacher.
    output : str, default="softmax"
        A name in ``OUTPUTS``.
    teaching : Teaching or None, default=None
        None if each row has a label and there is no teacher.

    Returns
    -------
    values : array of shape (1 + n_terms, n_rows)
        The loss; the cross-entropy of each network; unless ``transfer`` is "none", the distillation
        loss of each network; with ``teaching``, the divergence of each network from the teacher.
        The terms are not multiplied by their weights.
    gradient : array of shape (n_networks, n_rows, n_classes)
        That of the loss by the logits.

    See Also
    --------
    transfer_terms : The distillation loss between two networks.
    Teaching : The logits of a teacher.
    """
    entropy, diverge = OUTPUTS[output]
    label_weights = ops.reshape(label_weights, (-1, 1))  # (n_networks, 1)
    terms, slopes = entropy(ops, targets, logits)  # (n_networks, n_rows) and (n_networks, n_rows, n_classes)
    values = [terms]
    if teaching is None:
        loss, gradient = label_weights * terms, label_weights[..., None] * slopes
    else:
        values = [teaching.labelled * terms]
        shares = ops.reshape(teaching.learning, (-1, 1)) * teaching.shares  # (n_networks, n_rows)
        rests = label_weights * teaching.labelled * (1 - teaching.shares)  # (n_networks, n_rows)
        loss, gradient = rests * terms, rests[..., None] * slopes
    if transfer != "none":
        terms, slopes = transfer_terms(ops, logits, transfer, temperature, output)
        loss, gradient = loss + transfer_weight * terms, gradient + transfer_weight * slopes
        values.append(terms)
    if teaching is not None:
        terms, slopes = diverge(ops, teaching.answers, logits, temperature)
        loss, gradient = loss + shares * terms, gradient + shares[..., None] * slopes
        values.append(teaching.answered * terms)
    return ops.concatenate([ops.sum(loss, axis=0, keepdims=True), *values]), gradient
