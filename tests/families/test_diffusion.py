"""Diffusion and flow matching: exact paths, exact answers, samples, guidance, resuming."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import gan_helpers.saving  # noqa: F401
from gan_helpers.checkpoints import load_latest
from gan_helpers.data.mixtures import GaussianMixture, ring
from gan_helpers.families.diffusion import Diffusion
from gan_helpers.families.flow_matching import FlowMatching
from gan_helpers.networks.denoisers import point_denoiser, unet
from gan_helpers.recipes import Recipe, train_recipe

FAMILIES = pytest.mark.parametrize("family", [Diffusion, FlowMatching])
POINTS = np.random.default_rng(0).normal(size=(60, 2)).astype("float32")
SIGNS = (POINTS[:, 0] > 0).astype(np.int32)
IMAGES = np.random.default_rng(1).uniform(-1, 1, (20, 28, 28, 1)).astype("float32")
TIMES = (0.1, 0.5, 0.9)


def small(family, n_classes=0, **options):
    model = family(point_denoiser(n_classes, width=8, hidden=1), **options)
    model.compile(keras.optimizers.Adam(1e-2))
    return model


def small_unet(n_classes=0):
    return unet(n_classes, channels=(2, 3), condition_units=4)


def same(one, other) -> bool:
    pairs = zip(one.weights, other.weights, strict=True)
    return all(np.array_equal(a.numpy(), b.numpy()) for a, b in pairs)


def exact_answer(family, mixture: GaussianMixture, noised, time):
    """The best answer where the samples have a known density: means given the noised point."""
    signal, level = (float(x) for x in family.path(None, tf.constant(time, tf.float64)))
    centres, variance = mixture.centres, mixture.sigma**2
    total = signal**2 * variance + level**2
    squared = np.square(noised[:, None] - signal * centres).sum(-1)
    share = np.exp(-(squared - squared.min(1, keepdims=True)) / (2 * total))
    share /= share.sum(1, keepdims=True)
    gap = noised - share @ (signal * centres)  # from the mean of the noised modes
    sample = share @ centres + signal * variance / total * gap
    noise = level / total * gap
    return noise if family is Diffusion else noise - sample


class Exact(layers.Layer):
    """In a network's place: the best answers for a mixture, of one time for all."""

    def __init__(self, family, mixture):
        super().__init__()
        self.family, self.mixture = family, mixture

    def call(self, points, times):
        def answer(points, times):
            found = exact_answer(self.family, self.mixture, points.astype(float), times[0])
            return found.astype("float32")

        if isinstance(points, keras.KerasTensor):
            return points
        return tf.ensure_shape(tf.numpy_function(answer, [points, times], tf.float32), points.shape)

    def compute_output_shape(self, points_shape, times_shape):
        return points_shape


def exact(family, mixture):
    model = small(family)
    points, times = keras.Input((2,)), keras.Input(())
    model.mean_network = keras.Model([points, times], Exact(family, mixture)(points, times))
    return model


@FAMILIES
def test_the_path_leads_from_samples_to_noise(family):
    model = small(family)
    (signal, level), (signal_end, level_end) = model.path(0.0), model.path(1.0)
    assert (float(signal), float(level)) == (1, 0)
    assert float(signal_end) <= 0.0201 and float(level_end) > 0.999


@FAMILIES
def test_an_answer_stands_for_the_sample_and_the_noise(family):
    model, noise = small(family), np.random.default_rng(2).normal(size=POINTS.shape)
    for time in TIMES:
        signal, level = (float(x) for x in model.path(time))
        noised = signal * POINTS + level * noise
        found = model.estimates(noised, time, model.target(POINTS, noise))
        np.testing.assert_allclose(found, (POINTS, noise), atol=1e-5)


@FAMILIES
def test_times_are_uniform_or_normal_in_their_log_odds(family):
    model = small(family)
    times = np.concatenate([model.times(50) for _ in range(200)])
    assert times.min() >= 0 and times.max() <= 1
    if family is FlowMatching:
        odds = np.log(times / (1 - times))
        assert abs(odds.mean()) < 0.02 and abs(odds.std() - 1) < 0.03
    else:
        assert abs(times.mean() - 0.5) < 0.01 and abs(times.std() - 12**-0.5) < 0.01


