"""The classifier as a part of scikit-learn: pipelines, searches, votes, copies."""

import pickle
import re
import tracemalloc

import numpy as np
import pytest
from factory import fit, small
from sklearn.base import BaseEstimator, ClassifierMixin, clone, is_classifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.ensemble import BaggingClassifier, VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    RandomizedSearchCV,
    cross_val_predict,
    cross_val_score,
    cross_validate,
)
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skdistill import DistilledTextClassifier, TextBag, TextCNN, TextTokenizer, TransferSet

pytest.importorskip("tensorflow")


def weights_of(classifier):
    networks = classifier._networks.values()
    return np.concatenate([array.ravel() for network in networks for array in network.weights.values()])


# Pipelines and searches.


def strip_markup(texts):
    return [text.replace("<br>", " ") for text in texts]


@pytest.mark.core
def test_a_pipeline_cleans_text_first(reviews):
    texts, labels = reviews
    pipeline = make_pipeline(FunctionTransformer(strip_markup), small(max_iter=5))
    pipeline.fit([text.replace(" ", "<br>") for text in texts], labels)
    plain = small(max_iter=5).fit(texts, labels)
    np.testing.assert_array_equal(pipeline.predict_proba(texts), plain.predict_proba(texts))


def test_the_tokenizer_is_a_step_of_a_searched_pipeline(reviews):
    pipeline = make_pipeline(TextTokenizer(sequence_length=9), small(tokenizer="precomputed", max_iter=8))
    search = GridSearchCV(pipeline, {"texttokenizer__max_tokens": [5, 100]}, cv=2).fit(*reviews)
    assert search.best_params_ == {"texttokenizer__max_tokens": 100}
    assert search.best_estimator_[-1].n_features_in_ == 9
    assert search.score(*reviews) > 0.9


def test_a_search_over_both_sides_of_the_joint_loss(reviews):
    grid = {"auxiliary_weight": [0.1, 1.0], "auxiliary__units": [4, 8], "transfer": ["none", "mutual"]}
    search = GridSearchCV(small(), grid, cv=2, scoring="neg_log_loss", error_score="raise").fit(*reviews)
    assert len(search.cv_results_["params"]) == 8
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.best_estimator_.get_params().items() >= search.best_params_.items()


@pytest.mark.core
def test_a_search_over_the_parameters_of_the_parts(reviews):
    grid = {"tokenizer__sequence_length": [1, 20], "auxiliary__hidden": [(), (4,)]}
    estimator = small(tokenizer=TextTokenizer(), auxiliary=TextBag(units=4), max_iter=8)
    search = GridSearchCV(estimator, grid, cv=2, error_score="raise").fit(*reviews)
    best = search.best_estimator_
    assert search.best_params_["tokenizer__sequence_length"] == best.tokenizer_.sequence_length == 20
    assert ("kernel_1" in best._networks["auxiliary"].weights) == bool(search.best_params_["auxiliary__hidden"])
    assert estimator.tokenizer.sequence_length is None
    assert not hasattr(estimator.tokenizer, "vocabulary_")


@pytest.mark.core
@pytest.mark.parametrize(
    ("networks", "given", "length"),
    [
        ({"main": "bag", "auxiliary": "bag"}, None, 2000),
        ({"main": "bag", "auxiliary": None}, None, 2000),
        ({"main": "bag", "auxiliary": TextCNN(4, filters=2)}, None, 400),
        ({"main": "bag", "auxiliary": "bag"}, 7, 7),
    ],
)
def test_bags_alone_read_more_of_a_long_document(networks, given, length):
    """The last word within the length decides, one behind it does not."""
    texts = [" ".join(["a"] * (length - 1) + word.split()) for word in ("good bad", "bad good")] * 5
    classifier = small(**networks, tokenizer=TextTokenizer(sequence_length=given), max_iter=1).fit(texts, [1, 0] * 5)
    assert classifier.tokenizer_.transform(texts).shape == (10, length)
    assert set(classifier.tokenizer_.transform(texts)[:, -1]) == {3, 4}
    logits = classifier.decision_function([*texts[:2], texts[0].removesuffix(" bad")])
    assert logits[0] != logits[1]
    assert logits[0] == logits[2]


