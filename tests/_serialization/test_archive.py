"""What is written is read again, and files are refused that were damaged or made to harm."""

import io
import json
import zipfile
import zlib
from datetime import datetime

import numpy as np
import pytest

from skdistill._serialization import to_bytes
from skdistill.runtime.archive import DTYPES, PROTOCOL, LoadError, read_archive

VALUES = {"kind": "none", "text": "naïve \ud800 \U0001f600", "numbers": [1, 0.1, True, None], "nested": {"a": {}}}
ARRAYS = {
    "weights": np.arange(12, dtype=np.float32).reshape(3, 4),
    "empty": np.zeros((0, 5), np.uint64),
    "number": np.array(7, np.int16),
    "seen.by": np.arange(9) % 2 == 0,
}


def read(data):
    return read_archive(io.BytesIO(data))


def members_of(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(members, method=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return file.getvalue()


def changed(**changes):
    """A file whose meta.json is changed: a function by each top-level key."""
    members = members_of(to_bytes(VALUES, ARRAYS))
    meta = json.loads(members["meta.json"])
    for key, function in changes.items():
        meta[key] = function(meta[key])
    return zipped({**members, "meta.json": json.dumps(meta)}.items())


def with_entry(name="weights", **entry):
    return changed(arrays=lambda arrays: arrays | {name: arrays[name] | entry})


def test_what_is_written_is_read():
    values, arrays, _ = read(to_bytes(VALUES, ARRAYS))
    assert values == VALUES
    assert list(arrays) == list(ARRAYS)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array, strict=True)


@pytest.mark.parametrize("dtype", DTYPES)
def test_each_dtype_is_little_endian_in_the_file_and_comes_back(dtype):
    array = np.arange(6).reshape(2, 3).astype(dtype)
    for given in (array, array.astype(array.dtype.newbyteorder(">")), np.asfortranarray(array)):
        data = to_bytes({}, {"numbers": given})
        np.testing.assert_array_equal(read(data).arrays["numbers"], array, strict=True)
        assert members_of(data)["numbers"] == array.astype(array.dtype.newbyteorder("<")).tobytes()


def test_equal_contents_have_equal_bytes_and_any_zip_tool_reads_them():
    data = to_bytes(VALUES, ARRAYS)
    assert data == to_bytes(VALUES, ARRAYS)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["meta.json", *ARRAYS]


def test_the_date_is_read_again_and_takes_the_same_bytes_whatever_it_is():
    dates = [datetime(2026, 11, 26, 23, 59, 58), datetime(1980, 1, 1), datetime(2107, 12, 31, 11, 11, 11)]
    found = [to_bytes(VALUES, ARRAYS, date) for date in dates]
    assert len({len(data) for data in found}) == 1
    assert [read(data).date for data in found] == [
        "2026-11-26T23:59:58+00:00",
        "1980-01-01T00:00:00+00:00",
        "2107-12-31T11:11:10+00:00",
    ]


def test_a_member_is_no_larger_than_the_best_strategy_of_zlib_makes_it():
    codes = np.random.default_rng(0).binomial(14, 0.5, 20_000).astype(np.uint8)
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15, 8, zlib.Z_HUFFMAN_ONLY)
    size = len(compressor.compress(codes.tobytes()) + compressor.flush())
    with zipfile.ZipFile(io.BytesIO(to_bytes({}, {"codes": codes}))) as archive:
        assert archive.getinfo("codes").compress_size <= size


@pytest.mark.parametrize(
    "array", [np.array([np.nan], np.float32), np.array([np.inf]), np.array([1e30]), np.array(["a"])]
)
def test_what_could_not_be_read_is_not_written(array):
    with pytest.raises(ValueError, match="'weights' must"):
        to_bytes({}, {"weights": array})


def test_a_large_array_of_zeros_is_read():
    zeros = np.zeros((3000, 3000), np.float32)
    np.testing.assert_array_equal(read(to_bytes({}, {"zeros": zeros})).arrays["zeros"], zeros)


def test_each_truncated_file_is_refused():
    data = to_bytes(VALUES, ARRAYS)
    for size in range(len(data)):
        with pytest.raises(LoadError):
            read(data[:size])


def test_each_file_with_a_flipped_bit_is_refused_or_equal():
    data = to_bytes(VALUES, ARRAYS)
    generator = np.random.default_rng(0)
    n_refused = 0
    for place, bit in zip(generator.integers(len(data), size=400), generator.integers(8, size=400)):
        flipped = bytearray(data)
        flipped[place] ^= 1 << bit
        try:
            values, arrays, _ = read(flipped)
        except LoadError:
            n_refused += 1
        else:
            assert values == VALUES
            assert all(np.array_equal(arrays[name], array) for name, array in ARRAYS.items())
    assert n_refused > 200


