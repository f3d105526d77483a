"""What an encoder says of latent vectors: densities, draws and divergences."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.stats import norm

from gan_helpers.families.posterior import Posterior, latent_dim_of, log_normal, posterior

MEAN = np.array([[0.0, 1.5, -0.3]], np.float32)
LOG_SIGMA = np.log([[1.0, 0.2, 2.0]]).astype(np.float32)


def test_the_density_is_that_of_scipy():
    x = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    expected = norm.logpdf(x, MEAN, np.exp(LOG_SIGMA)).sum(axis=1)
    np.testing.assert_allclose(log_normal(x, MEAN, LOG_SIGMA), expected, rtol=1e-5)
    images = x.reshape(5, 3, 1, 1)
    np.testing.assert_allclose(log_normal(images, 0.0, 0.0), norm.logpdf(x).sum(axis=1), rtol=1e-5)


def test_draws_have_the_means_and_sigmas_and_a_gradient_in_them():
    many = Posterior(*(tf.constant(np.repeat(a, 100_000, axis=0)) for a in (MEAN, LOG_SIGMA)))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(many)
        z = many.draw(keras.random.SeedGenerator(1))
    np.testing.assert_allclose(z.numpy().mean(axis=0), MEAN[0], atol=0.03)
    np.testing.assert_allclose(z.numpy().std(axis=0), np.exp(LOG_SIGMA[0]), rtol=0.02)
    np.testing.assert_array_equal(tape.gradient(z, many.mean), np.ones_like(z))
    np.testing.assert_allclose(tape.gradient(z, many.log_sigma), z - many.mean, atol=1e-4)


def test_the_divergence_is_the_mean_difference_of_log_densities():
    n = 400_000
    many = Posterior(*(tf.constant(np.repeat(a, n, axis=0)) for a in (MEAN, LOG_SIGMA)))
    z = many.draw(keras.random.SeedGenerator(1)).numpy().astype(float)
    ratio = norm.logpdf(z, MEAN, np.exp(LOG_SIGMA)) - norm.logpdf(z)
    tolerance = 5 * ratio.std(axis=0) / np.sqrt(n)
    assert (np.abs(ratio.mean(axis=0) - many.kl()[0].numpy()) <= tolerance + 1e-5).all()
    np.testing.assert_allclose(Posterior(0.0, 0.0).kl(), 0, atol=1e-7)


def networks(gives=4, takes=2, makes=3):
    encoder = keras.Sequential([keras.Input((3,)), keras.layers.Dense(gives)])
    decoder = keras.Sequential([keras.Input((takes,)), keras.layers.Dense(makes)])
    return encoder, decoder


def test_the_encoder_gives_all_means_before_all_log_variances():
    encoder, decoder = networks()
    assert latent_dim_of(encoder, decoder) == 2
    x = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    q = posterior(encoder, x)
    np.testing.assert_array_equal(q.mean, encoder(x)[:, :2])
    np.testing.assert_array_equal(2 * q.log_sigma, encoder(x)[:, 2:])


@pytest.mark.parametrize("wrong", [{"gives": 2}, {"gives": 5}, {"takes": 4}, {"makes": 2}])
def test_networks_that_do_not_fit_are_refused(wrong):
    with pytest.raises(ValueError, match="a mean and a log variance for each number"):
        latent_dim_of(*networks(**wrong))
