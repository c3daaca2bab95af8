"""ParquetTexts: texts on disk behave as an array of the same texts, and what cannot be read is said."""

import json
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.model_selection import GridSearchCV, ShuffleSplit, cross_val_predict, train_test_split
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.utils import resample

pa = pytest.importorskip("pyarrow")
import pyarrow.csv  # noqa: E402
import pyarrow.parquet  # noqa: E402, F401

from skdistill import ParquetTexts  # noqa: E402
from skdistill.text import row_order  # noqa: E402

TEXTS = [f"text {i} " + "wörd " * (i % 7) for i in range(500)]
STRANGE = ["", "a, b", 'a "quoted" text', "two\nlines", "2024-05-01", "007", "null", "  ", "電影 😀", "{}"]
ENDINGS = (".parquet", ".csv", ".jsonl")


def write(path, texts=TEXTS, group=40, **columns):
    """Write texts to a file whose name tells its format, and return its path."""
    texts = texts if isinstance(texts, pa.Array) else pa.array(texts, pa.string())
    table = pa.table({"n": pa.array(range(len(texts))), "text": texts, **columns})
    if path.suffix == ".parquet":
        pa.parquet.write_table(table, path, row_group_size=group)
    elif path.suffix == ".csv":
        pa.csv.write_csv(table, path)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in table.to_pylist()))
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("texts")
    write(folder / "a.parquet", TEXTS[:220])
    write(folder / "b.parquet", TEXTS[220:])
    return folder


@pytest.fixture
def texts(folder):
    return ParquetTexts(folder)


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_texts_of_a_file_are_those_that_were_written(tmp_path, ending):
    texts = ParquetTexts(write(tmp_path / f"rows{ending}", STRANGE))
    assert list(texts) == list(texts) == STRANGE
    assert (len(texts), texts.shape) == (10, (10,))


@pytest.mark.parametrize("kind", [pa.large_string(), pa.dictionary(pa.int32(), pa.string()), pa.string_view()])
def test_all_types_of_text_of_arrow_are_read(tmp_path, kind):
    path = tmp_path / "rows.arrow.parquet"
    try:
        pa.parquet.write_table(pa.table({"body": pa.array(STRANGE).cast(kind)}), path)
    except pa.ArrowNotImplementedError:  # of older versions
        pytest.skip("this version does not write the type")
    texts = ParquetTexts(path, "body")
    assert list(texts) == STRANGE
    assert list(texts[[7, 2]]) == [STRANGE[7], STRANGE[2]]


def test_files_come_in_the_order_of_their_names_or_as_listed(tmp_path):
    (tmp_path / "b").mkdir()
    for name, text in {"b/1.parquet": "b1", "a.parquet": "a", "c.parquet": "c"}.items():
        write(tmp_path / name, [text])
    write(tmp_path / "_metadata.parquet", ["hidden"])
    (tmp_path / "_SUCCESS").touch()
    assert list(ParquetTexts(tmp_path)) == ["a", "b1", "c"]
    assert list(ParquetTexts([tmp_path / "c.parquet", str(tmp_path / "a.parquet")])) == ["c", "a"]


def test_the_format_may_be_named(tmp_path):
    path = write(tmp_path / "rows.jsonl", STRANGE).rename(tmp_path / "rows.txt")
    assert list(ParquetTexts(path, format="json")) == STRANGE


GENERATOR = np.random.default_rng(0)
ROWS = {
    "all": slice(None),
    "slice": slice(30, 400),
    "steps": slice(5, 480, 7),
    "backwards": slice(None, None, -1),
    "empty slice": slice(9, 9),
    "ascending": np.arange(0, 500, 3),
    "neighbours": np.arange(200, 300),
    "mask": np.arange(500) % 3 == 0,
    "list": [3, 499, 0],
    "negative": np.array([-1, -500, 7]),
    "none": [],
    "shuffled": GENERATOR.permutation(500),
    "with repetitions": GENERATOR.integers(0, 500, 700),
    "small type": np.array([1, 250], np.uint8),
}


