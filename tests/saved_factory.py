"""The bytes of saved models of each kind, and damaged or hostile copies of them."""

import copy
import io
import json
import zipfile
import zlib
from dataclasses import replace

import numpy as np
from network_factory import CLASSES, TRAINED, WORDS

from skdistill import DistilledTextClassifier, ExtractedClassifier, TextBag, TextGRU, TextTokenizer
from skdistill._serialization.estimator import estimator_values
from skdistill._serialization.model import model_bytes

TEXTS = ["the film was good", "", "unheard of goodish dull films", "and " * 40]
LABELS = np.array(["bad", "good", "other"])


def tokenizer():
    tokenizer = TextTokenizer()
    tokenizer._set_vocabulary({word: i for i, word in enumerate(WORDS, 2)})
    return tokenizer


def _compressed(bag):
    """The classifier of a compressed bag: rows are ranked by the document frequencies that a fit keeps."""
    vocabulary = replace(bag.vocabulary, frequencies=np.ones(bag.vocabulary.n_rows, np.uint16))
    predictor = replace(bag, vocabulary=vocabulary).predictor
    return ExtractedClassifier.from_predictor(predictor, LABELS, tokenizer=tokenizer()).compress(3000)


def saved_models():
    """Return the bytes of a file of each kind of network, of a compressed one and of a fitted classifier."""
    assert len(LABELS) == CLASSES
    classifiers = {
        name: ExtractedClassifier.from_predictor(trained.predictor, LABELS, tokenizer=tokenizer())
        for name, trained in TRAINED.items()
    }
    classifiers["compressed"] = _compressed(TRAINED["bag"])
    files = {name: classifier._to_bytes() for name, classifier in classifiers.items()}
    networks = {"main": TRAINED["bag with a hidden layer"], "auxiliary": TRAINED["gru"]}
    attributes = {"history_": {"loss": [1.0, float("nan")]}, "n_iter_": 2, "_n_tokens": len(WORDS) + 2, "_n_rows": [9]}
    attributes["_specifications"] = {"main": TextBag(), "auxiliary": TextGRU()}
    estimator, _ = estimator_values(
        DistilledTextClassifier(predict_with="ensemble").get_params(deep=False), attributes
    )
    files["fitted"] = model_bytes(
        networks, LABELS, "softmax", tokenizer(), predict_with="ensemble", estimator=estimator
    )
    return files


def damage(data, generator):
    """Return the bytes of a file with bits, pieces or its end changed; no checksum is repaired."""
    data = bytearray(data)
    start, other = (int(place) for place in generator.integers(len(data), size=2))
    size = int(generator.integers(1, 200))
    match generator.integers(7):
        case 0:
            for place in generator.integers(len(data), size=generator.integers(1, 9)):
                data[place] ^= 1 << int(generator.integers(8))
        case 1:
            del data[start:]
        case 2:
            data[start : start + size] = generator.bytes(size)
        case 3:
            del data[start : start + size]
        case 4:
            data[start:start] = generator.bytes(size)
        case 5:
            data[start : start + size], data[other : other + size] = (
                data[other : other + size],
                data[start : start + size],
            )
        case 6:
            data[start : start + size] = bytes(size)
    return bytes(data)


