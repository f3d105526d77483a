"""A player without an opponent: it finds the best answer where that has a closed form."""

import keras
import numpy as np
import pytest

from gan_helpers.losses import energy_distance
from gan_helpers.single_player import train_discriminator, train_generator


def trained_line(seed=0, **options):
    """A straight line, trained to tell N(1, 1) from N(-1, 1); the best logit is 2x."""
    keras.utils.set_random_seed(1)
    # Not from a negative gradient, where a critic's penalty would hold it.
    layer = keras.layers.Dense(1, kernel_initializer="ones")
    line = keras.Sequential([keras.Input((1,)), layer])
    rng = np.random.default_rng(2)
    real, fake = rng.normal(1, 1, (4000, 1)), rng.normal(-1, 1, (5000, 1))
    train_discriminator(line, real, fake, steps=300, learning_rate=0.05, seed=seed, **options)
    return [weights.item() for weights in line.get_weights()]


def test_train_discriminator_finds_the_best_logit():
    gradient, offset = trained_line()
    assert gradient == pytest.approx(2, abs=0.15) and offset == pytest.approx(0, abs=0.1)


def test_train_discriminator_is_repeatable_and_takes_losses_and_penalties():
    assert trained_line() == trained_line()
    assert trained_line(seed=1) != trained_line()
    held, _ = trained_line(penalties={"r1": 10.0})
    assert 0 < held < 0.5
    # With the critic's loss, 2 less for each unit of gradient, and a penalty of 10 (gradient - 1)².
    leaning, _ = trained_line(loss="wasserstein", penalties={"gradient_penalty": 10.0})
    assert leaning == pytest.approx(1 + 2 / (2 * 10), abs=0.02)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"loss": "mse"}, "No loss is named 'mse'"),
        ({"penalties": {"r1": 0}}, "a finite number above 0"),
        ({"steps": 0}, "at least 1; given 0"),
        ({"batch_size": 2.5}, "at least 1; given 2.5"),
        ({"learning_rate": 0.0}, "above 0; given 0"),
        ({"fake": np.zeros((5, 2))}, r"shape \(n, 1\); given shape \(5, 2\)"),
        ({"fake": np.full((5, 1), np.nan)}, "finite"),
    ],
)
def test_train_discriminator_refuses_what_makes_no_sense(options, message):
    line = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    arguments = {"real": np.zeros((5, 1)), "fake": np.zeros((5, 1))} | options
    with pytest.raises(ValueError, match=message):
        train_discriminator(line, **arguments)


def moved_and_scaled(seed=0, **options):
    """A straight line wz + b, trained on N(2, 0.5²) by the energy distance; gives |w| and b."""
    keras.utils.set_random_seed(1)
    line = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    real = np.random.default_rng(2).normal(2, 0.5, (5000, 1))
    arguments = {"steps": 400, "learning_rate": 0.03, "seed": seed} | options
    train_generator(line, real, energy_distance, **arguments)
    weight, bias = (weights.item() for weights in line.get_weights())
    return abs(weight), bias


def test_train_generator_finds_the_data_s_mean_and_spread():
    spread, mean = moved_and_scaled()
    assert mean == pytest.approx(2, abs=0.05) and spread == pytest.approx(0.5, abs=0.05)


def test_train_generator_is_repeatable():
    assert moved_and_scaled(steps=5) == moved_and_scaled(steps=5)
    assert moved_and_scaled(steps=5, seed=1) != moved_and_scaled(steps=5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"steps": 0}, "at least 1; given 0"),
        ({"batch_size": 2.5}, "at least 1; given 2.5"),
        ({"learning_rate": -1.0}, "above 0; given -1"),
        ({"real": np.zeros((5, 2))}, r"shape \(n, 1\); given shape \(5, 2\)"),
    ],
)
def test_train_generator_refuses_what_makes_no_sense(options, message):
    line = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    arguments = {"real": np.zeros((5, 1)), "distance": energy_distance} | options
    with pytest.raises(ValueError, match=message):
        train_generator(line, **arguments)
