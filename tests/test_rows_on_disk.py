"""Fits of texts on disk: bit by bit those of a list, and nothing is left behind where one fails."""

import gc
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from factory import fit, small, weights_of
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils.validation import check_is_fitted

pa = pytest.importorskip("pyarrow")
pytest.importorskip("tensorflow")
import pyarrow.parquet  # noqa: E402, F401

from skdistill import (  # noqa: E402
    DistilledTextClassifier,
    DistilledTextClassifierCV,
    ParquetTexts,
    TextBag,
    TextTokenizer,
    TransferSet,
)
from skdistill.inspection import distillation_report  # noqa: E402


def write(path, texts):
    pa.parquet.write_table(pa.table({"text": pa.array(texts, pa.string())}), path, row_group_size=16)
    return path


@pytest.fixture(scope="module")
def on_disk(three_classes, tmp_path_factory):
    """The texts of ``three_classes``, in two files."""
    folder = tmp_path_factory.mktemp("rows")
    write(folder / "a.parquet", three_classes[0][:50])
    write(folder / "b.parquet", three_classes[0][50:])
    return ParquetTexts(folder)


@pytest.fixture(autouse=True)
def chunks(monkeypatch):
    """Texts on disk come in several chunks."""
    monkeypatch.setattr("skdistill._input.chunks.CHUNK", 32)


def assert_equal(listed, found, X, texts):
    for role, network in listed._networks.items():
        np.testing.assert_array_equal(weights_of(network), weights_of(found._networks[role]))
    expected = listed.predict_proba(texts)
    np.testing.assert_array_equal(expected, found.predict_proba(texts))
    np.testing.assert_array_equal(expected, found.predict_proba(X))
    assert repr(listed.history_) == repr(found.history_)  # NaN is like NaN there
    assert getattr(listed.tokenizer_, "vocabulary_", None) == getattr(found.tokenizer_, "vocabulary_", None)


def linear():
    return make_pipeline(TfidfVectorizer(), LogisticRegression())


GENERATOR = np.random.default_rng(0)
SOFT = GENERATOR.dirichlet([1, 1, 1], 120)
SOFT[::5] = np.nan
WITHOUT_PATH = TextBag(units=8, linear_weight=0)
FITS = {
    "bags": {},
    "without linear paths": {"main": WITHOUT_PATH, "auxiliary": WITHOUT_PATH},
    "characters and early stopping": {
        "tokenizer": TextTokenizer(analyzer="char", min_df=3),
        "early_stopping": True,
        "validation_fraction": 0.3,
    },
    "cnn": {"main": "cnn", "early_stopping": True},
    "callable analyzer": {"tokenizer": TextTokenizer(analyzer=str.split)},
    "soft targets": {"soft_targets": SOFT, "soft_target_classes": ["bad", "good", "other"]},
    "weights of 0": {"sample_weight": GENERATOR.integers(0, 3, 120)},
    "teacher out of fold": {"teacher": linear()},
    "teacher in sample": {"teacher": linear(), "teacher_cv": "in_sample"},
    "rows without label": {"teacher": linear(), "unlabeled_label": "other"},
    "transfer set": {"X_unlabeled": TransferSet(n_copies=2, random_state=0)},
}


@pytest.mark.parametrize("given", FITS.values(), ids=FITS)
def test_a_fit_on_disk_is_that_of_the_list(given, three_classes, on_disk):
    texts, y = three_classes
    assert_equal(fit(texts, y, **given), fit(on_disk, y, **given), on_disk, texts)


def test_the_memory_of_a_teacher_knows_texts_on_disk(three_classes, on_disk, tmp_path):
    y = three_classes[1]
    given = {"teacher": linear(), "teacher_memory": str(tmp_path)}
    first, second = fit(on_disk, y, **given), fit(on_disk[np.arange(120)], y, **given)
    assert [student.teacher_report_[0]["n_cached"] for student in (first, second)] == [0, 120]
    np.testing.assert_array_equal(first.predict_proba(on_disk), second.predict_proba(on_disk))
    assert fit(on_disk[:60], y[:60], **given).teacher_report_[0]["n_cached"] == 0  # other rows


def test_rows_in_another_order_are_those_of_the_list(three_classes, on_disk):
    texts, y = three_classes
    order = GENERATOR.permutation(120)
    listed = fit([texts[row] for row in order], y[order])
    assert_equal(listed, fit(on_disk[order], y[order]), on_disk, texts)


