"""What is saved comes back as the same classifier, and predicts the same bit by bit."""

import json
import pickle
import zipfile

import joblib
import numpy as np
import pytest
from factory import PLAIN, fit, small

import skdistill
from skdistill import LoadError, TextBag, TextCNN, TextGRU, TextTokenizer

pytest.importorskip("tensorflow")

METHODS = ("predict", "predict_proba", "predict_log_proba", "decision_function")
STRANGE = ["", " ", "unheard goodish words", "\0", "naïve \U0001f600 \ud800 good", "GOOD film , bad"]


def saved(classifier, folder, **arguments):
    path = folder / "model.skd"
    classifier.save(path, **arguments)
    return path


def assert_equal_predictions(one, other, X):
    for method in METHODS:
        np.testing.assert_array_equal(getattr(one, method)(X), getattr(other, method)(X))
    for row in range(0, len(X), 7):
        np.testing.assert_array_equal(one.predict_proba(X[row : row + 1]), other.predict_proba(X[row : row + 1]))


def assert_runtime_agrees(classifier, path, X):
    predictor = skdistill.runtime.load(path)
    np.testing.assert_array_equal(predictor.classes_, classifier.classes_)
    for method in ("predict", "predict_proba"):
        np.testing.assert_array_equal(getattr(predictor, method)(X), getattr(classifier, method)(X))
        np.testing.assert_array_equal(getattr(predictor, method)(X[:1]), getattr(classifier, method)(X[:1]))


WORDS = {"good": np.ones(3), "goodish": np.ones(3), "bad": -np.ones(3)}

#: The parameters of a pair of networks of each kind.
PAIRS = {
    "bags": {"auxiliary": TextBag(4, hidden=(3,), linear_weight=0)},
    "linear path": {"main": TextBag(8, linear_weight=6, embeddings=WORDS), "auxiliary": TextBag(4, linear_weight=0)},
    "ensemble": {
        "main": TextCNN(6, filters=4, windows=(2, 3)),
        "auxiliary": TextGRU(5),
        "predict_with": "ensemble",
    },
    "one network": {"auxiliary": None},
    "characters": {"tokenizer": TextTokenizer(analyzer="char", lowercase=False, truncating="pre", sequence_length=9)},
}


@pytest.fixture(scope="module", params=PAIRS)
def classifier(request, three_classes):
    return fit(*three_classes, max_iter=2, **PAIRS[request.param])


def test_a_fitted_classifier_is_loaded(classifier, three_classes, tmp_path):
    X = [*three_classes[0], *STRANGE]
    path = saved(classifier, tmp_path)
    loaded = skdistill.load(path)
    assert type(loaded) is type(classifier)
    assert_equal_predictions(loaded, classifier, X)
    assert_runtime_agrees(classifier, path, X)
    for name in ("history_", "n_iter_", "max_iter_", "batch_size_", "linear_weight_", "embedding_coverage_"):
        assert repr(getattr(loaded, name)) == repr(getattr(classifier, name))
    assert set(vars(classifier)) == set(vars(loaded))


def test_a_network_is_loaded(classifier, three_classes, tmp_path):
    X = [*three_classes[0], *STRANGE]
    for role in classifier._networks:
        student = classifier.extract(role)
        path = saved(student, tmp_path)
        loaded = skdistill.load(path)
        assert repr(loaded) == repr(student)
        assert_equal_predictions(loaded, student, X)
        assert_runtime_agrees(student, path, X)
        assert saved(loaded, tmp_path).stat().st_size == path.stat().st_size


def test_a_loaded_network_is_pickled_and_memory_mapped(classifier, three_classes, tmp_path):
    student = classifier.extract("main")
    loaded = skdistill.load(saved(student, tmp_path))
    joblib.dump(loaded, tmp_path / "joblib")
    for copy in (pickle.loads(pickle.dumps(loaded)), joblib.load(tmp_path / "joblib", mmap_mode="r")):
        assert_equal_predictions(copy, student, three_classes[0])


@pytest.mark.parametrize(
    "classes",
    [
        ["a", "b\n\ud800"],
        [-1, 7],
        [False, True],
        [1.0, 2.0],
        np.array([3, 200], np.uint8),
        np.array(["x", "y"], object),
    ],
    ids=lambda classes: type(np.asarray(classes)[0]).__name__,
)
def test_classes_of_each_type_are_loaded(classes, reviews, tmp_path):
    y = np.asarray(classes)[np.arange(len(reviews[0])) % 2]
    student = fit(reviews[0], y, max_iter=1).extract()
    path = saved(student, tmp_path)
    np.testing.assert_array_equal(skdistill.load(path).classes_, student.classes_, strict=True)
    assert_runtime_agrees(student, path, reviews[0])


