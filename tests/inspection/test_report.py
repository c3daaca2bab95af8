"""The report: its numbers are those of a loop by hand, and its verdicts those of data that are made for them."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
from factory import small
from joblib import parallel_config
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import FitFailedWarning
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import ShuffleSplit, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skdistill import TextBag, TextTokenizer
from skdistill.inspection import distillation_report
from skdistill.metrics import agreement, churn, expected_calibration_error, fidelity

pytest.importorskip("tensorflow")

ALL = ["main_alone", "auxiliary_alone", "label_smoothing", "main", "auxiliary", "ensemble"]
#: Learns from labels and soft targets alone, without a linear path that holds it fast to the labels.
PURE = TextBag(8, ngrams=1, subwords=None, token_dropout=0, linear_weight=0)


class Knows(ClassifierMixin, BaseEstimator):
    """A teacher that knows the class of each word: those that begin with "p" are positive."""

    classes_ = np.array(["neg", "pos"])

    def predict_proba(self, X):
        score = np.array([sum(1 if word[0] == "p" else -1 for word in text.split()) for text in X])
        positive = 1 / (1 + np.exp(-2.0 * score))
        return np.column_stack([1 - positive, positive])


class Guesses(Knows):
    """A teacher that is confident and knows nothing."""

    def predict_proba(self, X):
        positive = np.array([0.02 if sum(map(ord, text)) % 2 else 0.98 for text in X])
        return np.column_stack([1 - positive, positive])


class Fails(Knows):
    """A teacher that cannot be asked."""

    def predict_proba(self, X):
        raise RuntimeError("no teacher today")


def rare_words(n_rows, seed=0):
    """Texts of three words, of which the class has 1,000: few labelled texts show only some of them."""
    generator = np.random.default_rng(seed)
    labels = np.arange(n_rows) % 2
    texts = [" ".join(f"{'np'[label]}{word}" for word in generator.integers(1000, size=3)) for label in labels]
    return texts, np.array(["neg", "pos"])[labels]


def rows_of(reviews, rows):
    return [reviews[0][row] for row in rows], reviews[1][rows]


@pytest.fixture(scope="module")
def report(reviews):
    """A report of two splits and two seeds."""
    return distillation_report(small(max_iter=2), *reviews, cv=2, n_repeats=2, scoring=["f1_macro"], random_state=7)


@pytest.mark.core
def test_the_numbers_are_those_of_a_loop_by_hand(report, reviews):
    assert list(report.arms_) == ALL
    for split, (train, test) in enumerate(StratifiedKFold(2).split(*reviews)):
        for repeat, seed in enumerate(report.seeds_):
            texts, labels = rows_of(reviews, test)
            pair = small(max_iter=2, random_state=seed).fit(*rows_of(reviews, train))
            alone = small(max_iter=2, random_state=seed, auxiliary=None).fit(*rows_of(reviews, train))
            ensemble = small(max_iter=2, random_state=seed, predict_with="ensemble").fit(*rows_of(reviews, train))
            # Without transfer and token dropout two networks do not notice each other.
            both = small(max_iter=2, random_state=seed, transfer="none").fit(*rows_of(reviews, train))
            networks = {
                "main": pair.main_,
                "auxiliary": pair.auxiliary_,
                "main_alone": alone,
                "auxiliary_alone": both.auxiliary_,
                "ensemble": ensemble,
            }
            for name, network in networks.items():
                found = {key: values[split, repeat] for key, values in report.scores_[name].items()}
                p = network.predict_proba(texts)
                assert found["accuracy"] == network.score(texts, labels)
                assert found["log_loss"] == pytest.approx(log_loss(labels, p), rel=1e-6)
                assert found["calibration_error"] == pytest.approx(expected_calibration_error(labels, p))
            extracted = pair.extract("auxiliary")
            assert report.scores_["auxiliary"]["n_bytes"][split, repeat] == extracted.nbytes
    for name, arm in report.arms_.items():
        assert arm["log_loss"] == pytest.approx(report.scores_[name]["log_loss"].mean())


def test_what_passed_between_networks_is_what_the_metrics_say(report, reviews):
    found = {(row["reference"], row["network"]): row for row in report.agreement_}
    by_hand = []
    for train, test in StratifiedKFold(2).split(*reviews):
        for seed in report.seeds_:
            pair = small(max_iter=2, random_state=seed).fit(*rows_of(reviews, train))
            texts, _ = rows_of(reviews, test)
            p, q = pair.main_.predict_proba(texts), pair.auxiliary_.predict_proba(texts)
            by_hand.append([agreement(p, q), fidelity(p, q), churn(p, q)])
    row = found["main", "auxiliary"]
    np.testing.assert_allclose(
        [row["agreement"], row["fidelity"], row["churn"]], np.mean(by_hand, axis=0), rtol=1e-6, atol=1e-12
    )
    assert {("main_alone", "main"), ("auxiliary_alone", "auxiliary"), ("another seed", "main")} <= found.keys()


def test_label_smoothing_learns_smoothed_labels(report, reviews):
    train, test = next(StratifiedKFold(2).split(*reviews))
    (texts, labels), (test_texts, test_labels) = rows_of(reviews, train), rows_of(reviews, test)
    soft = 0.05 + 0.9 * (labels[:, None] == np.unique(labels))
    smoothed = small(max_iter=2, auxiliary=None, random_state=report.seeds_[0], teacher_weight=1, temperature=1)
    smoothed.fit(texts, labels, soft_targets=soft, soft_target_classes=np.unique(labels))
    found = report.scores_["label_smoothing"]["log_loss"][0, 0]
    assert found == pytest.approx(log_loss(test_labels, smoothed.predict_proba(test_texts)), rel=1e-6)


@pytest.mark.core
def test_networks_that_learn_nothing_from_each_other_make_no_difference(reviews):
    texts, labels = reviews
    noisy = np.where(np.arange(120) % 7 == 0, labels[::-1], labels)
    report = distillation_report(small(transfer="none", max_iter=2), texts, noisy, cv=3)
    for name in ("main", "auxiliary"):
        assert report.verdict_[name].interval == (0, 0)
        assert report.verdict_[name].word == "NO DIFFERENCE"
    assert all(row["angle"] == pytest.approx(0, abs=1e-4) for row in report.layers_)


def test_a_network_that_teaches_before_the_other_is_trained_is_the_network_alone(reviews):
    classifier = small(max_iter=2, schedule="sequential", transfer="to_auxiliary")
    report = distillation_report(classifier, *reviews, cv=2)
    assert report.verdict_["main"].interval == (0, 0)
    by_pair = {(row["reference"], row["network"]): row for row in report.agreement_}
    assert by_pair["main_alone", "main"]["fidelity"] == by_pair["main_alone", "main"]["churn"] == 0
    angles = {row["network"]: row["angle"] for row in report.layers_ if row["layer"] == "tokens"}
    assert angles["main"] == pytest.approx(0, abs=1e-4) != angles["auxiliary"]


@pytest.mark.core
def test_a_teacher_that_knows_more_helps():
    texts, labels = rare_words(200)
    pool, _ = rare_words(1000, seed=1)
    classifier = small(main=PURE, auxiliary=PURE, max_iter=3, teacher=FrozenEstimator(Knows()))
    report = distillation_report(classifier, texts, labels, cv=4, X_unlabeled=pool)
    assert [report.verdict_[name].word for name in ("main", "auxiliary")] == ["HELPS"] * 2
    assert report.verdict_["main"].effect > 0.1
    assert report.arms_["teacher"]["accuracy"] == 1


@pytest.mark.core
def test_a_teacher_that_guesses_hurts():
    texts, labels = rare_words(400)
    classifier = small(main=PURE, auxiliary=PURE, max_iter=8, teacher=FrozenEstimator(Guesses()), teacher_weight=0.9)
    report = distillation_report(classifier, texts, labels, cv=4)
    assert [report.verdict_[name].word for name in ("main", "auxiliary")] == ["HURTS"] * 2


def test_a_later_fold_compiles_nothing(reviews):
    from skdistill._keras import cache

    def traces():
        return {id(step): step.n_traces for step in cache.idle_steps()}

    cache.clear()
    classifier = small(main=TextBag(6), auxiliary=TextBag(5), max_iter=1)
    first = next(iter(StratifiedKFold(3).split(*reviews)))
    distillation_report(classifier, *reviews, cv=[first, first])
    before = traces()
    assert set(before.values()) == {1}
    distillation_report(classifier, *reviews, cv=3)
    assert traces() == before


def test_a_variant_that_fails_does_not_lose_the_others(reviews):
    classifier = small(max_iter=1, teacher=FrozenEstimator(Fails()), teacher_weight=0.5)
    with pytest.warns(FitFailedWarning, match="2 of 2 measurements of .* failed. .*RuntimeError: no teacher today"):
        report = distillation_report(classifier, *on_words(reviews), cv=2)
    assert report.arms_["main"]["n_failed"] == report.arms_["teacher"]["n_failed"] == 2
    assert np.isnan(report.arms_["main"]["accuracy"])
    assert report.arms_["main_alone"]["accuracy"] > 0.5
    assert report.verdict_["main"] is None
    assert "no teacher today" in report.to_markdown()


def on_words(reviews):
    """The reviews with the classes of the teachers above."""
    return reviews[0], np.where(reviews[1] == "good", "pos", "neg")


def test_if_all_fits_fail_the_first_error_is_raised(reviews):
    with pytest.raises(ValueError, match="No variant could be fitted.*max_iter"):
        distillation_report(small(max_iter=0), *reviews, cv=2)


def test_a_scorer_that_fails_loses_its_score_alone(reviews):
    def broken(estimator, X, y):
        raise RuntimeError("no score")

    with pytest.warns(FitFailedWarning, match="The first error: broken: RuntimeError: no score"):
        report = distillation_report(small(max_iter=1), *reviews, cv=2, scoring={"broken": broken})
    assert np.isnan(report.arms_["main"]["broken"])
    assert report.arms_["main"]["accuracy"] > 0.5


def test_the_last_step_of_a_pipeline_is_measured(reviews):
    texts, labels = reviews
    shouted = [text.upper() for text in texts]
    lower = FunctionTransformer(lambda texts: [text.lower() for text in texts])
    classifier = small(max_iter=1, tokenizer=TextTokenizer(lowercase=False))
    inside = distillation_report(make_pipeline(lower, classifier), shouted, labels, cv=2, X_unlabeled=shouted[:5])
    alone = distillation_report(classifier, texts, labels, cv=2, X_unlabeled=texts[:5])
    for name in ALL:
        assert inside.arms_[name]["log_loss"] == alone.arms_[name]["log_loss"]


def test_rows_without_label_are_trained_on_and_not_tested(reviews):
    texts, labels = reviews
    is_unlabelled = np.arange(120) % 3 == 0
    report = distillation_report(small(max_iter=2), texts, np.where(is_unlabelled, None, labels), cv=2)
    marked = np.where(is_unlabelled, "?", labels)
    marked = distillation_report(small(max_iter=2, unlabeled_label="?"), texts, marked, cv=2)
    for name in ALL:
        assert report.arms_[name]["log_loss"] == marked.arms_[name]["log_loss"]
    assert report.arms_["main"]["accuracy"] > 0.5


def test_networks_alone_have_as_many_steps_as_the_estimator_with_unlabelled_rows(reviews):
    epochs = []

    class Counting(type(small())):
        def fit(self, *arguments, **named):
            fitted = super().fit(*arguments, **named)
            epochs.append((self.auxiliary is None, self.n_iter_))
            return fitted

    classifier = Counting(**small(max_iter=2, batch_size=10).get_params(deep=False))
    distillation_report(classifier, *reviews, cv=2, X_unlabeled=reviews[0] + reviews[0][:60])  # 180 and 60 rows
    assert set(epochs) == {(False, 2), (True, 6)}


def test_multilabel_rows_are_measured(reviews):
    texts, labels = reviews
    y = np.column_stack([labels == "good", ["film" in text for text in texts]]).astype(int)
    report = distillation_report(small(max_iter=2), texts, y, cv=2)
    train, test = np.arange(60, 120), np.arange(60)  # as KFold has it
    pair = small(max_iter=2, random_state=report.seeds_[0]).fit([texts[row] for row in train], y[train])
    held_out = [texts[row] for row in test]
    assert report.scores_["main"]["accuracy"][0, 0] == pair.score(held_out, y[test])
    p = pair.predict_proba(held_out)
    losses = -(y[test] * np.log(p) + (1 - y[test]) * np.log(1 - p))
    assert report.scores_["main"]["log_loss"][0, 0] == pytest.approx(losses.mean())


def test_precomputed_ids_are_measured(reviews):
    ids = TextTokenizer(sequence_length=10).fit_transform(reviews[0])
    report = distillation_report(small(max_iter=2, tokenizer="precomputed"), ids, reviews[1], cv=2)
    assert report.arms_["main"]["n_failed"] == 0
    assert all(feature.replace(" ", "").isdigit() or "[" in feature for feature in report.moved_["main"])


def test_without_an_auxiliary_network_the_teacher_is_judged(reviews):
    teacher = make_pipeline(CountVectorizer(), LogisticRegression())
    report = distillation_report(small(auxiliary=None, teacher=teacher, max_iter=1), *reviews, cv=2)
    assert list(report.arms_) == ["main_alone", "label_smoothing", "main", "teacher"]
    assert report.verdict_.keys() == {"main", "label_smoothing"}
    train, test = next(StratifiedKFold(2).split(*reviews))
    expected = teacher.fit(*rows_of(reviews, train)).score(*rows_of(reviews, test))
    assert report.scores_["teacher"]["accuracy"][0, 0] == expected


def test_precomputed_soft_targets_are_a_teacher(reviews):
    soft = np.column_stack([reviews[1] == "bad", reviews[1] == "good"]).astype(float)
    report = distillation_report(
        small(max_iter=1), *reviews, cv=2, soft_targets=soft, soft_target_classes=["bad", "good"]
    )
    assert report.arms_["teacher"]["accuracy"] == 1


def test_a_class_that_a_fold_lacks_counts_as_misclassified(three_classes):
    texts, labels = three_classes
    rows = np.flatnonzero((labels != "other") | (np.arange(120) < 60))
    cv = [(rows[rows >= 60], rows[rows < 60]), (rows[rows < 60], rows[rows >= 60])]
    report = distillation_report(small(max_iter=2), texts, labels, cv=cv)
    without, with_all = report.scores_["main"]["accuracy"][:, 0]
    assert without <= np.mean(labels[:60] != "other") < with_all
    assert np.isfinite(report.scores_["main"]["log_loss"]).all()


def test_rows_of_weight_zero_are_as_good_as_absent(reviews):
    weights = np.where(np.arange(120) % 4 == 3, 0.0, 1.0)
    kept = np.flatnonzero(weights)
    splits = list(StratifiedKFold(2).split(*rows_of(reviews, kept)))
    expected = distillation_report(small(max_iter=1), *rows_of(reviews, kept), cv=splits)
    cv = [tuple(np.sort(np.append(kept[part], np.flatnonzero(weights == 0))) for part in split) for split in splits]
    found = distillation_report(small(max_iter=1), *reviews, cv=cv, sample_weight=weights)
    for name in ALL:
        assert found.arms_[name]["log_loss"] == pytest.approx(expected.arms_[name]["log_loss"], rel=1e-5)


@pytest.mark.core
@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"cv": ShuffleSplit(1)}, ValueError, "cv must give at least 2 splits.* Got 1"),
        ({"cv": 1}, ValueError, "n_splits=2 or more"),
        ({"scoring": "acuracy"}, ValueError, "scoring must be one of .* Got 'acuracy'"),
        ({"scoring": {"log_loss": "neg_log_loss"}}, ValueError, "scoring must not use names of .* Got 'log_loss'"),
        ({"n_repeats": 0}, ValueError, "n_repeats must be an int of at least 1. Got 0"),
        ({"label_smoothing": 1}, ValueError, "label_smoothing must be between 0 and 1"),
        ({"estimator": DummyClassifier()}, TypeError, "estimator must be a DistilledTextClassifier.* Got DummyC"),
        (
            {"estimator": make_pipeline("passthrough", DummyClassifier())},
            TypeError,
            "whose last step is one. Got Pipeline that ends in DummyClassifier",
        ),
        ({"estimator": small(auxiliary=None)}, ValueError, "estimator must have an auxiliary network or a teacher"),
        ({"y": None}, ValueError, "y must have labels"),
        ({"y": [None] * 120}, ValueError, "y must have labelled rows"),
        (
            {"estimator": make_pipeline("passthrough", small()), "X_unlabeled": [["a"], ["b"]]},
            TypeError,
            "X_unlabeled must be one collection of documents where estimator is a Pipeline",
        ),
    ],
)
def test_errors_name_the_parameter_before_anything_is_fitted(given, error, message, reviews):
    arguments = {"estimator": small(max_iter=0), "X": reviews[0], "y": reviews[1]} | given
    with pytest.raises(error, match=message):
        distillation_report(**arguments)


SHOW = """
import pickle, sys
sys.modules["pandas"] = None
with open(sys.argv[1], "rb") as file:
    report = pickle.load(file)
