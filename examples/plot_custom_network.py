"""A custom network: mutual learning of a small transformer and a bag.
===================================================================

``main`` is a callable that builds a Keras model; ``auxiliary`` is a bag. Both are trained
on 4,000 medical phrases and their chapters of ICD-10-CM in the same steps, and each also
learns the other's predictions. The transformer predicts with Keras. The bag is extracted
as a classifier of numpy arrays, which does not need Keras.

Prints the accuracies of both networks, of their mean, of the extracted bag and of a
transformer that is trained alone; draws them in ``custom_network.png``.
"""

import time

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import initializers, layers, ops

from skdistill import DistilledTextClassifier
from skdistill.datasets import load_icd10_chapters

UNITS, POSITIONS = 48, 64


def transformer(n_tokens, n_classes, seed):
    """Return one block of attention over the tokens; every initializer and dropout has a seed."""

    def embedding(size, place):
        return layers.Embedding(size, UNITS, embeddings_initializer=initializers.RandomNormal(0, 0.1, seed + place))

    def glorot(place):
        return initializers.GlorotUniform(seed + place)

    ids = keras.Input((None,), dtype="int32")
    present = ops.not_equal(ids, 0)  # 0 is padding
    positions = ops.minimum(ops.cumsum(ops.ones_like(ids), axis=1), POSITIONS) - 1
    x = embedding(n_tokens, 0)(ids) + embedding(POSITIONS, 1)(positions)
    x = layers.Dropout(0.3, seed=seed + 2)(x)
    attention = layers.MultiHeadAttention(4, UNITS // 4, kernel_initializer=glorot(3))
    x = layers.LayerNormalization()(x + attention(x, x, attention_mask=present[:, None, :]))
    weights = ops.cast(present, "float32")[..., None]
    mean = ops.sum(x * weights, axis=1) / ops.maximum(ops.sum(weights, axis=1), 1.0)
    mean = layers.Dropout(0.3, seed=seed + 4)(mean)
    return keras.Model(ids, layers.Dense(n_classes, kernel_initializer=glorot(5))(mean))


icd = load_icd10_chapters()
generator = np.random.default_rng(0)
train, test = generator.permutation(len(icd.data))[:4000], generator.permutation(len(icd.data_test))[:3000]
texts, chapters = [icd.data[i] for i in train], icd.target[train]
texts_test, chapters_test = [icd.data_test[i] for i in test], icd.target_test[test]

began = time.perf_counter()
pair = DistilledTextClassifier(main=transformer, auxiliary="bag", random_state=0).fit(texts, chapters)
print(f"trained the transformer and the bag together in {time.perf_counter() - began:.0f} s")
alone = DistilledTextClassifier(main=transformer, auxiliary=None, random_state=0).fit(texts, chapters)

bag = pair.extract("auxiliary")
scores = {"transformer alone": alone.score(texts_test, chapters_test)}
for role, name in (("main", "transformer"), ("auxiliary", "bag"), ("ensemble", "their mean")):
    scores[name] = pair.set_params(predict_with=role).score(texts_test, chapters_test)
scores["extracted bag"] = bag.score(texts_test, chapters_test)
for name, score in scores.items():
    print(f"{name:18}{score:.3f}")
print(f"the transformer has {pair.to_keras('main').count_params():,} parameters, the bag {bag.nbytes:,} bytes")

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
for role, name in (("main", "transformer"), ("auxiliary", "bag")):
    left.plot(range(1, pair.n_iter_ + 1), pair.history_[f"{role}_loss"], label=name)
left.plot(range(1, alone.n_iter_ + 1), alone.history_["main_loss"], ":", color="tab:gray", label="transformer alone")
left.set(xlabel="epoch", ylabel="loss on the labels", title="Training")
left.legend()
bars = right.barh(
    list(scores), list(scores.values()), color=["tab:gray", "tab:blue", "tab:orange", "tab:green", "gold"]
)
right.bar_label(bars, fmt="%.3f", padding=3)
right.invert_yaxis()
right.set(xlabel="test accuracy", xlim=(0, 1), title="Accuracy")
figure.savefig("custom_network.png", dpi=110)

# sphinx_gallery_thumbnail_path = "pictures/custom_network.png"
