"""A classifier of embeddings as a teacher: what it predicts, and that each text is embedded once."""

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from factory import WordCounts, fit, small
from joblib import Memory
from sklearn import config_context
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from skdistill.teachers import SentenceTransformerTeacher, _embeddings
from skdistill.teachers._ensemble import TeacherEnsemble

POOL = ["a good plot", "the film was poor", "very lovely music", "dull and awful"]


@pytest.fixture
def encoder(tmp_path):
    return WordCounts(tmp_path / "embedded.txt")


def ensemble(teacher, texts, labels, **options):
    return TeacherEnsemble([teacher], texts, labels, None, np.unique(labels), **options)


@pytest.mark.core
def test_it_is_its_classifier_on_the_embeddings(encoder, reviews):
    texts, labels = reviews
    teacher = SentenceTransformerTeacher(encoder).fit(texts, labels)
    expected = LogisticRegression(C=10, max_iter=1000).fit(encoder.encode(texts), labels)
    np.testing.assert_array_equal(teacher.classes_, expected.classes_)
    for method in ("predict_proba", "decision_function", "predict"):
        np.testing.assert_array_equal(getattr(teacher, method)(POOL), getattr(expected, method)(encoder.encode(POOL)))
    pickled = pickle.loads(pickle.dumps(teacher))
    np.testing.assert_array_equal(pickled.predict_proba(np.array(POOL)), teacher.predict_proba(POOL))


@pytest.mark.core
def test_each_text_is_embedded_once_in_all_folds_and_on_all_rows(encoder, reviews):
    texts, labels = reviews
    teachers = ensemble(SentenceTransformerTeacher(encoder), texts, labels)
    teachers.training_probabilities()
    teachers.predict_proba(POOL + POOL)
    assert sorted(encoder.embedded()) == sorted({*texts, *POOL})


def test_a_fit_embeds_each_text_once(encoder, reviews):
    texts, labels = reviews
    fit(texts, labels, teacher=SentenceTransformerTeacher(encoder), X_unlabeled=POOL)
    assert sorted(encoder.embedded()) == sorted({*texts, *POOL})


def test_a_search_embeds_each_text_once(encoder, reviews):
    pytest.importorskip("tensorflow")
    texts, labels = reviews
    grid = {"teacher__classifier__C": [1, 10], "teacher_weight": [0.1, 0.5, 0.9]}
    teacher = SentenceTransformerTeacher(encoder, LogisticRegression())
    search = GridSearchCV(small(teacher=teacher, max_iter=1), grid, cv=2)
    search.fit(texts, labels, X_unlabeled=[POOL])
    assert sorted(encoder.embedded()) == sorted({*texts, *POOL})


@pytest.mark.slow
def test_a_search_in_two_processes_embeds_each_text_once_by_memory(encoder, reviews, tmp_path):
    pytest.importorskip("tensorflow")
    texts, labels = reviews
    teacher = SentenceTransformerTeacher(encoder, memory=tmp_path / "embeddings")
    search = GridSearchCV(small(teacher=teacher, max_iter=1), {"teacher_weight": np.arange(1, 7) / 10}, cv=2, n_jobs=2)
    search.fit(texts, labels, X_unlabeled=[POOL])
    assert sorted(encoder.embedded()) == sorted({*texts, *POOL})


@pytest.mark.core
def test_processes_wait_for_the_texts_that_another_embeds(tmp_path, reviews):
    encoder = WordCounts(tmp_path / "embedded.txt", seconds=0.3)
    teacher = SentenceTransformerTeacher(encoder, LogisticRegression(), memory=tmp_path)
    search = GridSearchCV(teacher, {"classifier__C": [1, 2, 3, 4, 5, 6]}, cv=2, n_jobs=2)
    search.fit(*reviews)
    assert sorted(encoder.embedded()) == sorted(set(reviews[0]))


@pytest.mark.core
def test_threads_wait_for_the_texts_that_another_embeds(tmp_path, reviews):
    encoder = WordCounts(tmp_path / "embedded.txt", seconds=0.1)
    teacher = SentenceTransformerTeacher(encoder)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: clone(teacher).fit(*reviews), range(8)))
    assert sorted(encoder.embedded()) == sorted(set(reviews[0]))


