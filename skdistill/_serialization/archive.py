"""From plain values and arrays to the bytes of a saved model: a zip of ``meta.json`` and raw arrays.

The zip is written here instead of by ``zipfile``, which offers no choice of zlib's strategy: Huffman codes
alone make packed weights up to 15 % smaller. The layout of headers is that of PKWARE's APPNOTE.TXT,
sections 4.3.7 (before each member), 4.3.12 (the directory) and 4.3.16 (its end).
"""

import json
import zlib
from datetime import datetime
from struct import pack

import numpy as np

from ..runtime.archive import DTYPES, FORMAT, META, MOST_DEFLATED, PROTOCOL, range_error

_STRATEGIES = (zlib.Z_DEFAULT_STRATEGY, zlib.Z_FILTERED, zlib.Z_HUFFMAN_ONLY)
_STORED, _DEFLATED = 0, 8
_VERSION = 20  # the version that a reader must support: 2.0, deflate
_SMALL = 2**16  # up to this many bytes, a member is deflated as far as possible
_MOST_BYTES = 2**32 - 1  # of a zip without the extension ZIP64


def to_bytes(values, arrays, date=None):
    """Return the bytes of a file.

    Parameters
    ----------
    values : dict
        Plain values, as in JSON: dict with str keys, list, str, int, float, bool and None.
    arrays : dict of str to ndarray
        By names of lower-case letters, digits, underscores and dots. Floats must be finite.
    date : datetime or None, default=None
        In UTC. It stands in the headers of the zip, where any date takes the same number of bytes. The
        same contents and date give the same bytes. If None, 1 January 1980, the first that a zip can have.

    Returns
    -------
    data : bytes
    """
    arrays = {name: _plain_array(name, array) for name, array in arrays.items()}
    members = {name: array.tobytes() for name, array in arrays.items()}
    entries = {
        name: {"dtype": _name_of(array.dtype), "shape": list(array.shape), "crc32": zlib.crc32(members[name])}
        for name, array in arrays.items()
    }
    meta = {"format": FORMAT, "protocol": PROTOCOL, "values": values, "arrays": entries}
    text = json.dumps(meta, allow_nan=False, separators=(",", ":"))
    return _zip({META: text.encode("ascii"), **members}, datetime(1980, 1, 1) if date is None else date)


def _plain_array(name, array):
    """Return an array in the file's byte order, or raise a ValueError if a number does not fit."""
    array = np.asarray(array)
    if array.dtype.name not in DTYPES:
        raise ValueError(f"The array {name!r} must be of numbers. Got the dtype {array.dtype}.")
    if message := range_error(array, array.dtype):
        raise ValueError(f"The array {name!r} {message}.")
    return np.asarray(array, DTYPES[array.dtype.name], order="C")


def _name_of(dtype):
    return dtype.newbyteorder("=").name


def _zip(members, date):
    """Return a zip archive with a date, each member deflated by the strategy that makes it smallest."""
    # In the fields of MS-DOS (APPNOTE.TXT, section 4.4.6): years from 1980 on, and every other second.
    when = (
        date.hour << 11 | date.minute << 5 | date.second // 2,
        (date.year - 1980) << 9 | date.month << 5 | date.day,
    )
    parts, directory, place = [], [], 0
    for name, data in members.items():
        method, packed = _deflate(data)
        # What both headers have in common: up to the lengths of the name and of an extra field.
        sizes = zlib.crc32(data), len(packed), len(data), len(name), 0
        common = pack("<5H3I2H", _VERSION, 0, method, *when, *sizes)
        header = b"PK\3\4" + common + name.encode()
        more = pack("<3H2I", 0, 0, 0, 0, place)  # no comment, first disk, no attributes, the place of the header
        directory.append(b"PK\1\2" + pack("<H", _VERSION) + common + more + name.encode())
        parts += [header, packed]
        place += len(header) + len(packed)
    entries = b"".join(directory)
    if place + len(entries) > _MOST_BYTES:
        raise ValueError("A saved model must be smaller than 4 GiB.")
    end = b"PK\5\6" + pack("<4H2IH", 0, 0, len(members), len(members), len(entries), place, 0)
    return b"".join([*parts, entries, end])


def _deflate(data):
    """Return the method and the bytes of the smallest form of a member."""
    packed = min((_compress(data, strategy) for strategy in _STRATEGIES), key=len)
    # Readers refuse files that expand too much, which might be zip bombs: a large array of zeros is stored as it is.
    if len(packed) < len(data) <= max(MOST_DEFLATED * len(packed), _SMALL):
        return _DEFLATED, packed
    return _STORED, data


def _compress(data, strategy):
    compressor = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, strategy)
    return compressor.compress(data) + compressor.flush()
