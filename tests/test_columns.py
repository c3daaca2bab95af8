"""A column of texts becomes a column of predictions of the same length and kind."""

import pickle
import subprocess
import sys

import numpy as np
import pytest

from skdistill import TextPredictor

TEXTS = ["a superb film", None, "very dull", "", "words never seen"]
FILLED = ["" if text is None else text for text in TEXTS]


@pytest.fixture(scope="module")
def student(fitted):
    return fitted.extract("auxiliary")


@pytest.fixture(scope="module")
def path(student, tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.skd"
    student.save(path)
    return path


def pandas_series(values):
    pd = pytest.importorskip("pandas")
    return pd.Series(values, index=[f"row {i}" for i in range(len(values))], dtype=object)


def pandas_strings(values):
    return pandas_series(values).astype("string")


def polars_series(values):
    pl = pytest.importorskip("polars")
    return pl.Series(values, dtype=pl.String)


def arrow_array(values):
    pa = pytest.importorskip("pyarrow")
    return pa.array(values, pa.string())


def arrow_chunks(values):
    pa = pytest.importorskip("pyarrow")
    return pa.chunked_array([values[:2], [], values[2:]], pa.string())


def numpy_array(values):
    return np.array(values, dtype=object)


COLUMNS = [list, numpy_array, pandas_series, pandas_strings, polars_series, arrow_array, arrow_chunks]


def as_list(column):
    return next(getattr(column, name) for name in ("to_pylist", "tolist", "to_list") if hasattr(column, name))()


@pytest.mark.parametrize("column", COLUMNS)
def test_labels_are_those_of_predict_and_missing_texts_have_none(student, column):
    found = TextPredictor(student)(column(TEXTS))
    labels = student.predict(FILLED).tolist()
    assert [label if label == label else None for label in as_list(found)] == [labels[0], None, *labels[2:]]
    assert as_list(TextPredictor(student, missing="unread")(column(TEXTS))) == [labels[0], "unread", *labels[2:]]


@pytest.mark.parametrize("method", ["predict_proba", "decision_function"])
@pytest.mark.parametrize("column", COLUMNS)
def test_numbers_are_those_of_the_method_and_nan_for_missing_texts(student, column, method):
    expected = getattr(student, method)(FILLED)
    expected[1] = np.nan
    found = TextPredictor(student, method)(column(TEXTS))
    found = as_list(found) if hasattr(found, "to_pylist") else found
    np.testing.assert_array_equal(np.array(found, float), expected)


@pytest.mark.parametrize("missing", [None, "unread"])
@pytest.mark.parametrize("method", ["predict", "predict_proba", "decision_function"])
@pytest.mark.parametrize("column", COLUMNS)
def test_the_type_does_not_depend_on_the_rows(student, column, method, missing):
    predict = TextPredictor(student, method, missing=missing if method == "predict" else None)
    kinds = set()
    for texts in (TEXTS, FILLED, [None, None], []):
        found = predict(column(texts))
        assert len(found) == len(texts)
        dtypes = getattr(found, "dtypes", getattr(found, "dtype", getattr(found, "type", None)))
        columns = getattr(found, "columns", getattr(found, "shape", (0, 0))[1:])
        kinds.add((type(found), str(dtypes), str(columns)))
    assert len(kinds) == 1


@pytest.mark.parametrize("column", [pandas_series, pandas_strings])
def test_the_index_of_pandas_is_kept(student, column):
    given = column(TEXTS)
    assert TextPredictor(student)(given).index.equals(given.index)
    probabilities = TextPredictor(student, "predict_proba")(given)
    assert probabilities.index.equals(given.index)
    assert probabilities.columns.tolist() == student.classes_.tolist()


def test_labels_that_are_numbers_stay_numbers(reviews):
    from factory import fit

    pd, texts = pytest.importorskip("pandas"), reviews[0]
    student = fit(texts, np.arange(len(texts)) % 2).extract("main")
    found = TextPredictor(student)(pandas_series(TEXTS))
    assert found.dtype == "Int64"
    assert pd.isna(found.iloc[1])
    assert TextPredictor(student, missing=-1)(pandas_series(TEXTS)).dtype == "int64"
    assert TextPredictor(student, missing=-1)(TEXTS).dtype == np.int64
    assert TextPredictor(student, missing=-1, dtype=np.int8)(TEXTS).dtype == np.int8


def test_numbers_can_be_of_single_precision(student):
    assert TextPredictor(student, "predict_proba", dtype=np.float32)(TEXTS).dtype == np.float32


def test_multilabel_indicators_are_a_column_per_label(reviews):
    from factory import fit

    texts, labels = reviews
    y = np.column_stack([labels == "good", ["film" in text for text in texts]]).astype(int)
    student = fit(texts, y).extract("main")
    found = TextPredictor(student, missing=0)(TEXTS)
    np.testing.assert_array_equal(found, student.predict(FILLED) * [[1], [0], [1], [1], [1]])
    assert found.dtype.kind == "i"
    assert np.isnan(TextPredictor(student)(TEXTS)[1]).all()


@pytest.mark.parametrize("method", ["predict", "predict_proba"])
def test_a_path_predicts_as_the_student_does(student, path, method):
    for given in (path, str(path)):
        predict = pickle.loads(pickle.dumps(TextPredictor(given, method)))
        assert len(pickle.dumps(predict)) < 1000
        np.testing.assert_array_equal(predict(FILLED), TextPredictor(student, method)(FILLED))


def test_a_file_that_changes_is_read_again(fitted, tmp_path):
    path = tmp_path / "model.skd"
    fitted.extract("main").save(path)
    predict = TextPredictor(path, "predict_proba")
    before = predict(FILLED)
    fitted.extract("auxiliary").save(path)
    np.testing.assert_array_equal(predict(FILLED), fitted.extract("auxiliary").predict_proba(FILLED))
    assert not np.array_equal(before, predict(FILLED))


def test_a_path_needs_numpy_alone(path):
    code = (
        "import sys\n"
        'sys.modules.update(dict.fromkeys(["scipy", "sklearn", "tensorflow", "keras", "pandas", "joblib"]))\n'
        "from skdistill import TextPredictor\n"
        "print(len(TextPredictor(sys.argv[1])(['good', None])))"
    )
    found = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True)
    assert (found.stdout, found.stderr) == ("2\n", "")


