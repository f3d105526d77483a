"""Flows: inverses, determinants, densities that integrate to one; trained, saved, resumed."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.special import ndtr

import gan_helpers.saving  # noqa: F401
from gan_helpers.data import mixtures
from gan_helpers.families.flow import Flow
from gan_helpers.families.likelihood import dequantised
from gan_helpers.family_recipes import FAMILY_RECIPES
from gan_helpers.networks import couplings, invertible
from gan_helpers.recipes import Recipe, train_recipe
from tools.fingerprint import ROOT, read_notebook

POINTS = mixtures.two_moons().sample(400, seed=0)
IMAGES = (np.random.default_rng(0).integers(0, 256, (24, 8, 8, 1)) / 127.5 - 1).astype("float32")


@pytest.fixture(autouse=True)
def seeded():
    keras.utils.set_random_seed(3)


def small_images() -> keras.Model:
    return couplings.image_flow((8, 8, 1), **SMALL)


SMALL: dict = {"fine": 2, "coarse": 2, "whole": 2, "fine_width": 4, "coarse_width": 4}


def disturbed(flow: Flow, size: float = 0.3) -> Flow:
    """With weights at random: as it starts, a flow changes next to nothing."""
    rng = np.random.default_rng(1)
    for weight in flow.network.trainable_variables:
        inputs = np.prod(weight.shape[:-1])
        weight.assign(weight + size * rng.normal(size=weight.shape) / np.sqrt(inputs))
    return flow


FLOWS = {
    "points": (lambda: Flow(couplings.point_flow(3, 8)), POINTS[:20]),
    "images": (lambda: Flow(small_images()), IMAGES),
}


@pytest.fixture(params=FLOWS)
def flow_and_samples(request):
    make, samples = FLOWS[request.param]
    flow = disturbed(make())
    if flow.of_images:
        samples = dequantised(samples, keras.random.SeedGenerator(0))
    return flow, tf.constant(samples)


def test_run_backwards_it_gives_the_samples_again(flow_and_samples):
    flow, samples = flow_and_samples
    latent, _ = flow.network(samples)
    assert np.abs(latent - tf.reshape(samples, latent.shape)).max() > 0.1
    np.testing.assert_allclose(flow.invert(latent), samples, atol=1e-5)


def test_log_determinants_are_those_of_the_jacobian(flow_and_samples):
    flow, samples = flow_and_samples
    samples = samples[:3]
    with tf.GradientTape() as tape:
        tape.watch(samples)
        latent, log_determinants = flow.network(samples)
    jacobian = tape.batch_jacobian(latent, samples).numpy()
    size = int(np.prod(samples.shape[1:]))
    _, expected = np.linalg.slogdet(jacobian.reshape(3, size, size))
    np.testing.assert_allclose(log_determinants, expected, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (invertible.Scale(), (5,)),
        (invertible.Shuffle([2, 0, 1]), (4, 3)),
        (invertible.Squeeze(), (4, 6, 2)),
        (invertible.Flatten(), (2, 3, 2)),
        (invertible.Logit(), (4,)),
    ],
)
def test_each_layer_has_an_inverse_and_a_determinant(layer, shape):
    x = tf.constant(np.random.default_rng(0).uniform(-0.9, 0.9, (3, *shape)).astype("float32"))
    layer(x)
    for weight in layer.weights:
        weight.assign(np.random.default_rng(1).normal(size=weight.shape))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y, log_determinants = layer(x)
    np.testing.assert_allclose(layer.inverse(y), x, atol=1e-6)
    size = int(np.prod(shape))
    jacobian = tape.batch_jacobian(y, x).numpy().reshape(3, size, size)
    np.testing.assert_allclose(log_determinants, np.linalg.slogdet(jacobian)[1], atol=1e-4)


def test_a_squeeze_makes_channels_of_squares():
    y, _ = invertible.Squeeze()(np.arange(16.0).reshape(1, 4, 4, 1))
    assert y[0, 0, 1].numpy().tolist() == [2, 3, 6, 7]


def test_the_density_in_the_plane_integrates_to_one():
    flow = disturbed(Flow(couplings.point_flow(4, 8)), 0.4)
    line = np.linspace(-12, 12, 801)
    places = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2).astype("float32")
    total = np.exp(flow.log_density(places)).sum() * (line[1] - line[0]) ** 2
    assert total == pytest.approx(1, abs=2e-3)


def test_the_density_of_images_is_one_of_what_lies_between_black_and_white():
    """By the logit's own rule: nothing lies outside, and uniform pixels have 8 bits."""
    flow = Flow(couplings.chain((2, 2, 1), [invertible.Logit(margin=0.05, gain=1.0)]))
    line = (np.arange(4000) + 0.5) / 2000 - 1
    places = np.zeros((4000, 2, 2, 1), "float32")
    places[:, 0, 0, 0] = line
    others = 3 * float(flow.log_density(np.zeros((1, 2, 2, 1), "float32"))[0]) / 4
    mass = np.exp(flow.log_density(places).numpy() - others).sum() / 2000
    # The margin's share: a normal number beyond the logit of 0.05 or of 0.95.
    assert mass == pytest.approx(1 - 2 * ndtr(np.log(0.05 / 0.95)), abs=1e-4)


