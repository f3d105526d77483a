"""The generator with the running mean of its weights."""

import keras
import numpy as np
import pytest

from gan_helpers.gan_parts.averaging import averaged_generator
from tests.small_gans import CLASSES, IMAGES, LATENT, conditional_gan, moved, small_gan, values


def averaging(gan):
    gan.compile(
        generator_optimizer=keras.optimizers.Adam(1e-2, use_ema=True, ema_momentum=0.5),
        discriminator_optimizer=keras.optimizers.Adam(1e-2),
    )
    return gan


def test_averaged_generator_has_the_mean_of_the_weights_and_statistics_of_its_own():
    gan = averaging(small_gan())
    first = values(gan.generator.trainable_variables)
    seen = []
    for _ in range(3):
        gan.fit(IMAGES, batch_size=4, steps_per_epoch=1, verbose=0)
        seen.append(values(gan.generator.trainable_variables))
    last = values(gan.generator.weights)
    averaged = averaged_generator(gan)
    # Keras's mean begins at the weights after the first step.
    means = [0.25 * a + 0.25 * b + 0.5 * c for a, b, c in zip(*seen, strict=True)]
    for mean, weight in zip(means, values(averaged.trainable_variables), strict=True):
        np.testing.assert_allclose(mean, weight, rtol=1e-5, atol=1e-6)
    assert all(moved(first, averaged.trainable_variables))
    assert not any(moved(last, gan.generator.weights)), "the generator itself has changed"

    _, norm, *_ = averaged.layers
    into = averaged.layers[0](np.random.default_rng(5).normal(size=(50_000, LATENT)))
    np.testing.assert_allclose(norm.moving_mean, np.mean(into, axis=0), atol=0.02)
    np.testing.assert_allclose(norm.moving_variance, np.var(into, axis=0), rtol=0.1)
    assert norm.momentum == 0.99


def test_averaged_generator_of_a_conditional_gan_draws_classes():
    gan = averaging(conditional_gan())
    gan.fit(IMAGES, CLASSES, batch_size=4, verbose=0)
    assert averaged_generator(gan, CLASSES).output_shape == (None, 28, 28, 1)
    with pytest.raises(ValueError, match="has use_ema=True"):
        averaged_generator(small_gan())
