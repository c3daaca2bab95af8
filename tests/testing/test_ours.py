"""The classifiers of this package pass the checks of anybody's."""

import numpy as np
import pytest
from compression_factory import documents, linear_classifier
from factory import small
from network_factory import TRAINED, WORDS
from saved_factory import LABELS, saved_models, tokenizer

from skdistill import ExtractedClassifier, load
from skdistill.testing import check_text_classifier, parametrize_with_text_checks

#: Documents of the words that the networks of the factory know.
TEXTS = [" ".join(np.random.default_rng(row).choice(WORDS, 3 + row % 5)) + " films" * (row % 2) for row in range(16)]

#: Checks that are skipped, each for a package that may be missing or because it does not apply.
SKIPPED = {
    "check_documents_in_polars_series",
    "check_documents_in_arrow_arrays",
    "check_documents_in_datasets_columns",
    "check_documents_as_bytes",  # refused, with the advice to decode them
    "check_score",  # there are no labels
}


def assert_passes(classifier, *also_skipped, texts=TEXTS, labels=None):
    results = check_text_classifier(classifier, texts=texts, labels=labels, fitted=True, on_skip=None)
    skipped = {result["check_name"] for result in results if result["status"] == "skipped"}
    assert skipped <= SKIPPED | set(also_skipped)


@parametrize_with_text_checks([small(max_iter=2)])
def test_a_classifier_that_is_trained(estimator, check):
    pytest.importorskip("tensorflow")
    check(estimator)


@pytest.mark.parametrize("kind", ["bag", "cnn", "gru"])
def test_extracted_networks_of_each_kind(kind):
    classifier = ExtractedClassifier.from_predictor(TRAINED[kind].predictor, LABELS, tokenizer=tokenizer())
    assert_passes(classifier)


@pytest.mark.parametrize("kind", ["compressed", "fitted"])
def test_loaded_classifiers(kind, tmp_path):
    path = tmp_path / "classifier.skd"
    path.write_bytes(saved_models()[kind])
    assert_passes(load(path))


def test_characters():
    texts, labels = documents(40)
    classifier = linear_classifier(texts, labels, analyzer="char")
    assert_passes(classifier, texts=texts, labels=labels)


def test_multilabel_targets():
    texts, labels = documents(40)
    indicators = np.stack([labels % 2, labels // 2], axis=1)
    classifier = linear_classifier(texts, indicators, out_activation="sigmoid")
    assert_passes(classifier, "check_predictions_are_the_most_probable", texts=texts, labels=indicators)
