"""Bad input raises an error that says what to do; unusual but valid input raises none."""

import os
import subprocess
import sys

import numpy as np
import pytest
import scipy.sparse
from factory import small
from sklearn.exceptions import NotFittedError
from sklearn.utils._param_validation import InvalidParameterError

from skdistill import DistilledTextClassifier, TextBag, TextTokenizer

pytestmark = pytest.mark.core

TEXTS = ["good food", "a good film", "bad food", "a bad film"] * 3
LABELS = ["pos", "pos", "neg", "neg"] * 3
IDS = np.array([[2, 3, 0], [2, 4, 5], [6, 3, 0], [6, 4, 5]] * 3)


def fit(X=TEXTS, y=LABELS, sample_weight=None, **parameters):
    """Some errors come before TensorFlow is needed: this does not ask whether it is there."""
    return small(**{"max_iter": 1} | parameters).fit(X, y, sample_weight=sample_weight)


def fit_ids(X=IDS, y=LABELS, **parameters):
    return fit(X, y, tokenizer="precomputed", **parameters)


def with_row(row, document):
    """The texts with another document in one row."""
    return [*TEXTS[:row], document, *TEXTS[row + 1 :]]


# Documents.


@pytest.mark.parametrize(
    ("X", "error", "words"),
    [
        ("good food", TypeError, r"single str.*\[text\]"),
        (b"good food", TypeError, "single bytes"),
        (iter(TEXTS), TypeError, "read once only.*list"),
        ((text for text in TEXTS), TypeError, "generator.*read once only"),
        (set(TEXTS), TypeError, "Got set"),
        (dict.fromkeys(TEXTS), TypeError, "Got dict"),
        (None, TypeError, "Got NoneType"),
        (scipy.sparse.csr_matrix(IDS), TypeError, "sparse matrix"),
        ([], ValueError, "0 documents"),
        (np.array([], dtype=str), ValueError, "0 documents"),
        (np.array([TEXTS, TEXTS]).T, ValueError, r"one-dimensional.*\(12, 2\)"),
        (IDS, ValueError, r"\(12, 3\) of numbers: for token ids, use tokenizer='precomputed'"),
        (with_row(2, None), ValueError, "Row 2 of X is missing"),
        (with_row(3, float("nan")), ValueError, "Row 3 of X is missing"),
        (np.array(with_row(3, np.nan), dtype=object), ValueError, "Row 3 of X is missing"),
        (with_row(0, 7), ValueError, "Row 0 of X is an int"),
        (with_row(5, 1.5), ValueError, "Row 5 of X is a float"),
        (with_row(1, b"good"), ValueError, "Row 1 of X is a bytes.*decode"),
        (with_row(4, ["good", "food"]), ValueError, "Row 4 of X is a list"),
        (with_row(4, np.zeros((2, 2))), ValueError, "Row 4 of X is an? ndarray"),
    ],
)
def test_documents_that_are_no_texts(X, error, words, fitted):
    with pytest.raises(error, match=words):
        fit(X)
    if isinstance(X, type(iter([]))):
        X = iter(TEXTS)
    for classifier in (fitted, fitted.extract()):
        with pytest.raises(error, match=words):
            classifier.predict(X)


def test_missing_documents_in_a_series_and_a_frame_are_reported(fitted):
    pd = pytest.importorskip("pandas")
    for dtype in (object, "string"):
        with pytest.raises(ValueError, match="Row 1 of X is missing"):
            fitted.predict(pd.Series(with_row(1, None), dtype=dtype))
    with pytest.raises(ValueError, match=r"one column.*\['text', 'id'\]: pass .*X\['text'\]"):
        fitted.predict(pd.DataFrame({"text": TEXTS, "id": TEXTS}))


def test_a_str_subclass_is_a_document(fitted):
    assert fitted.predict([np.str_("good film")]) == fitted.predict(["good film"])


# Labels.


@pytest.mark.parametrize("mode", [fit, fit_ids])
@pytest.mark.parametrize(
    ("y", "words"),
    [
        (["pos"] * 12, "at least 2 classes.*one class.*pos"),
        (LABELS[:-1], r"(?i)inconsistent numbers of samples.*12.*11|11.*12"),
        (None, "y"),
        ([["pos", "neg"]] * 12, "0 and 1 only. Got 'pos' in row 0, column 0: .*MultiOutput.*MultiLabelBinarizer"),
        (np.linspace(0, 1, 12), "Unknown label type"),
        ([0.0, 1.0] * 5 + [0.0, np.nan], "NaN"),
    ],
)
def test_labels_that_are_none(mode, y, words):
    pytest.importorskip("tensorflow")
    with pytest.raises(ValueError, match=words):
        mode(y=y)


