"""Dense layers, the last layers of every network: their names among the weights and their forward pass."""

import numpy as np

from .state import array_of

#: Activations and logits of a saved model are below this bound, far from the largest float32 (2**128).
_LARGEST_LOGIT = 2.0**120


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


def weights_of(layers):
    """Return dense layers as arrays by name: the inverse of ``layers_of``."""
    return {f"{name}_{i}": array for i, layer in enumerate(layers) for name, array in zip(("kernel", "bias"), layer)}


def layers_from_state(arrays, n_layers, n_in, largest):
    """Return the dense layers of a saved model, or raise a ValueError of one sentence.

    Parameters
    ----------
    arrays : dict of str to ndarray
        The names are those of ``layers_of``.
    n_layers : int
    n_in : int
        The width of what the first layer reads.
    largest : float
        The largest magnitude of that.

    Returns
    -------
    layers : list of (kernel, bias)
    """
    layers = []
    for i in range(n_layers):
        kernel = array_of(arrays, f"kernel_{i}", np.float32, n_in, None)
        n_in = kernel.shape[1]
        bias = array_of(arrays, f"bias_{i}", np.float32, n_in)
        sums = np.abs(kernel).sum(axis=0, dtype=np.float64)
        largest = sums.max(initial=0) * largest + np.abs(bias).max(initial=0)
        layers.append((kernel, bias))
    if largest > _LARGEST_LOGIT:
        raise ValueError("The weights of the dense layers are so large that logits may overflow")
    return layers


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