def test_a_randomized_search(reviews):
    grid = {"learning_rate_init": [1e-3, 1e-2], "temperature": [1.0, 4.0], "main": ["bag", TextBag(units=8)]}
    search = RandomizedSearchCV(small(), grid, n_iter=3, cv=2, random_state=0, error_score="raise").fit(*reviews)
    assert len(search.cv_results_["params"]) == 3


@pytest.mark.parametrize("scoring", ["neg_log_loss", "roc_auc", "accuracy"])
def test_scores_of_string_labels(scoring, reviews):
    scores = cross_val_score(small(max_iter=20), *reviews, cv=2, scoring=scoring, error_score="raise")
    assert (scores > (-0.5 if scoring == "neg_log_loss" else 0.9)).all()


def test_scores_of_several_classes(three_classes):
    for scoring in ("roc_auc_ovr", "f1_macro"):
        assert np.isfinite(cross_val_score(small(), *three_classes, cv=2, scoring=scoring, error_score="raise")).all()


@pytest.mark.slow
def test_two_processes_give_the_results_of_one(reviews):
    grid = {"transfer": ["none", "mutual"]}
    one, two = (
        GridSearchCV(small(), grid, cv=2, n_jobs=n_jobs, scoring="neg_log_loss", error_score="raise").fit(*reviews)
        for n_jobs in (1, 2)
    )
    for split in ("split0_test_score", "split1_test_score"):
        np.testing.assert_array_equal(one.cv_results_[split], two.cv_results_[split])
    np.testing.assert_array_equal(one.predict_proba(reviews[0]), two.predict_proba(reviews[0]))


def test_folds_are_stratified(reviews):
    texts = [*reviews[0][:60], *["seldom seen words"] * 3]
    labels = np.array(["common"] * 60 + ["rare"] * 3)
    assert is_classifier(small())
    result = cross_validate(small(), texts, labels, cv=3, return_estimator=True, error_score="raise")
    assert [e.classes_.tolist() for e in result["estimator"]] == [["common", "rare"]] * 3


def test_cross_validated_predictions(three_classes):
    texts, labels = three_classes
    probabilities = cross_val_predict(small(max_iter=8), texts, labels, cv=2, method="predict_proba")
    assert probabilities.shape == (len(texts), 3)
    assert (np.unique(labels)[probabilities.argmax(axis=1)] == labels).mean() > 0.9


# Ensembles and calibration.


@pytest.mark.core
def test_a_soft_vote_is_the_mean(reviews):
    texts, labels = reviews
    vote = VotingClassifier([("a", small()), ("b", small(random_state=1))], voting="soft").fit(texts, labels)
    members = [member.predict_proba(texts) for member in vote.estimators_]
    np.testing.assert_allclose(vote.predict_proba(texts), np.mean(members, axis=0))
    assert not np.array_equal(*members)


def test_extracted_networks_vote_without_being_trained(fitted, reviews):
    texts, labels = reviews
    members = [("main", fitted.extract()), ("auxiliary", fitted.extract("auxiliary"))]
    vote = VotingClassifier(members, voting="soft").fit(texts, labels)
    np.testing.assert_allclose(
        vote.predict_proba(texts), np.mean([member.predict_proba(texts) for _, member in members], axis=0)
    )


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_calibration_trains_on_folds(method, reviews):
    calibrated = CalibratedClassifierCV(small(max_iter=8), method=method, cv=2).fit(*reviews)
    assert calibrated.score(*reviews) > 0.9


@pytest.mark.core
@pytest.mark.parametrize("frozen", [FrozenEstimator, lambda extracted: extracted])
def test_an_extracted_network_is_calibrated(frozen, fitted, reviews):
    extracted = fitted.extract("auxiliary")
    calibrated = CalibratedClassifierCV(frozen(extracted), cv=2).fit(*reviews)
    assert calibrated.score(*reviews) == pytest.approx(extracted.score(*reviews), abs=0.1)


