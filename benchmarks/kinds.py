"""Time convolutional and recurrent networks against Keras: training per epoch, and prediction.

    python benchmarks/kinds.py [--folder FOLDER] [--data NAME] [--rounds 3] [--epochs 3] [--units 64]

Training: a main network of ``--units`` units with a bag as the auxiliary network, against
``keras.Model.fit`` of the same main network alone, in batches of 32 of ids that are padded to
the longest training text; the steady state, as in ``training.py``. Prediction: the extracted
network, against ``keras.Model.predict`` of the same network, both from text; one document,
and 2,000 at once.
"""

import time
from statistics import median

import numpy as np
from prediction import single
from timing import alternate, load_one, parser, report, seconds, versions

from skdistill import DistilledTextClassifier, TextBag, TextTokenizer

BATCH = 32
MANY = 2000


def pair(kind, units, n_epochs):
    """Return a classifier with a main network of this kind and an auxiliary bag of words."""
    auxiliary = TextBag(units=32, ngrams=1, subwords=None, token_dropout=0, linear_weight=0)
    return DistilledTextClassifier(kind, auxiliary, main_units=units, max_iter=n_epochs, random_state=0)


def ours(kind, units, texts, labels, n_epochs):
    """Return the seconds per epoch of both networks."""
    first = seconds(lambda: pair(kind, units, 1).fit(texts, labels))
    return (seconds(lambda: pair(kind, units, 1 + n_epochs).fit(texts, labels)) - first) / n_epochs


def cnn(units, n_tokens, n_classes, length):
    """Return the convolutional network of Kim (2014) in Keras."""
    import keras
    from keras import layers

    ids = keras.Input((length,), dtype="int32")
    x = layers.Embedding(n_tokens, units)(ids)
    pooled = [layers.GlobalMaxPooling1D()(layers.Conv1D(64, size, activation="relu")(x)) for size in (3, 4, 5)]
    return keras.Model(ids, layers.Dense(n_classes, "softmax")(layers.Dropout(0.5)(layers.Concatenate()(pooled))))


def gru(units, n_tokens, n_classes, length):
    """Return a bidirectional GRU in Keras."""
    import keras
    from keras import layers

    network = [
        keras.Input((length,), dtype="int32"),
        layers.Embedding(n_tokens, units, mask_zero=True),
        layers.Bidirectional(layers.GRU(units)),
        layers.Dropout(0.5),
        layers.Dense(n_classes, "softmax"),
    ]
    return keras.Sequential(network)


KERAS = {"cnn": cnn, "gru": gru}


def keras_epoch(kind, units, ids, targets, n_epochs):
    """Return the seconds per epoch of the main network alone, in Keras."""
    import keras

    keras.utils.clear_session()
    model = KERAS[kind](units, int(ids.max()) + 1, int(targets.max()) + 1, ids.shape[1])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    ends = []
    stopwatch = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: ends.append(time.perf_counter()))
    model.fit(ids, targets, BATCH, 1 + n_epochs, verbose=0, callbacks=[stopwatch])
    return (ends[-1] - ends[0]) / n_epochs


def longest_of(tokenizer, texts):
    """Return the number of tokens of the longest text, at least 1."""
    return max(int(np.count_nonzero(tokenizer.transform(texts), axis=1).max()), 1)


def padded(texts):
    """Return ids padded to the longest text."""
    tokenizer = TextTokenizer().fit(texts)
    longest = longest_of(tokenizer, texts)
    return tokenizer.set_params(sequence_length=longest).transform(texts)


def compare_training(kind, texts, labels, arguments):
    """Print the seconds per epoch."""
    ids, targets = padded(texts), np.unique(labels, return_inverse=True)[1]
    functions = {
        "skdistill, with an auxiliary bag": lambda: ours(kind, arguments.units, texts, labels, arguments.epochs),
        "Keras, alone": lambda: keras_epoch(kind, arguments.units, ids, targets, arguments.epochs),
    }
    pair(kind, arguments.units, 1).fit(texts, labels)  # so that tracing is not timed
    report(f"{kind}: seconds per epoch", alternate(functions, arguments.rounds), next(iter(functions)))


def compare_prediction(kind, texts, labels, test, arguments):
    """Print the microseconds of one document, and per document of many at once."""
    classifier = pair(kind, arguments.units, 1).fit(texts, labels)
    extracted, model, tokenizer = classifier.extract(), classifier.to_keras(), classifier.tokenizer_
    longest = longest_of(tokenizer, test)
    tokenizer.set_params(sequence_length=longest)
    predict = {
        "skdistill, extracted": extracted.predict,
        "Keras": lambda X: model.predict(tokenizer.transform(X), batch_size=256, verbose=0),
    }
    many = (test * (MANY // len(test) + 1))[:MANY]
    for title, measure in {
        "one document": lambda f: single(f, test[:30]),
        f"per document of {MANY}": lambda f: 1e6 * median(seconds(lambda: f(many)) for _ in range(3)) / MANY,
    }.items():
        functions = {name: lambda f=f, measure=measure: measure(f) for name, f in predict.items()}
        alternate(functions, 1)
        report(f"{kind}: {title}", alternate(functions, arguments.rounds), next(iter(functions)), "µs")


def main():
    made = parser(__doc__, rounds=3)
    made.add_argument("--epochs", type=int, default=3)
    made.add_argument("--units", type=int, default=64)
    arguments = made.parse_args()
    texts, labels, test, _ = load_one(arguments)
    print(versions(), f"\n{arguments.data}: {len(texts)} training texts")
    for kind in KERAS:
        compare_training(kind, texts, labels, arguments)
        compare_prediction(kind, texts, labels, list(test), arguments)


if __name__ == "__main__":
    main()
