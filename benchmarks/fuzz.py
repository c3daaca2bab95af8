"""Search for inputs that break loading or splitting, guided by the coverage of the package's code.

    pip install atheris
    python benchmarks/fuzz.py loader|tokenizer [--seconds 300] [--corpus FOLDER] [--artifacts FOLDER]

loader: a file must be refused with LoadError, or predict finite probabilities. Inputs are mutated as bytes,
and member by member with the checksums repaired, so that what lies behind them is reached.
tokenizer: texts of any characters must get the same ids, spellings and counts together as one by one.

The search ends at the first input that breaks something, and writes it to the folder of artifacts; pass that
file's path as INPUT to run it alone. The corpus, if it is kept, is where the next run begins. Linux and macOS only.
"""

import argparse
import io
import json
import sys
import tempfile
import warnings
import zipfile
import zlib
from collections import Counter
from dataclasses import fields
from pathlib import Path

import atheris
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
with atheris.instrument_imports(include=["skdistill", "zipfile"]):
    from saved_factory import TEXTS, forge, saved_models

    import skdistill
    from skdistill import LoadError, TextTokenizer, runtime
    from skdistill.runtime import TokenSequences
    from skdistill.text.lookup import count_occurrences

_MOST_BYTES = {"loader": 20_000, "tokenizer": 1000}  # of an input
_LENGTHS = (1, 2, 5, 400)  # sequence_length


def run_loader(data):
    """Load a file and predict, or raise an error that is no LoadError."""
    try:
        predictor = runtime.load(io.BytesIO(data))
    except LoadError:
        return
    documents = TEXTS if hasattr(predictor._reader, "rule") else np.ones((2, predictor._reader.n_positions), np.int8)
    probabilities = predictor.predict_proba(documents)
    assert ((probabilities >= 0) & (probabilities <= 1)).all(), "probabilities"
    try:
        classifier = skdistill.load(io.BytesIO(data))
    except LoadError:
        return
    np.testing.assert_array_equal(classifier.predict_proba(documents), probabilities)


def mutate_file(data, most_bytes, seed):
    """Return a file changed as bytes, in one member with its checksums repaired, or in what it says of a model."""
    generator = np.random.default_rng(seed)
    try:
        match generator.integers(4):
            case 0 | 1:
                changed = _mutate_member(data, generator, most_bytes)
            case 2:
                changed = forge(data, generator)
            case _:
                changed = atheris.Mutate(data, most_bytes)
    except Exception:  # what it changes is no longer a saved model
        changed = atheris.Mutate(data, most_bytes)
    return changed if len(changed) <= most_bytes else data


def _mutate_member(data, generator, most_bytes):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = list(members)[generator.integers(len(members))]
    members[name] = atheris.Mutate(members[name], most_bytes)
    if name != "meta.json":
        meta = json.loads(members["meta.json"])
        entry = meta["arrays"][name]
        size, n_axes = np.dtype(entry["dtype"]).itemsize, len(entry["shape"])
        members[name] = members[name][: len(members[name]) // size * size]
        if n_axes == 1:
            entry["shape"] = [len(members[name]) // size]
        entry["crc32"] = zlib.crc32(members[name])
        members["meta.json"] = json.dumps(meta).encode()
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def run_tokenizer(data):
    """Tokenize texts together and one by one, and raise an error where the results differ."""
    provider = atheris.FuzzedDataProvider(data)
    tokenizer = TextTokenizer(
        analyzer=provider.PickValueInList(["word", "char"]),
        lowercase=provider.ConsumeBool(),
        sequence_length=provider.PickValueInList(list(_LENGTHS)),
        truncating=provider.PickValueInList(["post", "pre"]),
        max_tokens=provider.PickValueInList([3, 10, 1000]),
    )
    texts = [
        provider.ConsumeUnicode(provider.ConsumeIntInRange(0, 60)) for _ in range(provider.ConsumeIntInRange(2, 5))
    ]
    if provider.ConsumeBool():
        texts.append(texts[0] * 40)  # so long that it is shortened before it is split
    tokenizer.fit(texts[1:])
    _check_equal(
        tokenizer._sequences(texts, spellings=True),
        TokenSequences.concatenate([tokenizer._sequences([text], spellings=True) for text in texts]),
    )
    _check_segments(tokenizer._rule, texts)
    whole = tokenizer._rule._replace(sequence_length=10**6)
    counts = Counter(token for text in texts for token in whole.split(text))
    assert count_occurrences(texts, *tokenizer._splitting) == counts, "counts"


def _check_equal(found, expected):
    for field in fields(expected):
        np.testing.assert_array_equal(getattr(found, field.name), getattr(expected, field.name), err_msg=field.name)


def _check_segments(rule, texts):
    """Raise an error where tokens without a vocabulary, those of a compressed classifier, differ."""
    codes, starts, ends, offsets = rule.split_all(texts)
    for row, text in enumerate(texts):
        places = range(offsets[row], offsets[row + 1])
        found = ["".join(map(chr, codes[starts[i] : ends[i]])) for i in places]
        assert found == rule.split(text), (row, text, found)


def text_seeds():
    """Return inputs of the tokenizer: text of several scripts, in the encodings that a provider reads."""
    texts = [
        "It is late, isn't it?",
        "ΣΑΣ ΟΔΟΣ İstanbul ﬁn",
        "我喜欢 電影。",
        "नमस्ते می‌خواهم ก็",
        "👩‍💻 e\u0301 \u00ad \u2028",
    ]
    return [
        text.encode(encoding) + bytes(range(8)) for text in texts for encoding in ("utf-8", "utf-16-le", "utf-32-le")
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=["loader", "tokenizer"])
    parser.add_argument("input", nargs="?", help="a file to run alone")
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--corpus", help="the folder of inputs that reach new code (default: a temporary one)")
    parser.add_argument("--artifacts", default=".", help="the folder for inputs that break something")
    options = parser.parse_args()
    warnings.simplefilter("error")
    warnings.filterwarnings("ignore", "Duplicate name")  # while a file is made
    run, seeds, more = run_tokenizer, text_seeds, {}
    if options.target == "loader":
        run, seeds, more = run_loader, lambda: list(saved_models().values()), {"custom_mutator": mutate_file}
    with tempfile.TemporaryDirectory() as temporary:
        corpus = Path(options.corpus or temporary)
        for i, seed in enumerate(seeds()):
            (corpus / f"seed{i}").write_bytes(seed)
        limits = {"max_total_time": options.seconds, "max_len": _MOST_BYTES[options.target], "len_control": 0}
        limits |= {"timeout": 20, "rss_limit_mb": 3000}
        searching = [str(corpus), *(f"-{name}={value}" for name, value in limits.items())]
        given = [options.input] if options.input else searching
        atheris.Setup([sys.argv[0], *given, f"-artifact_prefix={options.artifacts}/"], run, **more)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
