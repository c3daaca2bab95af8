"""What training starts from: random draws, and word vectors, which may stay frozen."""

import pickle
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest
from factory import fit, small
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skdistill import DistilledTextClassifier, TextBag, TextCNN, TextGRU, TextTokenizer
from skdistill._training.initialization import initial_parameters
from skdistill.text.embeddings import WordVectors, read_vectors

UNITS = 8
FOUND = ["good", "bad", "film", "music", "awful"]
KINDS = {
    "bag": TextBag(),
    "cnn": TextCNN(filters=4, windows=(2,)),
    "gru": TextGRU(),
}


def vectors_of(words, size=UNITS, seed=0):
    generator = np.random.default_rng(seed)
    return {word: generator.normal(0, 0.3, size).astype(np.float32) for word in words}


VECTORS = vectors_of([*FOUND, "unheard-of"])


def description(kind, **parameters):
    return clone(KINDS[kind]).set_params(**{"units": UNITS, "embeddings": VECTORS} | parameters)


def token_table(network):
    return network.weights["tokens" if "tokens" in network.weights else "embedding"]


def rows_of(classifier, role, words=FOUND):
    ids = [classifier.tokenizer_.vocabulary_[word] for word in words]
    return token_table(classifier._networks[role])[ids]


def source_rows(words=FOUND, vectors=VECTORS):
    return np.stack([vectors[word] for word in words])


def others(classifier):
    return [word for word in classifier.tokenizer_.vocabulary_ if word not in VECTORS]


# What is drawn, for graphs and readers that name shapes alone.


class Reader(NamedTuple):
    """Says how many rows its table has."""

    n_rows: int


class Graph(NamedTuple):
    """Names its dense arrays, and takes those of an earlier network as they are."""

    units: int
    shapes: dict

    def parameters(self, trained):
        return trained


class Slot(NamedTuple):
    """A network: its reader and its graph."""

    reader: int
    graph: Graph
    has_frozen: bool = False


SHAPES = {
    "window_3": (3, 8, 20),
    "window_3_bias": (20,),
    "forward_kernel": (8, 24),
    "forward_recurrent_kernel": (8, 24),
    "forward_bias": (2, 24),
    "kernel_0": (40, 30),
    "bias_0": (30,),
}
GRAPH = Graph(8, SHAPES)


def draw(slots=None, n_rows=(500, 500), vectors=(), initial=(), seed=0):
    """Tables, dense arrays by role and name, and what is frozen."""
    slots = slots or {"main": Slot(0, GRAPH)}
    plan = SimpleNamespace(initial=dict(initial), vectors=dict(vectors))
    seeds = np.random.SeedSequence(seed).spawn(2)
    tables, dense, frozen = initial_parameters(plan, [Reader(n) for n in n_rows], slots, seeds)
    named = {role: dict(zip(slots[role].graph.shapes, arrays, strict=True)) for role, arrays in dense.items()}
    assert {array.dtype for arrays in (tables, *dense.values()) for array in arrays} == {np.dtype(np.float32)}
    for role, arrays in named.items():
        assert {name: array.shape for name, array in arrays.items()} == slots[role].graph.shapes
    return tables, named, frozen


def assert_uniform(array, limit):
    """Whether the numbers fill the interval from -limit to limit evenly."""
    assert np.abs(array).max() <= limit
    assert np.histogram(array, 4, (-limit, limit))[0].min() > array.size / 4 * 0.7


def test_tables_are_uniform_within_5_hundredths():
    (table,), _, (frozen,) = draw()
    assert table.shape == frozen.shape == (500, 8)
    assert_uniform(table, 0.05)
    assert not frozen.any()


@pytest.mark.parametrize(
    ("name", "n_seen", "n_out"), [("window_3", 24, 60), ("forward_kernel", 8, 24), ("kernel_0", 40, 30)]
)
def test_kernels_are_uniform_within_the_limits_of_glorot(name, n_seen, n_out):
    """As in Keras, a convolution counts its window on either side."""
    _, dense, _ = draw()
    assert_uniform(dense["main"][name], np.sqrt(6 / (n_seen + n_out)))


def test_biases_are_zero():
    _, dense, _ = draw()
    assert not any(dense["main"][name].any() for name in SHAPES if "bias" in name)


def test_recurrent_kernels_are_orthogonal():
    _, dense, _ = draw()
    kernel = dense["main"]["forward_recurrent_kernel"].astype(np.float64)
    np.testing.assert_allclose(kernel @ kernel.T, np.eye(8), atol=1e-6)


