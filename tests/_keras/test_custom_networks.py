"""Networks of the user's own: callables that build a Keras model train, predict and pickle beside any other."""

import pickle
import random
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version

import numpy as np
import pytest
from factory import fit, small
from sklearn.base import clone
from sklearn.utils._param_validation import InvalidParameterError

from skdistill import TextBag, TextCNN, TextGRU

tf = pytest.importorskip("tensorflow")
keras = pytest.importorskip("keras")
layers = keras.layers

ROLES = ("main", "auxiliary")


@keras.saving.register_keras_serializable("test_custom_networks")
class Positions(layers.Layer):
    """Adds a vector for each of the first 50 positions."""

    def __init__(self, seed=0, **kwargs):
        super().__init__(**kwargs)
        self.seed = seed

    def build(self, shape):
        initializer = keras.initializers.RandomNormal(stddev=0.05, seed=self.seed)
        self.table = self.add_weight(shape=(50, shape[-1]), initializer=initializer, name="table")

    def call(self, x):
        places = keras.ops.minimum(keras.ops.arange(keras.ops.shape(x)[1]), 49)
        return x + keras.ops.take(self.table, places, axis=0)


def transformer(n_tokens, n_classes, seed, units=16):
    """An encoder of one block: attention with a mask for the padding, a residual, a mean of what is no padding."""

    def glorot(place):
        return keras.initializers.GlorotUniform(seed=seed + place)

    ids = keras.Input((None,), dtype="int32")
    present = keras.ops.not_equal(ids, 0)
    x = layers.Embedding(n_tokens, units, embeddings_initializer=keras.initializers.RandomNormal(0, 0.05, seed))(ids)
    x = Positions(seed + 1)(x)
    attention = layers.MultiHeadAttention(2, units // 2, dropout=0.1, kernel_initializer=glorot(2), seed=seed + 3)
    x = layers.LayerNormalization()(x + attention(x, x, attention_mask=present[:, None, :]))
    weights = keras.ops.cast(present, "float32")[..., None]
    pooled = keras.ops.sum(x * weights, axis=1) / keras.ops.maximum(keras.ops.sum(weights, axis=1), 1.0)
    pooled = layers.Dropout(0.2, seed=seed + 4)(pooled)
    return keras.Model(ids, layers.Dense(n_classes, kernel_initializer=glorot(5))(pooled))


def normalized(n_tokens, n_classes, seed):
    """A small model whose moving means and dropout seed are no trainable variables."""
    uniform = keras.initializers.RandomUniform(-0.05, 0.05, seed=seed)
    return keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            layers.Embedding(n_tokens, 8, embeddings_initializer=uniform),
            layers.GlobalAveragePooling1D(),
            layers.BatchNormalization(momentum=0.9),
            layers.Dropout(0.2, seed=seed),
            layers.Dense(n_classes, kernel_initializer=keras.initializers.GlorotUniform(seed=seed + 1)),
        ]
    )


@keras.saving.register_keras_serializable("test_custom_networks")
class Subclass(keras.Model):
    """A model that declares neither inputs nor outputs."""

    def __init__(self, n_tokens, n_classes, seed):
        super().__init__()
        self.sizes = {"n_tokens": n_tokens, "n_classes": n_classes, "seed": seed}
        uniform, glorot = keras.initializers.RandomUniform, keras.initializers.GlorotUniform
        self.embedding = layers.Embedding(n_tokens, 8, embeddings_initializer=uniform(-0.05, 0.05, seed=seed))
        self.out = layers.Dense(n_classes, kernel_initializer=glorot(seed + 1))
        self.dropout = layers.Dropout(0.2, seed=seed)
        self.gate = layers.Dense(8, "sigmoid", kernel_initializer=glorot(seed + 2))

    def call(self, ids):
        x = self.dropout(keras.ops.mean(self.embedding(ids), axis=1))
        return self.out(x * self.gate(x))

    def get_config(self):
        return self.sizes


@pytest.fixture(scope="module")
def taught(reviews):
    """A transformer that teaches a bag and learns from it."""
    return fit(*reviews, main=transformer, max_iter=8)


