"""Reading a saved model: a zip of ``meta.json`` and arrays, checked before anything is built from it.

Nothing in a file is executed, and nothing is extracted to the disk. A file may come from anywhere:
each size is compared with a limit before memory is allocated for it. docs/guide/file_format.md describes
the format.
"""

import json
import re
import zipfile
import zlib
from math import prod
from os import PathLike
from typing import NamedTuple

import numpy as np

#: The version of the format. It is raised when an older reader would misread a new file.
PROTOCOL = 1
#: How a file introduces itself, in ``meta.json``.
FORMAT = "skdistill"
META = "meta.json"

#: The types of arrays by the name that ``meta.json`` gives them. All are little-endian; a bool is a byte, 0 or 1.
DTYPES = {
    name: np.dtype(name).newbyteorder("<")
    for name in (
        "bool",
        *("int8", "int16", "int32", "int64"),
        *("uint8", "uint16", "uint32", "uint64"),
        *("float16", "float32", "float64"),
    )
}
#: The largest magnitude of a float. Sums and products of such numbers over a document do not overflow.
LARGEST = 2.0**20
#: A file may expand to at most this many times its own bytes, and some more, see ``_FREE``. Weights never
#: come near it.
MOST_DEFLATED = 20

_MOST_META = 4_000_000  # bytes
_MOST_MEMBERS = 1000
_MOST_AXES, _MOST_IN_AXIS = 4, 2**40
# Bytes that a file of any size may hold besides ``MOST_DEFLATED`` times its own.
_FREE = 4_000_000
_NAME = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")
_IS_ENCRYPTED = 1  # a bit of a member's flags
# What ``zipfile`` and ``zlib`` raise where a file is damaged.
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)


class LoadError(ValueError):
    """A file holds no model that can be loaded; the message says why."""


class Archive(NamedTuple):
    """The contents of a file.

    Attributes
    ----------
    values : dict
        Plain values, as in JSON.
    arrays : dict of str to ndarray
        Read-only; floats are finite and at most ``LARGEST`` in magnitude.
    date : str
        When the file was written, in UTC: that of ``meta.json``, which is every other second.
    """

    values: dict
    arrays: dict
    date: str


def read_archive(file):
    """Return the values and arrays of a file.

    Parameters
    ----------
    file : path or binary file object
        The latter must be seekable.

    Returns
    -------
    archive : Archive

    Raises
    ------
    LoadError
        If the file is damaged, incomplete, of a newer version or of another format.
    OSError
        If the path cannot be opened.
    """
    if isinstance(file, (str, PathLike)):
        with open(file, "rb") as opened:
            return read_archive(opened)
    try:
        with zipfile.ZipFile(file) as archive:
            sizes = _check_members(archive, file)
            meta = _read_meta(archive, sizes)
            arrays = {name: _read_array(archive, name, entry, sizes) for name, entry in meta["arrays"].items()}
            date = "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}+00:00".format(*archive.getinfo(META).date_time)
    except LoadError:
        raise
    except _DAMAGE as error:
        is_zip = _begins_as_zip(file)
        raise LoadError(
            f"The file is damaged or incomplete: {error}."
            if is_zip
            else "The file is not a saved model: it does not begin like one (a zip archive)."
        ) from error
    return Archive(meta["values"], arrays, date)


def _begins_as_zip(file):
    try:
        file.seek(0)
        return file.read(2) == b"PK"
    except (OSError, ValueError):
        return False


def _check_members(archive, file):
    """Return the size of each member, or raise a LoadError if names or sizes are not those of a saved model."""
    members = archive.infolist()
    sizes = {member.filename: member.file_size for member in members}
    if META not in sizes:
        raise LoadError(f"The file is not a saved model: it is a zip archive without {META}.")
    if len(sizes) < len(members) or len(members) > _MOST_MEMBERS:
        raise LoadError(f"The file must hold up to {_MOST_MEMBERS} members of different names.")
    for member in members:
        if not _NAME.fullmatch(member.filename):
            raise LoadError(f"The file holds a member of the name {member.filename[:80]!r}, which no saved model has.")
        if member.flag_bits & _IS_ENCRYPTED or member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise LoadError(f"The member {member.filename!r} is encrypted or not compressed by deflate.")
    if sum(sizes.values()) > _FREE + MOST_DEFLATED * file.seek(0, 2):
        raise LoadError(f"The file claims to hold {sum(sizes.values()):,} bytes, which is too much for its size.")
    return sizes