def test_a_missing_label_is_named_by_its_row():
    pytest.importorskip("tensorflow")
    for missing in (float("nan"), np.float64("nan")):
        with pytest.raises(ValueError, match="row 7 has no label.*unlabeled_label=numpy.nan"):
            fit(y=np.array([*LABELS[:7], missing, *LABELS[8:]], dtype=object))


def test_a_missing_label_of_pandas_is_named_by_its_row():
    pytest.importorskip("tensorflow")
    pd = pytest.importorskip("pandas")
    with pytest.raises(ValueError, match="row 7 has no label"):
        fit(y=pd.Series([*LABELS[:7], pd.NA, *LABELS[8:]], dtype=object))


def test_labels_of_two_kinds_are_reported():
    pytest.importorskip("tensorflow")
    with pytest.raises(TypeError, match="labels of one type. Got int and str"):
        fit(y=np.array([1, "neg"] * 6, dtype=object))


# Parameters.


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("main", "lstm"),
        ("main", None),
        ("main", TextBag),
        ("auxiliary", "transformer"),
        ("auxiliary", 32),
        ("main_units", 0),
        ("main_units", 2.5),
        ("auxiliary_units", -1),
        ("tokenizer", "word"),
        ("tokenizer", str.split),
        ("n_tokens", 1),
        ("auxiliary_weight", -0.1),
        ("auxiliary_weight", "1"),
        ("transfer", "both"),
        ("transfer", None),
        ("transfer_weight", -1),
        ("temperature", 0),
        ("schedule", "random"),
        ("predict_with", "teacher"),
        ("max_iter", 0),
        ("max_iter", 1.5),
        ("batch_size", 0),
        ("learning_rate_init", 0),
        ("learning_rate", "cosine"),
        ("early_stopping", "yes"),
        ("validation_fraction", 0),
        ("validation_fraction", 1.0),
        ("n_iter_no_change", 0),
        ("tol", -1e-4),
        ("class_weight", "heavy"),
        ("random_state", "seed"),
        ("verbose", -1),
    ],
)
def test_parameters_out_of_range(name, value):
    with pytest.raises(InvalidParameterError, match=f"'{name}' parameter of DistilledTextClassifier"):
        fit(**{name: value})


@pytest.mark.parametrize("role", ["main", "auxiliary"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("units", 0),
        ("units", 2.5),
        ("ngrams", 0),
        ("subwords", 3),
        ("subwords", (0,)),
        ("subwords", (3.5,)),
        ("hidden", (2.5,)),
        ("hidden", (0,)),
        ("hidden", 8),
        ("hidden", None),
        ("token_dropout", 1),
        ("token_dropout", -0.1),
    ],
)
def test_network_parameters_out_of_range(role, name, value):
    pytest.importorskip("tensorflow")
    with pytest.raises(ValueError, match=f"'{name}'.* must "):
        fit(**{role: TextBag(**{name: value})})


def test_sizes_may_be_an_array():
    pytest.importorskip("tensorflow")
    classifier = fit(main=TextBag(hidden=np.array([4]), subwords=np.array([2, 3])))
    assert classifier._networks["main"].weights["kernel_0"].shape == (64, 4)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_tokens", 2),
        ("sequence_length", 0),
        ("lowercase", "no"),
        ("analyzer", "sentence"),
        ("min_df", -1),
        ("min_df", 1.5),
        ("padding", "left"),
        ("truncating", None),
    ],
)
def test_tokenizer_parameters_out_of_range(name, value):
    pytest.importorskip("tensorflow")
    with pytest.raises(InvalidParameterError, match=f"'{name}' parameter of TextTokenizer"):
        fit(tokenizer=TextTokenizer(**{name: value}))


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"auxiliary": None, "predict_with": "auxiliary"}, "predict_with='auxiliary' needs an auxiliary network"),
        ({"auxiliary": None, "predict_with": "ensemble"}, "predict_with='ensemble' needs an auxiliary network"),
        ({"auxiliary": None, "auxiliary_units": 8}, "auxiliary_units=8 needs an auxiliary network"),
        (
            {"auxiliary_units": 8},
            r"auxiliary_units=8 is the size of a network that does not set its own.*TextBag\(.*set auxiliary__units",
        ),
        ({"n_tokens": 100}, "n_tokens needs tokenizer='precomputed'"),
        ({"n_tokens": 100, "auxiliary": None}, "n_tokens needs tokenizer='precomputed'"),
    ],
)
def test_parameters_that_contradict_each_other(parameters, words):
    with pytest.raises(ValueError, match=words):
        fit(**parameters)