@pytest.mark.core
def test_a_transformer_and_a_bag_learn_together(taught, reviews):
    assert taught.score(*reviews) > 0.95
    assert taught.extract("auxiliary").score(*reviews) > 0.95
    assert taught.history_["main_transfer"][-1] > 0
    assert taught.history_["main_loss"][-1] < taught.history_["main_loss"][0]


@pytest.mark.parametrize("partner", [TextCNN(8, filters=8, windows=(2,)), TextGRU(8), normalized, None])
def test_any_partner(partner, three_classes):
    classifier = fit(*three_classes, main=transformer, auxiliary=partner, max_iter=8)
    assert classifier.score(*three_classes) > 0.9
    assert (classifier.auxiliary_ is None) == (partner is None)


def test_the_callable_may_be_the_auxiliary_network(reviews):
    classifier = fit(*reviews, auxiliary=transformer, predict_with="ensemble", max_iter=6)
    assert classifier.score(*reviews) > 0.95
    parts = [classifier.set_params(predict_with=role).predict_proba(reviews[0]) for role in ROLES]
    mean = classifier.set_params(predict_with="ensemble").predict_proba(reviews[0])
    np.testing.assert_allclose(mean, np.mean(parts, axis=0), atol=1e-6)


def test_without_transfer_the_partner_does_not_matter(reviews):
    alone = fit(*reviews, main=transformer, auxiliary=None)
    beside = fit(*reviews, main=transformer, auxiliary=normalized, transfer="none")
    np.testing.assert_array_equal(alone.decision_function(reviews[0]), beside.decision_function(reviews[0]))


@pytest.mark.core
def test_it_moves_as_under_the_adam_of_keras(reviews):
    """One batch, one network: the first steps are those of a plain training loop."""
    texts, labels = reviews[0][:32], reviews[1][:32]

    def plain(n_tokens, n_classes, seed):
        model = pooled(logits)(n_tokens, n_classes, seed)
        [v.assign(np.random.default_rng(i).normal(size=v.shape)) for i, v in enumerate(model.trainable_variables)]
        return model

    classifier = fit(texts, labels, main=plain, auxiliary=None, learning_rate="constant", max_iter=5)
    expected = plain(len(classifier.tokenizer_.vocabulary_) + 2, 2, 0)
    ids, indices = classifier.tokenizer_.transform(texts)[:, :7], np.searchsorted(classifier.classes_, labels)
    optimizer, variables = keras.optimizers.Adam(3e-3), expected.trainable_variables
    for _ in range(5):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(indices, expected(ids)))
        # Dense: of a sparse gradient Keras squares the parts of a row that occurs twice, not their sum.
        gradients = map(tf.convert_to_tensor, tape.gradient(loss, [v.value for v in variables]))
        optimizer.apply_gradients(zip(gradients, variables))
    for got, wanted in zip(classifier.to_keras().get_weights(), expected.get_weights()):
        np.testing.assert_allclose(got, wanted, atol=2e-6)


@pytest.mark.core
def test_what_is_not_trainable_is_carried(reviews):
    model = fit(*reviews, main=normalized).to_keras()
    moving = model.layers[2]
    assert not np.allclose(moving.moving_mean, 0, atol=1e-5)
    assert not np.allclose(moving.moving_variance, 1, atol=1e-2)
    # The states of dropout: 16 steps of a seed each.
    assert keras.ops.convert_to_numpy(model.layers[3].seed_generator.state)[1] == 16


def test_equal_seeds_are_bit_equal_and_others_are_not(taught, reviews):
    again, other = (fit(*reviews, main=transformer, max_iter=8, random_state=seed) for seed in (0, 1))
    expected = taught.decision_function(reviews[0])
    np.testing.assert_array_equal(again.decision_function(reviews[0]), expected)
    np.testing.assert_array_equal(*(c.extract("auxiliary").predict_proba(reviews[0]) for c in (again, taught)))
    assert not np.allclose(other.decision_function(reviews[0]), expected)


