"""Compression through the public face: the budget, the agreement, the teacher, and what is refused."""

import pickle
import warnings

import numpy as np
import pytest
from compression_factory import SYLLABLES, Biased, documents, linear_classifier

from skdistill._extracted import ExtractedClassifier
from skdistill.inspection import explain
from skdistill.runtime.cnn import CNNPredictor

pytestmark = pytest.mark.filterwarnings("ignore:The compressed network agrees")

TEXTS, LABELS = documents()
NEW, NEW_LABELS = documents(seed=1)
MORE, _ = documents(2000, seed=2)
STUDENT = linear_classifier(TEXTS, LABELS)
SIZE = len(pickle.dumps(STUDENT))


def agree(one, other, texts=NEW):
    return np.mean(one.predict(texts) == other.predict(texts))


def assert_close(one, other):
    """One document in a hundred may have a feature that reads the row of another."""
    difference = np.abs(one.predict_proba(NEW) - other.predict_proba(NEW)).max(axis=1)
    assert np.quantile(difference, 0.95) < 0.03


def to_chinese(text):
    """A character for each syllable, without spaces."""
    for syllable, character in zip(SYLLABLES, "我你他天地人日月水火木金"):
        text = text.replace(syllable, character)
    return text.replace(" ", "")


@pytest.mark.parametrize("max_bytes", [1500, 3000, 8000])
@pytest.mark.parametrize("X", [None, TEXTS], ids=["pruned", "retrained"])
def test_a_file_is_never_above_the_budget_and_makes_use_of_it(max_bytes, X):
    small = STUDENT.compress(max_bytes, X=X, random_state=0)
    n_bytes = small.compression_.n_bytes
    assert n_bytes == small._file_size(small.predictor_)
    assert 0.85 * max_bytes < n_bytes <= max_bytes


def test_a_budget_that_nothing_fits_into_says_what_the_least_is():
    with pytest.raises(ValueError, match=r"max_bytes=300 is too small: 64 rows alone take [\d,]+ bytes"):
        STUDENT.compress(300)


def test_a_budget_for_all_rows_keeps_all():
    small, whole = STUDENT.compress(10**6), STUDENT.compress(None)
    np.testing.assert_array_equal(small.predict_proba(NEW), whole.predict_proba(NEW))


def test_more_bytes_agree_more():
    agreements = [agree(STUDENT.compress(n), STUDENT) for n in (1500, 4000, 12_000)]
    assert agreements == sorted(agreements)
    assert agreements[0] < agreements[-1]


def test_training_makes_up_for_what_pruning_loses():
    pruned, trained = (STUDENT.compress(1500, X=X, random_state=0) for X in (None, MORE))
    assert trained.score(NEW, NEW_LABELS) > pruned.score(NEW, NEW_LABELS) + 0.02


@pytest.mark.parametrize("units", [None, 9])
def test_without_a_budget_almost_all_documents_keep_their_class(units):
    student = linear_classifier(TEXTS, LABELS, units=units)
    small = student.compress(None, X=TEXTS)
    assert agree(small, student) >= 0.995
    assert small.compression_.agreement >= 0.995
    assert small.compression_.n_rows == small.compression_.n_rows_before
    assert small.compression_.n_bytes < SIZE / 4
    assert_close(small, student)


def test_without_a_budget_words_outside_the_vocabulary_stay_unknown():
    student = linear_classifier(TEXTS, LABELS, max_tokens=100)
    small = student.compress(None)
    assert_close(small, student)


def test_it_learns_what_the_teacher_predicts():
    label = STUDENT.classes_[1]
    small = STUDENT.compress(3000, X=MORE, teacher=Biased(label, STUDENT.classes_), random_state=0)
    assert np.mean(small.predict(NEW) == label) > 0.9


def test_the_columns_of_a_teacher_are_found_by_its_classes():
    class Turned:
        classes_ = STUDENT.classes_[::-1]

        def predict_proba(self, texts):
            return STUDENT.predict_proba(texts)[:, ::-1]

    one, other = (STUDENT.compress(2000, X=TEXTS, teacher=teacher, random_state=0) for teacher in (None, Turned()))
    np.testing.assert_allclose(one.predict_proba(NEW), other.predict_proba(NEW), atol=1e-5)


def test_labels_are_for_the_report_alone():
    small, reported = (STUDENT.compress(2000, X=TEXTS, y=y, random_state=0) for y in (None, LABELS[::-1]))
    np.testing.assert_array_equal(small.predict_proba(NEW), reported.predict_proba(NEW))
    assert small.compression_.accuracy_before is None
    assert 0 <= reported.compression_.accuracy_after <= 1


