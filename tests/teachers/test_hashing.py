"""The hashes by which teachers are recognised in caches: equal in all processes."""

import sys

import pytest
from sklearn.frozen import FrozenEstimator
from sklearn.preprocessing import FunctionTransformer

from skdistill.teachers import FunctionTeacher
from skdistill.teachers._hashing import hash_of

pytestmark = pytest.mark.core

SCRIPT = """
class Encoder:
    def __init__(self, size):
        self.size = size

def ask(text):
    return "a"
"""


def of_a_script():
    """Return a class and a function of a script, which the module __main__ of this process does not have."""
    names = {"__name__": "__main__"}
    exec(SCRIPT, names)
    return names["Encoder"], names["ask"]


def test_what_a_script_defines_has_the_same_hash_where_it_cannot_be_imported(monkeypatch):
    encoder, ask = of_a_script()
    values = [
        FrozenEstimator(encoder(3)),
        FunctionTransformer(ask),
        FunctionTeacher(ask, ["a", "b"]),
        {"class": encoder},
    ]
    there = [hash_of(value) for value in values]  # as in a worker of joblib, which has got them by value
    assert hash_of(encoder(4)) != hash_of(encoder(3))
    assert len(set(there)) == len(values)
    monkeypatch.setattr(sys.modules["__main__"], "Encoder", encoder, raising=False)
    monkeypatch.setattr(sys.modules["__main__"], "ask", ask, raising=False)
    assert [hash_of(value) for value in values] == there


def test_functions_without_a_name_are_not_taken_for_equal():
    for code in ("f = lambda text: 1", "def make():\n    def f(text): return 1\n    return f\nf = make()"):
        names = {"__name__": "__main__"}
        exec(code, names)
        with pytest.raises(Exception, match="ickl"):
            hash_of(names["f"])
