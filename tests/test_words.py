"""Words that readers stumble over: no docstring, comment, message or page has them."""

import ast
import re
import tokenize
from bisect import bisect_right
from itertools import accumulate
from pathlib import Path

import pytest

import skdistill

PACKAGE = Path(skdistill.__file__).parent
ROOT = Path(__file__).parent.parent

_UNIT = "(row|document|text|line|class|label|epoch|fold|word)"
_MANY = "(labels|tokens|columns|numbers|features|vectors|bytes|probabilities|seconds|µs)"
_VERB = "(is|has|needs|takes|can|may|must|gets|holds|reads|of)"
_THING = "(networks?|teachers?|students?|models?|classifiers?|auxiliary)"
_KIND = (
    "(str|int|float|list|dict|array|matrix|table|number|id|token|class|classes|labels?|collections?|partition|search|"
    "scorers?|scores|texts?|estimators?|classifiers?|probabilities|saved model|model|JSON|folder|Parquet file|rate)"
)

#: Pattern, what to write instead, and an example.
WORDS = (
    (rf"\b{_MANY} an? {_UNIT}\b(?! {_VERB}\b)", "per", "a vector of three numbers a row"),
    (r"\ba \w+ a (row|line|epoch)\b", "one per", "X holds a document a row"),
    (rf"\b{_THING},? who\b", "which, that", "A teacher who knows less than the labels"),
    (r"\bwho (teach|teaches|learns|answers|gets there)\b", "the network that", "at once where who teaches is trained"),
    (r"\b[Aa]nswers? out of fold\b", "out-of-fold predictions", "answers out of fold are better"),
    (r"\bbrought along\b", "precomputed, given", "answers brought along"),
    (r"\bbears? (a )?(larger|higher|smaller) (teacher )?weights?\b", "works with", "a teacher bears a larger weight"),
    (r"\b(too|so|more|less|very) sure\b|\bsure of\b", "confident", "its probabilities are too sure"),
    (r"\bin the mean\b(?! (of|time))", "on average", "three epochs in the mean"),
    (r"\bwanted\b", "target", "figures that fall short of what was wanted"),
    (r"\b([Tt]he|its|our|other|than) peers\b", "other libraries", "as the peers do"),
    (r"\barms?\b", "variant", "each arm trains until"),
    (r"\bmended\b", "fixed", "errors that were mended"),
    (r"\bdescribed networks?\b|\bdescription with parameters\b", "network specification", "a described network"),
    (r"\bother network teach(es)?\b", "mutual learning", "the other network teaches"),
    (r"\banew\b", "again, or nothing", "fitted anew in each fold"),
    (r"\bat hand\b", "or nothing", "the rows at hand"),
    (r"\b[Tt]old\b(?! (apart|from|you|us))", "plain words", "rows which are told of each epoch"),
    (r"\bwhat there is\b|\bthe workshop\b", "plain words", "what there is, the network learns"),
    (
        r"\bteacher's share\b|\bshare of (a|the|all) (rows?|label)\b",
        "weight, fraction",
        "the teacher's share of a row",
    ),
    (r"\brows of which all are right\b", "subset accuracy", "the rows of which all are right"),
    (r"\bseveral labels (a|per) (row|document|text)\b", "multilabel", "y with several labels per row"),
    (
        r"\b(costs?|brings?) (main |it |them |up to |about |half |an? |one |two )*([\d.,]+ )?(points?|accuracy)\b",
        "lowers, raises accuracy by",
        "a teacher that brings half a point",
    ),
    (
        r"\bbrings nothing\b|\bcosts the more\b|\bor costs\b",
        "does not help, lowers accuracy",
        "it brings nothing or costs",
    ),
    (r"\bpaces\b", "rates", "the paces of Adam"),
    (r"\bmust not know\b", "plain words", "It must not know the estimator"),
    (rf"(?<!here )\b(is|are) no {_KIND}\b", "is not a", "If a document is no str"),
    (r"\bdoes not feel\b|\bis not felt\b", "does not depend on", "a weight that Adam does not feel"),
)

LEGAL = (
    "A service answers requests, and a file of answers holds the answers of a language model.",
    "Labels and texts of a row; each row has a label; a class per column; give a document a class.",
    "It cannot be told apart. Make sure that it is recommended. The mean of a row, in the mean of both networks.",
    "There is no class without a row. Networks share an embedding. The peer learns from it. report.arms_ has rows.",
    "A path costs nothing. The time that a prediction costs. People who use classifiers, and others who read this.",
    "Once a document is read, the numbers a row has are known; how many times a text is read.",
)


def found(text):
    """Yield the line number of each such word in a text, the word, and what to write instead."""
    words = [word for word in re.finditer(r"\S+", text) if word[0] not in ("#", "#:")]
    flat = " ".join(word[0] for word in words)
    starts = list(accumulate((len(word[0]) + 1 for word in words), initial=0))
    for pattern, instead, _ in WORDS:
        for match in re.finditer(pattern, flat):
            word = words[bisect_right(starts, match.start()) - 1]
            yield text.count("\n", 0, word.start()), match[0], instead


def comments_docstrings_and_messages(path):
    """Yield the line and the text of each docstring, block of comments, and message of an error or a warning."""
    with tokenize.open(path) as file:
        source = file.read()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node):
            yield node.body[0].lineno, node.body[0].value.value
        is_warning = isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "warn"
        if is_warning or isinstance(node, ast.Raise):
            for part in ast.walk(node):
                if isinstance(part, ast.JoinedStr):
                    yield part.lineno, "".join(str(getattr(each, "value", "X")) for each in part.values)
                elif isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part.lineno, part.value
    for block in re.finditer(r"(^ *#.*\n)+", source, re.MULTILINE):
        yield source.count("\n", 0, block.start()) + 1, block[0]


def pages():
    patterns = ("README.md", "docs/**/*.md", "examples/*.py")
    return [path for pattern in patterns for path in sorted(ROOT.glob(pattern)) if "_build" not in path.parts]


def report(path, line, word, instead):
    return f"{path}:{line}: {word!r}: write {instead}"


def test_docstrings_comments_and_messages_have_none_of_the_words():
    paths = sorted(PACKAGE.rglob("*.py"))
    hits = {
        report(path.relative_to(PACKAGE.parent), start + line, word, instead)
        for path in paths
        for start, text in comments_docstrings_and_messages(path)
        for line, word, instead in found(text)
    }
    assert not hits, "\n".join(sorted(hits))
    assert len(paths) > 100


def test_pages_and_examples_have_none_of_the_words():
    if not pages():
        pytest.skip("the documentation is not beside the tests")
    hits = [
        report(path.relative_to(ROOT), line + 1, word, instead)
        for path in pages()
        for line, word, instead in found(path.read_text(encoding="utf-8"))
    ]
    assert not hits, "\n".join(hits)


@pytest.mark.parametrize(("pattern", "example"), [(pattern, example) for pattern, _, example in WORDS])
def test_each_word_is_found_also_across_the_end_of_a_line(pattern, example, tmp_path):
    assert re.search(pattern, example)
    path = tmp_path / "module.py"
    broken = example.replace(" ", "\n    ")
    path.write_text(
        f'"""Module."""\n\n\ndef f():\n    """{broken}."""\n    raise ValueError("{example}")\n', encoding="utf-8"
    )
    texts = [text for _, text in comments_docstrings_and_messages(path)]
    assert [bool(list(found(text))) for text in texts] == [False, True, True]


@pytest.mark.parametrize("sentence", LEGAL)
def test_plain_sentences_are_not_taken_for_such_words(sentence):
    assert list(found(sentence)) == []
