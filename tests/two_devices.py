"""The tests that `test_distribution.py` runs: one processor as two devices, against one."""

import contextlib

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_helpers.checkpoints import load_latest, save_checkpoint
from gan_helpers.gan import GAN
from gan_helpers.gan_parts.averaging import averaged_generator
from gan_helpers.gan_parts.devices import device, with_equal_parts
from gan_helpers.networks.layers import BatchDeviation

CPU = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(CPU, [tf.config.LogicalDeviceConfiguration()] * 2)
TWO = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])

RNG = np.random.default_rng(0)
IMAGES = RNG.uniform(-1, 1, (64, 4, 4, 1)).astype("float32")
CLASSES = RNG.integers(0, 3, 64)
layers = keras.layers


def small_networks(conditional=False, judge=()):
    """Dense ones, with layers of the discriminator's given for its first ones."""
    latent, image = keras.Input((4,)), keras.Input((4, 4, 1))
    classes = [keras.Input((), dtype="int32") for _ in range(2)] if conditional else None
    inner = image
    for layer in judge:
        inner = layer(inner)
    inner = layers.Flatten()(inner)
    outer = latent
    if conditional:
        outer = layers.Concatenate()([latent, layers.Embedding(3, 4)(classes[0])])
        inner = layers.Concatenate()([inner, layers.Embedding(3, 4)(classes[1])])
    outer = layers.Dense(16, "tanh")(outer)
    outer = layers.Reshape((4, 4, 1))(outer)
    logit = layers.Dense(1)(layers.Dense(8, "leaky_relu")(inner))
    return (
        keras.Model([latent, classes[0]] if conditional else latent, outer),
        keras.Model([image, classes[1]] if conditional else image, logit),
    )


def sgd(**options):
    return keras.optimizers.SGD(0.1, **options)


def adam(**options):
    return keras.optimizers.Adam(1e-3, beta_1=0.5, **options)


def scope_of(devices):
    return TWO.scope() if devices == 2 else contextlib.nullcontext()


def small_gan(devices, optimizer=sgd, conditional=False, judge=lambda: (), **game) -> GAN:
    keras.utils.set_random_seed(1)
    with scope_of(devices):
        gan = GAN(*small_networks(conditional, judge()), seed=5)
        gan.compile(generator_optimizer=optimizer(), discriminator_optimizer=optimizer(), **game)
    return gan


def assert_equal(one, two):
    """Numbers, arrays and all that is within networks, optimizers and dictionaries, to 1e-5."""
    if isinstance(one, dict):
        assert one.keys() == two.keys() and one
        one, two = list(one.values()), [two[name] for name in one]
    elif hasattr(one, "weights"):
        one, two = one.weights, two.weights
        assert len(one) == len(two)
    for a, b in zip(one, two, strict=True):
        np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=0, atol=1e-5)


def trained(gan: GAN, *data, epochs=1, initial_epoch=0, **options) -> dict:
    before = [w.numpy() for w in gan.weights]
    history = gan.fit(
        *data, batch_size=8, epochs=epochs, initial_epoch=initial_epoch, verbose=0, **options
    ).history
    moved = zip(before, gan.weights, strict=True)
    assert np.mean([np.abs(old - new.numpy()).max() > 1e-4 for old, new in moved]) > 0.8
    return history


def in_a_loop(gan: GAN, *data, size=8, steps=3) -> dict:
    """Train as chapter 7 does: a loop of one's own over a dataset, on both devices if it has."""
    batches = tf.data.Dataset.from_tensor_slices(data if len(data) > 1 else data[0]).batch(size)
    options = tf.data.Options()
    options.autotune.enabled = False  # its thread would sleep for seconds at the end
    strategy = gan.distribute_strategy
    run = tf.autograph.experimental.do_not_convert(  # to be traced sooner
        lambda batch: strategy.run(gan.train_step, args=(batch,))
    )
    step = tf.function(run)
    for batch in strategy.experimental_distribute_dataset(
        batches.take(steps).with_options(options)
    ):
        step(batch)
    assert gan.steps == steps
    return {metric.name: float(metric.result()) for metric in gan.metrics}


# -- equal to one device -------------------------------------------------------------------------


def test_a_conditional_gan_with_all_that_a_run_has(tmp_path):
    """Adam, a running mean, lazy penalties; checkpoints, going on, evaluation."""
    one, two = gans = [
        small_gan(
            devices,
            lambda: adam(use_ema=True, ema_momentum=0.8),
            conditional=True,
            loss="relativistic",
            penalties={"gradient_penalty": 1.0, "r1": 0.5},
            penalty_every=2,
        )
        for devices in (1, 2)
    ]
    assert_equal(*(trained(gan, IMAGES[:32], CLASSES[:32]) for gan in gans))
    assert one.steps == two.steps == 4
    assert_equal(one, two)
    assert_equal(one.generator_optimizer.variables, two.generator_optimizer.variables)
    means = [averaged_generator(gan, CLASSES) for gan in gans]
    assert_equal(*means)
    last, mean = two.generator.weights[1].numpy(), means[1].weights[1].numpy()
    assert np.abs(last - mean).max() > 1e-4

    save_checkpoint(two, tmp_path)
    with TWO.scope():
        resumed = load_latest(tmp_path)
    elsewhere = load_latest(tmp_path)  # on one device
    assert resumed.distribute_strategy is TWO and elsewhere.distribute_strategy is not TWO
    assert elsewhere.steps == 4
    assert_equal(one, elsewhere)
    more = {"epochs": 2, "initial_epoch": 1}
    again = trained(one, IMAGES[:32], CLASSES[:32], **more)
    with TWO.scope():  # where it is called from does not matter
        assert_equal(again, trained(resumed, IMAGES[:32], CLASSES[:32], **more))
        assert resumed.steps == 8
    assert_equal(one, resumed)
    judged = IMAGES[:20], CLASSES[:20]
    options = {"batch_size": 16, "verbose": 0, "return_dict": True}
    assert_equal(*(gan.evaluate(*judged, **options) for gan in (one, resumed)))