def _read_meta(archive, sizes):
    """Return what ``meta.json`` holds, or raise a LoadError."""
    if sizes[META] > _MOST_META:
        raise LoadError(f"{META} must have at most {_MOST_META:,} bytes. Got {sizes[META]:,}.")
    try:
        meta = json.loads(_read_member(archive, META, sizes), parse_constant=_refuse_constant)
    except RecursionError:
        raise LoadError(f"{META} is nested too deeply.") from None
    if not isinstance(meta, dict) or meta.get("format") != FORMAT:
        raise LoadError(f"The file is not a saved model: {META} is not that of skdistill.")
    protocol = meta.get("protocol")
    if type(protocol) is not int or protocol < 1:
        raise LoadError(f"The protocol of the file must be a positive integer. Got {protocol!r}.")
    if protocol > PROTOCOL:
        raise LoadError(
            f"The file was saved by a newer version of skdistill (protocol {protocol}; this version reads up to "
            f"{PROTOCOL}): update skdistill."
        )
    if not isinstance(meta.get("values"), dict) or not isinstance(meta.get("arrays"), dict):
        raise LoadError(f"{META} must hold 'values' and 'arrays', both objects.")
    if set(sizes) != {META, *meta["arrays"]}:
        raise LoadError(f"The members of the file are not those that {META} lists.")
    return meta


def _refuse_constant(name):
    raise ValueError(f"{META} holds {name}, which is not JSON")


def _read_member(archive, name, sizes):
    """Return the bytes of a member, as many as the archive says, and check the archive's checksum."""
    with archive.open(name) as member:
        data = member.read(sizes[name])
    if len(data) != sizes[name]:
        raise LoadError(f"The member {name!r} is incomplete.")
    return data


def _read_array(archive, name, entry, sizes):
    """Return an array as its entry in ``meta.json`` describes it, or raise a LoadError."""
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "crc32"}:
        raise LoadError(f"The entry of {name!r} in {META} must hold dtype, shape and crc32.")
    dtype, shape = _dtype_of(entry["dtype"], name), _check_shape(entry["shape"], name)
    if prod(shape) * dtype.itemsize != sizes[name]:
        raise LoadError(f"The member {name!r} must have {prod(shape) * dtype.itemsize:,} bytes. Got {sizes[name]:,}.")
    data = _read_member(archive, name, sizes)
    if zlib.crc32(data) != entry["crc32"]:
        raise LoadError(f"The member {name!r} is damaged: its checksum is not that of {META}.")
    array = np.frombuffer(data, np.uint8 if dtype.kind == "b" else dtype).reshape(shape)
    if message := range_error(array, dtype):
        raise LoadError(f"The member {name!r} {message}.")
    return array.view(bool) if dtype.kind == "b" else array.astype(dtype.newbyteorder("="), copy=False)


def _dtype_of(name, member):
    if not isinstance(name, str) or name not in DTYPES:
        raise LoadError(f"The dtype of {member!r} must be one of {', '.join(DTYPES)}. Got {name!r:.80}.")
    return DTYPES[name]


def _check_shape(shape, member):
    is_list = isinstance(shape, list) and len(shape) <= _MOST_AXES
    if not is_list or not all(type(size) is int and 0 <= size <= _MOST_IN_AXIS for size in shape):
        raise LoadError(f"The shape of {member!r} must be a list of up to {_MOST_AXES} sizes. Got {shape!r:.80}.")
    return shape


def range_error(array, dtype):
    """Return what is wrong with the numbers of an array that is to have a dtype, or None.

    Parameters
    ----------
    array : ndarray
    dtype : dtype

    Returns
    -------
    message : str or None
        Such as "must hold finite numbers".
    """
    if not array.size:
        return None
    if dtype.kind == "b" and array.max() > 1:
        return "must hold bytes 0 and 1"
    # A comparison with NaN is false.
    if dtype.kind == "f" and not max(float(array.max()), -float(array.min())) <= LARGEST:
        return f"must hold finite numbers of at most {LARGEST:,.0f} in magnitude"
    return None