def test_an_extracted_network_ends_a_pipeline(fitted, reviews):
    texts, labels = reviews
    pipeline = make_pipeline(FunctionTransformer(strip_markup), fitted.extract()).fit(texts, labels)
    np.testing.assert_array_equal(pipeline.predict_proba(texts), fitted.predict_proba(texts))
    assert pipeline.classes_.tolist() == ["bad", "good"]


# Copies.


@pytest.mark.core
def test_networks_without_units_have_those_of_their_role(reviews):
    def units(**parameters):
        classifier = fit(*reviews, **{"main": TextBag(), "auxiliary": TextBag(), "max_iter": 1} | parameters)
        return [classifier._networks[role].weights["tokens"].shape[1] for role in ("main", "auxiliary")]

    assert units() == units(main="bag", auxiliary="bag") == [64, 32]
    assert units(auxiliary_units=4) == units(auxiliary="bag", auxiliary_units=4) == [64, 4]
    assert units(main_units=5, auxiliary=TextBag(3)) == [5, 3]


def test_parameters_of_parts_are_read_and_set():
    classifier = small(tokenizer=TextTokenizer(), auxiliary=TextBag(units=4))
    assert classifier.get_params()["auxiliary__units"] == 4
    classifier.set_params(auxiliary__units=5, tokenizer__max_tokens=50, transfer="none")
    assert (classifier.auxiliary.units, classifier.tokenizer.max_tokens, classifier.transfer) == (5, 50, "none")
    with pytest.raises(ValueError, match="Invalid parameter 'layers'"):
        classifier.set_params(auxiliary__layers=2)


@pytest.mark.core
def test_a_clone_is_unfitted_and_equal(fitted, reviews):
    copy = clone(fitted)
    assert copy.get_params() == fitted.get_params()
    assert not hasattr(copy, "classes_")
    np.testing.assert_array_equal(weights_of(copy.fit(*reviews)), weights_of(fitted))


def test_a_clone_copies_the_parts():
    classifier = small(tokenizer=TextTokenizer(max_tokens=50), main=TextBag(units=4))
    copy = clone(classifier)
    assert copy.main is not classifier.main
    assert repr(copy) == repr(classifier)


def test_repr_shows_what_was_changed():
    classifier = DistilledTextClassifier(auxiliary=TextBag(units=4), transfer="none")
    assert repr(classifier) == "DistilledTextClassifier(auxiliary=TextBag(units=4), transfer='none')"
    assert "DistilledTextClassifier" in classifier._repr_html_()


@pytest.mark.parametrize("prefix", ["", "classifier__"])
def test_parameters_of_what_a_default_stands_for_can_be_set(prefix):
    settings = {"tokenizer__max_tokens": 50, "main__units": 9, "auxiliary__ngrams": 1}
    classifier = DistilledTextClassifier()
    holder = Pipeline([("classifier", classifier)]) if prefix else classifier
    assert holder.set_params(**{prefix + name: value for name, value in settings.items()}) is holder
    assert classifier.get_params().items() >= settings.items()
    assert classifier.auxiliary.units is None
    classifier.set_params(auxiliary="cnn", auxiliary__filters=7)
    assert repr(classifier.auxiliary) == "TextCNN(filters=7)"


def test_a_search_over_the_parameters_of_defaults(reviews):
    grid = {"tokenizer__max_tokens": [1000, 3], "auxiliary__units": [4]}
    search = GridSearchCV(DistilledTextClassifier(max_iter=2, random_state=0), grid, cv=2, error_score="raise")
    search.fit(*reviews)
    assert search.best_params_ == {"tokenizer__max_tokens": 1000, "auxiliary__units": 4}
    assert search.best_estimator_._networks["auxiliary"].weights["tokens"].shape[1] == 4


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({}, "teacher__C"),
        ({"auxiliary": None}, "auxiliary__units"),
        ({"main": lambda n_tokens, n_classes, seed: None}, "main__units"),
        ({"tokenizer": "precomputed"}, "tokenizer__max_tokens"),
        ({"teacher": [LogisticRegression()]}, "teacher__C"),
    ],
)
def test_what_has_no_parameters_says_so(parameters, name):
    with pytest.raises(ValueError, match=rf"{name.partition('__')[0]}__\.\.\. are parameters of an object"):
        DistilledTextClassifier(**parameters).set_params(**{name: 1})