@pytest.mark.core
def test_memory_serves_equal_models_of_other_runs_and_no_others(encoder, reviews, tmp_path):
    folder = tmp_path / "a" / "b"
    first = SentenceTransformerTeacher(encoder, memory=folder).fit(*reviews)
    again = SentenceTransformerTeacher(WordCounts(encoder.log), memory=Memory(folder)).fit(*reviews)
    assert sorted(encoder.embedded()) == sorted(set(reviews[0]))
    np.testing.assert_array_equal(first.predict_proba(reviews[0]), again.predict_proba(reviews[0]))
    other = SentenceTransformerTeacher(WordCounts(encoder.log, scale=2), memory=folder).fit(*reviews)
    assert len(encoder.embedded()) == 2 * len(set(reviews[0]))
    without = SentenceTransformerTeacher(WordCounts(encoder.log, scale=2)).fit(*reviews)
    np.testing.assert_array_equal(other.predict_proba(POOL), without.predict_proba(POOL))


@pytest.mark.core
def test_what_was_embedded_before_an_error_is_kept_in_memory(encoder, reviews, tmp_path, monkeypatch):
    monkeypatch.setattr(_embeddings, "_TEXTS_PER_CALL", 50)
    texts = [*dict.fromkeys(reviews[0]), "stop"]
    with pytest.raises(RuntimeError, match="stop"):
        SentenceTransformerTeacher(encoder, memory=tmp_path).fit(texts, np.arange(len(texts)) % 2)
    before = encoder.embedded()
    assert len(before) == (len(texts) - 1) // 50 * 50 > 0
    SentenceTransformerTeacher(encoder, memory=tmp_path).fit(texts[:-1], np.arange(len(texts) - 1) % 2)
    assert sorted(encoder.embedded()) == sorted(texts[:-1])


@pytest.mark.core
def test_embeddings_in_memory_are_bounded_and_not_pickled(encoder, reviews, monkeypatch):
    texts = [*dict.fromkeys(reviews[0])]
    monkeypatch.setattr(_embeddings, "CAPACITY", 10 * 4 * len(encoder.words))
    teacher = SentenceTransformerTeacher(encoder)
    unused = len(pickle.dumps(teacher))
    teachers = [clone(teacher).fit(texts, np.arange(len(texts)) % 2) for _ in range(2)]
    counts = [encoder.embedded().count(text) for text in texts]
    assert counts == [1] * 10 + [2] * (len(texts) - 10)
    np.testing.assert_array_equal(*(each.predict_proba(POOL) for each in teachers))
    assert len(pickle.dumps(teacher)) == unused


@pytest.mark.core
def test_clones_share_the_model_and_nothing_that_is_fitted(encoder, reviews):
    teacher = SentenceTransformerTeacher(encoder, LogisticRegression(C=2), memory="folder", batch_size=7)
    copied = clone(teacher)
    assert copied.model is encoder
    assert copied.classifier is not teacher.classifier
    assert copied.get_params() | {"classifier": 0} == teacher.get_params() | {"classifier": 0}
    copied.set_params(memory=None).fit(*reviews)
    with pytest.raises(NotFittedError):
        clone(copied).predict(POOL)
    with config_context(enable_metadata_routing=True):
        routed = clone(teacher.set_fit_request(sample_weight=True))
        assert routed.get_metadata_routing().consumes("fit", ["sample_weight"]) == {"sample_weight"}


@pytest.mark.core
def test_another_model_has_embeddings_of_its_own(encoder, reviews):
    teacher = SentenceTransformerTeacher(encoder).fit(*reviews)
    other = WordCounts(encoder.log, scale=3)
    np.testing.assert_array_equal(
        clone(teacher).set_params(model=other).fit(*reviews).predict_proba(POOL),
        SentenceTransformerTeacher(other).fit(*reviews).predict_proba(POOL),
    )


