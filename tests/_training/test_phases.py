"""Schedules, given validation rows, warm starts and shared embeddings."""

import pickle

import numpy as np
import pytest
import sklearn
from factory import PLAIN, fit, small, weights_of
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skdistill import TextBag, TextCNN, TextTokenizer
from skdistill._training.phases import SCHEDULES, is_possible, phases_of
from skdistill.objectives import TRANSFERS

POSSIBLE = [
    (schedule, transfer) for schedule in SCHEDULES for transfer in TRANSFERS if is_possible(schedule, transfer)
]
IMPOSSIBLE = [pair for pair in ((s, t) for s in SCHEDULES for t in TRANSFERS) if pair not in POSSIBLE]


def validation(X_val, y_val):
    """The arguments of ``fit`` that name validation rows."""
    return {"X_val": X_val, "y_val": y_val}


def assert_equal_networks(one, other):
    np.testing.assert_array_equal(weights_of(one), weights_of(other))


# Schedules.


def test_the_table_of_schedules():
    roles = ("main", "auxiliary")
    passes = {
        (schedule, transfer): [[(own.learners, own.transfer) for own in phase.passes] for phase in phases]
        for schedule, transfer in POSSIBLE
        for phases in [phases_of(schedule, transfer, roles)]
    }
    main, auxiliary = ("main",), ("auxiliary",)
    assert all(passes["joint", transfer] == [[(roles, transfer)]] for transfer in TRANSFERS)
    assert passes["alternating", "none"] == [[(main, "none"), (auxiliary, "none")]]
    assert passes["alternating", "to_main"] == [[(auxiliary, "none"), (main, "to_main")]]
    assert passes["alternating", "to_auxiliary"] == [[(main, "none"), (auxiliary, "to_auxiliary")]]
    assert passes["alternating", "mutual"] == [[(main, "to_main"), (auxiliary, "to_auxiliary")]]
    assert passes["sequential", "none"] == [[(main, "none")], [(auxiliary, "none")]]
    assert passes["sequential", "to_main"] == [[(auxiliary, "none")], [(main, "to_main")]]
    assert passes["sequential", "to_auxiliary"] == [[(main, "none")], [(auxiliary, "to_auxiliary")]]
    assert IMPOSSIBLE == [("alternating", "ensemble"), ("sequential", "mutual"), ("sequential", "ensemble")]


@pytest.mark.parametrize(("schedule", "transfer"), IMPOSSIBLE)
def test_what_no_schedule_can_do_names_both_parameters(schedule, transfer, reviews):
    with pytest.raises(ValueError, match=f"schedule='{schedule}' cannot have transfer='{transfer}'"):
        fit(*reviews, schedule=schedule, transfer=transfer)


@pytest.mark.parametrize(("schedule", "transfer"), POSSIBLE)
def test_every_schedule_learns_the_classes(schedule, transfer, three_classes):
    classifier = fit(*three_classes, schedule=schedule, transfer=transfer, max_iter=12)
    for role in ("main", "auxiliary"):
        assert classifier.extract(role).score(*three_classes) > 0.9


@pytest.mark.parametrize("schedule", ["alternating", "sequential"])
@pytest.mark.parametrize(("transfer", "teacher"), [("to_main", "auxiliary"), ("to_auxiliary", "main")])
def test_the_teaching_network_does_not_depend_on_the_transfer(schedule, transfer, teacher, reviews):
    weights = [fit(*reviews, schedule=schedule, transfer=transfer, transfer_weight=w) for w in (0.5, 5.0)]
    student = "main" if teacher == "auxiliary" else "auxiliary"
    assert_equal_networks(*(own._networks[teacher] for own in weights))
    assert not np.allclose(*(weights_of(own._networks[student]) for own in weights))


def test_in_sequence_the_history_has_the_epochs_of_both_phases(reviews):
    classifier = fit(*reviews, schedule="sequential", transfer="to_main", max_iter=3)
    history = classifier.history_
    assert classifier.n_iter_ == 6
    assert {len(values) for values in history.values()} == {6}
    assert np.isnan(history["main_loss"]).tolist() == [True] * 3 + [False] * 3
    assert np.isnan(history["auxiliary_loss"]).tolist() == [False] * 3 + [True] * 3
    assert np.isfinite(history["loss"]).all()


