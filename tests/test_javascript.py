"""The script of the page "Try it" reads compressed students and predicts what Python does; Node.js runs it."""

import json
import random
import re
import shutil
import subprocess
import unicodedata
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
from compression_factory import documents, linear_classifier

from skdistill import runtime

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "docs" / "_static" / "skdistill.js"

#: By writing system. With the final sigma, also before and after characters that its rule passes over; letters whose
#: lower case is longer; marks, joiners, characters beyond U+FFFF, and surrogates that are not in pairs.
SCRIPTS = [
    "crème BRÛLÉE ŒUVRE Straße İstanbul IĞDIR ǅ ﬁ x² ½ don't 3.14 e\u0301",
    "ΟΔΥΣΣΕΥΣ Σίσυφος Σ ΑΣ. ΑΣ\u0301 ΑΣ\u00adΑ Σ\u200d ΑΣ'",
    "Привет МИР ёж",
    "مرحبا می\u200cخواهم عَرَبِيّ",
    "שָׁלוֹם עולם",
    "हिन्दी क्षत्रिय ভাষা",
    "ภาษาไทย น้ำ",
    "中文 汉字。 𠮷野家",
    "「日本語」 カタカナ ｶﾅ",
    "한국어 안녕",
    "👩\u200d👩\u200d👧 👍🏽 🇩🇪 1️⃣ 𝔘𝔫𝔦 𐐀𐐁 \udc80",
]
WORDS = " ".join(SCRIPTS).split(" ")
GAPS = [" ", "  ", "", " \ud83d ", ", ", " — ", "\t", "\r\n", "\0", "\x1c", "\x85", "\xa0", "\u3000"]
GAPS += ["\u180e", "\u200b", "\u2028", "\ufeff"]

#: Loads files and predicts texts, both read as JSON; writes classes and probabilities, or the error, by file.
NODE = """
import { readFileSync } from "node:fs";
import { load } from SCRIPT;
const { files, texts } = JSON.parse(readFileSync(0, "utf8")), results = {};
for (const [name, path] of Object.entries(files)) {
  try {
    const student = await load(new Uint8Array(readFileSync(path)).buffer);
    results[name] = [student.classes, texts.map((text) => student.predictProba(text))];
  } catch (error) {
    results[name] = error instanceof Error ? error.message : null;
  }
}
console.log(JSON.stringify(results));
"""


def node():
    """Return the path of a Node.js that can inflate members of zip archives (20.12 or newer), or None."""
    path = shutil.which("node")
    if path is None or not SCRIPT.exists():
        return None
    version = subprocess.run([path, "--version"], capture_output=True, text=True).stdout
    return path if tuple(map(int, re.findall(r"\d+", version)[:2])) >= (20, 12) else None


pytestmark = pytest.mark.skipif(node() is None, reason="needs Node.js 20.12 or newer, and the folder docs")


def run_script(files, texts=()):
    """Return by name of a file its classes and the probabilities of texts, or the message of the error."""
    script = NODE.replace("SCRIPT", json.dumps(SCRIPT.as_uri()))
    given = json.dumps({"files": {name: str(path) for name, path in files.items()}, "texts": list(texts)})
    command = [node(), "--input-type=module", "--eval", script]
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def random_texts(n_texts, seed):
    """Return texts of words of several writing systems, and of characters that Unicode has had since 3.2."""
    generator = random.Random(seed)
    old = [chr(code) for code in range(0x30000) if unicodedata.ucd_3_2_0.category(chr(code)) not in ("Cn", "Cs", "Co")]
    parts = [WORDS * 5 + generator.sample(old, 400), GAPS]
    lengths = [generator.randrange(30) for _ in range(n_texts)]
    return ["".join(map("".join, zip(*(generator.choices(part, k=n) for part in parts)))) for n in lengths]


@pytest.fixture(scope="module")
def training():
    """Texts of syllables with words of several writing systems, and four classes."""
    texts, y = documents(240)
    return [f"{text} {others}" for text, others in zip(texts, random_texts(len(texts), seed=1))], y