def test_multilabel_rows_are_those_of_the_list(three_classes, on_disk):
    texts, y = three_classes
    Y = (y[:, None] == np.unique(y)).astype(int)
    Y[:, 2] = GENERATOR.integers(0, 2, 120)
    given = {"early_stopping": True, "soft_targets": GENERATOR.random((120, 3))}
    assert_equal(fit(texts, Y, **given), fit(on_disk, Y, **given), on_disk, texts)


def test_validation_and_unlabelled_texts_may_be_on_disk(three_classes, on_disk):
    texts, y = three_classes
    frozen = FrozenEstimator(linear().fit(texts, y))
    common = {"y_val": y[:30], "teacher": frozen}
    listed = fit(texts[30:70], y[30:70], X_val=texts[:30], X_unlabeled=texts[70:], **common)
    found = fit(on_disk[30:70], y[30:70], X_val=on_disk[:30], X_unlabeled=on_disk[70:], **common)
    assert_equal(listed, found, on_disk, texts)
    batches = fit(texts[30:70], y[30:70], X_val=texts[:30], X_unlabeled=[on_disk[70:90], texts[90:]], **common)
    assert_equal(listed, batches, on_disk, texts)


def test_beyond_a_window_a_fit_learns_as_well(three_classes, on_disk, monkeypatch):
    monkeypatch.setattr("skdistill._keras.epochs.WINDOW", 40)
    monkeypatch.setattr("skdistill._training.linear_paths._MOST_ON_DISK", 5000)
    texts, y = three_classes
    listed, found = fit(texts, y, max_iter=10), fit(on_disk, y, max_iter=10)
    assert not np.array_equal(listed.predict_proba(texts), found.predict_proba(texts))
    assert found.score(on_disk, y) == listed.score(texts, y) == 1


@pytest.mark.slow
def test_searches_and_reports_are_those_of_the_list(three_classes, on_disk):
    texts, y = three_classes
    both = [cross_val_score(small(max_iter=2), X, y, cv=2, scoring="neg_log_loss") for X in (texts, on_disk)]
    np.testing.assert_array_equal(*both)
    searches = [
        DistilledTextClassifierCV(small(max_iter=2), cv=2, scoring="neg_log_loss").fit(X, y) for X in (texts, on_disk)
    ]
    np.testing.assert_array_equal(*[search.scores_ for search in searches])
    assert searches[1].score(on_disk, y) == searches[0].score(texts, y)
    reports = [distillation_report(small(max_iter=1), X, y, cv=2) for X in (texts, on_disk)]
    assert reports[0].verdict_["main"] == reports[1].verdict_["main"]


def test_an_extracted_classifier_predicts_and_compresses_them(three_classes, on_disk):
    texts, y = three_classes
    student = fit(texts, y).extract()
    np.testing.assert_array_equal(student.predict(texts), student.predict(on_disk))
    listed, found = (student.compress(5000, X=X, y=y, random_state=0) for X in (texts, on_disk))
    np.testing.assert_array_equal(listed.predict_proba(texts), found.predict_proba(texts))


def open_files():
    """Return how many files are open; libraries may open pipes and sockets at any time."""
    gc.collect()
    links = [Path("/proc/self/fd", number) for number in os.listdir("/proc/self/fd")]
    return sum(link.is_file() for link in links)


def fails(tmp_path, on_disk, y, error, message, X=None, **given):
    """Check that fits fail with an error, leave the estimator as it was, and nothing on disk."""
    X = on_disk if X is None else X
    student = fit(on_disk[:60], y[:60], max_iter=1)
    before, attributes = student.predict_proba(on_disk), set(vars(student))
    tempfile.tempdir = str(tmp_path / "temporary")
    os.mkdir(tempfile.tempdir)
    try:
        n_files = open_files()
        for classifier in (student, DistilledTextClassifier(max_iter=1)):
            with pytest.raises(error, match=message):
                classifier.set_params(**given).fit(X, y)
        assert os.listdir(tempfile.tempdir) == []
        assert open_files() <= n_files
    finally:
        tempfile.tempdir = None
    np.testing.assert_array_equal(student.predict_proba(on_disk), before)
    assert set(vars(student)) == attributes
    with pytest.raises(NotFittedError):
        check_is_fitted(classifier)