def test_equal_seeds_draw_equal_parameters_and_other_seeds_others():
    (one,), one_dense, _ = draw()
    (again,), again_dense, _ = draw()
    (other,), other_dense, _ = draw(seed=1)
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)
    for name, array in one_dense["main"].items():
        np.testing.assert_array_equal(array, again_dense["main"][name])
        assert np.array_equal(array, other_dense["main"][name]) == ("bias" in name)


def test_each_network_draws_from_a_seed_of_its_own():
    pair = {"main": Slot(0, GRAPH), "auxiliary": Slot(1, GRAPH)}
    tables, dense, _ = draw(pair)
    (alone,), alone_dense, _ = draw()
    np.testing.assert_array_equal(tables[0], alone)
    assert not np.array_equal(*tables)
    for name, array in alone_dense["main"].items():
        np.testing.assert_array_equal(dense["main"][name], array)
        assert np.array_equal(dense["auxiliary"][name], array) == ("bias" in name)


def test_a_shared_table_is_that_of_the_main_network():
    pair = {"main": Slot(0, GRAPH), "auxiliary": Slot(0, Graph(3, {}))}
    (table,), _, _ = draw(pair)
    (alone,), _, _ = draw()
    np.testing.assert_array_equal(table, alone)


def test_an_earlier_network_is_where_its_own_parameters_come_from():
    earlier = np.ones((500, 8), np.float32), [np.full(shape, 2, np.float32) for shape in SHAPES.values()]
    pair = {"main": Slot(0, GRAPH), "auxiliary": Slot(1, GRAPH)}
    tables, dense, _ = draw(pair, initial={"main": earlier})
    drawn_tables, drawn, _ = draw(pair)
    np.testing.assert_array_equal(tables[0], 1)
    assert all((array == 2).all() for array in dense["main"].values())
    np.testing.assert_array_equal(tables[1], drawn_tables[1])
    np.testing.assert_array_equal(dense["auxiliary"]["kernel_0"], drawn["auxiliary"]["kernel_0"])


@pytest.mark.parametrize("has_frozen", [False, True])
@pytest.mark.parametrize("n_columns", [8, 5])
def test_word_vectors_are_written_into_their_rows_and_frozen_where_the_network_says_so(has_frozen, n_columns):
    rows = np.random.default_rng(0).normal(size=(3, n_columns)).astype(np.float32)
    vectors = WordVectors(np.array([7, 2, 400]), rows, 1.0)
    (table,), _, (frozen,) = draw({"main": Slot(0, GRAPH, has_frozen)}, vectors={"main": vectors})
    (drawn,), _, _ = draw()
    is_written = np.zeros(table.shape, dtype=bool)
    is_written[vectors.ids, :n_columns] = True
    np.testing.assert_array_equal(table[vectors.ids, :n_columns], rows)
    np.testing.assert_array_equal(table[~is_written], drawn[~is_written])
    np.testing.assert_array_equal(frozen, is_written & has_frozen)


def test_a_continued_network_keeps_what_it_learned_of_word_vectors():
    earlier = np.ones((500, 8), np.float32), [np.zeros(shape, np.float32) for shape in SHAPES.values()]
    vectors = WordVectors(np.array([7]), np.zeros((1, 8), np.float32), 1.0)
    (table,), _, (frozen,) = draw({"main": Slot(0, GRAPH, True)}, vectors={"main": vectors}, initial={"main": earlier})
    np.testing.assert_array_equal(table, 1)
    assert frozen[7].all()
    assert frozen.sum() == 8


# Where word vectors go, and what moves.


@pytest.mark.parametrize("kind", ["cnn", "gru"])
@pytest.mark.parametrize("role", ["main", "auxiliary"])
def test_frozen_rows_are_the_source_bit_for_bit_and_all_others_move(kind, role, reviews):
    frozen = fit(*reviews, **{role: description(kind, trainable=False)})
    np.testing.assert_array_equal(rows_of(frozen, role), source_rows())
    still = fit(*reviews, **{role: description(kind, trainable=False)}, learning_rate_init=1e-30)
    for name, array in frozen._networks[role].weights.items():
        before = still._networks[role].weights[name]
        if array is not token_table(frozen._networks[role]):
            assert (array != before).any(), name
    assert (rows_of(frozen, role, others(frozen)) != rows_of(still, role, others(frozen))).any(axis=1).all()


