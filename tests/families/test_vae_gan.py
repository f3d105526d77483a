"""The VAE-GAN: three networks, each of which moves down its own loss alone."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import gan_helpers.saving  # noqa: F401
from gan_helpers.checkpoints import load_latest
from gan_helpers.families.posterior import posterior
from gan_helpers.families.vae_gan import VAEGAN
from gan_helpers.losses.penalties import squared_gradient_norms
from gan_helpers.recipes import Recipe, train_recipe

POINTS = np.random.default_rng(0).normal(size=(60, 2)).astype("float32")


def networks(n_classes=0):
    layers = keras.layers
    encoder = keras.Sequential([keras.Input((2,)), layers.Dense(8, "tanh"), layers.Dense(2)])
    decoder = keras.Sequential([keras.Input((1,)), layers.Dense(8, "tanh"), layers.Dense(2)])
    points = keras.Input((2,))
    features = layers.Dense(6, "tanh")(points)
    return encoder, decoder, keras.Model(points, [features, layers.Dense(1)(features)])


def optimizers(rate=1e-2, make=keras.optimizers.Adam) -> dict:
    return {f"{name}_optimizer": make(rate) for name in VAEGAN.networks}


def recipe(**changes) -> Recipe:
    given = {"name": "tiny", "about": "points", "networks": networks, "steps": 12, "every": 4}
    game = {"game": optimizers, "family": VAEGAN, "batch_size": 10}
    return Recipe(**(given | game | changes))


def same(one, other) -> bool:
    pairs = zip(one.weights, other.weights, strict=True)
    return all(np.array_equal(a.numpy(), b.numpy()) for a, b in pairs)


def test_the_losses_are_those_of_the_paper():
    model = VAEGAN(*networks(), similarity=2.0, fidelity=0.5)
    losses = {k: float(v) for k, v in model.losses(POINTS, training=False).items()}
    q = posterior(model.encoder, POINTS)
    model.noise = keras.random.SeedGenerator(0)  # and again, in the same order
    drawn = keras.random.normal((60, 1), seed=model.noise)
    again, new = model.decoder(q.draw(model.noise)), model.decoder(drawn)
    features, on_real = model.discriminator(POINTS)
    (seen, on_again), (_, on_new) = model.discriminator(again), model.discriminator(new)
    similarity = np.square(features - seen).sum(axis=1).mean()  # 2 / 2 of it
    fake = np.concatenate([on_again, on_new])
    judged = np.log1p(np.exp(-fake)).mean()
    expected = {
        "kl": q.kl().numpy().sum(axis=1).mean(),
        "similarity": similarity,
        "encoder_loss": q.kl().numpy().sum(axis=1).mean() + similarity,
        "decoder_loss": 0.5 * similarity + judged,
        "discriminator_loss": np.log1p(np.exp(-on_real)).mean() + np.log1p(np.exp(fake)).mean(),
    }
    assert losses == pytest.approx(expected, rel=1e-4)


def test_each_network_moves_down_its_own_loss_alone():
    """With plain gradient descent, a step is the rate times the gradient of that one loss."""
    model, rate = VAEGAN(*networks(), seed=3, r1=0.2), 0.1
    model.compile(**optimizers(rate, keras.optimizers.SGD))
    x = tf.constant(POINTS[:8])
    model.set_random_state(model.step_counter.value)
    with tf.GradientTape(persistent=True) as tape:
        losses = model.losses(x, training=True)
        norms = squared_gradient_norms(model.logits, x[:2])
        losses["discriminator_loss"] += 0.2 * tf.reduce_mean(norms) / 2
    expected = {
        w.path: w.numpy() - rate * tape.gradient(losses[f"{name}_loss"], w.value).numpy()
        for name in model.networks
        for w in getattr(model, name).trainable_variables
    }
    model.train_step((x,))
    for weight in model.trainable_variables:
        np.testing.assert_allclose(weight.numpy(), expected[weight.path], atol=1e-5)
    assert model.steps == 1


def test_it_brings_its_points_nearer_to_the_data():
    data = POINTS * 0.1 + np.array([2.0, -1.0], np.float32)
    trained = train_recipe(recipe(steps=400, every=400), data, seed=1).model
    before, after = (m.generate(300, 1).mean(axis=0) for m in (VAEGAN(*networks()), trained))
    centre = data.mean(axis=0)
    assert np.linalg.norm(after - centre) < 0.6 * np.linalg.norm(before - centre)
    values = trained.evaluate(data, return_dict=True, verbose=0)
    assert sorted(values) == sorted(VAEGAN.reported)


def test_a_run_that_was_stopped_goes_on_bit_for_bit(tmp_path):
    whole = train_recipe(recipe(), POINTS, seed=1)
    part = train_recipe(recipe(), POINTS, seed=1, folder=tmp_path, stop_after=7)
    assert not part.finished and part.model.steps == 7
    keras.utils.set_random_seed(99)
    rest = train_recipe(recipe(), POINTS, seed=1, folder=tmp_path)
    assert rest.finished and same(rest.model, whole.model)
    assert same(load_latest(tmp_path), whole.model)


def test_saved_and_loaded_it_trains_on(tmp_path):
    model = train_recipe(recipe(family=gentle), POINTS, seed=1, stop_after=8).model
    model.save(tmp_path / "model.keras")
    keras.utils.set_random_seed(99)
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert (loaded.similarity, loaded.fidelity, loaded.r1) == (0.5, 0.25, 0.125)
    for each in (model, loaded):
        each.fit(POINTS, batch_size=10, verbose=0)
    assert same(model, loaded)


def gentle(*given, **options) -> VAEGAN:
    return VAEGAN(*given, similarity=0.5, fidelity=0.25, r1=0.125, **options)


def test_samples_repeat_for_a_seed():
    model = VAEGAN(*networks())
    made = model.generate(600, 5)
    assert made.shape == (600, 2)
    np.testing.assert_array_equal(made, model.generate(600, 5))
    assert not np.array_equal(made, model.generate(600, 6))


def test_what_cannot_be_is_refused():
    encoder, decoder, discriminator = networks()
    for wrong in (encoder, keras.Model(discriminator.inputs, discriminator.outputs[::-1])):
        with pytest.raises(ValueError, match="features and a logit"):
            VAEGAN(encoder, decoder, wrong)
    for name in ("similarity", "fidelity", "r1"):
        with pytest.raises(ValueError, match=f"{name} must be a finite number above 0"):
            VAEGAN(encoder, decoder, discriminator, **{name: 0})
    model = VAEGAN(encoder, decoder, discriminator)
    one = keras.optimizers.Adam()
    for given, why in (
        ({}, "encoder_optimizer must be an optimizer"),
        (dict.fromkeys(optimizers(), one), "optimizer of its own"),
        ({name: keras.optimizers.Adam(use_ema=True) for name in optimizers()}, "use_ema=True"),
        (dict.fromkeys(optimizers(), "adam") | {"loss": "mse"}, "own losses and metrics"),
    ):
        with pytest.raises(ValueError, match=why):
            model.compile(**given)
