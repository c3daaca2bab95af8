"""Files of rows come back with their predictions, in their order, whatever their format."""

import json
import subprocess
import sys

import numpy as np
import pytest

pa = pytest.importorskip("pyarrow")
import pyarrow.csv  # noqa: E402
import pyarrow.parquet  # noqa: E402, F401

from skdistill import TextPredictor, _tables  # noqa: E402
from skdistill.__main__ import main  # noqa: E402

TEXTS = ["a superb film", None, "very dull", "", 'with, a "quoted"\nline', "naïve 電影"] * 30
IDS = [f"{i:03}" for i in range(len(TEXTS))]


@pytest.fixture(scope="module")
def student(fitted):
    return fitted.extract("auxiliary")


@pytest.fixture(scope="module")
def model(student, tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.skd"
    student.save(path)
    return str(path)


def write(path, texts=TEXTS, **columns):
    table = pa.table({"id": [f"{i:03}" for i in range(len(texts))], "text": pa.array(texts, pa.string())} | columns)
    if path.suffix == ".parquet":
        pa.parquet.write_table(table, path, row_group_size=50)
    elif path.suffix == ".csv":
        pa.csv.write_csv(table, path)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in table.to_pylist()))
    return str(path)


def read(path):
    options = {"parse_options": pa.csv.ParseOptions(newlines_in_values=True)}
    types = {"column_types": {"id": pa.string()}, "strings_can_be_null": False}
    if path.suffix == ".parquet":
        return pa.parquet.read_table(path)
    return pa.csv.read_csv(path, convert_options=pa.csv.ConvertOptions(**types), **options)


@pytest.mark.parametrize("target", [".parquet", ".csv"])
@pytest.mark.parametrize("source", [".parquet", ".csv", ".jsonl"])
def test_the_rows_come_back_with_their_predictions(model, student, tmp_path, monkeypatch, capsys, source, target):
    monkeypatch.setattr(_tables, "_ROWS", 64)  # several batches
    output = tmp_path / f"out{target}"
    given = write(tmp_path / f"in{source}")
    assert main(["predict", model, "--input", given, "--output", str(output), "--proba"]) == 0
    assert capsys.readouterr() == ("", "")
    found = read(output)
    names = [f"proba_{label}" for label in student.classes_]
    assert found.column_names == ["id", "text", "prediction", *names]
    assert found["id"].to_pylist() == IDS
    texts = TEXTS if source != ".csv" else ["" if text is None else text for text in TEXTS]  # CSV has no nulls
    if target == ".parquet":
        assert found["text"].to_pylist() == texts
        assert found["prediction"].to_pylist() == TextPredictor(student)(texts).tolist()
    probabilities = np.column_stack([np.array(found[name].to_pylist(), float) for name in names])
    np.testing.assert_allclose(probabilities, TextPredictor(student, "predict_proba")(texts))


def test_line_ends_inside_the_texts_of_a_large_csv_file_do_not_end_rows(model, tmp_path):
    given = write(tmp_path / "in.csv", ["good\n" * 1000] * 1000)  # several blocks, each of which ends inside a text
    output = tmp_path / "out.parquet"
    assert main(["predict", model, "--input", given, "--output", str(output)]) == 0
    assert pa.parquet.read_table(output)["prediction"].to_pylist() == ["good"] * 1000


def test_a_file_without_rows_gives_a_file_without_rows(model, tmp_path):
    output = tmp_path / "out.parquet"
    assert main(["predict", model, "--input", write(tmp_path / "in.parquet", []), "--output", str(output)]) == 0
    assert pa.parquet.read_table(output).schema.field("prediction").type == pa.string()


def test_another_column_can_hold_the_texts(model, student, tmp_path):
    given = write(tmp_path / "in.parquet", title=pa.array(TEXTS).dictionary_encode())
    output = tmp_path / "out.parquet"
    assert main(["predict", model, "--input", given, "--column", "title", "--output", str(output)]) == 0
    assert pa.parquet.read_table(output)["prediction"].to_pylist() == TextPredictor(student)(TEXTS).tolist()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--input", "in.parquet"], "--input and --output go together"),
        (["--output", "out.parquet"], "--input and --output go together"),
        (
            ["--input", "in.txt", "--output", "out.parquet"],
            "The input must end in .parquet, .csv, .jsonl. Got 'in.txt'",
        ),
        (["--input", "in.parquet", "--output", "out.txt"], "The output must end in .parquet or .csv. Got 'out.txt'"),
        (["--input", "none.parquet", "--output", "out.csv"], "none.parquet"),
        (["--input", "broken.parquet", "--output", "out.csv"], "'broken.parquet' cannot be read"),
        (["--input", "in.parquet", "--column", "body", "--output", "out.csv"], "no column 'body'"),
        (["--input", "in.parquet", "--column", "n", "--output", "out.csv"], "must hold texts. It holds int64"),
        (["--input", "done.parquet", "--output", "out.csv"], "has a column 'prediction' already"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(model, tmp_path, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "in.parquet", n=list(range(len(TEXTS))))
    write(tmp_path / "done.parquet", prediction=IDS)
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 no parquet")
    before = sorted(tmp_path.iterdir())
    assert main(["predict", model, *arguments]) == 1
    assert message in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == before


def test_a_failure_on_the_way_leaves_the_older_file(model, tmp_path, monkeypatch):
    monkeypatch.setattr(_tables, "_ROWS", 64)
    output = tmp_path / "out.parquet"
    output.write_bytes(b"older")
    rows = [{"id": "1", "text": "good"}] * 60_000 + [{"id": "1", "text": 3}]  # only a later block shows the number
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert main(["predict", model, "--input", str(tmp_path / "in.jsonl"), "--output", str(output)]) == 1
    assert output.read_bytes() == b"older"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.parquet"]


def test_without_pyarrow_the_error_says_what_to_install(model, tmp_path):
    code = (
        "import sys, importlib.util as util\n"
        "find = util.find_spec\n"
        "util.find_spec = lambda name, *rest: None if name == 'pyarrow' else find(name, *rest)\n"
        "from skdistill.__main__ import main\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    arguments = ["predict", model, "--input", "in.parquet", "--output", "out.parquet"]
    found = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True)
    assert found.returncode == 1
    assert "pip install 'skdistill[arrow]'" in found.stderr
