"""Fréchet's and the kernel's distance against closed forms, other implementations, simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import linalg

from gan_helpers.metrics import distances
from gan_helpers.metrics.distances import (
    frechet_distance,
    gaussian_frechet_distance,
    jackknifed_frechet_distance,
    jackknifed_kernel_distance,
    kernel_distance,
    polynomial_kernel,
)

DISTANCES = [frechet_distance, kernel_distance]


def normal(n, dimension=4, seed=0, shift=0.0, scale=1.0):
    return shift + scale * np.random.default_rng(seed).standard_normal((n, dimension))


def covariance(dimension, rank, seed):
    factor = np.random.default_rng(seed).standard_normal((dimension, rank))
    return factor @ factor.T


# -- Fréchet ---------------------------------------------------------------------------------------


@given(st.lists(st.tuples(*[st.floats(-3, 3)] * 2, *[st.floats(0, 3)] * 2), min_size=1, max_size=6))
def test_closed_form_of_independent_normal_variables(variables):
    mean_1, mean_2, deviation_1, deviation_2 = np.array(variables).T
    expected = np.sum((mean_1 - mean_2) ** 2 + (deviation_1 - deviation_2) ** 2)
    measured = gaussian_frechet_distance(
        mean_1, np.diag(deviation_1**2), mean_2, np.diag(deviation_2**2)
    )
    assert measured == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("dimension", [1, 5, 64])
def test_agrees_with_the_square_root_of_the_product(dimension):
    one, two = covariance(dimension, 2 * dimension, 1), covariance(dimension, 2 * dimension, 2)
    mean = np.arange(dimension) / dimension
    root = linalg.sqrtm(one @ two)
    expected = mean @ mean + np.trace(one) + np.trace(two) - 2 * np.trace(root).real
    measured = gaussian_frechet_distance(mean, one, np.zeros(dimension), two)
    assert measured == pytest.approx(expected, rel=1e-9)


def test_singular_covariances_are_no_trouble():
    # On orthogonal subspaces the product is 0, and so is its root.
    one, two = np.diag([4.0, 1.0, 0.0, 0.0]), np.diag([0.0, 0.0, 9.0, 0.0])
    assert gaussian_frechet_distance(np.zeros(4), one, np.zeros(4), two) == pytest.approx(14)
    same = covariance(64, 10, 3)
    assert gaussian_frechet_distance(np.zeros(64), same, np.zeros(64), same) == pytest.approx(
        0, abs=1e-4
    )


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e4, 1e6])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rank", [3, 64])
def test_distances_of_nearly_equal_sets_scale_and_are_not_below_0(scale, dtype, rank):
    directions = np.random.default_rng(5).standard_normal((rank, 64))
    real = (scale * normal(300, rank, seed=1) @ directions).astype(dtype)
    near = (real * (1 + 1e-6 * normal(300, 64, seed=2))).astype(dtype)
    other = (scale * normal(300, rank, seed=3) @ directions).astype(dtype)
    spread = np.trace(np.cov(real, rowvar=False))
    for fake in (real, real[::-1], near):
        assert 0 <= frechet_distance(real, fake) <= 1e-7 * spread
    unscaled = frechet_distance(real / np.float64(scale), other / np.float64(scale))
    assert frechet_distance(real, other) == pytest.approx(scale**2 * unscaled, rel=1e-6)
    kernel = polynomial_kernel(real, real)
    assert abs(kernel_distance(real, near) - kernel_distance(real, real)) < 1e-5 * kernel.max()


def test_many_normal_samples_come_near_the_closed_form():
    real, fake = normal(50_000, seed=1), normal(50_000, seed=2, shift=0.5, scale=2)
    assert frechet_distance(real, fake) == pytest.approx(4 * 0.5**2 + 4 * (2 - 1) ** 2, rel=0.02)


def test_moving_a_set_gives_the_squared_length_of_the_move():
    features = normal(300)
    move = np.array([1.0, -2.0, 0.0, 0.5])
    assert frechet_distance(features, features + move) == pytest.approx(move @ move)


def test_fewer_samples_give_larger_frechet_distances_on_average():
    means = []
    for n in (20, 80, 320):
        draws = [
            frechet_distance(normal(n, seed=2 * i), normal(n, seed=2 * i + 1)) for i in range(60)
        ]
        means.append(np.mean(draws))
    assert means[0] > 2 * means[1] > 4 * means[2] > 0


# -- kernel ----------------------------------------------------------------------------------------


def by_definition(real, fake):
    def k(x, y):
        return (x @ y / len(x) + 1) ** 3

    def mean_over_pairs(a):
        return np.mean([k(x, y) for i, x in enumerate(a) for j, y in enumerate(a) if i != j])

    mixed = np.mean([k(x, y) for x in real for y in fake])
    return mean_over_pairs(real) + mean_over_pairs(fake) - 2 * mixed


@given(st.integers(2, 9), st.integers(2, 9), st.integers(0, 99))
def test_kernel_distance_is_its_definition(n, m, seed):
    real, fake = normal(n, seed=seed), normal(m, seed=seed + 100, shift=0.3)
    assert kernel_distance(real, fake) == pytest.approx(by_definition(real, fake), abs=1e-9)


def test_kernel_matrix_in_parts_is_the_whole(monkeypatch):
    real, fake = normal(25, seed=1), normal(31, seed=2)
    whole = kernel_distance(real, fake)
    monkeypatch.setattr(distances, "ROWS_AT_ONCE", 7)
    assert kernel_distance(real, fake) == pytest.approx(whole, abs=1e-12)


def test_kernel_distance_averages_0_over_draws_from_equal_distributions():
    def with_itself(real, fake):  # the biased estimate, which pairs each image with itself too
        means = [polynomial_kernel(a, b).mean() for a, b in ((real, real), (fake, fake))]
        return sum(means) - 2 * polynomial_kernel(real, fake).mean()

    pairs = [(normal(30, seed=2 * i), normal(30, seed=2 * i + 1)) for i in range(500)]
    unbiased = [kernel_distance(*pair) for pair in pairs]
    biased = [with_itself(*pair) for pair in pairs]
    assert abs(np.mean(unbiased)) < 4 * np.std(unbiased) / np.sqrt(500)
    assert np.mean(biased) > 20 * np.std(biased) / np.sqrt(500)


# -- both ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("distance", DISTANCES)
class TestBoth:
    def test_symmetric_and_blind_to_order(self, distance):
        real, fake = normal(60, seed=1), normal(60, seed=2, scale=1.5)
        value = distance(real, fake)
        assert distance(fake, real) == pytest.approx(value)
        assert distance(real, fake[::-1]) == pytest.approx(value)

    def test_grows_under_noise(self, distance):
        features, noise = normal(500, seed=1), normal(500, seed=2)
        values = [distance(features, features + level * noise) for level in (0, 0.5, 1, 2)]
        assert values == sorted(values) and values[-1] > 10 * abs(values[0])

    def test_refuses_what_cannot_be_compared(self, distance):
        features = normal(20)
        for bad, words in [
            (normal(20, dimension=3), "same classifier; given dimensions 4 and 3"),
            (features[0], r"shape \(n, dimension\); given float64 of shape \(4,\)"),
            (
                np.where(np.arange(80).reshape(20, 4) == 9, np.nan, features),
                "1 of 20 rows hold NaN",
            ),
            (features[:1], "at least . rows of fake features; given 1"),
            (features.astype(str), "Expected fake features as numbers"),
        ]:
            with pytest.raises(ValueError, match=words):
                distance(features, bad)


def test_frechet_distance_needs_more_samples_than_dimensions():
    with pytest.raises(ValueError, match="at least 5 rows of fake features; given 4"):
        frechet_distance(normal(20), normal(4))


def test_frechet_distance_of_a_set_to_itself_is_0():
    assert frechet_distance(normal(50), normal(50)) == pytest.approx(0, abs=1e-10)


@pytest.mark.parametrize(
    ("jackknifed", "plain"),
    [
        (jackknifed_frechet_distance, frechet_distance),
        (jackknifed_kernel_distance, kernel_distance),
    ],
)
def test_leaving_out_a_block_is_leaving_out_its_images(jackknifed, plain):
    real, fake = normal(40, seed=1), normal(43, seed=2, shift=0.4)
    blocks = np.random.default_rng(0).permutation(np.arange(43) % 4)
    value, without = jackknifed(real, fake, blocks)
    assert value == pytest.approx(plain(real, fake))
    assert without == pytest.approx([plain(real, fake[blocks != block]) for block in range(4)])
