"""Networks become plain values and arrays, and the same networks again; what does not fit together is refused."""

import io
import json

import numpy as np
import pytest
from network_factory import BATCHES, TRAINED

from skdistill._serialization import to_bytes
from skdistill.runtime.archive import read_archive


def through_a_file(part):
    return type(part).from_state(*read_archive(io.BytesIO(to_bytes(*part.state())))[:2])


@pytest.mark.parametrize("name", TRAINED)
@pytest.mark.parametrize("form", ["trained", "predictor"])
def test_a_network_that_was_saved_has_the_same_logits_bit_by_bit(name, form):
    network = TRAINED[name] if form == "trained" else TRAINED[name].predictor
    loaded = through_a_file(network)
    predictor, expected = (loaded.predictor, network.predictor) if form == "trained" else (loaded, network)
    for batch in BATCHES:
        np.testing.assert_array_equal(predictor.logits(batch), expected.logits(batch), strict=True)
    assert repr(loaded) == repr(network)


@pytest.mark.parametrize("name", TRAINED)
@pytest.mark.parametrize("form", ["trained", "predictor"])
def test_a_state_without_one_of_its_parts_is_refused(name, form):
    network = TRAINED[name] if form == "trained" else TRAINED[name].predictor
    values, arrays = network.state()
    for missing in set(arrays) - {"vocabulary.symbols", "vocabulary.frequencies"}:
        others = {key: array for key, array in arrays.items() if key != missing}
        with pytest.raises(ValueError, match=f"The array '{missing.split('.')[-1]}' is missing"):
            type(network).from_state(values, others)
    for missing in values:
        with pytest.raises(ValueError, match=f"The value '{missing}' is missing"):
            type(network).from_state({key: value for key, value in values.items() if key != missing}, arrays)


CHANGES = {
    "a row more": lambda array: np.concatenate([array, array[-1:]]),
    "an axis more": lambda array: array[None],
    "another dtype": lambda array: array.astype(np.float64 if array.dtype == np.float32 else np.int8),
}
#: An embedding alone says how many tokens there are, and a kernel of a CNN how long its windows are.
FREE = {"embedding", "kernel"}


@pytest.mark.parametrize("network", TRAINED)
@pytest.mark.parametrize("form", ["trained", "predictor"])
@pytest.mark.parametrize("change", CHANGES)
def test_arrays_that_do_not_fit_together_are_refused(network, form, change):
    network = TRAINED[network] if form == "trained" else TRAINED[network].predictor
    values, arrays = network.state()
    for name, array in arrays.items():
        changed = CHANGES[change](array)
        if not changed.size or (change == "a row more" and name in FREE):
            continue
        with pytest.raises(ValueError, match=r"must|rise"):
            type(network).from_state(values, arrays | {name: changed})


def bag_state(**changes):
    values, arrays = TRAINED["bag"].predictor.state()
    for name, value in changes.items():
        (arrays if isinstance(value, np.ndarray) else values)[name] = value
    return values, arrays


ARRAYS = TRAINED["bag"].predictor.state()[1]
VALUES = TRAINED["bag"].predictor.state()[0]
KEYS = ARRAYS["vocabulary.ngram_keys"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"vocabulary.ngram_keys": KEYS[::-1].copy()}, "Keys must rise"),
        ({"vocabulary.ngram_keys": np.where(KEYS[1] == KEYS, KEYS[0], KEYS)}, "Keys must rise"),
        ({"tokens": np.where(ARRAYS["tokens"] == 1, -1, ARRAYS["tokens"])}, "counts in 'tokens'"),
        ({"ngrams": ARRAYS["ngrams"][::-1].copy()}, "last column of 'ngrams'"),
        ({"n_units": 0}, "'n_units' must be an integer between 1"),
        ({"n_layers": True}, "'n_layers' must be an integer"),
        ({"n_layers": 10**9}, "'n_layers' must be an integer"),
        ({"vectors": []}, "'vectors' must hold values by name"),
        ({"vocabulary": {**VALUES["vocabulary"], "ngrams": 10**9}}, "'ngrams' must be an integer between"),
        ({"vocabulary": {**VALUES["vocabulary"], "subwords": [3, 10**9]}}, "'subwords' must be a list of integers"),
        ({"vocabulary": {**VALUES["vocabulary"], "n_spellings": 1}}, "There must be 1 texts"),
    ],
)
def test_a_bag_that_would_be_wrong_or_slow_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        type(TRAINED["bag"].predictor).from_state(*bag_state(**changes))


def test_keys_that_begin_alike_are_refused_because_searches_would_be_slow():
    values, arrays = bag_state()
    keys = np.arange(5000, dtype=np.uint64)
    table = np.ones((len(keys) + 1, arrays["ngrams"].shape[1]), np.float32)
    table[0] = 0
    with pytest.raises(ValueError, match="begin with the same bits"):
        type(TRAINED["bag"].predictor).from_state(values, arrays | {"vocabulary.ngram_keys": keys, "ngrams": table})


def test_weights_whose_logits_would_overflow_are_refused():
    values, arrays = TRAINED["bag with a hidden layer"].predictor.state()
    kernel = np.full((5, 5), 1e6, np.float32)
    layers = {f"kernel_{i}": kernel for i in range(10)} | {f"bias_{i}": kernel[0] for i in range(10)}
    with pytest.raises(ValueError, match="may overflow"):
        type(TRAINED["bag"].predictor).from_state({**values, "n_layers": 10}, arrays | layers)


def test_values_are_those_of_json():
    for trained in TRAINED.values():
        for part in (trained, trained.predictor):
            values, _ = part.state()
            assert json.loads(json.dumps(values)) == values
