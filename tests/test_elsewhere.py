"""Classifiers of every network in threads, in files of joblib and skops, and in memory maps."""

import copy
import io
import pickle
import threading

import joblib
import numpy as np
import pytest
from compression_factory import documents, linear_classifier
from saved_factory import TEXTS, saved_models

import skdistill

CLASSIFIERS = {name: skdistill.load(io.BytesIO(data)) for name, data in saved_models().items()}


@pytest.fixture(params=CLASSIFIERS)
def name(request):
    return request.param


def test_eight_threads_predict_what_one_predicts(name):
    classifier, texts = CLASSIFIERS[name], TEXTS * 20
    parts = [texts[:1], texts[2:3], texts[:7], texts]
    expected, found = [classifier.predict_proba(part) for part in parts], []
    start = threading.Barrier(8)

    def predict(thread):
        start.wait()
        for i in range(thread, thread + 8):
            found.append((i % len(parts), classifier.predict_proba(parts[i % len(parts)])))

    threads = [threading.Thread(target=predict, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 64
    for part, probabilities in found:
        np.testing.assert_array_equal(probabilities, expected[part])


def test_memory_maps_predict_the_same_and_stay_as_they_are(name, tmp_path):
    classifier, path = CLASSIFIERS[name], tmp_path / "classifier.joblib"
    joblib.dump(classifier, path)
    written = path.read_bytes()
    mapped = joblib.load(path, mmap_mode="r")
    if isinstance(mapped, skdistill.ExtractedClassifier):
        assert any(isinstance(array, np.memmap) for array in vars(mapped.predictor_).values())
    for texts in (TEXTS, TEXTS[:1]):
        np.testing.assert_array_equal(mapped.predict_proba(texts), classifier.predict_proba(texts))
    assert path.read_bytes() == written


def test_skops_loads_extracted_classifiers_by_one_trusted_type(name):
    skops = pytest.importorskip("skops.io")
    classifier = CLASSIFIERS[name]
    data = skops.dumps(classifier)
    types = skops.get_untrusted_types(data=data)
    if isinstance(classifier, skdistill.ExtractedClassifier):
        assert types == ["skdistill._extracted.ExtractedClassifier"]
    assert all(kind.startswith("skdistill.") for kind in types)
    loaded = skops.loads(data, trusted=types)
    np.testing.assert_array_equal(loaded.predict_proba(TEXTS), classifier.predict_proba(TEXTS))


def test_what_compress_did_is_kept_by_pickle_and_skops():
    skops = pytest.importorskip("skops.io")
    texts, labels = documents()
    compressed = linear_classifier(texts, labels).compress(None, X=texts, y=labels)
    data = skops.dumps(compressed)
    for loaded in (
        pickle.loads(pickle.dumps(compressed)),
        skops.loads(data, trusted=["skdistill._extracted.ExtractedClassifier"]),
    ):
        assert loaded.compression_ == compressed.compression_
        np.testing.assert_array_equal(loaded.predict_proba(texts), compressed.predict_proba(texts))


def test_a_copy_leaves_the_original_as_it_was():
    for classifier in CLASSIFIERS.values():
        before = dict(vars(classifier))
        copied = copy.deepcopy(classifier)
        assert vars(classifier) == before  # the same objects: arrays would raise an error
        np.testing.assert_array_equal(copied.predict_proba(TEXTS), classifier.predict_proba(TEXTS))
