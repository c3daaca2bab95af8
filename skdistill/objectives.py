"""The terms of the loss and their gradients, as pure functions of logits.

Owns the mathematics and nothing else: it must not know networks, batches or
weights of rows. ``ops`` is ``keras.ops`` where the terms are compiled for
training and ``skdistill.runtime.ops`` where they are tested in float64.

Conventions
-----------
Logits have shape (..., n_rows, n_classes); networks are stacked in front, main
first. A term has a value of shape (..., n_rows) and a gradient by the logits of the
network that learns, of their shape. Who teaches has no gradient: the gradients are
written down, and none is written for that side. Divergences at temperature T are
multiplied by T squared, so that their gradients keep their size when T changes
(Hinton, Vinyals and Dean 2015, Distilling the Knowledge in a Neural Network,
section 2).

``output`` says what the logits mean: "softmax", one class of many; "sigmoid", labels
that hold or not each by itself, whose terms are summed.
"""

from types import MappingProxyType
from typing import NamedTuple

#: Who teaches (the main, the auxiliary network); None: nobody. "to_auxiliary": Hinton et
#: al. 2015, section 2; "mutual": Zhang et al. 2018, Deep Mutual Learning, section 2.2;
#: "ensemble": Lan et al. 2018, Knowledge Distillation by On-the-Fly Native Ensemble,
#: section 3.2, with the mean of the logits.
TRANSFERS = MappingProxyType(
    {
        "none": (None, None),
        "to_main": ("auxiliary", None),
        "to_auxiliary": (None, "main"),
        "mutual": ("auxiliary", "main"),
        "ensemble": ("mean", "mean"),
    }
)


def cross_entropy(ops, targets, logits):
    """Cross-entropy of the logits with target probabilities, and its gradient.

    Parameters
    ----------
    ops : namespace
    targets : array of shape (n_rows, n_classes)
        A row without target holds zeros: its value and gradient are 0.
    logits : array of shape (..., n_rows, n_classes)

    Returns
    -------
    value : array of shape (..., n_rows)
    gradient : array of shape (..., n_rows, n_classes)
    """
    log_p = ops.log_softmax(logits, axis=-1)
    mass = ops.sum(targets, axis=-1, keepdims=True)
    return -ops.sum(targets * log_p, axis=-1), ops.exp(log_p) * mass - targets


def divergence(ops, teaching, learning, temperature):
    """T^2 KL(teaching || learning) of logits, and its gradient by those that learn.

    The gradient is T (q - t) with the probabilities t and q at temperature T (Hinton et
    al. 2015, section 2.1, equation 2, times T squared).

    Parameters
    ----------
    ops : namespace
    teaching, learning : array of shape (..., n_rows, n_classes)
    temperature : float

    Returns
    -------
    value : array of shape (..., n_rows)
    gradient : array of shape (..., n_rows, n_classes)
    """
    log_t = ops.log_softmax(teaching / temperature, axis=-1)
    log_q = ops.log_softmax(learning / temperature, axis=-1)
    t = ops.exp(log_t)
    return temperature**2 * ops.sum(t * (log_t - log_q), axis=-1), temperature * (ops.exp(log_q) - t)


def binary_cross_entropy(ops, targets, logits):
    """The counterpart of ``cross_entropy`` for sigmoid outputs, summed over the labels.

    Parameters
    ----------
    ops : namespace
    targets : array of shape (n_rows, n_labels)
        Probabilities. A row of zeros has no label, which is to be learned like any other.
    logits : array of shape (..., n_rows, n_labels)

    Returns
    -------
    value : array of shape (..., n_rows)
    gradient : array of shape (..., n_rows, n_labels)
    """
    # softplus(-z) and softplus(z) are -log p and -log(1 - p), without overflow.
    value = targets * ops.softplus(-logits) + (1 - targets) * ops.softplus(logits)
    return ops.sum(value, axis=-1), ops.sigmoid(logits) - targets