def test_a_frozen_teacher_teaches_with_its_full_weight_at_once(reviews):
    classifier = fit(*reviews, schedule="sequential", transfer="to_main", max_iter=2, transfer_weight=2.0)
    history = {name: values[2] for name, values in classifier.history_.items()}
    assert history["loss"] == pytest.approx(history["main_loss"] + 2 * history["main_transfer"], rel=1e-5)


def test_the_auxiliary_alone_in_sequence_is_the_network_alone(reviews):
    sequence = fit(*reviews, schedule="sequential", transfer="none", learning_rate="constant")
    alone = fit(*reviews, auxiliary=None, learning_rate="constant")
    assert_equal_networks(sequence._networks["main"], alone._networks["main"])


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_equal_seeds_give_bit_equal_networks(schedule, reviews):
    one, other = (fit(*reviews, schedule=schedule, transfer="to_main", main=TextCNN(units=4)) for _ in range(2))
    assert_equal_networks(one._networks["main"], other._networks["main"])
    assert_equal_networks(one._networks["auxiliary"], other._networks["auxiliary"])


@pytest.mark.parametrize("kind", ["cnn", "gru"])
@pytest.mark.parametrize("partner", ["bag", "cnn", "gru"])
def test_any_mix_of_kinds_learns(kind, partner, reviews):
    parameters = {"main": kind, "auxiliary": partner, "main_units": 16, "auxiliary_units": 8}
    classifier = fit(*reviews, max_iter=15, learning_rate_init=1e-2, **parameters)
    for role in ("main", "auxiliary"):
        assert classifier.extract(role).score(*reviews) > 0.9


# When training ends.


def test_training_stops_at_the_target_score(three_classes):
    classifier = fit(*three_classes, early_stopping=True, validation_fraction=0.3, target_score=0.6, max_iter=50)
    scores = classifier.history_["main_validation_score"]
    assert scores[-1] >= 0.6 > max(scores[:-1], default=0)


def test_alternating_repeats_until_the_target_score(three_classes):
    parameters = {"schedule": "alternating", "transfer": "to_main", "target_score": 0.9, "max_iter": 50}
    classifier = fit(*three_classes, **validation(*three_classes), **parameters)
    assert classifier.n_iter_ < 50
    assert classifier.score(*three_classes) >= 0.9 > max(classifier.history_["main_validation_score"][:-1], default=0)


def test_a_teacher_that_is_not_watched_is_trained_to_the_end(three_classes):
    parameters = {"schedule": "sequential", "transfer": "to_main", "target_score": 0.1}
    classifier = fit(*three_classes, **validation(*three_classes), **parameters)
    assert classifier.n_iter_ == 4 + 1


def test_in_sequence_the_best_weights_of_the_teacher_are_kept(three_classes):
    parameters = {"schedule": "sequential", "transfer": "to_main", "max_iter": 30, "n_iter_no_change": 3}
    classifier = fit(*three_classes, early_stopping=True, **validation(*three_classes), **parameters)
    best = np.nanmax(classifier.history_["auxiliary_validation_score"])
    assert classifier.extract("auxiliary").score(*three_classes) == pytest.approx(best)
    assert classifier.n_iter_ < 60


class Auxiliaries:
    """A callback that keeps the auxiliary network of each epoch."""

    def __init__(self):
        self.weights = []

    def setup(self, estimator, context):
        """Nothing to prepare."""

    def teardown(self, estimator, context):
        """Nothing to end."""

    def on_fit_task_begin(self, estimator, context):
        """Nothing to see yet."""

    def on_fit_task_end(self, estimator, context, *, fitted_estimator):
        if context.task_name == "epoch":
            self.weights.append(weights_of(fitted_estimator._networks["auxiliary"]))


