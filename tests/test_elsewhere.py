"""Classifiers of every network in threads, in files of joblib and skops, and in memory maps."""

import io
import threading

import joblib
import numpy as np
import pytest
from saved_factory import TEXTS, saved_models

import skdistill

CLASSIFIERS = {name: skdistill.load(io.BytesIO(data)) for name, data in saved_models().items()}

#: The types that skops must be told to trust.
TRUSTED = {
    "bag": [
        "skdistill._extracted.ExtractedClassifier",
        "skdistill.runtime.bag.BagPredictor",
        "skdistill.runtime.keys.KeyIndex",
        "skdistill.runtime.vocabulary.BagVocabulary",
        "skdistill.text.tokenizer.TextTokenizer",
    ],
    "compressed": [
        "skdistill._extracted.ExtractedClassifier",
        "skdistill.runtime.feature_keys.FeatureKeys",
        "skdistill.runtime.keyed_bag.KeyedBag",
        "skdistill.runtime.splitting.SplittingRule",
        "skdistill.text.tokenizer.TextTokenizer",
    ],
}


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
    for texts in (TEXTS, TEXTS[:1]):
        np.testing.assert_array_equal(mapped.predict_proba(texts), classifier.predict_proba(texts))
    assert path.read_bytes() == written


def test_skops_loads_classifiers_by_types_of_this_package(name):
    skops = pytest.importorskip("skops.io")
    classifier = CLASSIFIERS[name]
    data = skops.dumps(classifier)
    types = skops.get_untrusted_types(data=data)
    assert all(kind.startswith("skdistill.") for kind in types)
    assert types == TRUSTED.get(name, types)
    loaded = skops.loads(data, trusted=types)
    np.testing.assert_array_equal(loaded.predict_proba(TEXTS), classifier.predict_proba(TEXTS))
