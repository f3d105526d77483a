import numpy as np
import pytest
import tensorflow as tf
from scipy.stats import energy_distance as energy_distance_root
from sklearn.metrics.pairwise import rbf_kernel

from gan_helpers.losses import KERNEL, energy_distance, maximum_mean_discrepancy

RNG = np.random.default_rng(0)


def without_own_pairs(matrix):
    n = len(matrix)
    return (matrix.sum() - np.trace(matrix)) / (n * (n - 1))


def test_discrepancy_agrees_with_another_kernel_implementation():
    x, y = RNG.normal(size=(30, 2)), RNG.normal(0.5, 2.0, size=(20, 2))
    expected = sum(
        without_own_pairs(rbf_kernel(x, gamma=1 / (2 * h**2)))
        + without_own_pairs(rbf_kernel(y, gamma=1 / (2 * h**2)))
        - 2 * rbf_kernel(x, y, gamma=1 / (2 * h**2)).mean()
        for h in (0.5, 2.0)
    )
    found = float(maximum_mean_discrepancy(x, y, bandwidths=(0.5, 2.0)))
    assert found == pytest.approx(expected, abs=1e-12)


def test_energy_distance_agrees_with_scipy_but_for_own_pairs():
    x, y = RNG.normal(size=25), RNG.normal(1.0, 2.0, size=15)
    within = [np.abs(a[:, None] - a).mean() for a in (x, y)]
    expected = energy_distance_root(x, y) ** 2 - within[0] / 24 - within[1] / 14
    assert float(energy_distance(x[:, None], y[:, None])) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("distance", [maximum_mean_discrepancy, energy_distance])
def test_mean_over_equal_distributions_is_0(distance):
    values = [float(distance(RNG.normal(size=(8, 2)), RNG.normal(size=(8, 2)))) for _ in range(400)]
    assert abs(np.mean(values)) < 4 * np.std(values) / 20
    assert min(values) < 0 < max(values)


def test_mean_discrepancy_of_two_normal_distributions_has_a_closed_form():
    def similarity(shift, variances, h=1.0):
        return h / np.sqrt(h**2 + variances) * np.exp(-(shift**2) / (2 * (h**2 + variances)))

    expected = similarity(0, 2) + similarity(0, 8) - 2 * similarity(1.5, 5)
    values = [
        float(
            maximum_mean_discrepancy(RNG.normal(size=(60, 1)), RNG.normal(1.5, 2.0, size=(60, 1)))
        )
        for _ in range(300)
    ]
    error = np.std(values) / np.sqrt(300)
    assert np.mean(values) == pytest.approx(expected, abs=4 * error) and error < 0.1 * expected


@pytest.mark.parametrize("distance", [maximum_mean_discrepancy, energy_distance])
def test_gradients_lead_towards_the_real_samples_and_are_finite_at_equal_ones(distance):
    fake = tf.Variable(np.full((4, 1), 3.0))
    with tf.GradientTape() as tape:
        value = distance(np.zeros((4, 1)), fake)
    gradients = tape.gradient(value, fake).numpy()
    assert np.isfinite(gradients).all() and np.all(gradients > 0)


def test_the_kernel_game_is_about_the_outputs():
    up, down = np.full((4, 1), 30.0), np.full((4, 1), -30.0)
    assert float(KERNEL.generator(up, down)) == pytest.approx(2)
    assert float(KERNEL.discriminator(up, down)) == pytest.approx(-2)


def test_shapes_and_bandwidths_are_checked():
    with pytest.raises(ValueError, match=r"given \(5,\) and \(5, 1\)"):
        energy_distance(np.zeros(5), np.zeros((5, 1)))
    with pytest.raises(ValueError, match="at least two samples"):
        maximum_mean_discrepancy(np.zeros((1, 2)), np.zeros((5, 2)))
    with pytest.raises(ValueError, match=r"above 0.*\(1.0, 0.0\)"):
        maximum_mean_discrepancy(np.zeros((5, 2)), np.zeros((5, 2)), bandwidths=(1.0, 0.0))