MEMBERS = members_of(to_bytes(VALUES, ARRAYS))

#: What is wrong with a file, its bytes, and what the error says.
REFUSED = {
    "empty": (b"", "does not begin like one"),
    "text": (b"label,text\n", "does not begin like one"),
    "another zip": (zipped([("word/document.xml", b"")]), "without meta.json"),
    "another JSON": (zipped([("meta.json", "[]")]), "not that of skdistill"),
    "no JSON": (zipped([("meta.json", "{")]), "damaged"),
    "deep JSON": (zipped([("meta.json", "[" * 10**6)]), "nested too deeply"),
    "NaN in the JSON": (zipped([("meta.json", '{"format": NaN}')]), "NaN"),
    "a long number in the JSON": (zipped([("meta.json", "1" * 10**5)]), "damaged"),
    "newer": (changed(protocol=lambda _: PROTOCOL + 1), "newer version.*update skdistill"),
    "no protocol": (changed(protocol=lambda _: True), "must be a positive integer. Got True"),
    "values that are a list": (changed(values=lambda _: []), "both objects"),
    "a member more": (zipped([*MEMBERS.items(), ("other", b"")]), "not those that meta.json lists"),
    "a member less": (zipped([item for item in MEMBERS.items() if item[0] != "weights"]), "not those that meta.json"),
    "an absolute name": (zipped([*MEMBERS.items(), ("/tmp/other", b"")]), "'/tmp/other'"),
    "a name outside": (zipped([*MEMBERS.items(), ("../other", b"")]), "'../other'"),
    "a bomb": (zipped([*MEMBERS.items(), ("other", bytes(10**8))]), "too much for its size"),
    "many members": (zipped([("meta.json", ""), *((f"m{i}", "") for i in range(1000))]), "up to 1000 members"),
    "another compression": (zipped(MEMBERS.items(), zipfile.ZIP_BZIP2), "not compressed by deflate"),
    "an unknown dtype": (with_entry(dtype="object"), "dtype of 'weights' must be one of"),
    "a dtype that is none": (with_entry(dtype=[]), "dtype of 'weights' must be one of"),
    "another dtype": (with_entry(dtype="float64"), "must have 96 bytes. Got 48"),
    "a huge shape": (with_entry(shape=[2**40, 2**40]), "Got 48"),
    "a negative shape": (with_entry(shape=[-3, -4]), "shape of 'weights' must be"),
    "a shape of floats": (with_entry(shape=[3.0, 4]), "shape of 'weights' must be"),
    "many axes": (with_entry(shape=[12] + [1] * 40), "shape of 'weights' must be"),
    "no elements on large axes": (
        changed(arrays=lambda a: a | {"empty": a["empty"] | {"shape": [0, 2**40, 2**40]}}),
        "damaged",
    ),
    "no entry": (changed(arrays=lambda arrays: arrays | {"weights": None}), "must hold dtype, shape and crc32"),
    "another checksum": (with_entry(crc32=1), "'weights' is damaged"),
    "a bool of 2": (with_entry(dtype="bool", shape=[48]), "must hold bytes 0 and 1"),
}


@pytest.mark.parametrize(("data", "message"), REFUSED.values(), ids=REFUSED)
def test_the_error_says_what_is_wrong(data, message):
    with pytest.raises(LoadError, match=message) as caught:
        read(data)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_two_members_of_one_name_are_refused():
    with pytest.warns(UserWarning, match="Duplicate"):
        data = zipped([*MEMBERS.items(), ("weights", MEMBERS["weights"])])
    with pytest.raises(LoadError, match="different names"):
        read(data)


def test_floats_that_are_not_finite_are_refused():
    for number in (np.nan, -np.inf, 1e30):
        data = np.full((3, 4), number, np.float32).tobytes()
        meta = json.loads(MEMBERS["meta.json"])
        meta["arrays"]["weights"]["crc32"] = zlib.crc32(data)
        members = {**MEMBERS, "weights": data, "meta.json": json.dumps(meta)}
        with pytest.raises(LoadError, match="must hold finite numbers"):
            read(zipped(members.items()))


def test_a_path_that_cannot_be_opened_raises_the_error_of_the_system(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_archive(tmp_path / "missing")
    with pytest.raises(LoadError, match="does not begin"):
        read_archive("/dev/null")