def students_of(texts, y):
    """Return students by name: analyzers, activations, and ways in which numbers are stored."""
    words = linear_classifier(texts, y, subwords=(2, 3, 5), ngrams=3)
    indicators = np.column_stack([y == 0, y % 2, y > 1]).astype(int)
    return {
        "words": words.compress(12_000, X=texts),
        "pruned": words.compress(12_000),
        "all features": words.compress(None),
        "characters": linear_classifier(texts, y, analyzer="char", subwords=()).compress(8_000, X=texts),
        "multilabel": linear_classifier(texts, indicators, out_activation="sigmoid").compress(10_000, X=texts),
        "cased, last tokens": linear_classifier(texts, y, lowercase=False, truncating="pre").compress(10_000, X=texts),
        "not compressed": words,
    }


@pytest.fixture(scope="module")
def files(training, tmp_path_factory):
    """Paths of saved students by name."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The compressed network agrees")  # accuracy does not matter here
        students = students_of(*training)
    folder = tmp_path_factory.mktemp("students")
    for name, student in students.items():
        student.save(folder / name)
    change(folder / "words", folder / "stored", compression=zipfile.ZIP_STORED)
    return {name: folder / name for name in (*students, "stored")}


def change(path, changed, compression=zipfile.ZIP_DEFLATED, **meta):
    """Write a saved model with other values in its ``meta.json``."""
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(changed, "w", compression) as other:
        for name in archive.namelist():
            data = archive.read(name)
            other.writestr(name, json.dumps(json.loads(data) | meta) if name == "meta.json" else data)


def test_probabilities_are_those_of_python(files, training):
    whitespace = ["", " ", "\n\t \u3000", "\0", "\0 \0", "\ufeff", "\udc80", "a\ud83d", "Σ", "ΑΣ"]
    long = " ".join(training[0][:10])  # more tokens than are read
    texts = [*whitespace, *training[0][:200], long, long * 9, *random_texts(788, seed=2)]
    assert len(texts) >= 999
    results = run_script({name: path for name, path in files.items() if name != "not compressed"}, texts)
    for name, (classes, probabilities) in results.items():
        expected = runtime.load(files[name])
        assert classes == expected.classes_.tolist(), name
        np.testing.assert_allclose(probabilities, expected.predict_proba(texts), atol=1e-5, rtol=0, err_msg=name)


def test_a_file_that_cannot_be_read_gives_a_sentence(files, tmp_path):
    data, stored = files["words"].read_bytes(), files["stored"].read_bytes()
    middle, inside = len(data) // 2, len(stored) // 2  # inside an array
    bad = {
        "empty": b"",
        "text": b"no zip archive",
        "truncated": data[:middle],
        "hole": data[: middle - 40] + bytes(40) + data[middle:],
        "without its end": data[:-30],
        "changed": stored[:inside] + bytes([stored[inside] ^ 1]) + stored[inside + 1 :],
    }
    paths = {name: tmp_path / name for name in (*bad, "newer", "other format")}
    for name, content in bad.items():
        paths[name].write_bytes(content)
    change(files["words"], paths["newer"], protocol=2)
    change(files["words"], paths["other format"], format="another")
    messages = run_script(paths | {"not compressed": files["not compressed"]})
    assert all(isinstance(message, str) and message.endswith(".") for message in messages.values()), messages
    expected = {
        **dict.fromkeys(("empty", "text", "other format"), "not a saved model"),
        **dict.fromkeys(("truncated", "without its end", "hole"), "damaged"),
        "changed": "checksum",
        "newer": "newer version",
        "not compressed": "Got the network bag",
    }
    assert all(part in messages[name] for name, part in expected.items()), messages


def test_the_student_of_the_page_is_read():
    path = SCRIPT.with_name("try.skd")
    assert path.stat().st_size <= 30_000
    (classes, [probabilities]) = run_script({"try": path}, ["fracture of the left femur"])["try"]
    assert "Injury" in classes[np.argmax(probabilities)]
