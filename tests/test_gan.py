"""The steps of a GAN: who moves when, and by what."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_helpers import networks
from gan_helpers.gan import GAN
from tests.small_gans import CLASSES, IMAGES, LATENT, conditional_gan, moved, small_gan, values


def test_discriminator_step_moves_the_discriminator_and_only_averages_in_the_generator():
    gan = small_gan()
    discriminator = gan.discriminator.trainable_variables
    generator, averages = gan.generator.trainable_variables, gan.generator.non_trainable_weights
    before = values(discriminator), values(generator), values(averages)
    gan.discriminator_step(tf.constant(IMAGES))
    assert all(moved(before[0], discriminator))
    assert not any(moved(before[1], generator))
    assert len(averages) == 2 and all(moved(before[2], averages))


def test_generator_step_moves_the_generator_with_its_averages_and_nothing_else():
    gan = small_gan()
    generator, averages = gan.generator.trainable_variables, gan.generator.non_trainable_weights
    discriminator = gan.discriminator.weights
    before = values(generator), values(averages), values(discriminator)
    gan.generator_step(tf.constant(IMAGES))
    assert all(moved(before[0], generator))
    assert all(moved(before[1], averages))
    assert not any(moved(before[2], discriminator))


def test_generator_never_sees_real_images():
    one, other = small_gan(), small_gan()
    for gan, images in ((one, IMAGES), (other, -IMAGES)):
        gan.discriminator_optimizer.learning_rate = 0.0
        gan.fit(images, batch_size=12, verbose=0)
    assert not any(moved(values(one.generator.weights), other.generator.weights))


def test_both_steps_use_batch_statistics_and_evaluation_uses_moving_averages():
    gan = small_gan()
    modes = []
    normalise = gan.generator.layers[1]
    original = normalise.call
    normalise.call = lambda x, training=None, **kwargs: (
        modes.append(training) or original(x, training=training, **kwargs)
    )
    gan.discriminator_step(tf.constant(IMAGES))
    gan.generator_step(tf.constant(IMAGES[:4]))
    assert modes == [True, True]
    gan.test_step(tf.constant(IMAGES))
    gan(np.zeros((2, LATENT)))
    assert modes == [True, True, False, False]


def test_noise_is_fresh_for_each_sub_step():
    gan = small_gan()
    drawn = []
    original = gan.sample_latent
    gan.sample_latent = lambda n: drawn.append(original(n)) or drawn[-1]
    gan.run_eagerly = True
    gan.fit(IMAGES, batch_size=4, epochs=1, verbose=0)
    assert len(drawn) == 6
    assert len({noise.numpy().tobytes() for noise in drawn}) == 6


def test_same_fakes_are_made_once_and_the_generator_moves_by_the_discriminator_s_new_answers():
    gan = small_gan(same_fakes=True, run_eagerly=True)
    gan.generator_optimizer, drawn = keras.optimizers.SGD(1.0), []
    weights = gan.generator.trainable_variables
    gan.generator_optimizer.build(weights)
    original, step, before = gan.sample_latent, gan.discriminator_step, values(weights)
    gan.sample_latent = lambda n: drawn.append(original(n)) or drawn[-1]
    expected = []

    def discriminator_step_then_slopes(*batch):
        fakes = step(*batch)
        with tf.GradientTape() as tape:
            judged = gan.discriminator(gan.generator(drawn[-1], training=True), training=False)
            loss = gan.game.loss.generator(None, judged)
        expected.extend(slope.numpy() for slope in tape.gradient(loss, weights))
        return fakes

    gan.discriminator_step = discriminator_step_then_slopes
    for layer in gan.discriminator.layers:
        if isinstance(layer, keras.layers.Dropout):
            layer.rate = 0.0
    gan.fit(IMAGES, batch_size=12, verbose=0)
    assert len(drawn) == 1
    for old, new, slope in zip(before, values(weights), expected, strict=True):
        np.testing.assert_allclose(new - old, -slope, atol=1e-6)


def test_conditional_gan_trains_on_images_and_their_classes():
    gan = conditional_gan(loss="relativistic", penalties={"r1": 0.1, "r2": 0.1})
    gan.fit(IMAGES, CLASSES, batch_size=4, epochs=2, verbose=0, validation_data=(IMAGES, CLASSES))
    assert gan.steps == 6
    history = gan.evaluate(IMAGES, CLASSES, verbose=0, return_dict=True)
    assert np.isfinite(list(history.values())).all()
    latent = gan.sample_latent(2)
    one, other = (gan([latent, tf.fill((2,), c)]) for c in (0, 1))
    assert one.shape == (2, 28, 28, 1) and not np.array_equal(one, other)


def test_both_players_are_told_the_classes_of_the_real_batch():
    gan = conditional_gan(run_eagerly=True)
    told = []
    for name in ("generator", "discriminator"):
        network = getattr(gan, name)
        original = network.call

        def call(inputs, *args, original=original, name=name, **kwargs):
            told.append((name, np.asarray(inputs[1]).tolist()))
            return original(inputs, *args, **kwargs)

        network.call = call
    gan.train_step((tf.constant(IMAGES[:4]), tf.constant([2, 0, 1, 1])))
    assert [name for name, _ in told].count("discriminator") == 3
    assert {tuple(classes) for _, classes in told} == {(2, 0, 1, 1)}


def test_conditional_gan_survives_saving(tmp_path):
    gan = conditional_gan()
    gan.fit(IMAGES, CLASSES, batch_size=4, verbose=0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    inputs = [tf.ones((2, LATENT - 1)), tf.constant([0, 2])]
    np.testing.assert_array_equal(gan(inputs), loaded(inputs))


def test_points_may_stand_in_the_place_of_images():
    gan = GAN(networks.point_generator(width=8), networks.point_discriminator(width=8))
    gan.compile(generator_optimizer="adam", discriminator_optimizer="adam", loss="hinge")
    points = 50 * np.random.default_rng(1).normal(size=(64, 2)).astype("float32")
    gan.fit(points, batch_size=16, verbose=0)
    assert gan.steps == 4
    for bad, message in (
        (points[:, :1], r"shape \(n, 2\); given shape \(64, 1\)"),
        (points * np.nan, "Expected finite"),
        (points.astype(int), "floating-point points; given int"),
    ):
        with pytest.raises(ValueError, match=message):
            gan.fit(bad, batch_size=16, verbose=0)


def test_compact_pair_trains_without_error_under_xla_and_without():
    for jit_compile in (True, False):
        gan = GAN(networks.compact_generator(), networks.compact_discriminator(), seed=1)
        gan.compile(
            generator_optimizer="adam", discriminator_optimizer="adam", jit_compile=jit_compile
        )
        history = gan.fit(IMAGES, batch_size=6, verbose=0).history
        assert np.isfinite([values[0] for values in history.values()]).all()
