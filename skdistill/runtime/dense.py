"""Dense layers, the last layers of every network: their names among the weights and their forward pass."""

import numpy as np


def layers_of(weights):
    """Return the (kernel, bias) of each dense layer, first to last: ``"kernel_0"``, ``"bias_0"``, ...

    Parameters
    ----------
    weights : dict of ndarray
        All weights of a network by name.

    Returns
    -------
    layers : list of (ndarray of shape (n_in, n_out), ndarray of shape (n_out,))
    """
    count = sum(name.startswith("kernel_") for name in weights)
    return [(weights[f"kernel_{i}"], weights[f"bias_{i}"]) for i in range(count)]


def dense_layers(x, layers):
    """Apply dense layers with relu between them; without layers return ``x`` as it is.

    Parameters
    ----------
    x : ndarray of shape (n_documents, n_in)
    layers : list of (kernel, bias)

    Returns
    -------
    x : ndarray of shape (n_documents, n_out)
        The last layer's values: no relu follows it, since they are the logits.
    """
    for kernel, bias in layers[:-1]:
        x = np.maximum(x @ kernel + bias, 0)
    for kernel, bias in layers[-1:]:
        x = x @ kernel + bias
    return x