print(report.to_markdown(), report._repr_html_(), report)
print([name for name in ("tensorflow", "keras", "pandas", "tqdm") if sys.modules.get(name)])
"""


def test_a_report_unpickles_and_shows_itself_without_pandas_and_tensorflow(report, tmp_path):
    path = tmp_path / "report.pickle"
    path.write_bytes(pickle.dumps(report))
    shown = subprocess.run([sys.executable, "-c", SHOW, path], capture_output=True, text=True)
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.splitlines()[-1] == "[]"
    assert "| main, label smoothing |" in shown.stdout
    assert "<table>" in shown.stdout


def test_a_report_is_a_frame_with_a_row_per_variant(report):
    frame = report.to_frame()
    assert list(frame.index) == ALL
    assert frame.loc["main", "f1_macro"] == report.arms_["main"]["f1_macro"]


def test_reports_with_equal_seeds_are_equal(report, reviews):
    again = distillation_report(small(max_iter=2), *reviews, cv=2, n_repeats=2, scoring=["f1_macro"], random_state=7)
    assert again.verdict_ == report.verdict_
    for name in ALL:
        np.testing.assert_array_equal(again.scores_[name]["log_loss"], report.scores_[name]["log_loss"])


def test_the_bar_counts_the_fits(reviews, capsys):
    distillation_report(small(max_iter=1), *reviews, cv=2, verbose=1)
    assert "8/8" in capsys.readouterr().err


def test_parallel_splits_measure_the_same(report, reviews):
    with parallel_config(backend="threading"):  # other processes would take seconds to import TensorFlow
        again = distillation_report(
            small(max_iter=2), *reviews, cv=2, n_repeats=2, scoring=["f1_macro"], random_state=7, n_jobs=2
        )
    assert again.verdict_ == report.verdict_
    np.testing.assert_array_equal(again.scores_["main"]["log_loss"], report.scores_["main"]["log_loss"])
