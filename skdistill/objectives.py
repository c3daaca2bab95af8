"""The terms of the loss, as pure functions of logits.

Owns the mathematics and nothing else: it must not know networks, batches or
weights of rows. ``ops`` is ``keras.ops`` where the terms are compiled for
training and ``skdistill.runtime.ops`` where they are tested in float64.

Conventions
-----------
Logits have shape (n_rows, n_classes); a term has shape (n_rows,). KL(t || q)
teaches q: no gradient flows into t. Divergences at temperature T are multiplied by
T squared, so that their gradients keep their size when T changes (Hinton, Vinyals
and Dean 2015, Distilling the Knowledge in a Neural Network, section 2).
"""


def cross_entropy(ops, targets, logits):
    """Cross-entropy of ``logits`` with target probabilities of the same shape."""
    return -ops.sum(targets * ops.log_softmax(logits, axis=-1), axis=-1)


def divergence(ops, teaching, learning, temperature):
    """T^2 KL(teaching || learning), both given as logits (Hinton et al. 2015, section 2)."""
    log_target = ops.log_softmax(ops.stop_gradient(teaching) / temperature, axis=-1)
    log_learned = ops.log_softmax(learning / temperature, axis=-1)
    return temperature**2 * ops.sum(ops.exp(log_target) * (log_target - log_learned), axis=-1)


def _nothing(ops, logits):
    return 0.0 * ops.sum(ops.stop_gradient(logits), axis=-1)


def _none(ops, main, auxiliary, temperature):
    return _nothing(ops, main), _nothing(ops, auxiliary)


def _to_main(ops, main, auxiliary, temperature):
    return divergence(ops, auxiliary, main, temperature), _nothing(ops, auxiliary)


def _to_auxiliary(ops, main, auxiliary, temperature):
    return _nothing(ops, main), divergence(ops, main, auxiliary, temperature)


def _mutual(ops, main, auxiliary, temperature):
    return divergence(ops, auxiliary, main, temperature), divergence(ops, main, auxiliary, temperature)


def _ensemble(ops, main, auxiliary, temperature):
    mean = (main + auxiliary) / 2
    return divergence(ops, mean, main, temperature), divergence(ops, mean, auxiliary, temperature)


#: Which way knowledge flows: name -> function of (ops, main logits, auxiliary
#: logits, temperature) that returns the term of the main and of the auxiliary
#: network. "to_auxiliary": Hinton et al. 2015, section 2; "mutual": Zhang et al.
#: 2018, Deep Mutual Learning, section 2.2; "ensemble": Lan et al. 2018, Knowledge
#: Distillation by On-the-Fly Native Ensemble, section 3.2, with the mean of the logits.
TRANSFERS = {
    "none": _none,
    "to_main": _to_main,
    "to_auxiliary": _to_auxiliary,
    "mutual": _mutual,
    "ensemble": _ensemble,
}


def joint_terms(ops, targets, main, auxiliary, transfer, temperature):
    """The terms of both networks, row by row.

    Returns
    -------
    terms : dict
        ``main_loss``, ``auxiliary_loss``, ``main_transfer``, ``auxiliary_transfer``;
        the first alone where ``auxiliary`` is None.
    """
    terms = {"main_loss": cross_entropy(ops, targets, main)}
    if auxiliary is not None:
        terms["auxiliary_loss"] = cross_entropy(ops, targets, auxiliary)
        transfers = TRANSFERS[transfer](ops, main, auxiliary, temperature)
        terms["main_transfer"], terms["auxiliary_transfer"] = transfers
    return terms


def joint_loss(terms, auxiliary_weight, transfer_weight):
    """l(main) + lambda l(auxiliary) + mu (D(main) + D(auxiliary)), row by row."""
    loss = terms["main_loss"]
    if "auxiliary_loss" in terms:
        transfer = terms["main_transfer"] + terms["auxiliary_transfer"]
        loss = loss + auxiliary_weight * terms["auxiliary_loss"] + transfer_weight * transfer
    return loss