@pytest.mark.parametrize("kind", ["cnn", "gru"])
def test_trainable_rows_start_from_the_source_and_move(kind, reviews):
    network = description(kind)
    np.testing.assert_allclose(rows_of(fit(*reviews, main=network, learning_rate_init=1e-30), "main"), source_rows())
    moved = rows_of(fit(*reviews, main=network), "main")
    assert (moved != source_rows()).any(axis=1).all()
    np.testing.assert_allclose(moved, source_rows(), atol=0.2)


def test_networks_that_share_a_table_freeze_their_own_columns(reviews):
    sizes = {"main": UNITS, "auxiliary": 4}
    for frozen_role, free_role in (("main", "auxiliary"), ("auxiliary", "main")):
        pair = {role: description("cnn", units=units, trainable=role == free_role) for role, units in sizes.items()}
        classifier = fit(*reviews, **pair)
        found = read_vectors(VECTORS, classifier.tokenizer_.vocabulary_, sizes[frozen_role])
        frozen, free = (token_table(classifier._networks[role]) for role in (frozen_role, free_role))
        np.testing.assert_array_equal(frozen[found.ids], found.rows)
        start = read_vectors(VECTORS, classifier.tokenizer_.vocabulary_, sizes[free_role])
        assert (free[start.ids] != start.rows).any(axis=1).all()


def test_wider_vectors_are_projected_and_narrower_ones_leave_columns_free(reviews):
    wide, narrow = vectors_of(FOUND, 20), vectors_of(FOUND, 3)
    classifier = fit(
        *reviews,
        main=description("gru", embeddings=wide, trainable=False),
        auxiliary=description("cnn", embeddings=narrow, trainable=False),
    )
    ids, rows, _ = read_vectors(wide, classifier.tokenizer_.vocabulary_, UNITS)
    np.testing.assert_array_equal(token_table(classifier._networks["main"])[ids], rows)
    narrowed = rows_of(classifier, "auxiliary")
    np.testing.assert_array_equal(narrowed[:, :3], source_rows(vectors=narrow))
    assert (narrowed[:, 3:] != 0).all()


def test_frozen_rows_stay_under_early_stopping_and_in_what_is_handed_over(reviews):
    classifier = fit(*reviews, main=description("cnn", trainable=False), early_stopping=True)
    np.testing.assert_array_equal(rows_of(classifier, "main"), source_rows())
    pytest.importorskip("keras")
    model = classifier.to_keras("main")
    logits = np.asarray(model(classifier.tokenizer_.transform(reviews[0][:5])))
    expected = classifier.decision_function(reviews[0][:5])
    np.testing.assert_allclose(logits[:, 1] - logits[:, 0], expected, atol=1e-5)


def test_only_frozen_rows_cost_a_step_of_their_own(reviews):
    pytest.importorskip("tensorflow")
    from skdistill._keras import cache

    def step(**parameters):
        fit(*reviews, main=TextCNN(units=UNITS, filters=3, **parameters), auxiliary=None)
        return cache.idle_steps()[-1]

    usual = step()
    assert [table.frozen for table in usual.tables] == [None]
    assert step(embeddings=VECTORS) is usual
    assert step(trainable=False) is usual
    assert step(embeddings=VECTORS, trainable=False) is not usual


def test_a_frozen_fit_leaves_nothing_for_the_next_fit_of_the_same_structure(reviews):
    network = description("gru", trainable=False)
    first = fit(*reviews, main=network)
    fit(*reviews, main=description("gru", trainable=False, embeddings=vectors_of(["the", "a"])))
    np.testing.assert_array_equal(
        token_table(first._networks["main"]), token_table(fit(*reviews, main=network)._networks["main"])
    )


@pytest.mark.parametrize("schedule", ["alternating", "sequential"])
def test_frozen_rows_stay_in_every_schedule(schedule, reviews):
    pair = {role: description("cnn", trainable=role == "main") for role in ("main", "auxiliary")}
    classifier = fit(*reviews, schedule=schedule, transfer="to_auxiliary", early_stopping=True, **pair)
    np.testing.assert_array_equal(rows_of(classifier, "auxiliary"), source_rows())
    assert (rows_of(classifier, "main") != source_rows()).any(axis=1).all()


