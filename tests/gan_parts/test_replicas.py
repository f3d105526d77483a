"""Parts of a batch through a network at once."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_helpers import networks
from gan_helpers.gan import GAN
from gan_helpers.gan_parts.replicas import in_replicas
from tests.small_gans import IMAGES, moved, small_gan, values


def test_replicas_see_a_part_of_the_batch_each():
    network, seen = keras.Sequential([keras.Input((2,)), keras.layers.BatchNormalization()]), []
    samples = tf.constant([[0.0, 1.0], [2.0, 1.0], [10.0, 5.0], [10.0, 7.0]])
    halves = in_replicas(network, samples, 2).numpy()
    ones = 1 / np.sqrt(1 + network.layers[0].epsilon)
    expected = [[-ones, 0], [ones, 0], [0, -ones], [0, ones]]
    np.testing.assert_allclose(halves, expected, atol=1e-6)

    def add(inputs, training):
        seen.append([x.shape[0] for x in inputs] + [training])
        return inputs[0] + inputs[1]

    both = in_replicas(add, [samples, -samples[:, :1]], 4)
    np.testing.assert_array_equal(both, samples - samples[:, :1])
    assert seen == 4 * [[1, 1, True]]


def test_replicas_do_not_change_the_game_of_networks_that_see_each_sample_for_itself():
    points = np.random.default_rng(0).normal(size=(64, 2)).astype("float32")
    gans = []
    for n in (1, 2):
        keras.utils.set_random_seed(1)
        gan = GAN(networks.point_generator(width=8), networks.point_discriminator(width=8))
        gan.compile(
            generator_optimizer=keras.optimizers.SGD(0.1),
            discriminator_optimizer=keras.optimizers.SGD(0.1),
            loss="relativistic",
            penalties={"r1": 0.5},
            replicas=n,
        )
        gan.fit(points, batch_size=16, epochs=2, verbose=0)
        gans.append(gan)
    for one, other in zip(*(values(gan.weights) for gan in gans), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_a_batch_that_replicas_cannot_share_is_refused():
    gan = small_gan(replicas=5)
    before = values(gan.weights)
    with pytest.raises(ValueError, match=r"replicas, 5, .* given 4"):
        gan.fit(IMAGES, batch_size=4)
    with pytest.raises(ValueError, match=r"replicas, 5, .* given 6"):
        gan.fit(tf.data.Dataset.from_tensor_slices(IMAGES).batch(6))
    with pytest.raises(ValueError, match="of two images or more if there are replicas; given 5"):
        gan.fit(IMAGES, batch_size=5)
    assert not any(moved(before, gan.weights))
    with pytest.raises(ValueError, match="replicas must be an integer, at least 1; given 0"):
        small_gan(replicas=0)