def test_global_generators_stay_untouched(reviews):
    def quiet(*given):
        # Keras itself draws for the initializers that have no seed.
        state = random.getstate()
        model = normalized(*given)
        random.setstate(state)
        return model

    tf.random.set_seed(0)
    states = random.getstate(), np.random.get_state()[1].tolist()
    expected = tf.random.uniform([3]).numpy()
    tf.random.set_seed(0)
    classifier = fit(*reviews, main=quiet, early_stopping=True)
    classifier.predict(reviews[0])
    classifier._networks["main"] = pickle.loads(pickle.dumps(classifier._networks["main"]))
    classifier.predict(reviews[0])
    assert (random.getstate(), np.random.get_state()[1].tolist()) == states
    np.testing.assert_array_equal(tf.random.uniform([3]).numpy(), expected)


@pytest.mark.core
def test_threads_that_predict_first_with_an_unpickled_network_load_it_once(taught, reviews, monkeypatch):
    texts, expected = reviews[0][:8], taught.predict_proba(reviews[0][:8])
    copy, start, loads = pickle.loads(pickle.dumps(taught)), threading.Barrier(4), []

    def predict(_):
        start.wait()
        return copy.predict_proba(texts)

    counting = classmethod(lambda cls, config: loads.append(config) or cls(**config))
    monkeypatch.setattr(Positions, "from_config", counting)
    with ThreadPoolExecutor(4) as pool:
        for probabilities in pool.map(predict, range(4)):
            np.testing.assert_allclose(probabilities, expected, atol=1e-6)
    assert len(loads) == 1


def test_early_stopping_keeps_the_best_weights_of_each_network(three_classes):
    texts, labels = three_classes[0][::5], three_classes[1][::5]
    settings = {"early_stopping": True, "max_iter": 30, "n_iter_no_change": 3}
    classifier = fit(*three_classes, main=normalized, auxiliary=transformer, X_val=texts, y_val=labels, **settings)
    assert classifier.n_iter_ < 30
    for role in ROLES:
        scores, losses = (np.array(classifier.history_[f"{role}_validation_{name}"]) for name in ("score", "loss"))
        best = np.lexsort((losses, -scores))[0]
        proba = classifier.set_params(predict_with=role).predict_proba(texts)
        loss = -np.log(proba[np.arange(len(labels)), np.searchsorted(classifier.classes_, labels)]).mean()
        assert loss == pytest.approx(losses[best], abs=1e-5)


def test_predictions_do_not_depend_on_the_company(taught, reviews):
    texts = [*reviews[0], "", "good " * 80, "unheard words"]
    together = taught.predict_proba(texts)
    alone = np.concatenate([taught.predict_proba([text]) for text in texts[-5:]])
    np.testing.assert_allclose(together[-5:], alone, atol=1e-5)
    assert np.isfinite(together).all()


@pytest.mark.core
def test_to_keras_is_the_trained_model(taught, reviews):
    model = taught.to_keras()
    assert isinstance(model, keras.Model)
    logits = keras.ops.convert_to_numpy(model(taught.tokenizer_.transform(reviews[0][:9])))
    np.testing.assert_allclose(logits[:, 1] - logits[:, 0], taught.decision_function(reviews[0][:9]), atol=1e-5)


def test_extract_points_to_to_keras(taught):
    with pytest.raises(ValueError, match=r"main network was built by a callable.*to_keras\('main'\)"):
        taught.extract()


def test_each_network_is_a_classifier_and_a_custom_one_predicts_with_keras(taught, reviews):
    np.testing.assert_array_equal(taught.main_.predict_proba(reviews[0]), taught.predict_proba(reviews[0]))
    assert taught.main_.score(*reviews) == taught.score(*reviews)
    network = taught.main_
    assert clone(network) is network is network.fit(*reviews)
    assert "CustomNetwork(" in repr(taught.main_)
    copy = pickle.loads(pickle.dumps(taught.main_))
    np.testing.assert_array_equal(copy.predict_proba(reviews[0]), taught.predict_proba(reviews[0]))
    assert taught.auxiliary_.nbytes == taught.extract("auxiliary").nbytes