def test_in_sequence_the_best_weights_teach(three_classes):
    pytest.importorskip("tensorflow")
    pytest.importorskip("sklearn.callback")
    kept = Auxiliaries()
    parameters = {"schedule": "sequential", "transfer": "to_main", "max_iter": 30, "n_iter_no_change": 3}
    classifier = small(early_stopping=True, **parameters)
    texts, labels = three_classes
    # Validation labels that are wrong: what is learnt makes them worse, so that an early epoch is the best.
    classifier.set_callbacks(kept).fit(texts, labels, X_val=texts, y_val=np.roll(labels, 1))
    taught = int(np.isnan(classifier.history_["main_loss"]).sum())
    best = weights_of(classifier._networks["auxiliary"])
    assert not np.array_equal(kept.weights[taught - 1], best)  # the last of its own phase was not the best
    for weights in kept.weights[taught:]:
        np.testing.assert_array_equal(weights, best)


def test_a_target_needs_validation_rows(reviews):
    with pytest.raises(ValueError, match="target_score=0.9 needs validation rows"):
        fit(*reviews, target_score=0.9)


# Given validation rows.


def test_validation_rows_are_recorded_and_change_nothing(reviews, three_classes):
    plain = fit(*reviews)
    recorded = fit(*reviews, **validation(reviews[0][:50], reviews[1][:50]))
    assert_equal_networks(plain._networks["main"], recorded._networks["main"])
    assert len(recorded.history_["main_validation_score"]) == recorded.n_iter_ == recorded.best_iter_ == 4
    assert "main_validation_score" not in plain.history_


def test_early_stopping_with_validation_rows_trains_on_all_others(reviews):
    classifier = fit(*reviews, early_stopping=True, **validation(reviews[0][:30], reviews[1][:30]))
    score = classifier.history_["main_validation_score"][classifier.best_iter_ - 1]
    assert classifier.score(reviews[0][:30], reviews[1][:30]) == pytest.approx(score)
    assert classifier.tokenizer_.vocabulary_ == fit(*reviews).tokenizer_.vocabulary_


def test_validation_rows_have_weights(reviews):
    texts, labels = reviews
    wrong = np.where(labels == "good", "bad", "good")
    both, weights = [*texts, *texts], np.repeat([1.0, 0.0], len(texts))
    given = {"X_val": both, "y_val": np.r_[labels, wrong], "sample_weight_val": weights}
    classifier = fit(texts, labels, max_iter=10, **given)
    assert classifier.history_["main_validation_score"][-1] > 0.9


def test_validation_rows_arrive_through_a_pipeline(reviews):
    pytest.importorskip("tensorflow")
    texts, labels = reviews
    with sklearn.config_context(enable_metadata_routing=True):
        classifier = small(max_iter=2, tokenizer="precomputed")
        classifier.set_fit_request(X_val=True, y_val=True)
        pipeline = make_pipeline(TextTokenizer(sequence_length=9), classifier, transform_input=["X_val"])
        pipeline.fit(texts, labels, X_val=texts[:40], y_val=labels[:40])
    assert len(pipeline[-1].history_["main_validation_score"]) == 2


def test_text_validation_rows_pass_the_steps_of_a_pipeline(reviews):
    pytest.importorskip("tensorflow")
    texts, labels = reviews
    with sklearn.config_context(enable_metadata_routing=True):
        classifier = small(max_iter=8)
        classifier.set_fit_request(X_val=True, y_val=True)
        lower = FunctionTransformer(lambda documents: [document.lower() for document in documents])
        pipeline = make_pipeline(lower, classifier, transform_input=["X_val"])
        pipeline.fit(texts, labels, X_val=[text.upper() for text in texts], y_val=labels)
    assert pipeline[-1].history_["main_validation_score"][-1] > 0.9


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"X_val": ["good"]}, "X_val and y_val go together"),
        ({"y_val": ["good"]}, "X_val and y_val go together"),
        ({"sample_weight_val": [1.0]}, "sample_weight_val needs X_val"),
        ({"X_val": ["a", "b"], "y_val": ["good"]}, "inconsistent numbers of samples"),
        ({"X_val": ["a"], "y_val": ["splendid"]}, "among the classes of fit.*'splendid'"),
        (
            {"X_val": ["a"], "y_val": ["good"], "sample_weight_val": [0.0]},
            "(?i)sample.weights?(_val)? must (be above 0|contain at least one non-zero)",
        ),
        ({"X_val": [None], "y_val": ["good"]}, "Row 0 of X_val is missing"),
    ],
)
def test_validation_rows_that_cannot_be(given, words, reviews):
    with pytest.raises(ValueError, match=words):
        fit(*reviews, max_iter=1, **given)