def test_a_parameter_that_does_not_exist_is_named():
    for classifier, name in ((DistilledTextClassifier(), "auxilary__units"), (TextBag(), "unit")):
        with pytest.raises(ValueError, match=f"Invalid parameter '{name.partition('__')[0]}'"):
            classifier.set_params(**{name: 1})


class Configured(DistilledTextClassifier):
    """A classifier with two parameters."""

    def __init__(self, size=4, *, random_state=None):
        super().__init__(auxiliary=Bigrams(size), max_iter=5, learning_rate_init=1e-2, random_state=random_state)
        self.size = size


class Bigrams(TextBag):
    """A bag with one parameter."""

    def __init__(self, size=4):
        super().__init__(units=size, subwords=None)
        self.size = size


def test_a_subclass_may_have_other_parameters(reviews):
    classifier = clone(Configured(3, random_state=0)).fit(*reviews)
    assert repr(classifier) == "Configured(random_state=0, size=3)"
    assert repr(classifier.auxiliary) == "Bigrams(size=3)"
    parameters = {"auxiliary": TextBag(units=3, subwords=None), "max_iter": 5, "learning_rate_init": 1e-2}
    expected = DistilledTextClassifier(**parameters, random_state=0).fit(*reviews)
    np.testing.assert_array_equal(classifier.predict_proba(reviews[0]), expected.predict_proba(reviews[0]))
    assert classifier._networks["auxiliary"].weights["tokens"].shape[1] == 3


def test_fitting_changes_no_parameter(reviews):
    tokenizer, bag = TextTokenizer(max_tokens=50), TextBag(units=4)
    classifier = small(tokenizer=tokenizer, auxiliary=bag, main="bag")
    before = repr(classifier.get_params())
    classifier.fit(*reviews)
    assert repr(classifier.get_params()) == before
    assert vars(bag) == vars(TextBag(units=4))
    assert not hasattr(tokenizer, "vocabulary_")


@pytest.mark.core
def test_a_pickle_predicts_bit_equally_and_can_be_fitted_again(fitted, reviews):
    copy = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(copy.predict_proba(reviews[0]), fitted.predict_proba(reviews[0]))
    np.testing.assert_array_equal(weights_of(copy.fit(*reviews)), weights_of(fitted))


@pytest.mark.core
@pytest.mark.parametrize("role", ["main", "auxiliary"])
def test_an_extracted_network_is_frozen_and_small(role, fitted, reviews):
    extracted = fitted.extract(role)
    whole, part = pickle.dumps(fitted), pickle.dumps(extracted)
    assert len(part) < len(whole) / 2
    expected = extracted.predict_proba(reviews[0])
    np.testing.assert_array_equal(pickle.loads(part).predict_proba(reviews[0]), expected)
    assert clone(extracted) is extracted
    assert extracted.fit(["other"], ["labels"]) is extracted
    np.testing.assert_array_equal(extracted.predict_proba(reviews[0]), expected)


def test_an_extracted_network_tells_its_size(fitted):
    assert 0 < fitted.extract("auxiliary").nbytes < len(pickle.dumps(fitted))


# Predictions.