def test_a_straight_step_is_eulers_and_a_circular_one_that_of_ddim():
    points, now, then, answer = POINTS, 0.6, 0.4, POINTS[::-1].copy()
    for family in (FlowMatching, Diffusion):
        model = small(family)
        model.answers = lambda *given: tf.constant(answer)
        step = [tf.constant(x, tf.float32) for x in (points, now, then, 0 * points, 0.0)]
        found = Diffusion.step_back.python_function(model, *step)
        if family is FlowMatching:
            expected = points + (then - now) * answer
        else:  # formula 12 of Song et al. (2021), with their alpha the square of the signal
            (signal, level), (s, other) = ([float(x) for x in model.path(t)] for t in (now, then))
            expected = s * (points - level * answer) / signal + other * answer
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_fresh_noise_has_the_variance_of_the_ancestral_sampler():
    """(1 - a') / (1 - a) (1 - a / a'), with a the squared signal (Ho et al. 2020, section 3.2)."""
    model, n = small(Diffusion), 200_000
    model.answers = lambda noised, *rest: tf.zeros_like(noised)
    now, then = 0.6, 0.5
    a, a_then = (float(model.path(t)[0]) ** 2 for t in (now, then))
    fresh = tf.random.stateless_normal((n, 2), (0, 1))
    numbers = [tf.constant(x, tf.float32) for x in (now, then)]
    moved = Diffusion.step_back.python_function(model, tf.zeros((n, 2)), *numbers, fresh, 1.0)
    expected = (1 - a_then) / (1 - a) * (1 - a / a_then)
    np.testing.assert_allclose(np.var(moved), expected, rtol=0.02)


@FAMILIES
@pytest.mark.parametrize("eta", [0.0, 1.0])
def test_exact_answers_lead_to_the_data(family, eta):
    mixture = ring()
    made = exact(family, mixture).generate(1000, 0, steps=100, eta=eta)
    assert mixture.modes_found(made, least=0.7) == 8
    assert mixture.share_on_mode(made) > 0.95


@FAMILIES
def test_no_network_can_have_a_smaller_loss_than_the_exact_answers(family):
    """And training comes near it: mean squared errors over the same points."""
    mixture = GaussianMixture("two", np.array([[-1.0, 0], [1, 0]]), 0.3)
    x, model = mixture.sample(4000, seed=0), family(point_denoiser(width=32, hidden=2))
    model.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(1e-2, 400)))
    model.fit(x, batch_size=200, epochs=20, verbose=0)
    noise = np.random.default_rng(3).normal(size=x.shape).astype("float32")
    for time in TIMES:
        signal, level = (float(v) for v in model.path(time))
        noised = signal * x + level * noise
        best = exact_answer(family, mixture, noised, time)
        answers = model.predict([noised, np.full(len(x), time)], verbose=0)
        target = model.target(x, noise)
        least, reached = (np.square(target - found).mean() for found in (best, answers))
        assert least * 0.995 < reached < least * 1.1 + 0.01


@FAMILIES
def test_a_run_that_was_stopped_goes_on_bit_for_bit(family, tmp_path):
    """The mean of the weights too, on which the samples depend."""
    recipe = Recipe(
        "tiny",
        "points",
        lambda n: (point_denoiser(n, width=8, hidden=1),),
        lambda: {"optimizer": keras.optimizers.Adam(1e-2), "steps_per_execution": 2},
        steps=12,
        every=4,
        batch_size=10,
        classes=lambda images, labels, seed: labels,
        family=functools.partial(family, momentum=0.9),
    )
    whole = train_recipe(recipe, POINTS, SIGNS, seed=1)
    part = train_recipe(recipe, POINTS, SIGNS, seed=1, folder=tmp_path, stop_after=7)
    assert not part.finished and part.model.steps == 7
    keras.utils.set_random_seed(99)
    rest = train_recipe(recipe, POINTS, SIGNS, seed=1, folder=tmp_path)
    assert rest.finished and same(rest.model, whole.model)
    loaded = load_latest(tmp_path)
    assert same(loaded, whole.model) and loaded.momentum == 0.9
    assert not same(whole.model.network, whole.model.mean_network)
    made = (model.generate(4, 3, classes=[0, 1, 0, 1], steps=3) for model in (loaded, whole.model))
    np.testing.assert_array_equal(*made)


