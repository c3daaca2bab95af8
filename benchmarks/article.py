"""The two networks of the source article: as one skdistill classifier, and each as a plain Keras model."""

from skdistill import DistilledTextClassifier, TextBag, TextTokenizer

N_TOKENS, LENGTH, BATCH, RATE = 10_000, 100, 32, 1e-3
UNITS = {"main": 64, "auxiliary": 32}


def tokenizer():
    """Return a tokenizer of 10,000 tokens and 100 positions."""
    return TextTokenizer(max_tokens=N_TOKENS, sequence_length=LENGTH)


def bag(units):
    """Return a network of averaged embeddings and one hidden layer."""
    return TextBag(units=units, ngrams=1, subwords=None, hidden=(units,), token_dropout=0, linear_weight=0)


def pair(**settings):
    """Return both networks as one classifier."""
    article = {
        "main": bag(UNITS["main"]),
        "auxiliary": bag(UNITS["auxiliary"]),
        "tokenizer": tokenizer(),
        "batch_size": BATCH,
        "learning_rate": "constant",
        "learning_rate_init": RATE,
        "random_state": 0,
    }
    return DistilledTextClassifier(**article | settings)


def network(units, n_classes):
    """Return one of the networks in Keras, from padded ids to probabilities; not compiled."""
    import keras

    return keras.Sequential(
        [
            keras.Input((LENGTH,), dtype="int32"),
            keras.layers.Embedding(N_TOKENS, units),
            keras.layers.GlobalAveragePooling1D(),
            keras.layers.Dense(units, "relu"),
            keras.layers.Dense(n_classes, "softmax"),
        ]
    )
