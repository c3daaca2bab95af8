"""Prediction starts without what training and plots need."""

import pickle
import subprocess
import sys

import numpy as np
import pytest

import skdistill
from skdistill import ExtractedClassifier, TextTokenizer
from skdistill._training.features import learn_vocabulary
from skdistill.runtime import TrainedBag
from skdistill.text.tokens import Tokens

HEAVY = ["tensorflow", "keras", "matplotlib", "tqdm"]


def run(code, *arguments):
    """What a new interpreter prints, and which heavy modules it has imported."""
    code = f"import sys\n{code}\nprint([name for name in {HEAVY} if name in sys.modules])"
    command = [sys.executable, "-c", code, *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_importing_the_package_is_light_and_pandas_is_imported_by_scikit_learn_alone():
    code = "import sklearn.base, sklearn.utils.validation\nbefore = 'pandas' in sys.modules"
    code += "\nimport skdistill, skdistill.datasets, skdistill.runtime"
    assert run(f"{code}\nprint(before == ('pandas' in sys.modules))") == "True\n[]"


def test_a_name_is_imported_when_it_is_first_used():
    code = """
import skdistill
print([name for name in ("numpy", "scipy", "sklearn") if name in sys.modules])
skdistill.TextStream
print("sklearn" in sys.modules, "skdistill.text.streams" in sys.modules)
from skdistill import *
print(sorted(set(skdistill.__all__) - set(globals())), TextBag is skdistill.TextBag, datasets.__name__)
"""
    assert run(code).splitlines()[:3] == ["[]", "False True", "[] True skdistill.datasets"]


def test_the_package_shows_its_public_names_and_nothing_else():
    assert dir(skdistill) == sorted([*skdistill.__all__, "__version__"])
    with pytest.raises(AttributeError, match="module 'skdistill' has no attribute 'tokenization'"):
        _ = skdistill.tokenization


# What must be told of X, y and parameters before anybody waits for TensorFlow: here it cannot be imported.
CHECKS = """
sys.modules.update(dict.fromkeys(["tensorflow", "keras"]))
from skdistill import DistilledTextClassifier, TextBag

X, y = ["good", "bad"] * 6, [1, 0] * 6
for parameters, arguments in [
    ({"max_iter": 0}, (X, y)),
    ({"main": TextBag(units=0)}, (X, y)),
    ({"schedule": "sequential"}, (X, y)),
    ({}, ([1, 2], y)),
    ({}, (X, [0] * 12)),
    ({}, (X, y, [-1] * 12)),
    ({"class_weight": {7: 1}}, (X, y)),
    ({}, (X, y)),
]:
    try:
        DistilledTextClassifier(**parameters).fit(*arguments)
    except Exception as error:  # its type is compared below
        print(type(error).__name__)
sys.modules = {name: module for name, module in sys.modules.items() if module is not None}
"""


def test_input_and_parameters_are_checked_before_tensorflow_is_imported():
    *errors, last, _ = run(CHECKS).splitlines()
    assert last == "ImportError"
    assert errors == ["InvalidParameterError"] * 2 + ["ValueError"] * 5


PREDICT = """
import pickle
for path in sys.argv[1:]:
    with open(path, "rb") as file:
        classifier = pickle.load(file)
    for each in (classifier, getattr(classifier, "auxiliary_", classifier)):
        print(each.predict(["a superb , lovely film", "poor and dull"]))
"""


def test_unpickling_and_predicting_is_light(fitted, tmp_path):
    paths = tmp_path / "extracted.pickle", tmp_path / "classifier.pickle"
    for path, classifier in zip(paths, (fitted.extract("auxiliary"), fitted)):
        path.write_bytes(pickle.dumps(classifier))
    assert run(PREDICT, *paths) == "['good' 'bad']\n" * 4 + "[]"


def by_hand(texts, classes, *, units=6, seed=0):
    """An extracted classifier that nobody has trained."""
    tokenizer = TextTokenizer(sequence_length=20).fit(texts)
    sequences = Tokens.of_tokenizer(tokenizer).sequences(texts)
    vocabulary = learn_vocabulary(
        sequences,
        Tokens.of_tokenizer(tokenizer).n_tokens,
        list(tokenizer.vocabulary_),
        ngrams=2,
        subwords=(3,),
        max_features=1000,
    )
    generator = np.random.default_rng(seed)
    shapes = {
        "tokens": (len(vocabulary.seen), units),
        "ngrams": (len(vocabulary.ngram_index), units),
        "subwords": (len(vocabulary.subword_index), units),
        "kernel_0": (units, len(classes)),
        "bias_0": (len(classes),),
    }
    weights = {name: generator.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    predictor = TrainedBag(vocabulary, weights).predictor
    return ExtractedClassifier.from_predictor(predictor, np.array(classes), tokenizer=tokenizer)


@pytest.mark.parametrize("classes", [["bad", "good"], [0, 1, 2], [0, 1, 2, 3, 4, 5, 6]])
def test_a_network_of_arrays_predicts_without_training(classes, reviews):
    texts = [*reviews[0], "", "unheard-of words"]
    classifier = by_hand(reviews[0], classes)
    probabilities = classifier.predict_proba(texts)
    assert probabilities.shape == (len(texts), len(classes))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert set(classifier.predict(texts).tolist()) <= set(classes)
    copy = pickle.loads(pickle.dumps(classifier))
    np.testing.assert_array_equal(copy.predict_proba(texts), probabilities)


def test_a_network_of_arrays_predicts_where_tensorflow_is_missing(reviews, tmp_path):
    classifier = by_hand(reviews[0], ["bad", "good"])
    path = tmp_path / "classifier.pickle"
    path.write_bytes(pickle.dumps(classifier))
    without = f"sys.modules.update(dict.fromkeys({HEAVY}))\n"
    lines = run(without + PREDICT, path).splitlines()
    assert lines[0] == str(classifier.predict(["a superb , lovely film", "poor and dull"]))
