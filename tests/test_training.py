"""What training does and does not do: laws of the joint fit."""

import copy
import random
import threading

import numpy as np
import pytest
from factory import fit, weights_of

from skdistill import TextBag, TextTokenizer
from skdistill.objectives import TRANSFERS

pytestmark = pytest.mark.core

tf = pytest.importorskip("tensorflow")

DEFAULT = {"main": "bag", "auxiliary": "bag"}


def probabilities(classifier, data):
    return [classifier.extract(role).predict_proba(data[0]) for role in ("main", "auxiliary")]


@pytest.mark.parametrize(("n_classes", "transfer"), [(2, "mutual"), *((3, transfer) for transfer in TRANSFERS)])
def test_every_transfer_learns_the_classes(transfer, n_classes, reviews, three_classes):
    data = reviews if n_classes == 2 else three_classes
    classifier = fit(*data, **DEFAULT, transfer=transfer, max_iter=10)
    assert classifier.score(*data) > 0.95
    assert classifier.extract("auxiliary").score(*data) > 0.95


def test_without_transfer_the_main_network_is_bit_equal_whatever_the_auxiliary_weight(reviews):
    mains = [
        fit(*reviews, **DEFAULT, transfer="none", auxiliary_weight=weight)._networks["main"] for weight in (0.1, 1, 30)
    ]
    assert len({weights_of(main).tobytes() for main in mains}) == 1


def test_by_default_the_auxiliary_weight_changes_the_auxiliary_network(reviews):
    bag = TextBag(8, token_dropout=0, linear_weight=0)
    low, high = (fit(*reviews, auxiliary=bag, auxiliary_weight=weight) for weight in (0.1, 3))
    assert not np.allclose(*(probabilities(c, reviews)[1] for c in (low, high)), atol=1e-3)


@pytest.mark.parametrize(("transfer", "taught"), [("to_main", "main"), ("to_auxiliary", "auxiliary")])
def test_the_teaching_network_does_not_feel_the_transfer(transfer, taught, reviews):
    with_transfer, without = fit(*reviews, transfer=transfer), fit(*reviews, transfer="none")
    teacher = "auxiliary" if taught == "main" else "main"
    same = with_transfer._networks[teacher], without._networks[teacher]
    different = with_transfer._networks[taught], without._networks[taught]
    np.testing.assert_array_equal(*map(weights_of, same))
    assert not np.allclose(*map(weights_of, different))


def test_the_temperature_and_the_transfer_weight_matter(reviews):
    base = weights_of(fit(*reviews)._networks["main"])
    assert not np.allclose(base, weights_of(fit(*reviews, temperature=5.0)._networks["main"]))
    assert not np.allclose(base, weights_of(fit(*reviews, transfer_weight=5.0)._networks["main"]))


def test_the_main_network_alone_learns(reviews):
    classifier = fit(*reviews, auxiliary=None)
    assert classifier.auxiliary_ is None
    assert np.isnan(classifier.history_["auxiliary_loss"]).all()
    assert classifier.score(*reviews) > 0.9


def test_networks_may_read_different_features(reviews):
    auxiliary = TextBag(units=8, ngrams=1, subwords=None, token_dropout=0)
    classifier = fit(*reviews, auxiliary=auxiliary, max_iter=10)
    assert (
        len(classifier._networks["auxiliary"].vocabulary.ngram_index)
        == 0
        < len(classifier._networks["main"].vocabulary.ngram_index)
    )
    assert min(c.score(*reviews) for c in (classifier, classifier.extract("auxiliary"))) > 0.95


def test_the_source_articles_pair_is_a_setting(reviews):
    plain = {"ngrams": 1, "subwords": None, "token_dropout": 0}
    classifier = fit(
        *reviews,
        main=TextBag(units=64, hidden=(64,), **plain),
        auxiliary=TextBag(units=32, hidden=(32,), **plain),
        tokenizer=TextTokenizer(max_tokens=10_000, sequence_length=100),
    )
    assert classifier._networks["main"].weights["kernel_0"].shape == (64, 64)
    assert classifier._networks["auxiliary"].weights["kernel_1"].shape == (32, 2)
    assert classifier.score(*reviews) > 0.9


