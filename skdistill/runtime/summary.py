"""One line about a network, for terminals and notebooks: never its arrays."""

from .dense import layers_of


def summarize(thing, *facts, nbytes=None):
    """Return the class of a thing with facts about it, such as ``TrainedBag(64 units, 5.6 MB)``."""
    facts = [*facts, *([] if nbytes is None else [format_bytes(nbytes)])]
    return f"{type(thing).__name__}({', '.join(facts)})"


def summarize_network(network, n_tokens, n_units, n_classes, nbytes):
    """Return what a person wants to know of a network: tokens, units, classes, bytes."""
    facts = count(n_tokens, "token"), count(n_units, "unit"), count(n_classes, "class")
    return summarize(network, *facts, nbytes=nbytes)


def summarize_weights(network, n_tokens, table, other_bytes=0):
    """Return the same of a trained network, of whose weights ``table`` has a column per unit."""
    weights = network.weights
    n_classes = len(layers_of(weights)[-1][1])
    nbytes = sum(array.nbytes for array in weights.values()) + other_bytes
    return summarize_network(network, n_tokens, weights[table].shape[1], n_classes, nbytes)


def count(number, noun):
    """Return a number with its noun, such as "1 token" or "10,000 tokens"."""
    plural = "es" if noun.endswith("s") else "s"
    return f"{number:,} {noun}{'' if number == 1 else plural}"


def format_bytes(number):
    """Return a number of bytes in the unit that suits it, such as "30 kB"."""
    for unit in ("bytes", "kB", "MB"):
        if number < 1000:
            return f"{number:.3g} {unit}"
        number /= 1000
    return f"{number:.3g} GB"