def forge(data, generator):
    """Return the bytes of a file whose contents are changed, with checksums that are right."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    meta = json.loads(members.pop("meta.json"))
    change = _CHANGES[generator.integers(len(_CHANGES))]
    more = change(meta, members, generator) or []
    entries = meta.get("arrays")  # which the change may have replaced or deleted
    for name, entry in entries.items() if isinstance(entries, dict) else ():
        if isinstance(entry, dict) and name in members:
            entry["crc32"] = zlib.crc32(members[name])
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in [("meta.json", json.dumps(meta)), *members.items(), *more]:
            archive.writestr(name, content)
    return file.getvalue()


def _pick(names, generator):
    return list(names)[generator.integers(len(names))]


def _array(meta, members, name):
    return np.frombuffer(members[name], meta["arrays"][name]["dtype"]).copy()


def _flip_bits(meta, members, generator):
    name = _pick([name for name, content in members.items() if content], generator)
    content = bytearray(members[name])
    for place in generator.integers(len(content), size=generator.integers(1, 9)):
        content[place] ^= 1 << int(generator.integers(8))
    members[name] = bytes(content)


def _set_numbers(meta, members, generator):
    name = _pick([name for name, content in members.items() if content], generator)
    array = _array(meta, members, name)
    numbers = [0, 1]
    if array.dtype.kind == "f":
        numbers = [np.nan, np.inf, 3e38, -1e6, 1e-44]
    elif array.dtype.kind in "iu":
        numbers = [0, np.iinfo(array.dtype).max, np.iinfo(array.dtype).min]
    with np.errstate(over="ignore"):
        array[generator.integers(len(array), size=3)] = np.array(_pick(numbers, generator)).astype(array.dtype)
    members[name] = array.tobytes()


def _reverse(meta, members, generator):
    name = _pick(members, generator)
    members[name] = _array(meta, members, name)[::-1].tobytes()


def _grow(meta, members, generator):
    """Repeat an array, as many times as its declared shape then says."""
    name, times = _pick(members, generator), int(generator.choice([0, 2, 3, 500]))
    members[name] *= times
    shape = meta["arrays"][name]["shape"]
    if shape:
        shape[0] *= times


def _swap(meta, members, generator):
    one, other = _pick(members, generator), _pick(members, generator)
    members[one], members[other] = members[other], members[one]
    if generator.integers(2):
        entries = meta["arrays"]
        entries[one], entries[other] = entries[other], entries[one]


_DTYPES = ["int8", "uint8", "bool", "float16", "int64", "float64", "object", "<f4", 3]


def _declare(meta, members, generator):
    entry = meta["arrays"][_pick(members, generator)]
    match generator.integers(3):
        case 0:
            entry["dtype"] = _pick(_DTYPES, generator)
        case 1:
            entry["shape"] = entry["shape"][::-1]
        case 2:
            shapes = [[2**40] * 3, [10**30], [-1, 4], [1.5], [], [1] * 50, None, [True], [0, 2**62]]
            entry["shape"] = _pick(shapes, generator)


def _drop(meta, members, generator):
    name = _pick(members, generator)
    del members[name]
    if generator.integers(2):
        del meta["arrays"][name]


def _add(meta, members, generator):
    """Add a member under a strange name or twice, or a bomb."""
    name = _pick(["../outside", "/tmp/outside", "C:\\outside", "a/../../b", "meta", "extra"], generator)
    content = [b"", b"x", bytes(3_900_000), bytes(50_000_000)][generator.choice(4, p=[0.4, 0.4, 0.1, 0.1])]
    if generator.integers(2):
        meta["arrays"][name] = {"dtype": "uint8", "shape": [len(content)], "crc32": 0}
        members[name] = content
        return None
    return [(name, content)]


_VALUES = [None, True, -1, 0, 1, 7, 2**31, 10**30, 0.5, 1e308, "", "x", "word", [], {}, [1, 2], ["a"], {"kind": "bag"}]


def _change_value(meta, members, generator):
    """Replace or delete a value somewhere in the values of the model."""
    node = meta if generator.integers(20) == 0 else meta["values"]
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        key = _pick(keys, generator)
        child = node[key]
        if isinstance(child, (dict, list)) and child and generator.integers(5):
            node = child
            continue
        if generator.integers(6):
            node[key] = copy.deepcopy(_pick(_VALUES, generator))
        else:
            del node[key]
        return


_CHANGES = [_flip_bits, _flip_bits, _set_numbers, _reverse, _grow, _swap, _declare, _drop, _add] + [_change_value] * 4
