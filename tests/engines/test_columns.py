"""Engines predict a column of texts as ``predict`` does, with parts that are empty and a text that is missing."""

import io
from pathlib import Path

import numpy as np
import pytest
from conftest import documents
from saved_factory import saved_models

import skdistill
from skdistill import TextPredictor

pd, pq = pytest.importorskip("pandas"), pytest.importorskip("pyarrow.parquet")
from engine_factory import MISSING, SIZES, has_tensorflow, write_parts  # noqa: E402


@pytest.fixture(scope="module")
def texts():
    texts = documents(sum(SIZES))[0]
    texts[MISSING] = None
    return texts


@pytest.fixture(scope="module")
def parts(texts, tmp_path_factory):
    return write_parts(tmp_path_factory.mktemp("table"), texts, SIZES)


@pytest.fixture(scope="module")
def student():
    return skdistill.load(io.BytesIO(saved_models()["bag without character n-grams"]))


@pytest.fixture(scope="module")
def predict(student, tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "student.skd"
    student.save(path)
    return TextPredictor(path)


@pytest.fixture(scope="module")
def check(texts, student):
    """Return a function that compares labels, in any order of the ids, with those of ``predict``."""
    expected = student.predict(["" if text is None else text for text in texts]).astype(object)
    expected[MISSING] = None

    def check(ids, labels):
        order = np.argsort(list(ids))
        assert np.array_equal(np.array(list(ids))[order], np.arange(len(texts)))
        found = [None if pd.isna(label) else label for label in np.array(list(labels), dtype=object)[order]]
        assert found == expected.tolist()

    return check


@pytest.mark.parametrize("arguments", [{"meta": ("label", "object")}, {}], ids=["meta", "no meta"])
def test_dask_maps_partitions(dask_client, parts, predict, check, arguments):
    dd = pytest.importorskip("dask.dataframe")
    frame = dd.from_map(pd.read_parquet, parts)
    assert frame.map_partitions(len).compute().tolist() == list(SIZES)
    labels = frame["text"].map_partitions(predict, **arguments).compute()
    check(frame["id"].compute(), labels)
    assert set(dask_client.run(has_tensorflow).values()) == {False}


def test_dask_assigns_probabilities(dask_client, parts, predict, texts, student):
    dd = pytest.importorskip("dask.dataframe")
    numbers = TextPredictor(predict.student, "predict_proba", dtype="float32")
    found = dd.from_map(pd.read_parquet, parts)["text"].map_partitions(numbers).compute().to_numpy()
    assert np.isnan(found[MISSING]).all()
    known = [i for i in range(len(texts)) if i != MISSING]
    expected = student.predict_proba([texts[i] for i in known]).astype(np.float32)
    np.testing.assert_array_equal(found[known], expected)


def with_labels(batch, predict):
    """Return a batch of any format of Ray Data with a column of labels."""
    labels = predict(batch["text"])
    if isinstance(batch, pd.DataFrame):
        return batch.assign(label=labels)
    return {**batch, "label": labels} if isinstance(batch, dict) else batch.append_column("label", labels)


@pytest.mark.parametrize("batch_format", ["numpy", "pandas", "pyarrow"])
def test_ray_maps_batches(ray, parts, predict, check, batch_format):
    table = ray.data.read_parquet(str(Path(parts[0]).parent))
    found = table.map_batches(with_labels, fn_args=[predict], batch_format=batch_format).to_pandas()
    check(found["id"], found["label"])


@pytest.fixture(scope="module")
def table(spark, parts):
    """The table in Spark, one partition per part."""
    rows = spark.sparkContext.parallelize(parts, len(parts)).flatMap(lambda part: pq.read_table(part).to_pylist())
    table = spark.createDataFrame(rows, "id long, text string")
    assert table.rdd.getNumPartitions() == len(SIZES)
    return table


def collected(table):
    rows = table.collect()
    return [row["id"] for row in rows], [row["label"] for row in rows]


def test_spark_maps_by_pandas_udf(table, predict, check):
    from pyspark.sql.functions import pandas_udf

    def labels_of(texts: pd.Series) -> pd.Series:
        return predict(texts)

    check(*collected(table.withColumn("label", pandas_udf(labels_of, "string")("text"))))


def test_spark_maps_in_pandas(table, predict, check):
    def add_labels(frames):
        return (frame.assign(label=predict(frame["text"])) for frame in frames)

    check(*collected(table.mapInPandas(add_labels, "id long, text string, label string")))


def test_spark_maps_in_arrow(table, predict, check):
    def add_labels(batches):
        return (batch.append_column("label", predict(batch["text"])) for batch in batches)

    check(*collected(table.mapInArrow(add_labels, "id long, text string, label string")))


def test_workers_of_spark_do_not_import_tensorflow(spark, table, predict):
    def look(frames):
        for frame in frames:
            predict(frame["text"])
            yield pd.DataFrame({"loaded": [has_tensorflow()]})

    loaded = [row["loaded"] for row in table.mapInPandas(look, "loaded boolean").collect()]
    assert loaded
    assert not any(loaded)


@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_polars_maps_lazily(parts, predict, check, engine):
    pl = pytest.importorskip("polars")
    labels = pl.col("text").map_batches(predict, return_dtype=pl.String, is_elementwise=True)
    found = pl.scan_parquet(parts).with_columns(label=labels).collect(engine=engine)
    check(found["id"], found["label"])


def test_polars_maps_eagerly(parts, predict, check):
    pl = pytest.importorskip("polars")
    labels = pl.col("text").map_batches(predict, return_dtype=pl.String)
    found = pl.read_parquet(parts).with_columns(label=labels)
    check(found["id"], found["label"])


def test_duckdb_calls_an_arrow_function(parts, predict, check):
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect() as connection:
        connection.create_function("label", predict, ["VARCHAR"], "VARCHAR", type="arrow")
        found = connection.execute("SELECT id, label(text) FROM read_parquet(?)", [parts]).fetchall()
    check(*zip(*found))


def test_an_arrow_table_gets_a_column(parts, predict, check):
    table = pq.ParquetDataset(parts).read()
    check(table["id"].to_pylist(), predict(table["text"]).to_pylist())