@pytest.mark.core
def test_who_predicts(reviews):
    texts, labels = reviews
    by = {name: fit(texts, labels, predict_with=name) for name in ("main", "auxiliary", "ensemble")}
    probabilities = {name: classifier.predict_proba(texts) for name, classifier in by.items()}
    assert len({weights_of(classifier).tobytes() for classifier in by.values()}) == 1
    for name in ("main", "auxiliary"):
        np.testing.assert_array_equal(by["ensemble"].extract(name).predict_proba(texts), probabilities[name])
    assert not np.allclose(probabilities["main"], probabilities["auxiliary"], atol=1e-4)
    for name in ("main", "auxiliary"):
        np.testing.assert_array_equal(by[name].extract().predict_proba(texts), probabilities[name])
    for function in (by["ensemble"].extract, by["ensemble"].to_keras):
        with pytest.raises(ValueError, match="'main' or 'auxiliary' with predict_with='ensemble'"):
            function()
    mean = (probabilities["main"] + probabilities["auxiliary"]) / 2
    np.testing.assert_allclose(probabilities["ensemble"], mean, atol=1e-7)
    assert by["ensemble"].predict(texts).tolist() == by["main"].classes_[mean.argmax(axis=1)].tolist()


@pytest.mark.core
@pytest.mark.parametrize("predict_with", ["main", "auxiliary", "ensemble"])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_shapes_and_sums(predict_with, n_classes, reviews, three_classes):
    texts, labels = reviews if n_classes == 2 else three_classes
    classifier = fit(texts, labels, predict_with=predict_with)
    probabilities, scores = classifier.predict_proba(texts), classifier.decision_function(texts)
    assert probabilities.dtype == np.float64
    assert probabilities.shape == (120, n_classes)
    assert scores.shape == ((120,) if n_classes == 2 else (120, 3))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(classifier.predict_log_proba(texts), np.log(probabilities), atol=1e-12)
    best = scores > 0 if n_classes == 2 else scores.argmax(axis=1)
    assert classifier.classes_[np.asarray(best, dtype=int)].tolist() == classifier.predict(texts).tolist()


def test_neither_order_nor_company_changes_a_prediction(fitted, reviews):
    texts = [*reviews[0], "", "unheard-of words", "good"]
    expected = fitted.predict_proba(texts)
    order = np.random.default_rng(0).permutation(len(texts))
    shuffled = fitted.predict_proba([texts[i] for i in order])
    np.testing.assert_allclose(shuffled, expected[order], atol=1e-6)
    np.testing.assert_allclose(fitted.predict_proba(texts[5:9]), expected[5:9], atol=1e-6)
    alone = np.vstack([fitted.predict_proba([text]) for text in texts])
    np.testing.assert_allclose(alone, expected, atol=1e-6)


@pytest.mark.parametrize("method", ["predict_proba", "predict_log_proba", "decision_function", "predict"])
def test_many_documents_are_predicted_in_batches(method, fitted, reviews):
    predict = getattr(fitted, method)
    many, few = predict(reviews[0] * 40), predict(reviews[0])  # more than one forward pass takes
    assert many.dtype == few.dtype
    expected = np.concatenate([few] * 40)
    assert (many == expected).all() if method == "predict" else np.allclose(many, expected, atol=1e-5)


def test_predicted_classes_take_no_memory_for_all_logits(reviews):
    texts = reviews[0] * 50  # 6,000 documents
    classes = np.arange(4000)
    classifier = fit(reviews[0][:2] * 2, [0, 1] * 2, soft_targets=np.eye(4000)[:4], soft_target_classes=classes)
    tracemalloc.start()
    labels = classifier.predict(texts)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert labels.shape == (6000,)
    assert peak < 6000 * 4000 * 4  # float32 logits of all documents


def test_rows_in_messages_count_from_the_first_document_however_many(fitted):
    ids = np.full((5000, 2), 2)
    classifier = fit(ids[:4], [0, 1] * 2, tokenizer="precomputed")
    with pytest.raises(ValueError, match="fractions in row 4321"):
        classifier.predict(np.where(np.arange(5000)[:, None] == 4321, 1.5, ids))


# Containers and labels.


def assert_equal_fits(X, y, data):
    one, other = small().fit(*data), small().fit(X, y)
    np.testing.assert_array_equal(weights_of(one), weights_of(other))
    np.testing.assert_array_equal(one.predict_proba(data[0]), other.predict_proba(X))


@pytest.mark.parametrize("kind", [tuple, np.array, lambda texts: np.array(texts, dtype=object)])
def test_containers_of_texts_are_alike(kind, reviews):
    assert_equal_fits(kind(reviews[0]), list(reviews[1]), reviews)


