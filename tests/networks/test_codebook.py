"""Samples as tokens and back."""

import keras
import numpy as np
import pytest

from gan_helpers.networks.codebook import codebook, fitted_codebook

RNG = np.random.default_rng(0)
IMAGES = np.tanh(RNG.normal(size=(30, 4, 6, 1))).astype("float32")


def test_patches_are_taken_row_by_row():
    network = codebook((4, 6, 1), n_codes=3, patch=2)
    patches = network.layers[-1].patches(IMAGES).numpy()
    assert patches.shape == (30, 6, 4)
    np.testing.assert_array_equal(patches[7, 1], IMAGES[7, :2, 2:4].ravel())
    np.testing.assert_array_equal(patches[7, 3], IMAGES[7, 2:, :2].ravel())


@pytest.mark.parametrize("samples", [IMAGES, np.repeat(IMAGES, 3, axis=3), IMAGES[:, :2, 0, 0]])
def test_with_a_code_for_each_patch_nothing_is_lost(samples):
    side = 2 if samples.ndim == 4 else 1
    network = codebook(samples.shape[1:], n_codes=30 * 6 if side == 2 else 60, patch=side)
    layer = network.layers[-1]
    layer.codes.assign(layer.patches(samples).numpy().reshape(layer.codes.shape))
    tokens = network.predict(samples, verbose=0)
    np.testing.assert_array_equal(tokens.ravel(), np.arange(layer.n_codes))
    np.testing.assert_array_equal(layer.decode(tokens), samples)


def test_a_patch_gets_its_nearest_code():
    network = codebook((4, 6, 1), n_codes=9, patch=2)
    layer, codes = network.layers[-1], RNG.normal(size=(9, 4)).astype("float32")
    layer.codes.assign(codes)
    distances = np.square(layer.patches(IMAGES).numpy()[:, :, None] - codes).sum(axis=-1)
    np.testing.assert_array_equal(network(IMAGES), distances.argmin(axis=-1))
    assert network.output_shape == (None, 6) and network(IMAGES).dtype == "int32"


def test_codes_that_are_fitted_lose_less_and_repeat():
    def lost(network):
        return np.square(network.layers[-1].decode(network(IMAGES)) - IMAGES).mean()

    few, more = (fitted_codebook(IMAGES, n_codes=n, patch=2, seed=1) for n in (4, 16))
    single = np.square(IMAGES - IMAGES.mean()).mean()
    assert lost(more) < lost(few) < single
    again = fitted_codebook(IMAGES, n_codes=16, patch=2, seed=1)
    np.testing.assert_allclose(again.get_weights(), more.get_weights(), atol=1e-6)


def test_codes_stay_in_the_range_of_the_samples():
    """Most patches of digits are empty; the mean of many -1 in float32 may be less."""
    empty = np.full((2000, 28, 28, 1), -1.0, np.float32)
    empty[:, 10:14, 10:14] = np.random.default_rng(0).random((2000, 4, 4, 1))
    codes = fitted_codebook(empty, n_codes=8, patch=4).get_weights()[0]
    assert codes.min() >= -1 and codes.max() <= 1


def test_codes_are_saved_and_not_trained(tmp_path):
    network = fitted_codebook(IMAGES, n_codes=4, patch=2)
    network.save(tmp_path / "codes.keras")
    loaded = keras.models.load_model(tmp_path / "codes.keras")
    np.testing.assert_array_equal(loaded(IMAGES), network(IMAGES))
    assert not network.trainable_weights and len(network.weights) == 1


def test_what_cannot_be_is_refused():
    for bad, why in (
        ({"n_codes": 0}, "n_codes"),
        ({"n_codes": 4, "patch": 4}, "divide the height, 4, and the width, 6; given 4"),
        ({"n_codes": 1000, "patch": 2}, "the number of patches, 180"),
        ({"n_codes": 4, "patch": 2, "seed": -1}, "seed"),
    ):
        with pytest.raises(ValueError, match=why):
            fitted_codebook(IMAGES, **bad)
    with pytest.raises(ValueError, match="-1 to 1"):
        fitted_codebook(IMAGES * 5, n_codes=4, patch=2)
