"""The fast recipes' networks: what they take and give, and what their own layers compute."""

import keras
import numpy as np
import pytest

from gan_helpers.networks import draw_inputs
from gan_helpers.networks.fast import BatchDeviation, OfClass, fast_discriminator, fast_generator

RNG = np.random.default_rng(0)
CLASSES = np.arange(8, dtype=np.int32) % 3
IMAGES = RNG.uniform(-1, 1, (8, 28, 28, 1)).astype("float32")


@pytest.mark.parametrize("hidden_units", [0, 16])
@pytest.mark.parametrize("n_classes", [0, 3])
def test_generator_makes_images_and_heeds_its_class(n_classes, hidden_units):
    generator = fast_generator(n_classes, latent_dim=5, hidden_units=hidden_units)
    inputs = draw_inputs(generator, 8, seed=1, classes=CLASSES if n_classes else None)
    images = generator(inputs).numpy()
    assert images.shape == (8, 28, 28, 1) and np.abs(images).max() <= 1
    if n_classes:
        other = generator([inputs[0], (inputs[1] + 1) % 3]).numpy()
        assert (np.abs(images - other).max(axis=(1, 2, 3)) > 1e-4).all()


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("n_classes", [0, 3])
def test_discriminator_gives_a_logit_of_the_image_s_own_class(n_classes, whole):
    discriminator = fast_discriminator(n_classes, whole=whole)
    if not n_classes:
        assert discriminator(IMAGES).shape == (8, 1)
        return
    logits = [discriminator([IMAGES, np.full(8, k, np.int32)]).numpy() for k in range(3)]
    own = discriminator([IMAGES, CLASSES]).numpy()
    np.testing.assert_allclose(own, [logits[k][i] for i, k in enumerate(CLASSES)], atol=1e-5)
    assert not np.allclose(logits[0], logits[1])


def test_widths_are_those_asked_for():
    widths = [layer.output.shape[-1] for layer in fast_generator(channels=12).layers]
    assert widths.count(12) == widths.count(6) == 3  # a convolution or reshaping, norm, activation
    kernels = fast_discriminator(filters=5).weights[0:4:2]
    assert [kernel.shape[-1] for kernel in kernels] == [5, 10]


def test_of_class_picks_one_output_for_each_sample():
    outputs = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(OfClass()(outputs, np.array([2, 0])), [[2.0], [3.0]])


def test_batch_deviation_is_that_of_groups_of_four():
    x = RNG.normal(size=(8, 2, 3, 5)).astype("float32")
    more = BatchDeviation()(x).numpy()
    np.testing.assert_array_equal(more[..., :-1], x)
    for first in (0, 1):  # samples 0, 2, 4, 6 are one group, the others another
        group = more[first::2, ..., -1]
        expected = x[first::2].std(axis=0).mean()
        np.testing.assert_allclose(group, np.full((4, 2, 3), expected), rtol=1e-5)
    same = BatchDeviation()(np.repeat(x[:1], 4, axis=0)).numpy()
    assert np.abs(same[..., -1]).max() < 1e-3


def test_networks_are_saved_and_loaded(tmp_path):
    for n_classes, inputs in ((0, IMAGES), (3, [IMAGES, CLASSES])):
        network = fast_discriminator(n_classes, whole=True)
        network.save(tmp_path / "network.keras")
        loaded = keras.models.load_model(tmp_path / "network.keras")
        np.testing.assert_array_equal(network(inputs), loaded(inputs))


def test_latent_dim_is_checked():
    with pytest.raises(ValueError, match="at least 1; given 0"):
        fast_generator(latent_dim=0)
