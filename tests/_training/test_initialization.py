"""Word vectors that are brought along: where they go, what stays frozen and whether they help."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skdistill import DistilledTextClassifier, TextBag, TextCNN, TextGRU, TextTokenizer
from skdistill._training import plan
from skdistill.text.embeddings import read_vectors

UNITS = 8
FOUND = ["good", "bad", "film", "music", "awful"]
KINDS = {
    "bag": TextBag(ngrams=2, subwords=(3,), token_dropout=0),
    "bag with dropout": TextBag(),
    "cnn": TextCNN(filters=4, windows=(2,)),
    "gru": TextGRU(),
}


def vectors_of(words, size=UNITS, seed=0):
    generator = np.random.default_rng(seed)
    return {word: generator.normal(0, 0.3, size).astype(np.float32) for word in words}


VECTORS = vectors_of([*FOUND, "unheard-of"])


def fit(data, **parameters):
    pytest.importorskip("tensorflow")
    return DistilledTextClassifier(**{"random_state": 0, "max_iter": 2} | parameters).fit(*data)


def description(kind, **parameters):
    return clone(KINDS[kind]).set_params(**{"units": UNITS, "embeddings": VECTORS} | parameters)


def token_table(network):
    return network.weights["tokens" if "tokens" in network.weights else "embedding"]


def rows_of(classifier, role, words=FOUND):
    ids = [classifier.tokenizer_.vocabulary_[word] for word in words]
    return token_table(getattr(classifier, f"{role}_"))[ids]


def source_rows(words=FOUND, vectors=VECTORS):
    return np.stack([vectors[word] for word in words])


def others(classifier):
    return [word for word in classifier.tokenizer_.vocabulary_ if word not in VECTORS]


# Where they go, and what moves.


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("role", ["main", "auxiliary"])
def test_frozen_rows_are_the_source_bit_for_bit_and_all_others_move(kind, role, reviews):
    frozen = fit(reviews, **{role: description(kind, trainable=False)})
    np.testing.assert_array_equal(rows_of(frozen, role), source_rows())
    still = fit(reviews, **{role: description(kind, trainable=False)}, learning_rate_init=1e-30)
    for name, array in getattr(frozen, f"{role}_").weights.items():
        before = getattr(still, f"{role}_").weights[name]
        if array is not token_table(getattr(frozen, f"{role}_")):
            assert (array != before).any(), name
    assert (rows_of(frozen, role, others(frozen)) != rows_of(still, role, others(frozen))).any(axis=1).all()


@pytest.mark.parametrize("kind", KINDS)
def test_trainable_rows_start_from_the_source_and_move(kind, reviews):
    network = description(kind)
    np.testing.assert_allclose(rows_of(fit(reviews, main=network, learning_rate_init=1e-30), "main"), source_rows())
    moved = rows_of(fit(reviews, main=network), "main")
    assert (moved != source_rows()).any(axis=1).all()
    np.testing.assert_allclose(moved, source_rows(), atol=0.2)


def test_networks_that_share_a_table_freeze_their_own_columns(reviews):
    sizes = {"main": UNITS, "auxiliary": 4}
    for frozen_role, free_role in (("main", "auxiliary"), ("auxiliary", "main")):
        pair = {role: description("cnn", units=units, trainable=role == free_role) for role, units in sizes.items()}
        classifier = fit(reviews, **pair)
        found = read_vectors(VECTORS, classifier.tokenizer_.vocabulary_, sizes[frozen_role])
        frozen, free = (token_table(getattr(classifier, f"{role}_")) for role in (frozen_role, free_role))
        np.testing.assert_array_equal(frozen[found.ids], found.rows)
        start = read_vectors(VECTORS, classifier.tokenizer_.vocabulary_, sizes[free_role])
        assert (free[start.ids] != start.rows).any(axis=1).all()


def test_wider_vectors_are_projected_and_narrower_ones_leave_columns_free(reviews):
    wide, narrow = vectors_of(FOUND, 20), vectors_of(FOUND, 3)
    classifier = fit(
        reviews,
        main=description("bag", embeddings=wide, trainable=False),
        auxiliary=description("cnn", embeddings=narrow, trainable=False),
    )
    ids, rows, _ = read_vectors(wide, classifier.tokenizer_.vocabulary_, UNITS)
    np.testing.assert_array_equal(token_table(classifier.main_)[ids], rows)
    narrowed = rows_of(classifier, "auxiliary")
    np.testing.assert_array_equal(narrowed[:, :3], source_rows(vectors=narrow))
    assert (narrowed[:, 3:] != 0).all()


def test_frozen_rows_stay_under_early_stopping_and_in_what_is_handed_over(reviews):
    classifier = fit(reviews, main=description("cnn", trainable=False), early_stopping=True)
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
        fit(reviews, main=TextCNN(units=UNITS, filters=3, **parameters), auxiliary=None)
        return cache.idle_steps()[-1]

    usual = step()
    assert [table.frozen for table in usual.tables] == [None]
    assert step(embeddings=VECTORS) is usual
    assert step(trainable=False) is usual
    assert step(embeddings=VECTORS, trainable=False) is not usual


def test_a_frozen_fit_leaves_nothing_for_the_next_fit_of_the_same_structure(reviews):
    network = description("gru", trainable=False)
    first = fit(reviews, main=network)
    fit(reviews, main=description("gru", trainable=False, embeddings=vectors_of(["the", "a"])))
    np.testing.assert_array_equal(token_table(first.main_), token_table(fit(reviews, main=network).main_))


@pytest.mark.parametrize("schedule", ["alternating", "sequential"])
def test_frozen_rows_stay_in_every_schedule(schedule, reviews):
    pair = {role: description("cnn", trainable=role == "main") for role in ("main", "auxiliary")}
    classifier = fit(reviews, schedule=schedule, transfer="to_auxiliary", early_stopping=True, **pair)
    np.testing.assert_array_equal(rows_of(classifier, "auxiliary"), source_rows())
    assert (rows_of(classifier, "main") != source_rows()).any(axis=1).all()


@pytest.mark.parametrize("trainable", [True, False])
def test_an_auxiliary_network_shares_the_vectors_of_the_main_network(trainable, reviews):
    main = description("cnn", trainable=trainable)
    classifier = fit(reviews, main=main, auxiliary=TextCNN(4), share_embedding=True)
    np.testing.assert_array_equal(rows_of(classifier, "auxiliary"), rows_of(classifier, "main")[:, :4])
    assert (rows_of(classifier, "main") == source_rows()).all() == (not trainable)
    assert list(classifier.embedding_coverage_) == ["main"]


def test_a_warm_start_goes_on_from_what_was_learned_and_may_thaw_or_freeze_it(reviews):
    classifier = fit(reviews, main=description("bag", trainable=False), warm_start=True, max_iter=1)
    thawed = rows_of(classifier.set_params(main__trainable=True).fit(*reviews), "main")
    assert (thawed != source_rows()).any(axis=1).all()
    np.testing.assert_allclose(thawed, source_rows(), atol=0.2)
    frozen = rows_of(classifier.set_params(main__trainable=False).fit(*reviews), "main")
    np.testing.assert_array_equal(frozen, thawed)


def test_a_warm_start_cannot_take_other_vectors(reviews):
    classifier = fit(reviews, main=description("bag"), warm_start=True, max_iter=1)
    for other in (vectors_of([*FOUND, *map(str, range(30))]), {**VECTORS, "good": np.ones(UNITS)}, None):
        with pytest.raises(ValueError, match=r"(?s)cannot change embeddings of main: it was .* Got (<|{|None)"):
            classifier.set_params(main__embeddings=other).fit(*reviews)


# Coverage, and how often a source is read.


def test_coverage_is_told_for_each_network_that_brings_embeddings(reviews):
    both = fit(reviews, main=description("bag"), auxiliary=description("gru", embeddings=vectors_of(["good"])))
    size = len(both.tokenizer_.vocabulary_)
    assert both.embedding_coverage_ == {"main": pytest.approx(5 / size), "auxiliary": pytest.approx(1 / size)}
    assert set(fit(reviews, auxiliary=description("bag")).embedding_coverage_) == {"auxiliary"}
    assert fit(reviews).embedding_coverage_ == {}


@pytest.mark.parametrize(("units", "times"), [(UNITS, 1), (4, 2)])
@pytest.mark.parametrize("in_a_file", [False, True])
def test_what_both_networks_bring_is_read_once(units, times, in_a_file, reviews, tmp_path, monkeypatch):
    read = []
    monkeypatch.setattr(plan, "read_vectors", lambda *args, **named: read.append(named) or read_vectors(*args))
    source = VECTORS
    if in_a_file:
        source = tmp_path / "vectors.txt"
        source.write_text("".join(f"{word} {' '.join(map(str, row.tolist()))}\n" for word, row in VECTORS.items()))
    pair = description("bag", embeddings=source), description("cnn", embeddings=source, units=units)
    classifier = fit(reviews, main=pair[0], auxiliary=pair[1])
    assert len(read) == times
    assert classifier.embedding_coverage_["main"] == classifier.embedding_coverage_["auxiliary"]
    np.testing.assert_allclose(rows_of(classifier, "main"), source_rows(), atol=0.2)


# As parameters.


def test_a_grid_reaches_the_embeddings_and_clone_keeps_them(reviews):
    pytest.importorskip("tensorflow")
    estimator = DistilledTextClassifier(TextBag(UNITS, ngrams=1, subwords=None), random_state=0, max_iter=1)
    grid = {"main__embeddings": [None, VECTORS], "main__trainable": [True, False]}
    search = GridSearchCV(estimator, grid, cv=2, error_score="raise").fit(*reviews)
    assert len(search.cv_results_["params"]) == 4
    cloned = clone(estimator.set_params(main__embeddings=VECTORS)).main.embeddings
    assert list(cloned) == list(VECTORS)
    np.testing.assert_array_equal(source_rows(vectors=cloned), source_rows())


def test_an_extracted_classifier_leaves_the_source_behind(reviews):
    marked = VECTORS | vectors_of(["left-behind"])
    classifier = fit(reviews, main=description("bag", embeddings=marked))
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
def test_what_is_wrong_with_embeddings_is_told_with_the_networks_role(role, embeddings, error, words, reviews):
    with pytest.raises(error, match=f"^embeddings of {role} must .*{words}"):
        fit(reviews, **{role: description("bag", embeddings=embeddings)})


def test_a_vector_that_is_wrong_is_named(reviews):
    with pytest.raises(ValueError, match="The vector of 'good' must hold finite numbers"):
        fit(reviews, main=description("bag", embeddings=VECTORS | {"good": [np.nan] * UNITS}))


@pytest.mark.parametrize("kind", [TextBag, TextCNN, TextGRU])
def test_trainable_is_true_or_false(kind, reviews):
    with pytest.raises(ValueError, match=f"'trainable' parameter of {kind.__name__}"):
        fit(reviews, main=kind(trainable="no"))


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
        "brought": {"embeddings": vectors},
        "frozen": {"embeddings": vectors, "trainable": False},
    }.items():
        bag = TextBag(16, ngrams=1, subwords=None, token_dropout=0, **parameters)
        classifier = fit((words, labels), main=bag, auxiliary=None, max_iter=30, tokenizer=TextTokenizer())
        scores[name] = classifier.score(words, truth)
    # Without them a word knows its own label alone, of which three in ten are wrong.
    assert scores["random"] < 0.8
    assert scores["brought"] > scores["random"]
    assert scores["frozen"] > 0.95