@pytest.mark.core
def test_clone_and_pickle(taught, reviews):
    assert clone(taught).main is transformer
    copy = pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(taught))))  # the second without a model between
    np.testing.assert_array_equal(copy.predict_proba(reviews[0]), taught.predict_proba(reviews[0]))
    assert isinstance(copy.to_keras(), keras.Model)


def test_rows_of_ids(reviews):
    ids = fit(*reviews, max_iter=1).tokenizer_.transform(reviews[0])[:, :9]
    classifier = fit(ids, reviews[1], main=transformer, tokenizer="precomputed", max_iter=8)
    assert classifier.score(ids, reviews[1]) > 0.95
    strange, unknown = ids.copy(), ids.copy()
    strange[:, 0], unknown[:, 0] = 10**6, 1
    np.testing.assert_array_equal(classifier.predict_proba(strange), classifier.predict_proba(unknown))


@pytest.mark.core
def test_a_subclass_of_model_trains(reviews):
    classifier = fit(*reviews, main=Subclass, auxiliary=None, max_iter=10)
    assert classifier.score(*reviews) > 0.9
    copy = pickle.loads(pickle.dumps(classifier))
    np.testing.assert_array_equal(copy.predict_proba(reviews[0]), classifier.predict_proba(reviews[0]))


@pytest.mark.skipif(
    tuple(map(int, version("keras").split(".")[:2])) < (3, 15),
    reason="older versions of Keras do not tell the layers of such a subclass that they are trained",
)
def test_the_layers_of_a_subclass_know_that_they_are_trained(reviews):
    classifier = fit(*reviews, main=Subclass, auxiliary=None, max_iter=10)  # its call takes no ``training``
    assert keras.ops.convert_to_numpy(classifier.to_keras().dropout.seed_generator.state)[1] == 40


def test_a_frozen_model_may_teach(reviews):
    def frozen(*given):
        model = normalized(*given)
        model.trainable = False
        return model

    classifier = fit(*reviews, main=frozen, predict_with="auxiliary", max_iter=8)
    assert classifier.score(*reviews) > 0.9
    assert len(set(classifier.history_["main_loss"])) > 1  # dropout alone
    with pytest.raises(ValueError, match="model of main has no trainable variables.*nothing is left to train"):
        fit(*reviews, main=frozen, auxiliary=None)


@pytest.mark.parametrize("schedule", ["alternating", "sequential"])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_every_schedule(schedule, early_stopping, three_classes):
    parameters = {"schedule": schedule, "transfer": "to_auxiliary", "early_stopping": early_stopping, "max_iter": 8}
    classifier = fit(*three_classes, main=normalized, auxiliary=transformer, **parameters)
    assert min(classifier.set_params(predict_with=role).score(*three_classes) for role in ROLES) > 0.9


@pytest.mark.core
def test_a_frozen_teacher_rests(reviews):
    """Its moving means too: it is what it is without a pupil."""
    parameters = {"schedule": "sequential", "transfer": "to_auxiliary"}
    pair = fit(*reviews, main=normalized, **parameters)
    alone = fit(*reviews, main=normalized, auxiliary=None)
    expected = alone.to_keras().get_weights()
    [np.testing.assert_array_equal(*own) for own in zip(pair.to_keras().get_weights(), expected)]


def test_a_warm_start_goes_on_with_a_new_model(reviews):
    classifier = fit(*reviews, main=normalized, auxiliary=transformer, warm_start=True, max_iter=8)
    model, loss = classifier.to_keras(), classifier.history_["main_loss"]
    weights = model.get_weights()
    classifier = pickle.loads(pickle.dumps(classifier)).fit(*reviews)
    assert classifier.history_["main_loss"][0] < loss[0] / 2
    assert classifier.to_keras() is not model
    [np.testing.assert_array_equal(*own) for own in zip(model.get_weights(), weights)]
    with pytest.raises(ValueError, match="warm_start cannot change main: it was <function normalized"):
        classifier.set_params(main="bag").fit(*reviews)


def test_embeddings_cannot_be_shared(reviews):
    with pytest.raises(ValueError, match="share_embedding=True needs built-in networks"):
        fit(*reviews, main=transformer, auxiliary=normalized, share_embedding=True)


