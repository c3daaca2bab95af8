"""A loaded model predicts the same for a text alone, among others, in any order, and without other libraries."""

import io
import json
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from saved_factory import TEXTS, saved_models

import skdistill
from skdistill import runtime
from skdistill.runtime import LoadError

FILES = saved_models()
PREDICTORS = {name: runtime.load(io.BytesIO(data)) for name, data in FILES.items()}
CLASSIFIERS = {name: skdistill.load(io.BytesIO(data)) for name, data in FILES.items()}

#: Files that earlier versions wrote, and what they predicted; see docs/guide/file_format.md.
STORED = sorted(Path(__file__).parent.parent.glob("data/protocol_*.skd"))

characters = st.one_of(st.characters(), st.sampled_from("good dul filmthe ,\0\n\ud800é字"))
texts_of = st.lists(st.text(characters, max_size=60), max_size=12)


@pytest.mark.parametrize("name", FILES)
@given(texts=texts_of, order=st.randoms(use_true_random=False))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_texts_are_predicted_alike_in_all_ways(name, texts, order, monkeypatch):
    predictor, classifier = PREDICTORS[name], CLASSIFIERS[name]
    found = predictor.predict_proba(texts)
    assert found.shape == (len(texts), len(predictor.classes_))
    with monkeypatch.context() as patched:
        patched.setitem(sys.modules, "scipy.sparse", None)  # as where numpy alone is installed
        np.testing.assert_array_equal(predictor.predict_proba(texts), found)
    if texts:
        np.testing.assert_array_equal(classifier.predict_proba(texts), found)
        np.testing.assert_array_equal(classifier.predict(texts), predictor.predict(texts))
        alone = np.concatenate([predictor.predict_proba([text]) for text in texts])
        np.testing.assert_allclose(alone, found, rtol=1e-4, atol=1e-7)
        places = order.sample(range(len(texts)), len(texts))
        shuffled = predictor.predict_proba([texts[place] for place in places])
        np.testing.assert_allclose(shuffled, found[places], rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("name", FILES)
def test_threads_share_a_predictor(name):
    predictor = runtime.load(io.BytesIO(FILES[name]))
    texts = TEXTS * 50
    expected, found = PREDICTORS[name].predict_proba(texts), []
    threads = [threading.Thread(target=lambda: found.append(predictor.predict_proba(texts))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    for probabilities in found:
        np.testing.assert_array_equal(probabilities, expected)


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        ("a text", TypeError, r"X must be a list of str. Got str: pass \[text\]"),
        (
            iter(["a"]),
            TypeError,
            r"must be a list, tuple, array or Series of str. Got list_iterator: pass list\(texts\)",
        ),
        ((text for text in ["a"]), TypeError, r"Got generator: pass list\(texts\)"),
        ({"a": 1}, TypeError, "Got dict"),
        ({"a"}, TypeError, "Got set"),
        (bytearray(b"a"), TypeError, "Got bytearray: pass"),
        (np.array("a text"), ValueError, r"must be one-dimensional, with one text per row. Got ndarray of shape \(\)"),
        (np.array([["a"], ["b"]]), ValueError, r"Got ndarray of shape \(2, 1\)"),
        (np.array(["a", None], object), ValueError, "Row 1 of X must be a str. Got NoneType"),
        (["a", None], ValueError, "Row 1 of X must be a str. Got NoneType"),
        ([b"a"], ValueError, "Row 0 of X must be a str. Got bytes"),
    ],
)
def test_what_is_no_list_of_texts_is_refused(X, error, message):
    with pytest.raises(error, match=message):
        PREDICTORS["bag"].predict(X)


CONTAINERS = {
    "tuple": lambda texts: tuple(texts),
    "ndarray": np.array,
    "object array": lambda texts: np.array(texts, object),
    "pandas": lambda texts: pytest.importorskip("pandas").Series(texts, index=range(5, 5 + len(texts))),
    "pandas, object": lambda texts: pytest.importorskip("pandas").Series(texts, dtype=object),
    "polars": lambda texts: pytest.importorskip("polars").Series(texts),
    "Arrow": lambda texts: pytest.importorskip("pyarrow").array(texts),
    "Arrow, chunked": lambda texts: pytest.importorskip("pyarrow").chunked_array([texts[:1], texts[1:]]),
}


@pytest.mark.parametrize("kind", CONTAINERS)
def test_texts_in_any_ordered_container_are_read(kind):
    X = CONTAINERS[kind](TEXTS)
    for name in ("bag", "cnn", "compressed"):
        predictor = PREDICTORS[name]
        np.testing.assert_array_equal(predictor.predict_proba(X), predictor.predict_proba(TEXTS))
        assert predictor.predict(X[:0]).shape == (0,)


def test_a_table_and_missing_texts_of_other_libraries_are_refused():
    pandas = pytest.importorskip("pandas")
    with pytest.raises(ValueError, match=r"Got DataFrame of shape \(4, 1\)"):
        PREDICTORS["bag"].predict(pandas.DataFrame({"text": TEXTS}))
    with pytest.raises(ValueError, match=r"Row 1 of X must be a str. Got (NoneType|float)"):
        PREDICTORS["bag"].predict(pandas.Series(["a", None]))


def test_a_predictor_says_what_it_is():
    assert repr(PREDICTORS["cnn"]).startswith("Predictor(CNNPredictor(8 tokens, 5 units, 3 classes")
    assert PREDICTORS["bag"].describe()["classes"] == ["bad", "good", "other"]
    assert PREDICTORS["bag"].metadata["version"] == skdistill.__version__


def test_the_error_of_the_runtime_is_that_of_the_package():
    assert LoadError is skdistill.LoadError
    assert issubclass(LoadError, ValueError)


def test_there_is_a_stored_file_of_each_protocol():
    assert {int(path.stem.split("_")[1]) for path in STORED} == set(range(1, runtime.archive.PROTOCOL + 1))


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_files_of_earlier_versions_are_loaded(path):
    stored = json.loads(path.with_suffix(".json").read_text())
    for load in (runtime.load, skdistill.load):
        classifier = load(path)
        assert classifier.predict(stored["texts"]).tolist() == stored["labels"]
        np.testing.assert_allclose(classifier.predict_proba(stored["texts"]), stored["probabilities"], atol=1e-6)
