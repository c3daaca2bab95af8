"""A teacher is asked by an engine, and a student that is trained from its files is that of the teacher itself."""

import numpy as np
import pytest
from conftest import documents
from factory import fit

pd = pytest.importorskip("pandas")
pytest.importorskip("pyarrow")
from engine_factory import TEACHER, answer, answer_file, write_parts  # noqa: E402

SIZES = 40, 0, 50, 30


@pytest.fixture(scope="module")
def texts():
    return documents(sum(SIZES))[0]


@pytest.fixture
def parts(texts, tmp_path):
    (tmp_path / "texts").mkdir()
    return write_parts(tmp_path / "texts", texts, SIZES)


@pytest.fixture(scope="module")
def expected(texts):
    """The probabilities of a student whose teacher is asked inside ``fit``."""
    return fit(texts, None, teacher=TEACHER).predict_proba(texts)


def check(folder, texts, expected):
    """Compare the student that is trained from a folder of answers."""
    frame = pd.read_parquet(folder).sort_values("id")
    assert frame["text"].tolist() == texts
    student = fit(frame["text"], None, soft_targets=frame[list(TEACHER.classes_)])
    np.testing.assert_array_equal(student.predict_proba(texts), expected)


def test_dask_asks_the_teacher(dask_client, parts, texts, expected, tmp_path):
    dd = pytest.importorskip("dask.dataframe")
    dd.from_map(pd.read_parquet, parts).map_partitions(answer).to_parquet(tmp_path / "answers", write_index=False)
    check(tmp_path / "answers", texts, expected)


def test_ray_asks_the_teacher(ray, parts, texts, expected, tmp_path):
    table = ray.data.read_parquet(str(tmp_path / "texts")).map_batches(answer, batch_format="pandas", batch_size=32)
    table.write_parquet(str(tmp_path / "answers"))
    check(tmp_path / "answers", texts, expected)


def test_spark_asks_the_teacher(spark, parts, texts, expected, tmp_path):
    schema = "id long, text string, bad double, good double"
    table = spark.read.parquet(*parts).mapInPandas(lambda frames: map(answer, frames), schema)
    table.write.parquet(str(tmp_path / "answers"))
    check(tmp_path / "answers", texts, expected)


def test_only_missing_files_are_asked_again(run_tasks, parts, texts, expected, tmp_path):
    answers = tmp_path / "answers"
    answers.mkdir()
    assert run_tasks(answer_file, parts[:2], answers) == [True, True]  # and then an interruption
    (answers / "part-2.unfinished").write_bytes(b"half of")
    assert run_tasks(answer_file, parts, answers) == [False, False, True, True]
    assert sorted(path.name for path in answers.iterdir()) == [f"part-{i}.parquet" for i in range(4)]
    check(answers, texts, expected)