@pytest.mark.core
def test_teacher_memory_serves_an_equal_teacher_whatever_it_has_embedded(encoder, reviews, tmp_path):
    texts, labels = reviews
    used = SentenceTransformerTeacher(encoder).fit(POOL, [1, 0, 1, 0])
    first = ensemble(used, texts, labels, memory=str(tmp_path)).training_probabilities()
    calls = encoder.embedded()
    same = SentenceTransformerTeacher(WordCounts(encoder.log), batch_size=3, memory=tmp_path)
    np.testing.assert_array_equal(ensemble(same, texts, labels, memory=str(tmp_path)).training_probabilities(), first)
    assert encoder.embedded() == calls
    for other in (
        SentenceTransformerTeacher(encoder, LogisticRegression(C=0.1)),
        SentenceTransformerTeacher(WordCounts(encoder.log, scale=3)),
        FrozenEstimator(clone(used).fit(texts, labels)),
    ):
        assert not np.array_equal(ensemble(other, texts, labels, memory=str(tmp_path)).training_probabilities(), first)


@pytest.mark.core
def test_weights_reach_a_classifier_that_takes_them(encoder, reviews):
    texts, labels = reviews
    weights = np.where(labels == "good", 5.0, 1.0)
    embeddings = encoder.encode(texts)
    plain = LogisticRegression(C=10, max_iter=1000)
    expected = clone(plain).fit(embeddings, labels, weights).predict_proba(embeddings)
    teacher = SentenceTransformerTeacher(encoder).fit(texts, labels, sample_weight=weights)
    np.testing.assert_array_equal(teacher.predict_proba(texts), expected)
    scaled = make_pipeline(StandardScaler(), plain)
    expected = clone(scaled).fit(embeddings, labels, logisticregression__sample_weight=weights)
    teacher = SentenceTransformerTeacher(encoder, scaled).fit(texts, labels, sample_weight=weights)
    np.testing.assert_allclose(teacher.predict_proba(texts), expected.predict_proba(embeddings))
    SentenceTransformerTeacher(encoder, KNeighborsClassifier()).fit(texts, labels, sample_weight=weights)


@pytest.mark.core
def test_a_multilabel_y_has_a_classifier_per_label(encoder, reviews):
    texts, labels = reviews
    y = np.column_stack([labels == "good", ["film" in text for text in texts]]).astype(int)
    teacher = SentenceTransformerTeacher(encoder)
    teachers = TeacherEnsemble([teacher], texts, y, None, np.arange(2), target_type="multilabel")
    probabilities = teachers.predict_proba(texts)
    assert probabilities.shape == y.shape
    np.testing.assert_array_equal(clone(teacher).fit(texts, y).predict(texts), y)
    np.testing.assert_array_equal(probabilities > 0.5, y)


@pytest.mark.core
def test_a_classifier_without_probabilities_is_calibrated(encoder, reviews):
    teacher = SentenceTransformerTeacher(encoder, LinearSVC())
    assert not hasattr(teacher, "predict_proba")
    assert not hasattr(clone(teacher).fit(*reviews), "predict_proba")
    probabilities = ensemble(teacher, *reviews).predict_proba(POOL)
    assert (probabilities.argmax(axis=1) == [1, 0, 1, 0]).all()
    assert not hasattr(SentenceTransformerTeacher(encoder, KNeighborsClassifier()), "decision_function")


class Strange:
    def __init__(self, output):
        self.output = output

    def encode(self, texts):
        return self.output


@pytest.mark.core
@pytest.mark.parametrize("output", [np.zeros(2), np.zeros((3, 2)), np.zeros((2, 2, 2))])
def test_an_encoder_must_return_one_vector_per_text(output):
    with pytest.raises(
        ValueError, match=r"encode of the model Strange must return one vector per text: shape \(2, n_d"
    ):
        SentenceTransformerTeacher(Strange(output)).fit(["a", "b"], [0, 1])


@pytest.mark.core
@pytest.mark.parametrize(
    ("output", "got"),
    [
        ([[1, 2], [3]], "list: .*inhomogeneous"),
        ([["a"], ["b"]], "list: could not convert"),
        ((vector for vector in np.eye(2)), "generator"),
        ("ab", "str"),
    ],
)
def test_an_encoder_must_return_numbers(output, got):
    with pytest.raises(ValueError, match=f"(?s)encode of the model Strange must return .* of numbers. Got {got}"):
        SentenceTransformerTeacher(Strange(output)).fit(["a", "b"], [0, 1])


