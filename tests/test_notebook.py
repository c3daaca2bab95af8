"""Diagrams of estimators in notebooks: which parts they show, and where their links lead."""

import re

import pytest
from factory import PLAIN, fit
from sklearn.base import BaseEstimator
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

import skdistill
from skdistill import DistilledTextClassifier, DistilledTextClassifierCV, ExtractedClassifier, TextTokenizer, teachers
from skdistill.teachers import FunctionTeacher

TEACHER = make_pipeline(TfidfVectorizer(), LogisticRegression())
BAGS = ["TextTokenizer", "main", "TextBag", "auxiliary", "TextBag"]
DIAGRAMS = {
    "default": (DistilledTextClassifier(), BAGS),
    "of networks": (DistilledTextClassifier(PLAIN, "gru"), [*BAGS[:4], "TextGRU"]),
    "without an auxiliary": (DistilledTextClassifier(auxiliary=None), BAGS[:3]),
    "of token ids": (DistilledTextClassifier(tokenizer="precomputed"), ["token ids", *BAGS[1:]]),
    "of a callable": (DistilledTextClassifier(fit), ["TextTokenizer", "main", "fit", "auxiliary", "TextBag"]),
    "with a teacher": (
        DistilledTextClassifier(teacher=TEACHER),
        [*BAGS, "teacher", "TfidfVectorizer", "LogisticRegression"],
    ),
    "with several teachers": (
        DistilledTextClassifier(teacher=[FunctionTeacher(len, ["a", "b"]), FrozenEstimator(LogisticRegression())]),
        [*BAGS, "teacher", "FunctionTeacher", "teacher", "estimator: LogisticRegression", "LogisticRegression"],
    ),
    "of a search": (DistilledTextClassifierCV(), ["estimator: DistilledTextClassifier", *BAGS]),
    "in a pipeline": (
        make_pipeline(DistilledTextClassifier()),
        ["distilledtextclassifier: DistilledTextClassifier", *BAGS],
    ),
    "in a grid search": (
        GridSearchCV(DistilledTextClassifier(), {"auxiliary_units": [8]}),
        ["estimator: DistilledTextClassifier", *BAGS],
    ),
    "of an invalid network": (DistilledTextClassifier("net"), []),
    "of an empty student": (ExtractedClassifier(), []),
}


def labels(estimator):
    """The labels of the boxes inside the diagram of an estimator, in order."""
    body = re.sub(r"(?s)<style>.*</style>|<script>.*</script>|<pre>.*?</pre>", "", estimator._repr_html_())
    texts = [" ".join(re.sub("<[^>]+>", " ", label).split()) for label in re.findall(r"(?s)<label.*?</label>", body)]
    first, *inner = [re.sub(r" (i (Not f|F)itted|\?.*)", "", text) for text in texts]
    assert first == type(estimator).__name__
    return inner


@pytest.mark.core
@pytest.mark.parametrize("name", DIAGRAMS)
def test_a_diagram_shows_the_tokenizer_then_the_networks_and_the_teachers(name):
    estimator, expected = DIAGRAMS[name]
    assert labels(estimator) == expected


def test_the_networks_are_side_by_side_after_the_tokenizer_and_the_teacher_is_beside_them():
    block = DistilledTextClassifier(teacher=TEACHER)._sk_visual_block_()
    student, _ = block.estimators
    assert (block.kind, student.kind, student.estimators[1].kind) == ("parallel", "serial", "parallel")


def test_a_box_names_the_size_that_a_network_will_have():
    html = DistilledTextClassifier(auxiliary_units=5)._repr_html_()
    assert "TextBag(units=64)" in html
    assert "TextBag(units=5)" in html


def test_fitted_diagrams_show_the_sizes_of_trained_networks_and_no_list_of_positions(reviews):
    classifier = fit(*reviews, max_iter=1, tokenizer=TextTokenizer().fit(reviews[0]))
    search = DistilledTextClassifierCV()
    search.best_estimator_ = classifier
    student = classifier.extract("auxiliary")
    assert labels(classifier) == BAGS
    assert labels(search) == ["best_estimator_: DistilledTextClassifier", *BAGS]
    assert labels(student) == ["TextTokenizer", "BagPredictor"]
    assert labels(make_pipeline(student)) == [
        "extractedclassifier: ExtractedClassifier",
        "TextTokenizer",
        "BagPredictor",
    ]
    for estimator in (classifier, search):
        assert len(re.findall(r"TrainedBag\(\d+ tokens, 8 units, 2 classes", estimator._repr_html_())) == 2
    for estimator in (classifier, search, student):
        assert "position0" not in estimator._repr_html_()


class Unprinted(str):
    """A word of a large vocabulary, of which no representation should be made."""

    def __repr__(self):
        raise AssertionError("an element of a large parameter was written out")


def test_a_teacher_with_a_large_parameter_is_drawn_without_writing_it_out():
    vocabulary = [Unprinted(f"word{i}") for i in range(1000)]
    classifier = DistilledTextClassifier(teacher=make_pipeline(TfidfVectorizer(vocabulary=vocabulary), TEACHER[-1]))
    assert labels(classifier) == [*BAGS, "teacher", "TfidfVectorizer", "LogisticRegression"]


def public_estimators():
    classes = [getattr(module, name) for module in (skdistill, teachers) for name in module.__all__]
    return [each for each in classes if isinstance(each, type) and issubclass(each, BaseEstimator)]


@pytest.mark.core
@pytest.mark.parametrize("public", public_estimators(), ids=lambda public: public.__name__)
def test_links_lead_to_the_page_of_the_public_name_once_the_site_has_an_address(public, monkeypatch):
    estimator = object.__new__(public)
    assert estimator._get_doc_link() == ""
    monkeypatch.setattr("skdistill._notebook.SITE", "https://docs.example/")
    link = re.fullmatch(r"https://docs\.example/api/generated/skdistill\.([\w.]+)\.html", estimator._get_doc_link())
    module, _, name = link[1].rpartition(".")
    assert getattr(teachers if module == "teachers" else skdistill, name) is public


def test_a_diagram_has_a_link_only_if_the_site_has_an_address(monkeypatch):
    assert "href" not in DistilledTextClassifier()._repr_html_()
    monkeypatch.setattr("skdistill._notebook.SITE", "https://docs.example/")
    html = DistilledTextClassifier()._repr_html_()
    assert 'href="https://docs.example/api/generated/skdistill.DistilledTextClassifier.html' in html
    assert 'href="https://docs.example/api/generated/skdistill.TextTokenizer.html' in html