def test_multilabel_targets_and_token_ids_are_loaded(tmp_path):
    pandas = pytest.importorskip("pandas")
    ids = pandas.DataFrame(np.random.default_rng(0).integers(0, 9, (40, 3)), columns=["a", "b", "c"])
    y = np.column_stack([ids["a"] > 4, ids["b"] > 4]).astype(int)
    classifier = fit(ids, y, tokenizer="precomputed", max_iter=2)
    for model in (classifier, classifier.extract("auxiliary")):
        path = saved(model, tmp_path)
        loaded = skdistill.load(path)
        assert_equal_predictions(loaded, model, ids)
        assert loaded.feature_names_in_.tolist() == ["a", "b", "c"]
        with pytest.raises(ValueError, match="feature names"):
            loaded.predict(ids[["b", "a", "c"]])
        np.testing.assert_array_equal(
            skdistill.runtime.load(path).predict_proba(ids.to_numpy()), model.predict_proba(ids), strict=True
        )
        with pytest.raises(ValueError, match=r"must be of shape \(n, 3\)"):
            skdistill.runtime.load(path).predict(ids.to_numpy()[:, :2])


def test_a_compressed_network_is_loaded(reviews, tmp_path):
    texts = [*reviews[0], *STRANGE]
    student = fit(*reviews, max_iter=2).extract().compress(3000, X=reviews[0], random_state=0)
    path = saved(student, tmp_path)
    assert path.stat().st_size <= 3000
    assert path.stat().st_size == student.compression_.n_bytes
    assert_equal_predictions(skdistill.load(path), student, texts)
    assert_runtime_agrees(student, path, texts)


def test_a_loaded_classifier_is_fitted_as_the_saved_one_is(reviews, tmp_path):
    classifier = fit(*reviews, class_weight={"good": 2, "bad": 1}, warm_start=True)
    loaded = skdistill.load(saved(classifier, tmp_path))
    assert repr(loaded) == repr(classifier)
    for fitted in (classifier, loaded):
        fitted.fit(*reviews)
    assert_equal_predictions(loaded, classifier, reviews[0])


def teach(texts):
    return np.full((len(texts), 2), 0.5)


def test_what_is_left_out_is_listed_and_fit_says_what_is_missing(reviews, tmp_path):
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    teacher = make_pipeline(CountVectorizer(), LogisticRegression())
    main = TextBag(4, linear_weight=1, embeddings=WORDS)
    classifier = fit(*reviews, teacher=teacher, callbacks=[lambda numbers: None], main=main, max_iter=1)
    path = saved(classifier, tmp_path)
    loaded = skdistill.load(path)
    assert skdistill.runtime.load(path).metadata["left_out"] == ["callbacks", "main.embeddings", "teacher"]
    assert_equal_predictions(loaded, classifier, reviews[0])
    with pytest.raises(ValueError, match=r"callbacks and main.embeddings and teacher of the saved .* set_params"):
        loaded.fit(*reviews)
    with pytest.raises(ValueError, match="main.embeddings of the saved classifier"):
        loaded.set_params(teacher=None, callbacks=None).fit(*reviews)
    loaded.set_params(main__embeddings=WORDS, teacher=teacher).fit(*reviews)
    assert_equal_predictions(loaded, classifier, reviews[0])
    with pytest.raises(ValueError, match="teacher"):  # also after it was saved once more
        skdistill.load(saved(skdistill.load(path), tmp_path)).fit(*reviews)


def test_the_file_says_what_the_model_is(reviews, tmp_path):
    classifier = fit(*reviews, early_stopping=True, max_iter=3)
    for role, model in (("main", classifier), ("auxiliary", classifier.extract("auxiliary"))):
        found = skdistill.runtime.load(saved(model, tmp_path, metadata={"accuracy": 0.9, "set": "reviews"})).metadata
        assert found["accuracy"] == 0.9
        assert found["version"] == skdistill.__version__
        assert found["date"].endswith("+00:00")
        assert found["training"]["rows"] == [108]
        assert found["training"]["epochs"] == 3
        assert found["training"]["parameters"]["early_stopping"] is True
        assert found["training"]["validation_score"] == max(classifier.history_[f"{role}_validation_score"])
    assert skdistill.runtime.load(saved(classifier, tmp_path, metadata="a note")).metadata["note"] == "a note"


