"""What is printed in a terminal and in a notebook: little, whatever an object holds."""

import re
from collections import UserDict
from functools import partial
from types import MappingProxyType

import numpy as np
import pytest
from factory import fit
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import VotingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

import skdistill
from skdistill import (
    DistilledTextClassifier,
    DistilledTextClassifierCV,
    ExtractedClassifier,
    TextBag,
    TextCNN,
    TextGRU,
    TextPredictor,
    TextStream,
    TextTokenizer,
    TransferSet,
)
from skdistill.model_selection import LabeledStratifiedKFold
from skdistill.runtime import TokenSequences
from skdistill.text.embeddings import read_vectors

LINE = r"\w+\((bag, |cnn, |gru, )?24 tokens, {units} units, 2 classes, [\d.]+ (bytes|kB|MB)\)"


class Unprinted:
    """An element of something large, of which no representation should be made."""

    def __repr__(self):
        raise AssertionError("an element of a large parameter was written out")


MANY = 50_000
WORDS = {f"word{i}": Unprinted() for i in range(MANY)}
TEXTS = [f"word{i}" for i in range(MANY)]
LARGE = {
    "TextBag": TextBag(embeddings=WORDS),
    "TextCNN": TextCNN(embeddings=UserDict(WORDS), windows=np.arange(1, MANY)),
    "TextGRU": TextGRU(embeddings=MappingProxyType(WORDS)),
    "TextTokenizer": TextTokenizer(analyzer=partial(str.split, WORDS)),
    "TransferSet": TransferSet(texts=TEXTS, analyzer=partial(str.split, WORDS)),
    "TextStream": TextStream("a.txt"),
    "ExtractedClassifier": ExtractedClassifier(),  # a fitted one is below
    "LabeledStratifiedKFold": LabeledStratifiedKFold(),
    "TextPredictor": TextPredictor(DummyClassifier().fit(TEXTS, TEXTS)),
    "DistilledTextClassifier": DistilledTextClassifier(
        TextBag(embeddings=WORDS),
        tokenizer=TextTokenizer(analyzer=partial(str.split, WORDS)),
        class_weight=WORDS,
        teacher=[make_pipeline(TfidfVectorizer(vocabulary=WORDS), LogisticRegression(class_weight=WORDS))],
        callbacks=[partial(print, WORDS)] * MANY,
        unlabeled_label="x" * MANY,
    ),
}
LARGE["DistilledTextClassifierCV"] = DistilledTextClassifierCV(
    LARGE["DistilledTextClassifier"], auxiliary_weights=np.geomspace(0.1, 10, MANY)
)
HOLDERS = {
    "alone": lambda classifier: classifier,
    "pipeline": make_pipeline,
    "search": lambda classifier: GridSearchCV(classifier, {"auxiliary": [classifier.main, None]}),
    "vote": lambda classifier: VotingClassifier([("one", classifier), ("two", classifier)]),
    "teacher": lambda classifier: DistilledTextClassifier(teacher=[classifier, make_pipeline(classifier)]),
    "frozen": FrozenEstimator,
}


def test_every_public_class_is_among_the_large_ones():
    public = {name for name in skdistill.__all__ if isinstance(getattr(skdistill, name), type)}
    of_files = {"ParquetTexts"}  # in text/test_collections.py
    assert public - {"LoadError"} - of_files <= LARGE.keys()


@pytest.mark.parametrize("name", LARGE)
def test_kind_and_size_stand_for_large_parameters(name):
    assert len(repr(LARGE[name])) < 2000


@pytest.mark.parametrize("name", ["TextBag", "TextCNN", "TextGRU"])
@pytest.mark.parametrize("holder", HOLDERS)
def test_what_holds_a_network_is_shown_without_its_word_vectors(name, holder):
    large = HOLDERS[holder](DistilledTextClassifier(LARGE[name]))
    small = HOLDERS[holder](DistilledTextClassifier(type(LARGE[name])(embeddings={})))
    assert f"{name}(" in repr(large)
    assert len(repr(large)) < 2000
    assert len(large._repr_html_()) < len(small._repr_html_()) + 2000


def test_a_fitted_classifier_is_shown_without_its_vocabulary_and_weights():
    fits = (
        fit([" ".join(TEXTS[:n]), "word1"], ["a", "b"], tokenizer=TextTokenizer(max_tokens=MANY), max_iter=1)
        for n in (1, 5000)
    )
    shown = [(each, each.tokenizer_, each.extract(), make_pipeline(each.extract())) for each in fits]
    for small, large in zip(*shown):
        assert len(repr(large)) < 2000
        assert len(large._repr_html_()) < len(small._repr_html_()) + 2000


def test_word_vectors_are_shown_by_their_sizes():
    vectors = read_vectors({"good": [1.0, 2.0], "bad": [0.5, 1.0]}, {"good": 2, "odd": 3}, units=2)
    assert repr(vectors) == "WordVectors(1 vector of 2 numbers, coverage 0.5)"


@pytest.mark.parametrize("network", [TextBag(units=6), TextCNN(units=6, filters=4), TextGRU(units=6)])
def test_a_trained_network_prints_kind_tokens_units_classes_and_bytes(network, reviews):
    classifier = fit(*reviews, main=network, auxiliary=TextBag(units=5), max_iter=1)
    student = classifier.extract()
    n_tokens = len(classifier.tokenizer_.vocabulary_) + 2
    for thing in (classifier._networks["main"], classifier._networks["main"].predictor, student):
        pattern = LINE.format(units=6).replace("24", str(n_tokens))
        assert re.fullmatch(pattern, repr(thing)), repr(thing)
    assert repr(student).startswith(f"ExtractedClassifier({type(network).__name__[4:].lower()}, ")


def test_a_vocabulary_its_indices_and_sequences_print_their_sizes(fitted):
    vocabulary = fitted._networks["main"].vocabulary
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