@pytest.mark.parametrize("rows", ROWS.values(), ids=ROWS)
def test_rows_are_taken_as_of_an_array(texts, rows, monkeypatch):
    monkeypatch.setattr(row_order, "_PART", 64)  # several parts
    array = np.array(TEXTS, dtype=object)
    expected = array[rows].tolist() if not isinstance(rows, list) or rows else []
    view = texts[rows]
    assert isinstance(view, ParquetTexts)
    assert list(view) == list(pickle.loads(pickle.dumps(view))) == expected
    assert list(view[::2]) == expected[::2]
    for row in (0, len(expected) // 2, -1) if expected else ():
        assert view[row] == expected[row]


def test_views_of_views_count_their_own_rows(texts):
    view = texts[100:400][np.arange(0, 300, 2)][::-1][[True, False] * 75]
    assert list(view) == np.array(TEXTS, dtype=object)[100:400:2][::-1][::2].tolist()


@pytest.mark.parametrize(
    "key", [500, -501, [500], [-501], [0.5], np.zeros((2, 2), int), np.ones(3, bool), (0, 1), "text", None]
)
def test_rows_that_are_none_raise_an_index_error(texts, key):
    with pytest.raises(IndexError):
        texts[key]


def test_a_collection_pickles_as_a_path_and_its_rows(texts):
    assert len(pickle.dumps(texts)) < 500
    assert len(pickle.dumps(texts[20:480])) < 500
    assert len(pickle.dumps(texts[GENERATOR.permutation(500)])) < 500 + 2 * 500  # two bytes a row
    assert "TextFile" not in repr(pickle.dumps(texts))


def test_texts_become_an_array(texts):
    np.testing.assert_array_equal(np.asarray(texts), np.array(TEXTS, dtype=object))


def test_the_representation_tells_path_column_and_number_of_texts(texts, folder):
    assert repr(texts) == f"ParquetTexts({str(folder)!r}, 'text': 500 texts)"
    assert repr(texts[:9]) == f"ParquetTexts({str(folder)!r}, 'text': 9 texts of 500)"
    path = str(folder / "a.parquet")
    assert repr(ParquetTexts([path] * 300)) == f"ParquetTexts([{path!r}, ...], 'text': 66,000 texts)"


class Counting(ParquetTexts):
    """Counts the texts that are read."""

    n_read = 0

    def _ascending(self, rows):
        for batch in super()._ascending(rows):
            Counting.n_read += len(batch)
            yield batch


def test_any_order_is_read_in_one_pass(folder, monkeypatch):
    monkeypatch.setattr(row_order, "_PART", 10)
    shuffled = Counting(folder)[GENERATOR.permutation(500)]
    list(shuffled)
    assert Counting.n_read == 500


def test_groups_without_the_rows_are_not_read(tmp_path):
    path = write(tmp_path / "rows.parquet", group=50)
    data = bytearray(path.read_bytes())
    texts = ParquetTexts(path)
    group = pa.parquet.ParquetFile(path).metadata.row_group(3).column(1)
    start = group.dictionary_page_offset or group.data_page_offset
    data[start : start + group.total_compressed_size] = b"x" * group.total_compressed_size
    stat = path.stat()
    path.write_bytes(data)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert list(texts[:150]) == TEXTS[:150]
    assert list(texts[np.r_[0:100, 300:400]]) == TEXTS[:100] + TEXTS[300:400]
    with pytest.raises((ValueError, OSError)):
        list(texts)


def test_a_group_of_rows_is_not_read_at_once(tmp_path):
    path = write(tmp_path / "rows.parquet", [f"{i:0>1000}" for i in range(60_000)], group=60_000)
    texts, before, most = ParquetTexts(path), pa.total_allocated_bytes(), 0
    for i, _ in enumerate(texts):
        if not i % 5000:
            most = max(most, pa.total_allocated_bytes() - before)
    assert most < 30_000_000  # of 60 million bytes of text


CLASSIFIER = make_pipeline(CountVectorizer(), MultinomialNB())
LABELS = np.arange(500) % 7 > 3


def test_scikit_learn_splits_it_as_a_list(texts):
    parts = train_test_split(texts, LABELS, random_state=0), train_test_split(TEXTS, LABELS, random_state=0)
    assert [list(part) for part in parts[0]] == [list(part) for part in parts[1]]
    assert list(resample(texts, random_state=0)) == resample(TEXTS, random_state=0)
    for cv in (3, ShuffleSplit(2, random_state=0)):
        found, expected = (
            GridSearchCV(CLASSIFIER, {"multinomialnb__alpha": [0.1, 1]}, cv=cv).fit(X, LABELS).cv_results_
            for X in (texts, TEXTS)
        )
        np.testing.assert_array_equal(found["mean_test_score"], expected["mean_test_score"])


@pytest.mark.slow
def test_worker_processes_read_it_themselves(texts):
    found = cross_val_predict(CLASSIFIER, texts, LABELS, cv=3, n_jobs=2)
    np.testing.assert_array_equal(found, cross_val_predict(CLASSIFIER, TEXTS, LABELS, cv=3))


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_column_that_is_not_there_is_named_with_those_that_are(tmp_path, ending):
    with pytest.raises(ValueError, match=r"There is no column 'body' in '.*'. Its columns: \['n', 'text'\]"):
        ParquetTexts(write(tmp_path / f"rows{ending}"), "body")


@pytest.mark.parametrize("ending", [".parquet", ".jsonl"])
def test_a_column_of_numbers_is_none_of_texts(tmp_path, ending):
    with pytest.raises(ValueError, match="The column 'n' of '.*' must hold texts. It holds int64"):
        ParquetTexts(write(tmp_path / f"rows{ending}"), "n")


def test_a_file_whose_columns_differ_is_named(tmp_path):
    write(tmp_path / "a.parquet")
    pa.parquet.write_table(pa.table({"body": TEXTS}), tmp_path / "b.parquet")
    with pytest.raises(ValueError, match=r"no column 'text' in '.*b.parquet'. Its columns: \['body'\]"):
        ParquetTexts(tmp_path)


@pytest.mark.parametrize("ending", [".parquet", ".jsonl"])
def test_a_missing_text_is_named_by_its_row_and_file(tmp_path, ending):
    write(tmp_path / f"a{ending}", TEXTS[:60])
    write(tmp_path / f"b{ending}", [*TEXTS[:47], None, "good"])
    texts = ParquetTexts(tmp_path)
    with pytest.raises(
        ValueError, match=rf"Row 47 of '.*b{ending}' is missing \(null in the column 'text'\): drop it"
    ):
        list(texts)
    with pytest.raises(ValueError, match="Row 47 of"):
        list(texts[[108, 107, 2, 1, 0, 5]])
    assert list(texts[[108, 3]]) == ["good", TEXTS[3]]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("none.parquet", "none.parquet"),
        ("empty", "path must be or hold files that end in .csv, .jsonl, .parquet. Found none in the folder"),
        ([], "Found none in an empty list"),
        ("rows.txt", "The files must have one ending of .parquet, .csv, .jsonl. Got .txt"),
        (["rows.csv", "rows.jsonl"], "Got .csv, .jsonl: pass files of one kind"),
        ("broken.parquet", "broken.parquet' cannot be read"),
        ("broken.csv", "broken.csv' cannot be read"),
    ],
)
def test_what_cannot_be_opened_is_said(tmp_path, monkeypatch, path, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    for name in ("rows.csv", "rows.jsonl"):
        write(tmp_path / name)
    (tmp_path / "rows.txt").touch()
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 no parquet")
    (tmp_path / "broken.csv").write_text("text\na,b\n")
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        ParquetTexts(path)


def test_wrong_arguments_raise_errors(folder):
    with pytest.raises(TypeError, match="path must be a file, a folder or a list of files. Got int"):
        ParquetTexts(3)
    with pytest.raises(ValueError, match=r"format must be one of \['csv', 'json', 'parquet'\], or None. Got 'xml'"):
        ParquetTexts(folder, format="xml")


def test_a_number_in_a_later_block_of_json_is_said(tmp_path):
    path = tmp_path / "rows.jsonl"
    rows = [{"text": "good"}] * 60_000 + [{"text": 3}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(ValueError, match="rows.jsonl' cannot be read"):
        list(ParquetTexts(path))


@pytest.mark.parametrize("is_pickled", [False, True])
def test_a_file_that_has_changed_or_is_gone_is_named(tmp_path, is_pickled):
    path = write(tmp_path / "rows.parquet")
    texts = ParquetTexts(path)
    if is_pickled:
        texts = pickle.loads(pickle.dumps(texts))
    write(path, TEXTS[:100])
    with pytest.raises(ValueError, match=r"rows.parquet' (has changed since|had \d+ bytes before)"):
        list(texts)
    path.unlink()
    with pytest.raises(FileNotFoundError, match="rows.parquet"):
        list(texts)


def test_a_file_that_changes_while_it_is_read_is_named(tmp_path):
    path = write(tmp_path / "rows.csv", [f"text {i}" for i in range(200_000)])
    texts = iter(ParquetTexts(path))
    next(texts)
    path.write_text("text\nother\n")
    with pytest.raises(ValueError, match="rows.csv' has changed"):
        list(texts)


def test_a_file_without_rows_has_no_texts(tmp_path):
    texts = ParquetTexts(write(tmp_path / "rows.parquet", []))
    assert len(texts) == 0
    assert list(texts) == list(texts[[]]) == []


def test_without_pyarrow_the_error_says_what_to_install():
    code = (
        "import sys, importlib.util as util\n"
        "find = util.find_spec\n"
        "util.find_spec = lambda name, *rest: None if name == 'pyarrow' else find(name, *rest)\n"
        "from skdistill import ParquetTexts\n"
        "try: ParquetTexts('rows.parquet')\n"
        "except ImportError as error: print(error, 'pyarrow' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert found == (
        "Parquet, CSV and JSON Lines need pyarrow. Install it with: pip install 'skdistill[arrow]' False\n"
    )


@pytest.mark.parametrize("key", [slice(None, None, 3), slice(400, 10, -7)])
def test_rows_of_a_slice_with_a_step_are_those_of_an_array(texts, key):
    rows = [5, 0, 9, -1]
    assert list(texts[key][rows]) == np.array(TEXTS, dtype=object)[key][rows].tolist()
