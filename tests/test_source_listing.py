"""The source's way to train: each mistake does what the ladder says, and its repair undoes it."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_helpers import networks
from gan_helpers.data import load_mnist
from gan_helpers.recorded import read_history
from gan_helpers.source_listing import RUNGS, Repairs, to_judge, train_as_listed

LATENT, BATCH, SEED = 3, 8, 5
IMAGES = np.random.default_rng(0).integers(0, 256, (1, 4, 4)).astype(np.uint8).repeat(20, axis=0)
REPAIRED = RUNGS["data range"]


def pair():
    """Batch normalisation whose two modes differ, and a discriminator without dropout."""
    keras.utils.set_random_seed(SEED)
    layers = keras.layers
    dense = [layers.Dense(16), layers.BatchNormalization(), layers.Activation("tanh")]
    generator = keras.Sequential([keras.Input((LATENT,)), *dense, layers.Reshape((4, 4, 1))])
    discriminator = keras.Sequential(
        [keras.Input((4, 4, 1)), layers.Flatten(), layers.Dense(1, bias_initializer="ones")]
    )
    return generator, discriminator


def losses_of(repairs, both, **options):
    rows = []
    options = {"steps": 1, "seed": SEED, "batch_size": BATCH} | options
    train_as_listed(*both, IMAGES, repairs, **options, watch=lambda _, row: rows.append(row))
    return rows


def softplus(x):
    return np.logaddexp(0, np.asarray(x, np.float64))


def latent(number, half):
    both = tf.random.stateless_normal((2, BATCH, LATENT), seed=(SEED, number))
    return both[half]


@pytest.mark.parametrize("same_generator", [True, False])
@pytest.mark.parametrize("data_range", [True, False])
def test_losses_are_those_of_what_each_player_is_shown(same_generator, data_range):
    repairs = Repairs(True, True, same_generator, data_range)
    [row] = losses_of(
        repairs, pair(), rate=1e-30
    )  # nothing moves, so that all can be computed anew
    generator, discriminator = pair()
    real = IMAGES[:1, ..., None].astype("float32") / 255
    real = 2 * real - 1 if data_range else real
    shown = discriminator(generator(latent(1, 0), training=same_generator))
    logits = discriminator(generator(latent(1, 1), training=True))
    assert row["real"] == pytest.approx(softplus(-discriminator(real)).mean(), rel=1e-5)
    assert row["fake"] == pytest.approx(softplus(shown).mean(), rel=1e-5)
    assert row["generator"] == pytest.approx(softplus(-logits).mean(), rel=1e-5)
    assert row["pull"] > 0


def test_a_probability_loss_is_silent_outside_of_0_to_1():
    both = pair()
    both[1].layers[-1].set_weights([np.full((16, 1), 0.01), np.array([-5.0])])
    [row] = losses_of(Repairs(), both, rate=1e-30)
    assert row["pull"] == 0 and row["generator"] == pytest.approx(-np.log(1e-7), rel=1e-3)
    [row] = losses_of(Repairs(loss_of_logits=True), both, rate=1e-30)
    assert row["pull"] > 0 and row["generator"] == pytest.approx(5, abs=0.3)


@pytest.mark.parametrize("frozen", [True, False])
def test_the_generators_step_moves_the_discriminator_unless_it_is_frozen(frozen):
    both = pair()
    losses_of(Repairs(True, frozen, True, True), both, rate=0.01)
    generator, discriminator = pair()
    real = tf.constant(IMAGES[:BATCH, ..., None].astype("float32") / 127.5 - 1)
    fakes = generator(latent(1, 0), training=True)
    adam = keras.optimizers.Adam(0.01)
    bce = keras.losses.BinaryCrossentropy(from_logits=True)
    for batch, labels in ((real, tf.ones((BATCH, 1))), (fakes, tf.zeros((BATCH, 1)))):
        with tf.GradientTape() as tape:
            loss = bce(labels, discriminator(batch))
        weights = discriminator.trainable_variables
        adam.apply(tape.gradient(loss, weights), weights)
    own_steps_only = all(
        np.allclose(a, b, atol=1e-5)
        for a, b in zip(both[1].get_weights(), discriminator.get_weights(), strict=True)
    )
    assert own_steps_only == frozen


def test_a_seed_gives_the_same_training_again_and_another_seed_another_one():
    def trained(**options):
        both = pair()
        rows = losses_of(REPAIRED, both, steps=5, **options)
        assert len(rows) == 5
        return both[0].get_weights()

    first, again, other = trained(), trained(), trained(seed=SEED + 1)
    assert all(map(np.array_equal, first, again)) and not all(map(np.array_equal, first, other))


def test_each_rung_has_the_repairs_of_those_before_it_and_one_more():
    counts = [sum(vars(repairs).values()) for repairs in RUNGS.values()]
    assert counts == [0, 1, 2, 3, 4]


def test_the_judge_gets_all_images_in_one_range():
    images = np.array([-1.0, 0.0, 0.5, 1.0], "float32")
    np.testing.assert_array_equal(to_judge(images, Repairs()), [-1, -1, 0, 1])
    np.testing.assert_array_equal(to_judge(images, Repairs(data_range=True)), images)


@pytest.mark.parametrize(
    ("run", "makers"),
    [
        ("ladder", (networks.source_generator, networks.source_discriminator)),
        ("ladder_compact", (networks.compact_generator, networks.compact_discriminator)),
    ],
)
def test_the_ladder_began_as_it_would_now(run, makers):
    """Ten steps of the last rung."""
    recorded = read_history(run)
    steps = recorded["first_losses"].pop("step")
    keras.utils.set_random_seed(recorded["seed"])
    (images, _), _ = load_mnist()
    rows = []
    train_as_listed(
        *(make() for make in makers),
        images,
        REPAIRED,
        steps=steps,
        seed=recorded["seed"],
        rate=recorded["recipe"]["learning_rate"],
        watch=lambda _, losses: rows.append(losses),
    )
    # Another machine rounds differently, and a game makes small differences grow.
    assert rows[-1] == pytest.approx(recorded["first_losses"], rel=0.02)