def test_predictions_in_several_chunks_are_the_same_and_name_the_row_that_an_analyzer_refuses(
    three_classes, on_disk, tmp_path, monkeypatch
):
    texts, y = three_classes
    student = fit(texts, y, tokenizer=TextTokenizer(analyzer=words_of))
    expected = student.predict_proba(texts)
    monkeypatch.setattr("skdistill._prediction._ON_DISK", 16)
    np.testing.assert_array_equal(student.predict_proba(on_disk), expected)
    refused = ParquetTexts(write(tmp_path / "rows.parquet", [*texts[:100], "refused", *texts[101:]]))
    with pytest.raises(TypeError, match="Got None for row 100 of X"):
        student.predict(refused)


def words_of(text):
    return None if text == "refused" else text.split()


def test_a_missing_text_is_named_and_the_estimator_stays(three_classes, on_disk, tmp_path):
    texts, y = three_classes
    missing = ParquetTexts(write(tmp_path / "rows.parquet", [*texts[:100], None, *texts[101:]]))
    fails(tmp_path, on_disk, y, ValueError, "Row 100 of '.*rows.parquet' is missing", X=missing)


def test_a_file_that_is_gone_half_way_is_named(three_classes, on_disk, tmp_path):
    texts, y = three_classes
    paths = [write(tmp_path / f"{i}.parquet", texts[i * 40 : i * 40 + 40]) for i in range(3)]
    gone = ParquetTexts(paths)
    paths[2].unlink()
    fails(tmp_path, on_disk, y, FileNotFoundError, "was there when the texts were opened.*2.parquet", X=gone)


class Deleting(LogisticRegression):
    """A teacher that deletes a file while the fit goes on."""

    def __init__(self, path=None):
        super().__init__()
        self.path = path

    def fit(self, X, y):
        os.unlink(self.path)
        return super().fit(X, y)


def test_a_file_that_goes_while_a_teacher_is_fitted_is_named(three_classes, tmp_path):
    texts, y = three_classes
    path = write(tmp_path / "rows.parquet", texts)
    with pytest.raises(FileNotFoundError, match=r"rows\.parquet"):
        small(teacher=make_pipeline(TfidfVectorizer(), Deleting(path))).fit(ParquetTexts(path), y)


def test_there_must_be_texts_and_as_many_as_labels(three_classes, on_disk, tmp_path):
    y = three_classes[1]
    with pytest.raises(ValueError, match="Found 0 documents in X while a minimum of 1 is required"):
        small().fit(on_disk[:0], [])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        small().fit(on_disk[:50], y)
    with pytest.raises(TypeError, match="X must be token ids with tokenizer='precomputed'. Got ParquetTexts"):
        small(tokenizer="precomputed").fit(on_disk, y)


def test_a_fit_leaves_no_file_behind(three_classes, on_disk):
    y = three_classes[1]
    student = fit(on_disk, y, teacher=linear())
    n_files = open_files()
    for _ in range(2):
        student = fit(on_disk, y, teacher=linear())
        student.predict(on_disk[GENERATOR.permutation(120)])
    assert open_files() <= n_files


FULL_DISK = """
import resource, sys, tempfile, os
import numpy as np
from sklearn.utils.validation import check_is_fitted
from sklearn.exceptions import NotFittedError
from skdistill import DistilledTextClassifier, ParquetTexts
texts = ParquetTexts(sys.argv[1])
labels = np.arange(len(texts)) % 2
classifier = DistilledTextClassifier(max_iter=1)
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, resource.RLIM_INFINITY))
for X in (texts, texts[np.random.default_rng(0).permutation(len(texts))]):
    try:
        classifier.fit(X, labels)
    except OSError as error:
        print(error)
print(os.listdir(tempfile.gettempdir()), hasattr(classifier, "classes_"))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no limits of resources there")
def test_a_full_disk_is_said(tmp_path):
    path = write(tmp_path / "rows.parquet", [f"text {i} is good" for i in range(25_000)])
    (tmp_path / "full").mkdir()
    command = [sys.executable, "-c", FULL_DISK, path]
    environment = os.environ | {"TMPDIR": str(tmp_path / "full")}
    found = subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout
    line = (
        f"[Errno 27] A temporary file could not be written to {tmp_path / 'full'} (File too large): free space there, "
        "or set the environment variable TMPDIR to a folder on a larger disk\n"
    )
    assert found == 2 * line + "[] False\n"