# Warm starts.


@pytest.mark.parametrize("kind", [PLAIN, "cnn", "gru"])
def test_a_warm_start_goes_on_from_the_networks_before(kind, reviews):
    parameters = {"main": kind, "auxiliary": PLAIN, "warm_start": True, "learning_rate": "constant"}
    classifier = fit(*reviews, **parameters)
    first = classifier.history_["main_loss"]
    vocabulary = classifier.tokenizer_
    classifier.fit(*reviews)
    assert classifier.history_["main_loss"][0] < first[0] - 0.1
    assert classifier.tokenizer_ is vocabulary
    cold = fit(*reviews, **parameters | {"warm_start": False})
    assert cold.fit(*reviews).history_["main_loss"] == first


def test_a_warm_start_keeps_vocabulary_and_classes(reviews):
    classifier = fit(*reviews, warm_start=True)
    classifier.fit(["good new words", "unheard of"], ["good", "good"])
    assert classifier.classes_.tolist() == ["bad", "good"]
    assert "unheard" not in classifier.tokenizer_.vocabulary_
    assert np.isfinite(classifier.predict_proba(reviews[0])).all()


def test_a_warm_start_after_a_pickle_equals_one_without(reviews):
    classifier = fit(*reviews, warm_start=True)
    copy = pickle.loads(pickle.dumps(classifier))
    assert_equal_networks(classifier.fit(*reviews)._networks["main"], copy.fit(*reviews)._networks["main"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"main": TextBag(units=9, token_dropout=0)}, "warm_start cannot change units of main: it was 8. Got 9"),
        ({"auxiliary": None}, r"warm_start needs the networks of the previous fit, \['main', 'auxiliary'\]"),
        ({"auxiliary": "gru"}, "warm_start cannot change"),
    ],
)
def test_what_a_warm_start_cannot_change(change, words, reviews):
    classifier = fit(*reviews, warm_start=True).set_params(**change)
    with pytest.raises(ValueError, match=words):
        classifier.fit(*reviews)


def test_a_warm_start_has_no_new_classes(reviews):
    with pytest.raises(ValueError, match="among the classes of fit.*'other'"):
        fit(*reviews, warm_start=True).fit(["good", "odd"], ["good", "other"])


# Shared embeddings.


@pytest.mark.parametrize("kind", [TextBag(units=8), TextCNN(units=8, filters=4)])
def test_a_shared_embedding_is_the_first_columns_of_the_main_one(kind, reviews):
    classifier = fit(*reviews, main=kind, auxiliary=clone(kind).set_params(units=3), share_embedding=True, max_iter=15)
    name = "tokens" if isinstance(kind, TextBag) else "embedding"
    main, auxiliary = classifier._networks["main"].weights[name], classifier._networks["auxiliary"].weights[name]
    np.testing.assert_array_equal(main[:, :3], auxiliary)
    assert min(classifier.extract(role).score(*reviews) for role in ("main", "auxiliary")) > 0.9


def test_with_a_shared_embedding_the_auxiliary_weight_reaches_the_main_network(reviews):
    narrow = TextBag(units=4, token_dropout=0)
    low, high = (
        fit(*reviews, transfer="none", share_embedding=True, auxiliary=narrow, auxiliary_weight=w) for w in (0.1, 3)
    )
    assert not np.allclose(weights_of(low._networks["main"]), weights_of(high._networks["main"]), atol=1e-4)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"auxiliary": "cnn"}, "two networks of the same kind. Got TextBag and TextCNN"),
        ({"auxiliary": TextBag(units=9, token_dropout=0)}, "at least as wide as the auxiliary. Got units=8 and 9"),
        ({"auxiliary": TextBag(units=4, ngrams=1, token_dropout=0)}, "read the same features. Got ngrams=2 and 1"),
        ({"schedule": "alternating"}, "share_embedding=True needs schedule='joint'.*'alternating'"),
        ({"auxiliary": None}, "share_embedding=True needs an auxiliary network"),
    ],
)
def test_embeddings_that_cannot_be_shared(parameters, words, reviews):
    with pytest.raises(ValueError, match=words):
        fit(*reviews, share_embedding=True, **parameters)