def test_any_fitted_classifier_of_texts_can_be_the_student(reviews):
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    pipeline = make_pipeline(CountVectorizer(), LogisticRegression()).fit(*reviews)
    found = TextPredictor(pipeline)(np.array(TEXTS, dtype=object))
    assert found.tolist() == [
        label if text is not None else None for label, text in zip(pipeline.predict(FILLED), TEXTS)
    ]


def test_bad_arguments_are_named(student, path, tmp_path):
    with pytest.raises(ValueError, match=r"method must be one of 'predict', 'predict_proba'.* Got 'score'"):
        TextPredictor(student, "score")
    for thing in (3, object(), None, [student]):
        with pytest.raises(TypeError, match="student must be a fitted classifier"):
            TextPredictor(thing)
    with pytest.raises(ValueError, match="Got 'decision_function' for a Predictor"):
        TextPredictor(path, "decision_function")(TEXTS)
    with pytest.raises(FileNotFoundError, match=r"none\.skd"):
        TextPredictor(tmp_path / "none.skd")(TEXTS)
    with pytest.raises(TypeError, match=r"missing must be of the type of the labels, such as 'bad'\. Got -1"):
        TextPredictor(student, missing=-1)(TEXTS)


@pytest.mark.parametrize("column", ["one text", iter(TEXTS), 3, None, b"bytes"])
def test_what_is_no_column_is_refused(student, column):
    with pytest.raises(TypeError, match="The column must be a list"):
        TextPredictor(student)(column)


def test_a_table_is_refused(student):
    pd, pa = pytest.importorskip("pandas"), pytest.importorskip("pyarrow")
    for table in (pd.DataFrame({"text": TEXTS}), pa.table({"text": TEXTS}), np.array([FILLED])):
        with pytest.raises(ValueError, match="The column must be one-dimensional"):
            TextPredictor(student)(table)


def test_a_value_that_is_no_text_is_named_with_its_row(student):
    with pytest.raises(ValueError, match="Row 1 of X"):
        TextPredictor(student)(["good", 3])


def test_the_representation_is_short(student):
    assert (
        repr(TextPredictor(student))
        == "TextPredictor(ExtractedClassifier(...), method='predict', missing=None, dtype=None)"
    )
