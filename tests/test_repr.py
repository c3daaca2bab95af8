"""What is printed of networks, in a terminal and in a notebook: a line each, never arrays or vocabularies."""

import re

import numpy as np
import pytest

from skdistill import DistilledTextClassifier, ExtractedClassifier, TextBag, TextCNN, TextGRU
from skdistill.runtime import TokenSequences

pytest.importorskip("tensorflow")

LINE = r"\w+\((bag, |cnn, |gru, )?24 tokens, {units} units, 2 classes, [\d.]+ (bytes|kB|MB)\)"


@pytest.mark.parametrize("network", [TextBag(units=6), TextCNN(units=6, filters=4), TextGRU(units=6)])
def test_a_network_prints_kind_tokens_units_classes_and_bytes(network, reviews):
    classifier = DistilledTextClassifier(network, TextBag(units=5), max_iter=1, random_state=0).fit(*reviews)
    student = classifier.extract()
    n_tokens = len(classifier.tokenizer_.vocabulary_) + 2
    for thing in (classifier.main_, classifier.main_.predictor, student):
        pattern = LINE.format(units=6).replace("24", str(n_tokens))
        assert re.fullmatch(pattern, repr(thing)), repr(thing)
    assert repr(student).startswith(f"ExtractedClassifier({type(network).__name__[4:].lower()}, ")


def test_a_vocabulary_its_indices_and_sequences_print_their_sizes(fitted):
    vocabulary = fitted.main_.vocabulary
    n_ngrams, n_subwords = len(vocabulary.ngram_index), len(vocabulary.subword_index)
    expected = f"{len(vocabulary.seen)} tokens, {n_ngrams:,} n-grams, {n_subwords:,} character n-grams"
    assert repr(vocabulary) == f"BagVocabulary({expected})"
    assert repr(vocabulary.ngram_index) == f"KeyIndex({n_ngrams:,} keys)"
    assert repr(TokenSequences.from_padded(np.eye(3, dtype=int), 9)) == "TokenSequences(3 documents, 3 tokens)"


def test_an_extracted_classifier_in_a_notebook_shows_its_line(fitted):
    student = fitted.extract("auxiliary")
    html = student._repr_html_()
    assert repr(student) in html
    assert "array(" not in html
    assert "dtype" not in html


def test_one_that_holds_nothing_says_so():
    assert repr(ExtractedClassifier()) == "ExtractedClassifier()"
    with pytest.raises(ValueError, match=r"holds no network: DistilledTextClassifier\.extract makes one"):
        ExtractedClassifier().fit(["a"], [0])
