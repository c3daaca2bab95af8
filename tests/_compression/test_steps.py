"""The steps of a compression, each against its definition."""

import numpy as np
import pytest
from compression_factory import documents, linear_classifier
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.special import log_expit, log_softmax

from skdistill._compression.budget import rows_within
from skdistill._compression.documents import read_documents
from skdistill._compression.linear_bag import linear_bag
from skdistill._compression.quantization import by_row
from skdistill._compression.rotation import centre, rotate, scale_to
from skdistill._compression.selection import cut_keys, key_bits, usefulness
from skdistill._compression.training import Adam, Settings, Weights, _gradients, temper, tempered
from skdistill.runtime import ops

TEXTS, LABELS = documents(60)
STUDENT = linear_classifier(TEXTS, LABELS)
BAG = linear_bag(STUDENT.predictor_, STUDENT.tokenizer_)


def test_a_linear_bag_has_the_logits_of_the_network():
    matrix = read_documents(BAG.reader, TEXTS).matrix()
    np.testing.assert_allclose(matrix @ BAG.rows @ BAG.kernel + BAG.bias, STUDENT.decision_function(TEXTS), atol=1e-4)


def test_without_dropout_the_matrix_of_dropout_is_the_matrix():
    read = read_documents(BAG.reader, TEXTS)
    dropped = read.matrix_with_dropout(0, np.random.default_rng(0))
    np.testing.assert_allclose(dropped.toarray(), read.matrix().toarray(), rtol=1e-5)


def test_dropout_leaves_features_out_and_keeps_the_size_of_pooled_vectors():
    read = read_documents(BAG.reader, TEXTS)
    dropped = read.matrix_with_dropout(0.5, np.random.default_rng(0))
    assert 0.4 < dropped.nnz / len(read.rows) < 0.6
    assert not set(zip(*dropped.nonzero())) - set(zip(*read.matrix().nonzero()))
    # The squared norm of the sum of features of norm 1, at right angles to each other.
    squares = np.add.reduceat(dropped.data**2, dropped.indptr[:-1])
    np.testing.assert_allclose(squares, 1, rtol=1e-4)


@pytest.mark.parametrize("frequency", [0, 1, 50])
def test_usefulness_is_the_norm_of_what_a_feature_adds_times_log_1_plus_frequency(frequency):
    generator = np.random.default_rng(0)
    rows, kernel = generator.normal(size=(5, 3)).astype(np.float32), generator.normal(size=(3, 4)).astype(np.float32)
    expected = np.linalg.norm(rows @ kernel, axis=1) * np.log(1 + frequency)
    np.testing.assert_allclose(usefulness(rows, kernel, np.full(5, frequency)), expected, rtol=1e-5)


@pytest.mark.parametrize(("n_rows", "bits"), [(1, 5), (2, 5), (3, 6), (1024, 14), (1025, 15)])
def test_keys_have_four_bits_more_than_number_the_rows(n_rows, bits):
    assert key_bits(n_rows, 4) == bits


def test_of_features_with_the_same_short_key_the_most_useful_stays():
    order = np.random.default_rng(0).permutation(len(BAG.rows))
    reader, kept = cut_keys(BAG.reader, order, 6)
    short = BAG.reader.keys >> np.uint64(58)
    assert reader.keys.tolist() == np.unique(short).tolist()
    for key, feature in zip(reader.keys, kept):
        assert feature == next(place for place in order if short[place] == key)


def test_rotation_keeps_a_product_of_low_rank():
    generator = np.random.default_rng(0)
    rows, kernel = generator.normal(size=(50, 3)).astype(np.float32), generator.normal(size=(3, 7))
    few, narrow = rotate(rows, kernel, generator.uniform(1, 2, 50), 3)
    np.testing.assert_allclose(few @ narrow, rows @ kernel, atol=1e-4)
    scaled, kernel = scale_to(few, narrow, 0.15)
    assert scaled.std() == pytest.approx(0.15, rel=1e-4)
    np.testing.assert_allclose(scaled @ kernel, few @ narrow, atol=1e-4)


def test_rotation_is_the_best_approximation_of_its_rank():
    generator = np.random.default_rng(0)
    rows, kernel, weights = generator.normal(size=(50, 6)), generator.normal(size=(6, 7)), generator.uniform(0, 4, 50)
    few, narrow = rotate(rows.astype(np.float32), kernel, weights, 2)
    error = np.sqrt(weights)[:, None] * (few @ narrow - rows @ kernel)
    least = np.linalg.svd(np.sqrt(weights)[:, None] * (rows @ kernel), compute_uv=False)[2:]
    assert (error**2).sum() == pytest.approx((least**2).sum(), rel=1e-4)


