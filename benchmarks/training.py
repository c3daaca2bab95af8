"""Time an epoch of the source article's pair against its two networks trained by Keras in turn.

    python benchmarks/training.py [--folder FOLDER] [--data NAME] [--rounds 5] [--epochs 5]

Seconds of an epoch are those of the steady state. skdistill: a fit of 1 + N epochs less
a fit of 1 epoch, divided by N. Keras: the second and later epochs of ``Model.fit``, on
ids that were padded beforehand, the two networks added. Then what a fit takes beyond
tokenising and epochs: the first of a structure, and a later one with another
vocabulary and another ``auxiliary_weight``, with the steps that each of them traced.
"""

import time

import article
import numpy as np
from timing import alternate, load_one, parser, report, seconds, versions


def ours(texts, labels, n_epochs, **settings):
    """Seconds of an epoch of the classifier."""
    short, long = (article.pair(max_iter=n, **settings) for n in (1, 1 + n_epochs))
    less = seconds(lambda: short.fit(texts, labels))
    return (seconds(lambda: long.fit(texts, labels)) - less) / n_epochs


def in_turn(ids, targets, n_epochs):
    """Seconds of an epoch of both networks, trained one after the other by Keras."""
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
    """Traces of all compiled steps that wait for a fit."""
    from skdistill._keras import cache

    return sum(step.run.experimental_get_tracing_count() for step in cache._idle)


def overheads(texts, labels, n_epochs, rounds):
    """Print what a fit takes beyond tokenising and epochs."""
    from skdistill._keras import cache  # TensorFlow's import belongs to neither

    half = slice(None, None, 2)
    sides = {
        "first fit of a structure": (texts, labels, 1.0),
        "later fit": (texts[half], labels[half], 3.0),
    }
    known, traces = {}, {}

    def beyond(name):
        X, y, weight = sides[name]
        if name.startswith("first"):
            cache._idle.clear()
        before = n_traces()
        taken = seconds(lambda: article.pair(max_iter=1, auxiliary_weight=weight).fit(X, y))
        traces[name] = n_traces() - before
        if name not in known:
            tokenizing = seconds(lambda: article.tokenizer().fit(X).sequences(X, spellings=True))
            known[name] = tokenizing + ours(X, y, n_epochs)
        return taken - known[name]

    numbers = alternate({name: lambda name=name: beyond(name) for name in sides}, rounds)
    print(f"\nThe very first fit of the process: {numbers['first fit of a structure'][0]:.3f} s beyond")
    report("A fit beyond tokenising and epochs", numbers, "later fit")
    print("  new traces:", ", ".join(f"{name}: {count}" for name, count in traces.items()))


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
        "pair": lambda: ours(texts, labels, arguments.epochs),
        "main alone": lambda: ours(texts, labels, arguments.epochs, auxiliary=None),
        "Keras, one network after the other": lambda: in_turn(ids, targets, arguments.epochs),
    }
    article.pair(max_iter=1, auxiliary=None).fit(texts, labels)  # traced outside the rounds
    report("Seconds of an epoch", alternate(functions, arguments.rounds), "pair")


if __name__ == "__main__":
    main()