@pytest.mark.core
@pytest.mark.parametrize("dtype", [object, "string", "str"])
def test_series_of_pandas_are_texts(dtype, reviews):
    pd = pytest.importorskip("pandas")
    index = np.random.default_rng(0).permutation(120) * 7
    X, y = pd.Series(reviews[0], index=index, dtype=dtype), pd.Series(reviews[1], index=index[::-1])
    assert_equal_fits(X, y, reviews)


@pytest.mark.core
def test_series_of_polars_are_texts(reviews):
    pl = pytest.importorskip("polars")
    assert_equal_fits(pl.Series(reviews[0]), reviews[1], reviews)


@pytest.mark.core
def test_one_column_of_text_is_taken_as_meta_estimators_pass_it(reviews):
    pd = pytest.importorskip("pandas")
    frame, y = pd.DataFrame({"text": reviews[0], "length": 1.0}), reviews[1]
    expected = small(max_iter=1).fit(*reviews).predict_proba(reviews[0])
    columns = make_pipeline(make_column_transformer(("passthrough", ["text"])), small(max_iter=1)).fit(frame, y)
    np.testing.assert_array_equal(columns.predict_proba(frame), expected)
    ids = make_column_transformer((TextTokenizer(sequence_length=9), ["text"])).fit_transform(frame)
    np.testing.assert_array_equal(ids, TextTokenizer(sequence_length=9).fit_transform(reviews[0]))
    bagging = BaggingClassifier(small(max_iter=1), 2, random_state=0).fit(frame[["text"]], y)
    members = [member.predict_proba(reviews[0]) for member in bagging.estimators_]
    np.testing.assert_allclose(bagging.predict_proba(frame[["text"]]), np.mean(members, axis=0))


class Joining(ClassifierMixin, BaseEstimator):
    """A teacher of lists of tokens."""

    def fit(self, X, y):
        assert {type(document) for document in X} == {list}
        self.inner_ = LogisticRegression().fit([[document.count("good"), 1] for document in X], y)
        self.classes_ = self.inner_.classes_
        return self

    def predict_proba(self, X):
        assert {type(document) for document in X} == {list}
        return self.inner_.predict_proba([[document.count("good"), 1] for document in X])


@pytest.mark.core
def test_tokenized_documents_are_learned_like_their_joined_tokens(reviews):
    texts, labels = reviews
    documents = [text.split() for text in texts]
    shared = {"early_stopping": True, "teacher": Joining(), "teacher_cv": 2}
    X_val = {"X_val": documents[:20], "y_val": labels[:20]}
    for parameters, arguments in (({}, X_val), (shared, {})):
        one = small(tokenizer=TextTokenizer(analyzer=list), **parameters).fit(documents, labels, **arguments)
        if not parameters:
            other = small(**parameters).fit(texts, labels, X_val=texts[:20], y_val=labels[:20])
            np.testing.assert_array_equal(weights_of(one), weights_of(other))
            np.testing.assert_array_equal(one.predict_proba(documents), other.predict_proba(texts))
            unheard = [["unheard", "goodness"]]
            np.testing.assert_array_equal(one.predict_proba(unheard), other.predict_proba([" ".join(unheard[0])]))
        np.testing.assert_array_equal(one.extract().predict(documents), one.predict(documents))
    with pytest.raises(TypeError, match="X must be texts if X_unlabeled is a TransferSet"):
        one.fit(documents, labels, X_unlabeled=TransferSet())
    with pytest.raises(ValueError, match=r"Row 0 of X is a list: .*analyzer="):
        small().fit(documents, labels)


def test_unlabelled_tokenized_documents_are_nested_like_those_of_x(reviews):
    texts, labels = reviews
    documents = [text.split() for text in texts]
    expected = small().fit(texts[:40], labels[:40], X_unlabeled=texts[40:])
    for pool in (documents[40:], [documents[40:]], [documents[40:60], documents[60:]]):
        one = small(tokenizer=TextTokenizer(analyzer=list)).fit(documents[:40], labels[:40], X_unlabeled=pool)
        np.testing.assert_array_equal(weights_of(one), weights_of(expected))