@pytest.mark.parametrize("token_dropout", [0, 0.3])
def test_token_dropout_leaves_out_features_of_each_networks_own(token_dropout, reviews):
    """Twins: what parts two equal networks that do not hear of each other is what each does not see."""
    bag = TextBag(units=8, token_dropout=token_dropout)
    classifier = fit(*reviews, main=bag, auxiliary=bag, transfer="none", warm_start=True)
    classifier._networks["auxiliary"] = copy.deepcopy(classifier._networks["main"])
    classifier.fit(*reviews)
    are_equal = np.array_equal(weights_of(classifier._networks["main"]), weights_of(classifier._networks["auxiliary"]))
    assert are_equal == (token_dropout == 0)


def test_the_history_holds_every_term_of_every_epoch(reviews):
    history = fit(*reviews, auxiliary_weight=0.5, transfer_weight=2.0).history_
    names = ["loss", "main_loss", "auxiliary_loss", "main_transfer", "auxiliary_transfer"]
    assert list(history) == names
    assert {len(values) for values in history.values()} == {4}
    assert history["main_loss"][-1] < history["main_loss"][0]
    # After the ramp of a fifth of the steps (here less than an epoch) the terms add up to the loss.
    loss, main, auxiliary, to_main, to_auxiliary = (history[name][-1] for name in names)
    assert loss == pytest.approx(main + 0.5 * auxiliary + 2 * (to_main + to_auxiliary), rel=1e-5)


def test_equal_seeds_give_bit_equal_networks_and_other_seeds_others(reviews):
    first, again, other = (fit(*reviews, **DEFAULT, random_state=seed) for seed in (3, 3, 4))
    for role in ("main", "auxiliary"):
        np.testing.assert_array_equal(weights_of(first._networks[role]), weights_of(again._networks[role]))
        assert not np.array_equal(weights_of(first._networks[role]), weights_of(other._networks[role]))


def test_global_generators_stay_untouched(reviews):
    tf.random.set_seed(0)
    states = random.getstate(), np.random.get_state()[1].tolist()
    expected = tf.random.uniform([3]).numpy()
    tf.random.set_seed(0)
    fit(*reviews, main=TextBag(units=7)).to_keras()  # units that no other test has: the step is traced here
    assert (random.getstate(), np.random.get_state()[1].tolist()) == states
    np.testing.assert_array_equal(tf.random.uniform([3]).numpy(), expected)