def test_a_step_dies_with_its_fit(reviews):
    from skdistill._keras import cache

    fit(*reviews, main=normalized, max_iter=1)
    assert all(step.signature.is_shared for step in cache.idle_steps())


# Multilabel targets.


@pytest.fixture(scope="module")
def labelled(reviews):
    """(texts, indicators): whether a review is good, and names the film, and the music."""
    texts, classes = reviews
    named = np.array([["film" in text, "music" in text] for text in texts])
    return texts, np.column_stack([classes == "good", named]).astype(int)


LONG = {"max_iter": 40, "n_iter_no_change": 40, "learning_rate_init": 0.02}


@pytest.mark.parametrize("network", [transformer, normalized, Subclass])
def test_a_callable_learns_multilabel_targets(network, labelled):
    texts, y = labelled
    classifier = fit(*labelled, main=network, early_stopping=True, **LONG)
    logits = classifier.decision_function(texts)
    assert classifier.score(texts, y) > 0.9
    np.testing.assert_allclose(classifier.predict_proba(texts), 1 / (1 + np.exp(-logits)), rtol=1e-12)
    np.testing.assert_array_equal(classifier.predict(texts), logits > 0)
    copy = pickle.loads(pickle.dumps(classifier))
    np.testing.assert_array_equal(copy.decision_function(texts), logits)
    assert copy.score(texts, y) == classifier.score(texts, y)


def test_two_multilabel_callables_predict_together(labelled):
    texts, y = labelled
    classifier = fit(*labelled, main=normalized, auxiliary=transformer, predict_with="ensemble", max_iter=30)
    assert classifier.score(texts, y) > 0.9
    parts = [classifier.set_params(predict_with=role).predict_proba(texts) for role in ROLES]
    mean = classifier.set_params(predict_with="ensemble").predict_proba(texts)
    np.testing.assert_allclose(mean, np.mean(parts, axis=0), atol=1e-6)


# Other processes.

BUILDER = """
def build(n_tokens, n_classes, seed):
    import keras
    ids = keras.Input((None,), dtype="int32")
    x = keras.layers.GlobalAveragePooling1D()(keras.layers.Embedding(n_tokens, 4)(ids))
    return keras.Model(ids, keras.layers.Dense(n_classes)(x))
"""
PREDICT = """
import pickle, sys
{before}
with open("classifier.pickle", "rb") as file:
    classifier = pickle.load(file)
print([name for name in ("tensorflow", "keras") if sys.modules.get(name)])
print(classifier.extract("auxiliary").predict(["superb , lovely"])[0])
print(classifier.predict(["superb , lovely"])[0])
"""


@pytest.fixture(scope="module")
def pickled(reviews, tmp_path_factory):
    """A folder with a pickle and the module that its callable is from."""
    folder = tmp_path_factory.mktemp("pickled")
    (folder / "my_networks.py").write_text(BUILDER)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        import my_networks

        classifier = fit(*reviews, main=my_networks.build, max_iter=8)
        (folder / "classifier.pickle").write_bytes(pickle.dumps(classifier))
    return folder


def run(folder, before=""):
    command = [sys.executable, "-c", PREDICT.format(before=before)]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder)


@pytest.mark.slow
def test_unpickling_is_light_and_predicting_imports_keras(pickled):
    result = run(pickled)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split("\n")[:3] == ["[]", "good", "good"]


def test_without_tensorflow_predicting_says_what_to_install(pickled):
    result = run(pickled, "sys.modules['tensorflow'] = None")
    assert result.stdout.split("\n")[:2] == ["[]", "good"]
    error = result.stderr.strip().splitlines()[-1]
    assert error.startswith("ImportError: ")
    assert "pip install 'skdistill[train]'" in error


# Errors.


def pooled(out, shape=(None,), dtype="int32"):
    """A callable that builds a bag whose last layers are ``out(x, n_classes)``."""

    def build(n_tokens, n_classes, seed):
        ids = keras.Input(shape, dtype=dtype)
        x = layers.Embedding(n_tokens, 4)(ids)
        axes = tuple(range(1, len(x.shape) - 1))
        return keras.Model(ids, out(keras.ops.mean(x, axis=axes), n_classes))

    return build


