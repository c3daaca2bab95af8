"""The support vector machine against scikit-learn's, which has the same loss."""

import numpy as np
import pytest
import scipy.sparse
from sklearn.svm import LinearSVC

from skdistill._training.svm import fit_svm

pytestmark = pytest.mark.core


def problem(n_rows=300, n_features=80, seed=0, share=0.3):
    """Random sparse rows, noisy labels, weights, and scales of several orders of magnitude."""
    generator = np.random.default_rng(seed)
    X = scipy.sparse.random(n_rows, n_features, density=0.1, format="csr", dtype=np.float32, random_state=seed)
    X = scipy.sparse.csr_array(X)
    scores = X @ generator.normal(size=n_features) + generator.normal(scale=0.5, size=n_rows)
    y = np.where(scores > np.quantile(scores, 1 - share), 1, -1).astype(np.float32)
    weights = generator.uniform(0.1, 2, n_rows).astype(np.float32)
    return X, y, weights, np.exp(generator.normal(size=n_features)).astype(np.float32)


def by_scikit_learn(X, y, weights, scales):
    machine = LinearSVC(C=1, tol=1e-8, dual=False, max_iter=10_000)
    machine.fit(X.multiply(scales[None]).tocsr().astype(np.float64), y, sample_weight=weights)
    return scales * machine.coef_[0], machine.intercept_[0]


def loss(X, y, weights, scales, coefficients, intercept):
    slack = np.maximum(1 - y * (X.astype(np.float64) @ coefficients + intercept), 0)
    return (((coefficients / scales) ** 2).sum() + intercept**2) / 2 + weights @ slack**2


@pytest.mark.parametrize("share", [0.02, 0.3, 0.5])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_coefficients_are_those_of_linear_svc(seed, share):
    given = problem(seed=seed, share=share)
    coefficients, intercept = fit_svm(*given, tol=1e-5)
    expected, expected_intercept = by_scikit_learn(*given)
    np.testing.assert_allclose(coefficients, expected, atol=1e-3, rtol=1e-3)
    assert intercept == pytest.approx(expected_intercept, abs=1e-3)


@pytest.mark.parametrize("seed", range(5))
def test_at_the_default_tolerance_the_loss_is_within_a_percent_of_the_least(seed):
    given = problem(seed=seed)
    least = loss(*given, *by_scikit_learn(*given))
    assert loss(*given, *fit_svm(*given)) <= 1.01 * least


@pytest.mark.parametrize("seed", range(8))
def test_weights_and_scales_of_all_magnitudes_converge(seed):
    # Full Newton steps, without the search along the line, do not converge here. liblinear does not, either:
    # the gradient must be short, compared with that of the zero vector.
    X, y, weights, scales = problem(n_rows=200, n_features=100, seed=seed)
    generator = np.random.default_rng(seed)
    X.data *= np.exp(generator.normal(scale=2, size=X.nnz)).astype(np.float32)
    weights = (weights * np.exp(generator.normal(scale=3, size=len(weights)))).astype(np.float32)
    coefficients, intercept = fit_svm(X, y, weights, scales)
    matrix = np.c_[X.toarray() * scales, np.ones(len(y))].astype(np.float64)
    first, last = (
        w - 2 * matrix.T @ (weights * y * np.maximum(1 - y * (matrix @ w), 0))
        for w in (np.zeros(matrix.shape[1]), np.append(coefficients / scales, intercept))
    )
    assert np.linalg.norm(last) <= 0.02 * np.linalg.norm(first)


def test_equal_rows_count_as_their_weight():
    X, y, _, scales = problem()
    repeated = np.repeat(np.arange(len(y)), np.arange(len(y)) % 3 + 1)
    once = fit_svm(X, y, (np.arange(len(y)) % 3 + 1).astype(np.float32), scales, tol=1e-5)
    often = fit_svm(X[repeated], y[repeated], np.ones(len(repeated), np.float32), scales, tol=1e-5)
    np.testing.assert_allclose(once[0], often[0], atol=1e-3)


@pytest.mark.parametrize("label", [-1, 1])
def test_rows_of_a_single_class_have_its_sign(label):
    X, y, weights, scales = problem()
    coefficients, intercept = fit_svm(X, np.full_like(y, label), weights, scales)
    assert (label * (X @ coefficients + intercept) > 0.5).all()


def test_features_with_a_scale_of_zero_have_no_coefficient():
    X, y, weights, scales = problem()
    scales[:10] = 0
    coefficients, _ = fit_svm(X, y, weights, scales)
    assert not coefficients[:10].any()
    assert coefficients[10:].any()


def test_rows_without_features_have_the_intercept_alone():
    _, y, weights, scales = problem()
    empty = scipy.sparse.csr_array((len(y), len(scales)), dtype=np.float32)
    coefficients, intercept = fit_svm(empty, y, weights, scales, tol=1e-5)
    assert not coefficients.any()
    # The derivative of b**2 / 2 + sum of s * (1 - y * b)**2 is 0.
    assert intercept == pytest.approx(2 * (weights @ y) / (1 + 2 * weights.sum()), abs=1e-4)