def test_the_same_random_state_gives_the_same_network():
    one, two, other = (STUDENT.compress(2000, X=TEXTS, random_state=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one.predict_proba(NEW), two.predict_proba(NEW))
    assert (one.predict_proba(NEW) != other.predict_proba(NEW)).any()


@pytest.mark.parametrize(
    ("y", "activation", "temperature"),
    [(LABELS, "softmax", 2), (np.arange(len(TEXTS)) % 12, "softmax", 1), (np.eye(4, dtype=int)[LABELS], "sigmoid", 1)],
)
def test_the_temperature_is_2_for_few_classes(y, activation, temperature):
    student = linear_classifier(TEXTS, y, out_activation=activation)
    found, same, other = (
        student.compress(4000, X=TEXTS, temperature=given, max_iter=2, random_state=0).predict_proba(NEW)
        for given in ("auto", temperature, 3 - temperature)
    )
    np.testing.assert_array_equal(found, same)
    assert (found != other).any()


@pytest.mark.parametrize("n", [1, 3])
def test_a_few_texts_are_enough(n):
    small = STUDENT.compress(2000, X=TEXTS[:n], y=LABELS[:n], random_state=0)
    assert small.predict(NEW).shape == NEW_LABELS.shape


def test_low_agreement_is_warned_of():
    with pytest.warns(UserWarning, match=r"agrees with the original one on .*%"):
        STUDENT.compress(1400, X=TEXTS, max_iter=0, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        STUDENT.compress(None, X=TEXTS)


# Other networks.


def test_two_classes_need_one_column():
    labels = np.array(["no", "yes"])[LABELS % 2]
    student = linear_classifier(TEXTS, labels)
    small = student.compress(4000, X=TEXTS, random_state=0)
    assert small.predictor_.codes.shape[1] == 1
    assert small.decision_function(NEW).shape == (len(NEW),)
    assert agree(small, student) > 0.85


def test_multilabel_targets_stay_multilabel():
    y = np.column_stack([LABELS < 2, LABELS % 2 == 0]).astype(int)
    student = linear_classifier(TEXTS, y, out_activation="sigmoid")
    small = student.compress(6000, X=TEXTS, y=y, random_state=0)
    assert small.predictor_.codes.shape[1] == 2
    assert small.predict(NEW).shape == (len(NEW), 2)
    assert agree(small, student) > 0.85
    assert agree(student.compress(None), student) > 0.99


def test_characters_are_found_without_a_vocabulary():
    texts, new = (list(map(to_chinese, part)) for part in (TEXTS, NEW))
    student = linear_classifier(texts, LABELS, analyzer="char", ngrams=3, subwords=())
    assert agree(student.compress(None), student, new) > 0.99
    small = student.compress(3000, X=texts, random_state=0)
    assert agree(small, student, new) > 0.75


def test_fewer_units_than_classes_bound_the_columns():
    small = linear_classifier(TEXTS, LABELS, units=None).compress(4000)
    assert small.predictor_.codes.shape[1] == len(STUDENT.classes_) - 1


def test_a_compressed_classifier_pickles_and_says_what_it_is():
    small = STUDENT.compress(3000)
    again = pickle.loads(pickle.dumps(small))
    np.testing.assert_array_equal(again.predict_proba(NEW), small.predict_proba(NEW))
    assert repr(small).startswith(
        f"ExtractedClassifier(keyed bag, {len(small.predictor_.features):,} rows, 3 columns, "
    )
    assert again.compression_ == small.compression_


@pytest.mark.parametrize("X", ["texts", None])
def test_extract_compresses_what_a_fit_made(fitted, reviews, X):
    texts, labels = reviews
    small = fitted.extract("auxiliary", max_bytes=2000, X=None if X is None else texts)
    assert small.compression_.n_bytes <= 2000
    assert small.score(texts, labels) > 0.95
    assert fitted.extract("auxiliary", max_bytes=10**6).compression_.n_rows > small.compression_.n_rows


def test_a_compressed_network_is_not_explained():
    with pytest.raises(ValueError, match="explain the original one"):
        explain(STUDENT.compress(3000), TEXTS[0])


# What is refused.


def test_texts_without_a_budget_are_refused_by_extract(fitted, reviews):
    with pytest.raises(ValueError, match=r"needs max_bytes"):
        fitted.extract("main", X=reviews[0])


def changed(**attributes):
    student = ExtractedClassifier()
    vars(student).update({**vars(STUDENT), **attributes})
    return student


def test_networks_that_cannot_be_compressed_say_what_to_do():
    predictor = STUDENT.predictor_
    hidden = [(np.zeros((4, 5)), np.zeros(5)), (np.zeros((5, 4)), np.zeros(4))]
    for network, message in [
        (changed(predictor_=object.__new__(CNNPredictor)), r"Got CNNPredictor: .*auxiliary='bag'"),
        (changed(predictor_=type(predictor)(**{**vars(predictor), "layers": hidden})), r"TextBag\(hidden=\(\)\)"),
        (changed(predictor_=type(predictor)(**{**vars(predictor), "vectors": object()})), "embeddings=None"),
        (changed(tokenizer_=None), "token ids"),
        (linear_classifier(TEXTS, LABELS, analyzer=str.split), "callable analyzer"),
        (STUDENT.compress(3000), "compressed already"),
    ]:
        with pytest.raises(ValueError, match=message):
            network.compress(3000)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"max_bytes": 0}, "'max_bytes' parameter of compress"),
        ({"max_bytes": 3000, "temperature": 0}, "'temperature' parameter of compress"),
        ({"max_bytes": 3000, "max_iter": -1}, "'max_iter' parameter of compress"),
        ({"max_bytes": 3000, "X": TEXTS, "teacher": 3}, "'teacher' parameter of compress"),
        ({"max_bytes": 3000, "y": LABELS}, "y needs X"),
        ({"max_bytes": 3000, "teacher": STUDENT}, "teacher needs X"),
        ({"max_bytes": 3000, "X": TEXTS, "y": LABELS[1:]}, "inconsistent numbers"),
        ({"max_bytes": 3000, "X": TEXTS, "teacher": Biased(0, np.arange(3))}, "teacher must know the classes"),
    ],
)
def test_wrong_parameters_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        STUDENT.compress(**parameters)


def test_a_teacher_must_return_probabilities_of_all_classes():
    class Short:
        def predict_proba(self, texts):
            return np.ones((len(texts), 2))

    with pytest.raises(ValueError, match=r"must return the shape"):
        STUDENT.compress(3000, X=TEXTS, teacher=Short())