def test_fits_in_two_threads_equal_the_serial_fits(reviews):
    weights = [0.1, 3.0]
    serial = [fit(*reviews, **DEFAULT, auxiliary_weight=weight) for weight in weights]
    parallel = [None, None]

    def work(i):
        parallel[i] = fit(*reviews, **DEFAULT, auxiliary_weight=weights[i])

    threads = [threading.Thread(target=work, args=(i,)) for i in range(2)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    for one, two in zip(serial, parallel):
        np.testing.assert_array_equal(weights_of(one._networks["auxiliary"]), weights_of(two._networks["auxiliary"]))
        np.testing.assert_array_equal(weights_of(one._networks["main"]), weights_of(two._networks["main"]))


def test_a_later_fit_of_the_same_structure_is_not_traced_again(reviews):
    from skdistill._keras import cache

    def steps():
        return [
            step
            for step in cache.idle_steps()
            if [slot.graph.units for slot in step.signature.slots.values()] == [9, 5]
        ]

    sizes = {"main": TextBag(units=9), "auxiliary": TextBag(units=5)}
    fit(*reviews, **sizes)
    (step,) = steps()
    fit(
        [text + " more words" for text in reviews[0][:50]],
        reviews[1][:50],
        auxiliary_weight=2,
        temperature=1.5,
        **sizes,
    )
    assert steps() == [step]
    assert step.n_traces == 1


def test_weight_zero_equals_absence(reviews):
    texts, labels = reviews
    kept = np.arange(len(texts)) % 3 > 0
    weights = kept.astype(float)
    weighted = fit(texts, labels, **DEFAULT, sample_weight=weights)
    absent = fit([t for t, k in zip(texts, kept) if k], labels[kept], **DEFAULT)
    assert weighted.tokenizer_.vocabulary_ == absent.tokenizer_.vocabulary_
    np.testing.assert_array_equal(weights_of(weighted._networks["main"]), weights_of(absent._networks["main"]))


def test_equal_weights_equal_none(reviews):
    ones, none, sevens = (fit(*reviews, sample_weight=w) for w in (np.ones(120), None, np.full(120, 7.0)))
    np.testing.assert_array_equal(weights_of(ones._networks["main"]), weights_of(none._networks["main"]))
    np.testing.assert_array_equal(weights_of(sevens._networks["auxiliary"]), weights_of(none._networks["auxiliary"]))


@pytest.mark.parametrize("role", ["main", "auxiliary"])
def test_sample_weights_reach_both_networks(role, reviews):
    texts, labels = reviews
    flipped = np.where(np.arange(len(labels)) % 4 < 2, labels, labels[::-1])
    weights = np.where(flipped == labels, 1.0, 1e-3)
    classifier = fit(texts, flipped, sample_weight=weights, max_iter=15)
    assert classifier.extract(role).score(texts, labels) > 0.95


def test_balanced_class_weight_equals_its_dict(reviews):
    texts, labels = reviews[0][:90], np.array(["good"] * 60 + ["bad"] * 30)
    balanced = fit(texts, labels, class_weight="balanced")
    named = fit(texts, labels, class_weight={"good": 0.75, "bad": 1.5})
    np.testing.assert_allclose(weights_of(balanced._networks["main"]), weights_of(named._networks["main"]), atol=1e-5)


def test_early_stopping_keeps_the_best_epoch(three_classes):
    classifier = fit(*three_classes, early_stopping=True, max_iter=40, n_iter_no_change=3, validation_fraction=0.3)
    scores = classifier.history_["main_validation_score"]
    assert len(scores) == classifier.n_iter_ < 40
    assert classifier.best_iter_ == 1 + int(
        np.lexsort((classifier.history_["main_validation_loss"], -np.array(scores)))[0]
    )
    assert classifier.n_iter_ - classifier.best_iter_ >= 0


def test_early_stopping_watches_the_predicting_network(three_classes):
    history = fit(*three_classes, early_stopping=True, predict_with="auxiliary", max_iter=6).history_
    assert {"auxiliary_validation_score", "ensemble_validation_score"} <= set(history)
    assert len({len(values) for values in history.values()}) == 1


def test_a_diverging_loss_stops_with_the_epoch_and_the_advice(reviews):
    with pytest.raises(ValueError, match=r"loss became (nan|inf) in epoch 1: lower learning_rate_init"):
        fit(*reviews, learning_rate_init=1e38, main=TextBag(hidden=(8, 8)))


def test_the_step_is_given_back_after_a_failed_fit(reviews):
    with pytest.raises(ValueError, match="learning_rate_init"):
        fit(*reviews, learning_rate_init=1e38, main=TextBag(hidden=(8, 8)))
    assert fit(*reviews, main=TextBag(hidden=(8, 8)), max_iter=15).score(*reviews) > 0.9


def test_order_of_the_documents_does_not_decide_the_vocabulary(reviews):
    texts, labels = reviews
    forwards, backwards = fit(texts, labels), fit(texts[::-1], labels[::-1])
    assert forwards.tokenizer_.vocabulary_ == backwards.tokenizer_.vocabulary_
    assert forwards._networks["main"].vocabulary.n_rows == backwards._networks["main"].vocabulary.n_rows
