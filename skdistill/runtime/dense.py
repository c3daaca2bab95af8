"""Dense layers, the end of every network.

Owns their names among the weights and their forward pass. It must not know what
they read.
"""

import numpy as np


def layers_of(weights):
    """(kernel, bias) of each dense layer, first to last: ``"kernel_0"``, ``"bias_0"``, ..."""
    count = sum(name.startswith("kernel_") for name in weights)
    return [(weights[f"kernel_{i}"], weights[f"bias_{i}"]) for i in range(count)]


def dense_layers(x, layers):
    """Dense layers with relu between them; ``x`` itself where there is none."""
    for kernel, bias in layers[:-1]:
        x = np.maximum(x @ kernel + bias, 0)
    for kernel, bias in layers[-1:]:
        x = x @ kernel + bias
    return x