@pytest.mark.core
def test_read_only_ids_on_disk_are_read_in_place(tmp_path, reviews):
    ids = TextTokenizer(sequence_length=9).fit_transform(reviews[0])
    ids.tofile(tmp_path / "ids")
    on_disk = np.memmap(tmp_path / "ids", dtype=ids.dtype, mode="r", shape=ids.shape)
    one, other = (small(tokenizer="precomputed").fit(X, reviews[1]) for X in (ids, on_disk))
    np.testing.assert_array_equal(weights_of(one), weights_of(other))
    np.testing.assert_array_equal(one.predict_proba(ids), other.predict_proba(on_disk))


@pytest.mark.core
@pytest.mark.parametrize(
    "names", [[0, 1], [-1, 1], [False, True], [10, 3], ["no", "yes"], [0.0, 1.0], np.array(["a", "b"], dtype=object)]
)
def test_labels_of_any_kind(names, reviews):
    texts, labels = reviews
    names = np.array(names, dtype=getattr(names, "dtype", None))
    y = names[(labels == "good").astype(int)]
    classifier = small(max_iter=8).fit(texts, y)
    np.testing.assert_array_equal(classifier.classes_, np.sort(names))
    assert classifier.predict(texts).dtype == y.dtype
    assert (classifier.predict(texts) == y).mean() > 0.9


@pytest.mark.core
@pytest.mark.parametrize(("dtype", "expected"), [("Int64", np.int64), ("UInt8", np.uint8), ("boolean", bool)])
def test_nullable_labels_of_pandas_keep_their_type(dtype, expected, reviews):
    pd = pytest.importorskip("pandas")
    texts, labels = reviews
    classifier = small().fit(texts, pd.Series(labels == "good").astype(dtype))
    assert classifier.classes_.dtype == classifier.predict(texts).dtype == expected


# Several columns of text.


def test_the_step_that_the_message_about_columns_shows_makes_the_pipeline_learn(reviews):
    texts, labels = reviews
    words = [text.partition(" ") for text in texts]
    frame = pytest.importorskip("pandas").DataFrame({"title": [w[0] for w in words], "text": [w[2] for w in words]})
    fitted = fit(texts, labels)
    messages = []
    for function in (lambda: small().fit(frame, labels), lambda: fitted.predict(frame)):
        with pytest.raises(ValueError, match="pass one of them") as caught:
            function()
        messages.append(str(caught.value))
    assert messages[0] == messages[1]
    code = re.search(r"such as (FunctionTransformer\(.*\))\.$", messages[0])[1]
    step = eval(code, {"FunctionTransformer": FunctionTransformer})
    pipeline = make_pipeline(step, small()).fit(frame, labels)
    np.testing.assert_array_equal(pipeline.predict_proba(frame), fitted.predict_proba(texts))


def test_the_message_about_columns_names_the_validation_documents(reviews):
    frame = pytest.importorskip("pandas").DataFrame({"title": ["a"], "text": ["b"]})
    with pytest.raises(ValueError, match=r"X_val must be.*or join them: X_val\['title'\] \+ ' ' \+ X_val\['text'\]"):
        small().fit(*reviews, X_val=frame, y_val=["good"])


# What is written.


@pytest.mark.core
def test_verbose_shows_the_loss(reviews, capsys):
    small(verbose=1).fit(*reviews)
    out, err = capsys.readouterr()
    assert out == ""
    assert "4/4" in err
    assert "main=" in err


def test_verbose_shows_the_validation_score(reviews, capsys):
    small(verbose=1, early_stopping=True).fit(*reviews)
    assert "main_score=" in capsys.readouterr().err


@pytest.mark.core
def test_silence_is_the_default(reviews, capfd):
    small(main=TextBag(units=11)).fit(*reviews).predict(reviews[0])
    assert capfd.readouterr() == ("", "")