def test_bits_are_those_of_the_log_density():
    flow = disturbed(Flow(small_images()))
    noisy = dequantised(IMAGES, keras.random.SeedGenerator(7))
    nats = flow.log_density(noisy).numpy()
    np.testing.assert_allclose(flow.bits(IMAGES, seed=7), 7 - nats / 64 / np.log(2), rtol=1e-5)
    assert not np.array_equal(flow.bits(IMAGES, seed=7), flow.bits(IMAGES, seed=8))
    with pytest.raises(ValueError, match="8, 8, 1"):
        flow.bits(IMAGES[:, :4])


def test_images_are_made_in_whole_grey_levels():
    made = disturbed(Flow(small_images())).generate(30, seed=1)
    grey = (made + 1) * 127.5
    assert made.shape == (30, 8, 8, 1) and made.dtype == "float32"
    assert made.min() >= -1 and made.max() <= 1
    np.testing.assert_allclose(grey, grey.round(), atol=1e-4)


def test_what_is_made_of_an_image_s_latent_vector_is_the_image():
    flow = disturbed(Flow(small_images()))
    latent, _ = flow.network(dequantised(IMAGES, keras.random.SeedGenerator(0)))
    np.testing.assert_allclose(flow.in_grey_levels(flow.invert(latent)), IMAGES, atol=1e-6)


def test_a_lower_temperature_draws_nearer_to_the_middle():
    flow = Flow(couplings.point_flow(2, 8))  # as it starts: the identity, but for the order
    for temperature in (1.0, 0.5):
        made = flow.generate(4000, seed=3, temperature=temperature)
        np.testing.assert_allclose(made.std(axis=0), temperature, rtol=0.05)
    for bad in (0, -1, np.nan, "cold"):
        with pytest.raises(ValueError, match="temperature"):
            flow.generate(2, temperature=bad)


def recipe(**changes) -> Recipe:
    given = {
        "name": "tiny-flow",
        "about": "points",
        "networks": lambda n: (couplings.point_flow(4, 16),),
        "game": lambda: {"optimizer": keras.optimizers.Adam(5e-3)},
        "family": Flow,
        "steps": 6,
        "every": 3,
        "batch_size": 50,
    }
    return Recipe(**(given | changes))


def same(one, other) -> bool:
    pairs = zip(one.weights, other.weights, strict=True)
    return all(np.array_equal(a.numpy(), b.numpy()) for a, b in pairs)


def test_training_makes_data_likely_and_no_more_than_likely():
    model = train_recipe(recipe(steps=300, every=100), POINTS, seed=1).model
    unseen = mixtures.two_moons().sample(2000, seed=1)
    reached = -model.log_density(unseen).numpy().mean()
    entropy = -mixtures.two_moons().log_density(unseen).mean()
    single = Flow(couplings.chain((2,), [invertible.Scale()]))
    assert entropy - 0.05 < reached < -single.log_density(unseen).numpy().mean() - 0.3


