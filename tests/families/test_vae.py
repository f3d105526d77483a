"""The variational autoencoder: its bound, its likelihood, and that it is repeated and kept."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.special import logsumexp
from scipy.stats import norm

import gan_helpers.saving  # noqa: F401
from gan_helpers.checkpoints import load_latest
from gan_helpers.families.likelihood import bits_of, bits_per_dimension
from gan_helpers.families.posterior import posterior
from gan_helpers.families.vae import VAE
from gan_helpers.networks.autoencoders import decoder, encoder
from gan_helpers.recipes import Recipe, train_recipe

POINTS = np.random.default_rng(0).normal(size=(60, 2)).astype("float32")
GRID = np.linspace(-9, 9, 1201)


def networks(n_classes=0):
    layers = keras.layers
    halves = [keras.Input((2,)), layers.Dense(8, "tanh"), layers.Dense(2)]
    others = [keras.Input((1,)), layers.Dense(8, "tanh"), layers.Dense(2)]
    return keras.Sequential(halves), keras.Sequential(others)


def recipe(**changes) -> Recipe:
    given = {"name": "tiny", "about": "points", "networks": networks, "steps": 12, "every": 4}
    game = {"game": lambda: {"optimizer": keras.optimizers.Adam(1e-2)}, "family": VAE}
    return Recipe(**(given | game | {"batch_size": 10} | changes))


def same(one, other) -> bool:
    pairs = zip(one.weights, other.weights, strict=True)
    return all(np.array_equal(a.numpy(), b.numpy()) for a, b in pairs)


@pytest.fixture(scope="module")
def model() -> VAE:
    return train_recipe(recipe(steps=200, every=200), POINTS, seed=1).model


def log_p(model: VAE, points: np.ndarray) -> np.ndarray:
    """By quadrature over the one latent number."""
    means = model.decoder(GRID[:, None].astype("float32")).numpy().astype(float)
    sigma = np.exp(float(model.log_sigma))
    joint = norm.logpdf(points[:, None], means, sigma).sum(axis=2) + norm.logpdf(GRID)
    return logsumexp(joint, axis=1) + np.log(GRID[1] - GRID[0])


def test_its_likelihood_integrates_to_one(model):
    side = np.linspace(-7, 7, 71)
    plane = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    total = sum(np.exp(log_p(model, part)).sum() for part in np.array_split(plane, 10))
    assert total * (side[1] - side[0]) ** 2 == pytest.approx(1, abs=0.002)


def test_the_bound_lacks_the_divergence_from_the_true_posterior(model):
    """log p(x) - ELBO = KL(q(z | x) || p(z | x)), both by quadrature."""
    points = POINTS[:5]
    q = posterior(model.encoder, points)
    log_q = norm.logpdf(GRID, q.mean.numpy(), np.exp(q.log_sigma.numpy()))
    means = model.decoder(GRID[:, None].astype("float32")).numpy().astype(float)
    sigma = np.exp(float(model.log_sigma))
    likelihood = norm.logpdf(points[:, None], means, sigma).sum(axis=2)
    truth, width = log_p(model, points), GRID[1] - GRID[0]
    log_true = likelihood + norm.logpdf(GRID) - truth[:, None]
    gap = np.sum(np.exp(log_q) * (log_q - log_true), axis=1) * width
    elbo = np.sum(np.exp(log_q) * likelihood, axis=1) * width - q.kl().numpy().sum(axis=1)
    np.testing.assert_allclose(truth - elbo, gap, atol=1e-4)
    assert (gap > 0).all()

    weights = model.log_weights(points, 400, keras.random.SeedGenerator(2)).numpy().astype(float)
    error = weights.std(axis=0) / np.sqrt(400)
    assert (np.abs(weights.mean(axis=0) - elbo) < 5 * error + 1e-4).all()
    by_draws = logsumexp(weights, axis=0) - np.log(400)
    np.testing.assert_allclose(by_draws, truth, atol=0.2)


def test_the_loss_is_minus_the_bound(model):
    many = np.repeat(POINTS[:10], 300, axis=0)
    model.noise = keras.random.SeedGenerator(3)
    losses = {k: float(v) for k, v in model.losses(many, None, training=False).items()}
    assert losses["loss"] == pytest.approx(losses["reconstruction"] + losses["kl"], rel=1e-5)
    weights = model.log_weights(POINTS[:10], 300, keras.random.SeedGenerator(4)).numpy()
    assert -losses["loss"] == pytest.approx(weights.mean(), abs=0.15)


def test_beta_weighs_the_divergence():
    for beta in (0, 0.5, 4):
        given = VAE(*networks(), beta=beta)
        losses = given.losses(POINTS, None, training=True)
        expected = losses["reconstruction"] + beta * losses["kl"]
        np.testing.assert_allclose(losses["loss"], expected, rtol=1e-6)
    assert VAE.from_config(given.get_config()).beta == 4


def test_sigma_is_learned():
    assert float(VAE(*networks(), sigma=0.7).log_sigma) == pytest.approx(np.log(0.7))
    with pytest.raises(ValueError, match="sigma must be a finite number above 0"):
        VAE(*networks(), sigma=0)
    fitted = train_recipe(recipe(steps=400, every=400), 0.1 * POINTS, seed=1).model
    assert 0.02 < np.exp(float(fitted.log_sigma)) < 0.15


def test_samples_are_decoded_draws_and_repeat_for_a_seed(model):
    made = model.generate(700, 5)
    assert made.shape == (700, 2)
    np.testing.assert_array_equal(made, model.generate(700, 5))
    assert not np.array_equal(made, model.generate(700, 6))
    latent = keras.random.normal((500, 1), seed=keras.random.SeedGenerator(5))
    np.testing.assert_array_equal(made[:500], model.decoder(latent))
    assert model.predict(POINTS, verbose=0).shape == POINTS.shape


def test_a_run_that_was_stopped_goes_on_bit_for_bit(tmp_path):
    whole = train_recipe(recipe(), POINTS, seed=1)
    part = train_recipe(recipe(), POINTS, seed=1, folder=tmp_path, stop_after=7)
    assert not part.finished and part.model.steps == 7
    keras.utils.set_random_seed(99)
    rest = train_recipe(recipe(), POINTS, seed=1, folder=tmp_path)
    assert rest.finished and same(rest.model, whole.model)
    assert same(load_latest(tmp_path), whole.model)
    assert not same(whole.model, train_recipe(recipe(), POINTS, seed=2).model)


def test_saved_and_loaded_it_trains_on(tmp_path, model):
    model.save(tmp_path / "model.keras")
    keras.utils.set_random_seed(99)
    loaded = keras.models.load_model(tmp_path / "model.keras")
    for each in (model, loaded):
        each.fit(POINTS, batch_size=10, verbose=0)
    assert same(model, loaded) and loaded.beta == model.beta


def test_bits_of_images():
    images = np.random.default_rng(0).uniform(-1, 1, (6, 28, 28, 1)).astype("float32")
    halves = encoder(2, outputs=2, channels=2, hidden=4), decoder(2, channels=2, hidden=4)
    small = VAE(*halves)
    small.log_sigma.assign(np.log(0.5))
    bits = small.bits_per_dimension(images, draws=20, seed=1)
    assert all(each.shape == (6,) for each in bits)
    assert (bits.estimate <= bits.bound).all()  # more draws come closer to the truth
    assert ((bits.effective_draws >= 1) & (bits.effective_draws <= 20)).all()
    again = small.bits_per_dimension(images, draws=20, seed=1)
    np.testing.assert_array_equal(bits.estimate, again.estimate)
    # A decoder that ignores z, and an encoder that says so: nothing is left to estimate.
    for network in halves:
        network.set_weights([np.zeros_like(w) for w in network.get_weights()])
    bits = small.bits_per_dimension(to_grey(images), draws=3, seed=1)
    expected = bits_per_dimension(norm.logpdf(images, 0, 0.5).sum(axis=(1, 2, 3)), 784)
    np.testing.assert_allclose(bits.bound, expected, atol=0.05)
    np.testing.assert_allclose(bits.estimate, bits.bound, atol=1e-5)
    np.testing.assert_allclose(bits.effective_draws, 3, atol=1e-3)


def to_grey(images):
    return np.round((images + 1) * 127.5).astype("float32") / 127.5 - 1


def test_importance_weights_that_are_known():
    weights = np.log([[1.0, 2.0], [3.0, 2.0]])
    bits = bits_of(weights, 1)
    np.testing.assert_allclose(bits.estimate, 7 - np.log2([2, 2]))
    np.testing.assert_allclose(bits.bound, 7 - np.log2([np.sqrt(3), 2]))
    np.testing.assert_allclose(bits.effective_draws, [16 / 10, 2])


def test_what_cannot_be_is_refused(model):
    for beta in (-1, np.nan, "1"):
        with pytest.raises(ValueError, match="beta must be"):
            VAE(*networks(), beta=beta)
    with pytest.raises(ValueError, match="a mean and a log variance"):
        VAE(*networks()[::-1])
    with pytest.raises(ValueError, match="Only images"):
        model.bits_per_dimension(POINTS)
    images = np.zeros((2, 28, 28, 1), np.uint8)
    small = VAE(encoder(2, outputs=2, channels=2, hidden=4), decoder(2, channels=2, hidden=4))
    with pytest.raises(ValueError, match="floating-point"):
        small.bits_per_dimension(images)
    with pytest.raises(ValueError, match="draws"):
        small.bits_per_dimension(images.astype("float32") - 1, draws=0)


def test_in_a_graph_as_outside(model):
    eager = model.losses(POINTS, None, training=False)
    assert np.isfinite(float(eager["loss"]))
    inside = tf.function(lambda x: model.losses(x, None, training=False)["kl"])(POINTS)
    np.testing.assert_allclose(inside, eager["kl"], rtol=1e-5)
