"""The program of notebooks/ch02_vae.ipynb takes the packaged step; its recorded sweep begins so."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_helpers.data import load_mnist, to_tanh_range
from gan_helpers.families.vae import VAE
from gan_helpers.recorded import read_history
from research import vae_beta
from tests.rules import open_cells
from tools.fingerprint import ROOT, read_notebook

PROGRAM = ("def perceptron", "class VAE")  # what the cells begin with


@pytest.fixture(scope="module")
def page() -> dict:
    """The names of the networks and the class that the page writes out."""
    names = {"keras": keras, "np": np, "tf": tf, "layers": keras.layers, "ops": keras.ops}
    cells = open_cells(read_notebook(ROOT / "notebooks" / "ch02_vae.ipynb"))
    program = [cell.source for cell in cells if cell.source.startswith(PROGRAM)]
    assert len(program) == len(PROGRAM)
    exec("\n".join(program), names)
    return names


def test_the_page_and_the_package_take_the_same_step(page, monkeypatch):
    drawn = itertools.repeat(np.random.default_rng(0).standard_normal((32, 2), np.float32))
    monkeypatch.setattr(keras.random, "normal", lambda *args, **kwargs: tf.constant(next(drawn)))
    images = to_tanh_range(load_mnist()[0][0][:32])
    keras.utils.set_random_seed(1)
    encoder, decoder = page["image_networks"](latent=2)
    copies = keras.models.clone_model(encoder), keras.models.clone_model(decoder)
    for copy, network in zip(copies, (encoder, decoder), strict=True):
        copy.set_weights(network.get_weights())

    own = page["VAE"](encoder, decoder, sigma=0.5, seed=1)
    packaged = VAE(*copies, sigma=0.5, seed=1)
    for model in (own, packaged):
        model.compile(keras.optimizers.SGD(1e-4))
    before, batch = decoder.get_weights(), (tf.constant(images),)
    losses = own.train_step(batch)
    packaged.train_step(batch)
    for one, other in zip((encoder, decoder), copies, strict=True):
        for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
            np.testing.assert_allclose(a, b, atol=1e-6)
    assert any(not np.allclose(a, b) for a, b in zip(before, decoder.get_weights(), strict=True))
    np.testing.assert_allclose(own.log_sigma, packaged.log_sigma, rtol=1e-5)
    for name, value in packaged.get_metrics_result().items():
        np.testing.assert_allclose(losses[name], value, rtol=1e-4, err_msg=name)


def test_the_sweep_over_beta_began_as_it_would_now():
    recorded = read_history(vae_beta.RUN)
    model = vae_beta.vae(1.0, recorded["seed"])
    images = to_tanh_range(load_mnist()[0][0])
    (first,) = vae_beta.trained(model, images, steps=vae_beta.FIRST_STEPS)
    assert first == pytest.approx(recorded["first_losses"]["loss"], rel=0.02)
    assert [(row["beta"], row["seed"]) for row in recorded["rows"]] == [
        *itertools.product(vae_beta.BETAS, vae_beta.SEEDS)
    ]
