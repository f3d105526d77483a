"""The generator with the running mean of its weights."""

import keras
import numpy as np
import pytest

from gan_helpers.gan import GAN
from gan_helpers.gan_parts.averaging import averaged_generator
from gan_helpers.recipes import Run
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


@keras.saving.register_keras_serializable(package="test_averaging")
class Normalised(keras.layers.Layer):
    """A dense layer and its batch normalisation, as one layer of one's own."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense, self.norm = keras.layers.Dense(4), keras.layers.BatchNormalization()

    def build(self, shape):
        self.dense.build(shape)
        self.norm.build((*shape[:-1], 4))

    def call(self, x, training=False):
        return self.norm(self.dense(x), training=training)


def nested_sequential():
    layers = keras.layers
    return keras.Sequential([keras.Input((2,)), layers.Dense(4), layers.BatchNormalization()])


@pytest.mark.parametrize("block", [nested_sequential, Normalised])
def test_batch_normalisation_within_a_network_or_a_layer_has_statistics_of_its_own(block):
    layers = keras.layers
    keras.utils.set_random_seed(0)
    generator = keras.Sequential([keras.Input((2,)), block(), layers.Dense(2)])
    discriminator = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
    gan = averaging(GAN(generator, discriminator))
    points = np.random.default_rng(0).normal(size=(20, 2)).astype("float32")
    gan.fit(points, batch_size=10, epochs=3, verbose=0)
    kernel, bias = (
        next(w for w in averaged_generator(gan).layers[0].weights if w.path.endswith(name)).numpy()
        for name in ("kernel", "bias")
    )
    mean, variance = averaged_generator(gan).layers[0].weights[-2:]
    # Of a linear layer of standard normal latent vectors.
    np.testing.assert_allclose(mean, bias, atol=0.05)
    np.testing.assert_allclose(variance, (kernel**2).sum(axis=0), rtol=0.1)


def test_before_the_first_step_the_mean_is_the_weights():
    gan = averaging(small_gan())
    for averaged in (averaged_generator(gan), Run(gan, None, False).generator()):
        for one, other in zip(
            averaged.trainable_variables, gan.generator.trainable_variables, strict=True
        ):
            np.testing.assert_array_equal(one, other)


def test_what_has_no_mean_is_refused_by_name():
    gan = small_gan()
    for wrong in (GAN(gan.generator, gan.discriminator), gan.generator, None):
        with pytest.raises(ValueError, match=r"gan must be a compiled gan_helpers\.gan\.GAN"):
            averaged_generator(wrong)
