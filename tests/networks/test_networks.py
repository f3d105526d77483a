import keras
import numpy as np
import pytest

from gan_helpers import networks

PAIRS = {
    "source": (networks.source_generator, networks.source_discriminator),
    "compact": (networks.compact_generator, networks.compact_discriminator),
}


def test_networks_for_points_and_numbers_have_the_stated_layers():
    generator, discriminator = networks.point_generator(), networks.point_discriminator()
    assert (generator.input_shape, generator.output_shape) == ((None, 2), (None, 2))
    assert (discriminator.input_shape, discriminator.output_shape) == ((None, 2), (None, 1))
    for network in (generator, discriminator):
        assert [layer.activation.__name__ for layer in network.layers] == ["relu"] * 4 + ["linear"]
        assert [layer.units for layer in network.layers[:-1]] == [96] * 4
    line = networks.line_discriminator(width=7)
    assert (line.input_shape, line.output_shape) == ((None, 1), (None, 1))
    assert [layer.activation.__name__ for layer in line.layers] == ["gelu", "gelu", "linear"]
    other = networks.multilayer_perceptron(3, 2, hidden=1, width=4, activation="tanh")
    assert (other.input_shape, other.output_shape, other.count_params()) == (
        (None, 3),
        (None, 2),
        26,
    )
    assert networks.point_generator(latent_dim=5).input_shape == (None, 5)
    with pytest.raises(ValueError, match="latent_dim"):
        networks.point_generator(latent_dim=0)


def test_inputs_of_a_generator_are_drawn_by_its_own_kind():
    plain = networks.point_generator(latent_dim=3)
    latent, classes = keras.Input((4,)), keras.Input((), dtype="int32")
    joined = keras.layers.Concatenate()([latent, keras.layers.Embedding(10, 2)(classes)])
    conditional = keras.Model([latent, classes], keras.layers.Dense(2)(joined))
    drawn = networks.draw_inputs(plain, 5, seed=1)
    assert drawn.shape == (5, 3) and drawn.dtype == "float32"
    numbers, chosen = networks.draw_inputs(conditional, 2000, seed=1, classes=[7, 7, 7, 2])
    assert numbers.shape == (2000, 4) and chosen.dtype == "int32"
    assert (np.bincount(chosen)[[2, 7]] == [500, 1500]).all()
    assert 2 in chosen[:20] and 7 in chosen[:20], "not in random order"
    _, few = networks.draw_inputs(conditional, 3, seed=1, classes=range(10))
    assert len(set(few)) == 3
    again, _ = networks.draw_inputs(conditional, 2000, seed=1, classes=[7, 7, 7, 2])
    assert np.array_equal(numbers, again)
    with pytest.raises(ValueError, match="classes to draw from are missing"):
        networks.draw_inputs(conditional, 2, seed=1)
    with pytest.raises(ValueError, match="takes no classes"):
        networks.draw_inputs(plain, 2, seed=1, classes=[1])


def test_source_networks_have_the_source_s_shapes_and_sizes():
    generator, discriminator = networks.source_generator(), networks.source_discriminator()
    assert generator.count_params() == 2_330_944
    assert discriminator.count_params() == 212_865
    assert [layer.output.shape[1:] for layer in generator.layers][::3] == [
        (12544,),
        (7, 7, 256),
        (7, 7, 128),
        (14, 14, 64),
    ]
    shapes = [layer.output.shape[1:] for layer in discriminator.layers]
    assert (14, 14, 64) in shapes and (7, 7, 128) in shapes


@pytest.mark.parametrize("pair", PAIRS)
def test_networks_fit_each_other(pair):
    make_generator, make_discriminator = PAIRS[pair]
    generator, discriminator = make_generator(latent_dim=7), make_discriminator()
    latent = np.random.default_rng(0).normal(size=(5, 7))
    images = keras.ops.convert_to_numpy(generator(latent))
    assert images.shape == (5, 28, 28, 1)
    assert -1 <= images.min() < 0 < images.max() <= 1
    assert discriminator(images).shape == (5, 1)


@pytest.mark.parametrize("pair", PAIRS)
def test_discriminator_gives_a_logit_and_has_no_batch_normalisation(pair):
    discriminator = PAIRS[pair][1]()
    assert discriminator.layers[-1].activation is keras.activations.linear
    kinds = {type(layer) for layer in discriminator.layers}
    assert keras.layers.BatchNormalization not in kinds


@pytest.mark.parametrize("latent_dim", [0, -1, 2.5])
@pytest.mark.parametrize("pair", PAIRS)
def test_latent_dim_must_be_a_positive_integer(pair, latent_dim):
    with pytest.raises(ValueError, match="at least 1; given"):
        PAIRS[pair][0](latent_dim)


def test_compact_pair_needs_a_fifth_of_the_work_or_less():
    source = sum(networks.multiply_adds(make()) for make in PAIRS["source"])
    compact = sum(networks.multiply_adds(make()) for make in PAIRS["compact"])
    assert compact * 5 <= source


def test_multiply_adds_of_known_layers():
    layers = keras.layers
    convolution = keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(5, 3, padding="same")])
    assert networks.multiply_adds(convolution) == 8 * 8 * 5 * 3 * 3 * 3
    transposed = keras.Sequential(
        [keras.Input((8, 8, 3)), layers.Conv2DTranspose(5, 4, strides=2, padding="same")]
    )
    assert networks.multiply_adds(transposed) == 8 * 8 * 3 * 4 * 4 * 5
    dense = keras.Sequential([keras.Input((7,)), layers.Dense(9), layers.LeakyReLU()])
    assert networks.multiply_adds(dense) == 63