def test_an_unweighted_auxiliary_network_may_learn_from_the_transfer():
    pytest.importorskip("tensorflow")
    assert fit(auxiliary_weight=0, transfer="to_auxiliary").auxiliary_ is not None


# Weights.


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"sample_weight": np.zeros(12)}, "(?i)sample.weights? must (be above 0|contain at least one non-zero)"),
        ({"sample_weight": -np.ones(12)}, "(?i)negative"),
        ({"sample_weight": np.ones(11)}, "(?i)sample_weight"),
        ({"sample_weight": np.full(12, np.nan)}, "NaN"),
        ({"sample_weight": [1, 1, 0, 0] * 3}, "at least 2 classes.*pos"),
        (
            {"class_weight": {"pos": 1, "odd": 2}},
            "class_weight has keys that are not classes of y, 'odd', .*without a weight, 'neg'",
        ),
        ({"class_weight": {"pos": -1}}, "class_weight must hold finite numbers of at least 0"),
        ({"class_weight": {"pos": 0, "neg": 0}}, "class_weight"),
        ({"class_weight": {"pos": float("nan")}}, "class_weight"),
        ({"class_weight": {"pos": float("inf")}}, "class_weight"),
    ],
)
def test_weights_that_cannot_be(parameters, words):
    pytest.importorskip("tensorflow")
    with pytest.raises(ValueError, match=words):
        fit(**parameters)


def test_early_stopping_without_a_row_to_spare():
    pytest.importorskip("tensorflow")
    with pytest.raises(ValueError, match="early_stopping needs validation rows"):
        fit(TEXTS[1:3], LABELS[1:3], early_stopping=True)


def test_early_stopping_counts_rows_with_labels():
    pytest.importorskip("tensorflow")
    with pytest.raises(ValueError, match="0.1 of 2 rows with labels leaves none"):
        fit(y=["pos", "neg", *[None] * 10], early_stopping=True)


# Token ids.


@pytest.mark.parametrize(
    ("X", "error", "words"),
    [
        (IDS - 1, ValueError, "Negative values in data"),
        (IDS + 0.5, ValueError, "whole numbers.*fractions in row 0"),
        (np.where(np.arange(12)[:, None] == 4, IDS + 0.25, IDS), ValueError, "fractions in row 4"),
        (scipy.sparse.csr_matrix(IDS), TypeError, "(?i)sparse"),
        (IDS[:0], ValueError, "0 sample"),
        (IDS[0], ValueError, "2D array"),
        (np.where(IDS == 5, np.nan, IDS), ValueError, "NaN"),
        (TEXTS, ValueError, ".*"),
    ],
)
def test_ids_that_are_none(X, error, words):
    pytest.importorskip("tensorflow")
    fitted = fit_ids()
    with pytest.raises(error, match=words):
        fit_ids(X)
    for classifier in (fitted, fitted.extract()):
        with pytest.raises(error, match=words):
            classifier.predict(X)


def test_ids_beyond_32_bits_are_refused_in_fit():
    pytest.importorskip("tensorflow")
    with pytest.raises(ValueError, match="below n_tokens=2147483647. Got 10000000006"):
        DistilledTextClassifier(tokenizer="precomputed").fit(IDS + 10**10, np.arange(len(IDS)) % 2)


def test_ids_must_stay_below_n_tokens_in_fit():
    pytest.importorskip("tensorflow")
    with pytest.raises(ValueError, match="below n_tokens=6. Got 6"):
        fit_ids(n_tokens=6)
    assert fit_ids(n_tokens=7).tokenizer_ is None


