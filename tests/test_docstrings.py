"""The documentation says what the signatures say."""

import ast
import inspect
import re

import pytest

import skdistill
from skdistill import datasets, displays, inspection, metrics, model_selection, objectives, teachers, testing
from skdistill.text import embeddings

SECTION = re.compile(r"^(\w[\w ]*)\n-{3,}\n", re.MULTILINE)


def sections(thing):
    """The text under each underlined heading of a docstring."""
    _, *parts = SECTION.split(inspect.getdoc(thing) or "")
    return dict(zip(parts[::2], parts[1::2]))


def entries(text):
    """(name, type) of each parameter; ``a, b : type`` are two."""
    for line in text.splitlines():
        if re.match(r"[\w*]", line):
            names, _, kind = line.partition(" : ")
            for name in names.split(","):
                yield name.strip(), kind


def parameters(thing):
    found = inspect.signature(thing).parameters.values()
    stars = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    return {stars.get(p.kind, "") + p.name: p.default for p in found if p.name != "self"}


PACKAGES = (datasets, displays, embeddings, inspection, metrics, model_selection, objectives, teachers, testing)


def public_things():
    named = {name: getattr(skdistill, name) for name in skdistill.__all__}
    for module in PACKAGES:
        named |= {name: getattr(module, name) for name in module.__all__}
    for name, thing in named.items():
        if inspect.isfunction(thing):
            yield name, thing
        elif inspect.isclass(thing) and not issubclass(thing, Exception):
            yield name, thing
            yield from public_methods(name, thing)


def public_methods(class_name, cls):
    for name, thing in inspect.getmembers(cls, inspect.isfunction):
        # What scikit-learn's bases bring is documented there.
        if not name.startswith("_") and thing.__module__.startswith("skdistill"):
            yield f"{class_name}.{name}", thing


THINGS = dict(public_things())
FUNCTIONS = {name: thing for name, thing in THINGS.items() if inspect.isfunction(thing)}
CLASSES = {name: thing for name, thing in THINGS.items() if inspect.isclass(thing)}


def test_the_public_things_are_found():
    assert {"DistilledTextClassifier", "TextBag", "load_icd10_chapters", "TextTokenizer.transform"} <= set(THINGS)


@pytest.mark.parametrize("name", THINGS)
def test_everything_public_begins_with_a_sentence(name):
    first, *rest = (inspect.getdoc(THINGS[name]) or "").splitlines()
    assert first.endswith(".")
    assert not rest or rest[0] == ""


@pytest.mark.parametrize("name", THINGS)
def test_the_documented_parameters_are_those_of_the_signature(name):
    documented = [parameter for parameter, _ in entries(sections(THINGS[name]).get("Parameters", ""))]
    assert documented == list(parameters(THINGS[name]))


@pytest.mark.parametrize("name", THINGS)
def test_the_documented_defaults_are_those_of_the_signature(name):
    defaults = parameters(THINGS[name])
    for parameter, kind in entries(sections(THINGS[name]).get("Parameters", "")):
        documented = re.search(r"default=(.+)$", kind)
        if documented:
            assert ast.literal_eval(documented[1]) == defaults[parameter], parameter
        else:  # y=None is there for scikit-learn alone, and such a parameter is ignored
            assert defaults[parameter] in (inspect.Parameter.empty, None), parameter


@pytest.mark.parametrize("name", CLASSES)
def test_every_parameter_with_a_default_names_it(name):
    documented = {
        parameter for parameter, kind in entries(sections(CLASSES[name]).get("Parameters", "")) if "default=" in kind
    }
    assert documented == {
        p for p, default in parameters(CLASSES[name]).items() if default is not inspect.Parameter.empty
    }


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_is_returned_is_documented(name):
    tree = ast.parse(inspect.cleandoc("\n" + inspect.getsource(inspect.unwrap(FUNCTIONS[name]))))
    returns = any(isinstance(node, ast.Return) and node.value is not None for node in ast.walk(tree))
    assert ("Returns" in sections(FUNCTIONS[name])) == returns


@pytest.mark.parametrize("name", [*CLASSES, "load_icd10_chapters"])
def test_public_classes_show_an_example(name):
    assert ">>> " in sections(THINGS[name])["Examples"]


@pytest.mark.parametrize("name", [n for n, cls in CLASSES.items() if "fit" in dir(cls)])
def test_fitted_attributes_end_with_an_underscore(name):
    assert all(attribute.endswith("_") for attribute, _ in entries(sections(CLASSES[name])["Attributes"]))


def test_names_in_all_are_sorted_and_there():
    names = skdistill.__all__
    assert sorted(names, key=lambda name: (not name.isupper(), name)) == names
    assert all(hasattr(skdistill, name) for name in names)


# What is left out: longer summaries, where they would add nothing; descriptions of other libraries' objects under
# See Also; names of returned values, which numpydoc allows for one value too; methods inherited from scikit-learn.
NOT_ASKED = {"ES01", "SA04", "RT02"}
NEEDS_NO_EXAMPLE = {
    "DistilledTextClassifierCV.save": "works as that of DistilledTextClassifier",
    "DistilledTextClassifierCV.to_keras": "works as that of DistilledTextClassifier",
    "LambdaDisplay.plot": "from_search, in the example of the class, draws",
    "ReliabilityDisplay.plot": "from_predictions, in the example of the class, draws",
    "SoftTargetDisplay.plot": "from_estimator, in the example of the class, draws",
    "TrainingDisplay.plot": "from_estimator, in the example of the class, draws",
    "ExtractedClassifier.fit": "changes nothing",
    "FunctionTeacher.fit": "changes nothing",
    "HuggingFaceTeacher.fit": "changes nothing",
    "SetFitTeacher.fit": "changes nothing",
}


def needs_no_example(name):
    """Whether the example of the class shows a method, or the function itself is shown with a class of its module."""
    owner, _, method = name.rpartition(".")
    shown_with = THINGS[owner] if owner else {"joint_loss": CLASSES["Teaching"]}.get(name)
    examples = sections(shown_with).get("Examples", "") if shown_with else ""
    return name in NEEDS_NO_EXAMPLE or f"{method}(" in examples


@pytest.mark.parametrize("name", [*THINGS])
def test_numpydoc_finds_nothing_to_correct(name):
    validate = pytest.importorskip("numpydoc.validate").validate
    thing = THINGS[name]
    not_asked = NOT_ASKED | ({"EX01"} if needs_no_example(name) else set())
    errors = validate(f"{thing.__module__}.{thing.__qualname__}")["errors"]
    assert [error for error in errors if error[0] not in not_asked] == []


def test_what_needs_no_example_has_none():
    assert [name for name in NEEDS_NO_EXAMPLE if "Examples" in sections(THINGS[name])] == []


# ``skdistill.NAME`` and names of modules are found as they are; a plain name is of the same class or module, or of the
# package.
@pytest.mark.parametrize("name", [*THINGS])
def test_what_is_seen_also_exists(name):
    thing = THINGS[name]
    owner = THINGS.get(name.rpartition(".")[0])
    for line in re.findall(r"^(\w[\w., ]*) : ", sections(thing).get("See Also", ""), re.MULTILINE):
        for target in line.split(", "):
            if target.startswith("sklearn."):
                continue
            path = target.removeprefix("skdistill.").split(".")
            places = (owner, inspect.getmodule(thing), skdistill, *PACKAGES)
            assert any(place is not None and has_path(place, path) for place in places), target


def has_path(place, path):
    for part in path:
        if part not in dir(place) and not hasattr(place, part):
            return False
        place = getattr(place, part)
    return True