@pytest.mark.parametrize("trainable", [True, False])
def test_an_auxiliary_network_shares_the_vectors_of_the_main_network(trainable, reviews):
    main = description("cnn", trainable=trainable)
    classifier = fit(*reviews, main=main, auxiliary=TextCNN(4), share_embedding=True)
    np.testing.assert_array_equal(rows_of(classifier, "auxiliary"), rows_of(classifier, "main")[:, :4])
    assert (rows_of(classifier, "main") == source_rows()).all() == (not trainable)
    assert list(classifier.embedding_coverage_) == ["main"]


def test_a_warm_start_goes_on_from_what_was_learned_and_may_thaw_or_freeze_it(reviews):
    classifier = fit(*reviews, main=description("cnn", trainable=False), warm_start=True, max_iter=1)
    thawed = rows_of(classifier.set_params(main__trainable=True).fit(*reviews), "main")
    assert (thawed != source_rows()).any(axis=1).all()
    np.testing.assert_allclose(thawed, source_rows(), atol=0.2)
    frozen = rows_of(classifier.set_params(main__trainable=False).fit(*reviews), "main")
    np.testing.assert_array_equal(frozen, thawed)


def test_a_warm_start_cannot_take_other_vectors(reviews):
    classifier = fit(*reviews, main=description("cnn"), warm_start=True, max_iter=1)
    for other in (vectors_of([*FOUND, *map(str, range(30))]), {**VECTORS, "good": np.ones(UNITS)}, None):
        with pytest.raises(ValueError, match=r"(?s)cannot change embeddings of main: it was .* Got (<|{|None)"):
            classifier.set_params(main__embeddings=other).fit(*reviews)


# Coverage, and how often a source is read.


class Counting(dict):
    """Vectors that note each time the one of "good" is looked up."""

    def __init__(self, vectors, read):
        super().__init__(vectors)
        self.read = read

    def __getitem__(self, word):
        if word == "good":
            self.read.append(word)
        return super().__getitem__(word)


def counting_open(path, read):
    """The built-in ``open``, which notes each time it opens a path."""
    plain = open
    return lambda file, *args, **named: (str(file) == str(path) and read.append(file)) or plain(file, *args, **named)


def test_coverage_is_reported_for_each_network_that_brings_embeddings(reviews):
    both = fit(*reviews, main=description("bag"), auxiliary=description("gru", embeddings=vectors_of(["good"])))
    size = len(both.tokenizer_.vocabulary_)
    assert both.embedding_coverage_ == {"main": pytest.approx(5 / size), "auxiliary": pytest.approx(1 / size)}
    assert set(fit(*reviews, auxiliary=description("bag")).embedding_coverage_) == {"auxiliary"}
    assert fit(*reviews).embedding_coverage_ == {}


@pytest.mark.parametrize(("units", "times"), [(UNITS, 1), (4, 2)])
@pytest.mark.parametrize("in_a_file", [False, True])
def test_what_both_networks_bring_is_read_once(units, times, in_a_file, reviews, tmp_path, monkeypatch):
    read = []
    source = Counting(VECTORS, read)
    if in_a_file:
        source = tmp_path / "vectors.txt"
        source.write_text("".join(f"{word} {' '.join(map(str, row.tolist()))}\n" for word, row in VECTORS.items()))
        monkeypatch.setattr("builtins.open", counting_open(source, read))
    pair = description("gru", embeddings=source), description("cnn", embeddings=source, units=units)
    classifier = fit(*reviews, main=pair[0], auxiliary=pair[1])
    assert len(read) == times
    assert classifier.embedding_coverage_["main"] == classifier.embedding_coverage_["auxiliary"]
    np.testing.assert_allclose(rows_of(classifier, "main"), source_rows(), atol=0.2)


# As parameters.


def test_a_grid_reaches_the_embeddings_and_clone_keeps_them(reviews):
    pytest.importorskip("tensorflow")
    estimator = small(main=TextCNN(UNITS, filters=4, windows=(2,)), max_iter=1)
    grid = {"main__embeddings": [None, VECTORS], "main__trainable": [True, False]}
    search = GridSearchCV(estimator, grid, cv=2, error_score="raise").fit(*reviews)
    assert len(search.cv_results_["params"]) == 4
    cloned = clone(estimator.set_params(main__embeddings=VECTORS)).main.embeddings
    assert list(cloned) == list(VECTORS)
    np.testing.assert_array_equal(source_rows(vectors=cloned), source_rows())


def test_an_extracted_classifier_leaves_the_source_behind(reviews):
    marked = VECTORS | vectors_of(["left-behind"])
    classifier = fit(*reviews, main=description("bag", embeddings=marked))
    assert b"left-behind" in pickle.dumps(classifier)
    for role in ("main", "auxiliary"):
        assert b"left-behind" not in pickle.dumps(classifier.extract(role))


