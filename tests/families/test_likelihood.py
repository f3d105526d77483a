"""Bits per dimension of 8-bit images."""

import keras
import numpy as np
import pytest

from gan_helpers.data import to_tanh_range
from gan_helpers.families.likelihood import bits_per_dimension, dequantised

LEVELS = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)


def with_noise(images: np.ndarray, seed: int) -> np.ndarray:
    return np.asarray(dequantised(to_tanh_range(images), keras.random.SeedGenerator(seed)))


def test_a_uniform_density_has_exactly_eight_bits():
    log_density = 784 * np.log(1 / 2)  # of each pixel from -1 to 1
    assert bits_per_dimension(log_density, 784) == pytest.approx(8, abs=1e-12)
    np.testing.assert_allclose(bits_per_dimension(np.full((3, 2), log_density), 784), 8)


def test_a_density_that_knows_half_of_the_levels_saves_a_bit():
    assert bits_per_dimension([10 * np.log(1.0)], 10) == pytest.approx(7)  # uniform, -1 to 0
    assert bits_per_dimension([10 * np.log(128.0)], 10) == pytest.approx(0)  # one level, known


def test_the_density_of_the_levels_themselves_gives_their_entropy():
    """A density that is constant within a level and knows how often each comes."""
    rng = np.random.default_rng(0)
    shares = rng.dirichlet(np.full(256, 0.1))
    images = rng.choice(256, size=(50, 20, 20), p=shares).astype(np.uint8)
    drawn = with_noise(images, 1)
    level = np.floor((drawn[..., 0] + 1) * 128).astype(int)
    np.testing.assert_array_equal(level, images)
    log_density = np.log(128 * shares[level]).sum(axis=(1, 2))
    entropy = -np.mean(np.log2(shares[images]), axis=(1, 2))
    np.testing.assert_allclose(bits_per_dimension(log_density, 400), entropy, rtol=1e-9)


def test_the_noise_is_uniform_within_a_level_and_repeats_for_a_seed():
    images = np.repeat(LEVELS, 400, axis=0)
    drawn = with_noise(images, 3)
    assert drawn.dtype == np.float32 and drawn.min() >= -1 and drawn.max() <= 1
    within = (drawn[..., 0] + 1.0) * 128 - images
    assert within.min() >= 0 and within.max() <= 1
    counts, _ = np.histogram(within, bins=10, range=(0, 1))
    assert abs(counts / within.size - 0.1).max() < 0.005
    np.testing.assert_array_equal(drawn, with_noise(images, 3))
    assert (drawn != with_noise(images, 4)).mean() > 0.99


def test_what_cannot_be_is_refused():
    for bad in ([np.nan], [np.inf], ["a"], []):
        with pytest.raises(ValueError, match="log_densities"):
            bits_per_dimension(bad, 784)
    for bad in (0, 1.5, -1):
        with pytest.raises(ValueError, match="dimension"):
            bits_per_dimension([1.0], bad)