def test_the_mean_of_the_weights_follows_them():
    model = small(Diffusion, momentum=0.5)
    begun = model.mean_network.get_weights()
    for a, b in zip(begun, model.network.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    expected = begun
    for step in range(1, 5):
        model.train_on_batch(POINTS)
        keep = min(0.5, (1 + step) / (10 + step))
        expected = [
            keep * mean + (1 - keep) * weight
            for mean, weight in zip(expected, model.network.get_weights(), strict=True)
        ]
    for a, b in zip(model.mean_network.get_weights(), expected, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)
    trained = model.trainable_variables
    assert len(trained) == len(model.network.weights)


@FAMILIES
def test_images_come_out_in_their_range_and_repeat(family):
    model = family(small_unet())
    model.compile()
    model.fit(IMAGES, batch_size=10, verbose=0)
    made = model.generate(3, 1, steps=3, eta=0.5)
    assert made.shape == (3, 28, 28, 1) and np.abs(made).max() <= 1
    np.testing.assert_array_equal(made, model.generate(3, 1, steps=3, eta=0.5))
    assert not np.array_equal(made, model.generate(3, 2, steps=3, eta=0.5))


def test_guidance_goes_from_no_class_to_the_class_and_beyond():
    model = small(Diffusion, n_classes=2)
    model.fit(POINTS, SIGNS, batch_size=10, epochs=3, verbose=0)
    points, time, classes = tf.constant(POINTS), tf.constant(0.5), tf.constant(SIGNS)
    with_class = model.answers(points, time, classes, None).numpy()
    without = model.predict([POINTS, np.full(60, 0.5), np.full(60, 2)], verbose=0)
    assert not np.allclose(with_class, without)
    for guidance in (0.0, 1.0, 3.0):
        expected = without + guidance * (with_class - without)
        found = model.answers(points, time, classes, tf.constant(guidance))
        np.testing.assert_allclose(found, expected, atol=1e-5)
    made = [model.generate(60, 0, classes=SIGNS, steps=2, guidance=g) for g in (1, 1.0, 0, 3)]
    np.testing.assert_array_equal(made[0], made[1])
    assert not np.allclose(made[0], made[2]) and not np.allclose(made[0], made[3])


def test_a_hidden_class_is_the_last_one(monkeypatch):
    """With all classes hidden, the classes given make no difference to a step."""
    steps = []
    for classes in (SIGNS, 1 - SIGNS):
        keras.utils.set_random_seed(0)
        model = small(Diffusion, n_classes=2, classless=1.0)
        model.train_on_batch(POINTS, classes)
        steps.append(model)
    assert same(*steps)
    for model in steps:
        model.classless = 0.0
    losses = [model.test_on_batch(POINTS, SIGNS) for model in steps]
    assert losses[0] == losses[1] != steps[0].test_on_batch(POINTS, 1 - SIGNS)


def test_what_a_call_takes_is_looked_at():
    model, half = small(Diffusion, n_classes=2), np.full(60, 0.5)
    assert model([POINTS, half, SIGNS]).shape == (60, 2)
    for bad, why in (
        ([POINTS, half], "list of 3 arrays, samples, times, classes; given 2"),
        (POINTS, "given 1"),
        ([POINTS, half + 1, SIGNS], "from 0 to 1; given 1.5"),
        ([POINTS, half[:5], SIGNS], r"times must be finite numbers of shape \(60,\)"),
        ([IMAGES, half, SIGNS], r"samples must be finite numbers of shape \(n, 2\)"),
        ([POINTS, half, SIGNS + 2], "There are 3 classes, 0 to 2; given 3"),
    ):
        for call in (model, functools.partial(model.predict, verbose=0)):
            with pytest.raises(ValueError, match=why):
                call(bad)


def test_what_cannot_be_is_refused():
    points, times = keras.Input((2,)), keras.Input(())
    for network, why in (
        ("unet", "given str"),
        (keras.Sequential([keras.Input((2,)), layers.Dense(2)]), "given Sequential"),
        (keras.Model([points, times], layers.Dense(3)(points)), r"to \(None, 3\)"),
    ):
        with pytest.raises(ValueError, match=why):
            Diffusion(network)
    classes = keras.Input(())
    told = layers.Dense(2)(points + layers.Reshape((1,))(classes))
    with pytest.raises(ValueError, match="how many classes it knows"):
        Diffusion(keras.Model([points, times, classes], told))
    for bad in ({"momentum": 1.5}, {"classless": -0.1}, {"momentum": None}, {"classless": True}):
        with pytest.raises(ValueError, match="must be a number from 0 to 1"):
            small(Diffusion, **bad)
    model = small(Diffusion)
    for bad in ({"steps": 0}, {"eta": 2}, {"guidance": 2.0}, {"classes": [0, 1]}):
        with pytest.raises(ValueError):
            model.generate(2, **bad)
    for bad in ({"width": 0}, {"hidden": 0}, {"n_classes": -1}):
        with pytest.raises(ValueError):
            point_denoiser(**bad)
    for bad in ({"channels": 3}, {"channels": (2, 0)}, {"condition_units": 0}, {"n_classes": 0.5}):
        with pytest.raises(ValueError):
            unet(**bad)


def test_the_unet_begins_by_handing_on_a_share_of_its_input():
    network = small_unet(n_classes=3)
    times, classes = np.array([0.3, 0.3]), np.array([1, 1])
    answers = network.predict([IMAGES[:2], times, classes], verbose=0)
    shares = answers / IMAGES[:2]
    np.testing.assert_allclose(shares, shares[0, 0, 0, 0], rtol=1e-3)
