"""One-line representations of networks and sequences, for terminals and notebooks: sizes instead of arrays."""

from .dense import layers_of


def summarize(instance, *facts, nbytes=None):
    """Return the class of an object with facts about it, such as ``TrainedBag(64 units, 5.6 MB)``."""
    facts = [*facts, *([] if nbytes is None else [format_bytes(nbytes)])]
    return f"{type(instance).__name__}({', '.join(facts)})"


def summarize_network(network, n_tokens, n_units, n_classes, nbytes):
    """Return the summary of a network: its class, and its numbers of tokens, units, classes and bytes."""
    return summarize(network, *network_facts(n_tokens, n_units, n_classes), nbytes=nbytes)


def network_facts(n_tokens, n_units, n_classes):
    """Return the numbers of tokens, units and classes with their nouns."""
    return count(n_tokens, "token"), count(n_units, "unit"), count(n_classes, "class")


def summarize_weights(network, n_tokens, table, other_bytes=0):
    """Return the summary of a network with named weights.

    Parameters
    ----------
    network : TrainedBag, TrainedCNN or TrainedGRU
    n_tokens : int
    table : str
        Name of a weight with one column per unit.
    other_bytes : int, default=0
        Bytes of the arrays that are not among the weights.

    Returns
    -------
    summary : str
    """
    weights = network.weights
    n_classes = len(layers_of(weights)[-1][1])
    nbytes = sum(array.nbytes for array in weights.values()) + other_bytes
    return summarize_network(network, n_tokens, weights[table].shape[1], n_classes, nbytes)


def count(number, noun):
    """Return a number with its noun, such as "1 token", "10,000 tokens" or "2 classes"."""
    plural = "es" if noun.endswith("s") else "s"
    return f"{number:,} {noun}{'' if number == 1 else plural}"


def format_bytes(number):
    """Return a number of bytes with three digits and a decimal unit, such as "30 kB"."""
    for unit in ("bytes", "kB", "MB"):
        if number < 1000:
            return f"{number:.3g} {unit}"
        number /= 1000
    return f"{number:.3g} GB"
