"""What all families beside GANs share: one loss, repeated, saved, resumed."""

import keras
import numpy as np
import pytest

import gan_helpers.saving  # noqa: F401
from gan_helpers.checkpoints import load_latest
from gan_helpers.families.autoencoder import Autoencoder
from gan_helpers.families.one_loss import OneLossModel
from gan_helpers.recipes import Recipe, train_recipe

POINTS = np.random.default_rng(0).normal(size=(60, 2)).astype("float32")


def networks(n_classes=0):
    layers = keras.layers
    encoder = keras.Sequential([keras.Input((2,)), layers.Dense(4, "relu"), layers.Dense(1)])
    decoder = keras.Sequential([keras.Input((1,)), layers.Dropout(0.1), layers.Dense(2)])
    return encoder, decoder


def recipe(**changes) -> Recipe:
    given = {"name": "tiny", "about": "points", "networks": networks, "steps": 12, "every": 4}
    game = {"game": lambda: {"optimizer": keras.optimizers.Adam(1e-2)}, "family": Autoencoder}
    return Recipe(**(given | game | {"batch_size": 10} | changes))


def same(one, other) -> bool:
    pairs = zip(one.weights, other.weights, strict=True)
    return all(np.array_equal(a.numpy(), b.numpy()) for a, b in pairs)


def test_the_loss_falls_and_is_the_mean_over_samples():
    run = train_recipe(recipe(steps=200), POINTS, seed=1)
    before = train_recipe(recipe(steps=4), POINTS, seed=1)
    after = run.model.evaluate(POINTS, verbose=0)
    assert after < before.model.evaluate(POINTS, verbose=0)
    errors = np.square(POINTS - run.model.predict(POINTS, verbose=0)).sum(axis=1)
    np.testing.assert_allclose(after, errors.mean(), rtol=1e-5)


def test_a_run_that_was_stopped_goes_on_bit_for_bit(tmp_path):
    whole = train_recipe(recipe(), POINTS, seed=1)
    part = train_recipe(recipe(), POINTS, seed=1, folder=tmp_path, stop_after=7)
    assert not part.finished and part.model.steps == 7
    keras.utils.set_random_seed(99)
    rest = train_recipe(recipe(), POINTS, seed=1, folder=tmp_path)
    assert rest.finished and same(rest.model, whole.model)
    assert same(load_latest(tmp_path), whole.model)
    assert not same(whole.model, train_recipe(recipe(), POINTS, seed=2).model)


def test_saved_and_loaded_it_trains_on(tmp_path):
    model = train_recipe(recipe(), POINTS, seed=1, stop_after=8).model
    model.save(tmp_path / "model.keras")
    keras.utils.set_random_seed(99)
    loaded = keras.models.load_model(tmp_path / "model.keras")
    for each in (model, loaded):
        each.fit(POINTS, batch_size=10, verbose=0)
    assert same(model, loaded)


def test_an_optimizer_whose_mean_would_replace_the_weights_is_refused():
    model = Autoencoder(*networks())
    with pytest.raises(ValueError, match="use_ema=True"):
        model.compile(keras.optimizers.Adam(use_ema=True))
    with pytest.raises(ValueError, match="no optimizer of the name 'adams'"):
        model.compile("adams")
    for option in ({"loss": "mse"}, {"metrics": ["mae"]}, {"use_ema": True}):
        with pytest.raises(ValueError, match=r"own losses and metrics; given .*jit_compile"):
            model.compile("adam", **option)


def test_a_family_says_what_it_reports():
    model = Autoencoder(*networks())
    model.compile()
    history = model.fit(POINTS, batch_size=10, epochs=2, validation_data=POINTS, verbose=0).history
    assert sorted(history) == ["loss", "val_loss"] and len(history["loss"]) == 2


class Coins(OneLossModel):
    """Tosses of a coin, as sequences of two tokens: the smallest family there is."""

    networks = ("network",)

    def __init__(self, network, *, seed=0, **kwargs):
        super().__init__((3,), n_tokens=2, seed=seed, **kwargs)
        self.network = network

    def losses(self, samples, classes, training):
        logits = self.network(keras.ops.cast(samples, "float32"), training=training)
        loss = keras.losses.binary_crossentropy(samples, logits, from_logits=True)
        return {"loss": keras.ops.mean(loss)}

    def samples(self, n, noise, classes):
        return keras.random.randint((n, 3), 0, 2, seed=noise)


def coins() -> Coins:
    model = Coins(keras.Sequential([keras.Input((3,)), keras.layers.Dense(3)]))
    model.compile()
    return model


def test_sequences_of_tokens_are_looked_at():
    tosses, model = np.random.default_rng(0).integers(0, 2, (20, 3)), coins()
    model.fit(tosses, batch_size=5, verbose=0)
    for bad, why in (
        (tosses + 1, "from 0 to 1"),
        (tosses * 1.0, "integers"),
        (tosses[:, 0], "n, 3"),
    ):
        with pytest.raises(ValueError, match=why):
            model.fit(bad, batch_size=5, verbose=0)


def test_generate_repeats_for_a_seed_and_refuses_what_cannot_be():
    model = coins()
    made = model.generate(1200, 5)
    assert made.shape == (1200, 3)
    np.testing.assert_array_equal(made, model.generate(1200, 5))
    assert not np.array_equal(made, model.generate(1200, 6))
    assert not np.array_equal(made[:500], made[500:1000])  # the next ones are other ones
    with pytest.raises(ValueError, match="knows no classes"):
        model.generate(2, classes=[0, 1])
    for bad in ({"n": 0}, {"n": 2, "seed": -1}):
        with pytest.raises(ValueError):
            model.generate(**bad)