def logits(x, n_classes):
    return layers.Dense(n_classes)(x)


def test_an_error_of_the_callable_keeps_its_traceback(reviews):
    def broken(n_tokens, n_classes, seed):
        return {}["missing"]

    words = r"callable main raised KeyError when it was called as main\(n_tokens=\d+, n_classes=2, seed=\d+\)"
    with pytest.raises(ValueError, match=words) as caught:
        fit(*reviews, main=broken)
    assert isinstance(caught.value.__cause__, KeyError)
    assert caught.traceback is not None


@pytest.mark.core
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("network", "error", "words"),
    [
        (lambda n_tokens, n_classes: None, ValueError, "raised TypeError"),
        (lambda *given: None, TypeError, "must return a keras.Model. Got NoneType"),
        (lambda *given: layers.Dense(2), TypeError, "must return a keras.Model. Got Dense"),
        (pooled(lambda x, n: layers.Dense(n + 1)(x)), ValueError, r"logits of shape \(None, 2\). Got \(None, 3\)"),
        (pooled(lambda x, n: layers.Dense(1)(x)), ValueError, r"logits of shape \(None, 2\). Got \(None, 1\)"),
        (pooled(lambda x, n: [logits(x, n)] * 2), ValueError, r"logits of shape \(None, 2\). Got list"),
        (pooled(lambda x, n: layers.Dense(n, "softmax")(x)), ValueError, "must give logits.*leave out the softmax"),
        (pooled(lambda x, n: layers.Dense(n, "sigmoid")(x)), ValueError, "must give logits.*probabilities"),
        (pooled(lambda x, n: layers.Softmax()(logits(x, n))), ValueError, "must give logits"),
        (pooled(lambda x, n: layers.Activation("softmax")(logits(x, n))), ValueError, "must give logits"),
        (pooled(lambda x, n: keras.ops.softmax(logits(x, n))), ValueError, "must give logits"),
        (pooled(lambda x, n: keras.ops.softmax(logits(x, n)) * 1.0), ValueError, "must give logits"),
        (
            pooled(logits, dtype="float32"),
            ValueError,
            r"integer ids. Got float32.*keras.Input\(\(None,\), dtype='int32'",
        ),
        (pooled(logits, shape=(None, 5)), ValueError, r"ids of shape \(None, None\).*Got \(None, None, 5\)"),
        (pooled(logits, shape=(40,)), ValueError, r"ids of shape \(None, None\), .*longest.* Got \(None, 40\)"),
        (pooled(logits, shape=()), ValueError, r"ids of shape \(None, None\).*Got \(None,\)"),
    ],
)
def test_models_that_do_not_fit(role, network, error, words, reviews):
    with pytest.raises(error, match=f"(?s){role}.*{words}"):
        fit(*reviews, **{role: network})


class Squashed(keras.Model):
    """A model whose last layer cannot be inspected: ``squash`` of a layer's outputs."""

    def __init__(self, n_tokens, n_classes, squash, **out):
        super().__init__()
        self.embedding, self.out, self.squash = layers.Embedding(n_tokens, 4), layers.Dense(n_classes, **out), squash

    def call(self, ids):
        return self.squash(self.out(keras.ops.mean(self.embedding(ids), axis=1)))


def squashed(squash, **out):
    """A callable that builds such a model."""
    return lambda n_tokens, n_classes, seed: Squashed(n_tokens, n_classes, squash, **out)


def as_classes_and_as_labels(labelled):
    texts, y = labelled
    return (texts, y[:, 0]), labelled


PROBABILITIES = {
    "last layer a sigmoid": pooled(lambda x, n: layers.Dense(n, "sigmoid")(x)),
    "last layer a softmax": pooled(lambda x, n: layers.Dense(n, "softmax")(x)),
    "more after the sigmoid": pooled(lambda x, n: layers.Dropout(0.1, seed=0)(layers.Dense(n, "sigmoid")(x))),
    "a sigmoid in a subclass": squashed(keras.ops.sigmoid),
    "a softmax in a subclass": squashed(keras.ops.softmax),
    "a sigmoid of large logits": squashed(lambda x: keras.ops.sigmoid(x * 100)),
}