def binary_divergence(ops, teaching, learning, temperature):
    """The counterpart of ``divergence`` for sigmoid outputs, summed over the labels.

    Parameters
    ----------
    ops : namespace
    teaching, learning : array of shape (..., n_rows, n_labels)
    temperature : float

    Returns
    -------
    value : array of shape (..., n_rows)
    gradient : array of shape (..., n_rows, n_labels)
    """
    teaching, learning = teaching / temperature, learning / temperature
    t = ops.sigmoid(teaching)
    held = t * (ops.softplus(-learning) - ops.softplus(-teaching))
    # Not 1 - t, which is 0 where t rounds to 1.
    missed = ops.sigmoid(-teaching) * (ops.softplus(learning) - ops.softplus(teaching))
    return temperature**2 * ops.sum(held + missed, axis=-1), temperature * (ops.sigmoid(learning) - t)


#: The term of the labels and that of the transfer, by what the logits mean.
OUTPUTS = {
    "softmax": (cross_entropy, divergence),
    "sigmoid": (binary_cross_entropy, binary_divergence),
}


def transfer_terms(ops, logits, transfer, temperature, output="softmax"):
    """What each network is taught by the other, or by their mean.

    Parameters
    ----------
    ops : namespace
    logits : array of shape (2, n_rows, n_classes)
    transfer : str
        A name in ``TRANSFERS``, but not "none".
    temperature : float
    output : str
        A name in ``OUTPUTS``.

    Returns
    -------
    value : array of shape (2, n_rows)
        Zeros for a network that nobody teaches.
    gradient : array of shape (2, n_rows, n_classes)
    """
    _, diverge = OUTPUTS[output]
    if transfer == "ensemble":
        return diverge(ops, ops.mean(logits, axis=0, keepdims=True), logits, temperature)
    if transfer == "mutual":
        return diverge(ops, ops.flip(logits, axis=0), logits, temperature)
    learner = 0 if TRANSFERS[transfer][0] else 1
    teacher = 1 - learner
    terms = diverge(ops, logits[teacher], logits[learner], temperature)
    return [ops.pad(term[None], [(learner, teacher)] + [(0, 0)] * len(term.shape)) for term in terms]


class Teaching(NamedTuple):
    """What a third source of knowledge says of the rows, and which rows have labels.

    Attributes
    ----------
    answers : array of shape (n_rows, n_classes)
        Its logits; of a row without an answer, any.
    labelled : array of shape (n_rows,)
        By what the term of the labels is multiplied: 0 for a row without label.
    answered : array of shape (n_rows,)
        1 for a row with an answer, 0 for others.
    shares : array of shape (n_rows,)
        The teacher's share of a row, in [0, 1], 0 for a row without an answer; the label
        has the rest.
    learning : array of shape (n_networks,)
        1 for a network that learns from the teacher, 0 for others.
    """

    answers: object
    labelled: object
    answered: object
    shares: object
    learning: object


def joint_loss(
    ops, targets, logits, transfer, label_weights, transfer_weight, temperature, output="softmax", teaching=None
):
    """The loss of each row, its terms, and the gradient of the loss.

    loss = sum over the networks of label_weight * cross-entropy + transfer_weight * divergence

    With a teacher the first term is (1 - share) * label_weight * cross-entropy + share *
    divergence from the teacher, as in Hinton et al. 2015, section 2, last paragraph.

    Parameters
    ----------
    ops : namespace
    targets : array of shape (n_rows, n_classes)
    logits : array of shape (n_networks, n_rows, n_classes)
    transfer : str
        A name in ``TRANSFERS``; "none" for one network.
    label_weights : array of shape (n_networks,)
        1 and lambda.
    transfer_weight, temperature : float
    output : str
        A name in ``OUTPUTS``.
    teaching : Teaching or None
        None: every row has labels alone.

    Returns
    -------
    values : array of shape (1 + n_terms, n_rows)
        The loss, the cross-entropy of each network, then (unless ``transfer`` is
        "none") the divergence of each network, then (with ``teaching``) that of each
        from the teacher.
    gradient : array of shape (n_networks, n_rows, n_classes)
        Of the loss by the logits.
    """
    entropy, diverge = OUTPUTS[output]
    label_weights = ops.reshape(label_weights, (-1, 1))
    terms, slopes = entropy(ops, targets, logits)
    values = [terms]
    if teaching is None:
        loss, gradient = label_weights * terms, label_weights[..., None] * slopes
    else:
        values = [teaching.labelled * terms]
        shares = ops.reshape(teaching.learning, (-1, 1)) * teaching.shares
        rests = label_weights * teaching.labelled * (1 - teaching.shares)
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
