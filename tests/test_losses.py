import numpy as np
import pytest
import tensorflow as tf

from gan_helpers.losses import discriminator_loss, non_saturating_generator_loss

LOGITS = tf.constant(np.linspace(-8, 8, 33), tf.float64)


def test_losses_agree_with_their_probability_form():
    p = 1 / (1 + np.exp(-LOGITS.numpy()))
    q = p[::-1]
    expected = -np.mean(np.log(p)) - np.mean(np.log(1 - q))
    assert discriminator_loss(LOGITS, LOGITS[::-1]).numpy() == pytest.approx(expected, abs=1e-6)
    assert non_saturating_generator_loss(LOGITS).numpy() == pytest.approx(
        -np.mean(np.log(p)), abs=1e-6
    )


def test_undecided_discriminator_gives_the_known_values():
    zero = tf.zeros(5, tf.float64)
    assert discriminator_loss(zero, zero).numpy() == pytest.approx(2 * np.log(2))
    assert non_saturating_generator_loss(zero).numpy() == pytest.approx(np.log(2))


def test_each_player_is_rewarded_for_the_right_side():
    up, down = tf.constant([3.0]), tf.constant([-3.0])
    assert discriminator_loss(up, down) < discriminator_loss(down, up)
    assert non_saturating_generator_loss(up) < non_saturating_generator_loss(down)


def test_losses_stay_finite_for_huge_logits():
    huge = tf.constant([1e4, -1e4])
    assert np.isfinite(discriminator_loss(huge, huge).numpy())
    assert np.isfinite(non_saturating_generator_loss(huge).numpy())


def test_generator_gradient_does_not_vanish_where_fakes_are_recognised():
    # -log D(G(z)) has the slope -(1 - D) in the logit: near -1 where the discriminator is sure.
    logits = tf.constant([-8.0], tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = non_saturating_generator_loss(logits)
    slope = tape.gradient(loss, logits).numpy()[0]
    assert slope == pytest.approx(-1 / (1 + np.exp(-8.0)), abs=1e-9)