def test_centring_leaves_probabilities_as_they_are():
    generator = np.random.default_rng(0)
    x, kernel, bias = (generator.normal(size=shape) for shape in ((9, 3), (3, 4), 4))
    centred = centre(kernel, bias)
    np.testing.assert_allclose(ops.softmax(x @ centred["kernel"] + centred["bias"]), ops.softmax(x @ kernel + bias))
    assert np.linalg.matrix_rank(np.random.default_rng(1).normal(size=(9, 9)) @ rank_of(centred["kernel"])) == 3


def rank_of(kernel):
    """A product of many rows with a kernel of four classes."""
    return np.random.default_rng(0).normal(size=(9, 3)) @ kernel


def test_int8_rows_are_within_half_a_step():
    rows = np.random.default_rng(0).normal(size=(20, 3)) * np.logspace(-3, 3, 20)[:, None]
    rows[4] = 0
    codes, steps = by_row(rows)
    assert codes.dtype == np.int8
    assert (np.abs(codes * steps[:, None] - rows) <= steps[:, None] * 0.501).all()


@given(st.integers(1, 5000), st.integers(0, 400), st.floats(0.3, 9), st.integers(100, 30_000))
@example(64, 0, 1.0, 64)
@example(5000, 0, 1.0, 4999)
def test_the_rows_within_a_budget_are_never_too_many_and_almost_the_most(most, fixed, per_row, max_bytes):
    def size_of(n):
        return fixed + int(per_row * n)

    if size_of(min(64, most)) > max_bytes:
        with pytest.raises(ValueError, match=r"is too small"):
            rows_within(max_bytes, size_of, most)
        return
    n = rows_within(max_bytes, size_of, most)
    assert n <= most
    assert size_of(n) <= max_bytes
    assert n == most or size_of(n + 2 + n // 50) > max_bytes


# Training.


@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
@pytest.mark.parametrize("temperature", [1.0, 3.0])
def test_gradients_are_those_of_the_loss(activation, temperature):
    settings, generator = Settings(activation, temperature), np.random.default_rng(0)
    matrix = read_documents(BAG.reader, TEXTS[:6]).matrix().astype(np.float64)
    weights = Weights(*(generator.normal(size=shape) for shape in ((matrix.shape[1], 3), (3, 4), 4)))
    targets = temper(generator.normal(size=(6, 4)), settings)

    def loss(weights):
        logits = (matrix @ weights.rows @ weights.kernel + weights.bias) / temperature
        if activation == "softmax":
            each = -(targets * log_softmax(logits, axis=1)).sum(axis=1)
        else:
            each = -(targets * log_expit(logits) + (1 - targets) * log_expit(-logits)).sum(axis=1)
        return temperature**2 * each.mean()

    for name, gradient in zip(Weights._fields, _gradients(weights, matrix, targets, settings, None)):
        array = getattr(weights, name)
        direction = generator.normal(size=array.shape)
        up, down = (loss(weights._replace(**{name: array + sign * 1e-5 * direction})) for sign in (1, -1))
        assert (up - down) / 2e-5 == pytest.approx((gradient * direction).sum(), rel=1e-3)


@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
def test_tempered_probabilities_are_those_of_divided_logits(activation):
    logits = np.random.default_rng(0).normal(size=(5, 3))
    function = {"softmax": ops.softmax, "sigmoid": ops.sigmoid}[activation]
    found = tempered(function(logits), Settings(activation, 2.0))
    np.testing.assert_allclose(found, function(logits / 2), rtol=1e-5)
    assert np.isfinite(tempered(np.eye(3), Settings(activation, 2.0))).all()


def test_adam_follows_its_algorithm():
    generator = np.random.default_rng(0)
    array, gradients = generator.normal(size=(4, 3)), generator.normal(size=(5, 4, 3))
    expected, mean, square = array.copy(), 0, 0
    adam = Adam([array])
    for step, gradient in enumerate(gradients, 1):
        adam.step([gradient], 0.1)
        mean, square = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2
        # The order of section 2, end, in which epsilon is added to the root that is not corrected.
        expected -= 0.1 * np.sqrt(1 - 0.999**step) / (1 - 0.9**step) * mean / (np.sqrt(square) + 1e-7)
    np.testing.assert_allclose(array, expected, rtol=1e-4)
