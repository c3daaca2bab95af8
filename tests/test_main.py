"""The command line predicts what Python predicts, and its errors say what is wrong."""

import json
import subprocess
import sys

import numpy as np
import pytest
from factory import fit

from skdistill import runtime

TEXTS = ["a superb , lovely film", "", "poor and dull", "naïve \ud800".replace("\ud800", "\udcff"), "tab\tand\rreturn"]


def run(*arguments, given=b"", prelude=""):
    code = f"import sys\n{prelude}\nfrom skdistill.__main__ import main\nsys.exit(main(sys.argv[1:]))"
    return subprocess.run([sys.executable, "-c", code, *map(str, arguments)], input=given, capture_output=True)


def lines_of(texts, end="\n"):
    return "".join(f"{text}{end}" for text in texts).encode("utf-8", "surrogateescape")


@pytest.fixture(scope="module")
def path(fitted, tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.skd"
    fitted.extract("auxiliary").save(path, metadata={"note": "reviews"})
    return path


def test_each_line_gets_a_label(path):
    labels = runtime.load(path).predict(TEXTS).tolist()
    for given in (lines_of(TEXTS), lines_of(TEXTS).removesuffix(b"\n"), lines_of(TEXTS, "\r\n")):
        result = run("predict", path, given=given)
        assert (result.returncode, result.stderr) == (0, b"")
        assert result.stdout == lines_of(labels)


def test_probabilities_are_json_lines(path):
    predictor = runtime.load(path)
    result = run("predict", path, "--proba", given=lines_of(TEXTS))
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [list(row) for row in found] == [predictor.classes_.tolist()] * len(TEXTS)
    np.testing.assert_array_equal([list(row.values()) for row in found], predictor.predict_proba(TEXTS))


def test_no_input_gives_no_output(path):
    result = run("predict", path)
    assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"")


def test_nothing_but_numpy_is_imported(path):
    # In an environment of numpy alone the others could not be imported.
    prelude = 'sys.modules.update(dict.fromkeys(["scipy", "sklearn", "tensorflow", "keras", "pandas", "joblib"]))'
    result = run("predict", path, given=lines_of(TEXTS), prelude=prelude)
    assert (result.returncode, result.stderr) == (0, b"")


def test_info_is_json(path):
    found = json.loads(run("info", path).stdout)
    assert found["classes"] == ["bad", "good"]
    assert found["note"] == "reviews"
    assert found["reads"]["analyzer"] == "word"
    assert found["training"]["network"] == "auxiliary"


def test_all_labels_of_multilabel_targets_are_written(reviews, tmp_path):
    texts, labels = reviews
    y = np.column_stack([labels == "good", ["film" in text for text in texts]]).astype(int)
    fit(texts, y, max_iter=20).extract("auxiliary").save(tmp_path / "model.skd")
    expected = [
        "\t".join(str(label) for label in np.flatnonzero(row))
        for row in runtime.load(tmp_path / "model.skd").predict(texts)
    ]
    assert run("predict", tmp_path / "model.skd", given=lines_of(texts)).stdout == lines_of(expected)


def test_a_reader_that_ends_early_is_no_error(path):
    code = "import sys; from skdistill.__main__ import main; sys.exit(main(sys.argv[1:]))"
    command = f'"{sys.executable}" -c "{code}" predict "{path}" | head -n 1'
    given = lines_of(["good film"] * 50_000)
    result = subprocess.run(["bash", "-o", "pipefail", "-c", command], input=given, capture_output=True)
    assert (result.returncode, result.stderr) == (0, b"")
    assert result.stdout.count(b"\n") == 1


def test_errors_are_one_line_and_a_status(path, tmp_path):
    (tmp_path / "text").write_text("no model")
    (tmp_path / "half").write_bytes(path.read_bytes()[:1000])
    for name, message in [
        ("missing", "No such file"),
        ("text", "not a saved model"),
        ("half", "damaged"),
        ("", "directory"),
    ]:
        result = run("predict", tmp_path / name, given=b"text\n")
        assert (result.returncode, result.stdout) == (1, b"")
        assert message in result.stderr.decode()
        assert result.stderr.count(b"\n") == 1
    assert run("predict").returncode == 2
    assert run("train", path).returncode == 2