@pytest.mark.parametrize("network", PROBABILITIES.values(), ids=PROBABILITIES)
def test_probabilities_are_no_logits(network, labelled):
    for data in as_classes_and_as_labels(labelled):
        with pytest.raises(ValueError, match="main must give logits, but its outputs are probabilities: leave out"):
            fit(*data, main=network)


@pytest.mark.parametrize("squash", [keras.ops.softmax, layers.Softmax()])
def test_probabilities_of_a_frozen_model_are_no_logits(squash, reviews):
    def frozen(*given):
        model = squashed(squash)(*given)
        model.trainable = False
        return model

    with pytest.raises(ValueError, match="its outputs are probabilities"):
        fit(*reviews, main=frozen)


HALF = keras.initializers.Constant(0.5)
LOGITS = {
    "all 0": squashed(lambda x: x, kernel_initializer="zeros"),
    "all 0.5": squashed(lambda x: x, kernel_initializer="zeros", bias_initializer=HALF),
    "around 0.5": squashed(lambda x: x, bias_initializer=HALF),
    "none below 0": squashed(keras.ops.relu),
    "cosines": squashed(lambda x: x / keras.ops.norm(x, axis=1, keepdims=True)),
}


@pytest.mark.parametrize("network", LOGITS.values(), ids=LOGITS)
def test_logits_that_begin_between_0_and_1_are_no_probabilities(network, labelled):
    for data in as_classes_and_as_labels(labelled):
        assert fit(*data, main=network, max_iter=1).n_iter_ == 1


def test_two_inputs_are_reported(reviews):
    def two(n_tokens, n_classes, seed):
        ids = [keras.Input((None,), dtype="int32") for _ in range(2)]
        return keras.Model(ids, logits(layers.GlobalAveragePooling1D()(layers.Embedding(9, 4)(sum(ids))), n_classes))

    with pytest.raises(ValueError, match="main must take one input, padded token ids. Got 2 inputs"):
        fit(*reviews, main=two)


def test_a_model_that_cannot_read_short_documents_is_reported(reviews):
    def windows(n_tokens, n_classes, seed):
        model = keras.Sequential([keras.Input((None,), dtype="int32"), layers.Embedding(n_tokens, 4)])
        [model.add(layer) for layer in (layers.Conv1D(4, 3), layers.GlobalMaxPooling1D(), layers.Dense(n_classes))]
        return model

    with pytest.raises(ValueError, match=r"from one position on. It raised \w+ for shape \(3, 1\)") as caught:
        fit(*reviews, main=windows)
    assert caught.value.__cause__ is not None


def test_a_model_is_no_callable_that_builds_one(reviews):
    model = normalized(100, 2, 0)
    with pytest.raises(TypeError, match="main must be a callable that builds a new keras.Model. Got a model"):
        fit(*reviews, main=model)
    with pytest.raises(ValueError, match="returned the same model"):
        fit(*reviews, main=lambda *given: model, auxiliary=lambda *given: model)


@pytest.mark.parametrize("role", ROLES)
def test_units_do_not_reach_a_callable(role):
    parameters = {role: transformer, f"{role}_units": 8}
    with pytest.raises(ValueError, match=f"{role}_units=8 has no effect on a callable {role}"):
        small(**parameters).fit(["a", "b"], [0, 1])


@pytest.mark.parametrize("role", ROLES)
def test_a_class_of_specifications_is_no_callable(role):
    with pytest.raises(InvalidParameterError, match=f"'{role}' parameter.*keras.Model.*Got <class"):
        small(**{role: TextBag}).fit(["a", "b"], [0, 1])


def test_a_lost_loss_is_reported(reviews):
    with pytest.raises(ValueError, match="lower learning_rate_init"):
        fit(*reviews, main=transformer, learning_rate_init=1e38)
