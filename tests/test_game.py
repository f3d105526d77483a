"""What each player minimises, and in which order they move."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_helpers import networks
from gan_helpers.gan import GAN
from gan_helpers.losses import LOSSES, Loss, r1_penalty, r2_penalty
from tests.small_gans import (
    IMAGES,
    LATENT,
    moved,
    same_weights,
    same_weights_of_networks,
    small_gan,
    small_networks,
    values,
    without_dropout,
)


@pytest.mark.parametrize("name", LOSSES)
def test_each_player_minimises_its_own_side_of_the_named_loss(name):
    gan = without_dropout(loss=name)
    noise = tf.random.stateless_normal((12, LATENT), seed=(1, 2))
    gan.sample_latent = lambda n: noise
    images = tf.constant(IMAGES)
    for player, step in (
        ("discriminator", gan.discriminator_step),
        ("generator", gan.generator_step),
    ):
        network = getattr(gan, player)
        network_weights = network.trainable_variables
        with tf.GradientTape() as tape:
            logits = [gan.discriminator(x) for x in (images, gan.generator(noise, training=True))]
            loss = getattr(LOSSES[name], player)(*logits)
        slopes = tape.gradient(loss, network_weights)
        before = values(network_weights)
        optimizer = keras.optimizers.SGD(0.1)
        optimizer.build(network_weights)
        setattr(gan, f"{player}_optimizer", optimizer)
        step(images)
        for old, slope, new in zip(before, slopes, network_weights, strict=True):
            np.testing.assert_allclose(new, old - 0.1 * slope, atol=1e-6)


def test_penalties_are_added_to_the_discriminator_s_loss_and_reported():
    plain, steep = without_dropout(), without_dropout(penalties={"r1": 50.0, r2_penalty: 50.0})
    results = [gan.train_step(tf.constant(IMAGES)) for gan in (plain, steep)]
    assert "penalty" not in results[0]
    assert results[1]["discriminator_loss"] == results[0]["discriminator_loss"]
    expected = sum(
        50 * penalty(without_dropout().discriminator, IMAGES, IMAGES)
        for penalty in (r1_penalty, r2_penalty)
    )  # of a network whose slopes are everywhere the same, as this one's are without dropout
    assert float(results[1]["penalty"]) == pytest.approx(float(expected), rel=1e-4)
    assert any(moved(values(plain.discriminator.weights), steep.discriminator.weights))


def test_lazy_penalties_count_every_few_steps_and_so_much_more_then():
    batch = tf.constant(IMAGES)
    plain, lazy = without_dropout(), without_dropout(penalties={"r1": 10.0}, penalty_every=3)
    thrice = without_dropout(penalties={"r1": 30.0})
    for gan in (plain, lazy, thrice):
        gan.train_step(batch)
    assert same_weights(lazy, thrice) and not same_weights(lazy, plain)
    assert float(lazy.report.penalty.result()) == pytest.approx(
        float(thrice.report.penalty.result()) / 3
    )
    reported = float(lazy.report.penalty.result())
    for step in (2, 3, 4):
        unpunished = without_dropout()
        unpunished.set_weights(lazy.get_weights())
        for own, other in (
            (unpunished.discriminator_optimizer, lazy.discriminator_optimizer),
            (unpunished.generator_optimizer, lazy.generator_optimizer),
        ):
            for variable, value in zip(own.variables, other.variables, strict=True):
                variable.assign(value)
        unpunished.train_step(batch)
        lazy.train_step(batch)
        assert same_weights(unpunished, lazy) == (step < 4)
        assert (float(lazy.report.penalty.result()) == reported) == (step < 4)


def test_a_penalty_moves_the_discriminator_down_its_slope_at_the_named_samples():
    nothing = Loss("nothing", lambda real, fake: 0 * tf.reduce_sum(real + fake), lambda r, f: 0.0)
    points = np.random.default_rng(4).normal(3, 1, (64, 2)).astype("float32")  # far from fakes
    for penalty in (r1_penalty, r2_penalty):
        keras.utils.set_random_seed(5)
        gan = GAN(networks.point_generator(width=8), networks.point_discriminator(width=8), seed=6)
        gan.compile(
            generator_optimizer="sgd",
            discriminator_optimizer=keras.optimizers.SGD(0.1),
            loss=nothing,
            penalties={penalty: 2.0},
        )
        fakes = tf.random.normal((64, 2), seed=7)
        gan.generator = lambda latent, training=None, fakes=fakes: fakes
        gan.sample_latent = lambda n: tf.zeros((n, 2))
        weights = gan.discriminator.trainable_variables
        with tf.GradientTape() as tape:
            value = penalty(gan.discriminator, tf.constant(points), fakes)
        slopes = tape.gradient(value, weights)  # None for the last bias: a slope does not see it
        expected = [
            w.numpy() - 0.1 * 2.0 * (0 if slope is None else slope.numpy())
            for w, slope in zip(weights, slopes, strict=True)
        ]
        gan.discriminator_step(tf.constant(points))
        for after, theory in zip(weights, expected, strict=True):
            np.testing.assert_allclose(after.numpy(), theory, atol=1e-6)


def test_only_a_paired_loss_lets_real_images_reach_the_generator():
    for loss, reaches in (("non_saturating", False), ("relativistic", True)):
        one, other = without_dropout(loss=loss), without_dropout(loss=loss)
        one.generator_step(tf.constant(IMAGES))
        other.generator_step(tf.constant(-IMAGES))
        before = values(one.generator.trainable_variables)
        assert any(moved(before, other.generator.trainable_variables)) == reaches


def test_discriminator_steps_take_a_part_of_the_batch_each():
    gan = small_gan(discriminator_steps=3, run_eagerly=True)
    seen = []
    original = gan.discriminator_step
    gan.discriminator_step = lambda images, _: seen.append(images.numpy()) or original(images)
    gan.fit(IMAGES, batch_size=2, epochs=1, verbose=0)
    assert int(gan.discriminator_optimizer.iterations) == 6 and gan.steps == 2
    assert {image.tobytes() for image in np.concatenate(seen)} == {i.tobytes() for i in IMAGES}
    with pytest.raises(ValueError, match=r"discriminator_steps, 3, times replicas, 1, .* given 4"):
        gan.fit(tf.data.Dataset.from_tensor_slices(IMAGES).batch(4))


def test_saved_game_is_the_game_that_was_compiled(tmp_path):
    gan = small_gan(
        loss="relativistic",
        penalties={"r1": 0.5},
        penalty_every=2,
        discriminator_steps=2,
        same_fakes=True,
        replicas=3,
    )
    gan.fit(IMAGES, batch_size=6, verbose=0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert loaded.game.loss is LOSSES["relativistic"]
    assert loaded.game.penalties == {r1_penalty: 0.5}
    assert (
        loaded.game.penalty_every == loaded.game.discriminator_steps == 2 and loaded.game.same_fakes
    )
    assert loaded.game.replicas == 3
    for model in (gan, loaded):
        model.fit(IMAGES, batch_size=6, initial_epoch=1, epochs=3, verbose=0)
    assert same_weights(gan, loaded)


def test_a_weight_may_be_any_kind_of_number_and_is_saved(tmp_path):
    gan = small_gan(penalties={"r1": np.float32(0.5), "r2": 2}, jit_compile="auto")
    assert gan.game.penalties == {r1_penalty: 0.5, r2_penalty: 2.0}
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert loaded.game.penalties == gan.game.penalties


def test_a_game_of_one_s_own_is_saved_without_it(tmp_path):
    own = Loss("own", LOSSES["hinge"].discriminator, LOSSES["hinge"].generator)
    gan = small_gan(loss=own)
    gan.fit(IMAGES, batch_size=4, verbose=0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert same_weights_of_networks(gan, loaded) and not loaded.compiled


def test_compile_and_seed_refuse_what_makes_no_sense():
    for options, message in (
        ({"metrics": ["accuracy"]}, r"its own losses and metrics; given \['metrics'\]"),
        ({"loss": "mse"}, "No loss is named 'mse'; there are: .*'wasserstein'"),
        ({"loss": np.mean}, "or a Loss; given"),
        ({"penalties": {"r3": 1.0}}, "No penalty is named 'r3'; there are: .*'r1', 'r2'"),
        ({"penalties": {"r1": -1.0}}, "penalty 'r1' must be a finite number above 0; given -1.0"),
        ({"penalties": {"r1": float("inf")}}, "'r1' must be a finite number above 0; given inf"),
        ({"penalties": {"r1": float("nan")}}, "'r1' must be a finite number above 0; given nan"),
        ({"penalties": {"r1": True}}, "'r1' must be a finite number above 0; given True"),
        ({"penalties": {3: 1.0}}, "penalties must be names, .* or functions; given 3"),
        ({"penalties": []}, r"penalties must be a dictionary .* or {} for none; given \[\]"),
        ({"penalties": None}, "or {} for none; given None"),
        ({"same_fakes": "no"}, "same_fakes must be a bool; given str: 'no'"),
        ({"jit_compile": "yes"}, "jit_compile must be a bool; given str: 'yes'"),
        ({"run_eagerly": 3}, "run_eagerly must be a bool; given int: 3"),
        ({"penalty_every": 0}, "penalty_every must be an integer, at least 1; given 0"),
        ({"discriminator_steps": 0}, "discriminator_steps must be an integer, at least 1; given 0"),
    ):
        with pytest.raises(ValueError, match=message):
            small_gan(**options)
    with pytest.raises(ValueError, match="non-negative integer; given -1"):
        GAN(*small_networks(), seed=-1)
