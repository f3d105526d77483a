"""The halves of an autoencoder: what they take and give, and that the linear ones are linear."""

import keras
import numpy as np
import pytest

from gan_helpers.data import load_mnist
from gan_helpers.networks.autoencoders import decoder, encoder, linear_decoder, linear_encoder

IMAGES = np.random.default_rng(0).uniform(-1, 1, (6, 28, 28, 1)).astype("float32")
CODES = np.random.default_rng(1).normal(size=(6, 3)).astype("float32")


@pytest.mark.parametrize("outputs", [1, 2])
def test_the_encoder_gives_so_many_numbers_about_each_of_a_code(outputs):
    codes = encoder(3, outputs=outputs, channels=2, hidden=4)(IMAGES).numpy()
    assert codes.shape == (6, 3 * outputs)
    assert (codes.std(axis=0) > 0).all()


def test_the_decoder_gives_images_and_without_activation_any_numbers():
    images = decoder(3, channels=4, hidden=8)(100 * CODES).numpy()
    assert images.shape == (6, 28, 28, 1) and np.abs(images).max() <= 1
    keras.utils.set_random_seed(0)
    logits = decoder(3, channels=4, hidden=8, activation=None)(100 * CODES).numpy()
    keras.utils.set_random_seed(0)
    assert np.abs(logits).max() > 1
    same = decoder(3, channels=4, hidden=8)(100 * CODES).numpy()
    np.testing.assert_allclose(np.tanh(logits), same, atol=1e-5)


def test_widths_are_those_asked_for():
    assert [w.shape[-1] for w in encoder(3, channels=5, hidden=7).weights[::2]] == [5, 10, 16, 7, 3]
    shapes = [layer.output.shape[1:] for layer in decoder(3, channels=6, hidden=7).layers]
    assert (7,) in shapes and (7, 7, 6) in shapes and (14, 14, 3) in shapes


@pytest.mark.parametrize("network", [linear_encoder(3), linear_decoder(3)])
def test_the_linear_ones_are_linear(network):
    one, other = (IMAGES[:3], IMAGES[3:]) if len(network.input_shape) > 2 else (CODES, CODES[::-1])
    between = network(0.3 * one + 0.7 * other)
    np.testing.assert_allclose(between, 0.3 * network(one) + 0.7 * network(other), atol=1e-5)
    assert np.prod(network.weights[0].shape) == 3 * 784


def test_the_offset_makes_the_average_pixel_of_mnist_zero():
    (images, _), _ = load_mnist()
    assert abs((images / 127.5 - 1).mean() + 0.74) < 0.002
    network = linear_encoder(3)
    np.testing.assert_allclose(network(np.full((1, 28, 28, 1), -0.74)), np.zeros((1, 3)), atol=1e-5)


@pytest.mark.parametrize(
    "wrong, why",
    [
        (lambda: encoder(0), "code_dim must be an integer, at least 1"),
        (lambda: encoder(outputs=0), "outputs must be"),
        (lambda: encoder(hidden=2.5), "hidden must be"),
        (lambda: decoder(channels=1), "channels must be an integer, at least 2"),
        (lambda: decoder(activation="tanhh"), "no activation named 'tanhh'"),
        (lambda: linear_encoder(-1), "code_dim must be"),
        (lambda: linear_encoder(offset=np.nan), "offset must be"),
        (lambda: linear_decoder(True), "code_dim must be"),
    ],
)
def test_what_cannot_be_is_refused(wrong, why):
    with pytest.raises(ValueError, match=why):
        wrong()