@pytest.mark.parametrize(
    ("metadata", "error", "message"),
    [
        ({"scores": np.ones(2)}, TypeError, "metadata must hold values of JSON"),
        ({"score": float("nan")}, ValueError, "metadata must hold values of JSON"),
        ({"version": "2"}, ValueError, "metadata must not hold 'version'"),
        (["a"], TypeError, "metadata must be a str or a dict"),
    ],
)
def test_metadata_that_json_does_not_have_is_refused(metadata, error, message, fitted, tmp_path):
    with pytest.raises(error, match=message):
        fitted.extract("auxiliary").save(tmp_path / "model.skd", metadata=metadata)


def test_what_cannot_be_saved_is_refused_and_the_old_file_stays(fitted, reviews, tmp_path):
    import keras

    def build(n_tokens, n_classes, seed):
        return keras.Sequential(
            [keras.layers.Embedding(n_tokens, 4), keras.layers.GlobalMaxPool1D(), keras.layers.Dense(n_classes)]
        )

    path = saved(fitted.extract("auxiliary"), tmp_path)
    data = path.read_bytes()
    with pytest.raises(ValueError, match=r"built by a callable .* cannot be saved. to_keras\('main'\)"):
        fit(*reviews, main=build, auxiliary=None, max_iter=1).save(path)
    with pytest.raises(TypeError, match="analyzer is a function cannot be saved"):
        fit(*reviews, tokenizer=TextTokenizer(analyzer=str.split), max_iter=1).extract("auxiliary").save(path)
    y = np.array(["2020-01-01", "2021-01-01"], "datetime64[D]")[np.arange(len(reviews[0])) % 2]
    dated = pickle.loads(pickle.dumps(fitted.extract("auxiliary")))
    dated.classes_ = y[:2]
    with pytest.raises(TypeError, match="Classes must be all str, int, bool or float .* of type date"):
        dated.save(path)
    with pytest.raises(Exception, match="not fitted"):
        small().save(path)
    assert path.read_bytes() == data


def changed(path, **values):
    """Write a file whose values are others, with correct checksums."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    meta = json.loads(members["meta.json"])
    meta["values"] |= values
    members["meta.json"] = json.dumps(meta)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize(
    "values",
    [
        {"classes": {"type": "str", "dtype": "str", "labels": ["a"]}},
        {"classes": {"type": "str", "dtype": "str", "labels": ["a", "a"]}},
        {"classes": {"type": "str", "dtype": "int64", "labels": ["a", "b"]}},
        {"classes": {"type": "int", "dtype": "int8", "labels": [1, 300]}},
        {"out_activation": "relu"},
        {"tokenizer": None},
        {"tokenizer": {"analyzer": "word"}},
        {"predict_with": "both"},
        {"networks": {}},
        {"networks": {"main": {"kind": "custom"}}},
        {"estimator": {"parameters": {}, "attributes": {}}},
        {"estimator": {"parameters": {"steps": 1}, "attributes": {}}},
        {"estimator": []},
        {"metadata": None},
        {"position_names": ["a"]},
    ],
    ids=str,
)
def test_parts_that_do_not_fit_together_are_refused(values, fitted, tmp_path):
    path = changed(saved(fitted.extract("auxiliary"), tmp_path), **values)
    with pytest.raises(LoadError, match="The file is inconsistent: .*[^.]\\.$"):
        skdistill.load(path)


@pytest.mark.parametrize(
    "estimator",
    [
        {"attributes": {"main_": 1}},
        {"attributes": {"fit": 1}},
        {"attributes": {"__class__": 1}},
        {"parameters": {"main": {"Pipeline": {}}}},
        {"parameters": {"main": {"TextBag": {"colour": 1}}}},
        {"parameters": {"tol": {"float": "eval"}}},
        {"parameters": {"teacher_memory": "/tmp/pickles"}},
        {"parameters": {"class_weight": {"dict": [[[], 1]]}}},
    ],
    ids=str,
)
def test_a_file_sets_no_other_attributes_and_makes_no_other_objects(estimator, fitted, tmp_path):
    path = changed(saved(fitted, tmp_path), estimator={"parameters": {}, "attributes": {}} | estimator)
    with pytest.raises(LoadError, match="inconsistent"):
        skdistill.load(path)


def test_word_vectors_by_path_stay_a_parameter(reviews, tmp_path):
    vectors = tmp_path / "vectors.txt"
    vectors.write_text("good 1 1\nbad -1 -1\n")
    classifier = fit(*reviews, main=TextBag(4, linear_weight=1, embeddings=vectors), auxiliary=PLAIN, max_iter=1)
    loaded = skdistill.load(saved(classifier, tmp_path))
    assert loaded.main.embeddings == str(vectors)
    assert_equal_predictions(loaded.fit(*reviews), classifier, reviews[0])
