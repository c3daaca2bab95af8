"""Time training the source article's two networks together, against training them in turn with Keras.

    python benchmarks/training.py [--folder FOLDER] [--data NAME] [--rounds 5] [--epochs 5]

Seconds per epoch are those of the steady state. skdistill: a fit of 1 + N epochs minus a
fit of 1 epoch, divided by N. Keras: the second and later epochs of ``Model.fit``, on ids
that are padded beforehand, the sum of both networks. Also printed is the overhead of a
fit beyond tokenising and epochs: of the first fit of a structure, which traces the step,
and of a later one with another vocabulary and another ``auxiliary_weight``.
"""

import time
from statistics import median

import article
import numpy as np
from timing import alternate, load_one, parser, report, seconds, versions


def ours(texts, labels, n_epochs, **settings):
    """Return the seconds per epoch of the classifier."""
    short, long = (article.pair(max_iter=n, **settings) for n in (1, 1 + n_epochs))
    first = seconds(lambda: short.fit(texts, labels))
    return (seconds(lambda: long.fit(texts, labels)) - first) / n_epochs


def in_turn(ids, targets, n_epochs):
    """Return the seconds per epoch of both networks, trained one after the other by Keras."""
    return sum(_keras_epoch(units, ids, targets, n_epochs) for units in article.UNITS.values())


def _keras_epoch(units, ids, targets, n_epochs):
    import keras

    keras.utils.clear_session()
    model = article.network(units, int(targets.max()) + 1)
    model.compile(keras.optimizers.Adam(article.RATE), "sparse_categorical_crossentropy", metrics=["accuracy"])
    ends = []
    stopwatch = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: ends.append(time.perf_counter()))
    model.fit(ids, targets, article.BATCH, 1 + n_epochs, verbose=0, callbacks=[stopwatch])
    return (ends[-1] - ends[0]) / n_epochs


def n_traces():
    """Return how often the cached training steps were traced."""
    from skdistill._keras import cache

    return sum(step.n_traces for step in cache.idle_steps())


def expected(texts, labels, n_epochs):
    """Return the seconds of tokenising and one epoch, each the median of 3."""
    tokenizing = median(seconds(lambda: article.tokenizer().fit_transform(texts)) for _ in range(3))
    return tokenizing + median(ours(texts, labels, n_epochs) for _ in range(3))


def fit_once(texts, labels, weight):
    """Return the seconds of a fit of one epoch, and how often it traced a step."""
    before = n_traces()
    taken = seconds(lambda: article.pair(max_iter=1, auxiliary_weight=weight).fit(texts, labels))
    return taken, n_traces() - before


def overheads(texts, labels, n_epochs, rounds):
    """Print the seconds of a fit beyond tokenising and epochs."""
    from skdistill._keras import cache  # imports TensorFlow, which is not part of the first fit's time

    half = texts[::2], labels[::2]
    taken, traced = fit_once(texts, labels, 1.0)
    known, known_half = expected(texts, labels, n_epochs), expected(*half, n_epochs)

    def first():
        cache.clear()
        return fit_once(texts, labels, 1.0)

    fits = alternate({"first": first, "later": lambda: fit_once(*half, 3.0)}, rounds)
    beyond = {
        "first fit of the process": [taken - known] * rounds,
        "first fit of a structure": [fit - known for fit, _ in fits["first"]],
        "later fit": [fit - known_half for fit, _ in fits["later"]],
    }
    report("Seconds of a fit beyond tokenising and epochs", beyond)
    traces = {"first fit of the process": traced} | {name: sum(n for _, n in runs) for name, runs in fits.items()}
    print("  new traces:", ", ".join(f"{name} {count}" for name, count in traces.items()), f"in {rounds} rounds")


def main():
    made = parser(__doc__)
    made.add_argument("--epochs", type=int, default=5)
    arguments = made.parse_args()
    texts, labels, *_ = load_one(arguments)
    print(versions(), f"\n{arguments.data}: {len(texts)} training texts")
    overheads(texts, labels, arguments.epochs, arguments.rounds)
    ids = article.tokenizer().fit_transform(texts)
    targets = np.unique(labels, return_inverse=True)[1]
    functions = {
        "both networks": lambda: ours(texts, labels, arguments.epochs),
        "main alone": lambda: ours(texts, labels, arguments.epochs, auxiliary=None),
        "Keras, one network after the other": lambda: in_turn(ids, targets, arguments.epochs),
    }
    article.pair(max_iter=1, auxiliary=None).fit(texts, labels)  # so that tracing is not timed
    report("Seconds per epoch", alternate(functions, arguments.rounds), "both networks")


if __name__ == "__main__":
    main()