def test_a_large_mapping_prints_as_its_size():
    many = vectors_of(map(str, range(31)))
    network = TextBag(units=8, embeddings=many)
    assert repr(network) == "TextBag(embeddings=<dict of 31>, units=8)"
    assert repr(DistilledTextClassifier(main=network)) == f"DistilledTextClassifier(main={network!r})"
    assert repr(TextBag(embeddings={"good": [1, 2]})) == "TextBag(embeddings={'good': [1, 2]})"
    wrapped = repr(DistilledTextClassifier(main=network, auxiliary="gru", transfer="none", max_iter=3, tol=0.1))
    assert max(map(len, wrapped.splitlines())) <= 80
    assert "DistilledTextClassifier" in repr(make_pipeline(DistilledTextClassifier(main=network)))


# Errors.


@pytest.mark.parametrize("kind", ["bag", "cnn"])
@pytest.mark.parametrize("role", ["main", "auxiliary"])
@pytest.mark.parametrize(
    ("embeddings", "error", "words"),
    [
        ("no/such/file.txt", FileNotFoundError, "There is no file 'no/such/file.txt'"),
        (["good"], TypeError, "Got list"),
        (7, TypeError, "Got int"),
        ({}, ValueError, "Got an empty dict"),
        ({"unheard-of": [1.0]}, ValueError, "some token of the vocabulary"),
    ],
)
def test_what_is_wrong_with_embeddings_is_reported_with_the_networks_role(
    kind, role, embeddings, error, words, reviews
):
    with pytest.raises(error, match=f"^embeddings of {role} must .*{words}"):
        fit(*reviews, **{role: description(kind, embeddings=embeddings)})


def test_a_vector_that_is_wrong_is_named(reviews):
    with pytest.raises(ValueError, match="The vector of 'good' must hold finite numbers"):
        fit(*reviews, main=description("bag", embeddings=VECTORS | {"good": [np.nan] * UNITS}))


@pytest.mark.parametrize("kind", [TextCNN, TextGRU])
def test_trainable_is_true_or_false(kind, reviews):
    with pytest.raises(ValueError, match=f"'trainable' parameter of {kind.__name__}"):
        fit(*reviews, main=kind(trainable="no"))


@pytest.mark.parametrize("role", ["main", "auxiliary"])
def test_precomputed_ids_have_no_words_to_look_up(role):
    classifier = DistilledTextClassifier(tokenizer="precomputed", **{role: description("bag")})
    with pytest.raises(ValueError, match=f"embeddings of {role} need words.*tokenizer='precomputed'"):
        classifier.fit(np.array([[2, 3], [4, 5]]), [0, 1])


def test_a_shared_table_takes_the_vectors_of_the_main_network():
    classifier = DistilledTextClassifier("cnn", description("cnn"), share_embedding=True)
    with pytest.raises(ValueError, match=r"embeddings of auxiliary.*share_embedding=True.*main network"):
        classifier.fit(["good", "bad"], [0, 1])


# Whether they help.


def rare_words(seed=0):
    """Documents of one telling word each, rare in training: each is there once, half of them mislabelled.

    A vocabulary comes from training texts, so that only words which are there can have a
    vector. Those of a class lie around one direction, from which a word's own label can be mended.
    """
    generator = np.random.default_rng(seed)
    words, sides = [f"word{i}" for i in range(400)], np.arange(400) % 2
    vectors = {word: generator.normal(0, 0.1, 16) + [0.5 * side - 0.25] * 16 for word, side in zip(words, sides)}
    wrong = generator.random(400) < 0.3
    return words, np.where(wrong, 1 - sides, sides), sides, vectors


def test_good_vectors_help_where_words_are_rare():
    words, labels, truth, vectors = rare_words()
    scores = {}
    for name, parameters in {
        "random": {},
        "given": {"embeddings": vectors},
        "frozen": {"embeddings": vectors, "trainable": False},
    }.items():
        network = TextCNN(16, filters=16, windows=(1,), dropout=0, **parameters)
        classifier = fit(words, labels, main=network, auxiliary=None, max_iter=30, tokenizer=TextTokenizer())
        scores[name] = classifier.score(words, truth)
    # Without them a word knows its own label alone, of which three in ten are wrong.
    assert scores["random"] < 0.8
    assert scores["given"] > scores["random"]
    assert scores["frozen"] > 0.95