def synchronized():
    return (layers.BatchNormalization(synchronized=True),)


@pytest.mark.parametrize(
    ("conditional", "options"),
    [
        (
            False,
            {
                "loss": "kernel",
                "penalties": {"gradient_penalty": 1.0, "r2": 0.5},
                "same_fakes": True,
                "replicas": 2,
            },
        ),
        (True, {"discriminator_steps": 2, "judge": synchronized}),
    ],
    ids=["plain", "conditional"],
)
def test_a_loop_of_ones_own(conditional, options):
    data = (IMAGES, CLASSES) if conditional else (IMAGES,)
    gans = [small_gan(devices, conditional=conditional, **options) for devices in (1, 2)]
    assert_equal(*(in_a_loop(gan, *data) for gan in gans))
    assert_equal(*gans)


def test_what_looks_at_a_batch_sees_a_devices_part_as_in_replicas():
    judge = {"judge": lambda: (BatchDeviation(),)}
    gans = [small_gan(1, **judge, replicas=2), small_gan(2, **judge), small_gan(1, **judge)]
    reports = [in_a_loop(gan, IMAGES, size=16, steps=1) for gan in gans]
    assert_equal(*gans[:2])
    assert_equal(*reports[:2])
    assert abs(reports[2]["discriminator_loss"] - reports[1]["discriminator_loss"]) > 1e-4


def test_dropout_differs_by_device_and_the_gans_own_noise_does_not():
    gan = small_gan(2, judge=lambda: (layers.Dropout(0.5),))
    one = small_gan(1, judge=lambda: (layers.Dropout(0.5),))
    step = tf.constant(7, tf.int64)
    TWO.run(lambda: gan.set_random_state(step))
    one.set_random_state(step)

    def states(gan):
        dropout = next(x for x in gan.discriminator.layers if isinstance(x, layers.Dropout))
        for generator in (gan.noise, dropout.seed_generator):
            local = TWO.experimental_local_results(generator.state.value)
            yield [tuple(x.numpy()) for x in local]

    (noise,), (dropout,) = states(one)
    noises, dropouts = states(gan)
    assert noises == [noise, noise]
    assert dropouts[0] == dropout and dropouts[1] != dropout


# -- refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["networks", "optimizers", "GAN", "compile"])
def test_refuses_what_was_made_outside_the_scope(place):
    with scope_of(1 if place == "networks" else 2):
        networks = small_networks()
    with scope_of(1 if place == "optimizers" else 2):
        generator_optimizer, discriminator_optimizer = sgd(), sgd()
    with scope_of(1 if place == "GAN" else 2):
        gan = GAN(*networks)
    with (
        scope_of(1 if place == "compile" else 2),
        pytest.raises(ValueError, match="scope of one strategy"),
    ):
        gan.compile(
            generator_optimizer=generator_optimizer,
            discriminator_optimizer=discriminator_optimizer,
        )


@pytest.mark.parametrize("option", [{"jit_compile": True}, {"steps_per_execution": 2}])
def test_refuses_options_that_devices_cannot_do(option):
    with pytest.raises(ValueError, match=f"{next(iter(option))}.* not work on 2 devices"):
        small_gan(2, **option)
    assert small_gan(1, **option).compiled


@pytest.mark.parametrize(
    "option",
    [
        {"clipnorm": 1.0},
        {"clipvalue": 1.0},
        {"global_clipnorm": 1.0},
        {"gradient_accumulation_steps": 2},
        {"use_ema": True, "ema_overwrite_frequency": 2},
    ],
)
def test_refuses_optimizers_that_would_do_something_else(option):
    name = list(option)[-1]
    with pytest.raises(ValueError, match=rf"given {{'{name}': {option[name]}}}"):
        small_gan(2, lambda: sgd(**option))


def test_refuses_penalties_of_a_discriminator_that_waits_for_other_devices():
    judge = {"judge": lambda: (layers.BatchNormalization(synchronized=True, name="waits"),)}
    with pytest.raises(ValueError, match=r"synchronized=True; given \['waits'\]"):
        small_gan(2, **judge, penalties={"r1": 1.0})
    assert small_gan(1, **judge, penalties={"r1": 1.0}).compiled


def test_refuses_batches_that_devices_cannot_share():
    gan = small_gan(2)
    with pytest.raises(ValueError, match=r"2 devices share a batch.*given 7"):
        gan.fit(IMAGES, batch_size=7, verbose=0)
    with pytest.raises(ValueError, match=r"2 devices share a batch.*given 3.*leave 1 images out"):
        gan.evaluate(IMAGES[:11], batch_size=8, verbose=0)
    with pytest.raises(ValueError, match=r"2 devices share a batch.*given 5"):
        gan.fit(tf.data.Dataset.from_tensor_slices(IMAGES[:5]).batch(5), verbose=0)
    assert gan.steps == 0

    @tf.function
    def unequal():  # in a loop of one's own it can only be found when it is computed
        return TWO.run(lambda: with_equal_parts(tf.zeros((4 - device(), 1))))

    with pytest.raises(tf.errors.InvalidArgumentError, match="parts of one size"):
        unequal()