@pytest.mark.parametrize("images", [False, True])
def test_a_run_that_was_stopped_goes_on_bit_for_bit(tmp_path, images):
    tiny = SMALL | {"fine": 1, "coarse": 1, "whole": 1}
    changes = {"networks": lambda n: (couplings.image_flow((8, 8, 1), **tiny),), "batch_size": 8}
    changes = changes if images else {"networks": lambda n: (couplings.point_flow(2, 8),)}
    samples = IMAGES if images else POINTS
    whole = train_recipe(recipe(**changes), samples, seed=1)
    train_recipe(recipe(**changes), samples, seed=1, folder=tmp_path, stop_after=4)
    keras.utils.set_random_seed(99)
    rest = train_recipe(recipe(**changes), samples, seed=1, folder=tmp_path)
    assert rest.finished and same(rest.model, whole.model)
    assert not same(whole.model, train_recipe(recipe(**changes), samples, seed=2).model)


def test_the_page_and_the_package_take_the_same_step():
    cells = read_notebook(ROOT / "notebooks" / "ch02_flow.ipynb").cells
    program = [c.source for c in cells if "program" in c.metadata.get("tags", [])]
    names: dict = {}
    exec("\n".join(program), names)
    own, packaged = names["flow"], Flow(couplings.point_flow(8, 64))
    for one, other in zip(own.couplings, couplings_of(packaged), strict=True):
        other.conditioner.set_weights(one.network.get_weights())
    packaged.compile(keras.optimizers.Adam(names["falling"]))
    batch = tf.constant(POINTS[:100])
    np.testing.assert_allclose(own.log_density(batch), packaged.log_density(batch), rtol=1e-5)
    before = [weight.numpy() for weight in packaged.trainable_variables]
    for _ in range(3):
        own.train_step(batch)
        packaged.train_step(batch)
    moved = zip(own.trainable_variables, packaged.trainable_variables, before, strict=True)
    for one, other, was in moved:
        np.testing.assert_allclose(one, other, atol=2e-5)
        assert not np.allclose(other, was)
    np.testing.assert_allclose(own.make(batch), packaged.invert(batch), atol=1e-4)


def couplings_of(flow: Flow) -> list[invertible.AffineCoupling]:
    return [x for x in flow.network.layers if isinstance(x, invertible.AffineCoupling)]


def test_saved_and_loaded_it_gives_the_same_densities(tmp_path):
    for make, samples in FLOWS.values():
        flow = disturbed(make())
        flow.compile()
        flow.save(tmp_path / "flow.keras")
        loaded = keras.models.load_model(tmp_path / "flow.keras")
        np.testing.assert_array_equal(loaded.log_density(samples), flow.log_density(samples))
        np.testing.assert_array_equal(loaded.generate(3, seed=2), flow.generate(3, seed=2))


def test_the_recipe_s_network_fits_a_recorded_run():
    (network,) = FAMILY_RECIPES["flow"].networks(0)
    assert network.input_shape == (None, 28, 28, 1) and 4 * network.count_params() < 2_000_000
    images = np.zeros((2, 28, 28, 1), "float32")
    np.testing.assert_allclose(Flow(network).invert(network(images)[0]), images, atol=1e-5)


def test_what_is_no_flow_is_refused():
    plain = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    with pytest.raises(ValueError, match="chain of invertible layers"):
        Flow(plain)
    x = inputs = keras.Input((2,))
    x, determinant = invertible.Scale()(keras.layers.Dense(2)(x))
    with pytest.raises(ValueError, match="nothing else"):
        Flow(keras.Model(inputs, [x, determinant]))
    with pytest.raises(ValueError, match="Only images have bits"):
        Flow(couplings.point_flow(2, 8)).bits(POINTS[:5])
    with pytest.raises(ValueError, match="from -1 to 1"):
        Flow(small_images()).bits(IMAGES * 255)
    with pytest.raises(ValueError, match="two numbers, a log scale and a shift"):
        invertible.AffineCoupling(plain)
    with pytest.raises(ValueError, match="each place from 0 once"):
        invertible.Shuffle([0, 2])
    with pytest.raises(ValueError, match="at least; given none"):
        couplings.chain((2,), [])
    with pytest.raises(ValueError, match=r"steps\[0\]"):
        couplings.chain((2,), [keras.layers.Dense(2)])
    with pytest.raises(ValueError, match="margin"):
        invertible.Logit(margin=0.5)
    with pytest.raises(ValueError, match="multiples of 4"):
        couplings.image_flow((6, 8, 1))
    for bad in ({"couplings": 0}, {"width": 0.5}):
        with pytest.raises(ValueError, match=next(iter(bad))):
            couplings.point_flow(**bad)