@pytest.mark.parametrize("n_tokens", [None, 7, 20])
def test_larger_ids_are_unknown_in_prediction(n_tokens):
    pytest.importorskip("tensorflow")
    classifier = fit_ids(n_tokens=n_tokens, max_iter=3)
    strange = [[2, 6, 30], [2, 6, 10**9]]
    unknown = [[2, 6, 1]] * 2
    np.testing.assert_array_equal(classifier.predict_proba(strange), classifier.predict_proba(unknown))


def test_the_number_of_columns_must_be_that_of_fit():
    pytest.importorskip("tensorflow")
    classifier = fit_ids()
    for predicting in (classifier, classifier.extract()):
        with pytest.raises(ValueError, match="X has 2 features.*expecting 3"):
            predicting.predict(IDS[:, :2])


# Before fit, and networks that are not there.


@pytest.mark.parametrize("method", ["predict", "predict_proba", "predict_log_proba", "decision_function"])
def test_prediction_needs_a_fit(method):
    with pytest.raises(NotFittedError):
        getattr(DistilledTextClassifier(), method)(TEXTS)


@pytest.mark.parametrize("method", ["extract", "to_keras"])
def test_networks_need_a_fit(method):
    with pytest.raises(NotFittedError):
        getattr(DistilledTextClassifier(), method)()


@pytest.mark.parametrize("method", ["extract", "to_keras"])
def test_networks_that_are_not_there(method):
    pytest.importorskip("tensorflow")
    classifier = fit(auxiliary=None)
    with pytest.raises(ValueError, match="no auxiliary network"):
        getattr(classifier, method)("auxiliary")
    with pytest.raises(ValueError, match="must be 'main' or 'auxiliary'. Got 'teacher'"):
        getattr(classifier, method)("teacher")


# No errors.


@pytest.mark.parametrize("text", ["", " \n\t", "unheard words only", "\0", "\ud800", "good " * 200_000])
def test_odd_documents_are_predicted(text, fitted):
    for classifier in (fitted, fitted.extract("auxiliary")):
        probabilities = classifier.predict_proba([text, "good film", text])
        assert np.isfinite(probabilities).all()
        np.testing.assert_allclose(probabilities[[0, 2]], classifier.predict_proba([text] * 2), atol=1e-6)


def test_an_odd_document_is_learned_from():
    pytest.importorskip("tensorflow")
    classifier = fit([*TEXTS, "", "good " * 200_000], [*LABELS, "neg", "pos"])
    assert np.isfinite(classifier.predict_proba(TEXTS)).all()


def test_training_documents_may_all_be_empty():
    pytest.importorskip("tensorflow")
    classifier = fit([""] * 12, max_iter=3)
    probabilities = classifier.predict_proba(["", "good film"])
    assert np.isfinite(probabilities).all()
    np.testing.assert_allclose(probabilities[0], probabilities[1])
    assert np.isfinite(fit_ids(np.zeros_like(IDS)).predict_proba(IDS)).all()


# Other processes.

PREPARE = """
import sys
from skdistill import DistilledTextClassifier
texts, labels = ["good food", "a good film", "bad food", "a bad film"] * 5, [1, 1, 0, 0] * 5
"""


def run(code, **environment):
    return subprocess.run(
        [sys.executable, "-c", PREPARE + code], capture_output=True, text=True, env={**os.environ, **environment}
    )


def test_another_backend_of_keras_is_reported():
    """Whether or not that backend is installed."""
    pytest.importorskip("tensorflow")
    result = run("DistilledTextClassifier().fit(texts, labels)", KERAS_BACKEND="jax")
    assert result.returncode == 1
    error = result.stderr.strip().splitlines()[-1]
    assert error.startswith("ImportError: ")
    assert "KERAS_BACKEND" in error
    assert "'jax'" in error


def test_without_tensorflow_fit_says_what_to_install():
    """Whether or not Keras is there."""
    result = run("""
import traceback
for absent in ("tensorflow", "keras"):
    sys.modules[absent] = None
    try:
        DistilledTextClassifier().fit(texts, labels)
    except Exception as error:  # its text is compared below
        print(*traceback.format_exception_only(error), end="")
""")
    assert result.returncode == 0
    errors = result.stdout.splitlines()
    assert len(errors) == 2
    for error in errors:
        assert error.startswith("ImportError: Training and to_keras() need TensorFlow")
        assert "pip install 'skdistill[train]'" in error