@pytest.mark.core
@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_vectors_that_are_not_finite_are_refused_and_not_kept(wrong, tmp_path):
    output = np.ones((2, 3), np.float32)
    output[1, 2] = wrong
    teacher = SentenceTransformerTeacher(Strange(output), memory=tmp_path)
    with pytest.raises(ValueError, match="model Strange must return finite numbers. Got others for the text 'b'"):
        teacher.fit(["a", "b"], [0, 1])
    teacher.model.output = np.eye(2)
    assert teacher.fit(["a", "b"], [0, 1]).predict(["b"]) == [1]


@pytest.mark.core
def test_vectors_of_several_calls_must_have_one_length():
    model = Strange(np.eye(2))
    teacher = SentenceTransformerTeacher(model).fit(["a", "b"], [0, 1])
    model.output = np.ones((1, 3))
    with pytest.raises(ValueError, match=r"Strange must return vectors of one length for all texts. Got lengths \[2"):
        teacher.predict(["a", "c"])


@pytest.mark.core
def test_lone_surrogates_are_replaced_for_the_encoder_alone():
    class Recording:
        def encode(self, texts):
            self.texts = [*texts]
            return np.eye(len(texts))

    model = Recording()
    SentenceTransformerTeacher(model).fit(["\ud800 好", "\udc00 好", "\U0001f600", "plain"], [0, 1, 0, 1])
    assert model.texts == ["\ufffd 好", "\ufffd 好", "\U0001f600", "plain"]


@pytest.mark.core
@pytest.mark.parametrize(
    "parameters", [{"memory": 3}, {"batch_size": 0}, {"batch_size": 1.5}, {"batch_size": "many"}], ids=str
)
def test_parameters_are_checked(encoder, parameters):
    (name,) = parameters
    with pytest.raises(ValueError, match=f"The '{name}' parameter of SentenceTransformerTeacher must be"):
        SentenceTransformerTeacher(encoder, **parameters).fit(["a", "b"], [0, 1])


@pytest.mark.core
def test_a_memory_is_a_folder_whose_files_are_whole(encoder, tmp_path):
    def fitted(memory):
        return SentenceTransformerTeacher(encoder, memory=memory).fit(["good", "bad"], [0, 1])

    file = tmp_path / "file"
    file.write_text("notes")
    with pytest.raises(ValueError, match="memory must be a folder. Got the file .*file"):
        fitted(file)
    assert file.read_text() == "notes"
    fitted(tmp_path / "folder")
    (kept,) = (tmp_path / "folder").iterdir()
    kept.write_bytes(b"no database" * 100)
    with pytest.raises(ValueError, match=r"memory has a damaged file, .*\.sqlite: .*Delete it"):
        fitted(tmp_path / "folder")


@pytest.mark.core
@pytest.mark.parametrize(
    ("model", "got"),
    [
        ("all-MiniLM-L6-v2", "'all-MiniLM-L6-v2': load it first, by .*pip install 'skdistill.teachers.'"),
        (len, "builtin_function"),
        (Strange, "the class Strange"),
    ],
)
def test_a_model_must_have_encode(model, got):
    with pytest.raises(TypeError, match=f"model must be an object with encode.list of str.*Got {got}"):
        SentenceTransformerTeacher(model).fit(["a", "b"], [0, 1])


@pytest.mark.core
def test_options_are_passed_to_an_encode_that_takes_them():
    class Options:
        def encode(self, texts, batch_size=1, *, show_progress_bar=True):
            self.seen = batch_size, show_progress_bar
            return [[len(text), text.count("a")] for text in texts]

    for batch_size, seen in ((None, 1), (5, 5)):
        model = Options()
        SentenceTransformerTeacher(model, batch_size=batch_size).fit(["a", "bb"], [0, 1])
        assert model.seen == (seen, False)
